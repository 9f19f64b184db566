"""Forty invented files of ten habits, each with what is true of its people and what a user answers.

Nobody in these files exists. The words are those of offices that did not build this package: what `init` makes of
them is in docs/files.md.
"""

import csv
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

PEOPLE = 36
EQUAL = {"equal_windows = ": "equal_windows = true"}
"""What the user of a file says whose windows are each a year."""
Rows = Sequence[Sequence[Any]]
Numbers = np.ndarray[Any, Any]
Counts = Mapping[str, Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file as somebody keeps it, with what is true of its people and what a user answers.

    Parameters
    ----------
    file : Path
        Where it lies.
    people_file, custody_file : Path, optional
        The list of people and the spells in custody, where the file is a log of events.
    totals : mapping of str to sequence of float
        For each outcome what managed people add up to, window by window in order of time; what is not known is left
        out of the sum.
    people, others : int
        How many were managed, and how many were not.
    gaps : int
        Cells of the first outcome without a value.
    days : sequence of float
        Days at risk of managed people in all, window by window, where the file or the answers tell them.
    answers : mapping of str to str
        What a user changes in the draft: how a line starts, and the line in its place.
    asked : tuple of str
        The keys that the draft must leave to fill in.
    refused : str
        The code of the one clear refusal that is right, where a file holds what nothing can be made of.
    """

    file: Path
    people_file: Path | None = None
    custody_file: Path | None = None
    totals: Counts = field(default_factory=dict)
    people: int = PEOPLE
    others: int = 0
    gaps: int = 0
    days: Sequence[float] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    refused: str = ""

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines that the user changes or adds."""
        return tuple(line.split("\n")[-1].strip() for line in self.answers.values())


def outcome_line(name: str, kind: str, held: Sequence[str], missing: str = "", *, was: str = "") -> dict[str, str]:
    """Return the change of the line of an outcome, whatever stood there."""
    listed = ", ".join(f'"{column}"' for column in held)
    more = f', missing = "{missing}"' if missing else ""
    return {f'  {{ name = "{was or name}"': f'  {{ name = "{name}", kind = "{kind}", columns = [{listed}]{more} }},'}


def below_layout(line: str) -> dict[str, str]:
    """Return a line that is put below one that stays."""
    return {"layout = ": f'layout = "wide"\n{line}'}


def counts(seed: int, *windows: float, n: int = PEOPLE) -> Numbers:
    """Return counts of people over windows of these lengths in years, (windows, people); nobody's rate changes."""
    rng = np.random.default_rng(seed)
    return rng.poisson(np.outer(windows, rng.gamma(1.5, 2.0, n)))


def urns(seed: int, n: int = PEOPLE) -> list[str]:
    """Return ids such as offices use: letters, a number and a year."""
    numbers = np.random.default_rng(seed).choice(90_000, n, replace=False) + 10_000
    return [f"NB{number}/{seed % 90 + 10}" for number in numbers]


def columns(*parts: Sequence[Any]) -> list[list[Any]]:
    """Return rows of columns, as plain numbers and words."""
    plain = [part.tolist() if isinstance(part, np.ndarray) else list(part) for part in parts]
    return [list(row) for row in zip(*plain, strict=True)]


def sums(*windows: Numbers) -> list[float]:
    """Return totals by window."""
    return [float(np.nansum(window)) for window in windows]


def text(folder: Path, rows: Rows, *, separator: str = ",", name: str = "extract.csv", encoding: str = "utf-8") -> Path:
    """Write rows as a table in text."""
    file = folder / name
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=separator).writerows(rows)
    return file


