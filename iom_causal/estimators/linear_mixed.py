"""Linear mixed model of the mean change, with a random intercept for each person."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, check_level, refuse_data
from iom_causal.errors import ConvergenceError
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.coefficients import Coefficients, coefficient_estimate, require_covariance
from iom_causal.inputs.changes import change_moments
from iom_causal.inputs.covariates import check_formula, check_rank
from iom_causal.inputs.rows import Rows, person_rows, quiet_fit
from iom_causal.numerics import LEVEL
from iom_causal.numerics.mixed.linear_mixed import MixedFit, clustered_least_squares, fit_random_level
from iom_causal.panel import Panel
from iom_causal.roles import Rng

VARIANCES = ("common", "by_window")

ASSUMPTIONS = (
    "people are independent of one another",
    "the mean change is close to normal",
    "what is missing depends only on what was seen",
)
_BOUNDARY = (
    "a variance is estimated at 0, so this is least squares with the standard error clustered by person: the paired "
    "t test, where nothing is missing"
)
_UNCONFIRMED = "statsmodels did not converge from these estimates, so there is no native fit"


@dataclass(frozen=True)
class LinearMixed:
    """Linear mixed model of the mean change, with a random intercept for each person, by REML.

    With two complete windows and no covariates it is the paired t test. It also uses people who lack a
    window, which is right when what is missing depends only on what was seen.

    Parameters
    ----------
    covariates : str
        A formula, as in `PoissonGLM`.
    variances : {"common", "by_window"}
        One residual variance, or one before and one after.
    level : float
        Confidence level of the t interval; the degrees of freedom are the people with both sides, less one.

    Notes
    -----
    `native` is statsmodels' MixedLM for common variances, started from these estimates, which solve the
    restricted score exactly. The standard error takes the variances as known.

    Examples
    --------
    >>> e = LinearMixed()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [9, 6]], name="arrests"))
    >>> round(e.estimate, 4), round(e.std_error, 4)
    (-2.5, 1.0408)
    """

    covariates: str = ""
    variances: str = VARIANCES[0]
    level: float = LEVEL

    reference: ClassVar[str] = "Laird & Ware (1982), Biometrics 38, 963-974; Harville (1977), JASA 72, 320-338"
    symmetric: ClassVar[bool] = True
    uses_incomplete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_formula(self.covariates)
        check_choice(self.variances, VARIANCES, "variances")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two people who have both sides; those of the covariates.
        DegenerateDataError
            IOM-E062 when nobody changed, IOM-E063 when all changed alike.
        """
        del rng
        rows = person_rows(panel, self, covariates=self.covariates, incomplete=True)
        both = float(change_moments(rows).n)
        check_rank(rows.matrix, rows.names)
        fit = fit_random_level(
            rows.y, rows.matrix, rows.person, rows.post == 1, by_window=self.variances == "by_window"
        )
        native: Any = None
        notes: tuple[str, ...] = (_BOUNDARY,)
        values, cov = fit.coefficients, fit.cov
        if fit.at_boundary:
            values, cov = clustered_least_squares(rows.y, rows.matrix, rows.person)
        else:
            native, notes = self._native(rows, fit)
        require_covariance(cov, "LinearMixed")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(rows.names, values, cov, both - 1),
            method="linear mixed model, " + self.variances.replace("_", " ") + " residual variance",
            level=self.level,
            assumptions=ASSUMPTIONS,
            ratio=False,
            native=native,
            notes=notes,
            diagnostics=_variances(fit),
        )

    def _native(self, rows: Rows, fit: MixedFit) -> tuple[Any, tuple[str, ...]]:
        if self.variances == "by_window":
            return None, ()
        try:
            return _statsmodels(rows, fit), ()
        except ConvergenceError:
            return None, (_UNCONFIRMED,)


def _statsmodels(rows: Rows, fit: MixedFit) -> Any:
    import statsmodels.api as sm  # noqa: PLC0415 slow to load
    from statsmodels.regression.mixed_linear_model import MixedLMParams  # noqa: PLC0415 slow to load

    ratio: NDArray[np.float64] = np.array([[fit.person_variance / fit.residual_variances[0]]])
    start = MixedLMParams.from_components(fit.coefficients, cov_re=ratio)
    with quiet_fit("LinearMixed"):
        return sm.MixedLM(rows.y, rows.labelled(), groups=rows.person).fit(reml=True, start_params=start)


def _variances(fit: MixedFit) -> dict[str, float]:
    before, after = fit.residual_variances
    return {
        "person_variance": fit.person_variance,
        "residual_variance_before": before,
        "residual_variance_after": after,
        "log_likelihood": fit.log_likelihood,
    }
