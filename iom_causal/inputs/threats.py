"""Points of the register of threats to validity: their ids, their words, and which of them confounds speak to."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from iom_causal.base.formats import listed
from iom_causal.base.specs import FrozenMap
from iom_causal.roles import Confound

NAMES: Mapping[str, str] = FrozenMap(
    {
        "c01": "other changes over the same period",
        "c02": "differences between the groups",
        "c03": "what is recorded of conduct",
        "c04": "a change of detection",
        "c05": "ageing",
        "c06": "people who stop anyway",
        "c07": "an unreliable score",
        "c08": "differences between women and men",
        "c09": "which interventions people received",
        "c10": "who engages",
        "c11": "the length of follow-up",
        "c12": "who volunteers for an interview",
        "u1": "regression to the mean",
        "u2": "time in custody",
        "u3": "people without a follow-up",
        "u4": "breach and recall",
        "u5": "management that existed before",
        "u6": "people outside the extract",
        "u7": "dates of entry",
    }
)
"""Every point in the words of a sentence, in the order of the register; `confounds.register` says the rest of it."""

CONFOUNDING = ("c01",)
"""What an unmeasured confounder of a contrast of windows is."""
SELECTION = ("u3", "u6")
"""Who is followed up, and who is in the extract."""
RECORDING = ("c03", "c04")
"""A change in what is recorded of the same conduct."""
EXPOSURE = ("u7",)
"""Time before a person's own entry that counts as time after."""
BIASES = tuple(point for point in NAMES if point in {*CONFOUNDING, *SELECTION, *RECORDING, *EXPOSURE})
"""What some bias of these kinds can be."""
EXPECTED = ("c05", "c06", "u1")
"""Changes expected of the same people without any programme, which are no confounders."""


def threats(confounds: Iterable[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids that some confounds speak to, and all others; what is no confound speaks to none.

    Examples
    --------
    >>> from iom_causal.confounds import Detection, Season
    >>> threats([Season(), Detection()])[0]
    ('c01', 'c03', 'c04')
    """
    spoken = {point for confound in confounds if isinstance(confound, Confound) for point in confound.ids}
    return tuple(point for point in NAMES if point in spoken), others(spoken)


def others(speaks_to: Collection[str]) -> tuple[str, ...]:
    """Return every other point of the register: those on which a result is silent.

    Examples
    --------
    >>> len(others(("c01", "u3", "u6")))
    16
    """
    return tuple(point for point in NAMES if point not in speaks_to)


def named(ids: Iterable[str]) -> str:
    """Return points in the words of a sentence, with their ids.

    Examples
    --------
    >>> named(("c05", "u1"))
    'ageing (c05) and regression to the mean (u1)'
    """
    return listed(f"{NAMES[key]} ({key})" for key in ids)
