"""What the result of a Bayesian model of counts says beside its figures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.count_fit import CONDITIONAL, RATIO
from iom_causal.bayes.shared.count_likelihoods import CountLikelihood
from iom_causal.bayes.shared.exposure import per_unit
from iom_causal.bayes.shared.parameters import Parameter
from iom_causal.bayes.shared.posterior import GRID, IMPORTANCE, Posterior, of_log, stated
from iom_causal.beliefs.distributions import Distribution
from iom_causal.estimate import Estimate
from iom_causal.inputs.counts import REFERENCE_LEVEL, CountData
from iom_causal.intervals import SamplingDistribution

type Floats = NDArray[np.float64]

_BY = {GRID: "on a grid", IMPORTANCE: "by importance sampling"}


def count_words(
    data: CountData,
    likelihood: CountLikelihood,
    parameters: Sequence[Parameter],
    *,
    spec: Any,
    sampler: str,
    level: float,
    conditional: bool,
    aged: Floats | None,
) -> Estimate:
    """Return the result without its figures: what it is of, how it was worked out, what must hold, its priors.

    Parameters
    ----------
    data : CountData
        The people.
    likelihood : CountLikelihood
        Of their counts.
    parameters : sequence of Parameter
        Of rates, covariates and the likelihood, in this order.
    spec : object
        The settings.
    sampler : str
        How the posterior was worked out.
    level : float
        Of the interval.
    conditional : bool
        Whether the ratio is that of one and the same person.
    aged : ndarray, optional
        Each person's expected log change with age.
    """
    notes, ageing = data.sample.notes, list[str]()
    if any("post" in name.split(":") for name in data.names[2:]):
        notes += (REFERENCE_LEVEL,)
    if aged is not None:
        mean = math.exp(np.average(aged))
        notes += (f"the ratio is beside the change expected with age, a factor of {mean:.3f} on average",)
        ageing.append("people would have changed with age as the stated curve says")
    priors = stated(_priors(data, likelihood, parameters))
    return Estimate(
        outcome=data.sample.outcome,
        method=f"{likelihood.words}, posterior {_BY.get(sampler, f'by {sampler}')}",
        estimand="conditional_ratio" if conditional else "descriptive_change",
        term="after / before",
        scale="ratio",
        std_error_scale="log",
        conf_level=level,
        n_input=data.sample.n_input,
        exposure=data.exposure_words,
        notes=notes,
        assumptions=("people are independent of one another", *likelihood.assumptions, *ageing, *priors),
        coefficient=RATIO,
        spec=spec,
        pinned=data.sample.pinned(),
    )


def _priors(data: CountData, likelihood: CountLikelihood, parameters: Sequence[Parameter]) -> dict[str, Distribution]:
    """Return the priors by what each is of."""
    mean, ratio, *others = (p.prior for p in parameters)
    per = per_unit(data.exposure_words)
    priors = {f"the log of the mean number before, {per},": mean, "the log of the ratio": ratio}
    if len(data.names) > 2:
        priors["each coefficient"] = others[0]
    return priors | {what: p.prior for what, p in zip(likelihood.stated, likelihood.parameters, strict=True)}


def both_ratios(posterior: Posterior, level: float) -> dict[str, FrozenMap[str, float]]:
    """Return median and interval of the ratio of mean rates and of that for one person, where they differ."""
    if CONDITIONAL not in posterior.exact:
        return {}
    laws = {"population_ratio": posterior.marginal(RATIO), "conditional_ratio": posterior.exact[CONDITIONAL]}
    return {name: _figures(of_log(law), level) for name, law in laws.items()}


def _figures(law: SamplingDistribution, level: float) -> FrozenMap[str, float]:
    (low, high), (middle, _) = law.interval(level), law.interval(1e-9)
    return FrozenMap({"estimate": middle, "conf_low": low, "conf_high": high})
