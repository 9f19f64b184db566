"""What `init` ends with: a table of the people it understood, without their cells."""

import re
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from iom_causal.cli import main
from iom_causal.data.guesses.guess import guess
from iom_causal.protocol.draft.start import start
from iom_causal.protocol.draft.understood import ROUNDED, WIDTH, highest

HEAVY = (
    "pandas",
    "numba",
    "scipy.stats",
    "matplotlib",
    "pymc",
    "arviz",
    "statsmodels",
    "linearmodels",
    "jinja2",
    "docx",
)
"""What takes seconds to load, and what a draft of a study does not need."""


def table(folder, head, rows):
    file = folder / "people.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def shown(folder, head, rows):
    return list(start(folder / "study", source=table(folder, head, rows)).understood)


def cells(line):
    return re.split(r"  +", line)


def both(k):
    return f"p{k},{'IOM' if k < 25 else 'Comparison'},{k % 4},{'' if k in (1, 2) else k % 3}"


def test_the_table_says_who_counts_how_long_and_how_much(tmp_path):
    lines = shown(tmp_path, "urn,group,arrests before,arrests after", [both(k) for k in range(40)])
    assert lines[0] == "40 people, a row each: managed 25, not managed 15."
    assert lines[-2:] == ["", ROUNDED]
    head, *rows = map(cells, lines[2:-2])
    assert head == ["arrests (count)", "days", "people", "mean", "highest", "zero", "missing"]
    assert rows == [
        ["before, managed", "unknown", "25", "1.4", "up to 5", "few", "0"],
        ["after, managed", "unknown", "25", "0.9", "up to 2", "few", "under 10"],
        ["before, not managed", "unknown", "15", "1.6", "up to 5", "few", "0"],
        ["after, not managed", "unknown", "15", "1.0", "up to 2", "few", "0"],
    ]


def test_nothing_is_said_of_fewer_than_ten_people(tmp_path):
    lines = shown(tmp_path, "urn,group,arrests before,arrests after", [both(k) for k in range(30)])
    assert lines[0] == "30 people, a row each: managed 25, not managed under 10."
    assert cells(lines[-3]) == ["after, not managed", "unknown", "under 10", "0"]
    (tmp_path / "few").mkdir()
    assert (
        shown(tmp_path / "few", "urn,arrests before,arrests after", ["a,7,1", "b,3,2"])[0]
        == "under 10 people, a row each."
    )


def test_lines_are_narrow_and_many_windows_are_shown_together(tmp_path):
    months = [f"arrests 20{y}-{m:02d}" for y in (20, 21) for m in range(1, 13)]
    lines = shown(tmp_path, ",".join(["urn", *months]), [f"p{k}," + ",".join("0102"[k % 4] * 24) for k in range(20)])
    assert cells(lines[-1]) == ["24 windows together", "28-31", "20", "0.8", "up to 2", "50%", "0"]
    long = "what the people of this long name were seen to do in the town"
    wide = shown(_made(tmp_path / "wide"), f"urn,{long} before,{long} after", [f"p{k},{k},{k % 3}" for k in range(20)])
    assert max(map(len, [*lines, *wide])) <= WIDTH


def _made(folder):
    folder.mkdir()
    return folder


def test_what_the_reading_refuses_is_said_at_once(tmp_path):
    lines = shown(tmp_path, "urn,arrests before,arrests after", [f"p{k % 19},1,2" for k in range(20)])
    assert lines[0] == "As it stands it is refused:"
    assert "IOM-E020" in lines[1]


def test_highest_is_round_and_never_below():
    for value in np.random.default_rng(1).integers(0, 10_000, 500):
        said = int(highest(float(value)).removeprefix("up to ").replace(",", ""))
        assert value <= said
        assert str(said).strip("0") in {"1", "2", "5", ""}


@pytest.mark.parametrize("head", ["P017", "17", "2020-02-01", "01/02/2020", "north"])
def test_a_head_that_may_be_a_cell_is_counted_and_not_named(tmp_path, head):
    rows = [f"p{k},{k % 3},1,{'north' if head == 'north' and k else f'P{k:03d}'}" for k in range(20)]
    begun = start(
        tmp_path / "s",
        source=table(tmp_path, f"urn,arrests before,arrests after,{head},note", [f"{r},x" for r in rows]),
    )
    text = begun.file.read_text(encoding="utf-8")
    assert "Columns that are not read: note, 1 whose name may be a cell." in begun.steps
    assert '# Columns that are not read: "note", 1 whose name may be a cell.' in text
    assert head not in text.split("windows")[0]


def test_a_head_of_words_is_named(tmp_path):
    rows = [f"p{k},{k % 3},1,{k},flat {k}" for k in range(20)]
    found = guess(table(tmp_path, "urn,arrests before,arrests after,Visits 2020,home", rows))
    assert (found.unread, found.unnamed) == (("Visits 2020", "home"), 0)


def test_a_draft_loads_nothing_heavy(tmp_path):
    file = table(tmp_path, "urn,group,arrests before,arrests after", [both(k) for k in range(40)])
    code = (
        "import sys; from iom_causal.cli import main; "
        f"main(['init', {str(tmp_path / 'study')!r}, '--from', {str(file)!r}], standalone_mode=False); "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().endswith("[]")


def test_files_that_are_not_there_or_no_files_are_named_with_a_code(tmp_path):
    for source, said in (
        ("nosuch.xlsx", "found no file called 'nosuch.xlsx'"),
        ("", "is a folder; name the file in it"),
    ):
        done = CliRunner().invoke(main, ["init", str(tmp_path / "s"), "--from", str(tmp_path / source)])
        assert done.exit_code == 2
        assert "IOM-E096" in done.stderr
        assert said in done.stderr


def test_what_the_system_refuses_is_named_with_a_code(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path / "people.csv"))

    monkeypatch.setattr("iom_causal.protocol.draft.start.guess_linked", refused)
    done = CliRunner().invoke(main, ["init", str(tmp_path / "s"), "--from", str(tmp_path / "people.csv")])
    assert done.exit_code == 2
    assert done.stderr == "iom-causal: IOM-E090: 'people.csv' cannot be read or written: permission denied\n"


def test_people_are_shown_where_a_row_of_sums_is_left_out(tmp_path):
    rows = [f"p{k},{k % 4 + 1},{k % 3}" for k in range(20)]
    lines = shown(tmp_path, "urn,arrests before,arrests after", [*rows, "Total,50,19"])
    assert lines[0] == "20 people, a row each."
