"""Quotations and numbers of a file against the text of the work that it names."""

from dataclasses import replace
from pathlib import Path

import pytest

from iom_causal.base.wording import violations
from iom_causal.errors import InputError, SpecError
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.checks_text import NUMBERS, QUOTATIONS, numbers, quotations, text_of_the_work
from iom_causal.published.study import load_published
from tests.published.audit.studies import outcome, study

SHARED = Path(__file__).parents[4] / "shared" / "paper" / "sleath-brown-2017.txt"
TEXT = """Twenty-eight people took part. Contacts fell from M = 4.25 (SD = 2.10) to
M = 3.14 (SD = 2.44), t(27) = 2.00. The ﬁrst authors’ view is that “mentoring is likely
to help”, and that the follow-
up was short. Of all people 30% had work before and 42.5% after.
"""


def looked_up(folder, *, text=TEXT, parts=None, **of_outcome):
    (folder / "paper.txt").write_text(text, encoding="utf-8")
    made = study([outcome(**of_outcome)], text="paper.txt", **(parts or {}))
    return list(text_of_the_work(replace(made, folder=folder)))


def claim(quote):
    return {"claims": [{"id": "help", "rests_on": "other", "quote": quote}]}


def only(findings, check, verdict):
    return [f for f in findings if f.check == check and f.verdict == verdict]


@pytest.mark.parametrize(
    "quote",
    [
        "mentoring is likely to help",
        "Mentoring   is likely to help",
        "the follow-up was short",
        "the followup was short",
        "authors' view is that ... the follow-up was short",
        "The first authors' view",
    ],
)
def test_a_quotation_is_found_whatever_its_spaces_hyphens_and_marks(tmp_path, quote):
    assert only(looked_up(tmp_path, parts=claim(quote)), QUOTATIONS, "inconsistent") == []


def test_a_quotation_that_is_not_there_has_its_nearest_place(tmp_path):
    findings = looked_up(tmp_path, parts=claim("mentoring is sure to help"))
    (missing,) = only(findings, QUOTATIONS, "inconsistent")
    assert missing.subject == "claims.help.quote"
    assert "at line 2, are “mentoring is likely to help" in missing.reconcile
    assert violations(missing.text) == ()


def test_one_of_which_nothing_is_near_says_so(tmp_path):
    (missing,) = only(looked_up(tmp_path, parts=claim("quite other words altogether")), QUOTATIONS, "inconsistent")
    assert missing.reconcile.startswith("No place in it comes near")


def test_words_in_round_quotation_marks_are_quotations_wherever_they_stand(tmp_path):
    findings = looked_up(tmp_path, parts={"selection": "as “the follow-up was long” says"})
    assert [f.subject for f in only(findings, QUOTATIONS, "inconsistent")] == ["selection"]


def test_numbers_that_stand_there_are_counted_and_one_that_does_not_has_the_one_most_like_it(tmp_path):
    before, after = {"n": "28", "mean": "4.25", "sd": "2.10"}, {"n": "28", "mean": "3.41", "sd": "2.44"}
    test = {"statistic": "t", "value": "-2.00", "df": ["27"]}
    findings = looked_up(tmp_path, before=before, after=after, test=test)
    (missing,) = only(findings, NUMBERS, "inconsistent")
    assert (missing.subject, missing.claimed) == ("outcomes.arrests.after.mean", "3.41")
    assert missing.reconcile == "The number most like it, 3.14, stands at line 2."
    (there,) = only(findings, NUMBERS, "consistent")
    assert there.sentence == "8 numbers of 9 of the file stand in the text."
    assert violations(missing.text) == violations(there.text) == ()


@pytest.mark.parametrize(("mean", "missing"), [("0.30", 0), (".425", 0), ("0.31", 1)])
def test_a_proportion_may_be_printed_as_a_percentage(tmp_path, mean, missing):
    findings = looked_up(tmp_path, kind="binary", before={"mean": mean}, after={})
    assert len(only(findings, NUMBERS, "inconsistent")) == missing


def test_a_number_is_looked_up_whole(tmp_path):
    findings = looked_up(tmp_path, before={"mean": "4.2"}, after={"mean": "14.25"})
    assert [f.claimed for f in only(findings, NUMBERS, "inconsistent")] == ["4.2", "14.25"]


def test_without_a_text_nothing_is_looked_up():
    assert list(text_of_the_work(study())) == []


def test_a_text_that_is_not_there_or_not_read_is_refused(tmp_path):
    with pytest.raises(SpecError, match=r"IOM-E096.*found no file 'paper.txt'"):
        audit(replace(study(text="paper.txt"), folder=tmp_path))
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError, match="IOM-E015"):
        audit(replace(study(text="paper.pdf"), folder=tmp_path))


@pytest.mark.skipif(not SHARED.is_file(), reason="the text of the paper is not at hand")
def test_the_bundled_paper_stands_in_its_text():
    paper = replace(load_published("sleath-brown-2017"), text=SHARED.name, folder=SHARED.parent)
    findings = list(text_of_the_work(paper))
    assert [f.verdict for f in findings] == ["consistent", "consistent"]
    assert len(list(quotations(paper))) > 70
    assert len(list(numbers(paper.outcomes, "outcomes"))) > 25
    other = replace(paper, hedges=("tentative", "unlikely to account for all"))
    assert [f.claimed for f in text_of_the_work(other) if f.verdict == "inconsistent"] == [
        "“unlikely to account for all”"
    ]
