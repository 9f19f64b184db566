"""Difference of paired proportions, after minus before, with score limits."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.paired_proportions import ASSUMPTIONS, ShareDifference, paired_table
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.mcnemar import chi_square
from iom_causal.panel import Panel
from iom_causal.roles import Rng

INTERVALS = ("tango", "newcombe")


@dataclass(frozen=True)
class RiskDifference:
    """Difference of paired proportions: the share of people with the event after less before, with score limits.

    A cohort selected by an event has it before by construction, and then a fall says nothing.

    Parameters
    ----------
    limits : {"tango", "newcombe"}
        Tango's score limits, which agree with McNemar's chi-squared test; or Newcombe's method 10. Both
        hold near 0 and 1, and with nobody who changed.
    level : float
        Confidence level.

    Examples
    --------
    >>> pairs = [[1, 0]] * 12 + [[0, 1]] * 2 + [[1, 1]] * 36
    >>> e = RiskDifference("newcombe")(Panel.from_arrays(pairs, kind="binary", name="rearrested"))
    >>> round(e.estimate, 4), round(e.conf_low, 4), round(e.conf_high, 4)
    (-0.2, -0.3404, -0.0569)
    """

    limits: str = INTERVALS[0]
    level: float = LEVEL

    reference: ClassVar[str] = "Tango (1998), Stat. Med. 17, 891-908; Newcombe (1998), Stat. Med. 17, 2635-2650"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.limits, INTERVALS, "limits")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a binary panel; the p-value is McNemar's chi-squared one.

        Raises
        ------
        InputError
            IOM-E066 for another kind than binary; IOM-E060 without people.
        """
        del rng
        table, sample = paired_table(panel, self)
        change = (table.after_only - table.before_only) / table.n
        variance = (table.discordant - change**2 * table.n) / table.n**2
        law = ShareDifference(table, self.limits)
        low, high = law.interval(self.level)
        nobody = ("nobody changed: p is 1, and there is no standard error",) if not table.discordant else ()
        return Estimate(
            outcome=sample.outcome,
            method=f"difference of paired shares, {self.limits.title()} limits",
            estimate=change,
            std_error=float(np.sqrt(variance)) if variance > 0 else None,
            statistic=chi_square(table.before_only, table.after_only)[0],
            df=1.0,
            p_value=chi_square(table.before_only, table.after_only)[1],
            conf_low=low,
            conf_high=high,
            conf_level=self.level,
            n_input=sample.n_input,
            n_used=round(table.n),
            notes=sample.notes + nobody,
            assumptions=ASSUMPTIONS,
            diagnostics=FrozenMap(table._asdict()),
            law=law,
            spec=self,
            pinned=sample.pinned(),
        )
