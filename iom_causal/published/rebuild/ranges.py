"""Summaries over reconstructed cohorts: chain diagnostics, and intervals of a result by base measure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.names import function_name
from iom_causal.cohort import Cohort
from iom_causal.errors import InputError
from iom_causal.numerics import LEVEL
from iom_causal.published.rebuild.change_patterns import FEATURES, Feature, feature

if TYPE_CHECKING:
    import pandas as pd


def chain_table(cohort: Cohort) -> "pd.DataFrame":
    """Tabulate the chain diagnostics of a reconstructed cohort, one row an outcome, measure and functional.

    Parameters
    ----------
    cohort : Cohort
        From `reconstruct`.

    Returns
    -------
    DataFrame
        The columns of `iom_causal.published.rebuild.chains.ChainReport`.

    Raises
    ------
    InputError
        IOM-E048 for a cohort that was not reconstructed.

    Examples
    --------
    >>> import iom_causal as iom
    >>> cohort = iom.reconstruct(iom.load_published("template"), rng=1)
    >>> sorted(set(iom.chain_table(cohort)["outcome"]))
    ['age', 'contacts', 'employed']
    """
    import pandas as pd  # noqa: PLC0415 -- slow to import, and only tables need it

    return pd.DataFrame(list(_diagnostic(cohort, "chains")))


def range_over(
    cohort: Cohort, values: Sequence[float] | NDArray[Any], *, level: float = LEVEL
) -> dict[str, tuple[float, float]]:
    """Central interval of a result over reconstructed cohorts, by base measure and over all of them.

    Parameters
    ----------
    cohort : Cohort
        From ``reconstruct(study, draws=K)``.
    values : array_like, (K,)
        The result on each replicate.
    level : float
        The share of each measure's draws inside its range.

    Returns
    -------
    dict of str to (float, float)
        One entry a base measure; ``"all"`` runs from the lowest end to the highest.

    Raises
    ------
    InputError
        IOM-E048 for a cohort that was not reconstructed, IOM-E037 for another number of values.

    Examples
    --------
    >>> import iom_causal as iom
    >>> cohort = iom.reconstruct(iom.load_published("template"), draws=4, rng=1)
    >>> totals = cohort["contacts"].outcome.sum((1, 2))
    >>> sorted(iom.range_over(cohort, totals))
    ['all', 'multinomial', 'negative_binomial', 'uniform']
    """
    measures = np.array(_diagnostic(cohort, "measure"))
    results = np.asarray(values, dtype=float)
    if results.shape != measures.shape:
        raise InputError(
            "IOM-E037", f"expected one value for each of {measures.size} cohorts, got shape {results.shape}"
        )
    tails = [(1 - level) / 2, (1 + level) / 2]
    intervals = {}
    for name in dict.fromkeys(measures.tolist()):
        low, high = np.quantile(results[measures == name], tails)
        intervals[name] = (float(low), float(high))
    return intervals | {"all": (min(low for low, _ in intervals.values()), max(high for _, high in intervals.values()))}


def ranges(
    cohort: Cohort, outcome: str, features: Sequence[str | Feature] = tuple(FEATURES), *, level: float = LEVEL
) -> "pd.DataFrame":
    """Central intervals of counts of people with each feature, over observationally equivalent cohorts.

    Parameters
    ----------
    cohort : Cohort
        From ``reconstruct(study, draws=K)``.
    outcome : str
        Which panel.
    features : sequence of str or callable
        Names from `FEATURES`, or functions of the values before and after.
    level : float
        The share of each measure's draws inside its range.

    Returns
    -------
    DataFrame
        ``feature, measure, low, high``; the measure ``"all"`` spans the others.

    Examples
    --------
    >>> from iom_causal.published.rebuild.reconstruct import reconstruct
    >>> from iom_causal.published.study import load_published
    >>> cohort = reconstruct(load_published("template"), draws=3, rng=1)
    >>> ranges(cohort, "contacts", ["went down"])["measure"].tolist()
    ['negative_binomial', 'uniform', 'multinomial', 'all']
    """
    import pandas as pd  # noqa: PLC0415 -- slow to import, and only tables need it

    panel = cohort[outcome]
    rows = []
    for named in features:
        counts = feature(named)(panel.before, panel.after).sum(axis=-1)
        label = named if isinstance(named, str) else function_name(named, "feature")
        for measure, (low, high) in range_over(cohort, np.atleast_1d(counts), level=level).items():
            rows.append({"feature": label, "measure": measure, "low": low, "high": high})
    return pd.DataFrame(rows)


def _diagnostic(cohort: Cohort, key: str) -> Any:
    if key not in cohort.diagnostics:
        raise InputError("IOM-E048", "expected a cohort from reconstruct(study), got another; rebuild one")
    return cohort.diagnostics[key]
