"""What a panel knows of whether its comparison people were selected as the managed were."""

from enum import StrEnum, auto

import numpy as np

from iom_causal.inputs.selected import reached
from iom_causal.panel import Panel


class Alikeness(StrEnum):
    """How comparison people were selected, by what is stated, or shown by a stated cut on this count.

    Only ALIKE and CUT are known to be alike. Under RATE nobody was selected by a count, so that none comes back of
    itself. RULE and UNSTATED leave it open; all others are known, in part or in whole, to be unlike.
    """

    ALIKE = auto()
    CUT = auto()
    RATE = auto()
    NONE_SELECTED = auto()
    MOST_NOT_SELECTED = auto()
    SOME_NOT_SELECTED = auto()
    MOST_BELOW = auto()
    SOME_BELOW = auto()
    RULE = auto()
    UNSTATED = auto()

    @property
    def alike(self) -> bool:
        """Whether they are known to have been selected alike."""
        return self in {Alikeness.ALIKE, Alikeness.CUT}

    @property
    def stated(self) -> bool:
        """Whether anything is stated of a selection by which the groups could differ."""
        return self not in {Alikeness.RATE, Alikeness.UNSTATED}


def alikeness(panel: Panel) -> Alikeness:
    """Return what a panel knows of whether the comparison people were selected as the managed were.

    What `Panel.selected` states comes first, then what a stated cut on this count shows, then that a rule is stated at
    all. Levels before are not asked: groups that are equal there can come from populations that are not.

    Examples
    --------
    >>> from iom_causal.windows import Selection
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, True, True])
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [1, 4]], start=start, name="arrests", selection=rule)
    >>> alikeness(panel).name, alikeness(Panel.from_arrays([[3, 1], [2, 2], [1, 4]], start=start)).name
    ('MOST_BELOW', 'UNSTATED')
    """
    if panel.alike.any():
        return Alikeness.ALIKE
    if panel.selection is not None and panel.selection.rule == "rate":
        return Alikeness.RATE
    not_selected = _share_not_selected(panel)
    if not_selected:
        return _by_share(
            not_selected, Alikeness.SOME_NOT_SELECTED, Alikeness.MOST_NOT_SELECTED, Alikeness.NONE_SELECTED
        )
    cut = reached(panel)
    if cut is not None and cut.people:
        below = 1 - cut.selected / cut.people
        return (
            _by_share(below, Alikeness.SOME_BELOW, Alikeness.MOST_BELOW, Alikeness.MOST_BELOW)
            if below
            else Alikeness.CUT
        )
    return Alikeness.UNSTATED if panel.selection is None else Alikeness.RULE


def _share_not_selected(panel: Panel) -> float:
    """Return the share of comparison people who are known not to have been selected."""
    if panel.selected is None or not panel.rest.any():
        return 0.0
    return float((~np.ma.filled(panel.selected, True))[panel.rest].mean())  # noqa: FBT003 not known counts as selected


def _by_share(share: float, some: Alikeness, most: Alikeness, every: Alikeness) -> Alikeness:
    return every if share == 1 else most if 2 * share > 1 else some
