"""PyMC model of selected people: the same likelihood as the kernel's, written in PyTensor."""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from scipy.special import gammaln, xlogy

from iom_causal.bayes.shared.selected_people import SelectedPeople
from iom_causal.numerics.posterior.selected_draws import draw_selected, poisson
from iom_causal.numerics.posterior.selected_pairs import NO_TAIL, TINY, LognormalPairs, PairRows, Rule, trapezoid

FAR = -30.0
"""From here down the normal distribution function is worked out by its asymptotic series."""


def built(family: Any, people: SelectedPeople) -> pm.Model:
    """Return the model of these people; its rows are constants of the graph.

    Parameters
    ----------
    family : SelectedFamily
        With its priors.
    people : SelectedPeople
        As it reads them.
    """
    rows, names = people.rows, [p.name for p in family.parameters]
    with pm.Model() as model:
        own = [p.variable() for p in family.parameters]
        pm.Deterministic("ratio", pt.exp(own[0]))

        def log_likelihood(value: Any, layout: Any, *parameters: Any) -> Any:
            del value, layout  # the rows, which the tables of the quadrature are made of
            at = {name: p.ravel()[0] for name, p in zip(names, parameters, strict=True)}
            return _rows(family, people, at) * rows.weight

        def drawn(layout: Any, *parameters: Any, rng: Any = None, size: Any = None) -> Any:
            del layout, size
            return _drawn(family, people, [float(np.ravel(p)[0]) for p in parameters], rng)

        pairs = np.stack([rows.before, rows.after], axis=-1)
        pm.CustomDist(
            "counts",
            pairs,
            *own,
            logp=log_likelihood,
            random=drawn,
            signature=f"(side),{','.join('()' for _ in own)}->(side)",
            observed=pairs,
        )
    return model


def _rows(family: Any, people: SelectedPeople, at: dict[str, Any]) -> Any:
    rows, count = people.rows, people.counts
    place = people.place_before
    log_mean = at["log_mean"]
    in_window = log_mean + np.log(people.time)
    without = at["drift"] if family.pool else pt.log(at["lasting"])
    if family.family == "gamma":
        pairs = _gamma(rows, log_mean, at["spread"], without, at["log_ratio"])
        nothing, whole = np.zeros_like(count), np.ones_like(count)
        marginal = pt.exp(
            _gamma(PairRows(count, nothing, whole, nothing, nothing, whole), in_window, at["spread"], 0, 0)
        )
    else:
        pairs = (_lognormal if family.drifts else _lasting)(rows, log_mean, without, at)
        outer = trapezoid(count[-1])
        marginal = _counts(count, np.ones_like(count), _outer(in_window, at, outer), outer)
    yes, no = _chance(family, people, at)
    if family.pool:
        return pairs + pt.switch(rows.managed > 0, yes[place], no[place])
    above = 1 - marginal.sum()
    mass = pt.concatenate([marginal, pt.switch(above > NO_TAIL, above, 0.0)[None]])
    share = pt.logsumexp(pt.concatenate([yes, yes[-1:]]) + pt.log(mass + TINY))
    return pairs + yes[place] - share


def _chance(family: Any, people: SelectedPeople, at: dict[str, Any]) -> tuple[Any, Any]:
    if not family.fitted:
        with np.errstate(divide="ignore"):
            known = np.asarray(people.probability)
            return pt.as_tensor(np.log(known)), pt.as_tensor(np.log1p(-known))
    index = at["selection_intercept"] + at["selection_slope"] * np.log1p(people.counts)
    return _log_ndtr(index), _log_ndtr(-index)


def _log_ndtr(x: Any) -> Any:
    """Return the log of the normal distribution function; PyMC's own is right to nine digits."""
    far = pt.minimum(x, FAR)
    tail = -0.5 * far**2 - pt.log(-far) - 0.5 * np.log(2 * np.pi) + pt.log1p(-1 / far**2 + 3 / far**4 - 15 / far**6)
    return pt.switch(x < FAR, tail, pt.log(0.5 * pt.erfc(-pt.maximum(x, FAR) / 2**0.5)))


