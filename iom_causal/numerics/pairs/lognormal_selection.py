"""Moment fit of drifting lognormal rates to people selected on their count before with known probabilities.

With x the log of the rate before, ``S(m, s)`` the share selected when x is normal with mean m and SD s, and
``M(m, s)`` the mean count of those, the selected of a population of mean b and correlation rho have a mean before of
``M(m, s)`` at ``m = log b - s^2 / 2``. Weighing them by their rate after moves m up by ``rho s^2``, so that the mean
count before of an event after is ``M(m + rho s^2, s)``, and their mean after, but for what changes the population's
rate, is ``b S(m + rho s^2, s) / S(m, s)``. The mean before therefore tells s, the product of both counts rho, and
neither asks how much the population's rate changed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaln

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.numerics.pairs.moments import HIGHEST

type Floats = NDArray[np.float64]
type Chance = Callable[[Floats], Floats]

LEAST_SD, MOST_SD = 0.05, 2.5
"""Log SDs of rates that are looked for; below the least, rates are taken as all the same."""
STEP, REACH = 0.05, 21.0
"""Of the trapezoid rule over x: a third of the narrowest Poisson factor, and seven of the widest SDs about the mean."""
_COUNTS = np.arange(HIGHEST + 1.0)
_ROWS = 256
"""Rows of draws that are worked out at a time, so that tables stay near the processor."""


class SelectedFit(NamedTuple):
    """A population seen through the people selected from it, each a number or (D,).

    Attributes
    ----------
    log_sd, correlation : ndarray
        Of the log rates: SD in both windows, and correlation.
    mean_after : ndarray
        Of the selected, had nobody's rate changed but by its own drift.
    """

    log_sd: Floats
    correlation: Floats
    mean_after: Floats


def same(count: Floats) -> Floats:
    """Identity function of a count."""
    return count


def bounded(count: Floats) -> Floats:
    """Bounded function of a count, count / (1 + count): high counts weigh little more than others.

    Examples
    --------
    >>> bounded(np.array([0.0, 1.0, 3.0])).tolist()
    [0.0, 0.5, 0.75]
    """
    return count / (1 + count)


def fit_selected(
    mean_before: ArrayLike,
    mean_before_after: ArrayLike,
    mean: ArrayLike,
    chance: Chance,
    *,
    of: Callable[[Floats], Floats] = same,
) -> SelectedFit:
    """Moment fit of lognormal rates to people selected by known chances, in a population of known mean.

    A correlation that would be above 1 or below -1 is taken as that: rates that last, or the reverse of them. Of many
    rows a few whose mean before no spread gives are taken at the nearest.

    Parameters
    ----------
    mean_before : array_like
        Mean count before of the selected, a number or (D,).
    mean_before_after : array_like
        Mean of `of` the count before, over their events after: for the count itself the mean product of both counts
        over the mean after.
    mean : array_like
        Of the population's counts before, above 0.
    chance : callable
        Counts to the chance of being selected.
    of : callable
        A rising function of the count before, of which the mean over events after is taken: by default the count
        itself, which is all that reported moments tell; with people at hand `bounded`, which leaves less to chance.

    Raises
    ------
    InputError
        IOM-E092 for a population mean that is not above 0, or counts that are too large to hold.
    NotIdentifiedError
        IOM-E068 when everybody has the same chance, or no spread of rates gives such a mean before.

    Examples
    --------
    >>> fit = fit_selected(4.812, 5.6, 2.0, lambda count: np.where(count >= 3, 1.0, 0.0))
    >>> fit.log_sd.round(2).item(), fit.correlation.round(2).item(), fit.mean_after.round(2).item()
    (0.8, 0.63, 3.02)
    """
    m1, m12, b = (np.asarray(v, dtype=np.float64) for v in (mean_before, mean_before_after, mean))
    if not (b > 0).all():
        raise InputError("IOM-E092", "expected a mean of the population above 0")
    nodes = _Nodes.of(chance, np.log(b), of)
    shape = np.broadcast_shapes(m1.shape, m12.shape, b.shape)
    rows = np.stack([np.broadcast_to(v, shape).ravel() for v in (m1, m12, np.log(b))])
    pieces = [_fit(nodes, *rows[:, k : k + _ROWS]) for k in range(0, rows.shape[1], _ROWS)]
    sd, correlation, after, misfit = (np.concatenate(p).reshape(shape) for p in zip(*pieces, strict=True))
    if np.mean(misfit) >= 0.5:
        raise NotIdentifiedError(
            "IOM-E068",
            "no spread of lognormal rates in a population of that mean gives the selected such a mean count before; "
            "look at comparable_mean and at the rule's threshold",
        )
    return SelectedFit(sd, correlation, after)


class _Nodes(NamedTuple):
    """The log rate at each node, with the chance of being selected there and its products with two means of the count.

    The count itself tells the spread of rates, in which its mean always rises; another function how far rates last.
    """

    x: Floats
    selected: Floats
    counted: Floats
    weighed: Floats

    @classmethod
    def of(cls, chance: Chance, log_mean: Floats, function: Callable[[Floats], Floats]) -> "_Nodes":
        x = np.arange(float(np.min(log_mean)) - REACH, float(np.max(log_mean)) + REACH, STEP)
        rate, p = np.exp(x), np.asarray(chance(_COUNTS), dtype=np.float64)
        if not p.max() > p.min():
            raise NotIdentifiedError("IOM-E068", "everybody has the same chance of being selected, so nothing is told")
        poisson = np.exp(np.outer(x, _COUNTS) - rate[:, None] - gammaln(_COUNTS + 1))
        # More events than are held have the chance of the most that are.
        many = p[-1] * gammainc(HIGHEST + 1, rate)
        counted = poisson @ (p * _COUNTS) + p[-1] * gammainc(HIGHEST, rate) * rate
        weighed = counted if function is same else poisson @ (p * function(_COUNTS)) + many * function(rate)
        return cls(x, poisson @ p + many, counted, weighed)

    def moments(self, centre: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the share selected, their mean count and that of the function, for normal log rates, (D,) each."""
        weight = np.exp(-((self.x - centre[:, None]) ** 2) / (2 * sd[:, None] ** 2))
        share = weight @ self.selected
        return share / weight.sum(-1), (weight @ self.counted) / share, (weight @ self.weighed) / share


