"""Paired proportions: the table of a binary outcome before and after, its notes, and its confidence distributions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from iom_causal.base.specs import check_level
from iom_causal.errors import InputError
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.sample import SampleAccount
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.mcnemar import PairedTable, newcombe_limits, odds_limits, score_limits
from iom_causal.panel import Panel

ASSUMPTIONS = (
    "people are independent of one another",
    "nobody was picked because of the event itself: a cohort picked by an event has it before by construction",
)

_DIFFERENCES = {"tango": score_limits, "newcombe": newcombe_limits}
_KNOTS = 129
_REACH = 5.0


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """Confidence distribution of the conditional odds ratio of a paired table, by limits at every level.

    Parameters
    ----------
    before_only, after_only : float
        Discordant people.
    test : str
        As in `iom_causal.numerics.inference.mcnemar.odds_limits`.
    """

    before_only: float
    after_only: float
    test: str

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the limits; 0 and infinity where no person says otherwise."""
        check_level(level)
        return odds_limits(self.before_only, self.after_only, level, self.test)

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the distribution halfway between those of the two exact limits."""
        draws = rng.gamma([self.after_only + 0.5, self.before_only + 0.5], size=(size, 2))
        return np.asarray(draws[:, 0] / draws[:, 1])


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """Confidence distribution of a difference of paired proportions, by limits at every level.

    Parameters
    ----------
    table : PairedTable
        The people.
    method : {"tango", "newcombe"}
        Which limits.
    """

    table: PairedTable
    method: str

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the limits."""
        check_level(level)
        return _DIFFERENCES[self.method](self.table, level)

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the confidence distribution."""
        return draw_by_limits(self.interval, rng, size)


def draw_by_limits(
    interval: Callable[[float], tuple[float, float]], rng: np.random.Generator, size: int
) -> NDArray[np.float64]:
    """Draw from the confidence distribution of an interval, straight between its ends at 258 levels."""
    z = np.linspace(0.0, _REACH, _KNOTS + 1)[1:]
    ends = np.array([interval(float(special.erf(x / np.sqrt(2)))) for x in z])
    scores = np.concatenate([-z[::-1], z])
    return np.asarray(np.interp(rng.standard_normal(size), scores, np.concatenate([ends[::-1, 0], ends[:, 1]])))


def paired_table(panel: Panel, spec: object) -> tuple[PairedTable, SampleAccount]:
    """Count the managed people of a binary panel by the event before and after.

    Raises
    ------
    InputError
        IOM-E066 for another kind than binary; IOM-E060 without anybody who has both windows.
    """
    people = paired.single(panel, spec)
    name = type(spec).__name__
    if people.kind != "binary":
        raise InputError(
            "IOM-E066", f'{people.sample.outcome}: {name} needs kind="binary" (0 or 1), got a {people.kind}'
        )
    pairs, weight = people.complete()
    weight = np.ones(len(pairs)) if weight is None else weight.astype(np.float64)
    if len(pairs) == 0:
        raise InputError("IOM-E060", f"{people.sample.outcome}: n=0 people with both windows; expected at least 1")
    cells = (pairs[:, 0] * 2 + pairs[:, 1]).astype(np.int64)
    neither, after_only, before_only, both = np.bincount(cells, weight, 4).tolist()
    table = PairedTable(both, before_only, after_only, neither)
    return table, people.sample._replace(notes=people.sample.notes + _by_construction(table))


def _by_construction(table: PairedTable) -> tuple[str, ...]:
    if table.after_only + table.neither == 0:
        return ("everybody had the event before, so the share could only fall: were people picked because of it?",)
    return ()
