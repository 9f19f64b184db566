"""A ledger as values that a reader moves: per set of evidence its lines, each with its plausible range."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from iom_causal.errors import inert


@dataclass(frozen=True, slots=True)
class Knob:
    """One line of a ledger, as the log of a ratio or in points, and how far it may be moved.

    Parameters
    ----------
    name : str
        The line.
    low, start, high : float
        The ends of its plausible range, and where it stands in its set; all equal where it cannot be moved.
    about : str
        The condition under which it is right as it stands.
    """

    name: str
    low: float
    start: float
    high: float
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSet:
    """The lines of one set of evidence.

    Parameters
    ----------
    title, about : str
        What the set is called, and what it stands for.
    observed : Knob
        The observed change, which moves only where a published table leaves it open.
    lines : tuple of Knob
        The adjustments.
    rounded : float
        What rounding before release leaves between the remainder as it is given and that of the lines as they are.
    """

    title: str
    about: str
    observed: Knob
    lines: tuple[Knob, ...]
    rounded: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLedger:
    """Ledger of one outcome under every set of evidence, as `ledger.js` draws it.

    The remainder is the observed change less the sum of the lines, wherever these are set, and what rounding leaves.

    Parameters
    ----------
    scale : {"ratio", "points"}
        Of its lines.
    decimals : int
        To which the remainder is printed.
    sets : tuple of LiveSet
        As they stand in the ledger's table.
    words : mapping of str to str
        What the script says, with numbered slots.
    """

    scale: str
    decimals: int
    sets: tuple[LiveSet, ...]
    words: Mapping[str, str]

    @property
    def json(self) -> str:
        """The same for the script."""
        values = _inert(asdict(self) | {"words": dict(self.words)})
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    def texts(self) -> tuple[str, ...]:
        """Every text that the script shows."""
        told = [
            t
            for s in self.sets
            for t in (s.title, s.about, *(text for k in (s.observed, *s.lines) for text in (k.name, k.about)))
        ]
        return tuple(t for t in (*self.words.values(), *told) if t)


def _inert(value: Any) -> Any:
    """Return values with every text in them inert: as JSON its control characters would come back in the script."""
    if isinstance(value, dict):
        return {key: _inert(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_inert(each) for each in value]
    return inert(value) if isinstance(value, str) else value
