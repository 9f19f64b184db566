"""What the documents promise is so."""

import re
import tomllib
from pathlib import Path

import pytest

from iom_causal.errors import CODES

ROOT = Path(__file__).parents[1]


def test_the_page_of_errors_lists_every_code():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(IOM-E\d{3})` \| (.+?) \|$", page, flags=re.MULTILINE))
    assert rows == CODES


def test_one_version_everywhere():
    import iom_causal

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert iom_causal.__version__ == project["version"]
    assert f"version: {project['version']}" in citation


def test_nothing_committed_names_a_registry():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "http" not in lock
    assert "--hash=sha256:" in lock


@pytest.mark.parametrize("name", ["build", "dist", "data"])
def test_git_ignores_only_anchored_paths(name):
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"{name}/" not in lines
