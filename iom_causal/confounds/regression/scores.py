"""Regression to the mean of a score: people picked above a cut come down by themselves."""

from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief, Range
from iom_causal.beliefs.theta import AT_LEAST_ZERO, POSITIVE, SHARE, Theta, belief_fields, check_beliefs
from iom_causal.confounds.phrases import allowance, setting
from iom_causal.confounds.units import OWN, as_line
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.selected import lateness, rule_of, spread, timed
from iom_causal.inputs.weighting import once, weighted_sum, weights
from iom_causal.moments import Moments
from iom_causal.numerics.selection.normal import truncated_normal
from iom_causal.numerics.selection.score_at_cut import change_at_cut, edge_density
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism

_STEP = 1e-4

METHODS = {"at_cut": ("sem", "edge_density", "late"), "normal": ("reliability", "late")}
"""The beliefs that each method can use."""


class Scored(NamedTuple):
    """Scores of everybody in the window that the rule read: (n,) or (D, n), with weights."""

    first: NDArray[np.float64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScoreRegression(Confound):
    """The change in a mean score, in points, that picking people above a cut on it brings about by itself.

    What is estimated is ``E[X2(0) - X1 | X1 >= cut]`` when conduct stays the same and only measurement error
    is drawn anew. Two ways:

    ``at_cut`` (Das & Mulder 1983): for any law of true scores, a normal error independent of them and a hard
    cut, the mean comes down by ``sem^2`` times the density of the picked people's own scores at the cut. The
    density is read from their scores, or stated as `edge_density` where only moments are printed; moments do not
    hold it.

    ``normal``: scores are jointly normal in the population, which is found from the picked people's mean and SD;
    they come back to its mean by ``1 - reliability``. Its conditions are checked first: a normal law cut from
    below has an SD below its mean excess over the cut, and many printed tables do not. Then it is refused.

    What stays unidentified: the standard error of measurement, when nobody has studied it; a cut that was not
    hard; and drift of true scores, which regresses as error does but stays in neither formula.

    Parameters
    ----------
    method : {"at_cut", "normal"}
        See above.
    selection : Selection, optional
        The rule, ``at_least`` with its threshold; else the panel's own.
    sem : belief, optional
        Standard error of measurement of one score, before rounding to the grid; from 0. Needed by ``at_cut``.
    edge_density : belief, optional
        Density at the cut, per point; above 0.
    reliability : belief, optional
        Correlation of two scores in the whole population, nothing happening between; 0 to 1. Needed by ``normal``.
    late : belief, optional
        Share of the picking that read the later score, 0 to 1; by default what the timing says. With unknown timing
        a range from 0 to 1, so that the result is bounds.
    grid : float
        The step to which scores are rounded; 0 when they are not.
    bin_width : float, optional
        Width of the two bins from which the density is read, where there is no grid.

    Raises
    ------
    SpecError
        IOM-E092 for a belief outside its bounds or not used by the method, IOM-E096 when one is lacking.

    References
    ----------
    Das & Mulder (1983), Statistica Neerlandica 37, 15-20; Gardner & Heady (1973), J. Chronic Dis. 26, 781-795;
    Davis (1976), Am. J. Epidemiol. 104, 493-498.

    Examples
    --------
    >>> rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=220)
    >>> scores = [[220, 180], [220, 240], [240, 200], [300, 280]]
    >>> panel = Panel.from_arrays(scores, kind="score", name="risk", selection=rule)
    >>> round(float(ScoreRegression(sem=30.0, grid=20.0).shift(panel, {"sem": 30.0})), 2)
    -29.17
    """

    method: str = "at_cut"
    selection: Selection | None = None
    sem: Belief | None = None
    edge_density: Belief | None = None
    reliability: Belief | None = None
    late: Belief | None = None
    grid: float = 0.0
    bin_width: float | None = None

    ids: ClassVar[tuple[str, ...]] = ("u1", "c07")
    line: ClassVar[str] = "regression to the mean"
    reference: ClassVar[str] = "Das & Mulder (1983), Statistica Neerlandica 37, 15-20; Gardner & Heady (1973)"
    assumption_left_out: ClassVar[str] = "nobody was picked on a score that was high or low by chance"
    of_scores: ClassVar[InLedger] = InLedger(
        assumed=True,
        tipped=("sem", "edge_density"),
        to_state="by how many points a score is off by chance, or its reliability",
    )
    acts: ClassVar[str] = OWN

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.method, METHODS, "ScoreRegression method")
        check_beliefs(self, {"sem": AT_LEAST_ZERO, "edge_density": POSITIVE, "reliability": SHARE, "late": SHARE})
        if self.grid < 0 or (self.bin_width is not None and self.bin_width <= 0):
            raise SpecError("IOM-E092", "ScoreRegression: expected a grid from 0 and a bin width above 0")
        given, needed = set(belief_fields(self)), METHODS[self.method][0]
        if strange := sorted(given - set(METHODS[self.method])):
            raise SpecError("IOM-E092", f"ScoreRegression method {self.method!r} does not use {', '.join(strange)}")
        if needed not in given:
            raise SpecError("IOM-E096", f"ScoreRegression method {self.method!r} needs {needed}")
        if self.selection is not None and self.selection.timing == "unknown" and self.late is None:
            object.__setattr__(self, "late", Range(0.0, 1.0))

    def resolved(self, data: Panel | Moments) -> Self:
        """Return the confound with the rule of the data, so that unknown timing shows as a range of `late`."""
        return self if self.selection is not None else replace(self, selection=rule_of(None, data))

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the change in points, with nothing but picking.

        Raises
        ------
        InputError
            IOM-E066 for anything but a score, IOM-E048 when the rule or the density at the cut is not known.
        NotIdentifiedError
            IOM-E068 when there is nobody near the cut, or no normal population has such picked people.
        """
        if data.kind != "score":
            raise InputError("IOM-E066", f"{data.name}: expected a score; for counts use RegressionToMean")
        cut = _cut(rule_of(self.selection, data))
        late = np.asarray(theta["late"] if "late" in theta else lateness(rule_of(self.selection, data), self.late))
        total = np.zeros(())
        if (late < 1).any():
            total = total + (1 - late) * self._ahead(data, cut, theta, mirrored=False)
        if (late > 0).any():
            total = total - late * self._ahead(data, cut, theta, mirrored=True)
        return spread(total, theta, data)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give the error of a score in points, drawn anew in every window; neutral where a reliability is stated."""
        del windows
        return Mechanism(score_error=float(theta["sem"])) if "sem" in theta else Mechanism()

    def sentence(self, data: Panel | Moments, theta: Theta) -> str:
        """Say what the allowance is, and on what condition."""
        rule = rule_of(self.selection, data)
        law = (
            f"one score has a standard error of measurement of {setting(self, 'sem', theta, 0)} points"
            if self.method == "at_cut"
            else f"scores are normal with a reliability of {setting(self, 'reliability', theta)}"
        )
        return (
            f"Regression to the mean: if people were picked {timed(rule, theta)} with a {data.name} of at least "
            f"{_cut(rule):g}, and {law}, picking alone gives {allowance(self, data, theta, kind='score')}."
        )

    def _ahead(self, data: Panel | Moments, cut: float, theta: Theta, *, mirrored: bool) -> NDArray[np.float64]:
        if self.method == "normal":
            mean, sd = _mean_and_sd(data, mirrored=mirrored)
            return _back_to_normal(mean, sd, cut, np.asarray(theta["reliability"]))
        if "edge_density" in theta:
            return change_at_cut(theta["edge_density"], theta["sem"], self.grid)
        if isinstance(data, Moments):
            raise InputError(
                "IOM-E048",
                f"{data.name}: moments do not hold the density at the cut; state edge_density, as a range where it is "
                "not known",
            )
        density = _density(_scored(data, mirrored=mirrored), cut, self.bin_width or self.grid)
        return change_at_cut(density, theta["sem"], self.grid)


