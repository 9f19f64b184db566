import json

import pandas as pd
import pytest

from iom_causal.errors import SpecError
from iom_causal.folder import MANIFEST, check_target, csv_text, escape_cell, write


def test_files_are_written_with_their_digests(tmp_path):
    out = tmp_path / "out"
    files = write(out, {"a.txt": "x", "figures/b.svg": b"<svg/>"}, {"seed": 1}, "w")
    assert [f.relative_to(out).as_posix() for f in files] == ["a.txt", "figures/b.svg", MANIFEST]
    record = json.loads((out / MANIFEST).read_text())
    assert record["made_by"] == "iom-causal"
    assert set(record["files"]) == {"a.txt", "figures/b.svg"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_earlier_folder_is_replaced_whole(tmp_path):
    out = tmp_path / "out"
    write(out, {"old.txt": "x"}, {}, "w")
    write(out, {"new.txt": "x"}, {}, "w")
    assert {p.name for p in out.iterdir()} == {"new.txt", MANIFEST}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_nothing_is_left_when_writing_breaks(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path / "out", {"a.txt": 3}, {}, "w")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.doc").write_text("mine")
    with pytest.raises(SpecError, match="IOM-E090"):
        write(out, {"a.txt": "x"}, {}, "w")
    (out / "thesis.doc").unlink()
    write(out, {"a.txt": "x"}, {}, "w")
    (out / "notes.txt").write_text("mine")
    with pytest.raises(SpecError, match="IOM-E090"):
        check_target(out, "w")
    assert (out / "notes.txt").read_text() == "mine"


def test_other_work_and_edited_files_are_kept(tmp_path):
    out = tmp_path / "out"
    write(out, {"a.txt": "x"}, {}, "evaluate of A")
    with pytest.raises(SpecError, match=r"other work \(evaluate of A\)"):
        write(out, {"a.txt": "y"}, {}, "reconstruct of A")
    (out / "a.txt").write_text("edited")
    with pytest.raises(SpecError, match="was changed since"):
        write(out, {"a.txt": "y"}, {}, "evaluate of A")
    assert (out / "a.txt").read_text() == "edited"


def test_unsafe_targets(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link", "CON", "nul.txt", "x" * 300, "a\0b"):
        with pytest.raises(SpecError, match="IOM-E090"):
            check_target(tmp_path / name, "w")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\uff1dA1"])
def test_spreadsheet_formulas_are_inert(cell):
    assert escape_cell(cell).startswith("'")
    assert f"'{cell}"[:3] in csv_text(pd.DataFrame({cell: [cell]}))


def test_numbers_stay_numbers():
    assert csv_text(pd.DataFrame({"x": [-0.3, 1e-17]})) == "x\n-0.3\n1e-17\n"
