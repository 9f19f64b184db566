"""Age adjustment: the change in rates expected as people grow older between two windows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import ANY, RATIO_OR_ZERO, Theta, central, check_beliefs
from iom_causal.confounds import age_curves
from iom_causal.confounds.age_curves import AgeCurve
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import EVENTS, PROPORTION, as_line
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.calendar import years
from iom_causal.inputs.weighting import once, weights
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.age_curves import truncated_normal_nodes, truncated_normal_parameters, window_mean
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window
from iom_causal.world import Mechanism

FAMILIES = (*age_curves.FAMILIES, "average")
WEIGHTINGS = ("auto", "rate", "outcome", "people")
STEP = 0.125
"""Years between the offsets at which the integral is worked out; between them it is interpolated."""
OLDEST_SHOWN = 90

type Floats = NDArray[np.float64]


type Windows = tuple[tuple[float, float], tuple[float, float]]
type ReportedAges = tuple[float, float, float, float]


class _Ages(NamedTuple):
    # Ages (..., n); weight of each person, (..., n), and outcomes before where they weigh; for a reported mean, SD
    # and range also these.
    age: Floats
    weight: Floats
    before: Floats | None
    reported: ReportedAges | None = None


@dataclass(frozen=True, kw_only=True)
class Ageing(Confound):
    """Expected log change of rates from ageing alone, by averaging a curve of rates by age over both windows.

    What is estimated is ``log E[Y2]/T2 - log E[Y1]/T1`` for people whose rate follows a curve of rates by
    age and nothing else. The curve is averaged over each window at each person's own age and then over
    people; the middles of two windows of 18 months lie 1.5 years apart, never three. For a cohort of mean
    age 30 on the curves of 2010 to 2012 it is a fall of two to four per cent; on a curve with a teenage
    peak, as in 1990, over ten. The era of the curve matters more than its family.

    Averaging is named, because it matters: ``rate`` divides the sum of rates after by the sum before
    (every person's rate is the curve's), ``outcome`` weighs each person's own ratio by the outcome before,
    ``people`` weighs every person's ratio alike and becomes unstable where the curve is steep. ``auto`` is
    ``outcome`` for people and ``rate`` for reported moments; these take ages as a normal distribution cut
    off at the reported range, chosen to have the reported mean and SD.

    Assumptions: the curve of all people convicted in one country and era holds for these people, apart
    from the factor `strength`; age and calendar time do not trade places (see History); nobody's place on
    the curve depends on the programme. An aggregate curve falls mostly because people stop: for people
    selected as active, the frequency alone (`ParticipationFrequency`) or `Desistance` may fit better,
    and a model of desistance already holds part of this fall, so do not count both in full.

    For a score only a curve of one's own has a meaning: it is then the score's own course by age, and acts in
    proportion. A named curve is one of convictions, whose zero and steps are not those of a score, and is refused.

    What stays unidentified: age against period, since all people are indexed on one date; and age itself
    where only the age at the last recorded offence is reported. That age may lie after the index date, so
    it is a consequence of what happened and no covariate: give ``age_offset=Range(-1.5, 3)``, the years
    to add to reach the age at the index date.

    Parameters
    ----------
    curve : str or curve
        A name in `age_curves.names()`, or a curve of one's own from `iom_causal.confounds.age_curves`: a
        `Piecewise` of one's own table, an `Exponential`, a `ParticipationFrequency`.
    family : {"empirical", "gamma", "lognormal", "weibull", "log-quadratic", "average"}
        Of a named curve; ``average`` is the mean of the log changes of all five, in equal parts.
    weighting : {"auto", "rate", "outcome", "people"}
        As above.
    floor : float
        Ages in years below this are read at this age: convictions at younger ages are rare because
        young people are dealt with elsewhere, and a curve's rising limb would explode.
    strength : belief
        Factor on the log change, 0 or more: 1 is the curve, 0 no ageing.
    age_offset : belief
        Years to add to the recorded ages to reach the age at the index date.
    between : belief
        Standard deviations between families away from their mean; ``Normal(0, 1)`` propagates the choice
        of family. Only ``family="average"`` has such a spread.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a setting that does not exist.
    InputError
        From `shift`: IOM-E048 without ages or dates of windows, IOM-E055 for ages outside the curve.

    References
    ----------
    Farrington (1986), Crime and Justice 7, 189-250; Blumstein, Cohen & Farrington (1988), Criminology 26,
    1-35; Britt (1992), J. Quant. Criminol. 8, 175-187; Scottish Government, Criminal Proceedings in
    Scotland (Open Government Licence v3.0).

    Examples
    --------
    >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    >>> m = Moments.from_summary(n=225, age_mean=30.43, age_sd=8.09, age_range=(13, 60), windows=windows)
    >>> round(float(np.exp(Ageing().shift(m, {"strength": 1.0, "age_offset": 0.0, "between": 0.0}))), 2)
    0.97

    With a table of one's own:

    >>> from iom_causal.confounds.age_curves import Piecewise
    >>> ours = Ageing(curve=Piecewise(((16.0, 40.0), (30.0, 30.0), (70.0, 4.0))))
    >>> round(float(np.exp(ours.shift(m, {"strength": 1.0, "age_offset": 0.0, "between": 0.0}))), 2)
    0.96
    """

    curve: str | AgeCurve = "scotland-2011"
    family: str = "empirical"
    weighting: str = "auto"
    floor: float = 16.0
    strength: Belief = 1.0
    age_offset: Belief = 0.0
    between: Belief = 0.0

    ids: ClassVar[tuple[str, ...]] = ("c05",)
    line: ClassVar[str] = "ageing"
    reference: ClassVar[str] = "Farrington (1986), Crime and Justice 7, 189-250; Britt (1992)"
    assumption_left_out: ClassVar[str] = "people of these ages would not have changed with age"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True, tipped=("strength",))
    of_scores: ClassVar[InLedger] = InLedger(assumed=True)
    range_points: ClassVar[int] = 9

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.family, FAMILIES, "Ageing family")
        check_choice(self.weighting, WEIGHTINGS, "Ageing weighting")
        if isinstance(self.curve, str):
            age_curves.named(self.curve)
        elif not isinstance(self.curve, AgeCurve):
            raise SpecError("IOM-E092", "Ageing curve: expected a name, or a curve such as curves.Piecewise(points)")
        check_beliefs(self, {"strength": RATIO_OR_ZERO, "age_offset": ANY, "between": ANY})

    @property
    def curves(self) -> tuple[AgeCurve, ...]:
        """The curves that are used: one, or all families where they are averaged."""
        if not isinstance(self.curve, str):
            return (self.curve,)
        families = age_curves.FAMILIES if self.family == "average" else (self.family,)
        return tuple(age_curves.named(self.curve, family) for family in families)

    @property
    def acts(self) -> str:
        """In proportion for a curve of one's own; a named curve is about events."""
        return EVENTS if isinstance(self.curve, str) else PROPORTION

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change in the rate of events that the curve gives for these ages."""
        ages = _ages(data, self.weighting)
        windows = years(data, "Ageing")
        offset = np.asarray(theta["age_offset"], dtype=np.float64)
        logs = np.stack([self._by_curve(curve, ages, windows, offset) for curve in self.curves])
        spread = logs.std(axis=0) * theta["between"]
        return np.asarray(theta["strength"] * (logs.mean(axis=0) + spread))

    def by_person(self, panel: Panel) -> Floats:
        """Return each managed person's own log change over the windows, (n,) or (R, n), with beliefs at their medians.

        People without a recorded age get the median of the others.

        Examples
        --------
        >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
        >>> panel = Panel.from_arrays([[3, 1], [2, 2]], age=[20.0, 45.0], windows=windows)
        >>> Ageing().by_person(panel).round(3).tolist()
        [0.029, -0.177]
        """
        at = central(self)
        ages, windows = _ages(panel, "people"), years(panel, "Ageing")
        logs = np.stack([self._own(curve, ages, windows, at["age_offset"]) for curve in self.curves])
        return np.asarray(at["strength"] * (logs.mean(axis=0) + logs.std(axis=0) * at["between"]))

    def _own(self, curve: AgeCurve, ages: _Ages, windows: Windows, offset: float) -> Floats:
        _check_support(curve, ages, windows, np.asarray(offset), self.floor)
        rate = _floored(curve, self.floor)
        before, after = (window_mean(rate, ages.age + offset, *window) for window in windows)
        return np.log(after / before)

    def by_family(self, data: Panel | Moments, *, age_offset: float = 0.0) -> dict[str, float]:
        """Return the shift of every family of the named curve, to show how far the choice matters.

        Examples
        --------
        >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
        >>> m = Moments.from_summary(n=225, age_mean=30.43, age_sd=8.09, age_range=(13, 60), windows=windows)
        >>> {name: round(value, 2) for name, value in Ageing().by_family(m).items()}["gamma"]
        -0.04
        """
        if not isinstance(self.curve, str):
            raise SpecError("IOM-E092", "Ageing by_family: expected a named curve; this one has no families")
        ages, windows = _ages(data, self.weighting), years(data, "Ageing")
        curves = {family: age_curves.named(self.curve, family) for family in age_curves.FAMILIES}
        offset = np.asarray(age_offset)
        return {family: float(self._by_curve(curve, ages, windows, offset)) for family, curve in curves.items()}

    def _by_curve(self, curve: AgeCurve, ages: _Ages, windows: Windows, offset: Floats) -> Floats:
        _check_support(curve, ages, windows, offset, self.floor)
        lattice = np.unique(np.concatenate([np.floor(offset / STEP).ravel(), np.ceil(offset / STEP).ravel()]))
        table = np.stack([self._at(curve, ages, windows, float(k * STEP)) for k in lattice], axis=-1)
        return _interpolated(table, lattice, offset / STEP)

    def _at(self, curve: AgeCurve, ages: _Ages, windows: Windows, offset: float) -> Floats:
        if ages.reported is not None:
            return np.asarray(_reported_change(curve, self.floor, self.weighting, ages.reported, windows, offset))
        return _log_change(_floored(curve, self.floor), ages, windows, offset, self.weighting)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give the simulator relative rates by single year of age, one at 30."""
        del windows
        age = np.arange(OLDEST_SHOWN + 1.0)
        logs = []
        for curve in self.curves:
            held = np.clip(age, max(self.floor, curve.support[0]), curve.support[1])
            logs.append(curve.log_rate(held) - curve.log_rate(np.array([30.0])))
        return Mechanism(age_curve=np.exp(float(theta["strength"]) * np.mean(logs, axis=0)))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        curve = f"the curve “{self.curve}”" if isinstance(self.curve, str) else "the stated curve"
        moved = ""
        if self.age_offset != 0:
            moved = (
                f", and people were {setting(self, 'age_offset', theta)} years older on the index date than recorded"
            )
        others = ", and people without a recorded age are like the others" if _without_age(data) else ""
        return f"rates by age follow {curve} ({self.family}){moved}{others}"


