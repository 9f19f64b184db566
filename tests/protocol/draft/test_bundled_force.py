"""The synthetic extract beside the commented study file, from `init --events` to figures that are its truth."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from iom_causal.analysis.study_people import read_people
from iom_causal.base.wording import violations
from iom_causal.cli import main
from iom_causal.protocol.digest import protocol_digest
from iom_causal.protocol.draft.bundled_force import FORCE, bundled
from iom_causal.protocol.study import load_study


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("force") / "s"
    done = CliRunner().invoke(main, ["init", str(folder), "--events"])
    assert done.exit_code == 0, done.output
    assert "evaluate" in done.output
    return folder / "study.toml"


def test_its_counts_and_days_are_those_of_the_world(study):
    made = read_people(study)
    truth = bundled().truth
    truth = truth[truth["in_extract"]]
    assert made.synthetic
    for w, label in enumerate(("before", "after")):
        recorded = truth[label] - truth[f"{label}_recorded_too_late"]
        assert made.cohort["arrests"].outcome[:, w].tolist() == recorded.tolist()
        offences = made.cohort["arrests for offences"].outcome[:, w].sum()
        assert offences == (recorded - truth[f"{label}_supervision"]).sum()
        days = made.cohort["arrests"].exposure[:, w].mean()
        assert days == pytest.approx(truth[f"{label}_days_free"].mean(), abs=1)  # seconds in the records, days here


def test_the_form_states_the_rule_and_the_windows_of_the_world(study):
    extract, rule = load_study(study).extract, load_study(study).selection
    assert extract.index_date == FORCE.launch
    assert [(w.start, w.end) for w in extract.spans] == [(w.start, w.end) for w in bundled().world.windows]
    assert rule == FORCE.careers.enrolment.selection


def test_every_line_that_the_form_comments_out_may_stand(study):
    setting = re.compile(r"^# ([a-z_]+ = .+)$", flags=re.MULTILINE)
    full = study.parent / "full.toml"
    full.write_text(setting.sub(r"\1", study.read_text(encoding="utf-8")), encoding="utf-8")
    plain, every = load_study(study), load_study(full)
    assert every.extract.events.index_event == "exclude"
    assert protocol_digest(every) != protocol_digest(plain)
    assert read_people(every).cohort["arrests"].outcome.sum() < read_people(plain).cohort["arrests"].outcome.sum()


def test_its_words_are_plain(study):
    assert violations("\n".join(re.findall(r"# (.*)", study.read_text(encoding="utf-8")))) == ()


def test_nothing_is_overwritten(study):
    again = CliRunner().invoke(main, ["init", str(study.parent), "--events"])
    assert again.exit_code == 2
    assert "IOM-E090" in again.stderr
