"""Reconstruction of synthetic cohorts that are observationally equivalent to a published table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.cohort import Cohort
from iom_causal.errors import ConvergenceError, InputError, SpecError, echo
from iom_causal.numerics.plain import plain_number
from iom_causal.numerics.printed.reconstruction import MEASURES
from iom_causal.panel import Panel
from iom_causal.published.rebuild.bounds import require_table
from iom_causal.published.rebuild.chains import ChainDraws, run_chains
from iom_causal.published.rebuild.constraints import (
    ColumnTarget,
    PairTarget,
    column_constraints,
    column_target,
    outcome_target,
    pair_constraints,
)
from iom_causal.published.rebuild.demographics import Labels, draw_categories
from iom_causal.published.rebuild.feasibility import require_column, require_pairs
from iom_causal.published.study import PublishedStudy
from iom_causal.streams import as_generator
from iom_causal.windows import AFTER, BEFORE

BUDGET = 20_000_000
NOT_THESE_PEOPLE = "One of many sets of numbers that would print the same table; these are not the people of the study."
AT_RANDOM = "Outcomes, age and categories are joined at random, because the print does not say how they go together."
LOST = "{}: the print does not say who was lost to follow-up; their values before are as the base measure has them."
NO_TEST = "{}: no paired t is printed, so the values before and after are paired as the base measure has it."


def reconstruct(
    study: PublishedStudy,
    *,
    draws: int | None = None,
    rng: np.random.Generator | int | None = None,
    measure: str | None = None,
    budget: int = BUDGET,
) -> Cohort:
    """Reconstruct synthetic people whose statistics reproduce a published table exactly.

    What a published table determines (means, SDs, ranges, the paired t, counts by category) holds exactly in
    every cohort; everything else follows a base measure that the table does not identify. A result is a
    finding about the study only if it is the same in all cohorts; otherwise report its range over the
    draws (`iom_causal.published.rebuild.ranges.ranges`) or its exact limits
    (`iom_causal.published.rebuild.bounds.count_bounds`).

    Parameters
    ----------
    study : PublishedStudy
        The published study.
    draws : int, optional
        The number of cohorts, along a leading replicate axis; None gives a single cohort without that axis.
    rng : Generator or int, optional
        Source of randomness; None draws a seed, which is stored in the diagnostics.
    measure : {"negative_binomial", "uniform", "multinomial"}, optional
        The base measure. By default a single cohort uses the first, and several draws use all three in
        equal shares, in this order.
    budget : int
        The most proposals of each chain; a million take less than half a second.

    Returns
    -------
    Cohort
        One synthetic panel per outcome, whole numbers for counts and decimals for scores, NaN where the
        table reports that follow-up is missing. Sex and other reported categories are covariates, and `age`
        is the reported age. `diagnostics` holds the seed, the base measure of each replicate and the chain
        diagnostics (`iom_causal.published.rebuild.ranges.chain_table`).

    Raises
    ------
    InfeasibleError
        IOM-E110 when no whole numbers are consistent with the table; the first constraint to fail is named. That
        all figures together exclude every table is proved by an integer programme, never read off a chain.
    ConvergenceError
        IOM-E111 when no draw was reached in the budget, with the residual distances.
    InputError
        IOM-E112 when the table does not report what a reconstruction needs.
    SpecError
        IOM-E092 for a setting out of bounds.

    Notes
    -----
    The sampler is a paired form of SPRITE (Heathers, Anaya, van der Zee & Brown 2018) that samples its
    base measure conditioned on the table, see `iom_causal.numerics.printed.reconstruction.sample_pairs`.

    Examples
    --------
    >>> from iom_causal.published.study import load_published
    >>> cohort = reconstruct(load_published("sleath-brown-2017"), rng=1)
    >>> cohort
    Cohort(225 people: arrests, risk, synthetic)
    >>> arrests = cohort["arrests"]
    >>> f"{arrests.before.mean():.2f}", f"{arrests.after.std(ddof=1):.2f}", cohort["risk"].n_complete
    ('6.84', '3.66', 187)
    """
    draws, budget = plain_number(draws), plain_number(budget)
    shares = _shares(draws, measure, budget)
    generator, seed = as_generator(rng)
    targets = [outcome_target(study, outcome) for outcome in study.outcomes]
    _require_same_people(targets, study.sample.n.count)
    for target in targets:
        require_pairs(target)
    age = _age_target(study)
    drawn = {t.name: _draw(t, shares, budget, generator) for t in targets}
    values = {t.name: _assigned(t, drawn[t.name], generator) for t in targets}
    people, notes = draw_categories(study.sample.groups, study.subgroups, values, generator)
    ages = None
    if age is not None:
        drawn["age"] = _draw_column(age, shares, budget, generator)
        ages = generator.permuted(drawn["age"].x, axis=1).astype(float)
    notes = (NOT_THESE_PEOPLE, AT_RANDOM, *notes, *_outcome_notes(targets))
    cohort = Cohort(
        {t.name: _panel(study, t, values[t.name], ages, people, notes) for t in targets},
        notes=notes,
        diagnostics={
            "seed": seed,
            "measure": tuple(name for name, k in shares for _ in range(k)),
            "chains": tuple(asdict(report) for d in drawn.values() for report in d.reports),
        },
    )
    return cohort.replicate(0) if draws is None else cohort


def _shares(draws: int | None, measure: str | None, budget: int) -> list[tuple[str, int]]:
    for name, value in {"draws": draws, "budget": budget}.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise SpecError("IOM-E092", f"{name}: expected a whole number of 1 or more, got {echo(value)}")
    if measure is not None:
        check_choice(measure, MEASURES, "measure")
        return [(measure, draws or 1)]
    if draws is None:
        return [(MEASURES[0], 1)]
    count = len(MEASURES)
    shares = [(name, draws // count + (k < draws % count)) for k, name in enumerate(MEASURES)]
    return [(name, k) for name, k in shares if k]


def _require_same_people(targets: Sequence[PairTarget], n: int) -> None:
    for target in targets:
        if target.before.n != n:
            raise InputError(
                "IOM-E112",
                f"{target.name}: expected a value before for all {n} people, got {target.before.n}; "
                "which people lack one is not printed",
            )


def _outcome_notes(targets: Sequence[PairTarget]) -> tuple[str, ...]:
    lost = [LOST.format(t.name) for t in targets if not t.complete]
    return (*lost, *(NO_TEST.format(t.name) for t in targets if t.t is None))


def _age_target(study: PublishedStudy) -> ColumnTarget | None:
    age = study.sample.age
    if age is None or age.mean is None or age.sd is None:
        return None
    unit = 1 if age.unit is None else age.unit.count
    target = column_target(age, "age", "count", unit, study.sample.n.count)
    require_column(target, "age")
    return target


def _draw(target: PairTarget, shares: Sequence[tuple[str, int]], budget: int, rng: np.random.Generator) -> ChainDraws:
    try:
        drawn = run_chains(pair_constraints(target), outcome=target.name, shares=shares, budget=budget, rng=rng)
    except ConvergenceError:
        require_table(target)
        raise
    for x, y in zip(drawn.x, drawn.y, strict=True):
        _require_reproduced(target.name, target.misses(x, y))
    return drawn


def _draw_column(
    target: ColumnTarget, shares: Sequence[tuple[str, int]], budget: int, rng: np.random.Generator
) -> ChainDraws:
    drawn = run_chains(column_constraints(target), outcome="age", shares=shares, budget=budget, rng=rng)
    for x in drawn.x:
        _require_reproduced("age", target.misses(x))
    return drawn


def _require_reproduced(name: str, misses: tuple[str, ...]) -> None:
    if misses:
        raise ConvergenceError(
            "IOM-E111",
            f"{name}: expected numbers that print the table, but recomputed exactly they miss {', '.join(misses)}",
        )


def _assigned(target: PairTarget, drawn: ChainDraws, rng: np.random.Generator) -> NDArray[Any]:
    """Assign draws to people in random order, (draws, n, 2), in the outcome's own units."""
    draws, n = drawn.x.shape
    score = target.kind == "score"
    values = np.full((draws, n, 2), np.nan if score else 0, dtype=np.float64 if score else np.int64)
    if not score and not target.complete:
        values = values.astype(np.float64)
        values[..., 1] = np.nan
    order = rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)
    np.put_along_axis(values[..., 0], order, drawn.x * target.unit, axis=1)
    np.put_along_axis(values[..., 1], order[:, : drawn.y.shape[1]], drawn.y * target.unit, axis=1)
    return values


def _panel(
    study: PublishedStudy,
    target: PairTarget,
    outcome: NDArray[Any],
    age: NDArray[np.float64] | None,
    people: Mapping[str, Labels],
    notes: tuple[str, ...],
) -> Panel:
    spans = study.spans if len(study.spans) == 2 else (BEFORE, AFTER)
    days = [w.days for w in spans]
    return Panel(
        outcome=outcome,
        kind=target.kind,
        windows=tuple(spans),
        name=target.name,
        exposure=None if None in days else np.array(days, dtype=float),
        index_date=study.index_date,
        age=age,
        covariates=people,
        synthetic=True,
        fixed_by_table=_determined(target),
        notes=notes,
    )


def _determined(target: PairTarget) -> tuple[str, ...]:
    """Mark the summaries of completers that the published table determines."""
    there = {"before": target.complete, "after": True, "t": target.t is not None}
    return tuple(name for name, fixed in there.items() if fixed)