def _ages(data: Panel | Moments, weighting: str) -> _Ages:
    if isinstance(data, Moments):
        if weighting == "outcome":
            raise InputError("IOM-E048", "Ageing weighting 'outcome' needs people; printed moments take 'rate'")
        return _reported_ages(data)
    panel = data.managed.prepost()
    if panel.age is None or np.isnan(panel.age).all():
        raise InputError("IOM-E048", "Ageing needs each person's age at the index date", "give age, a column of ages")
    age = once(panel.age, 1)
    known = ~np.isnan(age)
    weight = weights(panel) * known
    if weighting not in ("auto", "outcome"):
        return _Ages(np.where(known, age, np.nanmedian(age)), weight, None)
    before = once(panel.outcome[..., 0], 1)
    return _Ages(np.where(known, age, np.nanmedian(age)), weight * ~np.isnan(before), np.nan_to_num(before))


def _reported_ages(m: Moments) -> _Ages:
    mean, sd = m.require("age_mean", "age_sd", purpose="Ageing")
    low, high = (mean - 3 * sd, mean + 3 * sd) if m.age_range is None else m.age_range
    return _truncated_normal(float(mean), float(sd), float(low), float(high))


@lru_cache(maxsize=64)
def _truncated_normal(mean: float, sd: float, low: float, high: float) -> _Ages:
    age, weight = truncated_normal_nodes(*truncated_normal_parameters(mean, sd, low, high), low, high)
    return _Ages(age, weight, None, (mean, sd, low, high))


