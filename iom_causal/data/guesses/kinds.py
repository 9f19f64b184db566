"""Heuristic classification of measured columns: outcomes with their kind, days in custody, days at risk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.names import LONGEST_NAME, refused
from iom_causal.base.specs import toml_value
from iom_causal.data.files.blanks import DASHES
from iom_causal.data.files.cells import Codes, empty, number_or_none, numbers
from iom_causal.data.files.dates import DATES, readable
from iom_causal.data.files.labels import labelled
from iom_causal.data.files.numerals import DECIMALS, WITHHELD, WORDS, parsed
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.codes import Coded, coded, codes_question
from iom_causal.data.guesses.questions import Question
from iom_causal.errors import IomCausalError

MANY = 0.75
"""Share of cells of a kind above which the others are faults to be named, and not another kind."""
INSIDE = ("custod", "prison", "remand", "jail", "inside")
EVENTS = ("arrest", "offen", "convict", "charge", "event", "record", "recall", "admission", "sentence")
"""Words for what is counted, in custody or not, and so is no number of days."""
SCORES = ("score", "risk", "ogrs", "oasys", "rating", "rsr", "points", "index")
AMOUNTS = {
    *("harm", "chi", "cchi", "css", "severity", "seriousness", "cost", "costs", "spend", "spending", "pounds", "gbp"),
    *("euro", "eur", "euros", "fines", "loss", "losses", "damage", "income", "earnings", "hours"),
}
"""Words for what adds up and is not counted in whole events: harm by a table of weights, money, time."""
RATES = {"rate", "rates", "per", "monthly", "average", "avg", "mean", "pm"}
MONTHS = (12, 24, 18, 6, 36, 48, 60, 30, 9, 3)
"""Lengths in months by which counts are divided into rates."""
LIKE_A_SCALE = 0.5
"""Variance over mean below which whole numbers without a zero are no counts of events."""
UNNAMED = {"count": "events", "score": "score"}
"""Name of the outcome where columns say no more than before and after."""


class Measured(NamedTuple):
    """The numbers of a column.

    Attributes
    ----------
    values : ndarray
        Those that were read.
    blanks : int
        How many cells hold nothing, codes for missing not among them.
    gaps : bool
        Whether some people have no number.
    answers, bands : bool
        Whether cells or value labels say yes and no, and whether labels are neither that nor the number itself.
    withheld : int
        How many cells say fewer than, or so many or more.
    """

    values: NDArray[np.float64]
    blanks: int = 0
    gaps: bool = False
    answers: bool = False
    bands: bool = False
    withheld: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Guessed kind of an outcome, and what is asked about it."""

    name: str
    ask: str = ""


BANDS = Kind(
    name="score",
    ask="value labels say that its numbers are bands or categories, and no count can be had of these: write kind = "
    '"score" if they are steps of a scale, or put the counts into the file',
)
ONE_OR_TWO = Kind(
    name="count",
    ask='it holds 1 and 2 only: write kind = "count" if something was counted; if they mean yes and no, put 1 and 0 '
    'into the file and write kind = "binary"',
)
AMOUNT_OR_SCORE = Kind(
    name="amount",
    ask='write kind = "amount" if it adds up, such as harm or money, or kind = "score" if it is a place on a scale',
)
APART = (
    "the numbers of one of its columns all lie far above those of another: are they one measure? Write kind = "
    '"count" if so; if not, put each measure into an outcome of its own'
)
FEW = 10
"""Numbers of a column from which it is compared with the others of its outcome."""
RATE = (
    'it looks like a rate{}: put the counts themselves into the file and write kind = "count", or write kind = "score" '
    "to compare the rates as they stand"
)
IN_CUSTODY = (
    "are these days in custody, in which nobody can be arrested? Write custody_days = {} if so, and in each line of "
    "windows (below) how long it is, such as months = 12; if they are something else, write custody_days = []"
)


def numeric(sheet: Sheet, name: str, settings: Mapping[str, Any]) -> Measured | None:
    """Return the numeric cells of a column; None where most are not numbers."""
    labels, blanks = sheet.labels.get(name, {}), int(empty(sheet, name).sum())
    said = labelled(labels, [c for c in labels if c in set(sheet[name].tolist())]) if labels else None
    answers = bool(said and said.others and set(said.others) <= set(said.answers))
    for kind in ("binary",) if answers else ("", *_others(sheet, name)):
        try:
            array = numbers(sheet, name, kind=kind, **_how(settings)).array.astype(np.float64)
        except IomCausalError:
            continue
        values = array[np.isfinite(array)]
        found = Measured(values, blanks, bool(np.isnan(array).any()), answers=kind == "binary", bands=kind == "score")
        return found if values.size else None
    return _loosely(sheet, name, settings, blanks)