def workbook(folder: Path, rows: Rows, *, merge: Sequence[str] = (), name: str = "extract.xlsx") -> Path:
    """Write rows as a workbook of one sheet, with cells merged."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for cells in merge:
        book.active.merge_cells(cells)
    file = folder / name
    book.save(file)
    return file


def altered(file: Path, change: Callable[[Any], None]) -> Path:
    """Change a workbook that is written."""
    book = openpyxl.load_workbook(file)
    change(book)
    book.save(file)
    return file


def spss(folder: Path, table: Mapping[str, Any], **settings: Any) -> Path:
    """Write columns as an SPSS file."""
    pyreadstat.write_sav(pd.DataFrame(dict(table)), str(folder / "extract.sav"), **settings)
    return folder / "extract.sav"


def stata(folder: Path, table: Mapping[str, Any], **settings: Any) -> Path:
    """Write columns as a Stata file."""
    pyreadstat.write_dta(pd.DataFrame(dict(table)), str(folder / "extract.dta"), **settings)
    return folder / "extract.dta"


def head_over_two_windows(folder: Path) -> Kept:
    """Two rows of head, the upper one merged over its windows."""
    b, a = counts(1, 1, 1)
    c, d = counts(2, 0.3, 0.3)
    head = [["Nominal", "Offences", None, "Breaches", None], [None, "12m pre", "12m post", "12m pre", "12m post"]]
    file = workbook(folder, [*head, *columns(urns(1), b, a, c, d)], merge=("B1:C1", "D1:E1"))
    return Kept(file=file, totals={"Offences": sums(b, a), "Breaches": sums(c, d)})


def head_over_two_outcomes(folder: Path) -> Kept:
    """Two rows of head: windows above, outcomes below, in text without merged cells."""
    (b, a), (c, d) = counts(3, 1, 1), counts(4, 0.5, 0.5)
    head = [["", "Year before", "", "Year after", ""], ["PNC ID", "Charges", "Cautions", "Charges", "Cautions"]]
    file = text(folder, [*head, *columns(urns(3), b, c, a, d)])
    return Kept(file=file, totals={"Charges": sums(b, a), "Cautions": sums(c, d)})


def head_below_a_merged_title(folder: Path) -> Kept:
    """A title merged over the sheet, the date of the pull, and the head in the fourth row."""
    b, a = counts(5, 1, 1)
    top = [["Integrated cohort - annual review", None, None], ["Pulled 14 March", None, None], [None] * 3]
    file = workbook(folder, [*top, ["Ref", "Arrests prior year", "Arrests following year"], *columns(urns(5), b, a)],
                    merge=("A1:C1",))  # fmt: skip
    return Kept(file=file, totals={"Arrests": sums(b, a)})


def no_head_at_all(folder: Path) -> Kept:
    """No head: the first row is a person."""
    b, a = counts(6, 1, 1)
    answers = {"id = ": 'id = "column 1"'} | outcome_line("arrests", "count", ("column 2", "column 3"))
    file = text(folder, columns(urns(6), b, a))
    return Kept(file=file, totals={"arrests": sums(b, a)}, answers=answers | below_layout("equal_windows = true"))


def compared_by_words(folder: Path) -> Kept:
    """A column of two words: Cohort and Control."""
    b, a = counts(7, 1, 1)
    arm = np.array(["Cohort", "Control", "Control"] * 12)
    on = arm == "Cohort"
    file = workbook(folder, [["URN", "Arm", "Arrests pre", "Arrests post"], *columns(urns(7), arm, b, a)])
    return Kept(file=file, people=12, others=24, totals={"arrests": sums(b[on], a[on])}, answers=EQUAL)


def compared_by_one_and_nought(folder: Path) -> Kept:
    """A column called after the programme, of 1 and 0."""
    b, a = counts(8, 1, 1)
    on = np.arange(PEOPLE) % 2 == 0
    rows = columns(urns(8), on.astype(int), b, a)
    file = text(folder, [["nominal_ref", "on_scheme", "offences_baseline", "offences_followup"], *rows], separator=";")
    return Kept(file=file, people=18, others=18, totals={"offences": sums(b[on], a[on])}, answers=EQUAL)


def compared_by_labels(folder: Path) -> Kept:
    """An SPSS column of 1 and 2 with labels: IOM and Waiting list."""
    b, a = counts(9, 1, 1)
    arm = 1 + (np.arange(PEOPLE) % 3 == 2)
    on = arm == 1
    table = {"pncid": urns(9), "status": arm, "convictions_t0": b, "convictions_t1": a}
    file = spss(folder, table, variable_value_labels={"status": {1: "IOM", 2: "Waiting list"}})
    return Kept(
        file=file,
        people=24,
        others=12,
        totals={"convictions": sums(b[on], a[on])},
        answers=outcome_line("convictions", "count", ("convictions_t0", "convictions_t1"), was="arrests")
        | below_layout("equal_windows = true"),
    )


def compared_by_yes_and_no(folder: Path) -> Kept:
    """A column of Y and N: Managed?"""
    b, a = counts(10, 1, 1)
    on = np.arange(PEOPLE) < 20
    rows = columns(urns(10), np.where(on, "Y", "N"), b, a)
    file = workbook(folder, [["Person ref", "Managed?", "Arrests (before)", "Arrests (after)"], *rows])
    return Kept(file=file, people=20, others=16, totals={"arrests": sums(b[on], a[on])}, answers=EQUAL)


def two_years_beside_six_months(folder: Path) -> Kept:
    """24 months before beside 6 months after."""
    b, a = counts(11, 2, 0.5)
    head = ["Nominal", "Arrests in 24 months before", "Arrests in 6 months after"]
    days = [730 * PEOPLE, 183 * PEOPLE]  # of 730.5 and 182.6
    return Kept(file=text(folder, [head, *columns(urns(11), b, a)]), totals={"arrests": sums(b, a)}, days=days)


def eighteen_months_in_short(folder: Path) -> Kept:
    """Lengths in short: 18m pre, 12m post."""
    b, a = counts(12, 1.5, 1)
    head = ["URN", "Offences 18m pre", "Offences 12m post"]
    return Kept(file=workbook(folder, [head, *columns(urns(12), b, a)]), totals={"offences": sums(b, a)})


def financial_years_out_of_order(folder: Path) -> Kept:
    """Three financial years, the last one first."""
    w = counts(13, 1, 1, 1)
    head = ["ID", "Arrests 2021/22", "Arrests 2020/21", "Arrests 2019/20"]
    return Kept(
        file=workbook(folder, [head, *columns(urns(13), w[2], w[1], w[0])]),
        totals={"arrests": sums(*w)},
        answers={"index_date = ": "index_date = 2021-04-01"},
    )


def windows_of_unknown_length(folder: Path) -> Kept:
    """Two windows before and one after, and nothing says how long they are."""
    w = counts(14, 1, 1, 1)
    table = {"refno": urns(14), "crimes_prior_1": w[0], "crimes_prior_2": w[1], "crimes_since": w[2]}
    return Kept(file=stata(folder, table), asked=("equal_windows", "windows"))


def ninety_nine(folder: Path) -> Kept:
    """99 for not known among counts up to a dozen."""
    b, a = counts(15, 1, 1).astype(float)
    shown = np.where(np.arange(PEOPLE) % 12 == 5, 99, a)
    a[shown == 99] = np.nan
    file = text(
        folder, [["urn", "charges before", "charges after"], *columns(urns(15), b.astype(int), shown.astype(int))]
    )
    return Kept(file=file, totals={"charges": sums(b, a)}, gaps=3, answers=EQUAL | {"missing = ": "missing = [99]"})


def three_codes(folder: Path) -> Kept:
    """997, 998 and 999 together, in a score of 0 to 100."""
    rng = np.random.default_rng(16)
    b, a = rng.integers(20, 90, (2, PEOPLE)).astype(float)
    shown = a.copy()
    shown[[1, 9, 17, 20]] = 997, 998, 999, 997
    a[shown > 900] = np.nan
    head = ["Ref", "OGRS score at entry", "OGRS score at review"]
    file = workbook(folder, [head, *columns(urns(16), b.astype(int), shown.astype(int))])
    return Kept(
        file=file,
        totals={"OGRS score": sums(b, a)},
        gaps=4,
        answers=outcome_line("OGRS score", "score", head[1:], "keep", was="arrests")
        | below_layout("missing = [997, 998, 999]"),
    )


def labelled_code(folder: Path) -> Kept:
    """An SPSS count in which 77 is labelled Not traced."""
    b, a = counts(17, 1, 1).astype(float)
    shown = np.where(np.arange(PEOPLE) % 9 == 3, 77, a)
    a[shown == 77] = np.nan
    table = {"caseno": urns(17), "arr_pre": b, "arr_post": shown}
    file = spss(folder, table, variable_value_labels={"arr_post": {77: "Not traced"}})
    return Kept(
        file=file,
        totals={"arr": sums(b, a)},
        gaps=4,
        answers=outcome_line("arr", "count", ("arr_pre", "arr_post"), "keep")
        | {"missing = ": "missing = [77]"}
        | below_layout("equal_windows = true"),
    )


def letters_of_stata(folder: Path) -> Kept:
    """Stata's own missing codes .a and .b."""
    b, a = counts(18, 1, 1).astype(object)
    a[4], a[8] = "a", "b"
    known = np.array([np.nan if isinstance(cell, str) else cell for cell in a], dtype=float)
    table = {"refno": urns(18), "offs_before": b.astype(float), "offs_after": a}
    file = stata(folder, table, missing_user_values={"offs_after": ["a", "b"]})
    return Kept(
        file=file,
        totals={"offs": sums(b, known)},
        gaps=2,
        answers=EQUAL | outcome_line("offs", "count", ("offs_before", "offs_after"), "keep"),
    )


