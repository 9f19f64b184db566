"""Models side by side: what a cell holds, in which form, and that no text gets out of it."""

import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from docx import Document

import iom_causal as iom
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.side_by_side import model_table

HOSTILE = "=cmd|'x'!A1 <script>alert(1)</script> **b** [x](y) \u202e"


def panel():
    rng = np.random.default_rng(2)
    rate = rng.gamma(4.0, 1.2, 120)
    counts = np.column_stack([rng.poisson(rate), rng.poisson(0.7 * rate)])
    return iom.Panel.from_arrays(counts, name="arrests", covariates={"sex": ["m", "f"] * 60})


@pytest.fixture(scope="module")
def both():
    people = panel()
    models = {"within": iom.PoissonFixedEffects(), "marginal": iom.PoissonGLM(covariates="sex")}
    return iom.compare({name: model(people) for name, model in models.items()})


def cells(text):
    rows = list(csv.reader(io.StringIO(text)))
    return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[1:]}


def numbers(cell):
    return [float(x.replace("\u2212", "-")) for x in re.findall("\u2212?[0-9.]+", cell)]


def test_cells_are_the_coefficients_of_each_model(both):
    for brackets, ratios in (("std_error", False), ("interval", False), ("interval", True)):
        shown = cells(both.models(brackets=brackets, ratios=ratios, digits=6).to_csv())
        for label, e in both.results.items():
            ends = e.conf_int()
            for term, value in e.params.items():
                behind = [e.bse[term]] if brackets == "std_error" else ends.loc[term].tolist()
                wanted = np.exp([value, *behind]) if ratios else [value, *behind]
                assert numbers(shown[term][label]) == pytest.approx(list(wanted), rel=2e-5)
    assert shown["intercept"]["within"] == ""
    assert shown["people"] == {"within": "120", "marginal": "120"}
    assert shown["settings"]["marginal"] == "covariates = sex"


def test_every_form_holds_the_same_cells(both, tmp_path):
    table = both.models()
    every = [list(row) for row in (table.columns, *table.rows, *table.foot)]

    class Cells(HTMLParser):
        def handle_data(self, data):
            found.append(data)

    found, reader = [], Cells()
    reader.feed(table.to_html())
    assert {text for row in every for text in row if text} <= set(found)
    assert both._repr_html_() == table.to_html()
    lines = [line for line in table.to_markdown().splitlines() if line.startswith("|")]
    assert len(lines) == len(every) + 1
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    one, two = (table.to_docx(tmp_path / name) for name in ("a.docx", "b.docx"))
    assert one.read_bytes() == two.read_bytes()
    document = Document(str(one))
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == every
    assert [p.text for p in document.paragraphs if p.text] == list(table.notes)
    assert document.core_properties.author == ""


def test_texts_of_users_stay_text():
    e = Estimate(outcome="y", method=HOSTILE, estimate=-1.0, std_error=0.5, n_used=9, n_input=9, notes=(HOSTILE,))
    table = model_table({HOSTILE: e}, brackets="std_error")
    assert "<script" not in table.to_html()
    assert "\u202e" not in table.to_html() + table.to_markdown()
    assert "<script" not in table.to_markdown().replace("\\<", "")
    assert all(
        not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(table.to_csv())) for cell in row
    )


def test_what_a_model_has_not_is_left_empty():
    bounds = Estimate(outcome="y", method="b", set_low=-2.0, set_high=-1.0, interval="bounds")
    bare = Estimate(outcome="y", method="m", estimate=-1.0)
    rows = model_table({"set": bounds, "bare": bare}).rows
    assert rows == (("after - before", "", "\u22121"),)
    with pytest.raises(SpecError, match="IOM-E098"):
        model_table({"bare": bare}, brackets="std_error", ratios=True)
    with pytest.raises(SpecError, match="IOM-E093"):
        model_table({"bare": bare}, brackets="p")
