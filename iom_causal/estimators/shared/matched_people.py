"""Matching of the people of a panel, over replicates, and what a result says of it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed, number
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.person_covariates import PersonCovariates
from iom_causal.numerics.comparison.balance import balance, spreads
from iom_causal.numerics.comparison.matched_change import (
    MatchedChange,
    match_weights,
    matched_difference,
    matched_ratio,
)
from iom_causal.numerics.comparison.matching import matched_sets
from iom_causal.numerics.comparison.matching_bias import gamma_shape, mean_given_count
from iom_causal.numerics.comparison.propensity import Propensity, propensity

type Floats = NDArray[np.float64]
type Booleans = NDArray[np.bool_]

BEFORE = "the outcome before"
"""Its name in the table of balance."""
BALANCED = 0.1
"""The greatest standardised difference that is called balanced (Austin 2009)."""
_PLACES = 9  # of a logit: people with the same covariates are equally near whatever rounding says

_ON_BEFORE = (
    "people are matched on the outcome before: right where, at the same outcome before, managed people and their "
    "matches have the same expected outcome after, as when all come from one population and were selected on that "
    "outcome alone; else matching brings regression to the mean back into the contrast"
)


class People(NamedTuple):
    """People of a panel as matching takes them, (R, n) each unless said otherwise.

    Attributes
    ----------
    pairs : PairedOutcomes
        Their outcomes, and the account of the sample.
    values, days : ndarray
        (R, n, 2) outcomes before and after, 0 for people who do not count, as rates where differences are of rates and
        windows differ; and days at risk, where used and their own.
    there, managed : ndarray
        Who counts, and who is managed.
    strata : ndarray
        The same number for people who agree in what must agree.
    covariates : PersonCovariates
        What the propensity score is of.
    selected : bool
        Whether managed people are known to be selected on the outcome before.
    """

    pairs: paired.PairedOutcomes
    values: Floats
    days: Floats | None
    there: Booleans
    managed: Booleans
    strata: NDArray[np.int64]
    covariates: PersonCovariates
    selected: bool

    def sizes(self) -> NDArray[np.int64]:
        """Return how many managed and how many comparison people count, (2, R)."""
        return np.stack([(self.there & of).sum(-1) for of in (self.managed, ~self.managed)])


class MatchedFit(NamedTuple):
    """Matched sets, (R, n), with how much each person counts, and their contrast."""

    score: Propensity
    sets: NDArray[np.int64]
    weight: Floats
    change: MatchedChange


def match(people: People, *, caliper: float | None, most: int, ratio: bool) -> MatchedFit:
    """Match on the propensity score within strata and a caliper in SDs of its logit, and contrast the matched.

    Parameters
    ----------
    people : People
        The people.
    caliper : float or None
        None for any distance.
    most : int
        How many matches each managed person takes, at most.
    ratio : bool
        Whether the contrast is the ratio of ratios, or the difference of mean changes.
    """
    managed, there, x = people.managed, people.there, people.covariates.matrix
    score = propensity(x, managed, there) if x.shape[-1] else _no_score(there)
    logit = np.round(score.logit, _PLACES)
    free = there & (score.sound & people.covariates.sound)[:, None]
    width = _farthest(logit, people, caliper)
    sets = matched_sets(logit, people.strata, managed & free, ~managed & free, width, most)
    weight = match_weights(sets, managed)
    if ratio:
        return MatchedFit(score, sets, weight, matched_ratio(people.values, people.days, sets, managed, weight))
    return MatchedFit(score, sets, weight, matched_difference(people.values, people.days, sets, managed, weight))


def said(people: People, fit: MatchedFit, *, on_outcome_before: bool, ratio: bool) -> list[tuple[str, ...]]:
    """Return what each replicate says of its matching: who has no match, balance, the outcome before."""
    used, managed = fit.sets >= 0, people.sizes()[0]
    sides = [(used & of).sum(-1) for of in (people.managed, ~people.managed)]
    x = people.covariates.matrix
    left = balance(x, people.managed, fit.weight, spreads(x, people.there & people.managed)).difference
    bias = _without_programme(people, fit, ratio=ratio) if on_outcome_before else None
    return [
        (
            *_unmatched(int(managed[k]), int(sides[0][k])),
            *_imbalance(people.covariates.names, left[k]),
            *(() if bias is None else (_ON_BEFORE, *_bias(float(bias[k]), ratio=ratio))),
            f"{sides[0][k]:,} managed and {sides[1][k]:,} comparison people in {sides[0][k]:,} matched sets",
        )
        for k in range(len(used))
    ]


def figures(people: People, fit: MatchedFit, *, ratio: bool) -> dict[str, Any]:
    """Return levels and changes of the matched, and the table of balance before and after matching."""
    natural: Any = np.exp if ratio else float
    found: dict[str, Any] = {}
    for group, means, change in zip(("managed", "comparison"), fit.change.means[0], fit.change.changes[0], strict=True):
        found |= {f"before_{group}": float(means[0]), f"change_{group}": float(natural(change))}
    x, names = people.covariates.matrix, people.covariates.names
    if BEFORE not in names:
        x, names = np.concatenate([x, people.values[..., :1]], axis=-1), (*names, BEFORE)
    spread = spreads(x, people.there & people.managed)
    found["covariates"] = names
    for when, weight in (("before", people.there.astype(np.float64)), ("after", fit.weight)):
        b = balance(x, people.managed, weight, spread)
        found[f"difference_{when}"] = _defined(b.difference[0])
        found[f"variance_ratio_{when}"] = _defined(b.variance_ratio[0])
    return found


def _no_score(there: Booleans) -> Propensity:
    return Propensity(np.zeros(there.shape), np.ones(len(there), dtype=np.bool_), np.zeros(len(there), dtype=np.bool_))


def _farthest(logit: Floats, people: People, caliper: float | None) -> Floats:
    """Return the caliper of each replicate on the scale of the logit, (R,): in SDs, pooled over both groups."""
    if caliper is None:
        return np.full(len(logit), np.inf)
    squares = [spreads(logit[..., None], people.there & of)[:, 0] ** 2 for of in (people.managed, ~people.managed)]
    return np.asarray(caliper * np.sqrt(np.nan_to_num(squares[0] + squares[1]) / 2))


def _without_programme(people: People, fit: MatchedFit, *, ratio: bool) -> Floats:
    """Return the contrast without any programme where rates are gamma-Poisson and last, (R,); NaN where not known."""
    if people.pairs.kind != "count" or people.pairs.own_days is not None or people.selected:
        return np.full(len(fit.sets), np.nan)
    days = people.pairs.exposure
    length = 1.0 if days is None else float(days[1] / days[0])
    before, later = (1.0, 1.0) if ratio or people.pairs.unit is None or days is None else people.pairs.unit / days
    everybody, changes = people.values[..., :1] / before, []
    for k, of in enumerate((people.managed, ~people.managed)):
        who = people.there & of
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = (everybody[..., 0] * who).sum(-1) / who.sum(-1)
            shape = gamma_shape(mean, spreads(everybody, who)[:, 0] ** 2)
            matched = fit.change.means[:, k, 0] / before
            after = length * mean_given_count(matched, mean, shape)
            changes.append(after / matched if ratio else later * after - before * matched)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(changes[0] / changes[1] if ratio else changes[0] - changes[1])


def _bias(value: float, *, ratio: bool) -> tuple[str, ...]:
    if not np.isfinite(value):
        return ()
    what = "a ratio" if ratio else "a difference"
    when = "if these people's rates last, differ by group and nobody was selected on the outcome before"
    return (f"{when}, matching on it makes {what} of {number(value, 3)} without any programme",)


def _unmatched(managed: int, matched: int) -> tuple[str, ...]:
    if managed == matched:
        return ()
    whole = counted(managed, "managed [person has|people have]")
    return (f"{managed - matched} of {whole} no match, so that the estimate is of the others",)


def _imbalance(names: tuple[str, ...], differences: Floats) -> tuple[str, ...]:
    far = [name for name, d in zip(names, differences, strict=True) if np.isfinite(d) and abs(d) > BALANCED]
    if not far:
        return ()
    return (f"after matching, {listed(far)} still differ{'s' if len(far) == 1 else ''} by more than {BALANCED} SD",)


def _defined(values: Floats) -> tuple[float | None, ...]:
    return tuple(paired.defined(v) for v in values.tolist())