def long_by_quarter(folder: Path) -> Kept:
    """A row a person and quarter, as Q3 2018."""
    names = ["Q3 2018", "Q4 2018", "Q1 2019", "Q2 2019"]
    w = counts(19, *[0.25] * 4)
    rows = [[urn, names[k], int(w[k, n])] for n, urn in enumerate(urns(19)) for k in (2, 0, 3, 1)]
    return Kept(
        file=text(folder, [["nominal", "quarter", "arrests"], *rows]),
        totals={"arrests": sums(*w)},
        answers={"index_date = ": "index_date = 2019-01-01"},
    )


def wide_by_quarter(folder: Path) -> Kept:
    """A column a quarter, from the last back to the first."""
    w = counts(20, *[0.25] * 6)
    names = ["2020 Q1", "2019 Q4", "2019 Q3", "2019 Q2", "2019 Q1", "2018 Q4"]
    head = ["URN", *(f"Offences {name}" for name in names)]
    return Kept(
        file=workbook(folder, [head, *columns(urns(20), *w[::-1])]),
        totals={"offences": sums(*w)},
        answers={"index_date = ": "index_date = 2019-07-01"},
    )


def months_by_name(folder: Path) -> Kept:
    """A row a person and month, as Nov-18."""
    names = ["Nov-18", "Dec-18", "Jan-19", "Feb-19", "Mar-19", "Apr-19"]
    w = counts(21, *[1 / 12] * 6)
    rows = [[urn, name, int(w[k, n])] for n, urn in enumerate(urns(21)) for k, name in enumerate(names)]
    return Kept(
        file=text(folder, [["urn", "month", "arrests"], *rows]),
        totals={"arrests": sums(*w)},
        answers={"index_date = ": "index_date = 2019-02-01"},
    )


