"""Random assignment of age and categories to reconstructed people, under reported statements about groups."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError, InfeasibleError
from iom_causal.numerics.inference.student_t import t_isf
from iom_causal.numerics.inference.two_sample import pooled_t
from iom_causal.numerics.printed.shares import admissible_counts
from iom_causal.published.records import SampleCategory
from iom_causal.published.statements import Subgroup

Labels = NDArray[np.str_]
Floats = NDArray[np.float64]

NOT_STATED = "not stated"
ALIKE = (
    "{}: groups are drawn so that every outcome before, after and in its change has p > {} in Student's "
    "two-sample test, because the print does not say which test was meant."
)
NOT_ALIKE = "{}: this statement is not honoured, since it is not of the form p > limit between two groups."
ATTEMPTS = 2000
"""Rejection sampling: assignments tried per replicate before a statement about groups is given up."""


def category_counts(groups: Sequence[SampleCategory], n: int) -> dict[str, int]:
    """Return integer counts of people consistent with one variable's reported counts and percentages.

    Parameters
    ----------
    groups : sequence of SampleCategory
        The categories of one variable.
    n : int
        The number of people; those in no reported category are ``"not stated"``.

    Raises
    ------
    InfeasibleError
        IOM-E110 when no whole numbers fit.

    Notes
    -----
    Percentages may be of all people or of those not missing. Of several fits the one nearest to the
    reported percentages is taken.

    Examples
    --------
    >>> from iom_causal.published.printed import Printed
    >>> category_counts([SampleCategory(variable="sex", category="male", percent=Printed("84.0"))], 225)
    {'male': 189, 'not stated': 36}
    """
    missing = sum(g.count.count for g in groups if g.missing and g.count is not None)
    fits = [
        (_distance(groups, counts, base), counts)
        for base in dict.fromkeys((n, n - missing))
        for counts in product(*(_options(g, base) for g in groups))
        if sum(counts) <= n
    ]
    if not fits:
        raise InfeasibleError(
            "IOM-E110",
            f"{groups[0].variable}: expected counts and percentages that some of {n} people print; none do",
        )
    exact = [fit for fit in fits if sum(fit[1]) == n] or fits
    counts = min(exact)[1]
    by_category = {g.category: k for g, k in zip(groups, counts, strict=True)}
    return by_category if sum(counts) == n else by_category | {NOT_STATED: n - sum(counts)}


def _options(group: SampleCategory, base: int) -> Sequence[int]:
    if group.count is not None:
        return (group.count.count,)
    if group.percent is None:
        return (0,)
    return admissible_counts(group.percent.low, group.percent.high, base)


def _distance(groups: Sequence[SampleCategory], counts: Sequence[int], base: int) -> float:
    shares = ((g.percent, k) for g, k in zip(groups, counts, strict=True) if g.percent is not None)
    return sum(abs(percent.value - 100 * k / base) for percent, k in shares)


def assign(counts: Mapping[str, int], replicates: int, rng: np.random.Generator) -> Labels:
    """Permute category labels at random, (replicates, n)."""
    people = np.repeat(np.array(list(counts)), list(counts.values()))
    return rng.permuted(np.tile(people, (replicates, 1)), axis=1)


def is_imposable(subgroup: Subgroup, counts: Mapping[str, int]) -> bool:
    """Whether a statement can be imposed: p above a limit, two groups."""
    sizes = [k for category, k in counts.items() if category != NOT_STATED]
    return subgroup.p.relation == ">" and len(sizes) == 2 and min(sizes) >= 2


def assign_no_difference(
    counts: Mapping[str, int],
    subgroup: Subgroup,
    values: Mapping[str, Floats],
    rng: np.random.Generator,
) -> Labels:
    """Permute category labels at random, by rejection, under a statement of no difference.

    Parameters
    ----------
    counts : mapping of str to int
        Two categories and their sizes.
    subgroup : Subgroup
        The statement; its p is a lower limit.
    values : mapping of str to ndarray, (replicates, n)
        The variables compared, by name: before, after and change of each outcome.
    rng : Generator
        Draws the orders.

    Returns
    -------
    ndarray of str, (replicates, n)
        Every value has p above the limit in Student's two-sample test.

    Raises
    ------
    ConvergenceError
        IOM-E111 when some replicate has found no such order in the attempts allowed.
    """
    replicates = next(iter(values.values())).shape[0]
    labels = assign(counts, replicates, rng)
    names = tuple(category for category in counts if category != NOT_STATED)
    limit = float(subgroup.p.number.exact)
    waiting = np.arange(replicates)
    for _ in range(ATTEMPTS):
        columns = [column[waiting] for column in values.values()]
        waiting = waiting[~_alike(labels[waiting], names, columns, limit)]
        if not waiting.size:
            return labels
        labels[waiting] = assign(counts, waiting.size, rng)
    raise ConvergenceError(
        "IOM-E111",
        f"{subgroup.name}: expected groups that do not differ, found none in {ATTEMPTS} random orders for "
        f"{waiting.size} of {replicates} cohorts; try another seed",
    )


def _alike(labels: Labels, names: tuple[str, ...], columns: Sequence[Floats], limit: float) -> NDArray[np.bool_]:
    first, second = (labels == name for name in names)
    alike = np.ones(labels.shape[0], dtype=np.bool_)
    for column in columns:
        known = (~np.isnan(column) & (first | second)).sum(axis=-1)
        alike &= np.abs(pooled_t(column, first, second)) < t_isf(limit / 2, known - 2)
    return alike


def draw_categories(
    groups: Sequence[SampleCategory],
    subgroups: Sequence[Subgroup],
    values: Mapping[str, NDArray[Any]],
    rng: np.random.Generator,
) -> tuple[dict[str, Labels], tuple[str, ...]]:
    """Assign the reported categories of each variable to people, under statements of no difference.

    Parameters
    ----------
    groups : sequence of SampleCategory
        The reported categories of all variables.
    subgroups : sequence of Subgroup
        The reported statements about them.
    values : mapping of str to ndarray, (replicates, n, 2)
        The outcomes, before and after.
    rng : Generator
        Draws the orders.

    Returns
    -------
    labels : dict of str to ndarray of str, (replicates, n)
        One entry a variable.
    notes : tuple of str
        How each statement was imposed.

    Raises
    ------
    InfeasibleError, ConvergenceError
        As `category_counts` and `assign_no_difference` do.
    """
    replicates, n = next(iter(values.values())).shape[:2]
    variables: dict[str, list[SampleCategory]] = {}
    for group in groups:
        variables.setdefault(group.variable, []).append(group)
    labels: dict[str, Labels] = {}
    notes = []
    for variable, own in variables.items():
        counts = category_counts(own, n)
        statement = next((s for s in subgroups if s.variable == variable), None)
        if statement is not None and is_imposable(statement, counts):
            labels[variable] = assign_no_difference(counts, statement, _compared(statement, values), rng)
            notes.append(ALIKE.format(statement.name, statement.p.number.text))
            continue
        labels[variable] = assign(counts, replicates, rng)
        if statement is not None:
            notes.append(NOT_ALIKE.format(statement.name))
    return labels, tuple(notes)


def _compared(statement: Subgroup, values: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    for name in statement.outcomes:
        before, after = (values[name][..., k].astype(float) for k in (0, 1))
        columns |= {f"{name} before": before, f"{name} after": after, f"{name} change": after - before}
    return columns
