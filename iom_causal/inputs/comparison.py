"""Comparison people, never managed: those selected alike, whom designs compare with, and the source population.

Where the panel says which they are (`Panel.selected`), each is read for what it is good for; where it does not, methods
read all of them, and say what must hold. Taken for one another they mislead: in simulated cohorts of people selected at
four events or more in a year, with a programme of ratio .8, a difference in differences gives .80 against people
selected alike and .40 against the rest, and a ledger that reads from people selected alike what the same rule met
earlier .43.
"""

from dataclasses import replace

import numpy as np

from iom_causal.errors import InputError
from iom_causal.panel import Panel

SELECTED_ALIKE = (
    (
        "the people here who were not managed were picked as the managed were: what they went through tells what would "
        "have become of the managed, and nothing of those from whom people are picked"
    ),
    (
        "use them in a difference in differences (DiffInDiff), or add the others from whom people were picked "
        "(SourcePopulation.beside)"
    ),
)
SET_ASIDE = "comparison people who were not known to be picked by the rule are set aside"
WAITING_ALONE = "people never managed whom the rule did not pick are set aside: those who start later are compared with"


def source_population(panel: Panel) -> Panel:
    """Return the managed people and the rest of those from whom they were selected, without who was selected alike.

    Raises
    ------
    InputError
        IOM-E048 where all comparison people were selected alike.

    Examples
    --------
    >>> import numpy as np
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, True, True])
    >>> selected = np.ma.MaskedArray([True, True, False], mask=[False, False, True])
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start, selected=selected)
    >>> source_population(panel).outcome.tolist()
    [[3, 1], [4, 4]]
    """
    if panel.alike.any() and not panel.rest.any():
        raise InputError("IOM-E048", *SELECTED_ALIKE)
    return without_alike(panel)


def without_alike(panel: Panel) -> Panel:
    """Return a panel without the comparison people known to have been selected as the managed were."""
    return panel.where(~panel.alike) if panel.alike.any() else panel


def compared(panel: Panel) -> Panel:
    """Return the managed people and those with whom a design compares them, with a note where others are set aside.

    They are the comparison people who were selected alike, where the panel knows of some, and else all of them.

    Examples
    --------
    >>> import numpy as np
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, True, True])
    >>> selected = np.ma.MaskedArray([True, True, False])
    >>> both = compared(Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start, selected=selected))
    >>> both.outcome.tolist(), both.notes
    ([[3, 1], [2, 2]], ('comparison people who were not known to be picked by the rule are set aside',))
    """
    if not (panel.alike.any() and panel.rest.any()):
        return panel
    return replace(panel.where(~panel.rest), notes=(*panel.notes, SET_ASIDE))


def without_unlike(panel: Panel) -> Panel:
    """Return a panel without the comparison people known not to have been selected, with a note where there are some.

    For designs that have other people to compare with: those who are managed later.

    Examples
    --------
    >>> import numpy as np
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, True, True])
    >>> selected = np.ma.MaskedArray([True, False, True], mask=[False, False, True])
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start, selected=selected)
    >>> without_unlike(panel).outcome.tolist()
    [[3, 1], [4, 4]]
    """
    if panel.selected is None:
        return panel
    unlike = ~panel.group & ~np.ma.filled(panel.selected, True)  # noqa: FBT003 who is not known to be, stays
    return replace(panel.where(~unlike), notes=(*panel.notes, WAITING_ALONE)) if unlike.any() else panel
