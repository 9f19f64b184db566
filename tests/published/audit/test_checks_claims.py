"""Checks of what the text claims of its figures."""

import datetime as dt
from dataclasses import replace

from iom_causal.published.audit.audit import audit
from iom_causal.published.statements import Claim
from iom_causal.published.study import load_published
from tests.published.audit.studies import outcome, study


def claim(rests_on, effect=None, **parts):
    windows = [
        {"label": "before", "start": dt.date(1999, 1, 1), "end": dt.date(2000, 1, 1), "post": False},
        {"label": "after", "start": dt.date(2000, 1, 1), "end": dt.date(2001, 1, 1), "post": True},
    ]
    test = {"statistic": "t", "value": "2.00", "df": ["27"]} | ({"effect_size": effect} if effect else {})
    before, after = {"n": "28", "mean": "4.25", "sd": "2.10"}, {"n": "28", "mean": "3.14", "sd": "2.44"}
    own = {"id": "x", "rests_on": rests_on, "says": "so it is"} | parts
    outcomes = [outcome(before=before, after=after, test=test)]
    return audit(study(outcomes, claims=[own], index_date=dt.date(2000, 1, 1), windows=windows))["claim:x"]


def test_claims():
    effect = {"symbol": "r", "value": ".36", "label": "medium"}
    assert claim("label", subject="arrests", effect=effect).claim == "supported"
    assert claim("label", subject="arrests", effect=effect | {"label": "large"}).claim == "not supported"
    assert claim("label", subject="arrests").claim == "not checkable"
    assert claim("order", subject="arrests", effect=effect).claim == "not checkable"
    assert claim("ageing", subject="arrests").claim == "not checkable"
    assert claim("ageing", subject="arrests", benchmark=".90").claim == "supported"
    assert claim("ageing", subject="arrests", benchmark=".60").claim == "not supported"
    assert claim("programme").claim == "not checkable"
    assert claim("other").claim == "not checkable"


def test_the_larger_of_two():
    paper = load_published("sleath-brown-2017")
    for subject, status in (("arrests", "supported"), ("risk", "not supported")):
        own = Claim(id="o", rests_on="order", subject=subject, says="larger")
        assert audit(replace(paper, claims=(own,)))["claim:o"].claim == status
