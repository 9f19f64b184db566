"""Likelihoods of counts of people before and after, with the frailty integrated out: in numpy and in PyMC."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from iom_causal.bayes.shared.count_rows import CountRows
from iom_causal.bayes.shared.parameters import Parameter
from iom_causal.numerics.mixed import bivariate, negative_binomial, shared
from iom_causal.numerics.mixed.quadrature import NODES, hermite

type Floats = NDArray[np.float64]

NEWTON = 40
"""Steps to a frailty's mode in PyMC's graph; the last doubles the digits of a step of 1e-5."""
LONGEST = 3.0
"""Of a Newton step on the log scale."""
_SHARED = ("a person's frailty is the same in every window", "every person's rate changed by the same factor")


class CountLikelihood(Protocol):
    """How counts are distributed given mean rates, and the priors of what that takes."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of frailties and dispersion."""
        ...

    @property
    def words(self) -> str:
        """Its name."""
        ...

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What must hold."""
        ...

    @property
    def stated(self) -> tuple[str, ...]:
        """What each of its parameters is."""
        ...

    def log_likelihood(self, rows: CountRows, rates: Floats, own: Floats) -> Floats:
        """Return log likelihoods (S,) at coefficients of log rates (S, p) and own parameters (S, k)."""
        ...

    def factors(self, rng: np.random.Generator, own: Floats, shape: tuple[int, int], after: Floats) -> Floats:
        """Draw what multiplies the means of people by windows, (R, n, C), at own parameters (R, k)."""
        ...

    def variable(self, name: str, rows: CountRows, log_rate: Any, own: Any) -> Any:
        """Return the variable of rows, each to its multiplicity, in the PyMC model that is open."""
        ...


@dataclass(frozen=True)
class GammaPoisson:
    """Negative multinomial counts: Poisson given a gamma frailty of mean 1 (Hausman, Hall & Griliches 1984)."""

    frailty_variance: Parameter

    words = "Poisson model with gamma frailties"
    assumptions = ("events are Poisson given the person", *_SHARED)
    stated = ("the variance of the frailties",)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The variance of the frailty."""
        return (self.frailty_variance,)

    def log_likelihood(self, rows: CountRows, rates: Floats, own: Floats) -> Floats:
        """Return log likelihoods (S,)."""
        theta = np.column_stack([rates, np.log(np.maximum(own, TINY))])
        return shared.log_likelihoods(rows.y, rows.exposure, rows.x, "gamma", theta, weight=rows.weight)

    def factors(self, rng: np.random.Generator, own: Floats, shape: tuple[int, int], after: Floats) -> Floats:
        """Draw frailties, the same in every window."""
        variance = np.maximum(own[:, 0], TINY)[:, None]
        return np.repeat(rng.gamma(1 / variance, variance, (len(own), shape[0]))[..., None], after.size, axis=-1)

    def variable(self, name: str, rows: CountRows, log_rate: Any, own: Any) -> Any:
        """Return the variable of rows."""
        import pytensor.tensor as pt  # noqa: PLC0415 slow to load

        def logp(value: Any, mean: Any, variance: Any) -> Any:
            total = value.sum(-1)
            rising = _rising(rows, variance)[total]
            return rising + _log_means(value, mean) - (1 / variance + total) * pt.log1p(variance * mean.sum(-1))

        return _custom(name, rows, log_rate, own, logp, self)