def waves_nine_and_ten(folder: Path) -> Kept:
    """Waves 9 and 10 of a longer study, as words, of which 10 sorts first."""
    b, a = counts(22, 1, 1)
    rows = [[urn, f"wave {k}", int(w[n])] for n, urn in enumerate(urns(22)) for k, w in ((10, a), (9, b))]
    file = spss(folder, pd.DataFrame(rows, columns=["caseid", "wave", "contacts"]))
    return Kept(file=file, totals={"contacts": sums(b, a)}, answers=EQUAL)


def blank_is_none(folder: Path) -> Kept:
    """A blank where nothing was recorded, so that a third of the cells are empty."""
    b, a = counts(23, 0.4, 0.4)
    shown = [[n or None for n in window.tolist()] for window in (b, a)]
    file = workbook(folder, [["Nominal", "Arrests before", "Arrests after"], *columns(urns(23), *shown)])
    return Kept(
        file=file,
        totals={"arrests": sums(b, a)},
        answers=EQUAL | outcome_line("arrests", "count", ("Arrests before", "Arrests after"), "zero"),
    )


def blank_is_none_in_text(folder: Path) -> Kept:
    """The same in text, three outcomes with noughts nowhere."""
    made = {"thefts": counts(24, 0.3, 0.3), "assaults": counts(25, 0.2, 0.2)}
    head = ["ref", *(f"{name} {when}" for name in made for when in ("pre", "post"))]
    shown = [[n or "" for n in window.tolist()] for pair in made.values() for window in pair]
    file = text(folder, [head, *columns(urns(24), *shown)])
    return Kept(
        file=file,
        totals={name: sums(*pair) for name, pair in made.items()},
        answers=EQUAL
        | outcome_line("thefts", "count", ("thefts pre", "thefts post"), "zero")
        | outcome_line("assaults", "count", ("assaults pre", "assaults post"), "zero"),
    )


