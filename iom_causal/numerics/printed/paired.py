"""SD of the change, correlation and effect sizes implied by a reported paired test.

Each function takes rounding intervals and encloses its answer. On positive values the formulas are
monotone in each argument but for one stationary point in each SD, which is evaluated too.
"""

from collections.abc import Callable
from itertools import product
from math import sqrt

from iom_causal.errors import InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval, over_corners

THRESHOLDS = {"r": (0.1, 0.3, 0.5), "r_squared": (0.01, 0.06, 0.14), "d": (0.2, 0.5, 0.8)}
"""Where small, medium and large begin on each scale (Cohen 1988)."""

_HALVED = ("dz", "drm", "dav", "dav_meansd", "glass_pre", "glass_post")  # 2 t/sqrt(df) would give r again

LABELS = ("negligible", "small", "medium", "large")


def sd_of_change(change: Interval, t: Interval, n: int) -> Interval:
    """Return the SD of the change that a mean change and its paired t imply: ``|M| sqrt(n) / |t|``.

    Examples
    --------
    >>> sd = sd_of_change(Interval(-3.24, -3.22), Interval(11.635, 11.645), 225)
    >>> round(sd.low, 2), round(sd.high, 2)
    (4.15, 4.18)
    """
    return abs(change) * Interval(sqrt(n), sqrt(n)) / abs(t)


def implied_correlation(s1: Interval, s2: Interval, sd: Interval) -> Interval:
    """Return the correlation of two windows from their SDs and the SD of the change.

    ``(s1**2 + s2**2 - sd**2) / (2 s1 s2)``; values beyond -1 and 1 are returned, since they tell that the
    three cannot belong together.

    Examples
    --------
    >>> r = implied_correlation(Interval(4.745, 4.755), Interval(3.655, 3.665), Interval(4.148, 4.178))
    >>> round(r.low, 3), round(r.high, 3)
    (0.531, 0.54)
    """
    return _with_stationary(lambda a, b, d: (a * a + b * b - d * d) / (2 * a * b), s1, s2, sd)


def possible_t(change: Interval, s1: Interval, s2: Interval, n: int) -> Interval:
    """Return the paired t statistics that two means and two SDs allow, whatever the correlation.

    Examples
    --------
    >>> t = possible_t(Interval(-3.24, -3.22), Interval(4.745, 4.755), Interval(3.655, 3.665), 225)
    >>> round(t.low, 2), round(t.high, 2)
    (5.74, 45.0)
    """
    size, root = abs(change), sqrt(n)
    widest = s1.high + s2.high
    narrowest = max(0.0, s1.low - s2.high, s2.low - s1.high)
    return Interval(size.low * root / widest, size.high * root / narrowest if narrowest else float("inf"))


def effect_sizes(
    t: Interval,
    n: int,
    *,
    change: Interval | None = None,
    s1: Interval | None = None,
    s2: Interval | None = None,
) -> dict[str, Interval]:
    """Return every effect size that a reported paired test may stand for, as magnitudes.

    Parameters
    ----------
    t : Interval
        The paired t statistic, with n - 1 degrees of freedom.
    n : int
        Pairs.
    change, s1, s2 : Interval, optional
        Mean change and the SDs of both windows of the same people; without them only the kinds that
        rest on t are given.

    Returns
    -------
    dict of str to Interval
        By kind: r, r_squared, dz, d_two_groups, and with the moments drm, dav, dav_meansd, glass_pre,
        glass_post; for each d also the r that ``d / sqrt(d**2 + 4)`` makes of it.

    References
    ----------
    Cohen (1988); Morris & DeShon (2002); Lakens (2013).

    Examples
    --------
    >>> kinds = effect_sizes(Interval(11.635, 11.645), 225)
    >>> round(kinds["r"].low, 4), round(kinds["r"].high, 4), round(kinds["r_squared"].low, 4)
    (0.6138, 0.6141, 0.3767)
    """
    size, df = abs(t), n - 1
    kinds = {
        "r": size.map(lambda x: x / sqrt(x * x + df)),
        "r_squared": size.map(lambda x: x * x / (x * x + df)),
        "dz": size.map(lambda x: x / sqrt(n)),
        "d_two_groups": size.map(lambda x: 2 * x / sqrt(df)),
    }
    if change is not None and s1 is not None and s2 is not None and min(s1.low, s2.low) > 0:
        kinds |= _moment_kinds(size, n, abs(change), s1, s2)
    halves = {f"r_from_{kind}": d.map(lambda x: x / sqrt(x * x + 4)) for kind, d in kinds.items() if kind in _HALVED}
    return kinds | halves


def scale_of(kind: str) -> str:
    """Return the scale of a kind of effect size: ``"r"``, ``"r_squared"`` or ``"d"``.

    Examples
    --------
    >>> scale_of("r_from_dav"), scale_of("glass_pre")
    ('r', 'd')
    """
    if kind == "r_squared":
        return kind
    return "r" if kind == "r" or kind.startswith("r_from_") else "d"


def cohen_labels(value: Interval, scale: str) -> tuple[str, ...]:
    """Return Cohen's labels that an interval of effect sizes spans, as magnitudes.

    Examples
    --------
    >>> cohen_labels(Interval(0.6138, 0.6141), "r"), cohen_labels(Interval(0.29, 0.31), "r")
    (('large',), ('small', 'medium'))
    """
    if scale not in THRESHOLDS:
        raise InputError("IOM-E101", f"expected a scale among {', '.join(THRESHOLDS)}, got {scale!r}")
    size = abs(value)
    first, last = (sum(end >= limit for limit in THRESHOLDS[scale]) for end in (size.low, size.high))
    return LABELS[first : last + 1]


def _moment_kinds(t: Interval, n: int, change: Interval, s1: Interval, s2: Interval) -> dict[str, Interval]:
    r = implied_correlation(s1, s2, sd_of_change(change, t, n))
    unshared = Interval(2 * (1 - min(r.high, 1.0)), 2 * (1 - min(r.low, 1.0)))
    return {
        "drm": t.map(lambda x: x / sqrt(n)) * unshared.sqrt(),
        "dav": over_corners(lambda m, a, b: m / sqrt((a * a + b * b) / 2), change, s1, s2),
        "dav_meansd": over_corners(lambda m, a, b: 2 * m / (a + b), change, s1, s2),
        "glass_pre": change / s1,
        "glass_post": change / s2,
    }


def _with_stationary(
    function: Callable[[float, float, float], float], s1: Interval, s2: Interval, sd: Interval
) -> Interval:
    # The one stationary point in s1 is at s1**2 = s2**2 - sd**2, and the same with the SDs exchanged.
    ends = [(i.low, i.high) for i in (s1, s2, sd)]
    points = list(product(*ends))
    points += [(_leg(b, d), b, d) for b, d in product(ends[1], ends[2]) if s1.holds(_leg(b, d))]
    points += [(a, _leg(a, d), d) for a, d in product(ends[0], ends[2]) if s2.holds(_leg(a, d))]
    values = [function(*point) for point in points]
    return over_corners(lambda x: x, Interval(min(values), max(values)))


def _leg(hypotenuse: float, other: float) -> float:
    return sqrt(max(0.0, hypotenuse * hypotenuse - other * other))
