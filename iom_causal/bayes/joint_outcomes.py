"""Counts and scores of the same people together: a score that is missing after is informed by their counts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, refuse_data
from iom_causal.bayes.joint_data import Both, read
from iom_causal.bayes.joint_model import model_of
from iom_causal.bayes.joint_words import WHO, figures_of, missing_of, notes_of
from iom_causal.bayes.shared.methods import DISTRUST, check_sampling, trusted_or_chain
from iom_causal.bayes.shared.nuts import Nuts, gate, sampled
from iom_causal.bayes.shared.parameters import (
    Parameter,
    check_log_ratios,
    check_priors,
    log_prior,
    names_of,
    prior_spread,
)
from iom_causal.bayes.shared.posterior import Posterior, from_importance, posterior_estimate
from iom_causal.bayes.shared.tree import PosteriorTree, complete
from iom_causal.beliefs import Beta, HalfNormal, Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.cohort import Cohort
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.intervals import Draws, SamplingDistribution, Tabulated
from iom_causal.numerics import LEVEL
from iom_causal.numerics.posterior.importance import Weighted, adapted, laplace
from iom_causal.numerics.posterior.joint_outcomes import (
    PAIRS,
    Joint,
    cholesky,
    lkj_shapes,
    person_log_likelihood,
    person_rates,
)
from iom_causal.numerics.posterior.marginal import cumulated
from iom_causal.roles import Rng
from iom_causal.streams import as_generator

type Floats = NDArray[np.float64]

WIDE = 10.0
"""How many SDs of the scores the span is taken to have where it is not stated."""
PLAIN = (
    *("log_rate", "log_ratio", "rate_sd_before", "rate_sd_after"),
    *("mean_before", "mean_change", "sd_before", "sd_after"),
)
HALVES = tuple(f"half_partial_{WHO[j]}_{WHO[i]}" for i, j in PAIRS)
"""Half of one plus each partial correlation, given all that stand before both."""
POINTS, ROUNDS, KEPT = 2048, 3, 1000
"""Of importance sampling; rounds of new proposals at most; draws that are kept."""
SAMPLING = Nuts(target_accept=0.95)
LOG_RATE, LOG_RATIO, SPREAD = Normal(math.log(6.0), 1.5), Normal(0.0, 0.35), HalfNormal(1.0)
PRIOR_OF: Mapping[str, str] = FrozenMap(
    {
        "log_rate": "the log of the events of a median person in 548 days before",
        "log_ratio": "the log of the ratio of median rates after over before",
        "rate_sd_before": "the SD of log rates before, and after",
        "mean_before": "the mean true score before",
        "mean_change": "the mean change of true scores, as far as others predict it",
        "sd_before": "the SD of true scores before, and after",
    }
)


@dataclass(frozen=True, kw_only=True)
class JointOutcomes:
    """Posterior mean change of a score among all selected, with the counts of the same people in one likelihood.

    Log rates before and after and true scores before and after are jointly normal among people; counts are Poisson
    given the rates, and scores have a measurement error. A missing score is left out of the likelihood: it is missing
    at random given the person's other score and counts, which tell of it as far as the four go together. `psi` moves
    that: the log odds of being lost rise by so much for each point of the true score after, given the rates and the
    score before; those lost are then `psi` times the variance that is left higher than others predict (the exponential
    tilt of a normal density). It is stated and not estimated: the data say nothing of it.

    Parameters
    ----------
    counts, scores : str
        The names of the two outcomes in the cohort.
    sem : float
        Standard error of measurement of a score, in points; the change does not hang on it, spreads do.
    psi : float
        Log odds of being lost for each point of the true score after; 0 is missing at random.
    span : tuple of float, optional
        Lowest and highest score that the instrument gives; default priors of scores stand on it. By default ten SDs of
        the scores before about their mean: so the data set the scale of wide priors.
    log_rate, log_ratio, rate_sd : Distribution
        Priors: log events of a median person in 548 days before (in a window, where days are not known); log of the
        ratio of medians; SD of log rates, in each window.
    mean_before, change, score_sd : Distribution, optional
        Priors in points: by default normal about the middle of the span with half its width as SD, normal about 0 with
        a quarter, and half-normal with a quarter.
    eta : float
        Of the LKJ prior of the correlations; 1 is flat.
    method : {"auto", "importance", "nuts"}
        ``auto`` integrates the log rates out by quadrature and takes importance sampling of what is left, and
        Hamiltonian sampling of all where its weights are not to be trusted.
    level : float
        Of the credible interval.
    nuts : Nuts
        How long to sample.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a setting outside its bounds.

    References
    ----------
    Franks, D'Amour & Feller (2020), J. Am. Stat. Assoc. 115, 1730-1746, for the tilt; Lewandowski, Kurowicka & Joe
    (2009), J. Multivar. Anal. 100, 1989-2001, for the prior of correlations.

    Examples
    --------
    >>> JointOutcomes(sem=30.0).parameters[1].name
    'log_ratio'
    """

    counts: str = "arrests"
    scores: str = "risk"
    sem: float = 0.0
    psi: float = 0.0
    span: tuple[float, float] | None = None
    log_rate: Distribution = LOG_RATE
    log_ratio: Distribution = LOG_RATIO
    rate_sd: Distribution = SPREAD
    mean_before: Distribution | None = None
    change: Distribution | None = None
    score_sd: Distribution | None = None
    eta: float = 2.0
    method: str = "auto"
    level: float = LEVEL
    nuts: Nuts = SAMPLING

    reference: ClassVar[str] = "Franks, D'Amour & Feller (2020), J. Am. Stat. Assoc. 115, 1730-1746"
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_sampling(self)
        stated = [k for k in ("mean_before", "change", "score_sd") if getattr(self, k) is not None]
        real = ("log_rate", "log_ratio", *(k for k in stated if k != "score_sd"))
        check_priors(self, real, positive=("rate_sd", *(k for k in stated if k == "score_sd")))
        check_log_ratios(self, "log_ratio")
        if self.sem < 0 or self.eta <= 0:
            raise SpecError("IOM-E092", "JointOutcomes: expected sem from 0 and eta above 0")
        if self.span is not None and not self.span[0] < self.span[1]:
            raise SpecError("IOM-E092", f"JointOutcomes span: expected the lower end first, got {self.span}")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters with their priors; a span that is not stated is taken as 0 to 1."""
        return self._parameters(self.span or (0.0, 1.0))

    def __call__(self, cohort: Cohort, *, rng: Rng = None) -> Estimate:
        """Estimate from a cohort without replicates; `native` is an ArviZ DataTree.

        Raises
        ------
        InputError
            IOM-E035 for what is no cohort; IOM-E047 with replicates; IOM-E066 for other kinds of outcome; IOM-E060
            with fewer than 10 people with both scores; IOM-E076 for weights that are not whole.
        UnknownNameError
            IOM-E009 for an outcome that is not there.
        DegenerateDataError
            IOM-E064 without an event; IOM-E065 where scores do not vary.
        """
        data = self._read(cohort)
        generator, _ = as_generator(rng)
        posterior, laws = self._posterior(data, generator)
        moved = (self.psi != 0 and data.lost > 0) or "mean_change" not in posterior.names
        return posterior_estimate(
            self._words(data, posterior),
            posterior,
            of="mean_change",
            law=laws["change"] if moved else None,
            priors=self._stated(data),
            prior_sd=prior_spread(self._of(data)),
            held=JointTree(self, cohort, posterior, int(generator.integers(2**32))),
        )

    def build(self, cohort: Cohort) -> Any:
        """Return the PyMC model: two latent variables a person, the log rates; scores are normal given these."""
        return self._model(self._read(cohort))

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the PyMC model's variables, but for the log rates, which `JointTree` draws."""
        found = {p.name: p.natural(posterior.of(p.unbounded)) for p in self.parameters}
        half = np.stack([found.pop(name) for name in HALVES], axis=-1)
        return {**found, "half_partial": half, **posterior.derived}

    def with_rates(self, posterior: Posterior, cohort: Cohort, rng: np.random.Generator) -> Posterior:
        """Return the posterior with draws of the log rates of people, which importance sampling integrated out."""
        if posterior.tree is not None:
            return posterior
        data = self._read(cohort)
        rates = person_rates(data.counts, data.log_exposure, data.scores, self._at(posterior.flat), rng)
        latent = {"log_rates_before": rates[None, ..., 0], "log_rates_after": rates[None, ..., 1]}
        return replace(posterior, derived=FrozenMap({**posterior.derived, **latent}))

    def by_person(self, tree: Any, cohort: Cohort) -> Any:
        """Return the tree with the log likelihood of every person, the log rates integrated, for that of cells."""
        import arviz as az  # noqa: PLC0415 slow to load

        data, group = self._read(cohort), tree["posterior"]
        joint = self._joint({name: group[name].to_numpy() for name in (*PLAIN, "half_partial")})
        shape = group["mean_change"].shape
        persons = person_log_likelihood(data.counts, data.log_exposure, data.scores, joint)
        del tree["log_likelihood"]
        tree.update(az.from_dict({"log_likelihood": {"person": persons.reshape(*shape, -1)}}))
        return tree

    def _parameters(self, span: tuple[float, float]) -> tuple[Parameter, ...]:
        middle, width = (span[0] + span[1]) / 2, span[1] - span[0]
        spread = self.score_sd or HalfNormal(_rounded(width / 4))
        return (
            Parameter("log_rate", self.log_rate),
            Parameter("log_ratio", self.log_ratio),
            Parameter("rate_sd_before", self.rate_sd),
            Parameter("rate_sd_after", self.rate_sd),
            Parameter("mean_before", self.mean_before or Normal(_rounded(middle), _rounded(width / 2))),
            Parameter("mean_change", self.change or Normal(0.0, _rounded(width / 4))),
            Parameter("sd_before", spread),
            Parameter("sd_after", spread),
            *(Parameter(k, Beta(b, b)) for k, b in zip(HALVES, lkj_shapes(self.eta).tolist(), strict=True)),
        )

    def _of(self, data: Both) -> tuple[Parameter, ...]:
        if self.span is not None:
            return self.parameters
        before = data.scores[:, 0]
        mean, half = float(np.nanmean(before)), WIDE / 2 * float(np.nanstd(before, ddof=1))
        return self._parameters((mean - half, mean + half))

    def _stated(self, data: Both) -> dict[str, Distribution]:
        of = {p.name: p.prior for p in self._of(data)}
        return {what: of[name] for name, what in PRIOR_OF.items()}

    def _read(self, cohort: Cohort) -> Both:
        return read(cohort, counts=self.counts, scores=self.scores)

    def _model(self, data: Both) -> Any:
        return model_of(data, self._of(data), halves=HALVES, eta=self.eta, sem=self.sem, psi=self.psi)

    def _posterior(self, data: Both, rng: np.random.Generator) -> tuple[Posterior, dict[str, SamplingDistribution]]:
        laws: dict[str, SamplingDistribution] = {}

        def kept(found: tuple[Posterior, dict[str, SamplingDistribution]]) -> Posterior:
            laws.update(found[1])
            return found[0]

        posterior = trusted_or_chain(
            self.method,
            lambda: self._weighted(data, rng),
            lambda found: kept(self._by_importance(data, found, rng)),
            lambda: kept(self._by_nuts(data, rng)),
            DISTRUST,
        )
        return posterior, laws

    def _weighted(self, data: Both, rng: np.random.Generator) -> Weighted:
        parameters = self._of(data)

        def log_density(z: Floats) -> Floats:
            with np.errstate(all="ignore"):  # far from the mode a spread may be beyond all numbers
                try:
                    persons = person_log_likelihood(data.counts, data.log_exposure, data.scores, self._at(z))
                except np.linalg.LinAlgError:  # at some point rates or scores have no spread: the others one by one
                    return np.concatenate([log_density(one[None]) for one in z]) if len(z) > 1 else np.array([-np.inf])
                found = np.asarray(log_prior(parameters, z) + persons.sum(-1))
            return np.where(np.isnan(found), -np.inf, found)

        around = laplace(log_density, *_start(data, parameters))
        return adapted(log_density, around, rng, points=POINTS, rounds=ROUNDS)

    def _by_importance(
        self, data: Both, found: Weighted, rng: np.random.Generator
    ) -> tuple[Posterior, dict[str, SamplingDistribution]]:
        names = names_of(self.parameters)
        posterior = from_importance(names, found, rng, size=KEPT)
        tables = {k: cumulated(v, found.weight) for k, v in self._follows(data, found.points).items() if v.ndim == 1}
        laws: dict[str, SamplingDistribution] = {k: Tabulated(t.values, t.share) for k, t in tables.items()}
        derived = {k: v[None] for k, v in self._follows(data, posterior.flat).items()}
        return replace(posterior, derived=FrozenMap(derived)), laws

    def _by_nuts(self, data: Both, rng: np.random.Generator) -> tuple[Posterior, dict[str, SamplingDistribution]]:
        tree = sampled(self._model(data), self.nuts, seed=int(rng.integers(2**32)))
        group = tree["posterior"]
        figures, notes = gate(tree, [*PLAIN, "half_partial"])
        half = np.moveaxis(group["half_partial"].to_numpy(), -1, 0)
        values = {k: group[k].to_numpy() for k in PLAIN} | dict(zip(HALVES, half, strict=True))
        posterior = Posterior(
            names=names_of(self.parameters),
            draws=np.stack([p.free(values[p.name]) for p in self.parameters], axis=-1),
            sampler=self.nuts.named,
            figures=figures,
            notes=notes,
            tree=tree,
            derived=FrozenMap({k: group[k].to_numpy() for k in ("change", "ratio", "correlation")}),
        )
        return posterior, {"change": Draws(group["change"].to_numpy().ravel())}

    def _at(self, z: Floats) -> Joint:
        """Return means and covariance at points (S, d) of the unbounded scale."""
        values = {p.name: p.natural(z[:, k]) for k, p in enumerate(self.parameters)}
        return self._joint(values | {"half_partial": np.stack([values[k] for k in HALVES], axis=-1)})

    def _follows(self, data: Both, z: Floats) -> dict[str, Floats]:
        """Return what follows from points (S, d): the change, with the tilt, the ratio of counts, and correlations."""
        joint = self._at(z)
        mean, cov = joint.mean, joint.cov
        sd = np.sqrt(np.einsum("sii->si", cov))
        _, left = joint.lost_variance()
        return {
            "change": mean[:, 3] - mean[:, 2] + data.lost * self.psi * left,
            "ratio": np.exp(mean[:, 1] - mean[:, 0] + (cov[:, 1, 1] - cov[:, 0, 0]) / 2),
            "correlation": np.stack([cov[:, i, j] / sd[:, i] / sd[:, j] for i, j in PAIRS], axis=-1),
        }

    def _joint(self, values: Mapping[str, Floats]) -> Joint:
        v = {k: np.ravel(values[k]) for k in PLAIN}
        partial = 2 * values["half_partial"].reshape(-1, len(PAIRS)) - 1
        sd = np.stack([v[k] for k in ("rate_sd_before", "rate_sd_after", "sd_before", "sd_after")], axis=-1)
        factor = sd[:, :, None] * cholesky(partial)
        first, second = v["log_rate"], v["mean_before"]
        mean = np.stack([first, first + v["log_ratio"], second, second + v["mean_change"]], axis=-1)
        return Joint(mean, factor @ np.swapaxes(factor, 1, 2), self.sem)

    def _words(self, data: Both, posterior: Posterior) -> Estimate:
        variance = self._at(posterior.flat).lost_variance()
        figures = figures_of(data, posterior, variance, level=self.level, psi=self.psi)
        return Estimate(
            outcome=self.scores,
            method=f"scores and counts of {self.counts} together, by {posterior.sampler}",
            conf_level=self.level,
            n_input=data.sample.n_input,
            n_used=len(data.scores),
            notes=(*data.sample.notes, *notes_of(figures, self.counts)),
            assumptions=(
                "people are independent of one another",
                "log rates and true scores are jointly normal among people, and counts Poisson given the rates",
                missing_of(self.psi),
            ),
            diagnostics=figures,
            pinned=data.sample.pinned(),
            spec=self,
        )