def dash_is_none(folder: Path) -> Kept:
    """A dash for none, as a spreadsheet shows 0."""
    b, a = counts(26, 0.5, 0.5)
    shown = [["-" if n == 0 else str(n) for n in window.tolist()] for window in (b, a)]
    file = text(folder, [["urn", "arrests 12m before", "arrests 12m after"], *columns(urns(26), *shown)])
    return Kept(
        file=file,
        totals={"arrests": sums(b, a)},
        answers=outcome_line("arrests", "count", ("arrests 12m before", "arrests 12m after"), "zero"),
    )


def blank_is_not_known(folder: Path) -> Kept:
    """Blanks beside noughts: these people were not traced."""
    b, a = counts(27, 0.5, 0.5).astype(float)
    shown = [None if k % 9 == 0 else int(n) for k, n in enumerate(a)]
    a[::9] = np.nan
    file = workbook(folder, [["ID", "Charges before", "Charges after"], *columns(urns(27), b.astype(int), shown)])
    return Kept(
        file=file,
        totals={"charges": sums(b, a)},
        gaps=4,
        answers=EQUAL | outcome_line("charges", "count", ("Charges before", "Charges after"), "keep"),
    )


def custody_beside_windows(folder: Path) -> Kept:
    """Days in custody in each window, and lengths in the names."""
    b, a = counts(28, 1, 1)
    inside = np.random.default_rng(28).integers(0, 120, (2, PEOPLE))
    names = [f"{what} 12m {when}" for what in ("Arrests", "Days in custody") for when in ("before", "after")]
    file = workbook(folder, [["Nominal", *names], *columns(urns(28), b, a, *inside)])
    answers = {"custody_days = ": f'custody_days = ["{names[2]}", "{names[3]}"]'}
    days = [365 * PEOPLE - window.sum() for window in inside]
    return Kept(file=file, totals={"arrests": sums(b, a)}, days=days, answers=answers)


def nights_inside(folder: Path) -> Kept:
    """Nights in prison, in an office's own words, in Stata's short names."""
    b, a = counts(29, 1, 1)
    inside = np.random.default_rng(29).integers(0, 200, (2, PEOPLE))
    nights = {"prison_nights_12m_pre": inside[0], "prison_nights_12m_post": inside[1]}
    file = stata(folder, {"refno": urns(29), "arrests_12m_pre": b, "arrests_12m_post": a} | nights)
    answers = {"custody_days = ": f"custody_days = {str(list(nights)).replace(chr(39), chr(34))}"}
    days = [365 * PEOPLE - window.sum() for window in inside]
    return Kept(file=file, totals={"arrests": sums(b, a)}, days=days, answers=answers)


def days_at_liberty(folder: Path) -> Kept:
    """Days at liberty in each window."""
    b, a = counts(30, 1, 1)
    free = 365 - np.random.default_rng(30).integers(0, 150, (2, PEOPLE))
    head = ["urn", "offences before", "offences after", "days at liberty before", "days at liberty after"]
    file = text(folder, [head, *columns(urns(30), b, a, *free)])
    return Kept(file=file, totals={"offences": sums(b, a)}, days=free.sum(axis=1).tolist())


def own_dates_of_entry(folder: Path) -> Kept:
    """A date of entry for each person, and ages from dates of birth."""
    b, a = counts(31, 1, 1)
    day = [dt.datetime(2017, 1, 9) + dt.timedelta(days=11 * k) for k in range(PEOPLE)]  # noqa: DTZ001
    born = [dt.datetime(1980 + k % 20, 1 + k % 12, 3) for k in range(PEOPLE)]  # noqa: DTZ001
    head = ["Nominal", "Date adopted", "DOB", "Arrests 12m before", "Arrests 12m after"]
    return Kept(file=workbook(folder, [head, *columns(urns(31), day, born, b, a)]), totals={"arrests": sums(b, a)})


def totals_at_the_foot(folder: Path) -> Kept:
    """A row of totals, and a row of means below it."""
    b, a = counts(32, 1, 1)
    foot = [["TOTAL", int(b.sum()), int(a.sum())], ["Average", float(b.mean().round(2)), float(a.mean().round(2))]]
    file = workbook(folder, [["Ref", "Arrests before", "Arrests after"], *columns(urns(32), b, a), *foot])
    return Kept(file=file, totals={"arrests": sums(b, a)}, answers=EQUAL)


