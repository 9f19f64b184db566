import datetime as dt
from dataclasses import replace
from importlib.resources import files

import pytest

from iom_causal.base.schema import build
from iom_causal.base.specs import read_toml
from iom_causal.base.wording import violations
from iom_causal.errors import InputError, IomCausalError
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.findings import Finding, Findings
from iom_causal.published.statements import Claim
from iom_causal.published.study import PublishedStudy, bundled_studies, load_published


def study(outcomes=None, **parts):
    plain = {"name": "arrests", "kind": "count", "before": {"n": "28"}, "after": {"n": "28"}}
    table = {
        "title": "A study",
        "citation": "Nobody (2000)",
        "source_version": "journal version",
        "sample": {"n": "28"},
        "outcomes": [plain] if outcomes is None else outcomes,
    }
    return build(PublishedStudy, table | parts, "published")


def outcome(**parts):
    return {"name": "arrests", "kind": "count", "before": {"n": "28"}, "after": {"n": "28"}} | parts


def described(**block):
    return audit(study([outcome(before={"n": "28"} | block)]))


def p_value(statistic, value, p, *df, tails="2"):
    test = {"name": "x", "statistic": statistic, "value": value, "df": list(df), "p": p, "tails": tails}
    return audit(study(tests=[test]))["p-value:x"]


# statcheck, tests/testthat/test-error.R
@pytest.mark.parametrize(
    ("statistic", "df", "value", "p", "tails", "verdict"),
    [
        ("t", ["28"], "2.20", ".03", "2", "inconsistent"),
        ("t", ["28"], "2.20", ".036", "2", "consistent"),
        ("t", ["28"], "2.20", ".037", "2", "consistent"),
        ("t", ["28"], "2.2", ".03", "2", "consistent"),
        ("t", ["28"], "2.2", ".04", "2", "consistent"),
        ("t", ["28"], "2.20", ".06", "2", "inconsistent"),
        ("t", ["28"], "1.20", ".03", "2", "inconsistent"),
        ("t", ["28"], "22.20", ".000", "2", "inconsistent"),
        ("t", ["28"], "22.20", "p < .000", "2", "inconsistent"),
        ("t", ["28"], "22.20", "p < .001", "2", "consistent"),
        ("t", ["28"], "-2.20", ".036", "2", "consistent"),
        ("t", ["28"], "2.20", ".018", "1", "consistent"),
        ("t", ["28"], "2.20", ".018", "2", "inconsistent"),
        ("t", ["28"], "2.20", "p < .05", "2", "consistent"),
        ("t", ["28"], "2.20", "p > .05", "2", "inconsistent"),
        ("F", ["2", "28"], "2.20", ".13", "2", "consistent"),
        ("r", ["28"], ".22", ".24", "2", "consistent"),
        ("chi2", ["28"], "22.20", ".77", "2", "consistent"),
        ("z", [], "2.20", ".03", "2", "consistent"),
        ("z", [], "2.20", ".02", "2", "inconsistent"),
    ],
)
def test_p_values(statistic, df, value, p, tails, verdict):
    assert p_value(statistic, value, p, *df, tails=tails).verdict == verdict


# P(T > -1.86) on 18 degrees of freedom is .96035: scipy.stats.t.sf(-1.86, 18)
@pytest.mark.parametrize(
    ("value", "p", "tails", "verdict", "told"),
    [
        ("-1.86", "p = .960", "1", "consistent", "for a test of the other direction; “p = .960” agrees"),
        ("1.86", "p = .960", "1", "consistent", "for a test of the other direction"),
        ("-1.86", "p = .040", "1", "consistent", "from .0393 to .0400; “p = .040” agrees"),
        ("-1.86", "p > .05", "1", "consistent", "for a test of the other direction"),
        ("-1.86", "p = .96", "2", "inconsistent", "does not match"),
        ("-1.86", "p = .500", "1", "inconsistent", "from .0393 to .0400; “p = .500” does not match"),
    ],
)
def test_a_one_sided_p_may_be_of_the_other_direction(value, p, tails, verdict, told):
    found = p_value("t", value, p, "18", tails=tails)
    assert found.verdict == verdict
    assert told in found.sentence
    assert not violations(found.sentence)
    if tails == "2":
        assert "one-sided p-value of the same statistic for a test of the other direction" in found.reconcile


def test_there_is_no_other_direction_of_a_square():
    assert p_value("F", "2.20", ".87", "2", "28", tails="1").verdict == "inconsistent"


def _spread_of(**block):
    n = block.get("n", "7")
    return audit(study([outcome(before=block | {"n": n}, after={"n": n})], sample={"n": n}))["spread:arrests, before"]


