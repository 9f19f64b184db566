"""Event study: effects by group of start and window, of people who start at different times, and their averages."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import InputError, IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimators.shared.clusters import named_clusters
from iom_causal.estimators.shared.event_path import OVERALL, event_term, event_time
from iom_causal.estimators.shared.requirements import (
    Requirement,
    require,
    selected_alike,
    starts_of,
)
from iom_causal.estimators.shared.staggered_fits import (
    StaggeredFit,
    error_from_every_window,
    path_bands,
    pre_trend,
    staggered_fit,
)
from iom_causal.estimators.shared.staggered_requirements import staggered_starts, starts_later, windows_for_a_trend
from iom_causal.estimators.shared.staggered_words import AVERAGED, assumptions, notes, refusal, sharper
from iom_causal.inputs.comparison import compared, without_unlike
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import changes_in_words, per_rate_days
from iom_causal.inputs.staggered import StaggeredPeople, staggered
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.staggered import Effects, with_variance
from iom_causal.numerics.comparison.staggered_cells import (
    AVERAGES,
    BASES,
    COMPARISONS,
    EVERY,
    Cells,
    group_time_cells,
)
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one, require_panel
from iom_causal.streams import Seed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONTRASTS = ("ratio", "difference")
BANDS = ("uniform", "pointwise")
DRAWS = 999


@dataclass(frozen=True)
class EventStudy:
    """Event study by group of start (Callaway & Sant'Anna 2021): staggered starts, each against people not managed.

    Each group of people with a common start is compared, window by window, with people who are not yet managed or
    never are; the effects are put together. It is right where, without the programme, all would have changed
    alike since the window before each start, and nobody changed because a start was coming; the windows before
    starts, of which the path tells, show how alike they were. It does not compare with people who are already
    managed, as regressions with person and time effects do. Level 3 of 5 on the Maryland Scientific Methods Scale.

    Parameters
    ----------
    contrast : {"ratio", "difference"}
        Observed events over those expected from the own window before and the others' ratio, as rates where people
        differ in their days at risk; or the difference of mean changes a person, of rates a person and 548 days
        where windows differ in length or people in their days at risk.
    comparison : {"not_yet", "never"}
        With people who are not managed by that window, or with those who never are.
    anticipation : int
        How many windows before the start may already be changed by it.
    base : {"universal", "varying", "every"}
        What effects are counted from: the last window before the start (and its anticipation); the same, but in the
        path each window before the start from the one before it; or the mean over all windows before, which is much
        sharper where one window has few events, as months do.
    aggregate : {"simple", "event", "group", "calendar"}
        What the estimate is: the effect over all managed windows; the mean over windows since the start; that over
        groups of start, as they have people; the mean over calendar windows. `parts` hold the path beside it, by
        windows since the start for "simple".
    bands : {"uniform", "pointwise"}
        Whether bands that hold the whole path are drawn, by multipliers of each person's influence.
    cluster : str
        The covariate of which people with one value may be alike; empty where people are independent.
    draws : int
        Of the multipliers.
    level : float
        Confidence level of the t intervals and of the bands.

    Notes
    -----
    Variances are those of influence functions, that of the groups' sizes included, with the factor n / (n - 1) of each
    group and pool; degrees of freedom are Satterthwaite's over groups. Two groups in two windows give `DiffInDiff`. A
    ratio over several windows is one of sums: observed events over expected ones, so that a window without events
    does no harm. People who lack a window are left out.

    From all windows before, groups must be parallel in all of them together, and one that drifts is compared with where
    it was half the time before; from one window they need be parallel since that alone. A difference is then that of
    Lee & Wooldridge (2023), with one start and people never managed the imputation of Borusyak, Jaravel & Spiess
    (2024), and a ratio of one start is that of `DiffInDiff`. In counts of 36 months with 0.2 events a person each, the
    standard error is .35 to .45 of that from one window; a note tells where it would be below three quarters. The path
    before tells how each window departs from the mean of them; the test of trends before is the same from either, and
    `HonestTrends`, whose bounds are on steps between windows, reads the path from one.

    Where the panel knows of people never managed who were not selected alike (`Panel.selected`), "not_yet" leaves them
    out if others start later.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 2, 2, 2, 3, 3, 3], mask=[False] * 6 + [True] * 3)
    >>> y = [[6, 2, 1], [4, 3, 2], [5, 3, 3], [4, 5, 2], [6, 5, 3], [3, 4, 2], [5, 5, 4], [4, 5, 5], [6, 4, 5]]
    >>> from iom_causal.windows import Window
    >>> windows = [Window("a", -365, 0), Window("b", 0, 365, post=True), Window("c", 365, 730, post=True)]
    >>> panel = Panel.from_arrays(y, windows=windows, start=start, name="arrests")
    >>> e = EventStudy(bands="pointwise")(panel)
    >>> round(e.estimate, 3), [part.term for part in e.parts]
    (0.488, ['overall', 'window -2', 'window +0', 'window +1'])
    """

    contrast: str = CONTRASTS[0]
    comparison: str = COMPARISONS[0]
    anticipation: int = 0
    base: str = BASES[0]
    aggregate: str = AVERAGES[0]
    bands: str = BANDS[0]
    cluster: str = ""
    draws: int = DRAWS
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Callaway & Sant'Anna (2021), J. Econometrics 225, 200-230; Mammen (1993), Annals of Statistics 21, 255-285; "
        "Montiel Olea & Plagborg-Moller (2019), J. Applied Econometrics 34, 1-17; Lee & Wooldridge (2023), SSRN "
        "4516518; Borusyak, Jaravel & Spiess (2024), Rev. Econ. Stud. 91, 3253-3285"
    )
    symmetric: ClassVar[bool] = True
    maryland: ClassVar[int] = 3

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_choice(self.comparison, COMPARISONS, "comparison")
        check_choice(self.base, BASES, "base")
        check_choice(self.aggregate, AVERAGES, "aggregate")
        check_choice(self.bands, BANDS, "bands")
        check_level(self.level)
        for name, least in (("anticipation", 0), ("draws", 99)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise SpecError("IOM-E092", f"{name}: expected a whole number of at least {least}")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people who start at different windows, or never; `rng` draws the bands.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 with nobody to compare with, or where no window lies before a start.
        InputError
            IOM-E066 for the ratio of a score; IOM-E060 with fewer than two people to a start, or to compare with.
        DegenerateDataError
            IOM-E064 when a window that the ratio needs has no events; IOM-E065 when people do not differ.
        """
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        people = self._people(panel)
        cells = self._cells(people)
        fit = self._fit(people, cells.where(with_variance(people.people, cells)[0]))
        refused = refusal(fit, 0, panel.name, self.cluster)
        if refused is not None:
            raise refused
        found = self._estimates(panel, people, fit, None)[0]
        return replace(found, diagnostics=FrozenMap(self._diagnostics(people, fit, rng)))

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate of a panel at once, without bands."""
        try:
            people = self._people(panel)
        except IomCausalError:  # what no replicate has is each replicate's own error
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        cells = self._cells(people)
        kept, which, counts = np.unique(
            with_variance(people.people, cells), axis=0, return_inverse=True, return_counts=True
        )
        usual = int(counts.argmax())
        fit = self._fit(people, cells.where(kept[usual]))
        odd = np.flatnonzero(which.ravel() != usual)  # those of other starts have other cells
        alone = one_by_one(replace(self, bands="pointwise"), panel, odd)
        return self._estimates(panel, people, fit, numbers).overlaid(alone)

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self._ratio:
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    @property
    def identification(self) -> str:
        """What must hold for the estimate to be the programme's effect, as a clause."""
        since = " since all windows before together" if self.base == EVERY else ""
        return (
            f"without the programme, people of each start would have changed{since} by the same ratio (or amount) as "
            "those not managed, and nobody changed because a start was coming"
        )

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: a start with windows before, and people not managed to compare with."""
        starts = starts_of(panel)
        retained = self._retained(panel, starts)
        return (
            *staggered_starts(panel, starts, self.comparison, self.anticipation),
            *(named_clusters(retained, self.cluster) if self.cluster else ()),
            selected_alike(retained),
            windows_for_a_trend(panel),
        )

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the path of effects with their bands, on `ax`."""
        from iom_causal.base.axes_of_designs import effect_path  # noqa: PLC0415 matplotlib is slow to load

        path = [part for part in estimate.parts if part.term != OVERALL]
        times = [event_time(part.term) for part in path]
        named = any(time is None for time in times)
        places = range(len(path)) if named else [time or 0 for time in times]
        return effect_path(
            [(x, p.estimate, p.conf_low, p.conf_high) for x, p in zip(places, path, strict=True)],
            bands=estimate.diagnostics.get("bands", ()),
            labels=[part.term for part in path] if named else (),
            reference=estimate.diagnostics.get("reference"),
            pooled=self.base == EVERY,
            ratio=estimate.scale == "ratio",
            unit=f"{estimate.outcome}, {estimate.term}",
            ax=ax,
        )

    @property
    def _ratio(self) -> bool:
        return self.contrast == "ratio"

    @property
    def _by_event(self) -> bool:
        return self.aggregate in ("simple", "event")

    def _retained(self, panel: Panel, starts: tuple[int, ...]) -> Panel:
        """Return the people who are compared: without those known to be unlike where others are to compare with."""
        both = compared(panel)
        others = self.comparison == "not_yet" and starts_later(starts, self.anticipation)
        return without_unlike(both) if others else both

    def _people(self, panel: Panel) -> StaggeredPeople:
        if self._ratio and panel.kind == "score":
            raise InputError("IOM-E066", f'{panel.name}: a score has no ratio; write EventStudy(contrast="difference")')
        require(panel.name, type(self).__name__, self.requirements(panel))
        both = self._retained(panel, starts_of(panel))
        return staggered(both, rates=self._ratio, first=1 + self.anticipation, cluster=self.cluster)

    def _cells(self, people: StaggeredPeople, base: str = "") -> Cells:
        windows, base = people.people.outcome.shape[-1], base or self.base
        return group_time_cells(
            people.starts, windows, comparison=self.comparison, anticipation=self.anticipation, base=base
        )

    def _fit(self, people: StaggeredPeople, cells: Cells) -> StaggeredFit:
        return staggered_fit(people, cells, self.aggregate, ratio=self._ratio)

    def _estimates(
        self, panel: Panel, people: StaggeredPeople, fit: StaggeredFit, numbers: ArrayLike | None
    ) -> Estimates:
        base, advice = self._words(panel, people), require(panel.name, type(self).__name__, self.requirements(panel))
        refused = [refusal(fit, k, panel.name, self.cluster) for k in range(len(people.people.weight))]
        relative = self._relative(people, fit)
        effects = fit.sound(np.array([error is None for error in refused]))
        columns = [self._column(effects, k) for k in range(effects.value.shape[1])]
        overall = columns[0]
        natural: Any = np.exp if self._ratio else np.asarray
        return Estimates.worded(
            base,
            numbers=numbers,
            estimate=natural(overall.estimate),
            std_error=overall.std_error,
            statistic=overall.statistic,
            df=effects.df[:, 0],
            p_value=overall.p_value,
            conf_low=natural(overall.conf_low),
            conf_high=natural(overall.conf_high),
            n_input=people.block.n_input,
            n_used=people.used,
            code=[0 if error is None else error.number for error in refused],
            parts=FrozenMap(dict(zip((OVERALL, *self._terms(panel, fit)), columns, strict=True))),
            cov=effects.cov,
            notes=tuple(
                (*people.block.notes[k], *notes(people, fit, k, self.cluster), *sharper(relative[k]), *advice)
                if error is None
                else (error.message,)
                for k, error in enumerate(refused)
            ),
        )

    def _relative(self, people: StaggeredPeople, fit: StaggeredFit) -> NDArray[np.float64]:
        """Return the standard error from all windows before over the own one, (R,)."""
        if self.base == EVERY:
            return np.ones(len(people.people.weight))
        return error_from_every_window(people, fit, self.aggregate, self.anticipation)

    def _column(self, effects: Effects, k: int) -> PartColumns:
        value, df = effects.value[:, k], effects.df[:, k]
        with np.errstate(invalid="ignore"):
            se = np.where(np.isnan(df), np.nan, np.sqrt(np.maximum(effects.cov[:, k, k], 0.0)))
            t = value / se
        half = t_isf((1 - self.level) / 2, np.where(np.isnan(df), 1.0, df)) * se
        return PartColumns(value, se, t, t_two_sided(t, np.where(np.isnan(df), 1.0, df)), value - half, value + half)

    def _terms(self, panel: Panel, fit: StaggeredFit) -> tuple[str, ...]:
        """Return the names of the path's terms."""
        if self._by_event:
            return tuple(event_term(int(key)) for key in fit.wanted.keys)
        word = "start in" if self.aggregate == "group" else "in"
        return tuple(f"{word} {panel.windows[int(key)].label}" for key in fit.wanted.keys)

    def _words(self, panel: Panel, people: StaggeredPeople) -> Estimate:
        ratio, block, pooled = self._ratio, people.block, self.base == EVERY
        rates = "rates" if people.people.days is not None or (ratio and block.days is not None) else "totals"
        change = f"ratio of {rates}" if ratio else changes_in_words(people.unit)
        since = ", from all windows before" if pooled else ""
        return Estimate(
            outcome=panel.name,
            method=f"event study, {change}, {AVERAGED[self.aggregate]}{since}",
            estimand=self.estimand(panel),
            term="managed / comparison" if ratio else f"managed - comparison{per_rate_days(people.unit)}",
            scale="ratio" if ratio else "difference",
            std_error_scale="log" if ratio else "identity",
            conf_level=self.level,
            n_input=int(block.n_input.max()),
            exposure=block.exposure,
            assumptions=assumptions(cluster=self.cluster, ratio=ratio, anticipation=self.anticipation, pooled=pooled),
            coefficient=OVERALL,
            spec=self,
            pinned=block.sample.pinned(),
        )

    def _diagnostics(self, people: StaggeredPeople, fit: StaggeredFit, rng: Rng) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._by_event and self.base == BASES[0]:
            found["reference"] = -1 - self.anticipation
        if self._by_event:
            found |= pre_trend(self._from_one_window(people, fit), self.anticipation)
        if self.bands == "uniform":
            found |= path_bands(people, fit, level=self.level, draws=self.draws, rng=rng)
        return found

    def _from_one_window(self, people: StaggeredPeople, fit: StaggeredFit) -> StaggeredFit:
        """Return the fit whose effects before starts differ freely; deviations from their own mean add up to 0."""
        if self.base != EVERY:
            return fit
        cells = self._cells(people, BASES[0])
        return self._fit(people, cells.where(with_variance(people.people, cells)[0]))
