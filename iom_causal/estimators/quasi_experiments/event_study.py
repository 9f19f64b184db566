"""Event study: effects by group of start and window, of people who start at different times, and their averages."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, ndtr

from iom_causal.base.formats import counted
from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimators.shared.event_path import OVERALL, event_term, event_time
from iom_causal.estimators.shared.requirements import (
    Requirement,
    named_covariates,
    require,
    selected_alike,
    starts_of,
)
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.staggered import StaggeredPeople, staggered
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.staggered import (
    LEAST_UNITS,
    Effects,
    average_effects,
    influence,
    unit_counts,
    with_variance,
)
from iom_causal.numerics.comparison.staggered_cells import (
    AVERAGES,
    BASES,
    COMPARISONS,
    Averages,
    Cells,
    averages,
    group_time_cells,
)
from iom_causal.numerics.comparison.uniform_bands import multiplier_maxima, normal_maxima
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one, require_panel
from iom_causal.streams import Seed, as_generator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

CONTRASTS = ("ratio", "difference")
BANDS = ("uniform", "pointwise")
DRAWS = 999
WANTED = 3
"""Windows before a start from which a trend can be seen."""
FEW = 5
"""People (or clusters) of a start below which its effects are called rough."""
MULTIPLIED = 5000
"""People up to whom bands draw a multiplier for each; sums over more are normal to the error of so many draws."""

_ASSUMPTIONS = (
    "people {} are independent of one another",
    (
        "without the programme, people of each start would have changed since the window before it by the same {} as "
        "those they are compared with"
    ),
    "nobody's outcome changed {}because the start was coming",
    "who started when did not depend on the outcome just before, so that regression to the mean is the same in all",
)
_AVERAGED = {
    "simple": "over all managed windows",
    "event": "mean over windows since the start",
    "group": "mean over starts",
    "calendar": "mean over calendar windows",
}
_UNKNOWN = "days at risk are not known: they are taken to change by the same ratio in all groups"


class _Fit(NamedTuple):
    """Effects of replicates of one structure, with the cells and averages that they are of."""

    cells: Cells
    wanted: Averages
    effects: Effects


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
        differ in their days at risk; or the difference of mean changes a person.
    comparison : {"not_yet", "never"}
        With people who are not managed by that window, or with those who never are.
    anticipation : int
        How many windows before the start may already be changed by it.
    base : {"universal", "varying"}
        Whether the path before starts is counted from one base, the last window before the start (and its
        anticipation), or each window from the one before it.
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
        "Montiel Olea & Plagborg-Moller (2019), J. Applied Econometrics 34, 1-17"
    )
    symmetric: ClassVar[bool] = True
    identification: ClassVar[str] = (
        "without the programme, people of each start would have changed by the same ratio (or amount) as those not "
        "managed, and nobody changed because a start was coming"
    )
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
        refused = self._refusal(fit, 0, panel.name)
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

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: a start with windows before, and people not managed to compare with."""
        starts = starts_of(panel)
        least = 1 + self.anticipation
        named = (named_covariates(panel, self.cluster, what="cluster", setting="cluster"),) if self.cluster else ()
        return (
            Requirement(
                needs="managed people",
                met=bool(panel.group.any()),
                found="there are managed people" if panel.group.any() else "there are no managed people",
                advice="" if panel.group.any() else "say who was managed from when (start=)",
            ),
            Requirement(
                needs="a window before" if least == 1 else f"{least} windows before",
                met=not starts or max(starts) >= least,
                found=f"the last who start have {counted(max(starts, default=0), '[window|windows]')} before",
                advice="" if not starts or max(starts) >= least else "bring earlier windows",
            ),
            self._compared(panel, starts),
            *named,
            selected_alike(panel),
            Requirement(
                needs=f"{WANTED} windows before",
                met=not starts or min(starts) >= WANTED,
                found=f"the first who start have {counted(min(starts, default=0), '[window|windows]')} before",
                advice="bring earlier windows, to see whether trends were parallel"
                if starts and min(starts) < WANTED
                else "",
                necessary=False,
            ),
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

    def _compared(self, panel: Panel, starts: tuple[int, ...]) -> Requirement:
        never = not panel.group.all() and panel.start is not None
        waiting = any(
            other > start + self.anticipation for start in starts for other in starts if start > self.anticipation
        )
        met = never or (waiting and self.comparison == "not_yet")
        lacking = "nobody is never managed" if starts else "nobody is managed"
        if self.comparison == "not_yet":
            return Requirement(
                needs="people not yet managed when others start",
                met=met,
                found="some are managed later or never" if met else f"{lacking}, and nobody starts later than others",
                advice="" if met else "bring people who start later or never (start=)",
            )
        return Requirement(
            needs="people never managed",
            met=met,
            found="there are people never managed" if met else lacking,
            advice="" if met else "bring them (start=)" + ', or take comparison="not_yet"' * waiting,
        )

    def _people(self, panel: Panel) -> StaggeredPeople:
        if self._ratio and panel.kind == "score":
            raise InputError("IOM-E066", f'{panel.name}: a score has no ratio; write EventStudy(contrast="difference")')
        require(panel.name, type(self).__name__, self.requirements(panel))
        return staggered(compared(panel), rates=self._ratio, first=1 + self.anticipation, cluster=self.cluster)

    def _cells(self, people: StaggeredPeople) -> Cells:
        windows = people.people.outcome.shape[-1]
        settings: dict[str, Any] = {"comparison": self.comparison, "anticipation": self.anticipation, "base": self.base}
        return group_time_cells(people.starts, windows, **settings)

    def _fit(self, people: StaggeredPeople, cells: Cells) -> _Fit:
        wanted = averages(cells, self.aggregate)
        if not (cells.event >= 0).any():
            nothing = np.full((len(people.people.weight), 1), np.nan)
            return _Fit(cells, wanted._replace(keys=wanted.keys[:0]), Effects(nothing, nothing[..., None], nothing))
        effects = average_effects(people.people, cells, wanted, ratio=self._ratio)
        least = NOISE * (1.0 if self._ratio else float(np.abs(people.people.outcome).max(initial=0.0)))
        flat = np.diagonal(effects.cov, axis1=1, axis2=2) <= least**2  # people do not differ, but for rounding
        return _Fit(cells, wanted, effects._replace(df=np.where(flat, np.nan, effects.df)))

    def _refusal(self, fit: _Fit, k: int, name: str) -> IomCausalError | None:
        """Return why a replicate has no overall effect; None where it has one."""
        if not (fit.cells.event >= 0).any():
            unit = "clusters" if self.cluster else "people"
            return InputError(
                "IOM-E060",
                f"{name}: EventStudy: expected at least {LEAST_UNITS} {unit} of one start with every window, and "
                f"{LEAST_UNITS} to compare them with",
            )
        if np.isnan(fit.effects.value[k, 0]):
            return DegenerateDataError(
                "IOM-E064",
                f"{name}: a window that the ratio needs has no events, among those who start or the people they are "
                'compared with; put windows together, or EventStudy(contrast="difference") compares mean changes',
            )
        if np.isnan(fit.effects.df[k, 0]):
            return DegenerateDataError(
                "IOM-E065", f"{name}: people do not differ in their change, so there is no standard error"
            )
        return None

    def _estimates(self, panel: Panel, people: StaggeredPeople, fit: _Fit, numbers: ArrayLike | None) -> Estimates:
        base, advice = self._words(panel, people), require(panel.name, type(self).__name__, self.requirements(panel))
        refused = [self._refusal(fit, k, panel.name) for k in range(len(people.people.weight))]
        effects = _sound(fit.effects, np.array([error is None for error in refused]))
        columns = [self._column(effects, k) for k in range(effects.value.shape[1])]
        overall = columns[0]
        natural: Any = np.exp if self._ratio else np.asarray
        return Estimates(
            outcome=base.outcome,
            method=base.method,
            estimand=base.estimand,
            term=base.term,
            scale=base.scale,
            std_error_scale=base.std_error_scale,
            conf_level=self.level,
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
                (*people.block.notes[k], *self._notes(people, fit, k), *advice) if error is None else (error.message,)
                for k, error in enumerate(refused)
            ),
            base=base,
        )

    def _column(self, effects: Effects, k: int) -> PartColumns:
        value, df = effects.value[:, k], effects.df[:, k]
        with np.errstate(invalid="ignore"):
            se = np.where(np.isnan(df), np.nan, np.sqrt(np.maximum(effects.cov[:, k, k], 0.0)))
            t = value / se
        half = t_isf((1 - self.level) / 2, np.where(np.isnan(df), 1.0, df)) * se
        return PartColumns(value, se, t, t_two_sided(t, np.where(np.isnan(df), 1.0, df)), value - half, value + half)

    def _terms(self, panel: Panel, fit: _Fit) -> tuple[str, ...]:
        """Return the names of the path's terms."""
        if self._by_event:
            return tuple(event_term(int(key)) for key in fit.wanted.keys)
        word = "start in" if self.aggregate == "group" else "in"
        return tuple(f"{word} {panel.windows[int(key)].label}" for key in fit.wanted.keys)

    def _words(self, panel: Panel, people: StaggeredPeople) -> Estimate:
        ratio, block = self._ratio, people.block
        rates = "rates" if people.people.days is not None or (ratio and block.days is not None) else "totals"
        among = f"of one {self.cluster} may be alike, and those of several" if self.cluster else ""
        early = f"more than {self.anticipation} windows before, " if self.anticipation else ""
        kind = "ratio" if ratio else "amount"
        said = (among, kind, early, "")
        return Estimate(
            outcome=panel.name,
            method=f"event study, {f'ratio of {rates}' if ratio else 'mean changes'}, {_AVERAGED[self.aggregate]}",
            estimand=self.estimand(panel),
            term="managed / comparison" if ratio else "managed - comparison",
            scale="ratio" if ratio else "difference",
            std_error_scale="log" if ratio else "identity",
            conf_level=self.level,
            n_input=int(block.n_input.max()),
            exposure=block.exposure if ratio else "not used",
            assumptions=tuple(t.format(w).replace("  ", " ") for t, w in zip(_ASSUMPTIONS, said, strict=True)),
            coefficient=OVERALL,
            spec=self,
            pinned=block.sample.pinned(),
        )

    def _notes(self, people: StaggeredPeople, fit: _Fit, k: int) -> tuple[str, ...]:
        windows = people.people.outcome.shape[-1]
        counts = np.rint(unit_counts(people.people._replace(cluster=None), len(people.starts))[k])
        units = unit_counts(people.people, len(people.starts))[k]
        treated = (people.starts < windows) & (counts > 0)
        used = np.unique(fit.cells.own[fit.cells.event >= 0])
        alone = int((treated & (units < LEAST_UNITS)).sum())
        few = int((units[used] < FEW).sum())
        unit = "cluster" if self.cluster else "person"
        last = _without_comparison(people.starts[treated], fit, windows)
        absent = int(np.isnan(fit.effects.value[k, 1:]).sum())
        said = {
            f"{round(counts[treated].sum())} people start at {int(treated.sum())} windows, and "
            f"{round(counts[~treated].sum())} never do": True,
            f"{int(people.aside[k])} people managed from so early on that no window lies before are left out": bool(
                people.aside[k]
            ),
            f"{alone} starts of one {unit} are compared with, and have no effect of their own: one change has no "
            "standard error": alone,
            f"{few} starts have fewer than {FEW} {'clusters' if self.cluster else 'people'}, so that the standard "
            "errors of their effects are rough": few,
            f"of the windows since each start, {last} have nobody left to compare with and are not in the effect": last,
            f"{absent} terms of the path have no events, and so no ratio": absent,
            _UNKNOWN: self._ratio and people.block.days is None,
        }
        return tuple(text for text, true in said.items() if true)

    def _diagnostics(self, people: StaggeredPeople, fit: _Fit, rng: Rng) -> dict[str, Any]:
        effects = fit.effects
        found: dict[str, Any] = {}
        if self._by_event and self.base == "universal":
            found["reference"] = -1 - self.anticipation
        if self._by_event:
            found |= _pre_trend(fit)
        there = ~np.isnan(effects.df[0, 1:])
        if self.bands == "uniform" and there.any():
            found |= self._bands(people, fit, np.flatnonzero(there) + 1, rng)
        return found

    def _bands(self, people: StaggeredPeople, fit: _Fit, at: Integers, rng: Rng) -> dict[str, Any]:
        """Return bands that hold all terms of the path at once, as ends a term; None for a term without an error."""
        generator, seed = as_generator(rng)
        cov = fit.effects.cov[0][np.ix_(at, at)]
        error = np.sqrt(np.diag(cov))
        counts = people.people.weight[0]
        if len(counts) <= MULTIPLIED and np.isin(counts, (0.0, 1.0)).all():
            psi = influence(people.people, fit.cells, fit.wanted, ratio=self._ratio)[:, at]
            maxima = multiplier_maxima(psi, error, self.draws, generator)
        else:
            maxima = normal_maxima(cov, self.draws, generator)
        critical = float(np.quantile(maxima, self.level))
        half = t_isf(float(ndtr(-critical)), fit.effects.df[0, at]) * error  # the same tail of each term's t
        value = fit.effects.value[0]
        ends = {int(k): (float(value[k] - h), float(value[k] + h)) for k, h in zip(at, half, strict=True)}
        shown = np.flatnonzero(~np.isnan(value[1:])) + 1
        return {
            "bands": tuple(ends.get(int(k)) for k in shown),
            "critical_value": critical,
            "draws": self.draws,
            "seed": seed,
        }


