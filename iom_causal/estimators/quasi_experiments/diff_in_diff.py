"""Difference in differences: the change of managed people against that of comparison people."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.pooled_rates import pooled_rates
from iom_causal.estimators.shared.requirements import (
    Requirement,
    both_groups,
    from_start,
    one_start,
    require,
    selected_alike,
    windows_before,
)
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import LEAST_PEOPLE, exposure_words
from iom_causal.intervals import StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.ratios import adjusted_error
from iom_causal.numerics.inference.two_sample import Contrast, welch_contrast
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, require_panel
from iom_causal.streams import Seed

Floats = NDArray[np.float64]

CONTRASTS = ("ratio", "difference")

_ASSUMPTIONS = (
    "people are independent of one another",
    "without the programme, managed and comparison people would have changed by the same {} on average",
    "comparison people were not managed, and nothing of the programme reached them",
    "both groups were selected alike, so that regression to the mean is the same in both",
)
_UNKNOWN = "days at risk are not known: they are taken to change by the same ratio in both groups"


class _Change(NamedTuple):
    """The change of one group, (R,) each: the log ratio or the mean, its error, people, and means before and after."""

    value: Floats
    std_error: Floats
    people: Floats
    before: Floats
    after: Floats


class _Fit(NamedTuple):
    contrast: Contrast
    managed: _Change
    comparison: _Change


@dataclass(frozen=True)
class DiffInDiff:
    """Difference in differences: the change of managed people against that of comparison people.

    The ratio of ratios, managed after / before over comparison after / before, of pooled rates where days at risk
    are known and else of totals; or the difference of mean changes. It is right where, without the programme, both
    groups would have changed by the same ratio (or amount). If the groups differ before, the trends of at most one
    of the two contrasts are parallel. What is other for one group than for the other stays in it: comparison
    people who were selected less sharply regress less to their mean, and the contrast holds the rest: in simulated
    cohorts of people selected at four events or more in a year it gives .40 for .8 against those who were not selected,
    and .80 against those selected in another force. Where the panel knows of comparison people selected alike
    (`Panel.selected`), they alone are compared. Level 3 of 5 on the Maryland Scientific Methods Scale.

    Windows before the managed people's common start are put together, and those from it on.

    Parameters
    ----------
    contrast : {"ratio", "difference"}
        Of counts or amounts, the ratio; of any outcome, the difference of mean changes a person.
    level : float
        Confidence level of the t interval.

    Notes
    -----
    The variance of the log is the sum of both groups' cluster-robust variances, each with the factor n / (n - 1): but
    for that factor, that of Poisson regression with group, time and their interaction, clustered by person. Degrees
    of freedom are Welch's. With few managed people the error is a little small: with 20 beside 200, or 10 beside 100,
    intervals at 95% hold the ratio in 92 to 93% of simulated studies of gamma-Poisson counts.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1] * 8, mask=[False] * 4 + [True] * 4)
    >>> pairs = [[3, 1], [2, 2], [5, 0], [4, 3], [3, 4], [2, 2], [6, 5], [1, 2]]
    >>> e = DiffInDiff()(Panel.from_arrays(pairs, start=start, name="arrests"))
    >>> round(e.estimate, 4), round(e.conf_low, 4), round(e.conf_high, 4), e.estimand
    (0.3956, 0.0784, 1.9961, 'att_ratio')
    """

    contrast: str = CONTRASTS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Angrist & Pischke (2009), Mostly Harmless Econometrics, 5.2; Wooldridge (1999), J. Econometrics 90, 77-97; "
        "Welch (1947), Biometrika 34, 28-35"
    )
    symmetric: ClassVar[bool] = True
    identification: ClassVar[str] = (
        "without the programme, managed and comparison people would have changed by the same ratio (or amount)"
    )
    maryland: ClassVar[int] = 3

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the managed and comparison people of a panel.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 without managed or without comparison people, where managed people start at different windows,
            or where no window lies before their start.
        InputError
            IOM-E066 for the ratio of a score; IOM-E060 with fewer than two people of a group with both windows.
        DegenerateDataError
            IOM-E064 when a group has no events in a window; IOM-E065 when in neither group people differ.
        """
        del rng
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        people = self._pairs(panel)
        fit = self._fit(people)
        refused = self._refusal(fit, 0, panel.name)
        if refused is not None:
            raise refused
        words = self._words(panel, people)
        figures: dict[str, Any] = {name: float(column[0]) for name, column in self._columns(fit).items()}
        centre, se, df = (float(v[0]) for v in (fit.contrast.difference, fit.contrast.std_error, fit.contrast.df))
        return replace(
            words,
            **figures,
            n_used=round(float(fit.managed.people[0] + fit.comparison.people[0])),
            notes=words.notes + _counted(fit, 0),
            diagnostics=FrozenMap(_figures(fit, ratio=self._ratio)),
            law=StudentT(centre, se, df, log=self._ratio),
        )

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate of a panel at once."""
        try:
            people = self._pairs(panel)
        except IomCausalError:  # what no replicate has is each replicate's own error
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        fit = self._fit(people)
        base = self._words(panel, people)
        refused = [self._refusal(fit, k, panel.name) for k in range(len(people.pairs))]
        each, unknown = people.sample.each, self._unknown(people)
        stated = [notes + unknown for notes in each] if each else [base.notes] * len(refused)
        return Estimates(
            outcome=base.outcome,
            method=base.method,
            estimand=base.estimand,
            term=base.term,
            scale=base.scale,
            std_error_scale=base.std_error_scale,
            conf_level=self.level,
            numbers=numbers,
            n_input=people.sample.everyone,
            n_used=np.rint(fit.managed.people + fit.comparison.people),
            code=[0 if error is None else error.number for error in refused],
            notes=tuple(
                (*own, *_counted(fit, k)) if error is None else (error.message,)
                for k, (own, error) in enumerate(zip(stated, refused, strict=True))
            ),
            base=base,
            **self._columns(fit),
        )

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self._ratio:
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: two groups, one start and a window before; and people selected alike."""
        return (*both_groups(panel), one_start(panel), windows_before(panel), selected_alike(panel))

    @property
    def _ratio(self) -> bool:
        return self.contrast == "ratio"

    def _pairs(self, panel: Panel) -> paired.PairedOutcomes:
        if self._ratio and panel.kind == "score":
            raise InputError("IOM-E066", f'{panel.name}: a score has no ratio; write DiffInDiff(contrast="difference")')
        advice = require(panel.name, type(self).__name__, self.requirements(panel))
        both = compared(from_start(panel))
        both = replace(both, notes=both.notes + advice) if advice else both
        return paired.replicated(both, uses_exposure=self._ratio, comparison=True)

    def _fit(self, people: paired.PairedOutcomes) -> _Fit:
        change = _log_change if self._ratio else _mean_change
        one, other = change(people.of(people.group)), change(people.of(~people.group))
        with np.errstate(invalid="ignore", over="ignore"):
            variances = one.std_error**2, other.std_error**2
        dfs = np.maximum(one.people - 1, 1), np.maximum(other.people - 1, 1)
        return _Fit(welch_contrast((one.value, other.value), variances, dfs, self.level), one, other)

    def _refusal(self, fit: _Fit, k: int, name: str) -> IomCausalError | None:
        """Return why a replicate has no contrast; None where it has one."""
        groups = {"managed": fit.managed, "comparison": fit.comparison}
        people = {group: float(change.people[k]) for group, change in groups.items()}
        for group, size in people.items():
            if size == 0:
                return NotIdentifiedError(
                    "IOM-E068", f"{name}: DiffInDiff: there are no {group} people with both windows"
                )
        if min(people.values()) < LEAST_PEOPLE:
            return InputError(
                "IOM-E060", f"{name}: expected at least 2 managed and 2 comparison people with both windows"
            )
        if self._ratio:
            for group, change in groups.items():
                for when, mean in (("before", change.before[k]), ("after", change.after[k])):
                    if mean == 0:
                        return DegenerateDataError(
                            "IOM-E064",
                            f"{name}: {group} people have no events {when}, so there is no ratio of ratios; "
                            'DiffInDiff(contrast="difference") compares mean changes',
                        )
        if np.isnan(fit.contrast.std_error[k]):
            return DegenerateDataError(
                "IOM-E065", f"{name}: in neither group do people differ in their change, so there is no standard error"
            )
        return None

    def _columns(self, fit: _Fit) -> dict[str, Any]:
        natural: Any = np.exp if self._ratio else np.asarray
        c = fit.contrast
        with np.errstate(over="ignore"):
            return {
                "estimate": natural(c.difference),
                "std_error": c.std_error,
                "statistic": c.statistic,
                "df": c.df,
                "p_value": c.p_value,
                "conf_low": natural(c.low),
                "conf_high": natural(c.high),
            }

    def _words(self, panel: Panel, people: paired.PairedOutcomes) -> Estimate:
        ratio, sample = self._ratio, people.sample
        what = f"ratio of {'totals' if people.exposure is None else 'rates'}" if ratio else "mean changes"
        return Estimate(
            outcome=sample.outcome,
            method=f"difference in differences, {what}",
            estimand=self.estimand(panel),
            term="managed / comparison" if ratio else "managed - comparison",
            scale="ratio" if ratio else "difference",
            std_error_scale="log" if ratio else "identity",
            conf_level=self.level,
            n_input=sample.n_input,
            exposure=exposure_words(people.exposure) if ratio else "not used",
            notes=sample.notes + self._unknown(people),
            assumptions=tuple(text.format("ratio" if ratio else "amount") for text in _ASSUMPTIONS),
            spec=self,
            pinned=sample.pinned(),
        )

    def _unknown(self, people: paired.PairedOutcomes) -> tuple[str, ...]:
        return (_UNKNOWN,) if self._ratio and people.exposure is None else ()


def _log_change(group: paired.PairedOutcomes) -> _Change:
    totals, robust = pooled_rates(group, group.filled())
    with np.errstate(invalid="ignore", divide="ignore"):
        means = totals.before / robust.people, totals.after / robust.people
    return _Change(robust.log_ratio, adjusted_error(robust), robust.people, *means)


def _mean_change(group: paired.PairedOutcomes) -> _Change:
    m = group.moments
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Change(m.mean_change, m.sd_change / np.sqrt(m.n), m.n, m.mean_pre, m.mean_post)


def _counted(fit: _Fit, k: int) -> tuple[str, ...]:
    managed, others = (round(float(change.people[k])) for change in fit[1:])
    return (f"{managed} managed and {others} comparison people",)


def _figures(fit: _Fit, *, ratio: bool) -> dict[str, float]:
    """Return each group's mean before and its change: where the means differ, only one contrast can be parallel."""
    natural: Any = np.exp if ratio else float
    groups = {"managed": fit.managed, "comparison": fit.comparison}
    before = {f"before_{group}": float(change.before[0]) for group, change in groups.items()}
    return before | {f"change_{group}": float(natural(change.value[0])) for group, change in groups.items()}
