"""The claims card: every limitation has its figures, or says why not, and commands that can be typed."""

import json
import re
import shlex
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iom_causal.base import wording
from iom_causal.cli import main
from iom_causal.confounds.register import REGISTER
from iom_causal.evaluation import evaluate
from iom_causal.protocol.scenario import bundled_scenarios
from iom_causal.report.sources.claims import Figure, LimitationAnswer

DOCS = Path(__file__).parents[3] / "docs"


def check(answers, listed):
    assert {a.id for a in answers} == {*REGISTER, *listed}
    assert len({a.id for a in answers}) == len(answers)
    for a in answers:
        assert bool(a.figures) != bool(a.not_answered), a.id
        for command in (a.command, *(f.command for f in a.figures)):
            tool, name, *rest = shlex.split(command)
            assert tool == "iom-causal"
            main.commands[name].make_context(name, list(rest))
            assert name != "simulate" or rest[0] in bundled_scenarios()
        for text in (a.not_answered, *(t for f in a.figures for t in (f.what, f.value, f.where))):
            assert wording.violations(text) == (), text


@pytest.mark.parametrize("name", ["paper", "template"])
def test_every_limitation_of_a_published_study_has_its_row(name, request):
    done = request.getfixturevalue(name)
    check(done.claims(), [item.id for item in done.subject.limitations])


def test_the_authors_points_come_first_in_their_words_and_with_figures_of_the_page(paper):
    answers = {a.id: a for a in paper.claims()}
    assert [a.id for a in paper.claims()][:12] == [f"c{k:02}" for k in range(1, 13)]
    assert answers["c05"].point == "the age-crime curve"
    assert answers["c05"].named_by == "authors"
    assert answers["u1"].named_by == "design"
    shown = set(paper.page.texts())
    on_the_page = [f for f in answers["c05"].figures if f.where == "ledger.csv"]
    assert on_the_page
    assert all(f.value in shown for f in on_the_page)
    assert "1.34" in {f.value for f in answers["u1"].figures}
    assert "|d| up to .36" in {f.value for f in answers["c08"].figures}
    assert answers["c08"].command == "iom-causal audit sleath-brown-2017"
    assert answers["c09"].figures == ()
    assert answers["c09"].not_answered == REGISTER["c09"].sentence
    assert answers["c09"].command == "iom-causal simulate engagement"


PEOPLE = """[study]
title = "A study"
people = "managed people"
invented = true
selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 1, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
windows = [ { label = "before", months = 12 }, { label = "after", months = 12, post = true } ]
outcomes = [ { name = "arrests", kind = "count", columns = ["before", "after"] } ]
"""


@pytest.mark.usefixtures("without_null_calibration")
def test_of_people_figures_are_those_of_the_page_and_the_card_lies_in_the_folder(tmp_path):
    rng = np.random.default_rng(3)
    before = np.maximum(rng.poisson(rng.gamma(2.0, 1.0, 83)), 1)
    table = pd.DataFrame({"urn": range(83), "before": before, "after": rng.poisson(rng.gamma(2.0, 1.6, 83))})
    table.to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "study.toml").write_text(PEOPLE, encoding="utf-8")
    done = evaluate(tmp_path / "study.toml", quick=True)
    answers = done.claims()
    check(answers, [item.id for item in done.subject.limitations])
    shown = {text for whole in done.page.texts() for text in (whole, whole.split(" (")[0])}  # where it tips (as it is)
    figures = [f for a in answers for f in a.figures]
    assert {"ledger.csv", "Arrests: expected without the programme, and what remains"} <= {f.where for f in figures}
    assert all(f.value in shown for f in figures)  # as release rules have it
    assert not re.search(r"\b83\b", json.dumps([f.value for f in figures]))
    (interviews,) = [a for a in answers if a.id == "c12"]
    assert interviews.named_by == "register"
    assert interviews.not_answered == "It does not arise here: it takes interviews, and this study states none."
    card = json.loads(done.files()["claims.json"])
    assert card["study"] == "A study"
    assert [c["id"] for c in card["claims"]] == [a.id for a in answers]
    done.write(tmp_path / "out")
    assert "claims.json" in json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["files"]


def test_the_document_names_every_field():
    page = (DOCS / "claims.md").read_text(encoding="utf-8")
    of_answers, of_figures = page.split("A figure is an object too")
    for text, kind in ((of_answers, LimitationAnswer), (of_figures, Figure)):
        assert re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE) == [f.name for f in fields(kind)]