def _cut(rule: Selection) -> float:
    if rule.rule != "at_least" or rule.threshold is None:
        raise InputError("IOM-E048", "regression of a score needs a rule 'at_least' with its threshold")
    return rule.threshold


def _scored(panel: Panel, *, mirrored: bool) -> Scored:
    two = panel.managed.prepost()
    outcome = once(two.outcome, 2)
    known = ~np.isnan(outcome).any(-1) if mirrored else ~np.isnan(outcome[..., 0])
    return Scored(np.where(known, outcome[..., int(mirrored)], np.nan), weights(two) * known)


def _density(people: Scored, cut: float, step: float) -> NDArray[np.float64]:
    if step <= 0:
        raise InputError("IOM-E048", "scores without a grid need bin_width, from which the density is read")
    if people.first.ndim == 1:
        return edge_density(people.first, cut, step, people.weight).density
    replicates = np.broadcast_to(people.weight, people.first.shape)
    return np.array([edge_density(x, cut, step, w).density for x, w in zip(people.first, replicates, strict=True)])


def _mean_and_sd(data: Panel | Moments, *, mirrored: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(data, Moments):
        names = ("mean_post", "sd_post") if mirrored else ("mean_pre", "sd_pre")
        if not mirrored and None not in (data.mean_pre_input, data.sd_pre_input):
            names = ("mean_pre_input", "sd_pre_input")
        printed = data.require(*names, purpose="regression of a score")
        return np.asarray(printed[0]), np.asarray(printed[1])
    people = _scored(data, mirrored=mirrored)
    x, n = np.nan_to_num(people.first), people.weight.sum(-1)
    mean = weighted_sum(people.weight, x) / n
    variance = weighted_sum(people.weight, x * x) / n - mean**2
    return np.asarray(mean), np.sqrt(variance * n / (n - 1))


def _back_to_normal(
    mean: NDArray[np.float64], sd: NDArray[np.float64], cut: float, reliability: NDArray[np.float64]
) -> NDArray[np.float64]:
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
