"""Points of the register of threats that summaries of bias speak to, and those on which they are silent."""

from collections.abc import Iterable, Mapping

from iom_causal.base.formats import listed
from iom_causal.base.specs import FrozenMap

CONFOUNDING = ("c01",)
"""What an unmeasured confounder of a contrast of windows is."""
SELECTION = ("u3", "u6")
"""Who is followed up, and who is in the extract."""
RECORDING = ("c03", "c04")
"""A change in what is recorded of the same conduct."""
EXPOSURE = ("u7",)
"""Time before a person's own entry that counts as time after."""
EXPECTED = ("c05", "c06", "u1")
"""Changes expected of the same people without any programme, which are no confounders."""

NAMES: Mapping[str, str] = FrozenMap(
    {
        "c01": "other changes over the same period",
        "c02": "differences between the groups",
        "c03": "what is recorded of conduct",
        "c04": "a change of detection",
        "c05": "ageing",
        "c06": "people who stop anyway",
        "c07": "an unreliable score",
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
"""Points in the words of a sentence."""


def others(speaks_to: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of all these points, in order of their ids, a summary is silent on.

    Examples
    --------
    >>> others(("c01", "u3", "u6"))
    ('c03', 'c04', 'c05', 'c06', 'u1', 'u7')
    """
    return tuple(sorted({*CONFOUNDING, *SELECTION, *RECORDING, *EXPOSURE, *EXPECTED} - set(speaks_to)))


def named(ids: Iterable[str]) -> str:
    """Return points in the words of a sentence, with their ids.

    Examples
    --------
    >>> named(("c05", "u1"))
    'ageing (c05) and regression to the mean (u1)'
    """
    return listed(f"{NAMES[key]} ({key})" for key in ids)