def _fit(nodes: _Nodes, m1: Floats, m12: Floats, log_mean: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    def before(log_sd: Floats, target: Floats, middle: Floats) -> Floats:
        sd = np.exp(log_sd)
        return nodes.moments(middle - sd**2 / 2, sd)[1] - target

    log_sd, misfit = _root(before, (np.log(LEAST_SD), np.log(MOST_SD)), (m1, log_mean))
    sd = np.exp(log_sd)
    centre = log_mean - sd**2 / 2

    def weighed(rho: Floats, target: Floats, at: Floats, spread: Floats) -> Floats:
        return nodes.moments(at + rho * spread**2, spread)[2] - target

    rho, _ = _root(weighed, (-1.0, 1.0), (m12, centre, sd))
    moved, share = (nodes.moments(at, sd)[0] for at in (centre + rho * sd**2, centre))
    return sd, rho, np.exp(log_mean) * moved / share, misfit.astype(np.float64)


def _root(
    function: Callable[..., Floats], ends: tuple[float, float], others: tuple[Floats, ...]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return where rising functions are zero, at the nearer end where they are not, and where that is."""
    from scipy.optimize.elementwise import find_root  # noqa: PLC0415 slow to load

    low, high = (np.full(others[0].shape, end) for end in ends)
    above, below = function(low, *others) >= 0, function(high, *others) <= 0
    inside = ~(above | below)
    found = np.where(above, low, high)
    if inside.any():
        args = tuple(other[inside] for other in others)
        found[inside] = find_root(function, (low[inside], high[inside]), args=args).x
    return found, ~inside
