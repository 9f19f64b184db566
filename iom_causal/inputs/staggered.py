"""People by the window at which they start: one reading of a panel for designs with staggered starts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.blocks import RowBlock, row_block
from iom_causal.inputs.clusters import clusters_of
from iom_causal.inputs.sample import rate_days
from iom_causal.numerics.comparison.staggered import People
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StaggeredPeople:
    """People with every window, by the window at which they start, over replicates.

    Attributes
    ----------
    people : People
        Outcomes, weights, groups and clusters.
    starts : ndarray
        (H,) window at which each group starts; the number of windows for never.
    block : RowBlock
        The account of them.
    aside : ndarray
        (R,) people, by weight, who are managed from so early on that no window lies before.
    unit : float or None
        Days that differences refer to, as those of rates; None where they are of outcomes.
    """

    people: People
    starts: Integers
    block: RowBlock
    aside: Integers
    unit: float | None = None

    @property
    def used(self) -> Integers:
        """(R,) people in a group, by weight."""
        inside = self.people.group >= 0
        return np.rint(self.people.weight[:, inside].sum(-1)).astype(np.int64)

    def replicates(self, at: Integers) -> People:
        """Return the people of some replicates."""
        people, days = self.people, self.people.days
        own = days if days is None or days.ndim < 3 else days[at]
        return people._replace(outcome=people.outcome[at], weight=people.weight[at], days=own)


def staggered(panel: Panel, *, rates: bool, first: int = 1, cluster: str = "") -> StaggeredPeople:
    """Read people by the window at which they start.

    Parameters
    ----------
    panel : Panel
        With or without replicates; people who lack a window are left out, which its notes say.
    rates : bool
        Whether days at risk are used, where they differ between people; else they are, in the unit of differences of
        rates, where windows or people's days differ in length.
    first : int
        The first window at which a start has windows enough before it.
    cluster : str
        The covariate of which people with the same value may be alike; empty where people are independent.

    Raises
    ------
    InputError
        Those of `clusters_of`.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 0, 0], mask=[False, False, False, True])
    >>> read = staggered(Panel.from_arrays([[3, 1], [2, 2], [4, 4], [1, 0]], start=start), rates=True)
    >>> read.starts.tolist(), read.people.group.tolist(), read.aside.tolist()
    ([1, 2], [0, 0, -1, 1], [1])
    """
    unit = None if rates else rate_days(panel.exposure, panel.kind)
    block = row_block(panel, rates=rates or unit is not None, comparison=True)
    windows = block.y.shape[-1]
    start = np.where(block.treated.any(-1), block.treated.argmax(-1), windows)
    early = start < first
    starts = np.unique(start[~early])
    group = np.where(early, -1, np.searchsorted(starts, start))
    days = block.days
    if days is not None and unit is not None:
        days = days / unit
    elif not rates or (days is not None and days.ndim == 1):
        days = None
    people = People(block.y, block.weight, group, days, clusters_of(panel, cluster) if cluster else None)
    aside = np.rint(block.weight[:, early].sum(-1)).astype(np.int64)
    return StaggeredPeople(people, starts, block, aside, unit)