def headings_between(folder: Path) -> Kept:
    """Names of teams in rows of their own, between people."""
    b, a = counts(33, 1, 1)
    rows = columns(urns(33), b, a)
    rows = [["Valley team", None, None], *rows[:20], ["Coast team", None, None], *rows[20:]]
    return Kept(
        file=workbook(folder, [["Nominal", "Offences pre", "Offences post"], *rows]),
        totals={"offences": sums(b, a)},
        answers=EQUAL,
    )


def subtotals_between(folder: Path) -> Kept:
    """A sub-total under each team, in text."""
    b, a = counts(34, 1, 1)
    rows = columns(urns(34), b, a)
    for k, part in enumerate((slice(18, 36), slice(18))):
        rows.insert(part.stop, [f"Sub-total {2 - k}", int(b[part].sum()), int(a[part].sum())])
    return Kept(
        file=text(folder, [["urn", "arrests before", "arrests after"], *rows]),
        totals={"arrests": sums(b, a)},
        answers=EQUAL,
    )


def blank_rows_and_a_footnote(folder: Path) -> Kept:
    """Blank rows between blocks, and a note under the table."""
    b, a = counts(35, 1, 1)
    rows = columns(urns(35), b, a)
    rows = [*rows[:12], [None] * 3, *rows[12:], [None] * 3, ["Source: custody system, not validated", None, None]]
    return Kept(
        file=workbook(folder, [["URN", "Charges before", "Charges after"], *rows]),
        totals={"charges": sums(b, a)},
        answers=EQUAL,
    )


def hidden_rows(folder: Path) -> Kept:
    """Six people filtered out of sight."""
    b, a = counts(36, 1, 1)
    file = workbook(folder, [["Ref", "Arrests pre", "Arrests post"], *columns(urns(36), b, a)])

    def hide(book: Any) -> None:
        for row in range(5, 11):
            book.active.row_dimensions[row].hidden = True

    return Kept(
        file=altered(file, hide), totals={"arrests": sums(b, a)}, answers=EQUAL | {"drop_rows = ": "drop_rows = []"}
    )


def hidden_sheet(folder: Path) -> Kept:
    """A longer sheet of last year that is hidden."""
    (b, a), (c, d) = counts(37, 1, 1), counts(38, 1, 1, n=80)
    file = workbook(folder, [["Ref", "Offences pre", "Offences post"], *columns(urns(37), b, a)])

    def hide(book: Any) -> None:
        old = book.create_sheet("2014 cohort")
        for row in [["Ref", "Offences pre", "Offences post"], *columns(urns(38, 80), c, d)]:
            old.append(row)
        old.sheet_state = "hidden"

    return Kept(file=altered(file, hide), totals={"offences": sums(b, a)}, answers=EQUAL)


def merged_teams(folder: Path) -> Kept:
    """The name of each team in one merged cell beside its people."""
    b, a = counts(39, 1, 1)
    rows = columns(["Hill"] * 18 + ["Shore"] * 18, urns(39), b, a)
    for k in range(PEOPLE):
        rows[k][0] = rows[k][0] if k in (0, 18) else None
    head = ["Team", "Nominal", "Arrests before", "Arrests after"]
    return Kept(
        file=workbook(folder, [head, *rows], merge=("A2:A19", "A20:A37")), totals={"arrests": sums(b, a)}, answers=EQUAL
    )


def row_numbers(folder: Path) -> Kept:
    """Row numbers that a program wrote, without a head."""
    b, a = counts(40, 1, 1)
    rows = columns(range(1, PEOPLE + 1), urns(40), b, a)
    return Kept(
        file=text(folder, [["", "ref", "arrests_pre", "arrests_post"], *rows]),
        totals={"arrests": sums(b, a)},
        answers=EQUAL,
    )


def two_waves_in_long_form(folder: Path) -> Kept:
    """A row a person and interview, called baseline and follow-up, in Stata with labels."""
    b, a = counts(41, 1, 1)
    rows = [[urn, k, int(w[n])] for n, urn in enumerate(urns(41)) for k, w in ((1, b), (2, a))]
    table = pd.DataFrame(rows, columns=["caseid", "interview", "offences"])
    file = stata(folder, table, variable_value_labels={"interview": {1: "baseline", 2: "follow-up"}})
    return Kept(file=file, totals={"offences": sums(b, a)}, answers=EQUAL)


