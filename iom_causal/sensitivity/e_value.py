"""E-values: how strong an unmeasured confounder would have to be to explain a contrast away."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_choice, check_level
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.threats import others
from iom_causal.numerics import LEVEL
from iom_causal.numerics.sensitivity import e_values as ev
from iom_causal.sensitivity.contrasts import CONTRASTS, GROUPS, SPEAKS_TO, WINDOWS, contrast_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RISK_RATIO = "risk ratio"
"""A ratio of risks, rates or means; also the part of a result for binary outcomes that is one."""
ODDS_RATIO, HAZARD_RATIO = "odds ratio", "hazard ratio"
STANDARDISED, RISK_DIFFERENCE = "standardised difference", "risk difference"
MEASURES = (RISK_RATIO, ODDS_RATIO, HAZARD_RATIO, STANDARDISED, RISK_DIFFERENCE)
"""What an E-value can be of."""
OF_THE_CHANGE = ("dz", "hedges")
"""Kinds of effect size that divide by the spread of changes, of which no ratio of risks is known."""


@runtime_checkable
class OfKind(Protocol):
    """An estimator of one of several kinds of effect size."""

    @property
    def kind(self) -> str:
        """Which of them."""
        ...


class Ratio(NamedTuple):
    """A ratio of risks with its interval, either end of which may be unknown."""

    estimate: float
    low: float | None = None
    high: float | None = None

    def nearer(self, reference: float) -> float | None:
        """Return the end that lies nearer to `reference`: that itself where it is crossed, None where unknown."""
        near = self.low if self.estimate >= reference else self.high
        if near is None:
            return None
        return reference if (near - reference) * (self.estimate - reference) <= 0 else near


@dataclass(frozen=True, slots=True)
class EValue(Result):
    """E-value: the smallest strength of both associations, on the ratio scale, that explains a contrast away.

    It unpacks into `estimate` and `interval`.

    Parameters
    ----------
    estimate : float
        What moves the estimate to the reference.
    interval : float or None
        What moves the end of the interval that lies nearer to it; 1 where the interval holds the reference already,
        None where there is none.
    measure : str
        One of `MEASURES`.
    given : float or None
        The estimate that was given, on the scale of `measure`.
    ratio : float or None
        The ratio of risks that it stands for; None for a difference of risks, which is bounded without one.
    reference : float
        Where it is moved to, on the scale of `measure`.
    rare : bool or None
        Whether the outcome is rare, for a ratio of odds or hazards.
    contrast : {"windows", "groups"}
        What it contrasts: windows of the same people, or groups of people.
    """

    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("e_value", "e_value_interval", "ratio"), "ratio"),
        "given": "ratio",
        "reference": "setting",
    }
    estimate: float
    interval: float | None
    measure: str = RISK_RATIO
    given: float | None = None
    ratio: float | None = None
    reference: float = 1.0
    rare: bool | None = None
    contrast: str = WINDOWS

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Points of the register that it is about."""
        return SPEAKS_TO[self.contrast]

    @property
    def silent_on(self) -> tuple[str, ...]:
        """Points of the register on which it is silent."""
        return others(self.speaks_to)

    def __iter__(self) -> Iterator[float | None]:
        return iter((self.estimate, self.interval))

    def tidy(self) -> "pd.DataFrame":
        """Return one row: ``e_value`` of the estimate, ``e_value_interval`` of the nearer end, and of what they are."""
        row = {
            "e_value": self.estimate,
            "e_value_interval": self.interval,
            "measure": self.measure,
            "given": self.given,
            "ratio": self.ratio,
            "reference": self.reference,
        }
        return table([row], row)

    def summary(self) -> str:
        """Return the sentence."""
        return self.sentence

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw which strengths of the two associations together move the ratio to the reference, and the even one."""
        e = self.estimate
        bias = float(ev.bounding_factor(e, e))
        strength = np.linspace(bias, 3 * e, 201)[1:]
        ax = axes_of_lines.curve(strength, np.maximum(1.0, bias * (strength - 1) / (strength - bias)), ax=ax)
        axes.mark(ax, x=e, text=f"both {fixed(e)}")
        ax.set_xlim(1, 3 * e)
        ax.set_ylim(1, 3 * e)
        ax.set_xlabel(f"ratio between the cause and the {_TIED_TO[self.contrast]}")
        ax.set_ylabel("ratio between the cause and the outcome")
        return ax

    @property
    def sentence(self) -> str:
        """What it says, and of what it is no summary.

        Examples
        --------
        >>> print(EValue(3.2, 2.77).sentence.split(". ")[0])
        A cause that nobody measured, tied to the time and to the outcome by a ratio of 3.20 each, could move the \
