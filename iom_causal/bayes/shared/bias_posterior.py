"""Posterior of a ledger's lines and remainder under a prior on the programme: figures of it, and which lines moved."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from iom_causal.base.specs import FrozenMap
from iom_causal.beliefs import Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.inputs.lines import NO_SPREAD, REMAINDER, JointDraws, with_remainder
from iom_causal.intervals import Draws, SamplingDistribution, Tabulated
from iom_causal.numerics import LEVEL
from iom_causal.numerics.adjustment.attribution import lmdi
from iom_causal.numerics.posterior.marginal import cumulated
from iom_causal.numerics.posterior.reweighting import (
    Noise,
    Reweighted,
    reweighted,
    reweighted_by_parts,
    shift_to_even,
    unweighted,
)

type Floats = NDArray[np.float64]

MANY = 20_000
"""Draws from which a prior's variance is worked out."""
TENTH = 0.1
"""The fall, as a share of the level before, of which the probability is given beside that of any."""
FIGURES = 6
"""How many figures of a case there are under a prior."""


class Component(NamedTuple):
    """Posterior of one component of the observed change: its median and its interval in three units.

    Attributes
    ----------
    value, low, high : float
        Log of a ratio, or points of a score.
    per_person, per_person_low, per_person_high : float
        In the outcome's own unit (logarithmic mean Divisia shares); the mean in place of the median, so that these add
        up to the mean observed change.
    share, share_low, share_high : float
        Of the observed change; below 0 where it goes the other way, above 1 where others do.
    contraction : float
        ``1 - var(posterior) / var(prior)``: near 0 where the data say nothing of it.
    """

    value: float
    low: float
    high: float
    per_person: float
    per_person_low: float
    per_person_high: float
    share: float
    share_low: float
    share_high: float
    contraction: float


class UnderPrior(NamedTuple):
    """What remains under one prior of the programme; of a set the lowest and the highest over its cases.

    Of a degenerate prior there are no figures: all but the prior, `effective` and `pareto_k` are None.

    Attributes
    ----------
    prior : str
        The prior, in the unit that the model states.
    median_low, median_high : float or None
        Posterior median, as a ratio or in points.
    conf_low, conf_high : float or None
        Ends of the equal-tailed interval, around the set where there is one.
    fall_low, fall_high : float or None
        Probability of a ratio below 1, or of a difference below 0.
    tenth_low, tenth_high : float or None
        Probability of a fall of a tenth of the level before or more.
    bias_low, bias_high : float or None
        Bias beyond the listed lines, as a ratio after over before or in points, at which a fall is as likely as not.
    effective : float
        Equally weighted draws that the weights are worth, in the worst case.
    pareto_k : float or None
        Of the weights, in that case; None where all are alike.
    degenerate : bool
        Whether the prior and the ledger hardly overlap, in a case at least, so that weights are not to be trusted.
    """

    prior: str
    median_low: float | None
    median_high: float | None
    conf_low: float | None
    conf_high: float | None
    fall_low: float | None
    fall_high: float | None
    tenth_low: float | None
    tenth_high: float | None
    bias_low: float | None
    bias_high: float | None
    effective: float
    pareto_k: float | None
    degenerate: bool

    @property
    def figures(self) -> Mapping[str, float]:
        """The figures by the name of their field; none of a degenerate prior."""
        return {name: v for name, v in self._asdict().items() if name.endswith(("_low", "_high")) and v is not None}

    def middle(self, name: str) -> float | None:
        """Return the median, or the probability of a fall: of a set the middle of its ends.

        Parameters
        ----------
        name : str
            "median", "fall", "tenth" or "bias".
        """
        known = self.figures
        return (known[f"{name}_low"] + known[f"{name}_high"]) / 2 if known else None


