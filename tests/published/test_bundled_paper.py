"""The bundled paper against its text: what stands in quotation marks is there, and what it tells twice is found."""

import datetime as dt
import re
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from iom_causal.analysis.published.recomputed import recomputed
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.steps import Results
from iom_causal.base import wording
from iom_causal.errors import SpecError
from iom_causal.published.audit.audit import audit
from iom_causal.published.printed import Printed
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.statements import Account, Statement
from iom_causal.published.study import load_published
from iom_causal.report.sections import audit as audit_section
from iom_causal.report.sections import closing, first_page
from iom_causal.report.sections import regression as regression_section

TEXT = Path(__file__).parents[3] / "shared" / "paper" / "sleath-brown-2017.txt"
QUOTES = ("quote", "hedge", "hedges", "category", "label")
"""Fields that hold the paper's own words, on the kinds of records where they do."""
NOT_QUOTED = ("StudyWindow", "Outcome")
"""Records whose labels are the package's own words."""
ROUND = re.compile(r"“([^”]*)”")
needs_text = pytest.mark.skipif(not TEXT.is_file(), reason="the text of the paper is not at hand")


@pytest.fixture(scope="module")
def paper():
    return load_published("sleath-brown-2017")


@pytest.fixture(scope="module")
def findings(paper):
    return audit(paper)


def plain(text):
    """Return text without emphasis, with straight quotes and single spaces, in small letters."""
    return re.sub(r"\s+", " ", re.sub(r"[*$]", "", text).replace("’", "'").replace("–", "-")).lower()


def stands(quotation, text):
    """Whether the parts of a quotation stand in a text in their order, close to one another."""
    parts = [re.escape(plain(part.strip())) for part in re.split(r"\.\.\.|…", quotation)]
    return re.search(".{0,400}?".join(parts), text) is not None


def quoted(record, kind=""):
    """Yield whatever a record holds as the paper's own words."""
    if isinstance(record, str):
        yield from ROUND.findall(record)
    elif isinstance(record, tuple):
        for item in record:
            yield from quoted(item, kind)
    elif is_dataclass(record):
        name = type(record).__name__
        for field in fields(record):
            value = getattr(record, field.name)
            own = (field.name in QUOTES and name not in NOT_QUOTED) or (name, field.name) == ("Theme", "name")
            yield from [v for v in (value if isinstance(value, tuple) else (value,)) if v] if own else quoted(value)


@needs_text
def test_every_quotation_of_the_study_is_in_the_paper(paper):
    text, found = plain(TEXT.read_text(encoding="utf-8")), list(quoted(paper))
    assert len(found) > 60  # claims, hedges, labels, themes, categories and places are all looked at
    assert [q for q in found if not stands(q, text)] == []
    assert not stands("unlikely to account for all", text)  # what stood there once


@needs_text
def test_every_quotation_that_is_printed_about_it_is_in_the_paper(paper, findings):
    text = plain(TEXT.read_text(encoding="utf-8"))
    own = {"effect", "mechanism", "moderators", "implementation", "economics"}  # headings of EMMIE
    shown = (
        [f.text for f in findings] + list(first_page.lead(PublishedTable(study=paper), Results())) + [paper.selection]
    )
    table = PublishedTable(study=paper)
    for section in (closing.limitations(table, Results()), closing.emmie(table, Results())):
        shown += [cell for table in section.tables for row in table.rows for cell in row]
    found = {q for s in shown for q in ROUND.findall(s)} - {
        q for q in ROUND.findall(" ".join(shown)) if q.lower() in own
    }
    assert len(found) > 50
    assert [q for q in found if not stands(q, text)] == []


@needs_text
def test_every_figure_of_the_outcomes_and_the_sample_is_in_the_paper(paper):
    text = plain(TEXT.read_text(encoding="utf-8"))

    def figures(record):
        if isinstance(record, Printed):
            yield record.text.lstrip("-")
        elif isinstance(record, tuple):
            for item in record:
                yield from figures(item)
        elif is_dataclass(record):
            for field in fields(record):
                if field.name not in ("unit", "tails"):  # not of the print
                    yield from figures(getattr(record, field.name))

    found = [*figures(paper.outcomes), *figures(paper.sample), *figures(paper.cited)]
    assert len(found) > 30
    assert [f for f in found if not re.search(rf"(?<![\d.]){re.escape(f)}(?!\d)", text)] == []


@needs_text
def test_who_is_quoted_how_often_is_as_the_study_says(paper):
    text = TEXT.read_text(encoding="utf-8")
    credited = [
        *re.findall(r"[(\[]((?:Police|Probation|Offender)\d+)[,)\]]", text),
        "Probation2",
    ]  # the last is named in the sentence
    assert re.search(r"Probation2 stated that", text)
    by = Counter(re.sub(r"\d", "", who) for who in credited)
    (voices,) = (a for a in paper.accounts if a.name == "whose words are quoted")
    assert voices.statements[1].says == f"{by['Police']} of {by.total()} quotations from them"
    assert {"Offender8", "Probation6"}.isdisjoint(credited)
    assert {f"Offender{k}" for k in range(1, 11)} - set(credited) == {"Offender8"}


