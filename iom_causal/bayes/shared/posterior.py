"""The posterior of one fit as a value, and the result that is read off it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.equality import same
from iom_causal.base.formats import number, percent
from iom_causal.base.specs import EMPTY, FrozenMap
from iom_causal.beliefs.distributions import Distribution
from iom_causal.estimate import Estimate, Part
from iom_causal.intervals import Draws, SamplingDistribution, Tabulated
from iom_causal.numerics.posterior.importance import Weighted, resampled
from iom_causal.numerics.posterior.marginal import cumulated

type Floats = NDArray[np.float64]

GRID, IMPORTANCE, NUTPIE, PYMC = "grid", "importance", "nutpie", "pymc"
"""How a posterior was worked out: `sampler` of `Posterior`."""
HIGHEST_K = 0.7
"""The Pareto k above which importance weights are not trusted (Vehtari et al. 2024)."""
DRAWS = 4000
"""How many independent draws a posterior keeps."""
SET = "the set runs over all that is left open, and the interval is around it"
FROM_DRAWS = "from its draws: "
"""How the note begins that says how ArviZ gives the interval."""
MOSTLY_PRIOR = 0.5
"""The contraction below which a result says that it is mostly its prior."""
RATIOS = (0.9, 1.0)
"""The ratios below which a result says how probable the ratio is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """Draws of the parameters of one fit, on the scale on which they are unbounded.

    Parameters
    ----------
    names : tuple of str
        The parameters.
    draws : ndarray
        (chains, draws, parameters); independent ones are one chain.
    sampler : str
        ``"grid"``, ``"importance"``, ``"nutpie"`` or ``"pymc"``.
    exact : mapping of str to SamplingDistribution
        Marginals that are known better than by the draws.
    figures : mapping
        What says whether it is to be trusted: Pareto k, effective draws, R-hat.
    notes : tuple of str
        What a reader must know of that.
    tree : DataTree, optional
        As the sampler returned it.
    derived : mapping of str to ndarray
        Draws of what follows from the parameters and the data, (chains, draws) each, by PyMC's names.
    """

    names: tuple[str, ...]
    draws: Floats
    sampler: str
    exact: Mapping[str, SamplingDistribution] = EMPTY
    figures: Mapping[str, Any] = EMPTY
    notes: tuple[str, ...] = ()
    tree: Any = field(default=None, compare=False)
    derived: Mapping[str, Floats] = EMPTY

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def flat(self) -> Floats:
        """(draws, parameters) of all chains together."""
        return self.draws.reshape(-1, len(self.names))

    def of(self, name: str) -> Floats:
        """Return the draws of one parameter, (chains, draws)."""
        return np.asarray(self.draws[..., self.names.index(name)])

    def marginal(self, name: str) -> SamplingDistribution:
        """Return the marginal of one parameter, the best that is known."""
        return self.exact.get(name) or Draws(self.of(name).ravel())


def from_importance(
    names: Sequence[str], weighted: Weighted, rng: np.random.Generator, *, size: int = DRAWS
) -> Posterior:
    """Return the posterior of weighted points: marginals by their weights, and draws resampled from them."""
    tables = [cumulated(weighted.points[:, k], weighted.weight) for k in range(len(names))]
    exact = {n: Tabulated(table.values, table.share) for n, table in zip(names, tables, strict=True)}
    figures = {"pareto_k": weighted.pareto_k, "effective_draws": weighted.effective}
    return Posterior(
        names=tuple(names),
        draws=resampled(weighted, rng, size)[None],
        sampler=IMPORTANCE,
        exact=FrozenMap(exact),
        figures=FrozenMap(figures),
    )


def of_log(law: SamplingDistribution) -> SamplingDistribution:
    """Return the distribution of the exponential of a quantity."""
    if isinstance(law, Tabulated):
        return replace(law, log=True)
    return Draws(np.exp(cast("Draws", law).values))


def median(law: SamplingDistribution) -> float:
    """Return the posterior median."""
    return float(law.quantile(np.array([0.5]))[0]) if isinstance(law, Tabulated) else float(np.median(_values(law)))


def _values(law: SamplingDistribution) -> Floats:
    return cast("Draws", law).values


def _sd(law: SamplingDistribution, *, ratio: bool) -> float:
    if isinstance(law, Tabulated) and law.log == ratio:
        return law.sd
    shown = law.quantile(np.linspace(0.0005, 0.9995, 1000)) if isinstance(law, Tabulated) else _values(law)
    return float(np.log(shown).std() if ratio else shown.std())


def probability_below(law: SamplingDistribution, value: float) -> float:
    """Return the posterior probability of a smaller value."""
    return law.probability(value) if isinstance(law, Tabulated) else float((_values(law) < value).mean())


def contraction(posterior: Posterior, prior_sd: Mapping[str, float]) -> FrozenMap[str, float]:
    """Return ``1 - var(posterior) / var(prior)`` of every parameter with a prior spread."""
    spread = posterior.flat.var(0)
    return FrozenMap({n: float(1 - spread[posterior.names.index(n)] / sd**2) for n, sd in prior_sd.items()})


def mostly_prior(sd: float, prior_sd: float) -> tuple[str, ...]:
    """Return a note where the data took away less than half of the variance of the estimand's prior.

    Examples
    --------
    >>> mostly_prior(0.1, 0.35), mostly_prior(0.3, 0.35)
    ((), ('mostly the prior: the data took away 27% of its variance; state the prior with the result',))
    """
    taken = max(1 - (sd / prior_sd) ** 2, 0.0)
    if not taken < MOSTLY_PRIOR:
        return ()
    return (f"mostly the prior: the data took away {percent(taken)} of its variance; state the prior with the result",)


