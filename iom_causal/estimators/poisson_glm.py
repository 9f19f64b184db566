"""Poisson regression (pseudo maximum likelihood) of every window, clustered by person."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.base.specs import check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.coefficients import Coefficients, coefficient_estimate, require_covariance
from iom_causal.estimators.shared.log_linear import clustered_poisson, require_events
from iom_causal.inputs.covariates import check_formula
from iom_causal.inputs.rows import person_rows
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.roles import Rng

ASSUMPTIONS = (
    "people are independent of one another",
    "the log of the mean is linear in the covariates; the variance may be anything",
)


@dataclass(frozen=True)
class PoissonGLM:
    """Poisson regression clustered by person: the rate ratio in the population of managed people.

    Right whenever the mean is: events need not be Poisson, and a person's windows may hang together in
    any way. Without covariates it is `RateRatio`.

    Parameters
    ----------
    covariates : str
        A formula, such as ``"age + C(sex)"``, over the panel's covariates, ``age`` and ``time`` (years from
        the index date, where windows have dates).
    level : float
        Confidence level of the t interval, with people less one degrees of freedom.

    Examples
    --------
    >>> e = PoissonGLM()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]], name="arrests"))
    >>> round(e.estimate, 4), e.params.index.tolist()
    (0.4286, ['intercept', 'post'])
    """

    covariates: str = ""
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Wooldridge (1999), J. Econometrics 90, 77-97; Liang & Zeger (1986), Biometrika 73, 13-22"
    )
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_formula(self.covariates)
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel; `native` is the fit of statsmodels.

        Raises
        ------
        InputError
            IOM-E066 for a score; IOM-E060 with fewer than two people; those of the covariates.
        DegenerateDataError
            IOM-E064 or IOM-E070 when events are lacking; IOM-E062 or IOM-E063 when changes do not vary.
        ConvergenceError
            IOM-E080.
        """
        del rng
        rows = person_rows(panel, self, covariates=self.covariates, rates=True).at_risk()
        require_events(rows, "PoissonGLM")
        fit = clustered_poisson(rows, "PoissonGLM")
        cov = np.asarray(fit.cov_params()) * rows.n / (rows.n - 1)
        require_covariance(cov, "PoissonGLM")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(rows.names, np.asarray(fit.params), cov, rows.n - 1.0),
            method="Poisson regression clustered by person",
            level=self.level,
            assumptions=ASSUMPTIONS,
            ratio=True,
            native=fit,
            diagnostics={"dispersion": float(fit.pearson_chi2 / fit.df_resid)},
        )
