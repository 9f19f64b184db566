"""Generalised estimating equations: population-averaged rate ratio with a working correlation."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from iom_causal.base.specs import check_choice, check_level, refuse_data
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.coefficients import Coefficients, coefficient_estimate, require_covariance
from iom_causal.estimators.shared.log_linear import clustered_poisson, require_events
from iom_causal.inputs.covariates import check_formula
from iom_causal.inputs.rows import Rows, person_rows, quiet_fit
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.roles import Rng

FAMILIES = ("poisson", "negative_binomial")
WORKING = ("exchangeable", "independence", "autoregressive")

_FEW = 50
_STEPS = 200
_SCORE = 1e-9  # of the summed score, which Newton's step from 1e-5 passes
ASSUMPTIONS = (
    "people are independent of one another",
    "the log of the mean is linear in the covariates; the working correlation and variance may be wrong",
)


@dataclass(frozen=True)
class GEE:
    """Generalised estimating equations for the rate ratio in the population of managed people.

    Right for large numbers of people whatever the true correlation. With two windows of common length and no
    covariates every family and working correlation gives the ratio of totals.

    Parameters
    ----------
    family : {"poisson", "negative_binomial"}
        The working variance: the mean, or the mean plus a multiple of its square, estimated by moments.
    working : {"exchangeable", "independence", "autoregressive"}
        The working correlation of a person's windows; the last needs windows of equal length.
    covariates : str
        A formula, as in `PoissonGLM`.
    level : float
        Confidence level of the t interval, with people less one degrees of freedom.

    Notes
    -----
    Below 50 people the covariance is the bias-reduced one of Mancl & DeRouen (2001); otherwise the sandwich
    times n / (n - 1).

    Examples
    --------
    >>> e = GEE()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]], name="arrests"))
    >>> round(e.estimate, 4), e.method
    (0.4286, 'GEE, poisson, exchangeable, bias-reduced')
    """

    family: str = FAMILIES[0]
    working: str = WORKING[0]
    covariates: str = ""
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Liang & Zeger (1986), Biometrika 73, 13-22; Mancl & DeRouen (2001), Biometrics 57, 126-134"
    )
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.family, FAMILIES, "family")
        check_choice(self.working, WORKING, "working")
        check_formula(self.covariates)
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel; `native` is the fit of statsmodels.

        Raises
        ------
        InputError
            IOM-E066 for a score; IOM-E060 with fewer than two people; IOM-E047 when windows do not suit the
            autoregressive correlation; those of the covariates.
        DegenerateDataError
            IOM-E064 or IOM-E070 when events are lacking; IOM-E062 or IOM-E063 when changes do not vary.
        ConvergenceError
            IOM-E080.
        """
        del rng
        rows = person_rows(panel, self, covariates=self.covariates, rates=True).at_risk()
        require_events(rows, "GEE")
        if self.working == "autoregressive":
            _require_grid(panel, rows)
        start = clustered_poisson(rows, "GEE")
        alpha = _extra_variance(rows, np.asarray(start.mu)) if self.family == "negative_binomial" else 0.0
        few = rows.n < _FEW
        fit = self._fit(rows, np.asarray(start.params), alpha, "bias_reduced" if few else "robust")
        cov = np.asarray(fit.cov_params()) * (1.0 if few else rows.n / (rows.n - 1))
        require_covariance(cov, "GEE")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(rows.names, np.asarray(fit.params), cov, rows.n - 1.0),
            method=f"GEE, {self.family.replace('_', ' ')}, {self.working}" + (", bias-reduced" if few else ""),
            level=self.level,
            assumptions=ASSUMPTIONS,
            ratio=True,
            native=fit,
            notes=self._notes(alpha),
            diagnostics={"alpha": alpha, "working_correlation": _correlation(fit)},
        )

    def _fit(self, rows: Rows, start: Any, alpha: float, cov_type: str) -> Any:
        import statsmodels.api as sm  # noqa: PLC0415 slow to load

        family = sm.families.NegativeBinomial(alpha=alpha) if alpha > 0 else sm.families.Poisson()
        structures = {
            "exchangeable": sm.cov_struct.Exchangeable,
            "independence": sm.cov_struct.Independence,
            "autoregressive": lambda: sm.cov_struct.Autoregressive(grid=True),
        }
        with quiet_fit("GEE"):
            model = sm.GEE(
                rows.y,
                rows.labelled(),
                groups=rows.person,
                time=rows.window.astype(float),
                family=family,
                cov_struct=structures[self.working](),
                offset=rows.offset,
            )
            return model.fit(
                maxiter=_STEPS, ctol=_SCORE * max(1.0, rows.y.sum()), start_params=start, cov_type=cov_type
            )

    def _notes(self, alpha: float) -> tuple[str, ...]:
        if self.family == "negative_binomial" and alpha == 0:
            return ("counts vary no more than Poisson counts, so the Poisson variance is used",)
        return ()


def _require_grid(panel: Panel, rows: Rows) -> None:
    lengths = {w.days for w in panel.windows}
    if len(panel.windows) < 3 or len(lengths) > 1 or len(rows.y) < rows.n * rows.windows:
        raise InputError(
            "IOM-E047",
            "GEE: the autoregressive correlation needs three or more windows of one length, and every person at "
            'risk in each; use working="exchangeable"',
        )


def _extra_variance(rows: Rows, mean: Any) -> float:
    excess = ((rows.y - mean) ** 2 - mean).sum() / (mean**2).sum()
    return max(0.0, float(excess))


def _correlation(fit: Any) -> float | None:
    value = fit.cov_struct.dep_params
    return None if value is None or np.ndim(value) else float(value)
