"""Nothing of a person's cells is said or written: canaries in every column, and the search for their traces."""

import base64
import csv
import hashlib
import io
import json
import re
import socket
import warnings

import openpyxl
import pytest
from click.testing import CliRunner

import iom_causal as iom
from iom_causal.analysis.study_people import read_people
from iom_causal.cli import main
from iom_causal.data.files.readers import read_sheet
from iom_causal.errors import IomCausalError
from iom_causal.evaluation import evaluate
from tests.canary import DATES, IDS, NUMBERS, TEXTS, TOKENS, WORDS, chained, found, found_in
from tests.data.alike import unpicked

PEOPLE = 44
HEAD = ["urn", "surname", "dob", "seen", "arrests before", "arrests after", "team", "note", "ref", "ward"]
READ = """covariates = ["ward", "team", "note", "surname"]
date_of_birth = "dob"
index_date = 2017-01-01
dates = "yyyy-mm-dd"
"""
COUNTED = ("arrests before", "arrests after")


def rows():
    """People whose cells are canaries wherever one may stand, beside ordinary people."""
    ids = [*IDS, *(f"P{k:03d}" for k in range(len(IDS), PEOPLE))]
    return [
        [
            ids[k],
            WORDS[k % 12] if k < 12 else f"n{k}",
            DATES[k % 3] if k < 4 else f"19{60 + k % 30}-0{1 + k % 9}-1{k % 9}",
            DATES[3] if k == 2 else f"2017-03-0{1 + k % 9}",
            str(3 + k % 5),
            str(k * 7 % 4),
            ["north", "south"][k % 2] if k else WORDS[11],
            TEXTS[k] if k < len(TEXTS) else "ok",
            NUMBERS[k % 2] if k < 4 else str(1000 + k),
            WORDS[k] if k < 12 else "w",
        ]
        for k in range(PEOPLE)
    ]


def as_csv(lines, head=HEAD, separator=","):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([*([head] if head else []), *lines])
    return text.getvalue().encode()


def with_cell(column, cell, *where):
    lines = rows()
    for k in where or (5,):
        lines[k][HEAD.index(column)] = cell
    return as_csv(lines)


def with_column(name, cell):
    return as_csv([[*row, cell(k)] for k, row in enumerate(rows())], [*HEAD, name])


def by_period(period):
    lines = [
        [row[0], period(k)[j], str((k * 3 + j) % 5), row[1], row[7]] for k, row in enumerate(rows()) for j in (0, 1)
    ]
    return as_csv(lines, ["urn", "period", "arrests", "surname", "note"])


def workbook(change=None, head=HEAD):
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in [*([head] if head else []), *rows()]:
        book.active.append([int(cell) if cell.isdigit() else cell.lstrip("=") for cell in row])
    if change:
        change(book.active)
    book.save(packed)
    return packed.getvalue()


def formula(sheet):
    sheet["E5"] = f"=SUM({WORDS[0]})"


def fault(sheet):
    sheet["E5"] = f"#N/A {WORDS[0]}"


def lines_of(data):
    return data.decode().splitlines()


