"""McNemar's test and conditional odds ratio of a paired table."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.estimate import Estimate, Part
from iom_causal.estimators.shared.paired_proportions import ASSUMPTIONS, OddsRatio, paired_table
from iom_causal.inputs import pairs as paired
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.mcnemar import PairedTable, chi_square, exact_p, mid_p, wilson_limits
from iom_causal.panel import Panel
from iom_causal.roles import Rng

TESTS = ("exact", "mid_p", "chi_square")


@dataclass(frozen=True)
class McNemar:
    """McNemar's test, with the conditional odds ratio: people with the event after only, over those before only.

    That is the conditional odds ratio of a yes-or-no outcome; the shares and their ratio are its parts. A
    cohort selected by an event has it before by construction, and then a fall says nothing.

    Parameters
    ----------
    test : {"exact", "mid_p", "chi_square"}
        The p-value and the limits that agree with it; all three p-values are among the diagnostics.
    level : float
        Confidence level.

    Examples
    --------
    >>> pairs = [[1, 0]] * 10 + [[0, 1]] * 2 + [[1, 1]] * 5
    >>> e = McNemar()(Panel.from_arrays(pairs, kind="binary", name="rearrested"))
    >>> e.estimate, round(e.p_value, 6)
    (0.2, 0.038574)
    """

    test: str = TESTS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "McNemar (1947), Psychometrika 12, 153-157; Fagerland, Lydersen & Laake (2013), BMC Med. Res. Methodol. 13, 91"
    )
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.test, TESTS, "test")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the people of a binary panel.

        With nobody who changed, p is 1 and there is no ratio; with nobody who stopped, only a lower limit.

        Raises
        ------
        InputError
            IOM-E066 for another kind than binary; IOM-E060 without people.
        """
        del rng
        table, sample = paired_table(panel, self)
        started, stopped = table.after_only, table.before_only
        statistic, approximate = chi_square(stopped, started)
        p = {"exact": exact_p(stopped, started), "mid_p": mid_p(stopped, started), "chi_square": approximate}
        law = OddsRatio(stopped, started, self.test) if table.discordant else None
        low, high = law.interval(self.level) if law else (None, None)
        both = stopped > 0 and started > 0
        return Estimate(
            outcome=sample.outcome,
            method=f"McNemar odds ratio, {self.test.replace('_', '-')}",
            term="started / stopped",
            scale="ratio",
            estimate=started / stopped if stopped else None,
            std_error=float(np.sqrt(1 / stopped + 1 / started)) if both else None,
            std_error_scale="log",
            statistic=statistic if self.test == "chi_square" and table.discordant else None,
            df=1.0 if self.test == "chi_square" and table.discordant else None,
            p_value=p[self.test],
            conf_low=low,
            conf_high=None if high is None else paired.defined(high),
            conf_level=self.level,
            interval="confidence" if law else "none",
            n_input=sample.n_input,
            n_used=round(table.n),
            notes=sample.notes + _notes(table),
            assumptions=ASSUMPTIONS,
            diagnostics=FrozenMap({**{f"p_{name}": value for name, value in p.items()}, **table._asdict()}),
            parts=_shares(table, self.level),
            law=law,
            spec=self,
            pinned=sample.pinned(),
        )


def _notes(table: PairedTable) -> tuple[str, ...]:
    if not table.discordant:
        return ("nobody changed, so there is no odds ratio and p is 1",)
    if not table.before_only:
        return ("nobody stopped: the odds ratio has no upper limit",)
    return () if table.after_only else ("nobody started: the odds ratio is 0, with an upper limit",)


def _shares(table: PairedTable, level: float) -> tuple[Part, ...]:
    a, b, c, _ = table
    shares = [
        Part(name, k / table.n, None, None, None, *wilson_limits(k, table.n, level))
        for name, k in (("share before", a + b), ("share after", a + c))
    ]
    if not (a + b and a + c):
        return tuple(shares)
    ratio, se = (a + c) / (a + b), float(np.sqrt((b + c) / ((a + b) * (a + c))))
    half = float(ndtri((1 + level) / 2)) * se
    ends = (float(ratio * np.exp(-half)), float(ratio * np.exp(half))) if se else (None, None)
    return (*shares, Part("risk ratio", ratio, se or None, None, None, *ends))
