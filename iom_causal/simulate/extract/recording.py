"""Recording process: tables of a simulated extract with data-quality faults, and the list of the faults."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import SpecError
from iom_causal.simulate.extract.faults import REASONS_TO_LEAVE
from iom_causal.simulate.extract.ground_truth import DAY, NEVER, STAYS, TIME, Bools, Floats, GroundTruth, Ints
from iom_causal.windows import YEAR

if TYPE_CHECKING:
    import pandas as pd

CREATED = ("breach of bail", "recall", "warrant", "fail to appear")
"""Reasons for an arrest that supervision and the courts create; every other arrest is for an offence."""
OFFENCE = "offence"
ARREST, ATTENDANCE = "arrest", "voluntary attendance"
FIRST, COPY, RETURN = range(3)
"""Rows of one custody record: the arrest, the same word for word, and the return on bail."""
OFFENCES = ("028A", "049/12", "105/01", "125/11", "195/94", "092D")
DISPOSALS = ("charged", "no further action", "cautioned", "released under investigation", "bailed")
ODD = ("N/K", "-99", "")
REMOVED = ("died", "moved", "de-selected", "")
"""As in REASONS_TO_LEAVE, and nothing for who stays."""

SELF_DEFINED = ("W1", "W2", "W9", "M1", "M2", "M3", "M9", "A1", "A2", "A3", "A9", "B1", "B2", "B9", "O1", "O9")
"""The 16 of 16+1; the further one is NS."""
WHITE_BRITISH = 0.75
SEEN_AS = dict(zip(SELF_DEFINED, "1123341444433356", strict=True))
"""The 6 of 6+1, as officers put it; the further one is 0."""

HALF = 50_000_000
"""Half of all numbers of eight digits: so many people can have a URN."""
SCATTER = 27_644_437
"""Prime to HALF, so that a multiple of it modulo HALF gives everybody a number of their own."""
MOST_ARRESTS = 99_999
PIECE_DAYS = 90
"""Custody for longer is a sentence."""
WRONG_BY = 20.0
"""Points by which the first version of a repeated score is out."""
DATES = {
    "people": ("date_of_birth", "adopted", "de_adopted", "removed"),
    "arrests": ("offence_date",),
    "scores": ("scored",),
}
"""Columns that hold days without a time."""
MIXED = "mixed_dates"


class FaultMark(NamedTuple):
    """A data-quality fault in a table: its sort, the column (empty for whole rows), and the affected rows."""

    sort: str
    column: str
    where: Bools


class Table(NamedTuple):
    """The columns of one table, whose row each is, and the faults in it."""

    columns: dict[str, NDArray[Any]]
    row: Ints
    marks: tuple[FaultMark, ...]

    def take(self, rows: NDArray[Any]) -> "Table":
        """Return some of the rows, or all in another order."""
        marks = tuple(m._replace(where=m.where[rows]) for m in self.marks)
        return Table({name: c[rows] for name, c in self.columns.items()}, self.row[rows], marks)

    def frame(self) -> "pd.DataFrame":
        """Return the table, every row marked as synthetic."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame({**self.columns, "synthetic": np.ones(self.row.size, dtype=np.bool_)})


class Urns(NamedTuple):
    """The first and the second URN that each person has or would have, and who has a second."""

    first: NDArray[Any]
    second: NDArray[Any]
    two: Bools


def urns(s: GroundTruth) -> Urns:
    """Give out URNs of eight digits: first ones are even, second ones odd."""
    if s.world.n > HALF:
        raise SpecError("IOM-E092", f"ForceExtract: expected at most {HALF:,} people, got {s.world.n:,}")
    shifts = [int(s.draws.streams.keys(name, 0)[0]) % HALF for name in ("urn", "second urn")]
    first, second = (padded(2 * ((s.rows * SCATTER + by) % HALF) + k, 8).astype(object) for k, by in enumerate(shifts))
    return Urns(first, second, s.draws.bernoulli("aliases", s.fault_rates.aliases, s.rows))


