import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from iom_causal.base import output
from iom_causal.base.output import MANIFEST, check_target, csv_text, escape_cell, write
from iom_causal.errors import SpecError


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
    with pytest.raises(SpecError, match=r"other work \('evaluate of A'\)"):
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


def test_what_somebody_put_into_a_report_is_not_lost_with_it(tmp_path):
    out = tmp_path / "out"
    for strange in ("link", "empty", "pipe"):
        write(out, {"figures/a.svg": "x"}, {}, "w")
        if strange == "link":
            (out / strange).symlink_to(tmp_path)
        elif strange == "empty":
            (out / strange).mkdir()
        else:
            os.mkfifo(out / strange)
        with pytest.raises(SpecError, match=r"IOM-E090.*did not write"):
            write(out, {"a.txt": "y"}, {}, "w")
        assert (out / strange).lstat()
        (out / strange).rmdir() if strange == "empty" else (out / strange).unlink()


@pytest.mark.parametrize(
    "manifest",
    [
        *("[" * 20_000 + "]" * 20_000, '{"a":' * 20_000, "9" * 5_000, '{"work": ' + "9" * 5_000 + "}"),
        *("", "[]", "null", '{"made_by": "iom-causal"}', '{"made_by": "iom-causal", "work": "w", "files": 3}'),
        *(
            '{"made_by": "iom-causal", "work": "w", "files": {"a.txt": [1]}}',
            '{"made_by": "iom-causal", "files": "ab"}',
        ),
        '{"made_by": "iom-causal", "work": "' + "q" * 3_000_000 + '", "files": {"a.txt": "0"}}',
        "\ud800",
    ],
    ids=range(13),
)
def test_whatever_a_manifest_holds_gets_a_typed_refusal(tmp_path, manifest):
    out = tmp_path / "out"
    write(out, {"a.txt": "x"}, {}, "w")
    (out / MANIFEST).write_text(manifest, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(SpecError, match="IOM-E090") as caught:
        check_target(out, "w")
    assert len(str(caught.value)) < 300
    assert (out / "a.txt").read_text() == "x"


def test_a_lost_race_is_refused_and_leaves_the_winner(tmp_path, monkeypatch):
    out = tmp_path / "out"
    fill = output._fill

    def slowly(*args):
        fill(*args)
        monkeypatch.setattr(output, "_fill", fill)
        write(out, {"theirs.txt": "x"}, {}, "w")

    monkeypatch.setattr(output, "_fill", slowly)
    exists = Path.exists  # the loser looked before the winner wrote
    monkeypatch.setattr(Path, "exists", lambda p: p != out and exists(p))
    with pytest.raises(SpecError, match=r"IOM-E090.*at the same time"):
        write(out, {"ours.txt": "x"}, {}, "w")
    assert {p.name for p in out.iterdir()} == {"theirs.txt", MANIFEST}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_what_the_disk_refuses_is_told_before_anything_is_computed(tmp_path, monkeypatch, number):
    def refuse(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    for where in ("out", "new/out"):
        for call in (lambda o: check_target(o, "w"), lambda o: write(o, {"a": "x"}, {}, "w")):
            with pytest.raises(SpecError, match=r"IOM-E090.*(full|name another folder)"):
                call(tmp_path / where)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_folder_inside_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpecError, match="IOM-E090"):
        check_target(tmp_path / "file" / "out", "w")


STOPS = """
import os, sys
from pathlib import Path
from iom_causal.base import output as folder
out = Path(sys.argv[1])
for stop in range(int(sys.argv[2])):
    folder.write(out / str(stop), {"a.txt": "earlier", "figures/b.svg": "x"}, {}, "w")
    if os.fork() == 0:
        left = [stop]
        def counted(call):
            def run(*args, **kwargs):
                if left[0] == 0:
                    os._exit(9)
                left[0] -= 1
                return call(*args, **kwargs)
            return run
        os.fsync, os.rename, Path.rename = counted(os.fsync), counted(os.rename), counted(Path.rename)
        Path.write_text, folder.shutil.rmtree = counted(Path.write_text), counted(folder.shutil.rmtree)
        folder.tempfile.mkdtemp = counted(folder.tempfile.mkdtemp)
        folder.write(out / str(stop), {"a.txt": "later"}, {}, "w")
        os._exit(0)
    os.wait()
"""
WRITING = 12  # calls of a write: folder, writer, two files, two or three renames, four removals, and one more


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is stopped between two calls")
def test_a_run_stopped_anywhere_leaves_a_whole_folder_and_nothing_hidden_after_the_next(tmp_path):
    subprocess.run([sys.executable, "-c", STOPS, str(tmp_path), str(WRITING)], check=True)
    hidden = [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert len(hidden) > WRITING / 2  # else the stops came too late
    assert not all((tmp_path / str(k)).exists() for k in range(WRITING))  # one of them came between the two renames
    kept = Path(tmp_path / ".0-1-x")
    kept.mkdir()
    (kept / "mine.txt").write_text("mine")
    for stop in range(WRITING):
        notes = check_target(tmp_path / str(stop), "w")
        files = {p.name: p.read_text() for p in (tmp_path / str(stop)).iterdir() if p.is_file()}
        assert set(files) == {"a.txt", MANIFEST}
        assert files["a.txt"] in {"earlier", "later"}
        assert any("hidden folders is cleared" in note for note in notes) == any(
            name.startswith(f".{stop}-") for name in hidden
        )
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == [kept.name]


def test_reconstruct_says_what_it_cleared(tmp_path):
    from click.testing import CliRunner

    from iom_causal.cli import main

    hidden = tmp_path / f".c-{2**22 + 1}-x"  # of a process that is no more
    hidden.mkdir()
    done = CliRunner().invoke(main, ["reconstruct", "template", "--out", str(tmp_path / "c")])
    assert done.exit_code == 0
    assert "hidden folders is cleared" in done.stderr
    assert not hidden.exists()


def test_what_runs_or_belongs_to_other_work_is_not_cleared(tmp_path):
    out = tmp_path / "out"
    with output._hidden(out, "w", tmp_path) as running:
        assert check_target(out, "w") == ()
        assert running.is_dir()
        assert check_target(tmp_path / "other", "w") == ()
    with output._hidden(out, "other work", tmp_path) as other:
        record = json.loads((other / output.WRITER).read_text())
        (other / output.WRITER).write_text(json.dumps(record | {"process": 2**22 + 1}))
        (other / "new").mkdir()
        assert check_target(out, "w") == ()
        assert other.is_dir()
        assert check_target(out, "other work")
        assert not other.exists()


@pytest.mark.parametrize("out", [".", "./", "/", ".."])
def test_the_current_folder_is_no_folder_of_its_own(out):
    with pytest.raises(SpecError, match=r"IOM-E090: .*expected a folder of its own.*such as .*report"):
        check_target(Path(out), "w")


def test_where_nothing_can_be_made_no_other_run_is_blamed(tmp_path, monkeypatch):
    def refused(**_):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(tempfile, "mkdtemp", refused)
    with pytest.raises(SpecError, match=r"IOM-E090: .*nothing can be made there; name another folder"):
        check_target(tmp_path / "x", "w")
