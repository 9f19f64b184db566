"""Methods for regression to the mean of a score selected above a cut: at the cut, and for normal scores."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.regression.method import Floats, Method, threshold_of
from iom_causal.confounds.regression.readings import average_over_timing
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.selected import lateness, rule_of
from iom_causal.inputs.weighting import once, weights
from iom_causal.moments import Moments
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.numerics.selection.normal import truncated_normal
from iom_causal.numerics.selection.score_at_cut import change_at_cut, edge_density
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism

_STEP = 1e-4


@dataclass(frozen=True, kw_only=True)
class AtCut(Method):
    """Das and Mulder's regression at the cut: any distribution of true scores, a normal error and a hard cut.

    The mean comes down by ``sem^2`` times the density of the selected people's own scores at the cut. The density is
    read from their scores, or stated as `edge_density` where only moments are reported; moments do not hold it.

    Parameters
    ----------
    sem : belief
        Standard error of measurement of one score, before rounding to the grid; from 0.
    edge_density : belief, optional
        Density at the cut, per point; above 0.
    late : belief, optional
        Share of the selection that read the later score, 0 to 1; by default what the timing says.
    grid : float
        The step to which scores are rounded; 0 when they are not.
    bin_width : float, optional
        Width of the two bins from which the density is read, where there is no grid.

    References
    ----------
    Das & Mulder (1983), Statistica Neerlandica 37, 15-20.

    Examples
    --------
    >>> AtCut(sem=30.0, grid=20.0).name
    'at_cut'
    """

    sem: Belief
    edge_density: Belief | None = None
    late: Belief | None = None
    grid: float = 0.0
    bin_width: float | None = None

    name: ClassVar[str] = "at_cut"
    confound: ClassVar[str] = "ScoreRegression"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_steps(self.grid, self.bin_width)

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the change in points."""

        def ahead(cut: float, read: int) -> Floats:
            if "edge_density" in theta:
                return change_at_cut(theta["edge_density"], theta["sem"], self.grid)
            if isinstance(data, Moments):
                raise InputError(
                    "IOM-E048",
                    f"{data.name}: moments do not hold the density at the cut; state edge_density, as a range where "
                    "it is not known",
                )
            density = _density(_scored(data, read), cut, self.bin_width or self.grid)
            return change_at_cut(density, theta["sem"], self.grid)

        return _by_timing(data, selection, theta, self.late, ahead)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the error of a score in points, drawn anew in every window."""
        del windows
        return Mechanism(score_error=float(theta["sem"])) if "sem" in theta else Mechanism()

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data
        return f"one score has a standard error of measurement of {setting(self, 'sem', theta, 0)} points"


@dataclass(frozen=True, kw_only=True)
class NormalScores(Method):
    """Truncated normal scores: the mean of the source population, to which scores come back by ``1 - reliability``.

    The population is solved from the selected people's mean and SD. Its conditions are checked first: a normal
    distribution cut from below has an SD below its mean excess over the cut, and many reported tables do not. Then it
    is refused.

    Parameters
    ----------
    reliability : belief
        Correlation of two scores in the source population, nothing happening between; 0 to 1.
    late : belief, optional
        Share of the selection that read the later score, 0 to 1; by default what the timing says.

    References
    ----------
    Gardner & Heady (1973), J. Chronic Dis. 26, 781-795; Davis (1976), Am. J. Epidemiol. 104, 493-498.

    Examples
    --------
    >>> NormalScores(reliability=0.8).name
    'normal'
    """

    reliability: Belief
    late: Belief | None = None

    name: ClassVar[str] = "normal"
    confound: ClassVar[str] = "ScoreRegression"

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the change in points."""

        def ahead(cut: float, read: int) -> Floats:
            mean, sd = _mean_and_sd(data, read)
            return _back_to_normal(mean, sd, cut, np.asarray(theta["reliability"]))

        return _by_timing(data, selection, theta, self.late, ahead)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data
        return f"scores are normal with a reliability of {setting(self, 'reliability', theta)}"


def check_steps(grid: float, bin_width: float | None) -> None:
    """Refuse a grid or a width of bins that is none.

    Raises
    ------
    SpecError
        IOM-E092.
    """
    if grid < 0 or (bin_width is not None and bin_width <= 0):
        raise SpecError("IOM-E092", "ScoreRegression: expected a grid from 0 and a bin width above 0")


def _by_timing(
    data: Panel | Moments,
    selection: Selection | None,
    theta: Theta,
    stated: Belief | None,
    ahead: Callable[[float, int], Floats],
) -> Floats:
    rule = rule_of(selection, data)
    cut = threshold_of(rule)
    late = theta["late"] if "late" in theta else lateness(rule, stated)
    return average_over_timing(late, lambda: ahead(cut, 0), lambda: ahead(cut, 1))


class _Scored(NamedTuple):
    """Scores of the selected sample in the window that the rule read: (n,) or (D, n), with weights."""

    scores: NDArray[np.float64]
    weight: NDArray[np.float64]


def _scored(panel: Panel, read: int) -> _Scored:
    two = panel.managed.prepost()
    outcome = once(two.outcome, 2)
    known = ~np.isnan(outcome).any(-1) if read else ~np.isnan(outcome[..., 0])
    return _Scored(np.where(known, outcome[..., read], np.nan), weights(two) * known)


def _density(people: _Scored, cut: float, step: float) -> Floats:
    if step <= 0:
        raise InputError("IOM-E048", "scores without a grid need bin_width, from which the density is read")
    if people.scores.ndim == 1:
        return edge_density(people.scores, cut, step, people.weight).density
    replicates = np.broadcast_to(people.weight, people.scores.shape)
    return np.array([edge_density(x, cut, step, w).density for x, w in zip(people.scores, replicates, strict=True)])


def _mean_and_sd(data: Panel | Moments, read: int) -> tuple[Floats, Floats]:
    if isinstance(data, Moments):
        names = ("mean_post", "sd_post") if read else ("mean_pre", "sd_pre")
        if not read and None not in (data.mean_pre_input, data.sd_pre_input):
            names = ("mean_pre_input", "sd_pre_input")
        reported = data.require(*names, purpose="regression of a score")
        return np.asarray(reported[0]), np.asarray(reported[1])
    people = _scored(data, read)
    x, n = np.nan_to_num(people.scores), people.weight.sum(-1)
    mean = weighted_sum(people.weight, x) / n
    variance = weighted_sum(people.weight, x * x) / n - mean**2
    return np.asarray(mean), np.sqrt(variance * n / (n - 1))


def _back_to_normal(mean: Floats, sd: Floats, cut: float, reliability: Floats) -> Floats:
    """Return the way back to the mean of the normal population; replicates by the first order of their moments."""
    at = float(np.mean(mean)), float(np.mean(sd))
    population = truncated_normal(*at, cut)[0]
    moved: NDArray[np.float64] = np.zeros(())
    for value, centre, ends in (
        (mean, at[0], [(at[0] + s * _STEP, at[1]) for s in (1, -1)]),
        (sd, at[1], [(at[0], at[1] + s * _STEP) for s in (1, -1)]),
    ):
        slope = (truncated_normal(*ends[0], cut)[0] - truncated_normal(*ends[1], cut)[0]) / (2 * _STEP)
        moved = moved + slope * (value - centre)
    return np.asarray((1 - reliability) * (population + moved - mean))
