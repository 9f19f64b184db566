"""Changes and levels of a first answer in words."""

from math import isinf

from iom_causal.analysis.change import Completers
from iom_causal.analysis.first_answer import Band, FirstAnswer
from iom_causal.base.decimals import decimals_of
from iom_causal.base.formats import fixed, percent
from iom_causal.data.release.disclosure import outward
from iom_causal.estimate import Estimate


def size_of(answer: FirstAnswer) -> str:
    """Return how much the outcome changed, in per cent or in points."""
    change = answer.change
    if isinstance(change, Completers):
        ends = sorted((abs(change.low), abs(change.high)))
        decimals = 0 if ends[1] - ends[0] > 10 else 1
        return f"{fixed(ends[0], decimals)} to {fixed(ends[1], decimals)} points"
    if answer.in_shares:
        return percent(abs(1 - (answer.after or 0) / (answer.before or 1)))
    return f"{size_in_words(answer, _points(answer))} points"


def unit_of(answer: FirstAnswer) -> float:
    """Return the unit to which the size of a change is said: a share, or points."""
    return 0.01 if answer.in_shares or answer.kind == "binary" else 1.0 if _points(answer) > 10 else 0.1


def size_in_words(answer: FirstAnswer, size: float) -> str:
    """Return the size of a change without its unit, as finely as that of the outcome: a share, or points."""
    if answer.in_shares:
        return percent(size)
    if answer.kind == "binary":
        return fixed(100 * size, 0)
    return fixed(size, 0 if unit_of(answer) == 1 else 1)


def _points(answer: FirstAnswer) -> float:
    return abs((answer.after or 0) - (answer.before or 0))


def apart(answer: FirstAnswer, size: float, *, ratio: bool) -> str:
    """Return how far something is from what was to be expected: a share, points, or an amount."""
    if ratio:
        return percent(size)
    if answer.kind == "binary":
        return f"{fixed(100 * size, 0)} points"
    return f"{fixed(size, 1)}{' points' if answer.kind == 'score' else ''}"


def apart_by(answer: FirstAnswer, e: Estimate) -> tuple[str, str]:
    """Return how far an estimate is from nothing left, and between which sizes its limits lie, the smaller first."""
    ratio = e.scale == "ratio"
    nothing, unit = 1.0 if ratio else 0.0, 0.01 if ratio or answer.kind == "binary" else 0.1
    limits = sorted(abs((end or 0.0) - nothing) for end in outward(e.conf_low, e.conf_high, unit))
    size, low, high = (apart(answer, v, ratio=ratio) for v in (abs((e.estimate or 0.0) - nothing), *limits))
    return size, f"{low} to {high}"


def moves(answer: FirstAnswer, band: Band) -> str:
    """Say between which changes a band lies; between which levels, where that before is known between two ends only.

    A band without an upper limit goes from its lower end upwards.
    """
    if answer.before is None:
        return f"a mean of {fixed(band.low, _decimals(answer))} to {fixed(band.high, _decimals(answer))}"
    if isinf(band.high):
        return f"anything from {_change(answer, _moved(answer, band.low))} upwards"
    low, high = (_moved(answer, end) for end in band)
    if low == high:
        return _change(answer, low)
    if low < 0 < high:
        return f"anything from {_change(answer, low)} to {_change(answer, high)}"
    ends = sorted((low, high), key=abs)
    if ends[0] == 0:
        return f"anything from {_change(answer, 0)} to {_change(answer, ends[1])}"
    return f"a {_way(ends[1])} of {_shown(answer, ends[0], bare=True)} to {_shown(answer, ends[1])}"


def _change(answer: FirstAnswer, moved: float) -> str:
    return f"a {_way(moved)} of {_shown(answer, moved)}" if moved else "no change"


def _moved(answer: FirstAnswer, level: float) -> float:
    """Return a change as it is printed: a share of the level before, or points."""
    before = answer.before or 0.0
    if answer.in_shares:
        return round(level / before - 1, 2)
    return round(level - before, 2 if answer.kind == "binary" else _decimals(answer))


def _decimals(answer: FirstAnswer) -> int:
    """Return the decimals of changes of a score, by the size of the one that was seen."""
    if answer.before is None:
        return 0
    return decimals_of("points", [(answer.after or 0.0) - answer.before])


def _way(moved: float) -> str:
    return "rise" if moved > 0 else "fall"


def _shown(answer: FirstAnswer, moved: float, *, bare: bool = False) -> str:
    if answer.kind == "score":
        return f"{fixed(abs(moved), _decimals(answer))}{'' if bare else ' points'}"
    if answer.kind == "binary":
        return f"{fixed(100 * abs(moved), 0)}{'' if bare else ' points'}"
    return percent(abs(moved))


def word_of(answer: FirstAnswer) -> str:
    """Return what the change is called."""
    return "rise" if answer.rose else "fall" if answer.fell else "change"


def capital(text: str) -> str:
    """Return a text as it stands at the head of a sentence."""
    return f"{text[:1].upper()}{text[1:]}"
