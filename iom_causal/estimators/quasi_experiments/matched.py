"""Matched difference in differences: managed people against comparison people alike in what is named."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import listed
from iom_causal.base.specs import FrozenMap, check_choice, check_level, check_types, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, NotIdentifiedError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.matched_people import BALANCED, BEFORE, MatchedFit, People, figures, match, said
from iom_causal.estimators.shared.requirements import (
    Requirement,
    both_groups,
    one_start,
    people_compared,
    selected_alike,
    windows_before,
)
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.covariates import check_formula, check_rank, formula_columns, person_columns
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.person_covariates import PersonCovariates, person_covariates, strata_columns
from iom_causal.inputs.sample import LEAST_PEOPLE, changes_in_words, exposure_words, per_rate_days
from iom_causal.inputs.weighting import one_row_each
from iom_causal.intervals import StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.matched_change import MatchedChange
from iom_causal.numerics.comparison.matching import strata_of
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one, require_panel
from iom_causal.streams import Seed
from iom_causal.windows import YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]
type Booleans = NDArray[np.bool_]

CONTRASTS = ("ratio", "difference")
_ASSUMPTIONS = (
    "matched sets are independent of one another",
    "without the programme, managed people and their matches would have changed by the same {} on average",
    "comparison people were not managed, and nothing of the programme reached them",
    "what makes the groups change differently is matched on",
)
_ON_COVARIATES = (
    "matching on covariates leaves that in; matching on the outcome before (on_outcome_before=True) takes it out where "
    "all come from one population and were picked by that outcome alone"
)
_ON_BEFORE = (
    "matching on the outcome before takes out what comes back of itself where all come from one population and were "
    "picked by that outcome alone, and not otherwise"
)
_UNKNOWN = "days at risk are not known: they are taken to change by the same ratio in both groups"


@dataclass(frozen=True)
class Matched:
    """Matched difference in differences: managed people against comparison people alike in what is named.

    People are matched exactly on `exact` and to the nearest propensity score of `covariates` within a caliper, without
    replacement; the ratio of ratios, or the difference of mean changes, of the matched has matched sets as clusters.
    It is right where, without the programme, managed people and their matches would have changed by the same ratio
    (or amount). Its estimand is the programme's effect on those managed people who have a match (the ATT in common
    support), and the notes say how many have none. Where the panel knows of comparison people selected alike
    (`Panel.selected`), matches are chosen among them alone. Level 3 of 5 on the Maryland Scientific Methods Scale.

    Parameters
    ----------
    exact : tuple of str
        Covariates of the panel that must agree, such as ``("sex",)``. People of whom one is not known (missing, or text
        that is empty or "missing") match nobody.
    covariates : str
        A formula over the panel's covariates and ``age``, for the propensity score.
    caliper : float or None
        The farthest that a match may lie apart, in SDs of the logit (pooled over both groups); None for any distance.
    ratio : int
        How many matches each managed person takes, at most; all take their first before anybody a second.
    on_outcome_before : bool
        Whether the outcome before (a year's, where people have days at risk of their own) is a covariate too.
    contrast : {"ratio", "difference"}
        Of counts or amounts, the ratio; of any outcome, the difference of mean changes a person, of rates a person and
        548 days where windows differ in length or people in their days at risk.
    level : float
        Confidence level of the t interval.

    Notes
    -----
    Managed people are matched in descending order of their score, and those equally near are taken in a fixed shuffled
    order of rows: nothing is drawn. The variance is the jackknife's over matched sets, which are the clusters (Abadie &
    Spiess 2022); that the score is estimated is not adjusted for. Where the people matched change alike, 95% intervals
    hold the ratio in .945 to .955 of simulated studies of 20 to 100 managed people.

    **Matching on the outcome before** re-creates regression to the mean where the groups' rates differ and nobody was
    selected on that outcome: matches fall back towards their own group's mean. For gamma-Poisson counts the ratio
    without any programme is in `iom_causal.numerics.comparison.matching_bias`, and a note gives it for these people.

    References
    ----------
    Rosenbaum & Rubin (1985), American Statistician 39, 33-38; Austin (2011), Pharmaceutical Statistics 10, 150-161;
    Heckman, Ichimura & Todd (1997), Review of Economic Studies 64, 605-654; Abadie & Spiess (2022), JASA 117, 983-995.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1] * 10, mask=[False] * 4 + [True] * 6)
    >>> pairs = [[3, 1], [2, 2], [5, 0], [4, 3], [3, 4], [2, 2], [6, 5], [1, 2], [4, 4], [3, 2]]
    >>> sex = np.array(["m", "f", "m", "m", "m", "f", "m", "f", "m", "m"])
    >>> e = Matched(exact=("sex",))(Panel.from_arrays(pairs, start=start, name="arrests", covariates={"sex": sex}))
    >>> e.n_used, e.estimand, e.notes[-1]
    (8, 'att_ratio', '4 managed and 4 comparison people in 4 matched sets')
    """

    exact: tuple[str, ...] = ()
    covariates: str = ""
    caliper: float | None = 0.2
    ratio: int = 1
    on_outcome_before: bool = False
    contrast: str = CONTRASTS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Rosenbaum & Rubin (1985), American Statistician 39, 33-38; Abadie & Spiess (2022), JASA 117, 983-995; "
        "Daw & Hatfield (2018), Health Services Research 53, 4138-4156"
    )
    identification: ClassVar[str] = (
        "without the programme, managed people and comparison people alike in what they are matched on would have "
        "changed by the same ratio (or amount)"
    )
    maryland: ClassVar[int] = 3
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_formula(self.covariates)
        check_level(self.level)
        if self.ratio < 1:
            raise SpecError("IOM-E092", f"Matched: expected a ratio of at least 1, got {self.ratio}")
        if self.caliper is not None and not self.caliper > 0:
            raise SpecError("IOM-E092", f"Matched: expected a caliper above 0, or None, got {self.caliper}")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the managed and comparison people of a panel.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 without managed or without comparison people, where managed people start at different windows,
            where no window lies before their start, or where nobody has a match.
        InputError
            IOM-E066 for the ratio of a score; IOM-E060 with fewer than two people of a group, or two matched sets;
            IOM-E076 for weights that are not whole; those of the covariates.
        DegenerateDataError
            IOM-E070 where the covariates tell managed from comparison people; IOM-E064 when the matched of a group
            have no events in a window; IOM-E065 when all matched sets differ alike.
        """
        del rng
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        people = self._people(one_row_each(panel, type(self).__name__))
        self._require_people(people, panel.name)
        fit = match(people, caliper=self.caliper, most=self.ratio, ratio=self._ratio)
        refused = self._refusal(fit, panel.name)
        if refused is not None:
            raise refused
        words = self._words(panel, people.pairs)
        columns: dict[str, Any] = {name: float(c[0]) for name, c in self._columns(fit.change).items()}
        law = StudentT(float(fit.change.value[0]), float(fit.change.std_error[0]), columns["df"], log=self._ratio)
        return replace(
            words,
            **columns,
            n_used=int((fit.sets[0] >= 0).sum()),
            notes=words.notes + said(people, fit, on_outcome_before=self.on_outcome_before, ratio=self._ratio)[0],
            diagnostics=FrozenMap(figures(people, fit, ratio=self._ratio)),
            law=law,
        )

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate of a panel at once; where a single call refuses, one by one."""
        if panel.weight is not None and not np.isin(panel.weight, (0, 1)).all():
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        try:
            people = self._people(panel)
        except IomCausalError:  # what no replicate has is each replicate's own error
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        fit = match(people, caliper=self.caliper, most=self.ratio, ratio=self._ratio)
        base, sample = self._words(panel, people.pairs), people.pairs.sample
        sound = self._sound(people, fit)
        unknown = self._unknown(people.pairs)
        stated = [notes + unknown for notes in sample.each] if sample.each else [base.notes] * len(sound)
        estimates = Estimates.worded(
            base,
            numbers=numbers,
            n_input=sample.everyone,
            n_used=(fit.sets >= 0).sum(-1),
            notes=tuple(
                own + said
                for own, said in zip(
                    stated, said(people, fit, on_outcome_before=self.on_outcome_before, ratio=self._ratio), strict=True
                )
            ),
            **self._columns(fit.change),
        )
        return estimates.overlaid(one_by_one(self, panel, np.flatnonzero(~sound)))

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the balance of covariates before and after matching (a love plot), from an estimate that it made."""
        from iom_causal.base.axes_of_designs import covariate_balance  # noqa: PLC0415 matplotlib is slow to load

        table = estimate.diagnostics
        return covariate_balance(
            table["covariates"], table["difference_before"], table["difference_after"], limit=BALANCED, ax=ax
        )

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self._ratio:
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: two groups, one start, a window before, covariates, people picked alike."""
        adjusted = _ON_BEFORE if self.on_outcome_before else ""
        alike = selected_alike(panel, also=_ON_COVARIATES, instead=adjusted)
        return (*both_groups(panel), one_start(panel), windows_before(panel), self._covariates_of(panel), alike)

    def _covariates_of(self, panel: Panel) -> Requirement:
        named = bool(self.exact or self.covariates.strip() or self.on_outcome_before)
        known = person_columns(panel)
        absent = [name for name in (*self.exact, *formula_columns(self.covariates)) if name not in known]
        has = f"it has {listed(sorted(known))}" if known else "it has none"
        return Requirement(
            needs="covariates to match on",
            met=named and not absent,
            found=f"the panel has no covariate {listed(absent)}; {has}"
            if absent
            else ("the covariates are there" if named else "no covariate is named"),
            advice="" if named and not absent else "name some of the columns that are carried along",
            in_code="" if named and not absent else "exact= or covariates=",
        )

    @property
    def _ratio(self) -> bool:
        return self.contrast == CONTRASTS[0]

    def _people(self, panel: Panel) -> People:
        if self._ratio and panel.kind == "score":
            raise InputError("IOM-E066", f'{panel.name}: a score has no ratio; write Matched(contrast="difference")')
        panel = people_compared(panel, self)
        pairs = paired.replicated(panel, uses_exposure=self._ratio, differences=not self._ratio, comparison=True)
        filled, used = pairs.filled(), pairs if self._ratio else pairs.for_differences()
        contrasted = used.filled()
        values = np.stack([filled.before, filled.after], axis=-1).astype(np.float64)
        shape = values.shape[:2]
        there = np.broadcast_to(filled.weight > 0, shape)
        traits = strata_columns(panel, self.exact, there, "exact")
        return People(
            pairs,
            np.where(there[..., None], np.stack([contrasted.before, contrasted.after], axis=-1), 0.0),
            used.own_days,
            there,
            np.broadcast_to(pairs.group, shape),
            strata_of(traits, shape),
            self._matched_on(panel, values, pairs.own_days, there),
            panel.selection is not None and panel.selection.variable == panel.name,
        )

    def _matched_on(self, panel: Panel, values: Floats, days: Floats | None, there: Booleans) -> PersonCovariates:
        found = person_covariates(panel, self.covariates, there)
        if not self.on_outcome_before:
            return found
        scale = 1.0 if days is None else YEAR / np.where(days[..., 0] > 0, days[..., 0], YEAR)
        return found.with_column(BEFORE, values[..., 0] * scale, there)

    def _require_people(self, people: People, name: str) -> None:
        sizes = [int((people.there & of).sum()) for of in (people.managed, ~people.managed)]
        for size, group in zip(sizes, ("managed", "comparison"), strict=True):
            if size == 0:
                raise NotIdentifiedError("IOM-E068", f"{name}: Matched: there are no {group} people with both windows")
        if min(sizes) < LEAST_PEOPLE:
            raise InputError(
                "IOM-E060", f"{name}: expected at least 2 managed and 2 comparison people with both windows"
            )
        made = people.covariates
        if self.on_outcome_before and made.matrix.shape[-1]:
            inside = made.matrix[0, people.there[0]]
            check_rank(np.column_stack([np.ones(len(inside)), inside]), ("the intercept", *made.names))

    def _sound(self, people: People, fit: MatchedFit) -> Booleans:
        sizes = [(people.there & of).sum(-1) for of in (people.managed, ~people.managed)]
        enough = np.minimum(*sizes) >= LEAST_PEOPLE
        matched = (fit.change.sets >= LEAST_PEOPLE) & np.isfinite(fit.change.std_error)
        return np.asarray(enough & matched & fit.score.sound & people.covariates.sound)

    def _refusal(self, fit: MatchedFit, name: str) -> IomCausalError | None:
        """Return why people have no contrast; None where they have one."""
        sets, change = int(fit.change.sets[0]), fit.change
        if not fit.score.sound[0]:
            return DegenerateDataError(
                "IOM-E070",
                f"{name}: the covariates tell managed from comparison people, so that nobody has a match; name fewer, "
                "or bring comparison people like the managed ones",
            )
        if sets == 0:
            return NotIdentifiedError(
                "IOM-E068",
                f"{name}: no managed person has a match; widen the caliper, match on less, or bring more people",
            )
        if sets < LEAST_PEOPLE:
            return InputError("IOM-E060", f"{name}: only one managed person has a match; expected at least 2")
        if self._ratio:
            for group, means in zip(("managed", "matched comparison"), change.means[0], strict=True):
                for when, mean in zip(("before", "after"), means, strict=True):
                    if mean == 0:
                        return DegenerateDataError(
                            "IOM-E064",
                            f"{name}: {group} people have no events {when}, so there is no ratio of ratios; "
                            'Matched(contrast="difference") compares mean changes',
                        )
        if np.isnan(change.std_error[0]):
            return DegenerateDataError(
                "IOM-E065",
                f"{name}: matched sets do not differ in their change, or one has all events of a window, so there "
                "is no standard error",
            )
        return None

    def _columns(self, change: MatchedChange) -> dict[str, Any]:
        natural: Any = np.exp if self._ratio else np.asarray
        df = np.maximum(change.sets - 1.0, 1.0)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            t = change.value / change.std_error
            half = t_isf((1 - self.level) / 2, df) * change.std_error
            return {
                "estimate": natural(np.where(np.isnan(half), np.nan, change.value)),
                "std_error": change.std_error,
                "statistic": t,
                "df": df,
                "p_value": t_two_sided(t, df),
                "conf_low": natural(change.value - half),
                "conf_high": natural(change.value + half),
            }

    def _words(self, panel: Panel, pairs: paired.PairedOutcomes) -> Estimate:
        ratio, sample = self._ratio, pairs.sample
        unit = None if ratio else pairs.unit
        what = f"ratio of {'totals' if pairs.exposure is None else 'rates'}" if ratio else changes_in_words(unit)
        return Estimate(
            outcome=sample.outcome,
            method=f"matched difference in differences, {what}",
            estimand=self.estimand(panel),
            term="managed / comparison" if ratio else f"managed - comparison{per_rate_days(unit)}",
            scale="ratio" if ratio else "difference",
            std_error_scale="log" if ratio else "identity",
            conf_level=self.level,
            n_input=sample.n_input,
            exposure=exposure_words(pairs.exposure) if ratio or unit is not None else "not used",
            notes=sample.notes + self._unknown(pairs),
            assumptions=tuple(text.format("ratio" if ratio else "amount") for text in _ASSUMPTIONS),
            spec=self,
            pinned=sample.pinned(),
        )

    def _unknown(self, pairs: paired.PairedOutcomes) -> tuple[str, ...]:
        return (_UNKNOWN,) if self._ratio and pairs.exposure is None else ()
