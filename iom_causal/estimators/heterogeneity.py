"""Heterogeneity of a change between levels of a covariate: contrast, between-level spread and equivalence."""

import itertools
import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, nearest, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate, Part
from iom_causal.estimate.notes import COMPLETENESS, without_kind
from iom_causal.estimators.paired_t import PairedT
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.observations import others_aside
from iom_causal.inputs.sample import left_out, set_aside
from iom_causal.intervals import StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.pooling import (
    Equivalent,
    draw_together,
    equivalence_of,
    heterogeneity_q,
    q_profile,
    reml_variance,
)
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.inference.two_sample import welch_df
from iom_causal.numerics.kernels.decimals import settled
from iom_causal.panel import Panel
from iom_causal.roles import Rng

SCALES = ("ratio", "difference")
MOST_LEVELS = 12
_FEW = 10
_ALPHA = 0.05
_NO_SPREAD = "the spread between levels is estimated at 0, so that levels drawn together coincide; it need not be 0"


class _Groups(NamedTuple):
    # Changes are logs on the ratio scale; the reference comes first, then the rest by name.
    labels: tuple[str, ...]
    results: tuple[Estimate, ...]
    changes: NDArray[np.float64]
    variances: NDArray[np.float64]


@dataclass(frozen=True)
class Heterogeneity:
    """Heterogeneity of the change between levels of a covariate, and equivalence of the levels within a margin.

    With two levels the estimate is their contrast, with Welch's interval; with more it is the standard
    deviation between levels beyond chance (by REML, with Q-profile limits). "No significant difference"
    is not "no difference": the smallest margin that the data support says what they rule out.

    Parameters
    ----------
    by : str
        A covariate of the panel with 2 to 12 levels.
    scale : {"ratio", "difference"}
        Of the change: ratio of rates (the contrast is a ratio of ratios), or mean difference.
    margin : float, optional
        What would not matter: a ratio of ratios above 1, or a difference above 0. With it, two one-sided
        tests say whether all pairs of levels lie within it.
    level : float
        Confidence level.

    Notes
    -----
    `parts` are the levels by themselves, and drawn together by a normal model at the REML variance: a level with
    few people moves towards the mean most.

    Examples
    --------
    >>> pairs = [[5, 3], [4, 4], [6, 2], [3, 1], [5, 4], [7, 5], [2, 2], [6, 3]]
    >>> panel = Panel.from_arrays(pairs, name="arrests", covariates={"sex": ["m"] * 5 + ["f"] * 3})
    >>> e = Heterogeneity(by="sex")(panel)
    >>> e.term, round(e.estimate, 4), [p.term for p in e.parts]
    ('sex: f / m', 1.0952, ['sex=m', 'sex=f', 'sex=m, drawn together', 'sex=f, drawn together'])
    """

    by: str = "sex"
    scale: str = SCALES[0]
    margin: float | None = None
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Morris (1983), JASA 78, 47-55; Viechtbauer (2007), Stat. Med. 26, 37-52; Schuirmann (1987); Welch (1947)"
    )
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.scale, SCALES, "scale")
        check_level(self.level)
        least = 1.0 if self.scale == "ratio" else 0.0
        if self.margin is not None and not (isinstance(self.margin, (int, float)) and least < self.margin < math.inf):
            raise SpecError("IOM-E092", f"margin: expected a number above {least:g} on the scale {self.scale!r}")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the managed people of a panel.

        Raises
        ------
        InputError
            IOM-E009 for an unknown covariate, IOM-E034 where it is missing, IOM-E072 with one level, IOM-E073
            with too many; IOM-E060 for a level with fewer than two people.
        DegenerateDataError
            IOM-E070 when a level has no events in a window, IOM-E063 when a level's people changed alike.
        """
        del rng
        groups = self._groups(panel)
        shown = self._contrast(groups) if len(groups.labels) == 2 else self._spread(groups)
        worst = self._equivalence(groups)
        first = groups.results[0]
        tau = math.sqrt(reml_variance(groups.changes, groups.variances))
        q, p = heterogeneity_q(groups.changes, groups.variances)
        figures = {"spread": tau, "q": q, "p_q": p, "smallest_margin": self._shown(worst.smallest_margin)}
        people = {f"people: {label}": e.n_used for label, e in zip(groups.labels, groups.results, strict=True)}
        equivalent = {} if self.margin is None else {"p_equivalence": worst.p_value}
        return Estimate(
            outcome=first.outcome,
            method=f"heterogeneity by {self.by}",
            std_error_scale="log" if self.scale == "ratio" else "identity",
            scale=self.scale,
            conf_level=self.level,
            n_input=sum(e.n_input for e in groups.results),
            n_used=sum(e.n_used for e in groups.results),
            exposure=first.exposure,
            assumptions=("people are independent of one another", "levels' estimates are close to normal"),
            notes=_common_notes(panel, groups) + self._margin_notes(worst) + (() if tau else (_NO_SPREAD,)),
            diagnostics=FrozenMap({**figures, **equivalent, **people}),
            parts=self._parts(groups, tau),
            spec=self,
            pinned=None if panel.fixed_by_table is None else False,
            **shown,
        )

    def _groups(self, panel: Panel) -> _Groups:
        paired.single(panel, self)
        flat = panel.managed
        labels = _labels(flat, self.by)
        names, place = np.unique(labels, return_inverse=True)
        people = np.bincount(place, flat.weight)
        if not 2 <= len(names) <= MOST_LEVELS:
            raise InputError(
                "IOM-E072" if len(names) < 2 else "IOM-E073",
                f"{self.by!r} has {len(names)} levels; expected 2 to {MOST_LEVELS}, numbers put into bands",
            )
        reference = names[np.argmax(people)]
        order = [reference, *(name for name in names if name != reference)]
        estimator = RateRatio() if self.scale == "ratio" else PairedT()
        results = tuple(estimator(flat.where(labels == name)) for name in order)
        if any(e.std_error is None or e.estimate is None for e in results):
            empty = any(e.estimate in {0.0, None} for e in results)
            raise DegenerateDataError(
                "IOM-E070" if empty else "IOM-E063",
                f"{panel.name}: a level of {self.by!r} lacks events in a window, or changed alike; merge levels",
            )
        values = np.array([e.estimate for e in results], dtype=np.float64)
        errors = np.array([e.std_error for e in results], dtype=np.float64)
        values = np.log(values) if self.scale == "ratio" else values
        return _Groups(tuple(str(name) for name in order), results, values, errors**2)

    def _contrast(self, groups: _Groups) -> dict[str, Any]:
        centre, se, df = _difference(groups, 0, 1)
        law = StudentT(centre, se, df, log=self.scale == "ratio")
        low, high = law.interval(self.level)
        sign = "/" if self.scale == "ratio" else "-"
        return {
            "term": f"{self.by}: {groups.labels[1]} {sign} {groups.labels[0]}",
            "estimate": self._shown(centre),
            "std_error": se,
            "statistic": centre / se,
            "df": df,
            "p_value": float(t_two_sided(centre / se, df)),
            "conf_low": low,
            "conf_high": high,
            "law": law,
        }

    def _spread(self, groups: _Groups) -> dict[str, Any]:
        q, p = heterogeneity_q(groups.changes, groups.variances)
        low, high = (math.sqrt(x) for x in q_profile(groups.changes, groups.variances, self.level))
        return {
            "term": f"{self.by}: standard deviation between levels"
            + (", as a factor" if self.scale == "ratio" else ""),
            "estimate": self._shown(math.sqrt(reml_variance(groups.changes, groups.variances))),
            "statistic": q,
            "df": len(groups.changes) - 1.0,
            "p_value": p,
            "conf_low": self._shown(low),
            "conf_high": self._shown(high),
        }

    def _equivalence(self, groups: _Groups) -> Equivalent:
        margin = math.inf if self.margin is None else self.margin
        margin = math.log(margin) if self.scale == "ratio" else margin
        tests = [
            equivalence_of(*_difference(groups, i, j), margin=margin, alpha=_ALPHA)
            for i, j in itertools.combinations(range(len(groups.labels)), 2)
        ]
        return Equivalent(max(t.p_value for t in tests), max(t.smallest_margin for t in tests))

    def _margin_notes(self, worst: Equivalent) -> tuple[str, ...]:
        what = "ratios of ratios" if self.scale == "ratio" else "differences"
        notes = (
            f"at level {_ALPHA:g} the data rule out {what} beyond {self._shown(worst.smallest_margin):.3g} either way",
        )
        if self.margin is None:
            return notes
        verdict = "within" if worst.p_value < _ALPHA else "not shown to be within"
        return (*notes, f"levels are {verdict} the margin {self.margin:g} (p = {worst.p_value:.3g})")

    def _parts(self, groups: _Groups, tau: float) -> tuple[Part, ...]:
        pooled = draw_together(groups.changes, groups.variances, tau**2)
        alone = tuple(
            Part(f"{self.by}={label}", *_columns(e)) for label, e in zip(groups.labels, groups.results, strict=True)
        )
        z = float(t_isf((1 - self.level) / 2, math.inf))
        together = zip(groups.labels, pooled.values.tolist(), pooled.std_errors.tolist(), strict=True)
        drawn = tuple(
            Part(
                f"{self.by}={label}, drawn together",
                self._shown(value),
                se,
                None,
                None,
                self._shown(value - z * se),
                self._shown(value + z * se),
            )
            for label, value, se in together
        )
        return alone + drawn

    def _shown(self, value: float) -> float:
        return math.exp(value) if self.scale == "ratio" else value


def _labels(panel: Panel, by: str) -> NDArray[np.str_]:
    import pandas as pd  # noqa: PLC0415 slow to load

    if by not in panel.covariates:
        hint = nearest(by, panel.covariates) if panel.covariates else "the panel carries no covariates"
        raise InputError("IOM-E009", f"Heterogeneity: the panel has no covariate {by!r}; {hint}")
    values = panel.covariates[by]
    missing = int(np.asarray(pd.isna(values)).sum())
    if missing:
        raise InputError("IOM-E034", f"Heterogeneity: {by!r} is missing for {missing} people; give them a level")
    return np.array([str(value) for value in settled(values).tolist()])


def _difference(groups: _Groups, first: int, second: int) -> tuple[float, float, float]:
    v, df = groups.variances, [float(e.df or 1.0) for e in groups.results]
    se = math.sqrt(v[first] + v[second])
    change = float(groups.changes[second] - groups.changes[first])
    return change, se, float(welch_df(v[first], df[first], v[second], df[second]))


def _columns(e: Estimate) -> tuple[float, float | None, float | None, float | None, float | None, float | None]:
    return (e.estimate or 0.0, e.std_error, e.statistic, e.p_value, e.conf_low, e.conf_high)


def _common_notes(panel: Panel, groups: _Groups) -> tuple[str, ...]:
    notes = tuple(dict.fromkeys(note for e in groups.results for note in without_kind(e.notes, COMPLETENESS)))
    lost = sum(e.n_input - e.n_used for e in groups.results)
    used = sum(e.n_used for e in groups.results)
    notes += set_aside(int(np.max(others_aside(panel)))) + left_out(used, used + lost, paired.BOTH)
    fewest = min(e.n_used for e in groups.results)
    return (*notes, f"the smallest level has {fewest} people") if fewest < _FEW else notes
