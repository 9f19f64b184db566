"""Verdicts on a folder of papers: one row a file, those that cannot be read with their reason."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from iom_causal.base.wording import violations
from iom_causal.cli import main
from iom_causal.errors import SpecError
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.folder import audit_folder
from iom_causal.published.study import load_published
from tests.published.audit.studies import paired

STUDIES = Path(__file__).parents[3] / "iom_causal" / "published" / "studies"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    shutil.copy(STUDIES / "template.toml", folder / "one.toml")
    (folder / "another").mkdir()
    shutil.copy(STUDIES / "template.toml", folder / "another" / "published.toml")
    (folder / "study.toml").write_text("[study]\ntitle = 'ours'\n", encoding="utf-8")
    (folder / "notes.txt").write_text("nothing", encoding="utf-8")
    return folder


@pytest.fixture
def with_a_bad_one(papers, tmp_path):
    folder = tmp_path / "papers"
    shutil.copytree(papers, folder)
    (folder / "bad.toml").write_text('[published]\ntitle = "EDIT: the title"\n', encoding="utf-8")
    (folder / "worse.toml").write_text("nothing of the kind", encoding="utf-8")
    return folder


def test_counts_are_those_of_the_single_audit(papers):
    made, single = audit_folder(papers), audit(load_published("template"))
    checks = single.checks
    assert [row.paper for row in made.rows] == ["another/published.toml", "one.toml"]
    for row in made.rows:
        assert row.checks == len(checks) == row.consistent + row.inconsistent + row.not_checked
        assert row.inconsistent == sum(f.verdict == "inconsistent" for f in checks)
        assert row.reconcilable <= row.inconsistent
    assert made.not_read == ()
    assert run("audit", papers).exit_code == 0


def test_files_that_cannot_be_read_leave_the_others_theirs(with_a_bad_one):
    done = run("audit", with_a_bad_one)
    assert done.exit_code == 2
    assert [line.split()[0] for line in done.output.splitlines()[:3]] == ["paper", "another/published.toml", "one.toml"]
    assert "2 papers." in done.output
    assert "bad.toml: IOM-E096: bad.toml: fill in the lines that still say EDIT: title (the title)" in done.output
    assert "worse.toml: IOM-E094" in done.output
    assert "study.toml" not in done.output
    assert violations(done.output) == ()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_other_forms_have_the_same_rows(with_a_bad_one, form):
    done = run("audit", with_a_bad_one, "--format", form)
    assert done.exit_code == 2
    if form == "csv":
        assert done.output.splitlines()[0] == "paper,checks,consistent,inconsistent,reconcilable,not_checked,not_read"
        assert len(done.output.splitlines()) == 5
    else:
        rows = {row["paper"]: row for row in json.loads(done.output)["papers"]}
        assert rows["one.toml"]["checks"] > 0
        assert (rows["bad.toml"]["checks"], "EDIT" in rows["bad.toml"]["not_read"]) == (0, True)


def test_a_folder_without_papers_is_refused(tmp_path):
    with pytest.raises(SpecError, match="IOM-E096"):
        audit_folder(tmp_path)


@pytest.mark.parametrize(
    ("parts", "check", "reconcilable"),
    [
        ({"t": "2.00", "test": {"p": "p = .028"}}, "p-value", True),  # one-sided
        ({"t": "2.00", "test": {"p": "p = .30"}}, "p-value", False),
        ({"t": "-2.00"}, "direction", True),
        ({"t": "2.00", "test": {"effect_size": {"symbol": "r", "value": ".13"}}}, "effect-size-kind", True),
        ({"t": "2.00", "test": {"effect_size": {"symbol": "r", "value": ".93"}}}, "effect-size-kind", False),
    ],
)
def test_what_another_reading_of_the_same_figures_would_make_agree(parts, check, reconcilable):
    finding = paired(**parts)[f"{check}:arrests"]
    assert (finding.verdict, finding.reconcilable) == ("inconsistent", reconcilable)