def posterior_estimate(
    words: Estimate,
    posterior: Posterior,
    *,
    of: str,
    law: SamplingDistribution | None = None,
    priors: Mapping[str, Distribution],
    prior_sd: Mapping[str, float],
    held: Any = None,
) -> Estimate:
    """Return the result of a posterior: median, SD, equal-tailed interval, every parameter and its prior.

    Parameters
    ----------
    words : Estimate
        What the result says: outcome, people, exposure, estimand, scale, level, assumptions, notes, spec.
    posterior : Posterior
        Of all parameters.
    of : str
        The parameter that the estimate is of; where the scale is a ratio, its exponential is.
    law : SamplingDistribution, optional
        The posterior of the estimand on its natural scale, where that is no single parameter: `of` is then ignored.
    priors : mapping of str to Distribution
        By what each is of, in words; each becomes a line of the assumptions.
    prior_sd : mapping of str to float
        SD of the prior of parameters, on the scale of the draws, for the contraction, and for a note where that of the
        estimand, if it is a single parameter, is small.
    held : object, optional
        What `Estimate.native` is made of.
    """
    ratio = words.scale == "ratio"
    single = law is None
    if law is None:
        law = posterior.marginal(of)
        law = of_log(law) if ratio else law
    low, high = law.interval(words.conf_level)
    sd = _sd(law, ratio=ratio)
    cov = np.atleast_2d(np.cov(posterior.flat.T))
    parts = []
    for k, name in enumerate(posterior.names):
        marginal = posterior.marginal(name)
        error = sd if single and name == of else float(np.sqrt(cov[k, k]))
        parts.append(Part(name, median(marginal), error, None, None, *marginal.interval(words.conf_level)))
    if single:  # the exact marginal's SD stands in the covariance too
        k = posterior.names.index(of)
        scale = np.ones(len(cov))
        scale[k] = sd / np.sqrt(cov[k, k])
        cov = cov * np.outer(scale, scale)
    little = mostly_prior(sd, prior_sd[of]) if single and of in prior_sd else ()
    figures = {
        "sampler": posterior.sampler,
        "contraction": contraction(posterior, prior_sd),
        "probability_below": FrozenMap({str(v): probability_below(law, v) for v in (RATIOS if ratio else (0.0,))}),
        **posterior.figures,
    }
    return replace(
        words,
        estimate=median(law),
        std_error=sd,
        std_error_scale="log" if ratio else "identity",
        conf_low=low,
        conf_high=high,
        interval="credible-eti",
        notes=(*words.notes, *posterior.notes, *little, arviz_call("ratio" if ratio else "change", words.conf_level)),
        assumptions=(*words.assumptions, *stated(priors)),
        diagnostics=FrozenMap({**words.diagnostics, **figures}),
        parts=tuple(parts),
        cov=cov,
        coefficient=of if single else None,
        law=law,
        held=held,
    )


def stated(priors: Mapping[str, Distribution]) -> tuple[str, ...]:
    """Return priors, by what each is of, as lines of the assumptions."""
    return tuple(f"before the data, {what} is {prior_text(prior)}" for what, prior in priors.items())


def prior_text(prior: Distribution) -> str:
    """Return a prior as it is written, its numbers with four digits where they have more.

    Examples
    --------
    >>> from iom_causal.beliefs import Normal
    >>> prior_text(Normal(1.791759469228055, 1.5))
    'Normal(mean=1.792, sd=1.5)'
    """
    if not is_dataclass(prior):
        return str(prior)
    named = ((f.name, getattr(prior, f.name)) for f in fields(prior))
    return f"{type(prior).__name__}({', '.join(f'{name}={_short(value)}' for name, value in named)})"


def _short(value: Any) -> Any:
    return number(value) if isinstance(value, float) and float(number(value)) != value else value


def arviz_call(name: str, level: float) -> str:
    """Return the call of ArviZ that gives the interval from the draws, as a note."""
    return f"{FROM_DRAWS}az.eti(result.native, var_names={name!r}, prob={number(level)})"


def set_over(results: Sequence[Estimate], *, spec: Any) -> Estimate:
    """Return the set of posterior medians over several cases, with an interval around all of them; one stays itself.

    A set keeps no draws, and says nothing of them.

    Examples
    --------
    >>> ends = [Estimate(outcome="risk", method="m", estimate=e, conf_low=e - 1, conf_high=e + 1) for e in (-3.0, -1.0)]
    >>> both = set_over(ends, spec=None)
    >>> both.set_low, both.set_high, both.conf_low, both.conf_high
    (-3.0, -1.0, -4.0, 0.0)
    """
    first = results[0]
    if len(results) == 1:
        return replace(first, spec=spec)
    middles = [e.estimate for e in results if e.estimate is not None]
    lows, highs = (
        [end for end in ends if end is not None]
        for ends in zip(*((e.conf_low, e.conf_high) for e in results), strict=True)
    )
    at = {"lowest": middles.index(min(middles)), "highest": middles.index(max(middles))}
    return replace(
        first,
        estimate=None,
        std_error=None,
        set_low=min(middles),
        set_high=max(middles),
        conf_low=min(lows),
        conf_high=max(highs),
        interval="bounds",
        notes=tuple(dict.fromkeys((*(n for e in results for n in e.notes if not n.startswith(FROM_DRAWS)), SET))),
        assumptions=tuple(dict.fromkeys(a for e in results for a in e.assumptions)),
        diagnostics=FrozenMap({end: results[k].diagnostics for end, k in at.items()}),
        parts=(),
        cov=None,
        coefficient=None,
        law=None,
        held=None,
        spec=spec,
    )
