"""Shapley decomposition of a bias among the mechanisms of a world."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from iom_causal.base.formats import fixed
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import label
from iom_causal.base.specs import FrozenMap
from iom_causal.errors import SpecError
from iom_causal.roles import Rng
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.estimands import before_after_bias
from iom_causal.streams import Streams
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST = 7


@dataclass(frozen=True, slots=True)
class Contribution:
    """Contribution of one mechanism.

    Parameters
    ----------
    name : str
        The confound.
    switched_off : float
        The change of the whole less that of the whole without it.
    shapley : float
        Its mean worth over all orders in which mechanisms can be switched on; these add up to the whole less nothing.
    std_error : float
        Monte Carlo error of `shapley`.
    """

    name: str
    switched_off: float
    shapley: float
    std_error: float


class Contributions(FrozenMap[str, Contribution], Result):
    """Contributions of the mechanisms of a world, by name."""

    def tidy(self) -> "pd.DataFrame":
        """Return one row a mechanism, with the fields of `Contribution`."""
        return table([asdict(c) for c in self.values()], [f.name for f in fields(Contribution)])

    def summary(self) -> str:
        """Return one line a mechanism."""
        return "\n".join(
            f"{c.name}: {fixed(c.shapley, 3)} (SE {fixed(c.std_error, 3)}); alone {fixed(c.switched_off, 3)}"
            for c in self.values()
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the shares, which add up to the whole."""
        from iom_causal.base import axes_of_rows  # noqa: PLC0415 matplotlib is slow to load

        steps = [(c.name, c.shapley, False) for c in self.values()]
        whole = sum(c.shapley for c in self.values())
        return axes_of_rows.waterfall([*steps, ("together", whole, True)], ax=ax, unit="log ratio")

    def __str__(self) -> str:
        return repr(self)


def contributions(
    careers: Careers,
    *,
    rng: Rng | Streams = None,
    replicates: int = 50,
    of: Callable[[World], np.ndarray] = before_after_bias,
) -> Contributions:
    """Compute the contribution of each confound of a world, from the same random numbers with and without it.

    Right as a description of one world: mechanisms interact, through who is selected above all, so that the worth of
    one depends on the others; the Shapley value shares the interactions out.

    Parameters
    ----------
    careers : Careers
        With at most seven confounds, because each set of them is lived once.
    rng : Generator, int or Streams
        The seed of all of them.
    replicates : int
        Worlds for each set.
    of : callable
        World to one number a replicate; by default the bias of a before/after comparison, log scale. Anything read from
        the course without the programme alone prices what belongs to management (detection, breach) at nothing.

    Examples
    --------
    >>> from iom_causal.confounds import History
    >>> found = contributions(Careers(people=50, rate=2.0, confounds=(History(ratio=0.8),)), rng=1, replicates=5)
    >>> round(found["history"].shapley, 2) == round(float(np.log(0.8)), 2)
    True
    """
    names = [label(c) for c in careers.confounds]
    if not 1 <= len(names) <= MOST:
        raise SpecError("IOM-E092", f"contributions: expected from 1 to {MOST} confounds, got {len(names)}")
    streams = rng if isinstance(rng, Streams) else Streams(int(np.random.default_rng(rng).integers(2**63)))
    subsets = [frozenset(s) for size in range(len(names) + 1) for s in combinations(names, size)]
    worth = {}
    for chosen in subsets:
        included = tuple(c for c in careers.confounds if label(c) in chosen)
        world = replace(careers, confounds=included).batch(replicates, rng=streams)
        worth[chosen] = np.atleast_1d(of(world))
    return Contributions({name: _contribution(name, names, worth) for name in names})


def _contribution(name: str, names: list[str], worth: Mapping[frozenset[str], np.ndarray]) -> Contribution:
    others, size = [n for n in names if n != name], len(names)
    total = np.zeros_like(next(iter(worth.values())))
    for k in range(size):
        share = factorial(k) * factorial(size - k - 1) / factorial(size)
        for chosen in combinations(others, k):
            total = total + share * (worth[frozenset({*chosen, name})] - worth[frozenset(chosen)])
    everything = frozenset(names)
    off = worth[everything] - worth[everything - {name}]
    error = float(total.std(ddof=1) / np.sqrt(total.size)) if total.size > 1 else 0.0
    return Contribution(name, float(off.mean()), float(total.mean()), error)
