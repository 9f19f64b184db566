"""The ledger that a reader moves: what leaves of it, and what its script says."""

from collections.abc import Mapping
from math import isfinite

from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.results import LedgerUnder
from iom_causal.base.decimals import DECIMALS
from iom_causal.base.specs import FrozenMap
from iom_causal.estimate import Line
from iom_causal.inputs.lines import OBSERVED, REMAINDER
from iom_causal.ledger import lines
from iom_causal.report.render.live import Knob, LiveLedger, LiveSet

EMBEDDED = 9
"""Decimals of a line on the page: a remainder worked out from them is right to a millionth."""

WORDS: Mapping[str, str] = {
    "title": "Move the allowances",
    "intro": (
        "Choose a set of evidence and move what each allowance takes, within its 95% limits under that set: further "
        "right, more of the change would have come anyway. The observed change stays as it is; how far chance may have "
        "moved it, and what remains under every set, is in the tables of this section."
    ),
    "set": "Set of evidence",
    "takes": "takes {0}",
    "adds": "adds {0}",
    "nothing": "takes nothing",
    "took": "took {0}",
    "added": "added {0}",
    "tookNothing": "took nothing",
    "fall": "a fall of {0}",
    "rise": "a rise of {0}",
    "same": "no change",
    "point": "{0} point",
    "points": "{0} points",
    "ratio": "a ratio of {0}",
    "range": "Its slider goes from “{0}” to “{1}”.",
    "condition": "As the set has it, it is right if {0}.",
    "fixed": "This set holds it fixed.",
    "open": "The mean before is known between two ends only.",
    "before": "before, taken as 100",
    "expected": "expected without the programme",
    "remainder": "remainder",
    "after": "observed after",
    "left": (
        "If these allowances are right, {0} was to be expected without the programme, and {1} remains after them; "
        "observed: {2}."
    ),
    "over": "These allowances come to more than the whole change.",
    "none": "That is nothing: these allowances come to the whole change.",
    "tip": "Nothing would remain if “{0}” {1} (here it {2}), all else as set here; {3}.",
    "inside": "its slider goes so far",
    "outside": "its slider does not go so far",
    "held": "this set holds it fixed",
    "reset": "Back to the set as it stands",
}
"""What the script says, by what it says it of."""


def live(found: OutcomeLedgers) -> LiveLedger:
    """Return the ledger of an outcome to be moved, of ledgers as they may be given."""
    scale = found.under[0].result.scale
    return LiveLedger(
        scale=scale,
        decimals=DECIMALS[scale],
        sets=tuple(_set(under) for under in found.under),
        words=FrozenMap(WORDS),
    )


def _set(under: LedgerUnder) -> LiveSet:
    of = lines(under.result)
    observed, left = of[OBSERVED], of[REMAINDER]
    moved = {name: line for name, line in of.items() if name not in {OBSERVED, REMAINDER}}
    sharp = all(line.low == line.high for line in of.values())
    return LiveSet(
        title=under.evidence.title,
        about=under.evidence.about,
        observed=_knob("observed change", observed, (observed.low, observed.high)),
        lines=tuple(
            _knob(name, line, (line.conf_low, line.conf_high), under.conditions.get(name, ""))
            for name, line in moved.items()
        ),
        rounded=_plain(left.low - observed.low + sum(line.low for line in moved.values())) if sharp else 0.0,
    )


def _knob(name: str, line: Line, ends: tuple[float, float], about: str = "") -> Knob:
    """Return a line that starts in the middle of its set, and may be moved to these ends."""
    start = (line.low + line.high) / 2 if isfinite(line.low) else line.high
    low, high = ((end if isfinite(end) else start) for end in ends)
    low, high = min(low, start), max(high, start)
    return Knob(name, _plain(low), _plain(start), _plain(high), about)


def _plain(value: float) -> float:
    return round(value, EMBEDDED) + 0.0