def test_an_sd_that_no_set_has_is_not_told_as_possible():
    """Every set of 7 whole numbers from 0 to 4 with both ends was listed: squares of the rest add up to 3, 5 or 9."""
    found = _spread_of(mean="1.00", sd="1.63", low="0", high="4")
    assert (found.verdict, found.computed) == ("inconsistent", "no set of values")
    assert "every set was tried" in found.sentence
    assert "range" in found.reconcile
    assert not violations(found.sentence + found.reconcile)


def test_an_sd_that_some_set_has_can_be_had():
    found = _spread_of(mean="1.00", sd="1.41", low="0", high="4")  # 0 0 0 1 1 1 4 has squares 19, SD 1.414
    assert "7 whole numbers can have an SD that prints as 1.41" in found.sentence
    assert "not ruled out" not in found.sentence


@pytest.mark.parametrize("kind", ["count", "score"])
def test_where_not_every_set_was_tried_it_is_not_ruled_out(kind):
    large = {"n": "225", "mean": "6.84", "sd": "4.75", "low": "0", "high": "23"}
    block = large if kind == "count" else {"n": "7", "mean": "1.00", "sd": "1.63"}  # a score without ends
    found = audit(study([outcome(before=block, after={"n": block["n"]}, kind=kind)]))["spread:arrests, before"]
    assert found.verdict in {"consistent", "uninformative"}
    assert "is not ruled out for" in found.sentence


def test_a_p_without_degrees_of_freedom():
    assert p_value("t", "2.20", ".03").verdict == "uninformative"


@pytest.mark.parametrize(
    "test",
    [
        {"statistic": "t", "value": "2.2", "df": ["2", "28"]},
        {"statistic": "F", "value": "-2.2", "df": ["2", "28"]},
        {"statistic": "r", "value": "1.2", "df": ["28"]},
        {"statistic": "z", "value": "1.2", "tails": "3"},
    ],
)
def test_impossible_tests_are_refused_when_read(test):
    with pytest.raises(InputError, match="IOM-E101"):
        study(tests=[test])


def test_a_p_on_the_other_side_of_the_usual_level_is_said():
    assert "different sides of .05" in p_value("t", "2.20", ".06", "28").sentence
    assert "different sides of .05" in p_value("t", "1.20", ".03", "28").sentence
    assert "different sides" not in p_value("t", "2.20", ".03", "28").sentence


def test_what_reconciles_a_p():
    assert "one-sided" in p_value("t", "2.20", ".018", "28").reconcile
    assert "two-sided" in p_value("t", "2.20", ".036", "28", tails="1").reconcile
    assert "“p < .001” would agree" in p_value("t", "22.20", ".000", "28").reconcile
    assert "t of about 2.29" in p_value("t", "2.20", ".03", "28").reconcile
    assert "agree with p from .1290 to .1302" in p_value("F", "2.20", ".03", "2", "28").reconcile


def test_means_that_whole_numbers_cannot_have():
    found = described(mean="5.19")["mean:arrests, before"]
    assert found.verdict == "inconsistent"
    assert "5.18 and 5.21" in found.reconcile
    assert described(mean="5.18")["mean:arrests, before"].verdict == "consistent"


def test_a_stated_unit_is_used():
    assert described(mean="5.00", unit="5")["mean:arrests, before"].verdict == "consistent"
    assert described(mean="5.11", unit="5")["mean:arrests, before"].verdict == "inconsistent"


def test_spreads_that_whole_numbers_cannot_have():
    # Eight values that add up to 24: their squares add up to an even number of 72 or more.
    passing = {f"{((q - 72) / d) ** 0.5:.2f}" for q in range(72, 120, 2) for d in (7, 8)}
    for hundredths in range(100, 130):
        sd = f"{hundredths / 100:.2f}"
        block = {"n": "8", "mean": "3.00", "sd": sd}
        verdict = audit(study([outcome(before=block)]))["spread:arrests, before"].verdict
        assert verdict == ("consistent" if sd in passing else "inconsistent")


def test_a_range_too_narrow_for_its_spread():
    found = described(mean="5.00", sd="4.00", low="3", high="7")
    assert found["range:arrests, before"].verdict == "inconsistent"
    assert described(mean="9.00", sd="1.00", low="3", high="7")["range:arrests, before"].verdict == "inconsistent"
    assert described(mean="5.00", sd="1.00", low="3", high="7")["range:arrests, before"].verdict == "consistent"


def binary(**block):
    return audit(study([outcome(kind="binary", before={"n": "40"} | block)]))["ones:arrests, before"]