@lru_cache(maxsize=8192)
def _reported_change(
    curve: AgeCurve, floor: float, weighting: str, reported: ReportedAges, windows: Windows, offset: float
) -> float:
    # A ledger asks for the same few figures in every block of draws.
    return float(_log_change(_floored(curve, floor), _truncated_normal(*reported), windows, offset, weighting))


def _without_age(data: Panel | Moments) -> int:
    if isinstance(data, Moments) or data.managed.age is None:
        return 0
    return int(np.isnan(once(data.managed.age, 1)).sum(-1).max())


def _check_support(
    curve: AgeCurve,
    ages: _Ages,
    windows: Windows,
    offset: Floats,
    floor: float,
) -> None:
    (start, _), (_, end) = windows
    low, high = curve.support
    youngest = max(float(ages.age.min()) + start + float(offset.min()), floor)
    oldest = float(ages.age.max()) + end + float(offset.max())
    if youngest < low or oldest > high:
        raise InputError(
            "IOM-E055",
            f"ages over the windows: expected from {low:g} to {high:g} years, where the curve speaks, and found some "
            f"{'below' if youngest < low else 'above'}; choose a curve that covers them, or another floor",
        )


def _floored(curve: AgeCurve, floor: float) -> Callable[[Floats], Floats]:
    return lambda age: curve.log_rate(np.maximum(age, floor))


def _log_change(
    rate: Callable[[Floats], Floats],
    ages: _Ages,
    windows: Windows,
    offset: float,
    weighting: str,
) -> Floats:
    before, after = (window_mean(rate, ages.age + offset, *window) for window in windows)
    if weighting == "people":
        return np.log(weighted_sum(ages.weight, after / before)) - np.log(ages.weight.sum(-1))
    if ages.before is None:
        return np.log(weighted_sum(ages.weight, after)) - np.log(weighted_sum(ages.weight, before))
    grown = weighted_sum(ages.weight, ages.before * (after / before))
    return np.log(grown) - np.log(weighted_sum(ages.weight, ages.before))


def _interpolated(table: Floats, lattice: Floats, position: Floats) -> Floats:
    """Return table (..., K) at each position on the lattice, linearly between its points."""
    low = np.searchsorted(lattice, np.floor(position))
    high = np.searchsorted(lattice, np.ceil(position))
    share = position - np.floor(position)
    if table.ndim == 1:
        return np.asarray((1 - share) * table[low] + share * table[high])
    if position.ndim == 0:
        return np.asarray((1 - share) * table[:, low] + share * table[:, high])
    rows = np.arange(len(table))
    return np.asarray((1 - share) * table[rows, low] + share * table[rows, high])
