"""Welch's contrast of the levels of two groups in one window, and the spread of the levels of more."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimate import Estimate, Part
from iom_causal.estimators.shared.covariate_levels import NOT_KNOWN, Levels, level_labels, not_known, ordered_levels
from iom_causal.inputs.observations import Observations, observe, refuse_replicates
from iom_causal.inputs.sample import ADDING, LEAST_PEOPLE, Notes, exposure_words, left_out
from iom_causal.intervals import StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.cell_means import cell_mean, contribution
from iom_causal.numerics.inference.pooling import heterogeneity_q, reml_variance
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel

SCALES = ("ratio", "difference")
WINDOWS = ("before", "after")
MANAGED, COMPARISON = "managed", "comparison"
_ASSUMPTIONS = ("people are independent of one another",)


class _Sample(NamedTuple):
    """Outcomes of the window, days over their mean or None, how often each person counts and levels, (n,) each.

    `not_known` people are left out, as their level is not known.
    """

    outcome: NDArray[np.float64]
    days: NDArray[np.float64] | None
    weight: NDArray[np.float64]
    labels: NDArray[np.str_]
    not_known: float = 0.0


@dataclass(frozen=True)
class LevelDifference:
    """Ratio or difference of the levels of two groups of people in one window, by Welch's t.

    Women beside men, teams beside one another, managed beside comparison people before anything was done; or, in a
    randomised trial, what the allocation did to the window after. With more than two levels of the covariate the
    estimate is their standard deviation beyond chance (REML, Q-profile limits) and p that of Cochran's Q, as
    `Heterogeneity` gives them of the change. It says how groups differ, and not why.

    Parameters
    ----------
    by : str
        A covariate of the panel with 2 to 12 levels, of the managed people; or "managed", for these beside
        comparison people. People of whom it is not known (missing, or text that is empty or "missing") are left out.
    window : {"before", "after"}
        The windows that are put together.
    scale : {"ratio", "difference"}
        Of mean outcomes a person; of rates, at the mean days at risk of all, where people differ in theirs.
    level : float
        Confidence level.

    Notes
    -----
    `parts` are the levels with their own t intervals: means a person, at the average days at risk where people
    differ in theirs. The error of a log is that of the jackknife, which for a mean is s / sqrt(n).

    Examples
    --------
    >>> pairs = [[5, 3], [4, 4], [6, 2], [3, 1], [5, 4], [7, 5], [2, 2], [6, 3]]
    >>> panel = Panel.from_arrays(pairs, name="arrests", covariates={"sex": ["m"] * 5 + ["f"] * 3})
    >>> e = LevelDifference(by="sex", scale="difference")(panel)
    >>> e.term, round(e.estimate, 2), round(e.p_value, 3), [(p.term, p.estimate) for p in e.parts]
    ('sex: f - m', 0.4, 0.823, [('sex=m', 4.6), ('sex=f', 5.0)])
    """

    by: str = "sex"
    window: str = WINDOWS[0]
    scale: str = SCALES[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Welch (1947), Biometrika 34, 28-35; Efron & Stein (1981), Ann. Stat. 9, 586-596; "
        "Viechtbauer (2007), Stat. Med. 26, 37-52"
    )
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.window, WINDOWS, "window")
        check_choice(self.scale, SCALES, "scale")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel who have the window.

        Raises
        ------
        InputError
            IOM-E009 for an unknown covariate, IOM-E072 with one level, IOM-E073 with
            too many; IOM-E060 for a level with fewer than two people; IOM-E066 for the ratio of a score.
        DegenerateDataError
            IOM-E064 when a level has no events in the window, or all of them from one person; IOM-E065 when its people
            are all alike.
        """
        del rng
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        if self._ratio and panel.kind == "score":
            raise InputError(
                "IOM-E066", f'{panel.name}: a score has no ratio; write LevelDifference(scale="difference")'
            )
        seen = observe(panel, two=True, comparison=self._of_managed(panel))
        sample = self._sample(seen)
        levels, people = self._levels(sample, panel.name)
        used = round(float(sample.weight.sum()))
        days = seen.people.exposure
        return Estimate(
            outcome=panel.name,
            method=f"levels {self.window} by {self.by}",
            estimand="level_difference",
            scale=self.scale,
            std_error_scale="log" if self._ratio else "identity",
            conf_level=self.level,
            n_input=seen.n_input,
            n_used=used,
            exposure=exposure_words(days) if panel.kind in ADDING else "not used",
            notes=seen.notes + self._aside(sample, used, seen.n_input),
            assumptions=_ASSUMPTIONS,
            diagnostics=FrozenMap(self._figures(levels) | people),
            parts=self._parts(levels),
            spec=self,
            pinned=None if panel.fixed_by_table is None else False,
            **(levels.columns(self.level) | self._term(levels)),
        )

    @property
    def _ratio(self) -> bool:
        return self.scale == SCALES[0]

    def _term(self, levels: Levels) -> dict[str, str]:
        sign = "/" if self._ratio else "-"
        return {"term": f"{MANAGED} {sign} {COMPARISON}"} if set(levels.labels) == {MANAGED, COMPARISON} else {}

    def _aside(self, sample: _Sample, used: int, given: int | None) -> Notes:
        """Return the notes on people left out: their level is not known, or they lack the window."""
        known = given if given is None else given - round(sample.not_known)
        return not_known(sample.not_known, self.by) + left_out(used, known, f"the window {self.window}")

    def _of_managed(self, panel: Panel) -> bool:
        return self.by == MANAGED and MANAGED not in panel.covariates

    def _sample(self, seen: Observations) -> _Sample:
        people, at = seen.people, WINDOWS.index(self.window)
        there = seen.observed[0, :, at] & (seen.weight[0] > 0)
        labels = (
            np.where(people.group, MANAGED, COMPARISON)
            if self._of_managed(people)
            else level_labels(people, self.by, type(self).__name__)
        )
        known = labels != NOT_KNOWN
        aside = float(seen.weight[0, there & ~known].sum())
        there &= known
        weight = seen.weight[0, there]
        days = people.exposure if people.kind in ADDING else None
        if days is not None:
            days = np.broadcast_to(days, (people.n, 2))[there, at]
            days = days / np.average(days, weights=weight)
        return _Sample(seen.outcome[0, there, at].astype(np.float64), days, weight, labels[there], aside)

    def _levels(self, sample: _Sample, name: str) -> tuple[Levels, dict[str, int]]:
        order = ordered_levels(sample.labels, sample.weight, self.by)
        if set(order) == {MANAGED, COMPARISON}:
            order = [COMPARISON, MANAGED]
        values, variances, people = zip(*(self._level(sample, label, name) for label in order), strict=True)
        levels = Levels(
            self.by, tuple(order), np.array(values), np.array(variances), np.array(people) - 1, log=self._ratio
        )
        return levels, {f"people: {label}": round(n) for label, n in zip(order, people, strict=True)}

    def _level(self, sample: _Sample, label: str, name: str) -> tuple[float, float, float]:
        who = sample.labels == label
        weight = sample.weight[None, who]
        people = float(weight.sum())
        if people < LEAST_PEOPLE:
            raise InputError("IOM-E060", f"{name}: a level of {self.by!r} has fewer than {LEAST_PEOPLE} people")
        sizes = np.ones_like(weight) if sample.days is None else sample.days[None, who]
        cell = cell_mean(sample.outcome[None, who], sizes, weight, log=self._ratio)
        with np.errstate(invalid="ignore"):
            variance = float((weight * contribution(cell, "jackknife") ** 2).sum())
        if self._ratio and not math.isfinite(variance):
            raise DegenerateDataError(
                "IOM-E064",
                f"{name}: a level of {self.by!r} has no events {self.window}, or one person has them all; "
                'merge levels, or write scale="difference"',
            )
        if variance <= (NOISE * np.abs(sample.outcome).max(initial=0.0)) ** 2:
            raise DegenerateDataError(
                "IOM-E065", f"{name}: all people of a level of {self.by!r} are alike {self.window}; merge levels"
            )
        return float(cell.value[0]), variance, people

    def _parts(self, levels: Levels) -> tuple[Part, ...]:
        def part(label: str, value: float, variance: float, df: float) -> Part:
            error = math.sqrt(variance)
            ends = StudentT(value, error, df, log=levels.log).interval(self.level)
            return Part(f"{self.by}={label}", levels.shown(value), error, None, None, *ends)

        figures = (column.tolist() for column in (levels.values, levels.variances, levels.dfs))
        return tuple(part(*row) for row in zip(levels.labels, *figures, strict=True))

    def _figures(self, levels: Levels) -> dict[str, Any]:
        q, p = heterogeneity_q(levels.values, levels.variances)
        return {"spread": math.sqrt(reml_variance(levels.values, levels.variances)), "q": q, "p_q": p}
