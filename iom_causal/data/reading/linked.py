"""What files beside that of the people add to it, as columns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from iom_causal.base.specs import EMPTY
from iom_causal.data.events.flow import Flow
from iom_causal.data.extracts import Extract

if TYPE_CHECKING:
    from iom_causal.data.events.quality import DataQuality

LOST_IDS = "IOM-W149"
"""The code of the note on rows that are of nobody on the list for the spelling of their ids alone."""


class Linked(NamedTuple):
    """Counts and days at risk of people, worked out from files beside theirs.

    Attributes
    ----------
    extract : Extract
        The same in which they are columns of the file of people.
    columns : mapping of str to ndarray
        These columns, a number a person.
    flows : mapping of str to Flow
        The flow chart of each outcome that is counted from the log.
    notes : tuple of str
        Warnings with their codes.
    quality : DataQuality or None
        What is odd in the log and the spells, where there is a log.
    """

    extract: Extract
    columns: Mapping[str, NDArray[Any]] = EMPTY
    flows: Mapping[str, Flow] = EMPTY
    notes: tuple[str, ...] = ()
    quality: "DataQuality | None" = None