def _others(sheet: Sheet, name: str) -> tuple[str, ...]:
    """Return the kinds in which cells may be numbers that are none otherwise: by their labels, or as yes and no."""
    if sheet.labels.get(name):
        return ("binary", "score")
    return ("binary",) if any(isinstance(c, str) and c.casefold() in WORDS for c in set(sheet[name].tolist())) else ()


def _how(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"decimal": settings.get("decimal", ""), "missing": settings.get("missing", ())}


def _loosely(sheet: Sheet, name: str, settings: Mapping[str, Any], blanks: int) -> Measured | None:
    """Return the numbers of a column in which some cells are faults, under the mark of decimals that reads most."""
    codes = Codes(settings.get("missing", ()), sheet.missing.get(name, ()))
    held = [cell for cell in sheet[name].tolist() if cell is not None]
    coded = {cell for cell in set(held) if cell in codes}
    held = [cell for cell in held if cell not in coded] if coded else held
    texts = {cell for cell in held if isinstance(cell, str)}
    marks = DECIMALS if any("," in text or "." in text for text in texts) else DECIMALS[:1]
    read = max((parsed(texts, mark) for mark in marks), key=lambda r: sum(n.value is not None for n in r.values()))
    values = [read[cell].value if isinstance(cell, str) else number_or_none(cell) for cell in held]
    withheld = sum(isinstance(cell, str) and read[cell].fault in WITHHELD for cell in held)
    plain = [value for value in values if value is not None]
    if not plain or len(plain) + withheld < MANY * len(held):
        return None
    return Measured(np.array(plain, dtype=np.float64), blanks, len(held) < sheet.rows, withheld=withheld)


