"""Sample size of a design: by formula or a pilot, checked by simulation, infinite where bias exceeds the target."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from scipy import special

from iom_causal.base.formats import listed, number, percent
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import get_path
from iom_causal.base.specs import got
from iom_causal.designs.answers import DiagnosedAnswer
from iom_causal.designs.design import Design
from iom_causal.designs.diagnose import diagnose
from iom_causal.designs.diagnosis import Diagnosis
from iom_causal.designs.drawing import one_world, panel_of
from iom_causal.designs.figures import Figure
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.inputs import pairs
from iom_causal.numerics.inference.power import paired_sample_size, ratio_sample_size

if TYPE_CHECKING:
    import pandas as pd

SIMS = 2_000
FARTHEST = 10_000_000
"""People beyond whom no size is looked for."""
_LARGE = 20_000  # people from whom a formula's moments are taken: their ratio is off by less than 2%
_ROUNDS = 6
_LARGER = (8, 64)  # times the design's size, at which bias is looked at again before it is held against every size
_FEWEST, _PEOPLE = 200, 5_000_000  # replicates of a check, and people in all of them: large sizes get fewer
_ERRORS = 2.0  # simulation errors within which a target counts as met
_NULL = 2.0  # times alpha: how often bias alone may be called an effect


class Checked(NamedTuple):
    """One size at which a design was simulated.

    Attributes
    ----------
    n : int
        Size.
    value, mcse : float
        The figure that has a target, and its Monte Carlo error.
    """

    n: int
    value: float
    mcse: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SampleSize(Result):
    """Size at which one answer of a design meets a target.

    Parameters
    ----------
    answer : str
        Which answer.
    measure : {"power", "rmse", "width"}
        What has a target.
    target : float
        The target: at least so much power, at most so much error or width.
    n : int or float
        The size; infinite where none meets the target.
    first : int or None
        What the formula, or the pilot, gave before it was checked.
    by : str
        Where `first` is from.
    reason : str
        Why no size will do; empty where one does.
    checked : tuple of Checked
        The sizes that were simulated.
    bias : Figure
        The distance to the estimand at the design's own size, which no size takes away.

    Examples
    --------
    >>> import iom_causal as iom
    >>> sim = iom.simulate
    >>> model = sim.TwoWindowCounts(people=60, rate=1.5, cut=4.0, ratio=0.8)
    >>> design = iom.Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> size = iom.sample_size(design, power=0.8, sims=50)
    >>> size.n  # bias alone would be found
    inf
    """

    answer: str
    measure: str
    target: float
    n: float
    first: int | None
    by: str
    bias: Figure
    reason: str = ""
    checked: tuple[Checked, ...] = ()

    free_columns: ClassVar[tuple[str, ...]] = ("n",)

    def tidy(self) -> "pd.DataFrame":
        """Return a table with one row for each size that was simulated."""
        return table(
            [{"measure": self.measure, **c._asdict()} for c in self.checked], ("measure", "n", "value", "mcse")
        )

    def summary(self) -> str:
        """Return the size and what it rests on, in words."""
        wanted = f"{self.measure} of {self._text(self.target)}"
        if math.isinf(self.n):
            return f"{self.answer}: no size gives a {wanted}: {self.reason}"
        seen = next((c for c in self.checked if c.n == self.n), None)
        found = "" if seen is None else f"; simulated there: {self._text(seen.value)} ({self._text(seen.mcse)})"
        return f"{self.answer}: a {wanted} takes {self.n:,} (by {self.by}: {self.first:,}{found})"

    def plot(self, ax: Any = None) -> Any:
        """Draw the figure against the size."""
        from iom_causal.base import axes, axes_of_lines  # noqa: PLC0415 matplotlib is slow to load

        points = sorted(self.checked)
        values, errors = (np.array([getattr(p, name) for p in points]) for name in ("value", "mcse"))
        ax = axes_of_lines.curve(
            np.array([p.n for p in points]), values, low=values - 2 * errors, high=values + 2 * errors, ax=ax
        )
        axes.mark(ax, y=self.target, text="target")
        ax.set_xlabel("size")
        ax.set_ylabel(self.measure)
        return ax

    def __repr__(self) -> str:
        return f"SampleSize({self.answer!r}, {self.measure}, n={self.n:,})"

    def _text(self, value: float) -> str:
        return percent(value, 1) if self.measure == "power" else number(value, 3)


def sample_size(
    design: Design,
    *,
    power: float | None = None,
    rmse: float | None = None,
    width: float | None = None,
    path: str = "model.people",
    data: str = "",
    estimator: str = "",
    sims: int = SIMS,
    seed: int = 1,
    alpha: float = 0.05,
) -> SampleSize:
    """Find the size at which one answer of a design meets a target, and check it by simulation.

    Spread falls with size and bias does not: where the bias exceeds what the target allows, at the design's size and at
    8 and 64 times that (up to 20,000), no size will do, and the answer is infinity with the reason. Of a power that is
    so if bias alone would be called an effect in more than twice `alpha` of studies of a programme that does nothing,
    for then the test finds the bias. It is infinity too where spread does not fall with size. Begin at a size at which
    estimates are well behaved.

    Parameters
    ----------
    design : Design
        At any size that it can be simulated at.
    power, rmse, width : float
        The target, one of them: least power; most root mean squared error about the estimand, or mean width of the
        interval, on the scale of analysis (logs for ratios).
    path : str
        The dotted path of the size in the design.
    data, estimator : str
        The labels of the answer; by default the first.
    sims, seed : int
        Of the pilot and of every check; checks of large sizes have fewer replicates, at least 200.
    alpha : float
        Size of the test.

    Returns
    -------
    SampleSize

    Raises
    ------
    SpecError
        IOM-E092 unless there is one target within its bounds and the size changes how many people are seen; IOM-E093
        for a path or label that leads nowhere.
    DegenerateDataError
        IOM-E061 where the pilot gives no estimate.

    Notes
    -----
    For `RateRatio` and `PairedT` on one group the first size is that of the formula, with the moments of a large
    simulated cohort; for others the spread of a pilot, scaled by 1 / sqrt(n). It is then simulated, and scaled again
    until it meets the target within two simulation errors.

    Examples
    --------
    >>> import iom_causal as iom
    >>> from iom_causal import simulate as sim
    >>> careers = sim.Careers(people=60, rate=2.0, programme=sim.Programme(ratio=0.7))
    >>> design = Design(careers, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> sample_size(design, rmse=0.05, sims=200).n > 60
    True
    """
    measure, target = _target(power, rmse, width)
    size = get_path(design, path)
    if isinstance(size, bool) or not isinstance(size, int) or size < 2:
        raise SpecError("IOM-E092", f"sample_size {path}: expected a setting that is a whole number, got {got(size)}")

    _check_moves(design, path, size, seed)

    def at(n: int) -> DiagnosedAnswer:
        varied = next(iter(design.vary({path: [n]}).values()))
        fewer = min(sims, max(_FEWEST, _PEOPLE // n))
        found: Diagnosis = diagnose(varied, sims=fewer, seed=seed, alpha=alpha)
        return found.answer(data=data, estimator=estimator)

    tried: list[int] = []
    for pilot_size in (size, *(size * k for k in _LARGER if size * k <= _LARGE)):
        pilot = at(pilot_size)
        tried.append(pilot_size)
        spread, bias, centre = (pilot.figures[name] for name in ("emp_se", "distance", "mean_estimate"))
        if spread.value is None or bias.value is None or centre.value is None:
            raise DegenerateDataError("IOM-E061", f"sample_size: {pilot.label} gives no estimate at {pilot_size:,}")
        variance = spread.value**2 * pilot_size
        first, by = _first(design, pilot, measure, target, variance, path, alpha)
        reason = _no_size(pilot, measure, target, variance, first, alpha, tried)
        if not reason and first is not None:
            break
    known: dict[str, Any] = {"answer": pilot.label, "measure": measure, "target": target, "bias": bias}
    if reason or first is None:
        return SampleSize(n=math.inf, first=first, by=by, reason=reason or _TOO_FAR, **known)
    return _searched(at, first, by, known, alpha)


def _check_moves(design: Design, path: str, size: int, seed: int) -> None:
    """Refuse a size that does not change how many people are seen."""
    larger = size + 2  # one more may leave half of them, as a lottery takes, as many
    if _seen(design, seed) == _seen(next(iter(design.vary({path: [larger]}).values())), seed):
        raise SpecError(
            "IOM-E092",
            f"sample_size {path}: expected a size of the study, but as many people are seen with {larger} as with "
            f"{size}",
        )


def _seen(design: Design, seed: int) -> list[tuple[int, int]]:
    """Return how many people each data strategy sees in one world, and how many of them are managed."""
    world = one_world(design.model, seed, 0)
    panels = (panel_of(strategy, world, seed, 0) for strategy in design.data.values())
    return [(panel.n, int(panel.group.sum())) for panel in panels]


_TOO_FAR = f"none up to {FARTHEST:,} does"


def _searched(
    at: Callable[[int], DiagnosedAnswer], first: int, by: str, known: Mapping[str, Any], alpha: float
) -> SampleSize:
    """Simulate sizes until one meets the target, each scaled from the last; infinity where scaling leads nowhere."""
    measure, target = known["measure"], known["target"]
    checked: dict[int, Checked] = {}
    n, met = max(2, first), False
    for _ in range(_ROUNDS):
        checked[n] = _checked(at(n), measure, n)
        if met := _met(checked[n], measure, target):
            break
        better = _scaled(checked[n], measure, target, alpha)
        if better in checked or better > FARTHEST:
            break
        n = better
    reason = ""
    if met:
        for other in (max(2, n // 2), 2 * n):
            checked.setdefault(other, _checked(at(other), measure, other))
    else:
        last = checked[max(checked)]
        shown = f"{number(last.value, 3)} ({number(last.mcse, 2)})"
        reason = f"its spread does not fall as the root of the size; at {last.n:,} its {measure} is {shown}"
    points = tuple(checked[k] for k in sorted(checked))
    return SampleSize(n=n if met else math.inf, first=first, by=by, checked=points, reason=reason, **known)


def _target(power: float | None, rmse: float | None, width: float | None) -> tuple[str, float]:
    given = {k: v for k, v in (("power", power), ("rmse", rmse), ("width", width)) if v is not None}
    if len(given) != 1:
        raise SpecError("IOM-E092", "sample_size: expected one of power=, rmse= and width=")
    ((measure, target),) = given.items()
    bound = 1.0 if measure == "power" else math.inf
    if isinstance(target, bool) or not isinstance(target, (int, float)) or not 0 < target < bound:
        raise SpecError("IOM-E092", f"sample_size {measure}: expected a number above 0 and below {bound:g}")
    return measure, float(target)


def _first(
    design: Design, pilot: DiagnosedAnswer, measure: str, target: float, variance: float, path: str, alpha: float
) -> tuple[int | None, str]:
    """Return the first size and where it is from; None where it is too far."""
    z = -float(special.ndtri(alpha / 2))
    effect = abs(pilot.figures["mean_estimate"].value or 0.0)
    if measure == "power":
        n = (z + float(special.ndtri(target))) ** 2 * variance / effect**2 if effect else math.inf
        formula = _by_formula(design, pilot, target, path, alpha) if n <= FARTHEST else None
        if formula is not None:
            return formula, "the formula"
    elif measure == "rmse":
        left = target**2 - (pilot.figures["distance"].value or 0.0) ** 2
        n = variance / left if left > 0 else math.inf
    else:
        wide = -float(special.ndtri((1 - pilot.kind.level) / 2))
        n = (2 * wide) ** 2 * variance / target**2
    return (max(2, math.ceil(n)), "scaling a pilot") if n <= FARTHEST else (None, "scaling a pilot")


def _by_formula(design: Design, pilot: DiagnosedAnswer, power: float, path: str, alpha: float) -> int | None:
    """Return the size by the formula of an estimator that has one, with the moments of a large cohort."""
    estimator = design.estimators[pilot.estimator]
    if not isinstance(estimator, (RateRatio, PairedT)) or not pilot.score.read_as:
        return None
    large = next(iter(design.vary({path: [_LARGE]}).values())).draw(0)
    m = pairs.replicated(large.panels[pilot.data]).moments
    before, after, r = float(m.mean_pre[0]), float(m.mean_post[0]), float(m.r[0])
    change = float(m.mean_change[0] / m.sd_change[0])
    if isinstance(estimator, PairedT):
        return paired_sample_size(change, power=power, alpha=alpha) if change else None
    ratio = math.exp(pilot.figures["mean_estimate"].value or 0.0)
    cvs = {"cv_pre": float(m.sd_pre[0]) / before, "cv_post": float(m.sd_post[0]) / after}
    return ratio_sample_size(ratio, r=r, power=power, alpha=alpha, **cvs)


def _no_size(
    pilot: DiagnosedAnswer,
    measure: str,
    target: float,
    variance: float,
    n: int | None,
    alpha: float,
    tried: Sequence[int],
) -> str:
    """Return why no size will do, where bias exceeds what the target allows by more than simulation error."""
    bias = pilot.figures["distance"]
    value, error = bias.value or 0.0, bias.mcse or 0.0
    sure = max(abs(value) - _ERRORS * error, 0.0)
    where = listed(f"{size:,}" for size in tried)
    said = (
        f"simulated at {where}, its mean estimate stays away from {pilot.target}, at the last by {number(value, 3)} "
        f"({number(error, 2)})"
    )
    if measure == "rmse":
        return said if sure >= target else ""
    if measure == "width":
        return said + ", and the interval would leave the truth out" if sure >= target / 2 else ""
    centre = pilot.figures["mean_estimate"]
    if abs(centre.value or 0.0) <= _ERRORS * (centre.mcse or 0.0):
        found = f"{number(centre.value or 0.0, 2)} ({number(centre.mcse or 0.0, 2)})"
        return f"its mean estimate, {found}, cannot be told from no effect, so that there is nothing to find"
    if n is None:
        return ""
    z, apart = float(special.ndtri(alpha / 2)), sure / math.sqrt(variance / n)
    share = float(special.ndtr(z - apart) + special.ndtr(z + apart))
    if share <= _NULL * alpha:
        return ""
    return (
        f"{said}; with {n:,}, bias alone would be called an effect in {percent(share)} of studies of a programme that "
        "does nothing, and in more of them the larger they are"
    )


def _checked(answer: DiagnosedAnswer, measure: str, n: int) -> Checked:
    figure = answer.figures[measure]
    if figure.value is None:
        raise DegenerateDataError("IOM-E061", f"sample_size: at a size of {n:,} {figure.reason}")
    return Checked(n, figure.value, figure.mcse or 0.0)


def _met(found: Checked, measure: str, target: float) -> bool:
    return abs(found.value - target) <= _ERRORS * found.mcse + 0.01 * target * (measure != "power")


def _scaled(found: Checked, measure: str, target: float, alpha: float) -> int:
    """Return the size at which the figure would meet the target if spread went as 1 / sqrt(n)."""
    if measure != "power":
        return max(2, math.ceil(found.n * (found.value / target) ** 2))
    z = -float(special.ndtri(alpha / 2))
    shown = z + float(special.ndtri(min(max(found.value, 1e-4), 1 - 1e-4)))
    wanted = z + float(special.ndtri(target))
    return max(2, math.ceil(found.n * (wanted / shown) ** 2)) if shown > 0 else 2 * found.n
