"""Whole studies whose title, names, labels and groups are code to a browser: their pages stay text."""

import json

import numpy as np
import pandas as pd
import pytest

from iom_causal.evaluation import evaluate
from iom_causal.report.render import html

pytestmark = pytest.mark.browser

TAGS = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' autofocus onfocus='alert(1)")
NAMES = ("{{7-7}}", "&lt;b&gt;", "-2+3")
"""What an outcome may be called: names of files hold none of the marks of HTML."""
STUDY = """[study]
title = {text}
programme = {text}
people = {text}
selection = {{ variable = {name}, windows = [{text}], rule = "at_least", threshold = 2, timing = "at_boundary" }}
[study.extract]
file = "people.csv"
id = "id"
group = "group"
managed = [{text}]
windows = [ {{ label = {text}, months = 12 }}, {{ label = {after}, months = 12, post = true }} ]
outcomes = [ {{ name = {name}, kind = "count", columns = ["before", "after"] }} ]
"""


def page(folder, text, name):
    """Return the page of a study of invented people with one text for its title, its groups and its windows."""
    rng = np.random.default_rng(5)
    rates = rng.gamma(2.0, 2.0, 300)
    people = pd.DataFrame({"id": range(300), "before": rng.poisson(rates), "after": rng.poisson(0.8 * rates)})
    people["group"] = np.where(people.before >= 2, text, f"{text} no")
    people.to_csv(folder / "people.csv", index=False)
    texts = {"text": json.dumps(text), "after": json.dumps(f"{text} later"), "name": json.dumps(name)}
    (folder / "study.toml").write_text(STUDY.format(**texts), encoding="utf-8")
    return evaluate(folder / "study.toml", quick=True).page


def shown(seen):
    """Return the elements of a page, with its ledger moved and its folded parts open; marks behind figures left out.

    A figure in a name may bear such a mark: each is a link within the page.
    """
    seen.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    seen.page.locator("input").evaluate_all(
        "e => e.forEach(i => { i.value = i.max; i.dispatchEvent(new Event('input')); })"
    )
    links = seen.page.locator("a").evaluate_all("e => e.map(a => a.getAttribute('href'))")
    assert all(link.startswith("#") for link in links)
    tags = seen.page.evaluate("[...document.querySelectorAll('*')].map(e => e.tagName)")
    return [tag for tag in tags if tag not in {"SUP", "A"}]


@pytest.mark.parametrize(("text", "name"), list(zip(TAGS, NAMES, strict=True)))
@pytest.mark.usefixtures("without_null_calibration")
def test_a_study_of_code_is_a_page_of_text(visit, tmp_path, text, name):
    file = tmp_path / "report.html"
    found = {}
    for kind, texts in {"plain": ("plain words", "arrests"), "code": (text, name)}.items():
        made = page(tmp_path, *texts)
        assert any(section.live for section in made.sections)
        file.write_text(html.render(made), encoding="utf-8")
        seen = visit(file)
        found[kind] = shown(seen)
        assert seen.quiet(file), (seen.requests, seen.complaints)
    assert found["code"] == found["plain"]
    assert text in seen.page.locator("main").text_content()