@needs_text
def test_the_two_places_on_sub_themes_have_the_numbers_that_are_said(paper):
    text = TEXT.read_text(encoding="utf-8")
    listed = re.search(r"The subthemes were: \*(.*?)\*\s+This was a considerable", text, re.DOTALL).group(1)
    table = text[text.index("Table of Themes") :]
    rows = [int(k) for k in re.findall(r"^(\d+)\t", table, re.MULTILINE)]
    (count,) = (c for c in paper.counts if c.name.startswith("sub-themes"))
    in_text = len(re.split(r", (?:and )?", listed.replace(" and rapport", "")))
    in_table = 27 - 15 - 3  # from row 15 to the first of the challenges; training has four rows
    assert rows == list(range(1, 32))
    assert [s.lowest for s in count.statements] == [in_text, in_table] == [8, 9]


def test_what_the_paper_tells_twice_is_found_with_what_would_reconcile_it(findings):
    told = {f.subject: f for f in findings if f.id.startswith(("stated:", "account:"))}
    differ = {subject for subject, f in told.items() if f.verdict == "inconsistent"}
    assert differ == {
        "probation offender managers interviewed",
        "authors",
        "sub-themes of the offender manager’s role",
        "when probation was reorganised",
        "how long the people interviewed had been supervised",
        "how far the conclusion goes",
    }
    assert told["people interviewed"].computed == "23"
    assert "5 (what the total of 23 leaves beside 8 and 10)" in told["probation offender managers interviewed"].sentence
    for f in told.values():
        assert f.reconcile if f.verdict == "inconsistent" else f.verdict == "consistent" or f.why
        assert wording.violations(f.text) == ()


def test_the_months_between_the_scores_are_counted_rightly():
    first, last = dt.date(2012, 5, 1), dt.date(2013, 10, 31)
    days = [(d2 - d1).days for d1, d2 in product((first, first.replace(day=31)), (last, last.replace(day=1)))]
    assert [round(d / 30.4375) for d in (min(days), max(days))] == [16, 18]


def test_what_is_told_twice_is_a_section_of_its_own_beside_the_check_of_figures(findings):
    figures, told, *_ = audit_section.of_findings(findings)
    assert figures.finding.startswith(
        f"Of {sum(not f.id.startswith('account:') and f.claim is None for f in findings)} checks "
    )
    every = audit_section.of_findings(findings)[-1]
    (file,), many = every.paragraphs, len(every.tables[0].rows)
    parts = [int(n) for n in re.findall(r"\d+", file)]
    assert parts == [len(findings), many, len(told.points), len(findings.claims)]
    assert parts[0] == sum(parts[1:]) == len(findings.tidy())
    assert findings.summary().splitlines()[2].startswith(findings.composition())
    assert findings.composition() in file
    assert not any("“from 0 to 12 months”" in point for point in figures.points)
    assert any("“from 0 to 12 months”" in point for point in told.points)


@pytest.mark.parametrize("account", [Account(name="x", statements=(Statement(quote="a"), Statement(quote="b")))])
def test_two_places_need_what_would_reconcile_them_or_what_they_leave_open(paper, account):
    with pytest.raises(SpecError, match=r"IOM-E096.*account x.*reconcile"):
        replace(paper, accounts=(account,))


def test_a_p_that_is_not_printed_is_marked_wherever_it_is_claimed(findings):
    found = findings["subgroup:women and men"]
    assert found.claimed == "“No significant gender differences”, p > .05 (inferred: no p is printed)"
    assert "p > .05 (inferred: no p is printed) allows" in found.sentence
    assert "inferred" in findings["claim:gender"].sentence
    assert "inferred" not in audit("template")["subgroup:women and men"].text  # where it is printed


def test_both_of_the_reasons_that_are_given_for_london_are_quoted(findings):
    found = findings["claim:diamond-follow-up"]
    assert "6 months shorter" in found.claimed
    assert "may also account" in found.claimed
    assert "explains" not in found.text


def test_emmie_holds_what_is_printed_and_no_verdict_as_a_mechanism(paper):
    rows = dict(closing.emmie(PublishedTable(study=paper), Results()).tables[0].rows)
    for theme in ("lack of training", "Workload/Staffing", "IT systems", "managing confidential information",
                  "communication was easier", "contact levels", "differing approaches"):  # fmt: skip
        assert f"“{theme}”" in rows["“Implementation”"]
        assert f"“{theme}”" not in rows["“Mechanism”"]
    everything = " ".join(rows.values())
    assert "“IOM is effective”" not in everything
    assert "“questioning of effectiveness”" not in everything
    assert "“changes in probation”" in rows["“Moderators”"]
    assert "“importance of engagement”" in rows["“Mechanism”"]


def test_an_unknown_heading_of_a_theme_is_refused(paper):
    with pytest.raises(SpecError, match="emmie"):
        replace(paper.themes[0], emmie="effect")


def test_suggestions_for_research_are_listed(paper):
    section = closing.research(PublishedTable(study=paper))
    assert len(section.points) == len(paper.research) >= 8
    assert any("women" in point for point in section.points)
    assert any("risk measure" in point for point in section.points)
    assert all(wording.violations(point) == () for point in section.points)


def test_the_only_words_on_how_people_got_in_are_on_the_page(paper):
    (section,) = regression_section.section(PublishedTable(study=paper), Results())
    assert "PPO" in section.paragraphs[0]
    assert "HCCU" in section.paragraphs[0]
    assert "is not printed" in section.paragraphs[0]
    assert wording.violations(section.paragraphs[0]) == ()
    assert regression_section.section(PublishedTable(study=replace(paper, selection="")), Results()) == ()


def test_the_age_is_said_to_be_that_at_the_last_recorded_offence(paper):
    cohort = reconstruct(paper, draws=4, rng=1).replicate(0)
    (age,) = (r for r in recomputed(paper, cohort) if "age" in r.statistic)
    assert age.statistic.startswith("age at the last recorded offence: ")
