import re

import pytest

from iom_causal.base import wording
from iom_causal.base.formats import bounded, counted, fixed, listed, outward, p_text
from iom_causal.published.audit.audit import audit
from iom_causal.published.study import bundled_studies, load_published

ATTRIBUTION = re.compile(r"\b(att|average treatment)\b", re.IGNORECASE)
THEMES = {theme.name for theme in load_published("sleath-brown-2017").themes}


def rows():
    return [(name, finding) for name in bundled_studies() for finding in audit(load_published(name))]


@pytest.fixture(params=rows(), ids=lambda row: f"{row[0]}-{row[1].id}")
def row(request):
    return request.param


def test_nothing_banned_is_said(row):
    _, finding = row
    for text in (finding.text, finding.computed, finding.check):
        assert wording.violations(text) == ()


def test_the_version_read_goes_with_every_finding(row):
    name, finding = row
    assert finding.source_version == load_published(name).source_version


def test_inconsistent_is_never_bare(row):
    _, finding = row
    if finding.verdict == "inconsistent":
        assert finding.reconcile
        assert finding.neighbour
    if finding.verdict == "uninformative":
        assert finding.why


def test_a_reading_has_its_figure_and_its_fair_neighbour(row):
    _, finding = row
    if finding.claim is not None:
        assert finding.computed
    if (
        finding.id in {"claim:programme", "claim:ageing", "claim:gender", "claim:diamond-follow-up"}
        and row[0] != "template"
    ):
        assert "The authors name this limitation" in finding.neighbour


def test_open_questions_are_not_null_results(row):
    _, finding = row
    if "do not settle" in finding.sentence:
        assert "this should not be taken to mean that the programme fails to" in finding.sentence


def test_nobody_is_named_or_hinted_at(row):
    _, finding = row
    assert not re.search(r"\b(constabulary|police force|West Midlands|Coventry|Birmingham)\b", finding.text)


def test_themes_stay_in_their_own_paper(row):
    name, finding = row
    if name != "sleath-brown-2017":
        assert not any(theme in finding.text for theme in THEMES)


@pytest.mark.parametrize("name", bundled_studies())
def test_version_line(name):
    study = load_published(name)
    line = audit(study).version
    if study.invented:
        assert "nobody conducted this study" in line
    else:
        assert line == "Figures as printed in the accepted manuscript; the journal version was not compared."


@pytest.mark.parametrize(
    "text",
    [
        "This is an error.",
        "The figure is wrong.",
        "It was misreported.",
        "The analysis is flawed and misleading.",
        "A mistake in the table.",
        "The programme worked.",
        "IOM reduced arrests.",
        "The effect is large.",
        "There was an impact on arrests.",
        "The fall is due to supervision.",
        "It prevented 727 arrests.",
        "There was no effect.",
        "The programme failed.",
        "The change is not significant.",
        "The offenders were managed.",
    ],
)
def test_what_is_banned_is_found(text):
    assert wording.violations(text)


@pytest.mark.parametrize(
    "text",
    [
        "The printed effect size is .38; effect sizes are listed below.",
        "The authors write “suggest that the impact is effective”.",
        "The standard error is .06.",
        "The measurement error of the score is not printed.",
        "The simulation error is .4 points.",
        wording.not_settled("whether arrests fell", "help people"),
        wording.NULL_WORLDS,
        wording.NULL_WORLDS_OF_PEOPLE,
        "The programme is not shown to be effective or otherwise.",
        "5 probation offender managers were interviewed.",
    ],
)
def test_what_is_allowed_passes(text):
    assert wording.violations(text) == ()


PHRASES = [
    wording.WITHOUT_PROGRAMME,
    wording.REBUILT,
    wording.NULL_WORLDS,
    wording.AS_PUBLISHED,
    wording.UNAFFECTED,
    wording.UNKNOWN_ORIGIN,
    wording.SIMULATED,
    wording.SIMULATED_STUDIES,
    wording.beliefs_sentence("The remainder", {"a": "1", "b": "2", "c": "3"}),
    wording.both_directions(["ageing"], ["detection"]),
    wording.not_settled("whether", "help"),
    wording.version_line("journal version", journal_compared=True),
    wording.named_limitation("u1", "regression to the mean", by_authors=False),
]


@pytest.mark.parametrize("text", PHRASES)
def test_standing_phrases_keep_the_rules(text):
    assert wording.violations(text) == ()


def test_beliefs_are_shown_over_three_evidence_sets():
    with pytest.raises(ValueError, match="at least three"):
        wording.beliefs_sentence("The remainder", {"a": "1", "b": "2"})


def test_rebuilt_and_null_worlds_end_as_agreed():
    assert wording.REBUILT.endswith("these are not the people")
    assert wording.NULL_WORLDS.endswith("cannot tell these from worlds with an effect")


def test_numbers_in_text():
    assert fixed(-0.001) == "0.00"
    assert fixed(1234.5, 1) == "1,234.5"
    assert bounded(-0.038, 2) == "-.04"
    assert outward(-0.031, 0.031, 2) == "-0.04 to 0.04"
    assert outward(0.1, 0.3, 1) == "0.1 to 0.3"
    assert outward(2.0, float("inf"), 1) == "2.0 to no upper limit"
    assert p_text(0.0499) == "p = .050"
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert counted(2, "[person|people]") == "2 people"
