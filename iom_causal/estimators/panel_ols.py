"""Fixed-effects (within) regression: person effects, and two-way effects where there is a comparison group."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import check_level, refuse_data
from iom_causal.errors import CODES, DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.block_estimates import block_estimates
from iom_causal.estimators.shared.coefficients import (
    Coefficients,
    coefficient_estimate,
    coefficient_words,
    require_covariance,
)
from iom_causal.inputs.blocks import RowBlock, row_block
from iom_causal.inputs.changes import change_moments
from iom_causal.inputs.covariates import CovariateMatrix, check_formula, check_rank
from iom_causal.inputs.rows import Rows, person_rows, quiet_fit
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired import degenerate
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.numerics.mixed.regressions import Fits
from iom_causal.numerics.mixed.within import within_change
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one
from iom_causal.streams import Seed

_SINGLE = ("people are independent of one another", "the mean change is close to normal")
_PARALLEL = (
    "people are independent of one another",
    "without the programme, managed and comparison people would have changed by the same amount on average",
    "nobody acted differently before the start because it was coming",
)
_ABSORBED = 1e-8  # of treatment's sum of squares: what is left of less is rounding
_STAGGERED = (
    "starts differ between people: two-way fixed effects then average unlike effects, some with negative weight "
    "(Goodman-Bacon 2021)"
)


@dataclass(frozen=True)
class PanelOLS:
    """Fixed-effects regression of the mean change within people, clustered by person.

    With two windows and no covariates it is the paired t test. With time effects it is two-way fixed
    effects, which needs people for comparison.

    Parameters
    ----------
    covariates : str
        A formula, as in `PoissonGLM`. What does not vary within people enters centred and times the windows
        after, so that the estimate is the change at its average.
    time_effects : bool
        Whether every window has its own level, common to managed and comparison people.
    level : float
        Confidence level of the t interval, with people less one degrees of freedom.

    Examples
    --------
    >>> e = PanelOLS()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]], name="arrests"))
    >>> round(e.estimate, 4), round(e.statistic, 4)
    (-2.0, -1.8516)
    """

    covariates: str = ""
    time_effects: bool = False
    level: float = LEVEL

    reference: ClassVar[str] = "Arellano (1987), Oxf. Bull. Econ. Stat. 49, 431-434; Sheppard, linearmodels"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_formula(self.covariates)
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel; `native` is the fit of linearmodels.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 when time effects are asked for and everybody starts together.
        InputError
            IOM-E060 with fewer than two people, or as many coefficients as rows; IOM-E071 when a covariate is
            absorbed; those of covariates.
        DegenerateDataError
            IOM-E062 when nobody changed, IOM-E063 when all changed alike, IOM-E065 when all of each group did.
        """
        del rng
        rows = person_rows(panel, self, covariates=self.covariates, comparison=self.time_effects)
        if self.time_effects:
            _require_comparison(rows)
        else:
            change_moments(rows)
        rows = _within(rows)
        fit = self._fit(rows)
        cov = np.asarray(fit.cov)
        require_covariance(cov, "PanelOLS", at=0)
        if cov[0, 0] <= (NOISE * np.abs(rows.y).max()) ** 2:
            raise DegenerateDataError("IOM-E065", f"{rows.sample.outcome}: {CODES['IOM-E065']}")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(("post", *rows.covariates.names), np.asarray(fit.params), cov, rows.n - 1.0),
            native=fit,
            notes=(_STAGGERED,) if self.time_effects and _staggered(rows) else (),
            at=0,
            **self._said(rows.kind),
        )

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate at once; with covariates, and where the single call refuses, one by one."""
        if self.covariates:
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        block = row_block(panel, comparison=self.time_effects)
        people = block.weight.sum(-1)
        fit = within_change(block.y, block.treated, block.weight, time_effects=self.time_effects)
        sound = ~block.odd & (fit.left > _ABSORBED) & (fit.variance > (NOISE * np.abs(block.y).max((1, 2))) ** 2)
        if not self.time_effects:
            sound &= degenerate(paired_moments(_sides(block), block.weight)) == 0
        plain = block.y.shape[-1] == 2
        many = block_estimates(
            block,
            Fits(fit.estimate[:, None], fit.variance[:, None, None], people - 1, sound),
            coefficient_words(block.sample, self, plain=plain, **self._said(block.kind)),
            ("post",),
            n_used=people.astype(np.int64),
            numbers=numbers,
            notes=tuple((_STAGGERED,) if late else () for late in _staggered_in(block)) if self.time_effects else (),
        )
        return many.overlaid(one_by_one(self, panel, np.flatnonzero(~sound)))

    def _said(self, kind: str) -> dict[str, Any]:
        compared = self.time_effects
        return {
            "method": "person and time effects, clustered by person"
            if compared
            else "person effects, clustered by person",
            "level": self.level,
            "assumptions": _PARALLEL if compared else _SINGLE,
            "ratio": False,
            "estimand": _estimand(kind) if compared else "descriptive_change",
            "term": "managed - comparison" if compared else "",
        }

    def _fit(self, rows: Rows) -> Any:
        import pandas as pd  # noqa: PLC0415 slow to load
        from linearmodels.panel import PanelOLS as Regression  # noqa: PLC0415 slow to load
        from linearmodels.panel.utility import AbsorbingEffectError  # noqa: PLC0415 slow to load

        index = pd.MultiIndex.from_arrays([rows.person, rows.window], names=["person", "window"])
        columns = rows.labelled().drop(columns="intercept").set_index(index)
        model = Regression(
            pd.Series(rows.y, index, name="y"), columns, entity_effects=True, time_effects=self.time_effects
        )
        try:
            with quiet_fit("PanelOLS"):
                return model.fit(cov_type="clustered", cluster_entity=True, debiased=True, group_debias=True)
        except AbsorbingEffectError as error:
            raise InputError(
                "IOM-E071", "covariates: a column is absorbed by the time effects; leave it out"
            ) from error


def _within(rows: Rows) -> Rows:
    # Person effects absorb what does not vary within people; times the windows after, it explains who changed.
    matrix = rows.covariates.matrix.copy()
    after = rows.window >= rows.window[rows.post == 1].min()
    names = list(rows.covariates.names)
    for j, column in enumerate(matrix.T):
        if not _demeaned(rows, column).any():
            matrix[:, j] = (column - column.mean()) * after
            names[j] = f"post:{names[j]}"
    made = replace(rows, covariates=CovariateMatrix(matrix, tuple(names)))
    check_rank(np.column_stack([_demeaned(made, c) for c in made.matrix.T[1:]]), made.names[1:])
    return made


def _demeaned(rows: Rows, column: Any) -> Any:
    counts = np.bincount(rows.person, minlength=rows.n)
    left = column - (np.bincount(rows.person, column, rows.n) / counts)[rows.person]
    return np.where(np.abs(left) > 1e-9 * np.abs(column).max(initial=0.0), left, 0.0)


def _require_comparison(rows: Rows) -> None:
    pattern = rows.post.reshape(rows.n, -1)
    if (pattern == pattern[0]).all():
        raise NotIdentifiedError(
            "IOM-E068",
            f"{rows.sample.outcome}: everybody starts together, so time effects absorb the change; bring comparison "
            "people, or leave time effects out",
        )
    taken = rows.n + rows.windows + len(rows.covariates.names)
    if len(rows.y) <= taken:
        raise InputError(
            "IOM-E060", f"{rows.sample.outcome}: {rows.n} people are too few for person and time effects; bring more"
        )


def _staggered(rows: Rows) -> bool:
    pattern = rows.post.reshape(rows.n, -1)
    return len(np.unique(pattern[pattern.any(-1)], axis=0)) > 1


def _staggered_in(block: RowBlock) -> NDArray[np.bool_]:
    """Return in which replicates the people start at different windows."""
    ever = block.treated.any(-1)
    if not ever.any():
        return np.zeros(len(block.y), dtype=np.bool_)
    _, which = np.unique(block.treated[ever], axis=0, return_inverse=True)
    there = block.weight[:, ever] > 0
    starts = [there[:, which == k].any(-1) for k in range(which.max() + 1)]
    return np.asarray(np.sum(starts, axis=0) > 1)


def _sides(block: RowBlock) -> NDArray[np.float64]:
    """Return each person's averages before and after, (R, n, 2); NaN without a window on the side."""
    sides = (1 - block.treated, block.treated)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([np.einsum("rnt,nt->rn", block.y, side) / side.sum(-1) for side in sides], axis=-1)


def _estimand(kind: str) -> str:
    return "att_score" if kind == "score" else "att_difference"