def people(s: GroundTruth, names: Urns) -> Table:
    """Return one row for each person in the extract."""
    rows, fault_rates, draws = s.rows, s.fault_rates, s.draws
    age = np.where(s.somebody, s.world.ages(), 0.0)
    born = np.datetime64(s.index_date, "D") - np.floor(age * YEAR).astype("timedelta64[D]")
    january, hidden = (
        draws.bernoulli("january", fault_rates.january, rows),
        draws.bernoulli("sex", fault_rates.unknown, rows),
    )
    unsaid = draws.bernoulli("self-defined", fault_rates.unknown, rows)
    unseen = draws.bernoulli("officer-defined", fault_rates.unknown, rows)
    woman = s.world.covariates.get("woman", np.zeros(rows.size))
    own = np.where(draws("white", rows) < WHITE_BRITISH, "W1", draws.choice("ethnicity", SELF_DEFINED[1:], rows))
    codes, place = np.unique(own.astype("U2"), return_inverse=True)
    seen_as = np.array([SEEN_AS[code] for code in codes], dtype=object)[place]
    adopted = np.where(s.world.managed, s.entered * DAY, NEVER)
    removed, reason = s.leaving
    table = Table(
        {
            "urn": names.first,
            "linked_urn": np.where(names.two, names.second, ""),
            "date_of_birth": np.where(january, born.astype("datetime64[Y]").astype(born.dtype), born).astype(TIME),
            "sex": _text(hidden, "U", np.where(woman == 1, "F", "M")),
            "ethnicity_16_1": _text(unsaid, "NS", own),
            "ethnicity_6_1": _text(unseen, "0", seen_as),
            "force": np.asarray(s.world.covariates.get("force", np.zeros(rows.size)), dtype=np.int64),
            "adopted": s.day(adopted),
            "de_adopted": s.day(np.where(s.world.managed, removed, NEVER)),
            "removed": s.day(removed),
            "removed_reason": np.array(REMOVED, dtype=object)[reason],
            "rag": _text(~s.world.managed, "", draws.choice("rag", ("red", "amber", "green"), rows)),
            "team": _text(~s.world.managed, "", draws.choice("team", ("N1", "N2", "S1", "C1"), rows)),
        },
        rows,
        (
            FaultMark("aliases", "linked_urn", names.two),
            FaultMark("january", "date_of_birth", january),
            *(
                FaultMark("unknown", column, where)
                for column, where in (("sex", hidden), ("ethnicity_16_1", unsaid), ("ethnicity_6_1", unseen))
            ),
            *(FaultMark(sort, "removed", reason == k) for k, sort in enumerate(REASONS_TO_LEAVE[:STAYS])),
        ),
    )
    return _mixed(s, "people", table.take(s.in_extract))


def arrests(s: GroundTruth, names: Urns) -> Table:
    """Return the arrests and attendances that were handed over, in the order in which they were recorded."""
    base, f = _each(s, names), s.facts
    same, back, days = _copies(s)
    source = np.concatenate([np.arange(base.row.size), same, back])
    which = np.repeat((FIRST, COPY, RETURN), (base.row.size, same.size, back.size))
    row, made, recorded = base.row[source], f.made[source], f.recorded[source]
    made[which == RETURN] += np.floor(days * DAY).astype(np.int64)
    recorded[which == RETURN] = np.maximum(recorded, made + DAY)[which == RETURN]
    stands = s.in_extract[row] & f.stands[source] & (recorded <= s.extracted) & (made < s.leaving.second[row])
    order = np.lexsort((which, f.nth[source], row, recorded))
    order = order[stands[order]]
    table, copy, returned = base.take(source[order]), which[order] == COPY, which[order] == RETURN
    table.columns.update(arrested=s.time(made[order]), recorded=s.time(recorded[order]))
    table.columns["disposal"] = _text(returned, "bailed to return", table.columns["disposal"])
    copied = (FaultMark("duplicates", "", copy), FaultMark("bail_returns", "", returned))
    return _mixed(s, "arrests", table._replace(marks=table.marks + copied), f.nth[source[order]])


