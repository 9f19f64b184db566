"""Clusters of people by a covariate, and what a design with two groups needs of them."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.estimators.shared.covariate_levels import level_labels
from iom_causal.estimators.shared.requirements import Requirement, named_covariates
from iom_causal.panel import Panel

LEAST = 2
FEW = 3


def cluster_places(panel: Panel, cluster: str, method: str) -> NDArray[np.int64]:
    """Return the place of each person's cluster, from 0 in order of names, (n,).

    Raises
    ------
    InputError
        IOM-E009 for an unknown covariate, IOM-E034 where it is missing, IOM-E072 where it is the same for everybody.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [4, 4]], covariates={"force": ["b", "a", "b"]})
    >>> cluster_places(panel, "force", "").tolist()
    [1, 0, 1]
    """
    names, place = np.unique(level_labels(panel, cluster, method), return_inverse=True)
    if len(names) < LEAST:
        raise InputError("IOM-E072", f"{method}: {cluster!r} is one cluster; expected at least {LEAST}")
    return np.asarray(place, dtype=np.int64)


def clusters_of_groups(panel: Panel, cluster: str) -> tuple[Requirement, ...]:
    """Require the named clusters, two of them in each group, and advise three.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 1], mask=[False, False, True, True])
    >>> panel = Panel.from_arrays([[3, 1]] * 4, start=start, covariates={"force": ["a", "a", "b", "c"]})
    >>> [r.met for r in clusters_of_groups(panel, "force")]
    [True, False, False]
    """
    named = named_covariates(panel, cluster, what="covariate of clusters", setting="cluster")
    if not named.met:
        return (named,)
    values = np.asarray(panel.covariates[cluster]).astype(str)
    fewest = min(len(np.unique(values[who])) for who in (panel.group, ~panel.group))
    alone = fewest < LEAST
    few = fewest < FEW
    return (
        named,
        Requirement(
            needs="two clusters in each group",
            met=not alone,
            found=f"a group is of one {cluster}" if alone else "each group has two clusters or more",
            advice="nothing tells then how far one differs from another, and a bootstrap of clusters fails too; bring "
            "people of others, or compare series (SyntheticControl)"
            if alone
            else "",
        ),
        Requirement(
            needs="three clusters in each group",
            met=not few,
            found=f"a group has fewer than three of {cluster!r}" if few else "each group has three clusters or more",
            advice="its error rests on one difference, and a bootstrap of clusters is not to be relied on"
            if few
            else "",
            necessary=False,
        ),
    )
