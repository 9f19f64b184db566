"""Regression discontinuity: the outcome after at a cut on a risk score, of those just above against just below."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import number, p_text
from iom_causal.base.specs import FrozenMap, check_choice, check_level, check_types, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.cut_requirements import (
    decided_by_cut,
    running_variable,
    stated_curvature,
    stated_cut,
    values_beside_cut,
)
from iom_causal.estimators.shared.requirements import (
    Requirement,
    both_groups,
    from_start,
    one_start,
    require,
    windows_before,
)
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import exposure_words
from iom_causal.inputs.weighting import one_row_each
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.discontinuity import (
    KERNELS,
    Jump,
    People,
    Side,
    binned,
    cells_of,
    jump_at,
    kernel_weights,
    local_line,
    misspecification_interval,
    narrowest,
    smoothness_rule,
)
from iom_causal.numerics.comparison.heaping import heaping_at_cut
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

CONTRASTS = ("ratio", "difference")
BOUNDS = ("curvature", "misspecification")
SHOWN = 10
"""The fewest people whose mean is drawn as one dot."""
DOUBTFUL = 0.05
"""Below this p-value a check is said to speak against the design."""

_ASSUMPTIONS = (
    "people are independent of one another",
    "without the programme, the expected outcome after would have passed smoothly through the cut",
    "nobody was moved over the cut, or nearly so, because of what was expected of them",
    "nothing but the programme begins at the cut",
    "the estimate is of people at the cut, and not of all who are managed",
)
_ALIKE = "people of one score do not differ, so there is no standard error"


class _Data(NamedTuple):
    """People below and above the cut, with their outcomes after and before (in days as long as the mean)."""

    after: tuple[People, People]
    before: tuple[People, People]
    pairs: paired.PairedOutcomes


class _Fit(NamedTuple):
    jump: Jump
    sides: tuple[Side, Side]
    bandwidth: float
    bound: float | None
    used: int


@dataclass(frozen=True)
class Discontinuity:
    """Regression discontinuity: the outcome after at a cut on a score, of those just above against just below.

    Right where people were managed if and only if their score was at or above the cut, and the expected outcome would
    have passed smoothly through it. It is the programme's effect on people at the cut, not on all who are managed.
    Regression to the mean passes smoothly through the cut as well, and does not bias it. Level 4 of 5 on the Maryland
    Scientific Methods Scale.

    A line is fitted on either side within a bandwidth. A score of few values leaves a gap below the cut that no
    bandwidth closes; the interval is honest about it (Kolesar & Rothe 2018): it adds the greatest bias that a mean
    with a bounded second derivative allows, or (``bound="misspecification"``) what the lines miss elsewhere.

    Parameters
    ----------
    running : str
        The covariate that decided: managed at or above the cut.
    cutoff : float
        The lowest value with which people are managed.
    contrast : {"ratio", "difference"}
        Of counts or amounts, the ratio of expected outcomes at the cut; of any outcome, their difference.
    curvature : float, optional
        Bound of the second derivative: by how much the slope of the mean outcome may change from one point of the
        score to the next. By default a rule of thumb, of a quartic on either side, and a note says so; it is wide.
    bandwidth : float, optional
        How far from the cut people count, in points. By default that of the narrowest interval.
    kernel : {"triangular", "uniform"}
        Whether people count less the farther away they are.
    bound : {"curvature", "misspecification"}
        What the interval allows for; misspecification has a uniform kernel, a bandwidth of one's own and a difference.
    level : float
        Confidence level.

    Notes
    -----
    The interval covers at least as often as its level says, where means bend no more than the bound: in simulated
    studies of 600 people, 95% intervals hold the truth in 94 to 96% where they bend as much as that, in 97 to 98% where
    they are straight, and by the rule of thumb in 99.5% (that interval is four times as wide). The standard error is
    of one outcome's variance at each value (nearest neighbours where few have it). For a ratio both limits enter by the
    delta method. Checks: the exact test of heaping at the cut (Frandsen 2017), between values as curved as those of a
    normal distribution with the score's mean and SD; and the same jump of the outcome before, where no programme was.

    People managed below the cut, or not managed above it, are refused: the jump would be of being eligible.

    References
    ----------
    Kolesar & Rothe (2018), American Economic Review 108, 2277-2304; Armstrong & Kolesar (2020), Quantitative Economics
    11, 1-39; Frandsen (2017), Advances in Econometrics 38, 281-315.

    Examples
    --------
    >>> score = np.arange(200) % 20
    >>> rng = np.random.default_rng(1)
    >>> rate = np.exp(0.5 + 0.05 * score)
    >>> pairs = np.stack([rng.poisson(rate), rng.poisson(rate * np.where(score >= 11, 0.6, 1.0))], axis=-1)
    >>> start = np.ma.MaskedArray(np.ones(200, dtype=int), mask=score < 11)
    >>> panel = Panel.from_arrays(pairs, start=start, name="arrests", covariates={"score": score})
    >>> e = Discontinuity(running="score", cutoff=11, curvature=0.02)(panel)
    >>> round(e.estimate, 2), e.estimand
    (0.49, 'late_cutoff')
    """

    running: str = ""
    cutoff: float | None = None
    contrast: str = CONTRASTS[0]
    curvature: float | None = None
    bandwidth: float | None = None
    kernel: str = KERNELS[0]
    bound: str = BOUNDS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Kolesar & Rothe (2018), American Economic Review 108, 2277-2304; "
        "Frandsen (2017), Advances in Econometrics 38, 281-315"
    )
    identification: ClassVar[str] = (
        "without the programme, the expected outcome after would have passed smoothly through the cut, and nobody was "
        "moved over it"
    )
    maryland: ClassVar[int] = 4
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_choice(self.kernel, KERNELS, "kernel")
        check_choice(self.bound, BOUNDS, "bound")
        check_level(self.level)
        for name in ("curvature", "bandwidth"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise SpecError("IOM-E092", f"Discontinuity: expected a {name} above 0, got {value}")
        if self._misfit and (self._ratio or self.bandwidth is None or self.curvature is not None):
            raise SpecError(
                "IOM-E092",
                'Discontinuity: bound="misspecification" takes contrast="difference", a bandwidth and no curvature',
            )

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel on both sides of the cut.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 without people on both sides, without the covariate or a cut, where the cut does not decide who is
            managed, or where fewer than two values of the score lie on a side within the bandwidth.
        InputError
            IOM-E066 for the ratio of a score; IOM-E034 where the running variable is missing; IOM-E076 for weights that
            are not whole.
        DegenerateDataError
            IOM-E064 where a limit of counts is not above 0; IOM-E065 where nobody differs.
        """
        del rng
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        if self._ratio and panel.kind == "score":
            raise InputError(
                "IOM-E066", f'{panel.name}: a score has no ratio; write Discontinuity(contrast="difference")'
            )
        data = self._data(one_row_each(panel, type(self).__name__))
        fit = self._fit(data.after, panel.name)
        return self._estimate(panel, data, fit)

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates: that of people at the cut."""
        del panel
        return "late_cutoff"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: both sides of a stated cut on a covariate, which decides who is managed."""
        running = running_variable(panel, self.running)
        ready = all(r.met for r in running)
        return (
            *both_groups(panel),
            one_start(panel),
            windows_before(panel),
            *running,
            stated_cut(self.cutoff),
            stated_curvature(stated=self.curvature is not None or self._misfit),
            *((decided_by_cut(panel, self.running, self.cutoff),) if ready and self.cutoff is not None else ()),
        )

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw means by value of the score, of ten people or more each, with the lines on either side of the cut."""
        from iom_causal.base.axes_of_designs import sides_of_cut  # noqa: PLC0415 matplotlib is slow to load

        table = estimate.diagnostics
        return sides_of_cut(
            [table[f"means_{side}"] for side in ("below", "above")],
            [table[f"line_{side}"] for side in ("below", "above")],
            cut=table["cutoff"],
            what=table["running"],
            unit=f"{estimate.outcome} after, mean of a person",
            ax=ax,
        )

    @property
    def _ratio(self) -> bool:
        return self.contrast == CONTRASTS[0]

    @property
    def _misfit(self) -> bool:
        return self.bound == BOUNDS[1]

    def _data(self, panel: Panel) -> _Data:
        require(panel.name, type(self).__name__, self.requirements(panel))
        pairs = paired.replicated(from_start(panel), uses_exposure=True, comparison=True)
        x = np.asarray(panel.covariates[self.running], dtype=np.float64) - float(self.cutoff or 0)
        filled, own = pairs.filled(), pairs.own_days
        there = filled.weight[0] > 0
        if np.isnan(x[there]).any():
            raise InputError("IOM-E034", f"running: {self.running!r} is missing for some people; leave them out")
        sides = []
        for values, t in ((filled.after[0], 1), (filled.before[0], 0)):
            days = None if own is None else own[0, :, t]
            at_risk = there if days is None else there & (days > 0)
            y = values[at_risk].astype(np.float64)
            if days is not None:  # events in as many days as people have on average
                y = y * days[at_risk].mean() / days[at_risk]
            where = x[at_risk]
            sides.append((People(where[where < 0], y[where < 0]), People(where[where >= 0], y[where >= 0])))
        return _Data(sides[0], sides[1], pairs)

    def _fit(self, people: tuple[People, People], name: str) -> _Fit:
        self._require_values(people, name, np.inf)
        cells = [cells_of(*side) for side in people]
        if not any(side.variance.any() for side in cells):
            raise DegenerateDataError("IOM-E065", f"{name}: {_ALIKE}")
        bound = None if self._misfit else self._bound(people)
        width = self.bandwidth or narrowest(cells[0], cells[1], bound or 0.0, self.level, self.kernel)
        self._require_values(people, name, width)
        kernel = KERNELS[1] if self._misfit else self.kernel
        lines = [local_line(side, width, kernel) for side in cells]
        if sum(line.variance for line in lines) <= 0:
            raise DegenerateDataError("IOM-E065", f"{name}: {_ALIKE}")
        if self._ratio and min(line.limit for line in lines) <= 0:
            raise DegenerateDataError(
                "IOM-E064",
                f"{name}: on one side the line has no events left at the cut, so there is no ratio; "
                'Discontinuity(contrast="difference") has a difference',
            )
        used = sum(int((kernel_weights(np.abs(p.x), width, kernel) > 0).sum()) for p in people)
        below, above = lines
        if self._misfit:
            inside = [People(p.x[np.abs(p.x) <= width], p.y[np.abs(p.x) <= width]) for p in people]
            near = [cells_of(*p) for p in inside]
            jump = misspecification_interval(near[0], near[1], (inside[0], inside[1]), self.level)
        else:
            jump = jump_at(below, above, bound or 0.0, self.level, ratio=self._ratio)
        return _Fit(jump, (below, above), width, bound, used)

    def _bound(self, people: tuple[People, People]) -> float:
        if self.curvature is not None:
            return self.curvature
        return max(smoothness_rule(*side) for side in people)

    def _require_values(self, people: tuple[People, People], name: str, width: float) -> None:
        kernel = KERNELS[1] if self._misfit or np.isinf(width) else self.kernel
        rule = self.curvature is None and not self._misfit and np.isinf(width)
        for side, p in zip(("below", "at or above"), people, strict=True):
            values = np.unique(p.x[kernel_weights(np.abs(p.x), width, kernel) > 0])
            where = f"values of {self.running} {side} the cut{'' if np.isinf(width) else ' within the bandwidth'}"
            require(name, type(self).__name__, values_beside_cut(len(values), where, rule=rule))

    def _estimate(self, panel: Panel, data: _Data, fit: _Fit) -> Estimate:
        ratio, jump, sample = self._ratio, fit.jump, data.pairs.sample
        natural: Any = np.exp if ratio else float
        before = self._before(data, fit)
        heaped = heaping_at_cut(np.concatenate([side.x for side in data.after]))
        what = "ratio at the cut" if ratio else "difference at the cut"
        allowed = "bounded misspecification" if self._misfit else "bounded second derivative"
        return Estimate(
            outcome=sample.outcome,
            method=f"regression discontinuity, local linear, {what}, {allowed}",
            estimand=self.estimand(panel),
            term="managed / comparison" if ratio else "managed - comparison",
            scale="ratio" if ratio else "difference",
            std_error_scale="log" if ratio else "identity",
            estimate=float(natural(jump.value)),
            std_error=jump.std_error,
            statistic=jump.value / jump.std_error,
            p_value=None if np.isnan(jump.p_value) else jump.p_value,
            conf_low=float(natural(jump.low)),
            conf_high=float(natural(jump.high)),
            conf_level=self.level,
            n_input=sample.n_input,
            n_used=fit.used,
            exposure=exposure_words(data.pairs.exposure),
            notes=sample.notes + self._said(fit, heaped, before),
            assumptions=_ASSUMPTIONS,
            diagnostics=FrozenMap(self._figures(data, fit, heaped, before)),
            spec=self,
            pinned=sample.pinned(),
        )

    def _before(self, data: _Data, fit: _Fit) -> Jump | None:
        """Return the jump of the outcome before with the same bandwidth, under its own bound; None without one."""
        if self._misfit:
            return None
        bound = max(smoothness_rule(*side) for side in data.before) if self.curvature is None else self.curvature
        below, above = (local_line(cells_of(*side), fit.bandwidth, self.kernel) for side in data.before)
        if below.variance + above.variance <= 0 or (self._ratio and min(below.limit, above.limit) <= 0):
            return None
        return jump_at(below, above, bound, self.level, ratio=self._ratio)

    def _said(self, fit: _Fit, heaped: float, before: Jump | None) -> tuple[str, ...]:
        near = f"people within {number(fit.bandwidth, 3)} of the cut"
        notes = [near if self.bandwidth else f"{near}, the narrowest interval", *self._of_bound(fit)]
        if heaped < DOUBTFUL:
            many = "there are more or fewer people at the cut than next to it"
            notes.append(f"{many} ({p_text(heaped)}): were some moved over it?")
        if before is not None and not before.low <= 0 <= before.high:
            notes.append("the outcome before jumps at the cut as well, where no programme was: the design is in doubt")
        return tuple(notes)

    def _of_bound(self, fit: _Fit) -> tuple[str, ...]:
        share = fit.jump.bias / fit.jump.std_error
        bias = f"the interval allows for a bias of up to {number(share, 2)} standard errors"
        if self._misfit:
            return (f"{bias}, by how far the lines miss means elsewhere",)
        stated = self.curvature is not None
        said = "as stated" if stated else "by a rule of thumb, which is an estimate itself"
        bounded = f"{bias}, with a second derivative of at most {number(fit.bound or 0.0, 3)} {said}"
        wanted = stated_curvature(stated=stated)
        return (bounded,) if stated else (bounded, f"{wanted.advice} ({wanted.in_code})")

    def _figures(self, data: _Data, fit: _Fit, heaped: float, before: Jump | None) -> dict[str, Any]:
        natural: Any = np.exp if self._ratio else float
        cut = float(self.cutoff or 0)
        found: dict[str, Any] = {
            "running": self.running,
            "cutoff": cut,
            "bandwidth": fit.bandwidth,
            "curvature": fit.bound,
            "greatest_bias": fit.jump.bias,
            "heaping_p": heaped,
            "before_jump": None if before is None else float(natural(before.value)),
            "before_low": None if before is None else float(natural(before.low)),
            "before_high": None if before is None else float(natural(before.high)),
        }
        for name, people, side in zip(("below", "above"), data.after, fit.sides, strict=True):
            bins = binned(cells_of(*people), SHOWN)
            found[f"means_{name}"] = tuple((cut + x, mean, error) for x, mean, error in bins)
            far = min(fit.bandwidth, float(np.abs(people.x).max())) * (-1 if name == "below" else 1)
            found[f"line_{name}"] = ((cut, side.limit), (cut + far, side.limit + side.slope * far))
        return found
