"""Difference in differences: the change of managed people against that of comparison people."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, NotIdentifiedError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.clusters import clusters_of_groups
from iom_causal.estimators.shared.error_notes import of_pooled_rates
from iom_causal.estimators.shared.group_changes import ChangeContrast, cluster_contrast, people_contrast
from iom_causal.estimators.shared.requirements import (
    Requirement,
    both_groups,
    one_start,
    people_compared,
    selected_alike,
    windows_before,
)
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.clusters import clusters_of
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import LEAST_PEOPLE, changes_in_words, exposure_words, per_rate_days
from iom_causal.intervals import SamplingDistribution, StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.wild_bootstrap import wild_bootstrap
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, require_panel
from iom_causal.streams import Seed, as_generator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONTRASTS = ("ratio", "difference")
ERRORS = ("jackknife", "cr2", "cr3", "wild")
WILD = ERRORS[-1]
PEOPLE = ("paired", "all")
ALL = PEOPLE[1]
_ALIKE = 1.1
"""Level over level before up to which groups are called alike."""

_ASSUMPTIONS = (
    "without the programme, managed and comparison people would have changed by the same {} on average",
    "comparison people were not managed, and nothing of the programme reached them",
    "both groups were selected alike, so that regression to the mean is the same in both",
)
_UNKNOWN = "days at risk are not known: they are taken to change by the same ratio in both groups"


@dataclass(frozen=True)
class DiffInDiff:
    """Difference in differences: the change of managed people against that of comparison people.

    The ratio of ratios, managed after / before over comparison after / before, of pooled rates where days at risk
    are known and else of totals; or the difference of mean changes, of rates a person and 548 days (18 months) where
    windows differ in length or people in their days at risk. It is right where, without the programme, both
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
    se : {"jackknife", "cr2", "cr3", "wild"}
        The error: from leaving each person or cluster out, its change of the estimate times sqrt(1 - h), h its share of
        its group, which for a difference is CR2 and for a ratio has what the log adds; CR2, Bell and McCaffrey's
        linearised variance; CR3, without the root and so wider; or the interval and p-value of the wild bootstrap of
        clusters, with the null imposed.
    cluster : str
        A covariate, such as the force or team, within which people are not independent; people by default. Groups
        may share clusters, or be whole clusters, at least two each.
    people : {"paired", "all"}
        Those who have both windows; or everybody with one, as where other people were seen after than before
        (repeated cross-sections), by means instead of totals.
    level : float
        Confidence level of the t interval.

    Notes
    -----
    With people as clusters "cr2" is the sum of both groups' cluster-robust variances, each with the factor
    n / (n - 1): but for that factor, that of Poisson regression with group, time and their interaction. It misses what
    the log adds where events are few or most are one person's: with 20 people a group, or 20 beside 200, intervals at
    95% then hold the ratio in 91 to 95% of simulated studies of gamma-Poisson counts, and those of the jackknife in 93
    to 95%. With six clusters of 6 to 160 people, three of them managed, whose rates differ by window or do not, about
    two degrees of freedom are left: the jackknife's hold ratio and difference in 93 to 98%, by which clusters are
    managed, and those of "cr3" in 98% or more. With clusters less unlike those of "wild" do in 94 to 95%. Degrees of
    freedom are Welch's for people, and Satterthwaite's for clusters.

    Where a few people hold most of an amount, as of harm with weights from 1 to 900, a note says so: intervals at 95%
    then held the ratio in 91 to 94% of simulated studies with 20 to 60 managed people and with 400 in 94%, and the
    difference in 95 to 98%.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1] * 8, mask=[False] * 4 + [True] * 4)
    >>> pairs = [[3, 1], [2, 2], [5, 1], [4, 3], [3, 4], [2, 2], [6, 5], [1, 2]]
    >>> e = DiffInDiff()(Panel.from_arrays(pairs, start=start, name="arrests"))
    >>> round(e.estimate, 4), round(e.conf_low, 4), round(e.conf_high, 4), e.estimand
    (0.4615, 0.1563, 1.3632, 'att_ratio')
    """

    contrast: str = CONTRASTS[0]
    se: str = ERRORS[0]
    cluster: str = ""
    people: str = PEOPLE[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Angrist & Pischke (2009), Mostly Harmless Econometrics, 5.2; Wooldridge (1999), J. Econometrics 90, 77-97; "
        "Bell & McCaffrey (2002), Surv. Methodol. 28, 169-181; Imbens & Kolesar (2016), Rev. Econ. Stat. 98, 701-712; "
        "MacKinnon, Nielsen & Webb (2023), J. Appl. Econom. 38, 671-694"
    )
    symmetric: ClassVar[bool] = True
    identification: ClassVar[str] = (
        "without the programme, managed and comparison people would have changed by the same ratio (or amount)"
    )
    maryland: ClassVar[int] = 3

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_choice(self.se, ERRORS, "se")
        check_choice(self.people, PEOPLE, "people")
        check_level(self.level)
        if not isinstance(self.cluster, str):
            raise SpecError("IOM-E092", "cluster: expected the name of a covariate")
        if self.se == WILD and not self.cluster:
            raise SpecError("IOM-E092", 'se="wild": expected cluster=, the covariate whose clusters are few')

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the managed and comparison people of a panel.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 without managed or without comparison people, where managed people start at different windows,
            where no window lies before their start, with fewer than two clusters in a group, or clusters missing.
        InputError
            IOM-E066 for the ratio of a score; IOM-E060 with fewer than two people of a group.
        DegenerateDataError
            IOM-E064 when a group has no events in a window, or all are of one person or cluster; IOM-E065 when in
            neither group people differ.
        """
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        both = self._compared(panel)
        people = self._pairs(both)
        fit = self._fit(both, people)
        refused = self._refusal(fit, 0, panel.name)
        if refused is not None:
            raise refused
        words = self._words(panel, people)
        figures: dict[str, Any] = {name: float(column[0]) for name, column in self._columns(fit).items()}
        law: SamplingDistribution | None = StudentT(
            float(fit.difference[0]), figures["std_error"], figures["df"], log=self._ratio
        )
        drawn: tuple[str, ...] = ()
        if self.se == WILD:
            law = None
            replaced, drawn = self._bootstrapped(fit, rng)
            figures |= replaced
        return replace(
            words,
            **figures,
            n_used=round(float(fit.managed.people[0] + fit.comparison.people[0])),
            notes=words.notes + drawn + self._told(fit, 0, panel.kind) + self._few(people)[0],
            diagnostics=FrozenMap(_figures(fit, ratio=self._ratio)),
            law=law,
        )

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate of a panel at once; with a bootstrap, one by one."""
        if self.se == WILD:
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        try:
            both = self._compared(panel)
            people = self._pairs(both)
        except IomCausalError:  # what no replicate has is each replicate's own error
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        fit = self._fit(both, people)
        base = self._words(panel, people)
        refused = [self._refusal(fit, k, panel.name) for k in range(len(people.pairs))]
        each, own = people.sample.each, self._unknown(people)
        stated = [notes + own for notes in each] if each else [base.notes] * len(refused)
        return Estimates.worded(
            base,
            numbers=numbers,
            n_input=people.sample.everyone,
            n_used=np.rint(fit.managed.people + fit.comparison.people),
            code=[0 if error is None else error.number for error in refused],
            notes=tuple(
                (*own, *self._told(fit, k, panel.kind), *few) if error is None else (error.message,)
                for k, (own, few, error) in enumerate(zip(stated, self._few(people), refused, strict=True))
            ),
            **self._columns(fit),
        )

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw both groups before and after, and what the managed people's level would be with the others' change."""
        from iom_causal.base.axes_of_designs import before_after  # noqa: PLC0415 matplotlib is slow to load
        from iom_causal.base.axes_of_rows import forest  # noqa: PLC0415 matplotlib is slow to load

        d = estimate.diagnostics
        if "change_comparison" not in d:  # of a replicate the estimate alone is retained
            return forest([estimate.row() | {"label": estimate.method}], ax=ax)
        moved = np.multiply if estimate.scale == "ratio" else np.add
        before = {group: d[f"rate_before_{group}"] for group in ("managed", "comparison")}
        groups = {
            f"{group} people": (level, float(moved(level, d[f"change_{group}"]))) for group, level in before.items()
        }
        expected = float(moved(before["managed"], d["change_comparison"]))
        per = estimate.term.partition(", ")[2] or "a person"
        return before_after(groups, expected, unit=f"{estimate.outcome}, {per}", ax=ax)

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self._ratio:
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs: two groups, one start, a window before, people selected alike, and named clusters."""
        needed = (*both_groups(panel), one_start(panel), windows_before(panel), selected_alike(panel))
        return (*needed, *clusters_of_groups(compared(panel), self.cluster)) if self.cluster else needed

    @property
    def _ratio(self) -> bool:
        return self.contrast == "ratio"

    def _compared(self, panel: Panel) -> Panel:
        """Return the people who are compared, before and after the start, or refuse."""
        if self._ratio and panel.kind == "score":
            raise InputError("IOM-E066", f'{panel.name}: a score has no ratio; write DiffInDiff(contrast="difference")')
        return people_compared(panel, self)

    def _pairs(self, both: Panel) -> paired.PairedOutcomes:
        use = {"uses_exposure": self._ratio, "differences": not self._ratio}
        return paired.replicated(both, **use, comparison=True, either=self.people == ALL)

    def _fit(self, both: Panel, people: paired.PairedOutcomes) -> ChangeContrast:
        correction = ERRORS[0] if self.se == WILD else self.se
        people = people if self._ratio else people.for_differences()
        if not self.cluster and people.own_days is None and self.people != ALL:
            return people_contrast(people, log=self._ratio, correction=correction)
        cluster = clusters_of(both, self.cluster) if self.cluster else None
        return cluster_contrast(
            people, log=self._ratio, correction=correction, cluster=cluster, either=self.people == ALL
        )

    def _bootstrapped(self, fit: ChangeContrast, rng: Rng) -> tuple[dict[str, float], tuple[str, ...]]:
        if fit.gram is None or fit.moment is None:
            raise SpecError("IOM-E092", 'se="wild": expected cluster=')
        generator, seed = as_generator(rng)
        boot = wild_bootstrap(fit.gram[0], fit.moment[0], at=1, rng=generator)
        low, high = (math.exp(end) if self._ratio else end for end in boot.interval(self.level))
        patterns = len(boot.shift)
        drawn = "" if seed is None else f", seed {seed}"
        how = f"all {patterns} patterns of weights" if boot.counted else f"{patterns} sampled patterns{drawn}"
        note = f"p-value and interval by the wild bootstrap of {len(fit.gram[0])} clusters, {how}"
        return {"p_value": boot.p_value(), "conf_low": low, "conf_high": high}, (note,)

    def _refusal(self, fit: ChangeContrast, k: int, name: str) -> IomCausalError | None:
        """Return why a replicate has no contrast; None where it has one."""
        refused = self._too_few(fit, k, name) or (self._no_ratio(fit, k, name) if self._ratio else None)
        if refused is not None:
            return refused
        if math.isnan(float(fit.variance[k])):
            return NotIdentifiedError(
                "IOM-E068", f"{name}: DiffInDiff: a group is of one {self.cluster}; bring people of others"
            )
        if fit.variance[k] <= self._rounding(fit, k):
            return DegenerateDataError(
                "IOM-E065", f"{name}: in neither group do people differ in their change, so there is no standard error"
            )
        return None

    def _too_few(self, fit: ChangeContrast, k: int, name: str) -> IomCausalError | None:
        people = {"managed": float(fit.managed.people[k]), "comparison": float(fit.comparison.people[k])}
        for group, size in people.items():
            if size == 0:
                return NotIdentifiedError(
                    "IOM-E068", f"{name}: DiffInDiff: there are no {group} people with {self._windows}"
                )
        if min(people.values()) < LEAST_PEOPLE:
            return InputError(
                "IOM-E060", f"{name}: expected at least 2 managed and 2 comparison people with {self._windows}"
            )
        return None

    def _no_ratio(self, fit: ChangeContrast, k: int, name: str) -> IomCausalError | None:
        instead = 'DiffInDiff(contrast="difference") compares mean changes'
        for group, change in (("managed", fit.managed), ("comparison", fit.comparison)):
            for when, mean in (("before", change.before[k]), ("after", change.after[k])):
                if mean == 0:
                    return DegenerateDataError(
                        "IOM-E064",
                        f"{name}: {group} people have no events {when}, so there is no ratio of ratios; {instead}",
                    )
        if math.isinf(float(fit.variance[k])):
            return DegenerateDataError(
                "IOM-E064",
                f"{name}: one {self.cluster or 'person'} has all events of a group in a window, and the jackknife "
                f'leaves none without it; {instead}, and se="cr2" gives the linearised error',
            )
        return None

    def _columns(self, fit: ChangeContrast) -> dict[str, Any]:
        natural: Any = np.exp if self._ratio else np.asarray
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            se = np.sqrt(fit.variance)
            t, half = fit.difference / se, t_isf((1 - self.level) / 2, fit.df) * se
            return {
                "estimate": natural(fit.difference),
                "std_error": se,
                "statistic": t,
                "df": fit.df,
                "p_value": t_two_sided(t, fit.df),
                "conf_low": natural(fit.difference - half),
                "conf_high": natural(fit.difference + half),
            }

    def _words(self, panel: Panel, people: paired.PairedOutcomes) -> Estimate:
        ratio, sample = self._ratio, people.sample
        unit = None if ratio else people.unit
        what = f"ratio of {'totals' if people.exposure is None else 'rates'}" if ratio else changes_in_words(unit)
        return Estimate(
            outcome=sample.outcome,
            method=f"difference in differences, {what}",
            estimand=self.estimand(panel),
            term="managed / comparison" if ratio else f"managed - comparison{per_rate_days(unit)}",
            scale="ratio" if ratio else "difference",
            std_error_scale="log" if ratio else "identity",
            conf_level=self.level,
            n_input=sample.n_input,
            exposure=exposure_words(people.exposure) if ratio or unit is not None else "not used",
            notes=sample.notes + self._unknown(people),
            assumptions=(self._independent, *(text.format("ratio" if ratio else "amount") for text in _ASSUMPTIONS)),
            spec=self,
            pinned=sample.pinned(),
        )

    def _unknown(self, people: paired.PairedOutcomes) -> tuple[str, ...]:
        return (_UNKNOWN,) if self._ratio and people.exposure is None else ()

    def _told(self, fit: ChangeContrast, k: int, kind: str) -> tuple[str, ...]:
        """Return how many people there are, and where levels before differ, that one contrast alone can be right."""
        managed, others = (round(float(change.people[k])) for change in (fit.managed, fit.comparison))
        counted = (f"{managed} managed and {others} comparison people",)
        if kind == "score" or not fit.comparison.rate[k] > 0:
            return counted
        ratio = float(fit.managed.rate[k] / fit.comparison.rate[k])
        if 1 / _ALIKE <= ratio <= _ALIKE:
            return counted
        other = CONTRASTS[self._ratio]
        text = (
            f"managed people's level before is {ratio:.2f} times that of comparison people, so that without the "
            f'programme not both the same ratio and the same amount of change can hold; see contrast="{other}" too'
        )
        return (*counted, text)

    def _few(self, people: paired.PairedOutcomes) -> list[tuple[str, ...]]:
        """Return the note of each replicate on an amount that few people hold; intervals of differences are right."""
        return of_pooled_rates(people.of(people.group), people.of(~people.group), ratio=self._ratio)

    @property
    def _windows(self) -> str:
        return paired.EITHER if self.people == ALL else paired.BOTH

    @property
    def _independent(self) -> str:
        what = f"clusters ({self.cluster})" if self.cluster else "people"
        return f"{what} are independent of one another"

    def _rounding(self, fit: ChangeContrast, k: int) -> float:
        """Return the variance below which there is none but that of rounding."""
        if self._ratio:
            return float(NOISE**2)
        means = [m for change in (fit.managed, fit.comparison) for m in (change.before, change.after)]
        return float((NOISE * max(abs(float(m[k])) for m in means)) ** 2)


def _figures(fit: ChangeContrast, *, ratio: bool) -> dict[str, float]:
    """Return each group's mean before and its change: where the means differ, only one contrast can be parallel."""
    natural: Any = np.exp if ratio else float
    groups = {"managed": fit.managed, "comparison": fit.comparison}
    before = {f"before_{group}": float(change.before[0]) for group, change in groups.items()}
    rates = {f"rate_before_{group}": float(change.rate[0]) for group, change in groups.items()}
    return before | rates | {f"change_{group}": float(natural(change.value[0])) for group, change in groups.items()}