class Case(NamedTuple):
    """Joint draws of one case of a ledger with the remainder as their last column, and how they are read.

    Attributes
    ----------
    drawn : JointDraws
        Of the ledger.
    values : ndarray
        (D, K + 2): observed, lines, remainder; in rising order of the remainder.
    score : bool
        Whether columns are points, and not logs.
    unit : float
        Points, or logs, that 1 of the prior stands for.
    """

    drawn: JointDraws
    values: Floats
    score: bool
    unit: float

    @classmethod
    def of(cls, drawn: JointDraws, *, score: bool, unit: float) -> "Case":
        """Return the case of a ledger's joint draws."""
        values = with_remainder(drawn.wide)
        order = np.argsort(values[:, -1], kind="stable")  # once, so that no prior has to sort again
        return cls(drawn, values[order], score, unit)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return (*self.drawn.names, REMAINDER)

    @property
    def before(self) -> float:
        """The mean outcome before."""
        return self.drawn.before

    def natural(self, values: Floats) -> Floats:
        """Return ratios in place of logs; points stay what they are."""
        return np.asarray(natural("points" if self.score else "ratio", values))

    def log_prior(self, prior: Distribution | None) -> Callable[[Floats], Floats] | None:
        """Return the log density of a prior of the programme, in the unit of the columns; None is flat."""
        return None if prior is None else lambda x: prior.log_density(x / self.unit)

    def under(self, prior: Distribution | None) -> Reweighted:
        """Return the draws under a prior of the programme; None is flat."""
        log_prior = self.log_prior(prior)
        if prior is None or log_prior is None:
            return unweighted(self.values)
        log_weight = log_prior(self.values[:, -1])
        if np.isfinite(log_weight.max()):
            plain = reweighted(self.values, log_weight)
            if not plain.degenerate:
                return plain
        believed, sampling = (with_remainder(part) for part in (self.drawn.believed, self.drawn.sampling))
        parts = Noise(believed, sampling, self.drawn.widening)
        sd = float(np.sqrt(variance(prior)))
        return reweighted_by_parts(parts, log_prior, prior.centre * self.unit, sd * self.unit)

    def remainder(self, found: Reweighted) -> SamplingDistribution:
        """Return the posterior of the remainder, as a ratio or in points."""
        return marginal(self.natural(found.values[:, -1]), found.weight)

    @property
    def tenth(self) -> float:
        """A fall of a tenth of the level before."""
        return -TENTH * self.before if self.score else float(np.log(1 - TENTH))


def natural(scale: str, values: Any) -> Any:
    """Return ratios in place of logs where the scale is one of ratios; points stay what they are."""
    with np.errstate(over="ignore"):  # of two people a draw may be beyond all numbers
        return values if scale == "points" else np.exp(values)


def prior_ends(prior: Distribution, level: float = LEVEL) -> tuple[float, float]:
    """Return the central interval of a prior; but for normal ones that of many draws.

    Examples
    --------
    >>> [round(end, 3) for end in prior_ends(Normal(0.0, 0.15))]
    [-0.294, 0.294]
    """
    if isinstance(prior, Normal):
        half = prior.sd * float(ndtri((1 + level) / 2))
        return prior.mean - half, prior.mean + half
    return Draws(prior.sample(np.random.default_rng(0), MANY)).interval(level)


def marginal(values: Floats, weight: Floats) -> SamplingDistribution:
    """Return the distribution of weighted draws; of draws that are weighted alike, as a ledger has it."""
    if np.ptp(weight) == 0:
        return Draws(values)
    table = cumulated(values, weight)
    return Tabulated(table.values, table.share)


def _ends(values: Floats, weight: Floats, level: float) -> tuple[float, float, float]:
    """Return median and interval of weighted draws."""
    found = marginal(values, weight)
    return (middle(found), *found.interval(level))


def middle(of: SamplingDistribution) -> float:
    """Return the median."""
    if isinstance(of, Tabulated):
        return float(of.quantile(np.array([0.5]))[0])
    return of.interval(1e-9)[0] if not isinstance(of, Draws) else float(np.median(of.values))


def spread(values: Floats, weight: Floats) -> Floats:
    """Return the covariance of weighted draws, (K, K)."""
    off = values - weight @ values
    return np.asarray(np.einsum("dk,d,dl->kl", off, weight, off))  # without BLAS, as the draws


def _share(weight: Floats, of: NDArray[np.bool_]) -> float:
    """Return the weight of some draws, which rounding may not take above that of all."""
    return min(float(weight[of].sum()), 1.0)