def years_in_long_form(folder: Path) -> Kept:
    """A row a person and year, two years before and two after."""
    w = counts(42, 1, 1, 1, 1)
    rows = [[urn, 2015 + k, int(w[k, n])] for n, urn in enumerate(urns(42)) for k in range(4)]
    return Kept(
        file=workbook(folder, [["Nominal", "Year", "Arrests"], *rows]),
        totals={"arrests": sums(*w)},
        answers={"index_date = ": "index_date = 2017-01-01"},
    )


def steps_of_entry(folder: Path) -> Kept:
    """A row a person and half-year, and the half-year in which each person began; some never did."""
    names = ["2018H1", "2018H2", "2019H1", "2019H2"]
    w = counts(43, *[0.5] * 4)
    began = [("2018H2", "2019H1", "")[n % 3] for n in range(PEOPLE)]
    rows = [[urn, names[k], began[n], int(w[k, n])] for n, urn in enumerate(urns(43)) for k in range(4)]
    on = np.arange(PEOPLE) % 3 != 2
    file = text(folder, [["urn", "half_year", "started", "arrests"], *rows])
    return Kept(
        file=file,
        people=24,
        others=12,
        totals={"arrests": sums(*w[:, on])},
        answers={"index_date = ": "index_date = 2018-07-01"},
    )


def one_row_an_arrest(folder: Path) -> Kept:
    """A row an arrest, beside a list of people with their days of adoption, and spells in prison."""
    rng = np.random.default_rng(44)
    people = urns(44)
    day = [dt.date(2017, 3, 1) + dt.timedelta(days=10 * k) for k in range(PEOPLE)]
    who, at = rng.integers(0, PEOPLE, 260), rng.integers(-500, 500, 260)
    days = [f"{day[n] + dt.timedelta(days=int(d)):%d/%m/%Y}" for n, d in zip(who, at, strict=True)]
    inside = ((people[n], day[n] + dt.timedelta(days=20 + n)) for n in range(0, PEOPLE, 3))
    spells = [[urn, received, received + dt.timedelta(days=30)] for urn, received in inside]
    log = [[people[n], arrested, "theft"] for n, arrested in zip(who, days, strict=True)]
    # Whoever is in prison is not at liberty: an arrest inside, after reception, is none of these rates.
    held = (who % 3 == 0) & (at > 20 + who) & (at < 50 + who)
    return Kept(
        file=text(folder, [["Nominal", "Arrest date", "Offence"], *log]),
        people_file=workbook(folder, [["Nominal", "Adopted on"], *columns(people, day)], name="people.xlsx"),
        custody_file=text(folder, [["Nominal", "Received", "Released"], *spells], name="prison.csv"),
        totals={"arrests": [float(((at >= -365) & (at < 0)).sum()), float(((at >= 0) & (at < 365) & ~held).sum())]},
        days=[365 * PEOPLE, 365 * PEOPLE - 12 * 30],
        answers={"index_date = ": 'entry = "Adopted on"'},
    )


HABITS: Mapping[str, tuple[Callable[[Path], Kept], ...]] = {
    "heads": (head_over_two_windows, head_over_two_outcomes, head_below_a_merged_title, no_head_at_all),
    "people who were not managed": (
        compared_by_words, compared_by_one_and_nought, compared_by_labels, compared_by_yes_and_no,
    ),
    "windows of several lengths": (
        two_years_beside_six_months, eighteen_months_in_short, financial_years_out_of_order, windows_of_unknown_length,
    ),
    "codes for what is not known": (ninety_nine, three_codes, labelled_code, letters_of_stata),
    "quarters, months and waves": (long_by_quarter, wide_by_quarter, months_by_name, waves_nine_and_ten),
    "blanks": (blank_is_none, blank_is_none_in_text, dash_is_none, blank_is_not_known),
    "custody and entry": (custody_beside_windows, nights_inside, days_at_liberty, own_dates_of_entry),
    "rows that are no people": (
        totals_at_the_foot, headings_between, subtotals_between, blank_rows_and_a_footnote,
    ),
    "what cannot be seen": (hidden_rows, hidden_sheet, merged_teams, row_numbers),
    "several rows a person": (two_waves_in_long_form, years_in_long_form, steps_of_entry, one_row_an_arrest),
}  # fmt: skip
"""Ten habits, four files of each."""