def _start(data: Both, parameters: tuple[Parameter, ...]) -> tuple[Floats, Floats]:
    """Return where the search for the mode begins, from the observed figures, and how far each parameter ranges."""
    y, x = data.counts, data.scores
    exposed = np.exp(data.log_exposure)
    rates = (y.sum(0) + 0.5) / exposed.sum(0)
    sd = float(np.nanstd(x[:, 0]))
    values = {"log_rate": math.log(rates[0]) - 0.25, "log_ratio": math.log(rates[1] / rates[0])}
    values |= {"rate_sd_before": 0.7, "rate_sd_after": 0.7, "mean_before": float(np.nanmean(x[:, 0]))}
    values |= {"mean_change": float(np.nanmean(x[:, 1] - x[:, 0])), "sd_before": sd, "sd_after": sd}
    scale = {"mean_before": 0.1 * sd, "mean_change": 0.1 * sd}
    start = [float(p.free(np.array(values.get(p.name, 0.6)))) for p in parameters]
    return np.array(start), np.array([scale.get(p.name, 0.2) for p in parameters])


@dataclass(slots=True, eq=False)
class JointTree(PosteriorTree):
    """What `Estimate.native` of `JointOutcomes` is made of: log rates of people are drawn when it is asked for."""

    def made(self) -> Any:
        """Return the tree; the model is compiled the first time, which takes some seconds."""
        if self.kept is None:
            spec = cast("JointOutcomes", self.spec)
            posterior = spec.with_rates(self.posterior, self.panel, np.random.default_rng(self.seed))
            self.kept = complete(self.spec, self.panel, posterior, self.seed)
        return self.kept


def _rounded(value: float) -> float:
    """Return a number to three significant digits, as a prior shows it."""
    return float(f"{value:.3g}")