def test_binary_outcomes():
    assert binary(mean="0.30", sd="0.46").verdict == "consistent"
    assert binary(mean="0.30", sd="0.40").verdict == "inconsistent"
    assert binary(mean="0.31").verdict == "inconsistent"
    assert "0.30 and 0.33" in binary(mean="0.31").reconcile
    assert binary(mean="0.3").computed == "10, 11, 12, 13 or 14 of 40"
    assert binary(mean="0.3").verdict == "uninformative"


def paired(t="2.00", df="27", **parts):
    before, after = {"n": "28", "mean": "4.25", "sd": "2.10"}, {"n": "28", "mean": "3.14", "sd": "2.44"}
    test = {"statistic": "t", "value": t, "df": [df]} | parts.pop("test", {})
    top = {"contrast": parts.pop("contrast")} if "contrast" in parts else {}
    return audit(
        study([{"name": "arrests", "kind": "count", "before": before, "after": after, "test": test} | parts], **top)
    )


def test_degrees_of_freedom():
    assert paired()["degrees-of-freedom:arrests"].verdict == "consistent"
    found = paired(df="28")["degrees-of-freedom:arrests"]
    assert (found.verdict, found.reconcile) == ("inconsistent", "28 would belong to 29 pairs.")


def test_direction():
    assert paired()["direction:arrests"].verdict == "consistent"
    assert paired(t="-2.00")["direction:arrests"].verdict == "inconsistent"
    assert paired(t="-2.00", contrast="after_minus_before")["direction:arrests"].verdict == "consistent"


def test_a_t_that_no_correlation_gives():
    assert paired(t="1.10")["moments:arrests"].verdict == "inconsistent"
    assert paired(t="60.00")["moments:arrests"].verdict == "inconsistent"
    assert paired(t="1.40")["moments:arrests"].verdict == "consistent"


def test_moments_of_other_people_are_no_evidence():
    block = {"n": "30", "mean": "4.25", "sd": "2.10"}
    found = paired(before=block)["moments:arrests"]
    assert found.verdict == "uninformative"


def test_interval_against_t():
    # Change 1.11, t 2.00: SE .555, critical 2.0518, so -0.03 to 2.25.
    good = {"mean": "1.11", "low": "-0.03", "high": "2.25"}
    assert paired(change=good)["interval:arrests"].verdict == "consistent"
    found = paired(change={"mean": "1.11", "low": "0.20", "high": "2.02"})["interval:arrests"]
    assert found.verdict == "inconsistent"
    assert "do not agree" in found.sentence
    assert "t of about 2.50" in found.reconcile


@pytest.mark.parametrize(
    ("symbol", "value", "verdict"),
    [
        ("r", ".359", "consistent"),
        ("r_squared", ".13", "consistent"),
        ("r", ".13", "inconsistent"),
        ("dz", "0.38", "consistent"),
        ("d", "0.38", "consistent"),
        ("dav", "0.49", "consistent"),
        ("glass_pre", "0.53", "consistent"),
        ("glass_pre", "0.38", "inconsistent"),
        ("r", ".99", "inconsistent"),
        ("omega", ".10", "uninformative"),
    ],
)
def test_kinds_of_effect_size(symbol, value, verdict):
    found = paired(test={"effect_size": {"symbol": symbol, "value": value}})["effect-size-kind:arrests"]
    assert found.verdict == verdict


def test_none_of_the_kinds_is_said():
    found = paired(test={"effect_size": {"symbol": "r", "value": ".99"}})["effect-size-kind:arrests"]
    assert "matches none of" in found.sentence


def groups(*rows, n="28"):
    rows = [{"variable": "sex"} | row for row in rows]
    return audit(study(sample={"n": n, "groups": rows}))["breakdown:sex"]


def test_breakdowns():
    men, women = {"category": "men", "count": "20"}, {"category": "women", "count": "8"}
    assert groups(men, women).verdict == "consistent"
    assert groups(men, women | {"count": "9"}).verdict == "inconsistent"
    assert groups(men, women | {"count": "7"}, {"category": "?", "count": "1", "missing": True}).verdict == "consistent"
    assert groups(men).verdict == "uninformative"
    assert groups(men, women | {"count": "29"}).verdict == "inconsistent"


def test_percentages_taken_back_to_counts():
    men, women = {"category": "men", "percent": "71.4"}, {"category": "women", "percent": "28.6"}
    assert groups(men, women).computed == "20 and 8"
    assert groups(men | {"percent": "71.0"}, women).verdict == "inconsistent"
    assert groups(men | {"count": "21"}, women).verdict == "inconsistent"


