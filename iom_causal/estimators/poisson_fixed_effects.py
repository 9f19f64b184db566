"""Fixed-effects (conditional) Poisson regression: rate ratio within people."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.specs import check_choice, check_level, refuse_data
from iom_causal.errors import NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.estimators.shared import count_results as out
from iom_causal.inputs.counts import CountData, count_data
from iom_causal.inputs.covariates import check_formula, check_rank
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.numerics import LEVEL
from iom_causal.numerics.mixed.shared import fit_shared
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop
from iom_causal.streams import Seed

METHOD = "Poisson regression with a fixed effect a person"
_MODEL = ("events are Poisson given the person", "every person's rate changed by the same factor")
_MEAN = ("a person's expected events are the person's own level times the factors of the model",)


@dataclass(frozen=True)
class PoissonFixedEffects:
    """Fixed-effects Poisson regression: the rate ratio within people, whatever their frailties.

    Right under any frailty, and with the robust standard error under any distribution of the counts, when each
    person's mean is his or her own level times the model's factors.

    Parameters
    ----------
    covariates : str
        A right-hand side over the panel's covariates, `age`, `post` and `time`; only what varies within people is
        identified, such as ``"post:age"`` or ``"time"``.
    se : {"robust", "model"}
        Clustered by person with a t interval, or from Poisson counts and one factor common to all.
    level : float
        Confidence level.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 3]] * 10 + [[2, 1]] * 5)
    >>> round(PoissonFixedEffects()(panel).estimate, 6)
    0.875
    """

    covariates: str = ""
    se: str = "robust"
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Hausman, Hall & Griliches (1984), Econometrica 52, 909-938; Wooldridge (1999), J. Econometrics 90, 77-97"
    )
    symmetric: ClassVar[bool] = True
    uses_incomplete: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_formula(self.covariates)
        check_choice(self.se, out.STANDARD_ERRORS, "se")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; a side without events gives a ratio of 0, or a lower limit alone.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 for covariates that do not vary within people, or that leave a coefficient infinite.
        DegenerateDataError
            IOM-E064 when there are no events at all.
        """
        del rng
        refuse_replicates(panel, self)
        data = self._data(panel)
        base = self._words(data)
        if min(total[0] for total in data.totals) == 0:
            return out.without_events(self, RateRatio(level=self.level)(panel), base)
        return out.estimate(base, self._fit(data), data, self)

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate each replicate."""
        data = self._data(panel)
        if not data.ordinary.any():
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        served = data.served()
        many = out.batch(self._words(data), self._fit(served), served, self, numbers)
        return out.fill_odd(self, panel, data, many)

    def _data(self, panel: Panel) -> CountData:
        data = count_data(panel, self, self.covariates, both_sides=True)
        if self.covariates:
            _check_within(data)
        return data

    def _fit(self, data: CountData) -> out.Fitted:
        fit = fit_shared(data.y, data.exposure, data.x[..., 1:], "fixed", weight=data.weight)
        gradient = np.zeros_like(fit.theta)
        gradient[:, 0] = 1.0
        return out.Fitted(
            fit.theta,
            data.names[1:],
            fit.hessian,
            fit.meat,
            fit.theta[:, 0],
            gradient,
            fit.log_lik,
            fit.evaluations,
            fit.ended,
        )

    def _words(self, data: CountData) -> Estimate:
        assumptions = _MODEL if self.se == "model" else _MEAN
        return out.words(
            self, data, method=METHOD, estimand="descriptive_change", assumptions=assumptions, pinned=data.plain
        )


def _check_within(data: CountData) -> None:
    x = data.x[..., 1:] if data.x.ndim == 3 else data.x[None, :, 1:]
    within = x - x.mean(axis=1, keepdims=True)
    flat = np.abs(within).max(axis=(0, 1)) <= 1e-12 * np.abs(x).max(axis=(0, 1))
    names = data.names[1:]
    if flat.any():
        constant = ", ".join(name for name, same in zip(names, flat, strict=True) if same)
        raise NotIdentifiedError(
            "IOM-E068",
            f"covariates: {constant} does not vary within people, whose own effects absorb it; "
            f"let it change the change: 'post:{constant.split(',')[0]}'",
        )
    check_rank(within.reshape(-1, within.shape[-1]), names)
