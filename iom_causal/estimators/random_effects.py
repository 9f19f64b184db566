"""Random-effects regression of a mean change by feasible generalised least squares."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from iom_causal.base.specs import check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.coefficients import Coefficients, coefficient_estimate, require_covariance
from iom_causal.inputs.changes import change_moments
from iom_causal.inputs.covariates import check_formula, check_rank
from iom_causal.inputs.rows import Rows, person_rows, quiet_fit
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.roles import Rng

ASSUMPTIONS = (
    "people are independent of one another",
    "the mean change is close to normal",
    "people's levels are unrelated to the covariates",
)


@dataclass(frozen=True)
class RandomEffects:
    """Feasible generalised least squares for the mean change, with a random effect for each person.

    With two windows and no covariates it is the paired t test.

    Parameters
    ----------
    covariates : str
        A formula, as in `PoissonGLM`.
    level : float
        Confidence level of the t interval, with people less one degrees of freedom.

    Notes
    -----
    The covariance is clustered by person, with the factor n / (n - 1) for n people.

    Examples
    --------
    >>> e = RandomEffects()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]], name="arrests"))
    >>> round(e.estimate, 4), round(e.statistic, 4)
    (-2.0, -1.8516)
    """

    covariates: str = ""
    level: float = LEVEL

    reference: ClassVar[str] = "Swamy & Arora (1972), Econometrica 40, 261-275; Sheppard, linearmodels"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_formula(self.covariates)
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel; `native` is the fit of linearmodels.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two people; those of the covariates.
        DegenerateDataError
            IOM-E062 when nobody changed, IOM-E063 when all changed alike.
        """
        del rng
        rows = person_rows(panel, self, covariates=self.covariates)
        change_moments(rows)
        check_rank(rows.matrix, rows.names)
        fit = _fit(rows)
        cov = np.asarray(fit.cov) * _factor(rows)
        require_covariance(cov, "RandomEffects")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(rows.names, np.asarray(fit.params), cov, rows.n - 1.0),
            method="random person effects, clustered by person",
            level=self.level,
            assumptions=ASSUMPTIONS,
            ratio=False,
            native=fit,
            diagnostics={
                "person_variance": float(fit.variance_decomposition["Effects"]),
                "residual_variance": float(fit.variance_decomposition["Residual"]),
            },
        )


def _fit(rows: Rows) -> Any:
    import pandas as pd  # noqa: PLC0415 slow to load
    from linearmodels.panel import RandomEffects as Regression  # noqa: PLC0415 slow to load

    index = pd.MultiIndex.from_arrays([rows.person, rows.window], names=["person", "window"])
    model = Regression(pd.Series(rows.y, index, name="y"), rows.labelled().set_index(index))
    with quiet_fit("RandomEffects"):
        return model.fit(cov_type="clustered", cluster_entity=True, debiased=True, group_debias=False)


def _factor(rows: Rows) -> float:
    # The library's factor counts rows and columns; people are the clusters. Without covariates and with two
    # windows the two factors agree.
    total, columns = len(rows.y), len(rows.names)
    return (total - columns) / total * rows.n / (rows.n - 1)