def test_percentages_of_those_known():
    men, women = {"category": "men", "percent": "74.1"}, {"category": "women", "percent": "25.9"}
    assert groups(men, women, {"category": "?", "count": "1", "missing": True}).computed == "20 and 7"


def test_a_count_that_stands_as_a_percentage():
    found = groups({"category": "men", "percent": "20"}, {"category": "women", "percent": "28.6"})
    assert found.verdict == "inconsistent"
    assert "Read as a count, 20 would be 71.4%." in found.reconcile


def test_numbers_stated_in_several_places():
    def stated(*statements):
        return audit(study(counts=[{"name": "x", "statements": list(statements)}]))["stated:x"].verdict

    six = {"says": "methods", "count": "6"}
    assert stated(six, {"quote": "four and two", "parts": ["4", "2"]}) == "consistent"
    assert stated(six, {"quote": "four and three", "parts": ["4", "3"]}) == "inconsistent"
    assert stated(six, {"quote": "Staff6", "at_least": "6"}) == "consistent"
    assert stated(six, {"quote": "Staff7", "at_least": "7"}) == "inconsistent"


def test_a_share_of_more_than_everybody():
    found = audit(study(proportions=[{"name": "x", "count": "7", "n": "5"}]))["share:x"]
    assert found.verdict == "inconsistent"


def cited(first, second):
    arms = [{"label": "a"} | first, {"label": "b"} | second]
    entry = {"name": "x", "measure": "reconviction", "follow_up": "one year", "arms": arms}
    return next(f for f in audit(study(cited=[entry])) if f.check == "a cited evaluation")


def test_cited_shares():
    known = cited({"percent": "31", "n": "100"}, {"percent": "38", "n": "100"})
    assert (known.verdict, known.computed) == ("consistent", "p = .298")
    assert cited({"percent": "31.5", "n": "100"}, {"percent": "38", "n": "100"}).verdict == "inconsistent"
    assert cited({"percent": "40"}, {"percent": "40"}).computed.endswith("no upper limit people per group")
    falling = cited({"change_percent": "-10"}, {"change_percent": "-20"})
    assert "only if" not in falling.sentence


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


def test_a_table_with_nothing_else_is_audited():
    assert len(audit(study())) == 0


def test_every_inconsistent_finding_can_be_reconciled():
    found = described(mean="5.19", sd="9.99", low="3", high="7")
    assert found.of("inconsistent")
    for finding in found.of("inconsistent"):
        assert finding.reconcile
        assert finding.neighbour
        assert finding.source_version == "journal version"


def test_findings_refuse_a_verdict_without_its_reason():
    plain = {"id": "a", "check": "c", "subject": "s", "claimed": "", "computed": "", "sentence": "x"}
    for verdict in ("inconsistent", "uninformative", "odd"):
        with pytest.raises(InputError, match="IOM-E101"):
            Finding(**plain, verdict=verdict)
    good = Finding(**plain, verdict="consistent")
    with pytest.raises(InputError, match="IOM-E101"):
        Findings((good, good))
    with pytest.raises(InputError, match="IOM-E093"):
        Findings((good,))["b"]
    assert Findings((good,))[0] is good
    assert Findings((good,))[:1] == (good,)


def test_nearest_means_are_named():
    # rsprite2: GRIM_test(5.83, 50) gives 5.82 and 5.84.
    found = audit(study([outcome(before={"n": "50", "mean": "5.83"})]))["mean:arrests, before"]
    assert "5.82 and 5.84" in found.reconcile


def without(table, path):
    if len(path) == 1:
        items = {k: v for k, v in _items(table) if k != path[0]}
    else:
        items = {k: without(v, path[1:]) if k == path[0] else v for k, v in _items(table)}
    return list(items.values()) if isinstance(table, list) else items


def _items(table):
    return enumerate(table) if isinstance(table, list) else table.items()


def paths(table, at=()):
    for key, value in _items(table):
        yield (*at, key)
        if isinstance(value, (dict, list)) and key not in {"themes", "limitations"}:
            yield from paths(value, (*at, key))


@pytest.mark.parametrize("name", bundled_studies())
def test_whatever_is_not_printed_the_audit_runs_or_says_what_it_needs(name):
    whole = read_toml(files("iom_causal.published") / "studies" / f"{name}.toml", "published")["published"]
    audited = 0
    for path in list(paths(whole))[::2]:
        try:
            trimmed = build(PublishedStudy, without(whole, path), "published")
        except IomCausalError:
            continue
        for finding in audit(trimmed):
            assert violations(finding.text) == ()
        audited += 1
    assert audited > 40