ratio to the reference; by 2.77 each, the nearer end of its interval
        >>> print(e_value(0.64, measure="odds ratio", rare=False).sentence.split(". ")[1])
        The ratio of odds of a common outcome, 0.64, stands for a ratio of risks of about its root, 0.80
        """
        nearer = {None: "", 1.0: "; its interval reaches the reference as it is"}
        beside = nearer.get(self.interval, f"; by {fixed(self.interval or 1.0)} each, the nearer end of its interval")
        null = 0.0 if self.measure in {STANDARDISED, RISK_DIFFERENCE} else 1.0
        target = "the reference" if self.reference == null else number(self.reference)
        what = "difference" if null == 0.0 else "ratio"
        return (
            f"A cause that nobody measured, tied to the {_TIED_TO[self.contrast]} and to the outcome by a ratio "
            f"of {fixed(self.estimate)} each, could move the {what} to {target}{beside}. {self._read}"
            f"It would have to differ between the {self.contrast}. {_EXPECTED[self.contrast]}, so this number does "
            "not sum them up, and it says nothing of whether there is such a cause."
        )

    @property
    def _read(self) -> str:
        # How the measure was read as a ratio of risks.
        if self.measure == RISK_DIFFERENCE:
            return "The difference of risks is taken among all people of both groups. "
        if self.given is None or self.ratio is None or self.measure == RISK_RATIO:
            return ""
        if self.measure == STANDARDISED:
            return (
                f"A difference of {fixed(self.given)} standard deviations stands for a ratio of risks of about "
                f"{fixed(self.ratio)} of an outcome that is cut in two. "
            )
        of = "odds" if self.measure == ODDS_RATIO else "hazards"
        if self.rare:
            return f"The outcome is rare, so that the ratio of {of}, {fixed(self.given)}, is about one of risks. "
        root = "its root, " if self.measure == ODDS_RATIO else ""
        return (
            f"The ratio of {of} of a common outcome, {fixed(self.given)}, stands for a ratio of risks of about "
            f"{root}{fixed(self.ratio)}. "
        )


_TIED_TO = {WINDOWS: "time", GROUPS: "group"}
_EXPECTED = {
    WINDOWS: "How people were picked, ageing and a change of detection are expected changes and no such cause",
    GROUPS: "Groups that were picked unlike, differ in age or are recorded unlike are expected to differ, which is no "
    "such cause",
}


@checked
def e_value(
    result: Estimate | float | Sequence[tuple[float, float]],
    *,
    low: float | None = None,
    high: float | None = None,
    std_error: float | None = None,
    reference: float | None = None,
    measure: str | None = None,
    rare: bool | None = None,
    contrast: str | None = None,
    level: float = LEVEL,
) -> EValue:
    """Compute the E-value of a contrast: ``RR + sqrt(RR (RR - 1))`` of a ratio of risks (VanderWeele & Ding 2017).

    An unmeasured confounder that is associated with both the time (of groups of people: the group) and the outcome by
    at least this ratio, each, could move the contrast to the reference; weaker ones could not. It says nothing about
    whether there is such a confounder. For people selected on a high count there is one: see regression to the mean.

    Other measures are read as a ratio of risks first. A ratio of odds or hazards is one where the outcome is rare;
    of a common outcome the root of the ratio of odds is, within a quarter for risks from .2 to .8, and
    ``(1 - .5^sqrt(HR)) / (1 - .5^sqrt(1 / HR))`` of hazards (VanderWeele 2017). A difference of d standard deviations
    is about ``exp(.91 d)`` (Chinn 2000). A difference of risks is bounded itself (Ding & VanderWeele 2016).

    Parameters
    ----------
    result : Estimate, float or sequence of pairs
        An estimate brings its own interval. Of `McNemar` it is the part ``risk ratio``, unless `measure` says
        otherwise. For a difference of risks: ``((events, people), (events, people))`` of two groups of other people.
    low, high : float, optional
        The interval of a ratio given as a number; the ratio lies between them.
    std_error : float, optional
        Of a standardised difference given as a number: its limits are at 95%.
    reference : float, optional
        What to move to, on the scale of the measure; by default 1 for a ratio, and 0 for a difference.
    measure : str, optional
        One of `MEASURES`; by default a ratio of risks, rates or means.
    rare : bool, optional
        Whether the outcome is rare, at most 15% in either group: for a ratio of odds or hazards.
    contrast : {"windows", "groups"}, optional
        Of what a number is; by default of windows, and a difference of risks of groups. Of an estimate its design or
        estimand says it.
    level : float
        Of the interval of a difference of risks.

    Raises
    ------
    InputError
        IOM-E066 when the estimate is not on the scale of the measure, is a ratio of odds where one of risks is
        expected, or a difference over the spread of changes.
    SpecError
        IOM-E092 when a ratio is not above 0, or does not lie within its limits; when `rare` is needed; when the
        reference of a difference of risks lies beyond it; or for settings that the measure does not take.
    DegenerateDataError
        IOM-E064 where a group of a difference of risks has no events.

    Examples
    --------
    >>> [round(v, 6) for v in e_value(0.80, low=0.71, high=0.91)]
    [1.809017, 1.428571]
    >>> [round(v, 2) for v in e_value(0.86, low=0.75, high=0.99, measure="odds ratio", rare=False)]
    [1.37, 1.08]
    >>> [round(v, 2) for v in e_value([(397, 78954), (51, 108829)], measure="risk difference")]
    [20.95, 15.96]
    """
    if measure is not None:
        check_choice(measure, MEASURES, "measure")
    _refuse_others(measure or RISK_RATIO, low=low, high=high, std_error=std_error, rare=rare)
    contrast = _contrast(result, contrast, measure)
    if measure == RISK_DIFFERENCE:
        return _of_risks(result, 0.0 if reference is None else reference, level)
    if isinstance(result, Sequence):
        raise SpecError("IOM-E092", "e_value: events and people of two groups need measure='risk difference'")
    if measure == STANDARDISED:
        return replace(_of_difference(result, std_error, 0.0 if reference is None else reference), contrast=contrast)
    found = read_ratio(result, low, high, measure, "e_value")
    made = _of_ratio(found, 1.0 if reference is None else reference, measure or RISK_RATIO, rare=rare)
    return replace(made, contrast=contrast)


def _contrast(result: Any, contrast: str | None, measure: str | None) -> str:
    stated = contrast is not None
    if stated:
        check_choice(contrast, CONTRASTS, "contrast")
    if isinstance(result, Estimate):
        if stated:
            raise SpecError("IOM-E092", "e_value: an estimate brings its own contrast; leave contrast out")
        return contrast_of(result)
    if measure == RISK_DIFFERENCE:
        if contrast == WINDOWS:
            raise SpecError("IOM-E092", "e_value: contrast: a difference of risks is of two groups of other people")
        return GROUPS
    return contrast or WINDOWS


def read_ratio(
    result: Estimate | float, low: float | None, high: float | None, measure: str | None, name: str
) -> Ratio:
    """Return a ratio with its limits, of an estimate or of numbers, as given.

    Raises
    ------
    InputError
        IOM-E066.
    SpecError
        IOM-E092.
    """
    if not isinstance(result, Estimate):
        return _checked(Ratio(result, low, high), name)
    if low is not None or high is not None:
        raise SpecError("IOM-E092", f"{name}: an estimate brings its own interval; leave low and high out")
    if result.scale != "ratio" or result.estimate is None:
        raise InputError("IOM-E066", f"{name}: expected a ratio, got {result.method} on the scale {result.scale!r}")
    risks = next((part for part in result.parts if part.term == RISK_RATIO), None)
    if measure is None and risks is not None:
        return Ratio(risks.estimate, risks.conf_low, risks.conf_high)
    if measure in {None, RISK_RATIO} and "odds ratio" in result.method:
        raise InputError(
            "IOM-E066",
            f"{name}: {result.method} gives a ratio of odds, which is further from 1 than one of risks; expected "
            "the latter: give the ratio of the shares after and before, or say so",
            "measure='odds ratio', with rare=",
        )
    return Ratio(result.estimate, result.conf_low, result.conf_high)


def risk_ratio(found: Ratio, measure: str, name: str, *, rare: bool | None) -> Ratio:
    """Return the ratio of risks that a ratio of odds or hazards stands for.

    Raises
    ------
    SpecError
        IOM-E092 where it is not said whether the outcome is rare.

    Examples
    --------
    >>> risk_ratio(Ratio(0.64, 0.49, 0.81), "odds ratio", "e_value", rare=False)
    Ratio(estimate=0.8, low=0.7, high=0.9)
    """
    if measure == RISK_RATIO or rare:
        return found
    if rare is None:
        raise SpecError(
            "IOM-E092",
            f"{name}: rare: expected True (at most 15% have the outcome) or False for {_one(measure)}, got None",
        )
    read = ev.risk_ratio_of_odds if measure == ODDS_RATIO else ev.risk_ratio_of_hazards
    low, high = (end if end in {None, 0.0, math.inf} else float(read(end or 0.0)) for end in found[1:])
    return Ratio(float(read(found.estimate)), low, high)


_TAKEN = {
    RISK_RATIO: ("low", "high"),
    ODDS_RATIO: ("low", "high", "rare"),
    HAZARD_RATIO: ("low", "high", "rare"),
    STANDARDISED: ("std_error",),
    RISK_DIFFERENCE: (),
}
"""Settings that each measure takes."""


def _one(measure: str) -> str:
    return f"{'an' if measure == ODDS_RATIO else 'a'} {measure}"


def _refuse_others(measure: str, **settings: float | bool | None) -> None:
    extra = [key for key, value in settings.items() if value is not None and key not in _TAKEN[measure]]
    if extra:
        raise SpecError("IOM-E092", f"e_value: {listed(extra)} say nothing of {_one(measure)}; leave them out")


def _checked(found: Ratio, name: str) -> Ratio:
    if not (math.isfinite(found.estimate) and found.estimate > 0):
        raise SpecError("IOM-E092", f"{name}: expected ratios above 0, got {found.estimate}")
    least, most = 0.0 if found.low is None else found.low, math.inf if found.high is None else found.high
    if not 0 <= least <= found.estimate <= most:
        raise SpecError(
            "IOM-E092",
            f"{name}: expected low <= ratio <= high, got {found.low}, {found.estimate} and {found.high}; "
            "of 1 / ratio the limits swap",
        )
    return found


def _of_ratio(given: Ratio, reference: float, measure: str, *, rare: bool | None) -> EValue:
    _checked(Ratio(reference), "e_value")
    target = risk_ratio(Ratio(reference), measure, "e_value", rare=rare).estimate
    found = risk_ratio(given, measure, "e_value", rare=rare)
    near = found.nearer(target)
    return EValue(
        _strength(found.estimate / target),
        None if near is None else _strength(near / target),
        measure,
        given.estimate,
        found.estimate,
        reference,
        rare if measure in {ODDS_RATIO, HAZARD_RATIO} else None,
    )


def _of_difference(result: Estimate | float, std_error: float | None, reference: float) -> EValue:
    if isinstance(result, Estimate) and std_error is not None:
        raise SpecError("IOM-E092", "e_value: an estimate brings its own standard error; leave std_error out")
    if isinstance(result, Estimate):
        of_the_change = isinstance(result.spec, OfKind) and result.spec.kind in OF_THE_CHANGE
        if result.scale != "standardised" or result.estimate is None or of_the_change:
            raise InputError(
                "IOM-E066",
                f"e_value: expected a difference over the standard deviation among people, got {result.method}",
                'EffectSize("dav") or EffectSize("glass")',
            )
        std_error, result = result.std_error, result.estimate
    if not (math.isfinite(result) and math.isfinite(reference) and (std_error is None or 0 <= std_error < math.inf)):
        raise SpecError("IOM-E092", "e_value: expected a finite difference with a standard error of 0 or more")
    centre, low, high = (float(v) for v in ev.risk_ratio_of_difference(result, std_error or 0.0))
    target = float(ev.risk_ratio_of_difference(reference)[0])
    found = Ratio(centre) if std_error is None else Ratio(centre, low, high)
    near = found.nearer(target)
    return EValue(
        _strength(centre / target),
        None if near is None else _strength(near / target),
        STANDARDISED,
        result,
        centre,
        reference,
    )


def _of_risks(result: Estimate | float | Sequence[tuple[float, float]], reference: float, level: float) -> EValue:
    check_level(level)
    counts = _counts(result)
    given = counts.events / counts.people - counts.events_unexposed / counts.people_unexposed
    target = reference
    if given < 0:  # the other way round, so that the larger risk comes first
        counts, target = ev.RiskCounts(*counts[2:], *counts[:2]), -reference
    if not -1 <= target <= abs(given):
        raise SpecError("IOM-E092", "e_value: expected a reference towards 0 from the difference of risks, or beyond 0")
    factors = ev.difference_factors(counts, target, level=level)
    return EValue(
        _strength(factors.estimate), _strength(factors.limit), RISK_DIFFERENCE, given, None, reference, None, GROUPS
    )


def _counts(result: Estimate | float | Sequence[tuple[float, float]]) -> ev.RiskCounts:
    pairs = np.asarray(result, dtype=np.float64) if isinstance(result, Sequence) else np.empty(0)
    if pairs.shape != (2, 2):
        raise SpecError("IOM-E092", "e_value: a difference of risks needs ((events, people), (events, people))")
    if not (np.isfinite(pairs).all() and (pairs[:, 0] <= pairs[:, 1]).all() and (pairs >= 0).all()):
        raise SpecError("IOM-E092", "e_value: expected events from 0 to the number of people of each group")
    if (pairs[:, 0] == 0).any():
        raise DegenerateDataError("IOM-E064", "e_value: a group has no events, so that no ratio of risks is defined")
    return ev.RiskCounts(*pairs.ravel().tolist())


def _strength(ratio: float) -> float:
    return float(ev.e_value(ratio))
