"""Regression to the mean of a score: one line of a ledger, worked out by one of several methods."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, check_choice, refuse_data
from iom_causal.beliefs import Belief, Range
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.comparison_group import ComparisonScores
from iom_causal.confounds.regression.method import Method, check_bounds, flat_settings, method_of
from iom_causal.confounds.regression.score_methods import AtCut, NormalScores, check_steps
from iom_causal.confounds.units import OWN, as_line
from iom_causal.errors import InputError
from iom_causal.inputs.selected import broadcast, rule_of
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism

METHODS: Mapping[str, type[Method]] = FrozenMap(
    {method.name: method for method in (AtCut, NormalScores, ComparisonScores)}
)
"""The methods by the name that `ScoreRegression` and files give them."""


@dataclass(frozen=True, kw_only=True)
class ScoreRegression(Confound):
    """The change in a mean score, in points, that selecting people above a cut on it brings about by itself.

    What is estimated is ``E[X2(0) - X1 | X1 >= cut]`` when conduct stays the same and only measurement error
    is drawn anew.

    What stays unidentified: the standard error of measurement, when nobody has studied it; a cut that was not
    hard; and drift of true scores, which regresses as error does but stays in neither formula.

    Parameters
    ----------
    method : {"at_cut", "normal", "comparison"}
        Each is a value of its own, where its assumptions stand (`ScoreRegression.of` takes one): ``at_cut``: `AtCut`,
        true scores of any distribution, from the density at the cut. ``normal``: `NormalScores`, from mean and SD.
        ``comparison``: `ComparisonScores`, the change of comparison people who were selected alike.
    selection : Selection, optional
        The rule, ``at_least`` with its threshold; else the panel's own.
    sem : belief, optional
        Standard error of measurement of one score, before rounding to the grid; from 0. Needed by ``at_cut``.
    edge_density : belief, optional
        Density at the cut, per point; above 0.
    reliability : belief, optional
        Correlation of two scores in the source population, nothing happening between; 0 to 1. Needed by ``normal``.
    late : belief, optional
        Share of the selection that read the later score, 0 to 1; by default what the timing says. With unknown timing
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
        check_bounds(self)
        check_steps(self.grid, self.bin_width)
        if self.selection is not None and self.selection.timing == "unknown" and self.late is None:
            object.__setattr__(self, "late", Range(0.0, 1.0))
        _ = self.model  # refuses what the method does not use, and what it lacks

    @classmethod
    def of(cls, method: Method, *, selection: Selection | None = None) -> Self:
        """Return the line that a method gives; the same as with its name and its settings.

        Examples
        --------
        >>> ScoreRegression.of(AtCut(sem=30.0)) == ScoreRegression(sem=30.0)
        True
        """
        return cls(selection=selection, **flat_settings(method, "ScoreRegression"))

    @cached_property
    def model(self) -> Method:
        """The method as a value, with its own settings alone."""
        return method_of(self, METHODS)

    @property
    def also_holds(self) -> tuple[str, ...]:
        """Lines that this one already contains, so that they do not belong in the same ledger."""
        return self.model.also_holds

    def resolved(self, data: Panel | Moments) -> Self:
        """Return the confound with the rule of the data, so that unknown timing shows as a range of `late`."""
        stated = self.selection is not None or not self.model.reads_rule
        return self if stated else replace(self, selection=rule_of(None, data))

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the change in points, with nothing but selection.

        Raises
        ------
        InputError
            IOM-E066 for anything but a score, IOM-E048 when the rule or the density at the cut is not known.
        NotIdentifiedError
            IOM-E068 when there is nobody near the cut, or no normal population has such selected people.
        """
        if data.kind != "score":
            raise InputError("IOM-E066", f"{data.name}: expected a score; for counts use RegressionToMean")
        return broadcast(self.model.shift(data, self.selection, theta), theta, data)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the error of a score in points, drawn anew in every window; neutral where a reliability is stated."""
        return self.model.mechanism(windows, theta)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        return self.model.conditions(data, self.selection, theta)