@dataclass(frozen=True)
class NegativeBinomial:
    """NB2 counts given a lognormal frailty of mean 1: people differ for good and also from window to window."""

    frailty_sd: Parameter
    dispersion: Parameter

    words = "negative binomial model with lognormal frailties"
    assumptions = ("events are negative binomial given the person", *_SHARED)
    stated = ("the standard deviation of the log frailties", "the variance of the negative binomial's own factor")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """SD of the log frailty, and the reciprocal of the size."""
        return (self.frailty_sd, self.dispersion)

    def log_likelihood(self, rows: CountRows, rates: Floats, own: Floats) -> Floats:
        """Return log likelihoods (S,)."""
        theta = np.column_stack([rates, np.log(np.maximum(own[:, 0], NONE)), -np.log(np.maximum(own[:, 1], TINY))])
        theta[:, 0] -= own[:, 0] ** 2 / 2
        return negative_binomial.log_likelihoods(rows.y, rows.exposure, rows.x, theta, weight=rows.weight)

    def factors(self, rng: np.random.Generator, own: Floats, shape: tuple[int, int], after: Floats) -> Floats:
        """Draw frailties times a gamma factor of each window."""
        del after
        sd, dispersion = own[:, :1], np.maximum(own[:, 1], TINY)[:, None, None]
        frailty = np.exp(sd * rng.normal(size=(len(own), shape[0])) - sd**2 / 2)
        return frailty[..., None] * rng.gamma(1 / dispersion, dispersion, (len(own), *shape))

    def variable(self, name: str, rows: CountRows, log_rate: Any, own: Any) -> Any:
        """Return the variable of rows, by adaptive quadrature about modes that Newton's method finds in the graph."""
        import pytensor.tensor as pt  # noqa: PLC0415 slow to load

        nodes, log_weights = _rule()

        def logp(value: Any, mean: Any, sd: Any, dispersion: Any) -> Any:
            size, precision = 1 / dispersion, 1 / sd**2
            median = mean * pt.exp(-(sd**2) / 2)

            def step(u: Any, y: Any, m: Any, size: Any, precision: Any) -> Any:
                part = m * pt.exp(u[..., None]) / (size + m * pt.exp(u[..., None]))
                events = (y + size) * part
                slope = (y - events).sum(-1) - precision * u
                bend = (events * (1 - part)).sum(-1) + precision
                return u + pt.clip(slope / bend, -LONGEST, LONGEST)

            start = pt.log((value.sum(-1) + precision) / (median.sum(-1) + precision))
            (u,) = _searched(step, [start], [value * 1.0, median, size, precision])
            part = median * pt.exp(u[..., None]) / (size + median * pt.exp(u[..., None]))
            spread = 1 / pt.sqrt(((value + size) * part * (1 - part)).sum(-1) + precision)
            u, spread = _fixed(u), _fixed(spread)
            at = u[..., None] + spread[..., None] * nodes
            whole = (value.sum(-1))[..., None] * at - precision / 2 * at**2
            odds = pt.log1p(median[..., None] * pt.exp(at[..., None, :]) / size)
            whole = whole - ((value + size)[..., None] * odds).sum(-2)
            integral = pt.log(spread) + pt.logsumexp(whole + log_weights, axis=-1) - pt.log(sd)
            return _rising(rows, dispersion)[value].sum(-1) + _log_means(value, median) + integral

        return _custom(name, rows, log_rate, own, logp, self)


@dataclass(frozen=True)
class BivariateLognormal:
    """Poisson counts given correlated lognormal frailties of mean 1, before and after (Aitchison & Ho 1989)."""

    sd_before: Parameter
    sd_after: Parameter
    correlation_z: Parameter

    words = "Poisson model with correlated lognormal frailties"
    assumptions = ("events are Poisson given the person", "log frailties before and after are normal")
    stated = (
        "the standard deviation of the log frailties before",
        "the standard deviation of the log frailties after",
        "atanh of the correlation of the log frailties",
    )

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """SDs of the log frailties, and atanh of their correlation."""
        return (self.sd_before, self.sd_after, self.correlation_z)

    def log_likelihood(self, rows: CountRows, rates: Floats, own: Floats) -> Floats:
        """Return log likelihoods (S,)."""
        theta = np.column_stack([rates, np.log(np.maximum(own[:, :2], NONE)), own[:, 2]])
        theta[:, 0] -= own[:, 0] ** 2 / 2
        theta[:, 1] += (own[:, 0] ** 2 - own[:, 1] ** 2) / 2
        return bivariate.log_likelihoods(rows.y, rows.exposure, rows.x, rows.after, theta, weight=rows.weight)

    def factors(self, rng: np.random.Generator, own: Floats, shape: tuple[int, int], after: Floats) -> Floats:
        """Draw a frailty for either side."""
        z = rng.normal(size=(2, len(own), shape[0]))
        rho, sds = np.tanh(own[:, 2:]), (own[:, :1], own[:, 1:2])
        logs = [sds[0] * z[0], sds[1] * (rho * z[0] + np.sqrt(1 - rho**2) * z[1])]
        sides = [np.exp(log - sd**2 / 2) for log, sd in zip(logs, sds, strict=True)]
        return np.stack([sides[int(side)] for side in after], axis=-1)

    def variable(self, name: str, rows: CountRows, log_rate: Any, own: Any) -> Any:
        """Return the variable of rows, by adaptive quadrature about modes that Newton's method finds in the graph."""
        import pytensor.tensor as pt  # noqa: PLC0415 slow to load

        nodes, log_weights = _rule()
        first, second = (np.repeat(nodes, nodes.size), np.tile(nodes, nodes.size))
        log_weights = (log_weights[:, None] + log_weights).ravel()
        side = np.stack([rows.after == 0, rows.after == 1], axis=-1).astype(np.float64)

        def logp(value: Any, mean: Any, sd1: Any, sd2: Any, link: Any) -> Any:
            rho = pt.tanh(link)
            rest = 1 - rho**2
            p11, p12, p22 = 1 / (sd1**2 * rest), -rho / (sd1 * sd2 * rest), 1 / (sd2**2 * rest)
            y = pt.dot(value * 1.0, side)
            median = mean * pt.exp(-(sd1**2 * side[:, 0] + sd2**2 * side[:, 1]) / 2)
            m = pt.dot(median, side)
            y1, y2, m1, m2 = y[..., 0], y[..., 1], m[..., 0], m[..., 1]

            def step(u1: Any, u2: Any, y1: Any, y2: Any, m1: Any, m2: Any, p11: Any, p12: Any, p22: Any) -> Any:
                e1, e2 = m1 * pt.exp(u1), m2 * pt.exp(u2)
                g1, g2 = y1 - e1 - p11 * u1 - p12 * u2, y2 - e2 - p12 * u1 - p22 * u2
                n11, n22 = e1 + p11, e2 + p22
                det = n11 * n22 - p12**2
                d1, d2 = (n22 * g1 - p12 * g2) / det, (n11 * g2 - p12 * g1) / det
                scale = pt.minimum(1.0, LONGEST / pt.maximum(pt.maximum(pt.abs(d1), pt.abs(d2)), 1e-12))
                return u1 + scale * d1, u2 + scale * d2

            starts = [pt.log((k + p) / (e + p)) for k, e, p in ((y1, m1, 1 / sd1**2), (y2, m2, 1 / sd2**2))]
            u1, u2 = _searched(step, starts, [y1, y2, m1, m2, p11, p12, p22])
            n11, n22 = m1 * pt.exp(u1) + p11, m2 * pt.exp(u2) + p22
            det = n11 * n22 - p12**2
            c11, c22 = pt.sqrt(n22 / det), 1 / pt.sqrt(n22)
            c21 = -p12 / det / c11
            u1, u2, c11, c21, c22 = (_fixed(v)[..., None] for v in (u1, u2, c11, c21, c22))
            a, b = u1 + c11 * first, u2 + c21 * first + c22 * second
            whole = y1[..., None] * a + y2[..., None] * b - m1[..., None] * pt.exp(a) - m2[..., None] * pt.exp(b)
            whole = whole - (p11 * a**2 + 2 * p12 * a * b + p22 * b**2) / 2
            integral = pt.log(c11 * c22)[..., 0] + pt.logsumexp(whole + log_weights, axis=-1)
            return _log_means(value, median) + integral - pt.log(sd1 * sd2) - pt.log(rest) / 2

        return _custom(name, rows, log_rate, own, logp, self)


