"""Poisson mixed models: rate ratio with a gamma, lognormal or bivariate lognormal frailty."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.estimators.shared import count_results as out
from iom_causal.inputs.counts import POST, CountData, count_data
from iom_causal.inputs.covariates import check_formula
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.numerics import LEVEL
from iom_causal.numerics.mixed import bivariate
from iom_causal.numerics.mixed.quadrature import NODES, hermite
from iom_causal.numerics.mixed.shared import SharedFit, fit_shared, quadrature_error, spread_limit
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop
from iom_causal.streams import Seed

MIXING = ("gamma", "lognormal", "bivariate")
RATIOS = ("population", "conditional")
_SHARED = ("events are Poisson given the person", "a person's frailty is the same in every window")
_FACTOR = ("every person's rate changed by the same factor",)
_PAIR = ("events are Poisson given the person", "log frailties before and after are normal")
_NO_FRAILTY = "people do not vary more than Poisson counts do: the frailty's variance is 0, and this is the Poisson fit"
_AT_BOUND = "{} is at its bound; the interval is that of the profile likelihood"
_BOUNDS = ("the frailty's spread before", "the frailty's spread after", "the correlation of the frailties")


@dataclass(frozen=True)
class PoissonMixed:
    """Poisson mixed model: the rate ratio where people differ by a random frailty, by maximum likelihood.

    With ``"gamma"`` and ``"lognormal"`` one frailty holds for all windows; the ratio then hardly depends on its
    distribution, and equals that of the totals when exposure is common to all. With ``"bivariate"`` frailties before
    and after are correlated lognormals, so that people change by different factors.

    People with a window on one side alone stay in. Their part of the likelihood holds no ratio, but the level before
    and the mixing distribution: if who lacks a window after depends on the count before, those who have both are no
    sample of all, and without the others the level before would be theirs. That is right where lacking a window
    depends on what was seen and not on the frailty beside it, as time in custody after seen events does (the
    likelihood of events at a rate is the same whatever stopped the clock); `PoissonFixedEffects`, in which each person
    is compared with themselves, has nothing to learn from them.

    Parameters
    ----------
    mixing : {"gamma", "lognormal", "bivariate"}
        The mixing distribution.
    covariates : str
        A right-hand side over the panel's covariates, `age`, `post` and `time`, added to the log rate.
    nodes : int
        Quadrature nodes a dimension: odd, at least 5.
    ratio : {"population", "conditional"}
        Of mean rates, or for one and the same (median) person. They differ only for ``"bivariate"``.
    se : {"robust", "model"}
        Clustered by person with a t interval, or from the likelihood.
    level : float
        Confidence level.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]])
    >>> round(PoissonMixed()(panel).estimate, 6)
    0.428571
    """

    mixing: str = "gamma"
    covariates: str = ""
    nodes: int = NODES
    ratio: str = "population"
    se: str = "robust"
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Hausman, Hall & Griliches (1984), Econometrica 52, 909-938; Aitchison & Ho (1989), Biometrika 76, 643-653; "
        "Liu & Pierce (1994), Biometrika 81, 624-629"
    )
    symmetric: ClassVar[bool] = True
    uses_incomplete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.mixing, MIXING, "mixing")
        check_formula(self.covariates)
        check_choice(self.ratio, RATIOS, "ratio")
        check_choice(self.se, out.STANDARD_ERRORS, "se")
        check_level(self.level)
        hermite(self.nodes)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; a side without events gives a ratio of 0, or a lower limit alone.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 when covariates leave a coefficient infinite, or too few events identify the frailties.
        DegenerateDataError
            IOM-E064 when there are no events at all.
        """
        del rng
        refuse_replicates(panel, self)
        data = count_data(panel, self, self.covariates)
        base = self._words(data)
        if min(total[0] for total in data.totals) == 0:
            return out.without_events(self, RateRatio(level=self.level)(panel), base)
        if self.mixing == "bivariate":
            return self._pair(data, base)
        fit = self._shared(data)
        made = out.estimate(base, _shared_fitted(fit, data, self.mixing), data, self)
        return self._checked(made, fit, data)

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate each replicate; those that are not ordinary, or at a bound, one at a time."""
        data = count_data(panel, self, self.covariates)
        if not data.ordinary.any():
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        served = data.served()
        if self.mixing == "bivariate":
            pair = self._fit_pair(served)
            fitted, odd = self._pair_fitted(pair, served), pair.boundary.any(-1)
            lone = np.zeros(len(odd), dtype=np.bool_)
        else:
            shared = self._shared(served)
            fitted, odd = _shared_fitted(shared, served, self.mixing), np.zeros(len(data.y), dtype=np.bool_)
            lone = shared.boundary
        many = out.batch(self._words(data), fitted, served, self, numbers)
        many = many.noted([(_NO_FRAILTY,) if alone else () for alone in lone])
        return out.fill_odd(self, panel, data, many, odd)

    def _words(self, data: CountData) -> Estimate:
        pair = self.mixing == "bivariate"
        assumptions = _PAIR if pair else _SHARED + (_FACTOR if self.se == "model" else ())
        conditional = self.ratio == "conditional"
        return out.words(
            self,
            data,
            method=f"Poisson regression with {'correlated lognormal' if pair else self.mixing} frailties",
            estimand="conditional_ratio" if conditional else "descriptive_change",
            assumptions=assumptions,
            pinned=data.plain and not pair,
            coefficient=None if pair and not conditional else POST,
        )

    def _shared(self, data: CountData) -> SharedFit:
        return fit_shared(data.y, data.exposure, data.x, self.mixing, weight=data.weight, nodes=self.nodes)

    def _checked(self, made: Estimate, fit: SharedFit, data: CountData) -> Estimate:
        spread = float(fit.theta[0, -1])
        gain = max(2 * float(fit.log_lik[0] - fit.pooled_log_lik[0]), 0.0)
        figures: dict[str, float | bool] = {
            "frailty_sd": float(np.exp(spread if self.mixing == "lognormal" else spread / 2)),
            "frailty_is_zero": bool(fit.boundary[0]),
            "likelihood_ratio": gain,
            "likelihood_ratio_p": 0.5 * float(chdtrc(1, gain)) if gain > 0 else 1.0,
        }
        notes = made.notes
        if fit.boundary[0]:
            notes += (_NO_FRAILTY,)
            limit = spread_limit(
                data.y, data.exposure, data.x, self.mixing, fit, self.level, weight=data.weight, nodes=self.nodes
            )
            figures["frailty_sd_high"] = float(np.exp(limit if self.mixing == "lognormal" else limit / 2))
        elif self.mixing == "lognormal":
            figures["quadrature_error"] = quadrature_error(
                data.y, data.exposure, data.x, fit, weight=data.weight, nodes=self.nodes
            )
        return replace(made, notes=notes, diagnostics=FrozenMap({**made.diagnostics, **figures}))

    def _fit_pair(self, data: CountData) -> bivariate.BivariateFit:
        return bivariate.fit_bivariate(
            data.y, data.exposure, data.x, data.treated, weight=data.weight, nodes=self.nodes
        )

    def _pair_fitted(self, fit: bivariate.BivariateFit, data: CountData) -> out.Fitted:
        gradient = bivariate.population_gradient(fit.theta)
        log_ratio = bivariate.population_log_ratio(fit.theta)
        if self.ratio == "conditional":
            gradient = np.zeros_like(fit.theta)
            gradient[:, bivariate.CHANGE] = 1.0
            log_ratio = fit.theta[:, bivariate.CHANGE]
        terms = (*data.names, "log_sd_before", "log_sd_after", "atanh_correlation")
        hessian, meat = fit.hessian.copy(), fit.meat.copy()
        absent = fit.boundary.copy()
        absent[:, 2] |= fit.boundary[:, :2].any(-1)
        replicate, held = np.nonzero(absent)
        place = held + len(data.names)
        for array in (hessian, meat):
            array[replicate, place, :] = 0.0
            array[replicate, :, place] = 0.0
        return out.Fitted(fit.theta, terms, hessian, meat, log_ratio, gradient, fit.log_lik, fit.evaluations, fit.ended)

    def _pair(self, data: CountData, base: Estimate) -> Estimate:
        fit = self._fit_pair(data)
        made = out.estimate(base, self._pair_fitted(fit, data), data, self)
        theta = fit.theta[0]
        sds = np.exp(theta[-3:-1])
        figures = {
            "conditional_ratio": float(np.exp(theta[bivariate.CHANGE])),
            "population_ratio": float(np.exp(bivariate.population_log_ratio(theta))),
            "frailty_sd_before": float(sds[0]),
            "frailty_sd_after": float(sds[1]),
            "frailty_correlation": float(np.tanh(theta[-1])),
        }
        made = replace(made, diagnostics=FrozenMap({**made.diagnostics, **figures}))
        if not fit.boundary[0].any():
            return made
        return self._profiled(made, fit, data)

    def _profiled(self, made: Estimate, fit: bivariate.BivariateFit, data: CountData) -> Estimate:
        at = " and ".join(name for name, held in zip(_BOUNDS, fit.boundary[0], strict=True) if held)
        notes = (*made.notes, _AT_BOUND.format(at))
        if self.ratio == "conditional" or made.estimate is None:
            return replace(made, notes=notes)
        ends = bivariate.profile_limits(
            data.y,
            data.exposure,
            data.x,
            data.treated,
            fit.theta[0],
            self.level,
            weight=data.weight,
            nodes=self.nodes,
        )
        low, high = (float(np.exp(end)) for end in ends)
        return replace(made, notes=notes, conf_low=low, conf_high=high, law=None)


def _shared_fitted(fit: SharedFit, data: CountData, mixing: str) -> out.Fitted:
    gradient = np.zeros_like(fit.theta)
    gradient[:, 1] = 1.0
    last = "log_frailty_variance" if mixing == "gamma" else "log_frailty_sd"
    return out.Fitted(
        fit.theta,
        (*data.names, last),
        fit.hessian,
        fit.meat,
        fit.theta[:, 1],
        gradient,
        fit.log_lik,
        fit.evaluations,
        fit.ended,
    )
