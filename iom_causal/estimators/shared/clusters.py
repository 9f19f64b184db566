"""Clusters of people by a covariate, and what a design with two groups needs of them."""

import numpy as np

from iom_causal.estimators.shared.requirements import Requirement, named_covariates, what_passes
from iom_causal.inputs.clusters import clusters_of
from iom_causal.panel import Panel

LEAST = 2
FEW = 3


def named_clusters(panel: Panel, cluster: str) -> tuple[Requirement, ...]:
    """Require a covariate of clusters, known of everybody.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2]], covariates={"force": ["a", "missing"]})
    >>> [r.met for r in named_clusters(panel, "force")]
    [True, False]
    """
    named = named_covariates(panel, cluster, what="covariate of clusters", setting="cluster")
    return (
        (named, what_passes("clusters of all people", lambda: clusters_of(panel, cluster))) if named.met else (named,)
    )


def clusters_of_groups(panel: Panel, cluster: str) -> tuple[Requirement, ...]:
    """Require the named clusters, known of everybody and two of them in each group, and advise three.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 1], mask=[False, False, True, True])
    >>> panel = Panel.from_arrays([[3, 1]] * 4, start=start, covariates={"force": ["a", "a", "b", "c"]})
    >>> [r.met for r in clusters_of_groups(panel, "force")]
    [True, True, False, False]
    """
    named = named_clusters(panel, cluster)
    if not all(r.met for r in named):
        return named
    values = clusters_of(panel, cluster)
    fewest = min(len(np.unique(values[who])) for who in (panel.group, ~panel.group))
    alone = fewest < LEAST
    few = fewest < FEW
    return (
        *named,
        Requirement(
            needs="two clusters in each group",
            met=not alone,
            found=f"a group is of one {cluster}" if alone else "each group has two clusters or more",
            advice="nothing tells then how far one differs from another, and a bootstrap of clusters fails too; bring "
            "people of others, or compare series"
            if alone
            else "",
            in_code="SyntheticControl" if alone else "",
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
