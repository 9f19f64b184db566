"""Comparison group: the change of people selected alike and never managed, as a line of a ledger."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.errors import InputError
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.resampling import change_of
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

NOBODY_ALIKE = (
    "the change of a comparison group needs people who were picked as the managed were and never managed; add them "
    "(group=, selected=True)"
)
NONE_ALIKE = (
    "the people here who were not managed were not picked by the rule, so that their change lacks what picking alone "
    "does; take method 'pool', which reads what follows a count as high, or add people picked alike"
)


@dataclass(frozen=True, kw_only=True)
class ComparisonGroup(Method):
    """Change of comparison people who were selected alike: a difference in differences as a line of a ledger.

    Expected of the managed is the change of people whom the same rule selected and who were never managed (a waiting
    list, the losers of a lottery, another force): with this line alone the remainder is the ratio of ratios of
    `DiffInDiff`. It holds regression to the mean, ageing, trend, season and stopping, whatever the rule was and however
    rates move, as long as they are the same in both groups; what happens to the managed alone (being watched more,
    custody) is still a line of its own. Where the panel knows that nobody else was selected (`Panel.selected`) it
    refuses: the change of the rest lacks the regression.

    In worlds of 11 kinds with 225 managed people beside as many it leaves at most .01 of the log ratio, and its 95%
    intervals cover in 93 to 96% (docs/methods.md); with 10 beside 10, and with 20 beside 60, they cover in 95 to 96%.

    Examples
    --------
    >>> ComparisonGroup().also_holds
    ('ageing', 'history', 'season', 'desistance')
    """

    name: ClassVar[str] = "comparison"
    reads_rule: ClassVar[bool] = False

    @property
    def also_holds(self) -> tuple[str, ...]:
        """What comparison people went through as well."""
        return ("ageing", "history", "season", "desistance")

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the comparison people's log ratio a day at risk, or their mean change of a score.

        Raises
        ------
        InputError
            IOM-E048 without comparison people, or where the rule is known to have selected none of them.
        DegenerateDataError
            IOM-E064 where they have no events in a window.
        """
        del selection, theta
        if isinstance(data, Moments) or data.group.all():
            raise InputError("IOM-E048", NOBODY_ALIKE)
        both = compared(data)
        if both.rest.any() and both.selected is not None and not np.ma.getmaskarray(both.selected)[both.rest].any():
            raise InputError("IOM-E048", NONE_ALIKE)
        return np.asarray(change_of(both.where(~both.group)))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data, theta
        return "people who were picked alike and never managed show what would have followed"


@dataclass(frozen=True, kw_only=True)
class ComparisonScores(ComparisonGroup):
    """The same of a score: the mean change, in points, of comparison people who were selected alike.

    Examples
    --------
    >>> ComparisonScores().name
    'comparison'
    """

    confound: ClassVar[str] = "ScoreRegression"