def _each(s: GroundTruth, names: Urns) -> Table:
    """Return one row for every event, whether or not it stands."""
    row, f, fault_rates, draws = s.events.row, s.facts, s.fault_rates, s.draws
    if f.nth.max(initial=0) >= MOST_ARRESTS:
        raise SpecError("IOM-E092", f"ForceExtract: expected at most {MOST_ARRESTS:,} arrests of one person")
    second = names.two[row] & (draws("under", row, f.nth) < 0.5)
    earlier = ~f.created & draws.bernoulli("earlier", fault_rates.earlier_offences, row, f.nth)
    days = np.where(earlier, np.ceil(-60 * np.log(draws("earlier by", row, f.nth))), 0).astype(np.int64)
    number = np.strings.add(names.first.astype("U8")[row], np.where(f.attendance, "V", "/"))
    odd_offence, odd_disposal = (
        draws.bernoulli(f"odd {name}", fault_rates.odd_codes, row, f.nth) for name in ("code", "disposal")
    )
    return Table(
        {
            "urn": np.where(second, names.second[row], names.first[row]),
            "custody_record": np.strings.add(number, padded(f.nth + 1, 5)).astype(object),
            "type": _text(f.attendance, ATTENDANCE, np.full(row.size, ARREST, dtype=object)),
            "arrested": s.time(f.made),
            "offence_date": s.day(f.made - days * DAY),
            "recorded": s.time(f.recorded),
            "reason": _text(~f.created, OFFENCE, draws.choice("reason", CREATED, row, f.nth)),
            "offence_code": np.where(
                odd_offence, draws.choice("oddity", ODD, row, f.nth), draws.choice("code", OFFENCES, row, f.nth)
            ),
            "disposal": np.where(
                odd_disposal, draws.choice("oddness", ODD, row, f.nth), draws.choice("disposal", DISPOSALS, row, f.nth)
            ),
        },
        row,
        (
            FaultMark("aliases", "urn", second),
            FaultMark("earlier_offences", "offence_date", earlier),
            FaultMark("attendances", "type", f.attendance),
            FaultMark("late", "recorded", f.late),
            FaultMark("odd_codes", "offence_code", odd_offence),
            FaultMark("odd_codes", "disposal", odd_disposal),
        ),
    )


def _copies(s: GroundTruth) -> tuple[Ints, Ints, Floats]:
    """Mark the events recorded again word for word, which for a return on bail, and the days until each return."""
    row, f = s.events.row, s.facts
    same = np.flatnonzero(s.draws.bernoulli("duplicates", s.fault_rates.duplicates, row, f.nth))
    back = np.flatnonzero(~f.attendance & s.draws.bernoulli("bail_returns", s.fault_rates.bail_returns, row, f.nth))
    return same, back, 20 + 20 * s.draws("back after", row[back], f.nth[back])


def custody(s: GroundTruth, names: Urns) -> Table:
    """Return custody spells; one that has not ended, or not been seen to end, has no release."""
    row, nth, start, end = s.held
    split = s.draws.bernoulli("overlaps", s.fault_rates.overlaps, row, nth)
    length = np.minimum(np.minimum(end, s.leaving.second[row]), s.extracted) - start
    tenths = np.floor(length / 10).astype(np.int64)
    released = np.where(end > s.extracted, NEVER, end)
    source = np.concatenate([np.arange(row.size), np.flatnonzero(split)])
    second = np.arange(source.size) >= row.size
    received = start[source] + np.where(second, 4 * tenths[source], 0)
    until = np.where(split[source] & ~second, start[source] + 6 * tenths[source], released[source])
    sentence = np.where(split[source], second, length[source] > PIECE_DAYS * DAY)
    table = Table(
        {
            "urn": names.first[row[source]],
            "received": s.time(received),
            "released": s.time(until),
            "kind": _text(sentence, "sentence", np.full(source.size, "remand", dtype=object)),
        },
        row[source],
        (FaultMark("overlaps", "", split[source]),),
    )
    order = np.lexsort((second, nth[source], row[source]))
    return table.take(order[s.in_extract[row[source]][order]])


def scores(s: GroundTruth, names: Urns) -> Table:
    """Return the scores on the last day of each window, with their versions."""
    known, twice = score_known(s), _twice(s)
    person, window = np.nonzero(known & s.in_extract[:, None])
    source = np.repeat(np.arange(person.size), 1 + twice[person, window])
    person, window = person[source], window[source]
    last = np.concatenate([source[1:] != source[:-1], np.ones(min(source.size, 1), dtype=np.bool_)])
    version = np.where(last & twice[person, window], 2, 1)
    score = s.world.seen("score") if s.world.untreated.score is not None else np.zeros(known.shape)
    table = Table(
        {
            "urn": names.first[person],
            "scored": s.day(s.windows[window, 1] - DAY),
            "version": version,
            "score": score[person, window] + np.where(last, 0.0, WRONG_BY),
        },
        person,
        (FaultMark("repeated_scores", "", ~last),),
    )
    order = np.lexsort((version, person, window))
    return _mixed(s, "scores", table.take(order), 2 * window[order] + version[order])