def _gamma(rows: PairRows, log_mean: Any, variance: Any, without: Any, ratio: Any) -> Any:
    shape, total = 1 / variance, rows.before + rows.after
    change = without + ratio * rows.managed
    first, second = pt.exp(log_mean) * rows.time_before, pt.exp(log_mean + change) * rows.time_after
    steps = pt.concatenate([pt.zeros(1), pt.cumsum(pt.log1p(np.arange(int(total.max())) / shape))])
    known = xlogy(rows.before, rows.time_before) + xlogy(rows.after, rows.time_after)
    known = known - gammaln(rows.before + 1) - gammaln(rows.after + 1)
    rising = steps[total.astype(np.int64)]
    return (
        known + rows.after * change + log_mean * total - (shape + total) * pt.log1p((first + second) / shape) + rising
    )


def _outer(log_mean: Any, at: dict[str, Any], outer: Rule) -> Any:
    return log_mean - 0.5 * at["spread"] ** 2 + at["spread"] * outer.nodes


def _factor(count: Any, time: Any, log_rate: Any) -> Any:
    return pt.exp(count * log_rate - time * pt.exp(log_rate) + (xlogy(count, time) - gammaln(count + 1)))


def _counts(count: Any, time: Any, log_rate: Any, outer: Rule) -> Any:
    return pt.dot(_factor(count[:, None], time[:, None], log_rate), outer.weight)


def _lognormal(rows: PairRows, log_mean: Any, without: Any, at: dict[str, Any]) -> Any:
    quadrature, after, correlation = LognormalPairs.of(rows), at["spread_after"], pt.tanh(at["atanh_correlation"])
    outer, inner, start, last = quadrature
    new = after * pt.sqrt(1 - correlation**2) * inner.nodes
    later = (log_mean - 0.5 * after**2 + without + after * correlation * outer.nodes)[:, None] + new
    counts, times, managed = (v[:, None, None] for v in (last.events, last.time[last.group], last.managed[last.group]))
    second = pt.dot(_factor(counts, times, later + at["log_ratio"] * managed), inner.weight)
    count, time = (v[:, None] for v in (start.events, start.time[start.group]))
    first = _factor(count, time, _outer(log_mean, at, outer)) * outer.weight
    return pt.log(pt.dot(first, second.T)[start.place, last.place])


def _lasting(rows: PairRows, log_mean: Any, without: Any, at: dict[str, Any]) -> Any:
    outer = trapezoid(float((rows.before + rows.after).max()))
    rate = _outer(log_mean, at, outer)
    change = (without + at["log_ratio"] * rows.managed)[:, None]
    before, after, first, second = (v[:, None] for v in (rows.before, rows.after, rows.time_before, rows.time_after))
    return pt.log(pt.dot(_factor(before, first, rate) * _factor(after, second, rate + change), outer.weight))


def _drawn(family: Any, people: SelectedPeople, own: list[float], rng: np.random.Generator) -> Any:
    """Draw both counts of every row, of selected people for managed ones and of those left for the others."""
    rows = people.rows
    z = np.array([[float(p.free(np.array(v))) for p, v in zip(family.parameters, own, strict=True)]])
    at = family.rates(z)
    pairs = np.zeros((rows.before.size, 2))
    for side, chance in zip((1.0, 0.0), family.chance(z, people.counts, people.probability), strict=True):
        for time in np.unique(rows.time_before[rows.managed == side]):
            who = np.flatnonzero((rows.managed == side) & (rows.time_before == time))
            here = at._replace(log_mean=at.log_mean + np.log(time))
            before, rate = draw_selected(family.family, here, np.exp(chance), who.size, rng)
            mean = rate[0] * np.exp(float(at.ratio[0]) * side) * rows.time_after[who] / time
            pairs[who] = np.stack([before[0], poisson(mean, rng)], axis=-1)
    return pairs
