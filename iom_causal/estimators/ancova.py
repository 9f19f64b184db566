"""Analysis of covariance: the outcome after, managed against comparison people, given the outcome before."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import CODES, DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimators.coefficients import Coefficients, coefficient_estimate, require_covariance
from iom_causal.estimators.design import Design, check_formula, check_rank
from iom_causal.estimators.log_linear import require_events
from iom_causal.estimators.rows import Rows, person_rows, quiet_fit
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.specs import check_choice, check_level, refuse_data

FAMILIES = ("gaussian", "poisson")
STANDARD_ERRORS = ("robust", "model")

_ASSUMPTIONS = (
    "people are independent of one another",
    "without the programme, people alike before (outcome, covariates) would have been alike after, on average",
    "the outcome after depends on the one before through the stated form",
)
_STEPS = 100
_TIGHT = 1e-11  # of coefficients: Newton's last step from 1e-6 goes beyond it
_PERFECT = 1e-24  # of the sum of squares: only rounding is left


@dataclass(frozen=True)
class Ancova:
    """Managed against comparison people after, given the outcome before.

    Right where the programme was allotted at random, or by the outcome before (and covariates) alone. It
    needs people for comparison: with managed people only, nothing tells the programme from time.

    Parameters
    ----------
    family : {"gaussian", "poisson"}
        The difference, linear in the outcome before; or the ratio, by Poisson regression on the log of one
        more than the count before.
    covariates : str
        A formula over the panel's covariates and ``age``.
    se : {"robust", "model"}
        Right for any variance (HC3, or HC1 for counts); or the usual one, which takes one variance for all
        (for counts: the mean).
    level : float
        Confidence level of the t interval.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1] * 8, mask=[False] * 4 + [True] * 4)
    >>> pairs = [[3, 1], [2, 2], [5, 0], [4, 3], [3, 4], [2, 2], [6, 5], [1, 2]]
    >>> e = Ancova()(Panel.from_arrays(pairs, start=start, name="arrests"))
    >>> round(e.estimate, 4), e.estimand
    (-1.9342, 'att_difference')
    """

    family: str = FAMILIES[0]
    covariates: str = ""
    se: str = STANDARD_ERRORS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Senn (2006), Stat. Med. 25, 4334-4344; MacKinnon & White (1985), J. Econometrics 29, 305-325"
    )
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.family, FAMILIES, "family")
        check_formula(self.covariates)
        check_choice(self.se, STANDARD_ERRORS, "se")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a panel; `native` is the fit of statsmodels.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 without comparison people.
        InputError
            IOM-E060 with fewer than two managed or comparison people; IOM-E066 for a Poisson fit of scores;
            IOM-E071 where everybody has the same outcome before; those of the covariates.
        DegenerateDataError
            IOM-E065 where the fit leaves nothing over, or nobody's outcome after differs;
            IOM-E064 or IOM-E070 when events are lacking.
        """
        del rng
        poisson = self.family == "poisson"
        counted = _after_rows(panel, self, poisson=poisson)
        rows = counted.rows
        if poisson:
            require_events(rows, "Ancova")
        check_rank(rows.matrix, rows.names)
        fit = self._fit(rows)
        if not poisson and fit.ssr <= _PERFECT * fit.uncentered_tss:
            raise DegenerateDataError("IOM-E065", f"{rows.frame.outcome}: {CODES['IOM-E065']}")
        cov = np.asarray(fit.cov_params())
        if poisson and self.se == "robust":
            cov = cov * len(rows.y) / fit.df_resid  # the library's HC1 lacks the factor for a GLM
        require_covariance(cov, "Ancova")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(rows.names, np.asarray(fit.params), cov, float(fit.df_resid)),
            method=f"analysis of covariance, {self.family}, {self.se} standard error",
            level=self.level,
            assumptions=_ASSUMPTIONS,
            ratio=poisson,
            native=fit,
            notes=(f"{counted.managed} managed and {rows.n - counted.managed} comparison people",),
            diagnostics={"slope": float(np.asarray(fit.params)[2])},
            estimand="att_ratio" if poisson else ("att_score" if rows.kind == "score" else "att_difference"),
            term="managed / comparison" if poisson else "managed - comparison",
        )

    def _fit(self, rows: Rows) -> Any:
        import statsmodels.api as sm  # noqa: PLC0415 slow to load

        with quiet_fit("Ancova"):
            if self.family == "gaussian":
                return sm.OLS(rows.y, rows.labelled()).fit(cov_type="HC3" if self.se == "robust" else "nonrobust")
            model = sm.GLM(rows.y, rows.labelled(), family=sm.families.Poisson(), offset=rows.offset)
            cov_type = "HC0" if self.se == "robust" else "nonrobust"
            return model.fit(cov_type=cov_type, maxiter=_STEPS, tol=_TIGHT, tol_criterion="params")


class _AfterRows(NamedTuple):
    rows: Rows
    managed: int


def _after_rows(panel: Panel, spec: Ancova, *, poisson: bool) -> _AfterRows:
    # One row a person: the outcome after, `post` holding who is managed and the first covariate the outcome before.
    flat = panel.prepost() if isinstance(panel, Panel) and panel.replicates is None else panel
    every = person_rows(flat, spec, covariates=spec.covariates, rates=poisson, all_people=True)
    managed = np.zeros(every.n, dtype=np.float64)
    np.maximum.at(managed, every.person, every.post)
    _require_both(managed, every)
    before, after = every.window == 0, every.window == 1
    made = every.restricted(after)
    baseline = np.log1p(every.y[before]) if poisson else every.y[before]
    name = "log1p(before)" if poisson else "before"
    design = Design(np.column_stack([baseline, made.design.matrix]), (name, *made.design.names))
    return _AfterRows(made.with_columns(managed, design).at_risk(), int(managed.sum()))


def _require_both(managed: NDArray[np.float64], rows: Rows) -> None:
    many = int(managed.sum())
    if many in {rows.n, 0}:
        raise NotIdentifiedError(
            "IOM-E068",
            f"{rows.frame.outcome}: Ancova compares managed with other people, and the panel has only one of the two; "
            "bring comparison people (group= or start=), or use RateRatio or PairedT for the change itself",
        )
    if min(many, rows.n - many) < 2:
        raise InputError(
            "IOM-E060", f"{rows.frame.outcome}: expected at least 2 managed and 2 comparison people with both windows"
        )
