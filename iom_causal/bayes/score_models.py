"""Sampling models of a score before and after: normal pairs, and people who entered at or above a cut on it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from iom_causal.bayes.score_data import ScoreData, rows_of
from iom_causal.bayes.shared.parameters import Parameter
from iom_causal.numerics.posterior.score_pairs import (
    excess_log_likelihood,
    line_log_likelihood,
    pairs_log_likelihood,
    too_few_at_cut,
)

type Floats = NDArray[np.float64]
type Values = Mapping[str, Floats]

WORDS: Mapping[str, str] = {
    "mean_before": "the mean before",
    "mean_change": "the mean change",
    "sd_before": "the SD of scores before",
    "sd_after": "the SD of scores after",
    "atanh_correlation": "Fisher's z of the correlation of the two scores",
    "mean_excess": "the mean excess over the cut",
    "shape": "the shape of the excess over the cut",
    "slope": "the slope of the score after on that before",
    "residual_sd": "the SD of scores after about the line",
    "sem": "the standard error of measurement",
    "delta": "how far people lost are off their prediction",
}
"""What each parameter is, in the words of a sentence."""
MOST_CORRELATED = 0.99
LEAST_TRUE = 0.1
"""Where the search for the mode starts: no correlation above, no share of true variance below."""


class ScoreModel(Protocol):
    """A sampling model of scores with its parameters."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters with their priors, the mean change among them."""
        ...

    @property
    def sem(self) -> float | None:
        """Standard error of measurement, where it is known."""
        ...

    @property
    def cut(self) -> float | None:
        """The lowest score with which people were selected; None where it was no threshold on the score."""
        ...

    def log_likelihood(self, data: ScoreData, values: Values) -> Floats:
        """Return the log likelihood at natural values, (S,)."""
        ...

    def start(self, data: ScoreData) -> dict[str, tuple[float, float]]:
        """Return about where each parameter is, and its standard error."""
        ...

    def scores(self, values: Values, n: int, rng: np.random.Generator) -> Floats:
        """Draw scores of n people for each of R values, (R, n, 2)."""
        ...

    def regression(self, values: Mapping[str, Any]) -> Any:
        """Return the change by measurement error alone, in points; None where there is none, or it is not known."""
        ...

    def follows(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what follows from the parameters, at arrays or PyMC's variables."""
        ...

    def observe(self, variables: Mapping[str, Any], data: ScoreData) -> None:
        """Add the likelihood to the PyMC model that is open."""
        ...

    def by_person(self, group: Any, data: ScoreData) -> Any:
        """Return the log likelihood of every person, (chains, draws, n), from that of the PyMC model's variables."""
        ...


@dataclass(frozen=True, slots=True)
class NormalPairs:
    """Bivariate normal true scores, measured with independent normal error; what is missing is missing at random.

    Parameters
    ----------
    parameters : tuple of Parameter
        mean_before, change, sd_before, sd_after, atanh_correlation, and sem where it is not known.
    sem : float
        Standard error of measurement, where it is known.
    """

    parameters: tuple[Parameter, ...]
    sem: float = 0.0

    cut: ClassVar[None] = None

    def log_likelihood(self, data: ScoreData, values: Values) -> Floats:
        """Return the log likelihood at natural values, (S,)."""
        return pairs_log_likelihood(
            data.moments,
            values["mean_before"],
            values["mean_before"] + values["mean_change"],
            values["sd_before"],
            values["sd_after"],
            values["atanh_correlation"],
            values.get("sem", self.sem),
        )

    def start(self, data: ScoreData) -> dict[str, tuple[float, float]]:
        """Return about where each parameter is, and its standard error."""
        m, error = data.moments, _about(self.parameters, "sem", self.sem)
        n, mean, squares = (float(x) for x in m.all_before)
        pairs = max(float(m.pairs), 1.0)
        v1, v2 = squares / n, float(m.after_ss) / pairs
        true1, true2 = (max(v - error**2, LEAST_TRUE * v, 1e-12) for v in (v1, v2))
        r = float(m.cross) / pairs / math.sqrt(true1 * true2)
        line = float(m.cross / m.before_ss) if m.before_ss > 0 else 1.0
        change = float(m.after - m.before) + (line - 1) * (mean - float(m.before))
        root = math.sqrt(2 * pairs)
        return {
            "mean_before": (mean, math.sqrt(v1 / n)),
            "mean_change": (change, math.sqrt((v1 + v2) / pairs)),
            "sd_before": (math.sqrt(true1), math.sqrt(true1) / root),
            "sd_after": (math.sqrt(true2), math.sqrt(true2) / root),
            "atanh_correlation": (math.atanh(max(min(r, MOST_CORRELATED), -MOST_CORRELATED)), 1 / math.sqrt(pairs)),
        }

    def scores(self, values: Values, n: int, rng: np.random.Generator) -> Floats:
        """Draw scores of n people for each of R values, (R, n, 2)."""
        v = {name: np.asarray(x)[:, None] for name, x in values.items()}
        z = rng.standard_normal((4, len(v["mean_change"]), n))
        r = np.tanh(v["atanh_correlation"])
        error = v.get("sem", np.asarray(self.sem))
        before = v["mean_before"] + v["sd_before"] * z[0] + error * z[2]
        follows = r * z[0] + z[1] / np.cosh(v["atanh_correlation"])
        after = v["mean_before"] + v["mean_change"] + v["sd_after"] * follows + error * z[3]
        return np.stack([before, after], axis=-1)

    def regression(self, values: Mapping[str, Any]) -> None:
        """Return None: nobody was selected on the score."""
        del values

    def observe(self, variables: Mapping[str, Any], data: ScoreData) -> None:
        """Add the likelihood to the PyMC model that is open."""
        import pymc as pm  # noqa: PLC0415 slow to load
        import pytensor.tensor as pt  # noqa: PLC0415

        v = variables
        r, error = pt.tanh(v["atanh_correlation"]), v.get("sem", np.asarray(self.sem))
        after = v["mean_before"] + v["mean_change"]
        v1, v2 = v["sd_before"] ** 2 + error**2, v["sd_after"] ** 2 + error**2
        shared = r * v["sd_before"] * v["sd_after"]
        both, first, last = _patterns(data)
        if len(both):
            cov = pt.stack([pt.stack([v1, shared]), pt.stack([shared, v2])])
            pm.MvNormal("pairs", mu=pt.stack([v["mean_before"], after]), cov=cov, observed=both)
        if len(first):
            pm.Normal("before_alone", v["mean_before"], pt.sqrt(v1), observed=first[:, 0])
        if len(last):
            pm.Normal("after_alone", after, pt.sqrt(v2), observed=last[:, 1])

    def follows(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the correlation of true scores and the mean after, at arrays or PyMC's variables."""
        correlation = 1 - 2 / (1 + np.e ** (2 * values["atanh_correlation"]))  # tanh, of PyMC's variables too
        return {"correlation": correlation, "mean_after": values["mean_before"] + values["mean_change"]}

    def by_person(self, group: Any, data: ScoreData) -> Any:
        """Return the log likelihood of every person, (chains, draws, n), from that of the PyMC model's variables."""
        del data
        names = [name for name in ("pairs", "before_alone", "after_alone") if name in group]
        return np.concatenate([group[name].to_numpy() for name in names], axis=-1)


@dataclass(frozen=True, slots=True)
class CutEntry:
    """Entry at or above a cut: a generalised Pareto excess before, and scores after about a line on those before.

    Selection on the score before leaves the distribution of the score after given it as it is in everybody, so that
    slope and residual SD are those of the source population above the cut; spread and correlation of everybody are
    no parameters here. The mean of the selected falls by ``sem^2`` times the density of their scores at the cut,
    which is one over the scale, when only measurement error is drawn anew (Das & Mulder 1983).

    Parameters
    ----------
    parameters : tuple of Parameter
        mean_excess, shape, change, slope, residual_sd, and sem where it is not known.
    cut : float
        The lowest score selected.
    grid : float
        The step to which scores are rounded: the first of them is centred on the cut.
    sem : float or None
        Standard error of measurement, where it is known.
    """

    parameters: tuple[Parameter, ...]
    cut: float
    grid: float = 0.0
    sem: float | None = None

    @property
    def edge(self) -> float:
        """Where the scores of selected people begin."""
        return self.cut - self.grid / 2

    def log_likelihood(self, data: ScoreData, values: Values) -> Floats:
        """Return the log likelihood at natural values, (S,)."""
        excess, weight = self._excess(data)
        mean, shape = values["mean_excess"], values["shape"]
        line = line_log_likelihood(
            data.moments,
            self.edge + mean,
            self.edge + mean + values["mean_change"],
            values["slope"],
            values["residual_sd"],
        )
        return excess_log_likelihood(excess, weight, mean * (1 - shape), shape) + line

    def too_few(self, data: ScoreData, mean_excess: float, shape: float) -> float:
        """Return the p-value of so few people next to the cut."""
        return too_few_at_cut(*self._excess(data), mean_excess * (1 - shape), shape)

    def _excess(self, data: ScoreData) -> tuple[Floats, Floats]:
        x, w = np.asarray(data.outcome)[:, 0], np.asarray(data.weight)
        known = ~np.isnan(x)
        return x[known] - self.edge, w[known]

    def start(self, data: ScoreData) -> dict[str, tuple[float, float]]:
        """Return about where each parameter is, and its standard error."""
        m = data.moments
        n, mean, squares = (float(x) for x in m.all_before)
        excess, pairs = mean - self.edge, max(float(m.pairs), 1.0)
        shape = min(max(0.5 * (1 - excess**2 / (squares / n)), -0.2), 0.3) if squares > 0 else 0.0
        highest = float(self._excess(data)[0].max())
        shape = max(shape, -0.5 * excess / highest)  # the upper end beyond all excesses
        slope = float(m.cross / m.before_ss) if m.before_ss > 0 else 0.0
        residual = math.sqrt(max(float(m.after_ss) - slope * float(m.cross), 1e-12 * (1 + float(m.after_ss))) / pairs)
        change = float(m.after - m.before) + (slope - 1) * (mean - float(m.before))
        spread = math.sqrt(float(m.before_ss) / pairs) or 1.0
        return {
            "mean_excess": (excess, excess / math.sqrt(n)),
            "shape": (shape, 1 / math.sqrt(n)),
            "mean_change": (change, (residual + spread) / math.sqrt(pairs)),
            "slope": (slope, residual / spread / math.sqrt(pairs)),
            "residual_sd": (residual, residual / math.sqrt(2 * pairs)),
        }

    def scores(self, values: Values, n: int, rng: np.random.Generator) -> Floats:
        """Draw scores of n people for each of R values, (R, n, 2)."""
        v = {name: np.asarray(x)[:, None] for name, x in values.items()}
        size = (len(v["mean_change"]), n)
        log_u = -rng.standard_exponential(size)
        before = self.edge + pareto_excess(log_u, v["mean_excess"] * (1 - v["shape"]), v["shape"])
        mean = self.edge + v["mean_excess"]
        after = mean + v["mean_change"] + v["slope"] * (before - mean) + v["residual_sd"] * rng.standard_normal(size)
        return np.stack([before, after], axis=-1)

    def regression(self, values: Mapping[str, Any]) -> Any:
        """Return the change by measurement error alone, in points; None where the error is not known."""
        sem = values.get("sem", self.sem)
        if sem is None:
            return None
        return -(sem**2 + self.grid**2 / 12) / (values["mean_excess"] * (1 - values["shape"]))

    def observe(self, variables: Mapping[str, Any], data: ScoreData) -> None:
        """Add the likelihood to the PyMC model that is open."""
        import pymc as pm  # noqa: PLC0415 slow to load
        import pytensor.tensor as pt  # noqa: PLC0415

        v, (both, first, _) = variables, _patterns(data)
        mean, scale = self.edge + v["mean_excess"], v["mean_excess"] * (1 - v["shape"])
        edge = self.edge

        def logp(value: Any, scale: Any, shape: Any) -> Any:
            u = (value - edge) / scale
            inside = pt.and_(u >= 0, 1 + shape * u > 0)
            tail = pt.log1p(pt.switch(inside, shape * u, 0.0)) / shape
            return pt.switch(inside, -pt.log(scale) - (1 + shape) * tail, -np.inf)

        def random(scale: Any, shape: Any, rng: Any = None, size: Any = None) -> Any:
            return edge + pareto_excess(-rng.standard_exponential(size), scale, shape)

        before = np.concatenate([both[:, 0], first[:, 0]])
        pm.CustomDist("before", scale, v["shape"], logp=logp, random=random, observed=before)
        line = mean + v["mean_change"] + v["slope"] * (both[:, 0] - mean)
        pm.Normal("after", line, v["residual_sd"], observed=both[:, 1])

    def follows(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the mean before and the density at the cut, at arrays or PyMC's variables."""
        mean, shape = values["mean_excess"], values["shape"]
        return {"mean_before": self.edge + mean, "density_at_cut": 1 / (mean * (1 - shape))}

    def by_person(self, group: Any, data: ScoreData) -> Any:
        """Return the log likelihood of every person, (chains, draws, n), from that of the PyMC model's variables."""
        del data
        before, after = group["before"].to_numpy(), group["after"].to_numpy()
        lacking = [(0, 0)] * (after.ndim - 1) + [(0, before.shape[-1] - after.shape[-1])]
        return before + np.pad(after, lacking)


def pareto_excess(log_u: Floats, scale: Floats, shape: Floats) -> Floats:
    """Return quantiles of a generalised Pareto distribution at upper tail probabilities ``exp(log_u)``.

    Examples
    --------
    >>> pareto_excess(np.log([0.5, 0.25]), np.array(1.0), np.array(1.0)).round(6).tolist()
    [1.0, 3.0]
    """
    near = np.abs(shape) < 1e-9
    safe = np.where(near, 1.0, shape)
    return np.asarray(scale * np.where(near, -log_u, np.expm1(-safe * log_u) / safe))


def _about(parameters: Sequence[Parameter], name: str, known: float) -> float:
    return next((p.prior.centre for p in parameters if p.name == name), known)


def _patterns(data: ScoreData) -> tuple[Floats, Floats, Floats]:
    """Return people with both scores, with that before alone and with that after alone, as often as they count."""
    y = rows_of(data, "PrePostScores")
    gaps = np.isnan(y)
    return y[~gaps.any(-1)], y[~gaps[:, 0] & gaps[:, 1]], y[gaps[:, 0] & ~gaps[:, 1]]
