"""People who enter at different times, in an order drawn by lot: those who have not yet entered are the comparison."""

from dataclasses import dataclass

import numpy as np

from iom_causal.cohort import Cohort
from iom_causal.errors import SpecError
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.simulate.data_strategies import Observed, managed_groups
from iom_causal.world import World


@dataclass(frozen=True, kw_only=True)
class SteppedWedge(Observed):
    """Selected people who enter at different times: those who have not yet entered are the comparison.

    Its estimand is the ATT by time since entry. Right when the order of entry is random, as it is in these worlds.
    What it gets wrong: a window inside which somebody enters counts as managed although part of it was not, which
    brings the ratio nearer to 1; the panel's notes say for how many. Let windows end where people enter.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Enrolment
    >>> from iom_causal.windows import Window
    >>> steps = [Window(f"half-year {k + 1}", 183 * k, 183 * k + 183, post=True) for k in range(3)]
    >>> careers = Careers(
    ...     people=90,
    ...     windows=(Window("before", -183, 0), *steps),
    ...     rate=2.0,
    ...     enrolment=Enrolment(entry_months=(0, 6, 12, 18)),
    ... )
    >>> panel = SteppedWedge()(careers(1))
    >>> np.unique(panel.start.compressed()).tolist(), bool(panel.group.all())
    ([1, 2, 3], False)
    """

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return all people by window of entry; those who enter after the last window were never managed in it."""
        del rng
        if "entry_months" not in world.covariates:
            raise SpecError(
                "IOM-E096",
                f"{type(self).__name__}: expected people who enter at different times; give Careers an Enrolment with "
                "several entry_months",
            )
        return self._seen(world, managed_groups(world))


@dataclass(frozen=True, kw_only=True)
class WaitingList(SteppedWedge):
    """Selected people of whom some enter at once and others later, by lot: a stepped wedge of two steps.

    Its estimand is the ATT, in the windows in which the others still wait. What it gets wrong: nothing in them; those
    who wait are no comparison from then on, and real people who know that they wait may change.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Enrolment
    >>> panel = WaitingList()(Careers(people=90, rate=2.0, enrolment=Enrolment(entry_months=(0, 18)))(1))
    >>> bool(panel.group.all())
    False
    """

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return those who enter at once and those who wait."""
        if np.unique(world.covariates.get("entry_months", np.zeros(1))).size != 2:
            raise SpecError(
                "IOM-E096", "WaitingList: expected two months of entry; give Careers an Enrolment with two entry_months"
            )
        return super().__call__(world, rng=rng)
