"""Analysis of covariance: managed against comparison people after, adjusted for the outcome before."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import check_choice, check_level, refuse_data
from iom_causal.errors import CODES, ConvergenceError, DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.block_estimates import block_estimates
from iom_causal.estimators.shared.coefficients import (
    POST,
    Coefficients,
    coefficient_estimate,
    coefficient_words,
    require_covariance,
    standard_errors,
)
from iom_causal.estimators.shared.log_linear import require_events
from iom_causal.estimators.shared.requirements import (
    Requirement,
    advised,
    both_groups,
    one_start,
    require,
    selected_alike,
    windows_before,
)
from iom_causal.inputs.blocks import RowBlock, row_block
from iom_causal.inputs.covariates import CovariateMatrix, check_formula, check_rank
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.rows import Rows, no_days, person_rows, quiet_fit
from iom_causal.numerics import LEVEL
from iom_causal.numerics.mixed.regressions import ALONE, HIGHEST, Fits, least_squares, leverages
from iom_causal.numerics.mixed.regressions import poisson as poisson_regression
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one, require_panel
from iom_causal.streams import Seed
from iom_causal.windows import YEAR

FloatArray = NDArray[np.float64]

FAMILIES = ("gaussian", "poisson")
STANDARD_ERRORS = ("robust", "model")

_ASSUMPTIONS = (
    "people are independent of one another",
    "without the programme, people alike before (outcome, covariates) would have been alike after, on average",
    "the outcome after depends on the one before through the stated form",
)
_ADJUSTED = (
    "adjusting for the outcome before takes out what comes back of itself where people were picked by that outcome "
    "alone and the form is right where one group has no people, and not otherwise"
)
_STEPS = 100
_TIGHT = 1e-11  # of coefficients: Newton's last step from 1e-6 goes beyond it
_MANAGED = "managed"
_PERFECT = 1e-20  # of the sum of squares: only rounding, or the last step of the search, is left


@dataclass(frozen=True)
class Ancova:
    """Analysis of covariance: managed against comparison people after, adjusted for the outcome before.

    Right where the programme was allotted at random, or by the outcome before (and covariates) alone. It
    needs people for comparison: with managed people only, nothing tells the programme from time. Where the panel knows
    of comparison people selected alike (`Panel.selected`), they alone are compared.

    Parameters
    ----------
    family : {"gaussian", "poisson"}
        The difference, linear in the outcome before; or the ratio, by Poisson regression on the log of one
        more than the count before, which is that of a year where days at risk are known.
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
    identification: ClassVar[str] = (
        "without the programme, people alike before (outcome, covariates) would have been alike after, on average"
    )
    maryland: ClassVar[int] = 3

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
            IOM-E065 where the fit leaves nothing over, nobody's outcome after differs, or those who decide the
            contrast lie on the fit (not for the Poisson model's own standard error, which does not rest on what is
            left over);
            IOM-E064 or IOM-E070 when events are lacking.
        ConvergenceError
            IOM-E080 where HC3 does not exist, because a coefficient rests on one person.
        """
        del rng
        poisson = self.family == "poisson"
        require_panel(panel, "Ancova")
        refuse_replicates(panel, self)
        requirements = self.requirements(panel)
        require(panel.name, "Ancova", requirements)
        counted = _after_rows(advised(panel, requirements), self, poisson=poisson)
        rows = counted.rows
        if poisson:
            require_events(rows, "Ancova")
        check_rank(rows.matrix, rows.names)
        fit = self._fit(rows)
        left = rows.y - np.asarray(fit.fittedvalues)
        if (self.se == "robust" or not poisson) and left @ left <= _PERFECT * (rows.y @ rows.y):
            raise DegenerateDataError("IOM-E065", f"{rows.sample.outcome}: {CODES['IOM-E065']}")
        if self.se == "robust" and not poisson and leverages(rows.matrix).max() > ALONE:
            raise ConvergenceError(
                "IOM-E080", f'{rows.sample.outcome}: a coefficient rests on one person; write Ancova(se="model")'
            )
        cov = np.asarray(fit.cov_params())
        if poisson and self.se == "robust":
            cov = cov * len(rows.y) / fit.df_resid  # the library's HC1 lacks the factor for a GLM
        if self.se == "robust":
            cov = self._without_rounding(rows, cov)
        require_covariance(cov, "Ancova")
        return coefficient_estimate(
            rows,
            self,
            Coefficients(rows.names, np.asarray(fit.params), cov, float(fit.df_resid)),
            native=fit,
            notes=(_both(counted.managed, rows.n),),
            diagnostics={"slope": float(np.asarray(fit.params)[2])},
            **self._said(panel),
        )

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self.family == "poisson":
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: two groups, one start, a window before, and people selected alike."""
        alike = selected_alike(panel, instead=_ADJUSTED)
        return (*both_groups(panel), one_start(panel), windows_before(panel), alike)

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate at once; with covariates, and where the single call refuses, one by one."""
        poisson = self.family == "poisson"
        if self.covariates or (poisson and panel.kind == "score"):
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        block = row_block(advised(panel, self.requirements(panel)).prepost(), rates=poisson, comparison=True)
        laid = _after_block(block, poisson=poisson)
        fits = self._fits(laid)
        both = np.minimum(laid.managed, laid.people - laid.managed) >= 2
        fits = fits._replace(sound=fits.sound & both & ~block.odd & (standard_errors(fits.cov)[:, POST] > 0))
        estimates = block_estimates(
            block,
            fits,
            coefficient_words(block.sample, self, coefficient=_MANAGED, exposure=block.exposure, **self._said(panel)),
            ("intercept", _MANAGED, _baseline(poisson=poisson)),
            n_used=laid.people,
            numbers=numbers,
            notes=_notes(block, laid),
        )
        return estimates.overlaid(one_by_one(self, panel, np.flatnonzero(~fits.sound)))

    def _regressed(self, x: FloatArray, y: FloatArray, offset: FloatArray, weight: FloatArray) -> Fits:
        robust = self.se == "robust"
        if self.family == "poisson":
            return poisson_regression(x, y, offset, weight, robust=robust)
        return least_squares(x, y, weight, robust=robust)

    def _without_rounding(self, rows: Rows, cov: FloatArray) -> FloatArray:
        # Which variances rest on rounding is decided as over replicates: the library does not ask.
        fits = self._regressed(rows.matrix[None], rows.y[None], rows.offset[None], np.ones((1, len(rows.y))))
        sound = np.diag(fits.cov[0]) > 0
        if not fits.sound[0]:
            return cov
        if not sound[POST]:
            raise DegenerateDataError(
                "IOM-E065",
                f"{rows.sample.outcome}: the people who decide the contrast lie on the fit, so that its standard error "
                'would be rounding; write Ancova(se="model")',
            )
        return np.where(sound[:, None] & sound, cov, 0.0)

    def _fits(self, laid: "_AfterBlock") -> Fits:
        poisson, robust = self.family == "poisson", self.se == "robust"
        fits = self._regressed(laid.x, laid.y, laid.offset, laid.weight)
        if poisson and not robust:
            return fits
        fitted = np.einsum("rnp,rp->rn", laid.x, fits.values)
        left = laid.y - (np.exp(np.minimum(fitted + laid.offset, HIGHEST)) if poisson else fitted)
        exact = (laid.weight * left**2).sum(-1) <= _PERFECT * (laid.weight * laid.y**2).sum(-1)
        return fits._replace(sound=fits.sound & ~exact)

    def _said(self, panel: Panel) -> dict[str, Any]:
        poisson = self.family == "poisson"
        return {
            "method": f"analysis of covariance, {self.family}, {self.se} standard error",
            "level": self.level,
            "assumptions": _ASSUMPTIONS,
            "ratio": poisson,
            "estimand": self.estimand(panel),
            "term": "managed / comparison" if poisson else "managed - comparison",
        }

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
    every = person_rows(flat, spec, covariates=spec.covariates, rates=poisson, comparison=True)
    managed = np.zeros(every.n, dtype=np.float64)
    np.maximum.at(managed, every.person, every.post)
    before, after = every.window == 0, every.window == 1
    made = every.restricted(after)
    days = None if every.days is None else every.days[before]
    baseline = np.log1p(every.y[before] * _to_a_year(days)) if poisson else every.y[before]
    names = (_baseline(poisson=poisson), *made.covariates.names)
    adjusted = CovariateMatrix(np.column_stack([baseline, made.covariates.matrix]), names)
    rows = made.with_columns(managed, adjusted, _MANAGED).at_risk()
    _require_both(rows)
    return _AfterRows(rows, int(rows.post.sum()))


class _AfterBlock(NamedTuple):
    x: FloatArray
    y: FloatArray
    offset: FloatArray
    weight: FloatArray
    managed: NDArray[np.int64]
    people: NDArray[np.int64]


def _after_block(block: RowBlock, *, poisson: bool) -> _AfterBlock:
    # The same over replicates; people without a day at risk after do not count.
    before, after = block.y[..., 0], block.y[..., 1]
    managed = np.broadcast_to(block.treated.max(-1), before.shape)
    days = np.ones(before.shape) if block.days is None else np.broadcast_to(block.days[..., 1], before.shape)
    weight = np.where(days > 0, block.weight, 0.0)
    scaled = np.log1p(before * _to_a_year(None if block.days is None else block.days[..., 0])) if poisson else before
    x = np.stack([np.ones(before.shape), managed, scaled], axis=-1)
    counts = [np.rint(total.sum(-1)).astype(np.int64) for total in (weight * managed, weight)]
    return _AfterBlock(x, after, np.log(np.where(days > 0, days, 1.0)), weight, counts[0], counts[1])


def _to_a_year(days: FloatArray | None) -> FloatArray:
    """Return a year over days at risk before, (...,): one more than a count depends on the window that it is of."""
    if days is None:
        return np.ones(())
    return np.asarray(np.where(days > 0, YEAR / np.where(days > 0, days, 1.0), 1.0))


def _notes(block: RowBlock, laid: _AfterBlock) -> tuple[tuple[str, ...], ...]:
    lost = np.rint(block.weight.sum(-1)).astype(np.int64) - laid.people
    return tuple(
        (*([no_days(int(windows))] if windows else []), _both(int(managed), int(people)))
        for windows, managed, people in zip(lost, laid.managed, laid.people, strict=True)
    )


def _baseline(*, poisson: bool) -> str:
    return "log1p(before)" if poisson else "before"


def _both(managed: int, people: int) -> str:
    return f"{managed} managed and {people - managed} comparison people"


def _require_both(rows: Rows) -> None:
    many = int(rows.post.sum())
    if many in {rows.n, 0}:
        raise NotIdentifiedError(
            "IOM-E068",
            f"{rows.sample.outcome}: Ancova compares managed with other people, and the panel has only one of the two; "
            "bring comparison people (group= or start=), or use RateRatio or PairedT for the change itself",
        )
    if min(many, rows.n - many) < 2:
        raise InputError(
            "IOM-E060", f"{rows.sample.outcome}: expected at least 2 managed and 2 comparison people with both windows"
        )