def under_prior(
    cases: Sequence[Case], prior: Distribution | None, level: float
) -> tuple[UnderPrior, tuple[Reweighted, ...]]:
    """Return what remains over all cases under one prior, and the draws of each under it."""
    found = tuple(case.under(prior) for case in cases)
    worst = min(found, key=lambda draws: draws.effective)
    degenerate = any(draws.degenerate for draws in found)
    if degenerate:
        low = high = (None,) * FIGURES
    else:
        figures = [_figures(case, draws, prior, level) for case, draws in zip(cases, found, strict=True)]
        low, high = np.min(figures, axis=0).tolist(), np.max(figures, axis=0).tolist()
    return UnderPrior(
        prior="flat" if prior is None else str(prior),
        median_low=low[0],
        median_high=high[0],
        conf_low=low[1],
        conf_high=high[2],
        fall_low=low[3],
        fall_high=high[3],
        tenth_low=low[4],
        tenth_high=high[4],
        bias_low=low[5],
        bias_high=high[5],
        effective=worst.effective,
        pareto_k=worst.tail,
        degenerate=degenerate,
    ), found


def _figures(case: Case, draws: Reweighted, prior: Distribution | None, level: float) -> tuple[float, ...]:
    """Return median, ends of the interval, both probabilities and the bias that is needed, of one case."""
    last, of = draws.values[:, -1], case.remainder(draws)
    shift = shift_to_even(case.values[:, -1], case.log_prior(prior))
    return (
        middle(of),
        *of.interval(level),
        _share(draws.weight, last < 0),
        _share(draws.weight, last <= case.tenth),
        float(case.natural(np.array(shift))),
    )


def decomposition(case: Case, found: Reweighted, level: float, prior_variance: float) -> dict[str, Any]:
    """Return levels of one case, and the posterior of each component of its observed change."""
    parts = per_person(case, found.values)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = found.values / found.values[:, :1]
    shares = np.where(np.isfinite(shares), shares, 0.0)  # of no change at all there is no share
    before, after = case.values.var(axis=0), np.diag(spread(found.values, found.weight))
    before[-1] = prior_variance
    components = {}
    for k, name in enumerate(case.names):
        value, low, high = _ends(found.values[:, k], found.weight, level)
        _, least, most = _ends(parts[:, k], found.weight, level)
        known = before[k] <= (NO_SPREAD * max(1.0, abs(value))) ** 2
        tight = 0.0 if known else 1 - after[k] / before[k]
        mean = float(found.weight @ parts[:, k])
        component = Component(
            value, low, high, mean, least, most, *_ends(shares[:, k], found.weight, level), float(tight)
        )
        components[name] = FrozenMap(component._asdict())
    return {"before": case.before, "after": case.drawn.after, "decomposition": FrozenMap(components)}


def per_person(case: Case, values: Floats) -> Floats:
    """Return each draw's observed change and its components in the outcome's own unit, (D, K + 2); these add up."""
    if case.score:
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        shares = np.nan_to_num(lmdi(np.float64(case.before), values[:, 1:]))
    return np.concatenate([shares.sum(-1, keepdims=True), shares], axis=-1)


def variance(prior: Distribution) -> float:
    """Return the variance of a prior; but for normal ones that of many draws."""
    if isinstance(prior, Normal):
        return prior.sd**2
    return float(prior.sample(np.random.default_rng(0), MANY).var())


def under_priors(estimate: Any) -> Mapping[str, UnderPrior]:
    """Return what remains under each prior of the programme, by its name: sceptical, stated, flat.

    Examples
    --------
    >>> from iom_causal.bayes import BiasModel
    >>> from iom_causal.moments import Moments
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> found = under_priors(BiasModel(draws=2000)(m, rng=1))
    >>> list(found), round(found["stated"].median_low, 2)
    (['sceptical', 'stated', 'flat'], 0.54)
    """
    return {name: UnderPrior(**figures) for name, figures in estimate.diagnostics["priors"].items()}


def components(estimate: Any) -> tuple[Mapping[str, Component], ...]:
    """Return the components of the observed change by name: once, or of a set at its lowest and highest remainder.

    There are none where the stated prior and the ledger hardly overlap.

    Examples
    --------
    >>> import iom_causal as iom
    >>> table = iom.load_published("sleath-brown-2017")["arrests"]
    >>> found = iom.bayes.BiasModel([iom.History(ratio=iom.LogNormal(0.85, 0.05))])(table, rng=1)
    >>> [list(each) for each in iom.bayes.components(found)]
    [['observed', 'history', 'remainder']]
    """
    lowest = estimate.diagnostics
    both = (lowest, lowest["other_end"]) if "other_end" in lowest else (lowest,)
    return tuple({name: Component(**c) for name, c in end["decomposition"].items()} for end in both)