PLAIN = as_csv(rows())
LINES = lines_of(PLAIN)
CELLS = {
    "number": NUMBERS[0], "decimal": NUMBERS[2], "below 0": f"-{NUMBERS[0]}", "word": WORDS[0], "day": DATES[0],
    "id": IDS[0], "huge": NUMBERS[0] * 3, "formula": TEXTS[1], "tag": TEXTS[2], "thousands": "918,273,645",
    "comma": "837465,25", "exponent": "9.18273645e8", "nul": f"a\0{WORDS[1]}",
}  # fmt: skip
FEW = {
    "plain": PLAIN,
    "no head.csv": as_csv(rows(), None),
    "word in a count": with_cell("arrests before", WORDS[0], *range(5, 12)),
    "id twice": with_cell("urn", IDS[3], 5, 6),
    "label of few": by_period(lambda k: ("before", TEXTS[0] if k < 2 else "after")),
}
MANY = {
    **{f"{c}: {name}": with_cell(c, cell) for c in COUNTED for name, cell in CELLS.items()},
    **{f"days: {name}": with_cell("dob", cell, 5, 6) for name, cell in CELLS.items()},
    "semicolons": as_csv(rows(), separator=";"),
    "tabs.tsv": as_csv(rows(), separator="\t"),
    "id missing": with_cell("urn", ""),
    "id decimal": with_cell("urn", NUMBERS[2], 0, 1, 2),
    "ids alike": with_cell("urn", f"{IDS[3]}\u200b"),
    "days mixed": with_cell("dob", "17/06/1971", 5, 6, 7),
    "ragged": "\n".join([*LINES[:6], f"{LINES[6]},{WORDS[2]}", *LINES[7:]]).encode(),
    "short": "\n".join([*LINES[:6], ",".join(LINES[6].split(",")[:4]), *LINES[7:]]).encode(),
    "quote": "\n".join([*LINES[:6], f'"{LINES[6]}', *LINES[7:]]).encode(),
    "title": f"Of {WORDS[5]}\n{TEXTS[0]}\n".encode() + PLAIN,
    "a person above": f"{LINES[1]}\n".encode() + PLAIN,
    "cp1252": PLAIN.replace(b"Vexley", b"Vexley\x92"),
    "utf-16": PLAIN.decode().encode("utf-16"),
    "half": PLAIN[: len(PLAIN) // 2],
    "head twice": as_csv(rows(), [*HEAD[:-1], "note"]),
    "head missing": as_csv(rows(), [*HEAD[:-1], ""]),
    "head a person": as_csv(rows()[1:], rows()[0]),
    "totals": as_csv([*rows(), ["Total", "", "", "", "200", "99", "", "", "", ""]]),
    "headings": as_csv([*rows()[:20], [WORDS[7], *[""] * 9], *rows()[20:]]),
    "row numbers": as_csv([[str(k), *row] for k, row in enumerate(rows())], ["", *HEAD]),
    "one person": as_csv(rows()[:1]),
    "long cell": as_csv([[*r[:7], WORDS[1] * 9000, *r[8:]] for r in rows()]),
    "one column": "\n".join(IDS).encode(),
    "prose": "\n".join(TEXTS * 4).encode(),
    "not a workbook.xlsx": PLAIN,
    "not of spss.sav": PLAIN,
    "not of stata.dta": PLAIN,
    "not parquet.parquet": PLAIN,
    "pickle.pkl": b"\x80\x04" + PLAIN,
    "twice a period": by_period(lambda _: ("before", "before")),
    "managed": with_column("group", lambda k: ["IOM", "Comparison"][k % 2]),
    "managed in words": with_column("group", lambda k: WORDS[k % 2]),
    "managed and some": with_column("group", lambda k: WORDS[3] if k == 5 else ["IOM", "Comparison"][k % 2]),
    "status of ids": with_column("status", lambda k: IDS[k % 3]),
    "starts": with_column("start date", lambda k: DATES[k % 4]),
    "days inside": with_column("custody days before", lambda k: NUMBERS[0] if k == 3 else "4"),
    "yes or no": with_column("employed before", lambda k: WORDS[4] if k == 4 else "Yes"),
    "workbook.xlsx": workbook(),
    "formula.xlsx": workbook(formula),
    "fault.xlsx": workbook(fault),
    "no head.xlsx": workbook(head=None),
}  # fmt: skip


def run(*arguments):
    """Return all that a command says, warnings and what a traceback would show among it."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        ran = CliRunner().invoke(main, [str(a) for a in arguments])
    told = [ran.output, ran.stderr, *(str(w.message) for w in warned)]
    assert ran.exception is None or isinstance(ran.exception, SystemExit), chained(ran.exception)
    return "\n".join([*told, "" if ran.exception is None else chained(ran.exception)])


def answered(study):
    """Return a study file in which windows are equally long, where that is asked, and nobody knows of the picking."""
    text = unpicked(study.read_text(encoding="utf-8"))
    return re.sub(r'equal_windows = "EDIT[^"]*"', "equal_windows = true", text)


def said_of(folder, name, data):
    """Return all that is said of a file that is drafted, evaluated as it is and with all its columns, and read."""
    file = folder / (name.replace(":", "") if "." in name else "people.csv")
    file.write_bytes(data)
    said = [run("init", folder / "study", "--from", file)]
    study = folder / "study" / "study.toml"
    if study.exists():
        study.write_text(unpicked(study.read_text(encoding="utf-8")), encoding="utf-8")
        said.append(run("evaluate", study, "--quick", "--out", folder / "study" / "first"))
        text = answered(study)
        lines = [line for line in text.splitlines() if not line.startswith("covariates")]
        read = "\n".join(lines).replace('layout = "wide"', f'layout = "wide"\n{READ}', 1)
        (folder / "study" / "read.toml").write_text(read, encoding="utf-8")
        said.append(run("evaluate", folder / "study" / "read.toml", "--quick", "--out", folder / "study" / "second"))
    try:
        said.append(repr(read_sheet(file)))
    except IomCausalError as error:
        said.append(chained(error))
    return "\n".join(said)


def check(folder, name, data):
    assert found(said_of(folder, name, data)) == set()
    if (folder / "study").exists():
        assert found_in(folder / "study") == {}


def test_a_trace_is_found_however_it_is_written(tmp_path):
    for token in TOKENS:
        for before in ("", "a", "ab"):
            assert token in found(base64.b64encode(f"{before}{token} after".encode()))
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert token in found(f"x {token} y".encode(coding))
    assert found("918,273,645 on 17/06/1971") == {NUMBERS[0], DATES[0]}
    (tmp_path / IDS[0]).write_bytes(workbook())
    assert set(found_in(tmp_path)[IDS[0]]) >= {IDS[0], IDS[5], WORDS[1], NUMBERS[0]}


def test_a_rounded_number_is_a_trace_but_not_the_same_digits_in_a_digest_or_a_longer_number():
    for said in ("7392", "about 7,392.", '["7391.6"]', repr("of\n7392"), "\\u202f7392", "x7392y", "a: 1.5,7392,0.2"):
        assert found(said) == {NUMBERS[3]}
    assert found(f"{'ab' * 32} of 837,465 and {'cd' * 8}") == {NUMBERS[2]}
    for other in ("f0546efd16b7b37392753852612fc917", "0.1739251", "17392", "7392.4", "1.837465e-05", "0.7392"):
        assert found(other) == set()
    digests = (hashlib.sha256(bytes([k, j])).hexdigest() for k in range(256) for j in range(40))
    assert found(json.dumps(list(digests))) == set()


@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize("name", FEW)
def test_nothing_is_told_of_a_person(tmp_path, name):
    check(tmp_path, name, FEW[name])


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize("name", MANY)
def test_nothing_is_told_of_a_person_in_many_files(tmp_path, name):
    check(tmp_path, name, MANY[name])


@pytest.fixture
def study(tmp_path):
    (tmp_path / "people.csv").write_bytes(PLAIN)
    run("init", tmp_path / "study", "--from", tmp_path / "people.csv")
    file = tmp_path / "study" / "study.toml"
    lines = [line for line in answered(file).splitlines() if not line.startswith("covariates")]
    file.write_text("\n".join(lines).replace('layout = "wide"', f'layout = "wide"\n{READ}', 1), encoding="utf-8")
    return file


def test_no_container_of_people_shows_them(study):
    people = read_people(study)
    panel = people.cohort["arrests"]
    held = (
        people,
        people.study,
        people.cohort,
        panel,
        panel.managed,
        panel.prepost(),
        iom.PairedT()(panel),
        people.facts,
    )
    for thing in held:
        assert found(repr(thing) + str(thing)) == set(), type(thing)


@pytest.mark.usefixtures("without_null_calibration")
def test_an_evaluation_opens_no_connection_and_its_pictures_say_nothing(study, monkeypatch):
    def refused(*_args, **_settings):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket.socket, "connect_ex", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    out = study.parent / "report"
    result = evaluate(study, out=out, quick=True)
    assert found(repr(result) + json.dumps(result.tidy().to_dict("list"), default=str)) == set()
    assert found_in(out) == {}
    assert found_in(study.parent.parent).keys() == {"people.csv"}
