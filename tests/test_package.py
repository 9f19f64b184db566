"""The wheel holds the whole package, and works where the repository is not."""

import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "iom_causal"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel):
    skipped = {"__pycache__"}
    tree = {
        p.relative_to(ROOT).as_posix()
        for p in PACKAGE.rglob("*")
        if p.is_file() and not skipped & set(p.parts) and p.suffix not in {".nbi", ".nbc"}
    }
    tree |= {f"iom_causal/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "examples").rglob("*.py")}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("iom_causal/")}
        metadata = next(name for name in archive.namelist() if name.endswith("METADATA"))
        assert b"License-Expression: BSD-3-Clause" in archive.read(metadata)
    assert held == tree


def lay_kernels_beside(package):
    """Copy what this machine has compiled to the same sources elsewhere: compiling anew is most of a minute.

    A kernel is read again where the source beside it has the same size and time.
    """
    for file in PACKAGE.rglob("*"):
        place = package / file.relative_to(PACKAGE)
        if file.suffix == ".py":
            shutil.copystat(file, place)
        elif file.suffix in {".nbi", ".nbc"}:
            place.parent.mkdir(exist_ok=True)
            shutil.copy2(file, place)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel where the repository is not, and return how Python is to be called there."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    lay_kernels_beside(folder / "site" / "iom_causal")
    environment = os.environ | {"PYTHONPATH": str(folder / "site")}

    def python(*arguments, cwd):
        command = [sys.executable, "-P", *map(str, arguments)]
        return subprocess.run(command, check=False, env=environment, cwd=cwd, capture_output=True, text=True)

    code = "import iom_causal, sys; sys.exit('site' not in iom_causal.__file__)"
    assert python("-c", code, cwd=folder).returncode == 0
    return python


def test_the_wheel_evaluates_the_paper_outside_the_repository(installed, tmp_path):
    done = installed("-m", "iom_causal.cli", "evaluate", "--quick", "--out", "report", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "11.64" in done.stdout
    assert (tmp_path / "report" / "report.html").exists()


def test_an_example_copied_from_the_wheel_runs_in_a_fresh_folder(installed, tmp_path):
    listed = installed("-m", "iom_causal.cli", "examples", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert [line for line in listed.stdout.splitlines() if not line.startswith(" ")] == sorted(
        (p.relative_to(ROOT / "examples").as_posix() for p in (ROOT / "examples").rglob("*.py")),
        key=lambda name: ("/" in name, name),
    )
    copied = installed("-m", "iom_causal.cli", "examples", "--copy", "mine", cwd=tmp_path)
    assert copied.returncode == 0, copied.stderr
    done = installed("mine/sensitivity/u1_regression_to_the_mean.py", "template", "--out", "figures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "averaged 2.04" in done.stdout
    assert (tmp_path / "figures" / "u1_regression_to_the_mean.png").stat().st_size > 10_000


def test_an_older_python_is_told_in_one_sentence_before_anything_is_fetched(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 11, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.12 or later, and this is 3\.11"):
        runpy.run_path(str(ROOT / "build_backend.py"))
