import subprocess
import sys
from importlib.resources import files

import pytest

from iom_causal.base.schema import build
from iom_causal.base.specs import read_toml
from iom_causal.base.wording import violations
from iom_causal.errors import IomCausalError
from iom_causal.published.audit.audit import audit
from iom_causal.published.study import PublishedStudy, bundled_studies, load_published
from tests.published.audit.studies import described, study
from tests.work import calls

MOST_CALLS = 1_000_000
"""Of the audit, a promise made to users: far less than a second of work. It makes about 160,000."""


@pytest.fixture(scope="module")
def findings():
    return audit(load_published("sleath-brown-2017"))


def test_arrests_effect_size_is_r_squared(findings):
    found = findings["effect-size-kind:arrests"]
    assert found.verdict == "inconsistent"
    assert found.sentence == "The printed .38 equals r squared for t(224) = 11.64 (.377); r itself would be .614."
    assert "r squared" in found.reconcile
    assert "unaffected" in found.neighbour


def test_risk_effect_size_is_r(findings):
    found = findings["effect-size-kind:risk"]
    assert (found.verdict, found.computed) == ("consistent", "r .511")


def test_arrests_is_the_larger_of_the_two(findings):
    found = findings["effect-size-order:arrests and risk"]
    assert found.verdict == "inconsistent"
    assert "the change in arrests is the larger" in found.sentence


def test_implied_correlation(findings):
    found = findings["moments:arrests"]
    assert found.computed == "correlation .531 to .541"
    assert ".532 to .540 with whole-number totals" in found.sentence


def test_whole_number_means_have_no_power(findings):
    totals = {
        "arrests, before": "1,538, 1,539 or 1,540",
        "arrests, after": "812 or 813",
        "risk, before": "74,000 or 74,001",
        "risk, after": "44,620 or 44,621",
        "age": "6,846 or 6,847",
    }
    for subject, shown in totals.items():
        found = findings[f"mean:{subject}"]
        assert (found.verdict, found.computed) == ("uninformative", f"total {shown}")
        assert "agreement says nothing" in found.why


def test_twenty_point_grid(findings):
    found = findings["grid:risk"]
    assert found.computed == "20-point grid, 95 to 1"
    assert "A 40-point grid does not fit" in found.neighbour


def test_completers(findings):
    found = findings["completers:risk"]
    assert found.verdict == "uninformative"
    assert "baseline about 281 to 351, fall 42 to 112" in found.sentence
    assert ".592 SDs" in found.sentence
    assert ".552" in found.sentence
    assert "u3" in found.neighbour


def test_counts_behind_percentages(findings):
    found = findings["breakdown:ethnicity"]
    assert (found.verdict, found.computed) == ("consistent", "192, 21 and 11")
    assert "1 missing to 225" in found.sentence


def test_three_counts_of_probation_managers(findings):
    found = findings["stated:probation offender managers interviewed"]
    assert (found.verdict, found.computed) == ("inconsistent", "5, 6 and at least 7")


def test_gender_statement(findings):
    found = findings["subgroup:women and men"]
    assert found.verdict == "uninformative"
    assert found.computed == "|d| up to .36"
    assert "1.7 before, 1.3 after and 1.5 in the change" in found.sentence
    assert ".51 SD" in found.sentence
    assert "c08" in found.neighbour


def test_exact_intervals_of_shares(findings):
    shown = {f.claimed: f.computed for f in findings if f.check == "a share of a few people"}
    assert shown == {
        "6 of 10": "60%, exact 95% interval 26% to 88%",
        "13 of 16": "81%, exact 95% interval 54% to 96%",
    }


def test_cited_evaluations(findings):
    diamond, bristol = findings["cited-shares:Diamond Initiative"], findings["cited-changes:Bristol"]
    assert diamond.computed == "23,106 to 38,196 people per group"
    assert "-8.3 to 9.9 points" in diamond.sentence
    assert "as few as 33 and 77" in diamond.sentence
    assert "19.1%" in bristol.sentence
    assert {diamond.verdict, bristol.verdict} == {"uninformative"}


def test_claims(findings):
    assert {f.id.removeprefix("claim:"): f.claim for f in findings.claims} == {
        "arrests-label": "not supported",
        "risk-label": "supported",
        "gender": "not checkable",
        "ageing": "supported",
        "diamond-follow-up": "not checkable",
        "programme": "not checkable",
    }
    assert all(f.computed for f in findings.claims)
    assert "tentative" in findings["claim:programme"].neighbour
    assert "35% a year" in findings["claim:ageing"].sentence


def test_the_printed_t_is_never_left_unexplained(findings):
    found = findings["direction:arrests"]
    assert (found.claimed, found.verdict) == ("t = 11.64", "consistent")
    assert "after minus before, the same t is -11.64" in found.sentence
    assert not [f.id for f in findings if "-11.64" in f.text and "after minus before" not in f.text]


def test_only_these_do_not_match(findings):
    assert {f.id for f in findings.of("inconsistent")} == {
        "effect-size-kind:arrests",
        "effect-size-order:arrests and risk",
        "stated:probation offender managers interviewed",
        "stated:authors",
        "stated:sub-themes of the offender manager’s role",
        "account:when probation was reorganised",
        "account:how long the people interviewed had been supervised",
        "account:how far the conclusion goes",
        "claim:arrests-label",
    }


def test_the_table(findings):
    table = findings.tidy()
    assert list(table.columns) == [
        "id", "check", "subject", "verdict", "claimed", "computed", "sentence",
        "why", "reconcile", "neighbour", "source_version", "claim", "reconcilable",
    ]  # fmt: skip
    assert len(table) == len(findings)
    assert set(table["source_version"]) == {"accepted manuscript"}
    assert table["id"].is_unique


def test_text_and_html(findings):
    assert findings.summary() == str(findings)
    assert "the journal version was not compared" in findings.summary()
    page = findings._repr_html_()
    assert page.count("<tr>") == len(findings) + 1
    assert "p &lt; .001" in page


def test_fast():
    paper = load_published("sleath-brown-2017")
    assert calls(lambda: audit(paper)) < MOST_CALLS


def test_imports_stay_light():
    code = """
import sys
from iom_causal.published.audit.audit import audit
from iom_causal.published.study import load_published
audit(load_published("sleath-brown-2017"))
print([m for m in ("pandas", "scipy.stats", "statsmodels", "matplotlib", "pymc", "numba") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_table_with_nothing_else_is_audited():
    assert len(audit(study())) == 0


def test_every_inconsistent_finding_can_be_reconciled():
    found = described(mean="5.19", sd="9.99", low="3", high="7")
    assert found.of("inconsistent")
    for finding in found.of("inconsistent"):
        assert finding.reconcile
        assert finding.neighbour
        assert finding.source_version == "journal version"


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
