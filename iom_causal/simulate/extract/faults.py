"""Rates of data-quality faults in the records of a simulated force, one for each sort."""

import math
from dataclasses import dataclass, fields

from iom_causal.numerics.plain import plain_numbers
from iom_causal.simulate.settings import check

REASONS_TO_LEAVE = ("deaths", "moves", "deselected")


@dataclass(frozen=True, kw_only=True)
class FaultRates:
    """Rates of data-quality faults, each a share of the rows or people that the fault can affect.

    Except for `missing_scores` the sizes are invented: no published figure stands behind them, only that analysts of
    such records report faults of each sort. Every sort is drawn from a stream of its own, so that a change of one
    leaves the others where they are.

    Parameters
    ----------
    aliases : float
        People with a second URN, under which half of their arrests stand.
    january : float
        Dates of birth given as the first of January.
    unknown : float
        People whose sex is not stated; the same of self-defined and of officer-defined ethnicity.
    deaths, moves, deselected : float
        People who die, move away, or (of the managed) are taken off the programme's list between entry and the end of
        the last window. What is handed over about them ends on that day.
    earlier_offences : float
        Arrests for offences committed weeks to months before, some of them before the programme.
    duplicates : float
        Arrests that stand twice, word for word.
    bail_returns : float
        Arrests that stand once more for the return on bail, under the same custody record.
    attendances : float
        Arrests that became voluntary attendances instead: of those for offences without custody after them, from
        12 November 2012 (PACE Code G) on.
    late : float
        Arrests that were recorded a month to half a year after they were made; others are within two days.
    odd_codes : float
        Offence and disposal codes that are blank or say nothing.
    overlaps : float
        Custody spells that stand as two that overlap.
    missing_scores : float
        Scores after the index date that are not there: 38 of 225 in Sleath and Brown (2017).
    repeated_scores : float
        Scores that were made twice on one day, of which the later version holds.
    mixed_dates : float
        In csv files, dates that stand as dd/mm/yyyy among others that stand as yyyy-mm-dd.

    Examples
    --------
    >>> FaultRates(duplicates=0.1).duplicates, CLEAN.duplicates
    (0.1, 0.0)
    """

    aliases: float = 0.03
    january: float = 0.04
    unknown: float = 0.05
    deaths: float = 0.01
    moves: float = 0.03
    deselected: float = 0.08
    earlier_offences: float = 0.25
    duplicates: float = 0.02
    bail_returns: float = 0.04
    attendances: float = 0.1
    late: float = 0.05
    odd_codes: float = 0.03
    overlaps: float = 0.05
    missing_scores: float = 38 / 225
    repeated_scores: float = 0.02
    mixed_dates: float = 0.0

    def __post_init__(self) -> None:
        plain_numbers(self)
        for f in fields(self):
            value = getattr(self, f.name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            check(self, number and 0 <= value < 1, f"{f.name} in [0, 1)")
        check(self, sum(self.leaving) < 1, "deaths, moves and deselected that add up to less than 1")

    @property
    def leaving(self) -> tuple[float, float, float]:
        """The shares of people who leave, by reason."""
        return self.deaths, self.moves, self.deselected


CLEAN = FaultRates(**dict.fromkeys((f.name for f in fields(FaultRates)), 0.0))
"""Records without a fault."""
