"""Honest trends: what an event study still says where trends were not parallel, by how far they may depart."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import ndtri

from iom_causal.base.formats import number
from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, NotIdentifiedError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators.quasi_experiments.event_study import CONTRASTS, EventStudy
from iom_causal.estimators.shared.event_path import EventPath, event_path
from iom_causal.estimators.shared.requirements import Requirement, require, windows_before
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.honest_trends import (
    HonestInterval,
    PathEstimate,
    affine_family,
    breakdown_relative,
    breakdown_smoothness,
    relative_interval,
    smoothness_interval,
)
from iom_causal.numerics.comparison.staggered_cells import COMPARISONS
from iom_causal.numerics.inference.student_t import t_isf
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESTRICTIONS = ("relative", "smoothness")
TARGETS = ("average", "first")
SHOWN = 9
"""Bounds that the picture shows."""
FARTHEST = 1.5
"""How far the picture goes beyond the bound and the breakdown value."""

_RESTRICTED = {
    "relative": "without the programme, no step from window to window of the difference between the groups after the "
    "start would have been larger than {} times the largest one before",
    "smoothness": "without the programme, the slope of the difference between the groups would have changed by {} at "
    "most from one window to the next",
}
_ASSUMPTIONS = (
    "people (or clusters) are independent of one another, and so many that the path's effects are normal",
    "nobody's outcome changed because the start was coming",
)


@dataclass(frozen=True)
class HonestTrends:
    """Interval of an event study that holds where trends depart from parallel, up to a bound (Rambachan & Roth 2023).

    An `EventStudy` supposes that groups would have changed alike, and its windows before the start show how alike they
    did. Here they may depart after as far as they did before, or along a line that bends little; what remains is a
    set, with an interval around it, and the breakdown value: the bound from which on the interval contains no effect (a
    ratio of 1). Right where the bound is; how far trends would have departed nobody sees. Level 3 of 5 on the Maryland
    Scientific Methods Scale.

    Parameters
    ----------
    contrast : {"ratio", "difference"}
        Of the event study, as those below.
    restriction : {"relative", "smoothness"}
        No step after larger than `bound` times the largest before; or no change of slope larger than `bound`, which
        allows for any linear trend.
    bound : float or None
        As the restriction says: a multiple, by default 1; or a change of slope, of logs of ratios or of amounts, which
        has no default.
    comparison : {"not_yet", "never"}
        With people who are not managed by a window, or with those who never are.
    anticipation : int
        How many windows before the start may already be changed by it; they are neither before nor in the effect.
    cluster : str
        The covariate of which people with one value may be alike; empty where people are independent.
    target : {"average", "first"}
        The mean of the effects in all windows since the start, or that in the first.
    level : float
        Confidence level.

    Notes
    -----
    Under smoothness the interval is the shortest of fixed length about an affine estimator, and the set that estimator
    give or take its largest bias. Under relative magnitudes it is the hybrid of a least-favourable and a conditional
    test (Andrews, Roth & Pakes 2023), inverted, and the set the estimate give or take the bound times the largest step
    that was estimated. At the worst trend allowed, intervals at 95% held the effect in 95% of 10,000 draws of normal
    paths. The path is taken as normal with the event study's covariance, widened as its t interval is.

    The path counts from the last window before: steps and bends are between windows, and a base of all windows before
    (`EventStudy(base="every")`) would change none of them.

    A bound is by window: half as long windows make twice as many steps. Where people start at different times, far
    windows of the path are of other people than near ones.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> windows = [Window(str(k), 91 * k, 91 * k + 91, post=k >= 0) for k in range(-3, 2)]
    >>> rng = np.random.default_rng(1)
    >>> y = rng.poisson(np.where(np.arange(80)[:, None] < 40, [6, 6, 6, 3, 3], 6))
    >>> start = np.ma.MaskedArray([3] * 80, mask=np.arange(80) >= 40)
    >>> e = HonestTrends()(Panel.from_arrays(y, windows=windows, start=start, name="arrests"))
    >>> round(e.set_low, 2), round(e.set_high, 2), round(e.diagnostics["breakdown"], 1)
    (0.46, 0.57, 1.7)
    """

    contrast: str = CONTRASTS[0]
    restriction: str = RESTRICTIONS[0]
    bound: float | None = None
    comparison: str = COMPARISONS[0]
    anticipation: int = 0
    cluster: str = ""
    target: str = TARGETS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Rambachan & Roth (2023), Rev. Econ. Stud. 90, 2555-2591; Armstrong & Kolesar (2018), Econometrica 86, 655-683;"
        " Andrews, Roth & Pakes (2023), Rev. Econ. Stud. 90, 2763-2791"
    )
    symmetric: ClassVar[bool] = False
    identification: ClassVar[str] = (
        "without the programme, the groups would have departed from one another after by no more than a bound, set by "
        "how far they did before or by how little a trend bends, and nobody changed because a start was coming"
    )
    maryland: ClassVar[int] = 3

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.restriction, RESTRICTIONS, "restriction")
        check_choice(self.target, TARGETS, "target")
        check_level(self.level)
        if self.bound is None and self.restriction == "smoothness":
            raise SpecError(
                "IOM-E092",
                "bound: restriction='smoothness' needs the largest change of slope from one window to the next, of "
                "logs of ratios or of amounts; 0 allows for linear trends alone",
            )
        if self.bound is not None and not 0 <= self.bound < np.inf:
            raise SpecError("IOM-E092", "bound: expected a number from 0")
        _ = self._study  # which refuses its own settings

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people who start at one window or several, and people not managed.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 as `EventStudy` does, and where no effect lies before the base or a window of the path is lacking.
        DegenerateDataError
            IOM-E065 where the path's effects have no joint covariance; those of `EventStudy`.
        InputError
            Those of `EventStudy`.
        """
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        require(panel.name, type(self).__name__, self.requirements(panel))
        study = self._study(panel, rng=rng)
        path = self._path(event_path(study), panel.name)
        found, breakdown = self._interval(path, self._bound), self._breakdown(path)
        ends = [self._natural(v) for v in found]
        return replace(
            study,
            method=f"honest trends, {self._words}",
            estimate=None,
            std_error=None,
            statistic=None,
            df=None,
            p_value=None,
            set_low=ends[0],
            set_high=ends[1],
            conf_low=ends[2],
            conf_high=ends[3],
            conf_level=self.level,
            interval="bounds",
            notes=(*study.notes, self._said(breakdown)),
            assumptions=(_RESTRICTED[self.restriction].format(number(self._bound)), *_ASSUMPTIONS),
            diagnostics=FrozenMap(self._diagnostics(path, breakdown)),
            parts=(),
            cov=None,
            coefficient=None,
            law=None,
            spec=self,
        )

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        return self._study.estimand(panel)

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: what the event study does, and a window before that one's base."""
        untold = "bring earlier windows: without them nothing tells how alike trends were"
        own = windows_before(panel, 2 + self.anticipation, why=untold, last=True)
        return (*self._study.requirements(panel), own)

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the interval by the bound, with that under parallel trends and the breakdown value, on `ax`."""
        from iom_causal.base.axes_of_designs import by_bound  # noqa: PLC0415 matplotlib is slow to load

        shown = estimate.diagnostics
        path = PathEstimate(*(np.array(shown[name]) for name in ("path", "path_covariance", "weights")))
        farthest = FARTHEST * max(self._bound, shown["breakdown"] if np.isfinite(shown["breakdown"]) else 0.0)
        bounds = np.linspace(0.0, farthest or 1.0, SHOWN)
        rows = [[self._natural(v) for v in self._interval(path, float(bound))] for bound in bounds]
        half = float(ndtri((1 + self.level) / 2)) * path.std_error
        return by_bound(
            bounds.tolist(),
            rows,
            parallel=(self._natural(path.value - half), self._natural(path.value + half)),
            at=self._bound,
            breakdown=shown["breakdown"],
            nothing=1.0 if self._ratio else 0.0,
            across=f"bound: {self._across}",
            unit=f"{estimate.outcome}, {estimate.term}",
            ax=ax,
        )

    def wider(self, estimate: Estimate) -> float:
        """Return how many times as wide an estimate's interval is as that under parallel trends."""
        shown = estimate.diagnostics
        path = PathEstimate(*(np.array(shown[name]) for name in ("path", "path_covariance", "weights")))
        ends = np.array([estimate.conf_low, estimate.conf_high], dtype=np.float64)
        width = np.diff(np.log(ends) if self._ratio else ends)[0]
        return float(width / (2 * ndtri((1 + self.level) / 2) * path.std_error))

    @property
    def _study(self) -> EventStudy:
        """The event study whose path is taken, on one base."""
        return EventStudy(
            contrast=self.contrast,
            comparison=self.comparison,
            anticipation=self.anticipation,
            aggregate="event",
            bands="pointwise",
            cluster=self.cluster,
            level=self.level,
        )

    @property
    def _ratio(self) -> bool:
        return self.contrast == "ratio"

    @property
    def _bound(self) -> float:
        return 1.0 if self.bound is None else float(self.bound)

    @property
    def _across(self) -> str:
        if self.restriction == "relative":
            return "largest step after over the largest before"
        return f"largest change of slope a window, of {'logs of ratios' if self._ratio else 'amounts'}"

    @property
    def _words(self) -> str:
        if self.restriction == "relative":
            return f"steps after up to {number(self._bound)} times the largest before"
        return f"slopes that change by up to {number(self._bound)} a window"

    def _natural(self, value: float) -> float:
        return float(np.exp(value)) if self._ratio else float(value)

    def _path(self, path: EventPath, name: str) -> PathEstimate:
        """Return the path as normal coefficients in order of time, without the base, or refuse."""
        times = np.sort(np.append(path.times, path.reference))
        if not (path.times < path.reference).any() or (np.diff(times) != 1).any():
            raise NotIdentifiedError(
                "IOM-E068",
                f"{name}: HonestTrends: expected effects in every window around the base, and one before it at least; "
                "put windows together, or bring earlier ones",
            )
        after = path.times[path.times > path.reference]
        managed = after >= 0
        weights = managed / managed.sum() if self.target == "average" else (after == 0).astype(np.float64)
        tail = (1 - self.level) / 2
        wider = 1.0 if np.isinf(path.df) else float(t_isf(tail, path.df)) / -float(ndtri(tail))
        cov = path.cov * wider**2
        if not (np.isfinite(cov).all() and np.linalg.eigvalsh(cov).min() > 0):
            raise DegenerateDataError(
                "IOM-E065",
                f"{name}: HonestTrends: the effects of the path have no joint covariance: there are more of them than "
                "people or clusters can tell apart; put windows together",
            )
        return PathEstimate(path.values, cov, weights)

    def _interval(self, path: PathEstimate, bound: float) -> HonestInterval:
        if self.restriction == "relative":
            return relative_interval(path, bound, self.level)
        return smoothness_interval(path, bound, self.level, affine_family(path))

    def _breakdown(self, path: PathEstimate) -> float:
        return (breakdown_relative if self.restriction == "relative" else breakdown_smoothness)(path, self.level)

    def _said(self, breakdown: float) -> str:
        if breakdown == 0:
            kind = "parallel trends after" if self.restriction == "relative" else "linear trends"
            return f"the interval contains {self._nothing} even under {kind}"
        kind = "times the largest step before" if self.restriction == "relative" else "of change of slope a window"
        return f"the interval contains {self._nothing} from a bound of {number(breakdown)} {kind} on"

    @property
    def _nothing(self) -> str:
        return f"{1 if self._ratio else 0} (no effect)"

    def _diagnostics(self, path: PathEstimate, breakdown: float) -> dict[str, Any]:
        before = np.append(path.coefficients[: path.before], 0.0)
        figures: dict[str, Any] = {
            "breakdown": breakdown,
            "parallel": self._natural(path.value),
            "largest_step_before": float(np.abs(np.diff(before)).max()),
        }
        if path.before > 1:
            figures["largest_bend_before"] = float(np.abs(np.diff(before, 2)).max())
        return figures | {
            "path": tuple(path.coefficients.tolist()),
            "path_covariance": tuple(tuple(row) for row in path.covariance.tolist()),
            "weights": tuple(path.target.tolist()),
        }