def _sound(effects: Effects, sound: Booleans) -> Effects:
    """Return the effects of replicates that have one, NaN for the others."""
    value, df = (np.where(sound[:, None], figures, np.nan) for figures in (effects.value, effects.df))
    return Effects(value, np.where(sound[:, None, None], effects.cov, np.nan), df)


def _pre_trend(fit: _Fit) -> dict[str, float]:
    """Return the joint test of the effects before starts, by Hotelling's F; nothing with too few people for one."""
    value, df = fit.effects.value[0], fit.effects.df[0]
    at = np.flatnonzero((fit.wanted.keys < 0) & ~np.isnan(df[1:])) + 1
    left = float(df[0]) - len(at) + 1
    if not len(at) or left <= 0:
        return {}
    wald = float(value[at] @ np.linalg.pinv(fit.effects.cov[0][np.ix_(at, at)]) @ value[at])
    return {
        "pre_trend_statistic": wald * left / (len(at) * float(df[0])),
        "pre_trend_p": float(fdtrc(len(at), left, wald * left / (len(at) * float(df[0])))),
    }


def _without_comparison(starts: Integers, fit: _Fit, windows: int) -> int:
    """Return how many managed windows, of all starts, have nobody to be compared with."""
    treated = int((windows - starts).sum())
    return treated - int(np.isin(fit.cells.starts[fit.cells.own[fit.cells.event >= 0]], starts).sum())