def sorted_out(sheet: Sheet, settings: Mapping[str, Any], by_stem: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Separate outcomes from days in custody and days at risk, and return what is asked about their cells."""
    inside = next((c for stem, c in by_stem.items() if has(stem, INSIDE, unless=EVENTS)), ())
    days = next((c for stem, c in by_stem.items() if _days(stem) and not has(stem, INSIDE)), ())
    dashes = not DASHES.isdisjoint(map(str, settings.get("missing", ())))
    found = []
    for stem, columns in by_stem.items():
        read = [m for c in columns if (m := numeric(sheet, c, settings)) is not None]
        if read and not has(stem, INSIDE, unless=EVENTS) and not _days(stem):
            found.append(_outcome(stem, columns, read, dashes=dashes))
    codes = [one for outcome in found for one in outcome.coded]
    about_cells = codes_question(codes, settings.get("missing", ()), sum(outcome.withheld for outcome in found))
    in_custody = (Question("custody_days", IN_CUSTODY.format(toml_value(list(inside)))),) if inside and not days else ()
    return {
        "outcomes": tuple(outcome.row for outcome in found),
        "custody_days": inside,
        "days_at_risk": days,
        "codes": tuple(sorted({code for one in codes for code in one.certain})),
        "questions": (*about_cells, *(q for outcome in found for q in outcome.questions), *in_custody),
    }


class _Outcome(NamedTuple):
    """An outcome as guessed, its codes for missing, how many cells are withheld, and what is asked about it."""

    row: tuple[str, str, tuple[str, ...], str]
    coded: list[Coded]
    withheld: int
    questions: list[Question]


def _outcome(stem: str, columns: tuple[str, ...], read: list[Measured], *, dashes: bool) -> _Outcome:
    found = [coded(m.values, plainly_score=has(stem, SCORES)) for m in read]
    kept = [m._replace(values=m.values[~np.isin(m.values, f.codes)]) for m, f in zip(read, found, strict=True)]
    kind = _kind(stem, kept)
    name = _called(stem, UNNAMED.get(kind.name, "outcome"))
    blank = _blanks(name, kind.name, kept, dashes=dashes)
    gaps = any(m.gaps or m.withheld for m in read) or any(f.codes for f in found)
    row = (name, kind.name, columns, "keep" if gaps and not blank else "refuse")
    ask = kind.ask or (APART if kind.name == "count" and _far_apart(kept) else "")
    asked = [Question(f"outcomes.{name}.kind", ask)] if ask else []
    return _Outcome(row, found, sum(m.withheld for m in read), [*asked, *blank])


def _far_apart(read: Iterable[Measured]) -> bool:
    """Whether all numbers of one of several windows on a side are more than twice the highest of another."""
    values = [m.values for m in read if m.values.size >= FEW]
    return len(values) > 2 and max(float(v.min()) for v in values) > 2 * max(min(float(v.max()) for v in values), 1.0)


def _days(stem: str) -> bool:
    """Whether a name is of days at risk, and not of days of something that happened."""
    words = set(stem.split())
    return bool({"days", "exposure", "liberty"} & words) and not (AMOUNTS & words or has(stem, EVENTS))


def _blanks(name: str, kind: str, read: Iterable[Measured], *, dashes: bool) -> list[Question]:
    """Ask what an empty cell means in a column of what happened."""
    read = list(read)
    blanks = sum(m.blanks for m in read)
    if not blanks or kind == "score":
        return []
    zeros = any((m.values == 0).any() for m in read)
    hint = "other cells hold a 0, so this is likelier not known" if zeros else "no cell holds a 0, so this may mean 0"
    what = counted(blanks, "[cell is|cells are] empty") + (", or a dash" if dashes else "")
    return [
        Question(
            f"outcomes.{name}.missing",
            f'{what}: write missing = "zero" if that means that nothing happened, or missing = "keep" if it is not '
            f"known ({hint})",
        )
    ]


def _kind(stem: str, read: Iterable[Measured]) -> Kind:
    read = list(read)
    values, words = np.concatenate([m.values for m in read]), set(stem.split())
    if any(m.bands for m in read):
        return replace(BANDS, ask="") if has(stem, SCORES) else BANDS
    whole = (values == np.floor(values)) & (values >= 0)
    if any(m.answers for m in read) or (whole.all() and values.max(initial=0) <= 1):
        return Kind(name="binary")
    if rate := _rate(words, values):
        return Kind(name="score", ask=rate)
    if AMOUNTS & words and not ("score" in words and values.max() <= 100):
        return Kind(name="amount")
    if has(stem, SCORES):
        return Kind(name="score")
    return _by_values(values, whole, event=has(stem, EVENTS))


def _by_values(values: NDArray[np.float64], whole: NDArray[np.bool_], *, event: bool) -> Kind:
    """Return the kind of numbers whose name does not settle it."""
    # Of events some cells may be faults, which reading names; of anything else a fraction shows that it is no count.
    if event and whole.mean() >= MANY:
        return Kind(name="count")
    if not whole.all():
        skewed = bool(
            (values >= 0).all() and (values == 0).any() and values.max() > 5 * max(float(np.median(values)), 1)
        )
        return AMOUNT_OR_SCORE if skewed else Kind(name="score")
    if values.min() >= 1 and set(values.tolist()) == {1.0, 2.0}:
        return ONE_OR_TWO
    scale = values.min() > 0 and values.mean() >= 5 and values.var() < LIKE_A_SCALE * values.mean()
    return Kind(name="score" if scale else "count")


def _rate(words: set[str], values: NDArray[np.float64]) -> str:
    """Return what is asked of fractions that are whole numbers over some months, or are called rates."""
    fractions = np.unique(values[values != np.floor(values)])
    if not fractions.size or (values < 0).any():
        return ""
    decimals = max(len(f"{x:.10g}".partition(".")[2]) for x in fractions.tolist())
    error = 0.5 * 10.0**-decimals
    if fractions.size >= 3:
        for months in MONTHS:
            off = np.abs(fractions * months - np.round(fractions * months))
            if months * error < 0.2 and (off <= months * error + 1e-9).all():
                return RATE.format(f", of which each is a whole number over {months}")
    return RATE.format("") if RATES & words else ""


def _called(stem: str, plain: str) -> str:
    """Return a name that can be part of a file's name: what the columns say, with or else in plain words."""
    said = stem.encode()[:LONGEST_NAME].decode(errors="ignore").strip()
    return next((name for name in (said, f"{said} {plain}") if not refused(name)), plain)


def has(stem: str, words: Iterable[str], *, unless: Iterable[str] = ()) -> bool:
    """Whether a name holds any of these words, or parts of words, and none of the others."""
    return any(word in stem for word in words) and not any(word in stem for word in unless)


def common_form(sheet: Sheet, names: Sequence[str]) -> str:
    """Return the date form in which most of these columns are days, of several the one that reads most of their cells.

    Empty where none of them is a column of days.
    """
    shares = {form: [s for name in names if (s := readable(sheet, name, form)) >= MANY] for form in DATES}
    form = max(DATES, key=lambda each: (len(shares[each]), sum(shares[each])))
    return form if shares[form] else ""