def score_known(s: GroundTruth) -> Bools:
    """Return whose score at the end of which window is there, (n, T)."""
    return _score_due(s) & ~_score_lost(s)


def _score_due(s: GroundTruth) -> Bools:
    """Return whose score there would be without a fault: of people who stayed and were followed up."""
    due = s.windows[:, 1] - DAY < s.leaving.second[:, None]
    if s.world.followed is not None:
        due &= s.world.followed[:, None] | ~s.world.post
    return due & (s.world.untreated.score is not None)


def _score_lost(s: GroundTruth) -> Bools:
    return _by_window(s, "missing_scores", s.fault_rates.missing_scores) & s.world.post


def _twice(s: GroundTruth) -> Bools:
    return _by_window(s, "repeated_scores", s.fault_rates.repeated_scores)


def _by_window(s: GroundTruth, name: str, share: float) -> Bools:
    return np.stack([s.draws.bernoulli(name, share, s.rows, k) for k in range(s.windows.shape[0])], axis=-1)


def faults(s: GroundTruth, names: Urns, tables: dict[str, Table]) -> "pd.DataFrame":
    """List of faults, a row each: the table, the row in it (none where it is absent), the sort."""
    import pandas as pd  # noqa: PLC0415 slow to load

    listed = [*_present(tables), *_absent(s)]
    rows = np.concatenate([at for *_, at, _ in listed])
    who = np.concatenate([row for *_, row in listed])
    size = [at.size for *_, at, _ in listed]
    text = {name: np.repeat(np.array([f[k] for f in listed], dtype=object), size) for k, name in enumerate(_TEXTS)}
    place = pd.array(np.maximum(rows, 0), dtype="Int64")
    place[rows < 0] = pd.NA
    return pd.DataFrame(
        {"table": text["table"], "row": place, "urn": names.first[who], "column": text["column"], "sort": text["sort"]}
    ).assign(synthetic=True)


_TEXTS = ("table", "column", "sort")


def _present(tables: dict[str, Table]) -> Iterator[tuple[str, str, str, Ints, Ints]]:
    for name, table in tables.items():
        for mark in table.marks:
            at = np.flatnonzero(mark.where)
            yield name, mark.column, mark.sort, at, table.row[at]


def _absent(s: GroundTruth) -> Iterator[tuple[str, str, str, Ints, Ints]]:
    """Go through rows that are not in the tables: arrests recorded too late, and scores that are missing."""
    lost = s.events.row[s.in_extract[s.events.row] & s.facts.stands & ~s.facts.handed]
    yield "arrests", "", "recorded_too_late", np.full(lost.size, -1), lost
    person, _ = np.nonzero(_score_due(s) & _score_lost(s) & s.in_extract[:, None])
    yield "scores", "", "missing_scores", np.full(person.size, -1), person


def _mixed(s: GroundTruth, name: str, table: Table, nth: Ints | int = 0) -> Table:
    """Mark the dates that a csv file gives in the other form."""
    marks = [
        FaultMark(
            MIXED,
            c,
            ~np.isnat(table.columns[c]) & s.draws.bernoulli(f"mixed {c}", s.fault_rates.mixed_dates, table.row, nth),
        )
        for c in DATES[name]
    ]
    return table._replace(marks=(*table.marks, *marks))


def _text(where: Bools, text: str, other: NDArray[Any]) -> NDArray[Any]:
    return np.where(where, np.array(text, dtype=object), other.astype(object))


def padded(numbers: Ints, width: int) -> NDArray[np.str_]:
    """Return whole numbers from 0 as text with leading zeros.

    Examples
    --------
    >>> padded(np.array([7, 120]), 4).tolist()
    ['0007', '0120']
    """
    powers = 10 ** np.arange(width - 1, -1, -1)
    digits = (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint32)
    return np.ascontiguousarray(digits).view(f"U{width}").ravel()