TINY, NONE, MOST = 1e-12, 1e-6, 1e15
"""A variance and a standard deviation below these are none to the last digit; no count is drawn with a mean above."""


def _rule() -> tuple[Floats, Floats]:
    """Return nodes, and the logs of their weights."""
    nodes, weights = hermite(NODES)
    return nodes[weights > 0], np.log(weights[weights > 0])


def _searched(step: Any, start: list[Any], given: list[Any]) -> list[Any]:
    """Return where so many steps lead from a start, as a constant of the gradient."""
    import pytensor  # noqa: PLC0415 slow to load

    held = [_fixed(value) for value in given]
    found = pytensor.scan(
        step,
        outputs_info=[_fixed(value) for value in start],
        non_sequences=held,
        n_steps=NEWTON,
        strict=True,
        return_updates=False,
    )
    return [_fixed(values[-1]) for values in (found if isinstance(found, list | tuple) else [found])]


def _fixed(value: Any) -> Any:
    # Where nodes stand changes an integral by the rule's error alone, so that no slope is taken through the search.
    from pytensor.gradient import disconnected_grad  # noqa: PLC0415 slow to load

    return disconnected_grad(value)


def _rising(rows: CountRows, variance: Any) -> Any:
    """Return, at each k, the log of (1 + v)(1 + 2 v) ... (1 + (k - 1) v)."""
    import pytensor.tensor as pt  # noqa: PLC0415 slow to load

    steps = np.arange(1.0, max(2, int(rows.y.sum(-1).max())))
    return pt.concatenate([[0.0, 0.0], pt.cumsum(pt.log1p(steps * variance))])


def _log_means(value: Any, mean: Any) -> Any:
    """Return the sum over windows of ``y log m - log y!``; where nothing was observed a count is 0."""
    import pytensor.tensor as pt  # noqa: PLC0415 slow to load

    return (value * pt.log(pt.switch(pt.eq(mean, 0.0), 1.0, mean)) - pt.gammaln(value + 1.0)).sum(-1)


def _custom(name: str, rows: CountRows, log_rate: Any, own: Any, logp: Any, likelihood: CountLikelihood) -> Any:
    import pymc as pm  # noqa: PLC0415 slow to load
    import pytensor.tensor as pt  # noqa: PLC0415

    def weighted(value: Any, mean: Any, *own: Any) -> Any:
        return rows.weight * logp(value, mean, *own)

    def random(mean: Floats, *own: Any, rng: np.random.Generator, size: Any = None) -> NDArray[np.int64]:
        del size
        factors = likelihood.factors(rng, np.array([own], dtype=np.float64).reshape(1, -1), mean.shape[-2:], rows.after)
        return np.asarray(rng.poisson(np.minimum(mean * factors[0], MOST)))

    mean = rows.exposure * pt.exp(log_rate)
    signature = ",".join(["(c)", *["()"] * len(own)]) + "->(c)"
    return pm.CustomDist(
        name, mean, *own, logp=weighted, random=random, signature=signature, observed=rows.y, dtype="int64"
    )
