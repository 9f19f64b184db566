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


def test_the_wheel_evaluates_the_paper_outside_the_repository(wheel, tmp_path):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    lay_kernels_beside(site / "iom_causal")
    environment = os.environ | {"PYTHONPATH": str(site)}
    code = "import iom_causal, sys; sys.exit('site' not in iom_causal.__file__)"
    subprocess.run([sys.executable, "-P", "-c", code], check=True, env=environment, cwd=tmp_path)
    command = [sys.executable, "-P", "-m", "iom_causal.cli", "evaluate", "--quick", "--out", "report"]
    done = subprocess.run(command, check=False, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "11.64" in done.stdout
    assert (tmp_path / "report" / "report.html").exists()


def test_an_older_python_is_told_in_one_sentence_before_anything_is_fetched(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 11, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.12 or later, and this is 3\.11"):
        runpy.run_path(str(ROOT / "build_backend.py"))
