"""Papers of ten habits of printing: what is filled in is what they print, and the rest is asked."""

import re
import tomllib
from pathlib import Path

import pytest

from iom_causal.base.specs import read_toml
from iom_causal.data.guesses.questions import is_open
from iom_causal.errors import InputError
from iom_causal.protocol.draft.published import draft_published
from iom_causal.published.reading.paper_text import read_paper
from iom_causal.published.study import load_published
from tests.published.reading import papers

SHARED = Path(__file__).parents[4] / "shared" / "paper" / "sleath-brown-2017.txt"
BUNDLED = Path(__file__).parents[3] / "iom_causal" / "published" / "studies" / "sleath-brown-2017.toml"


def drafted(folder, content, ending="txt"):
    source = folder / f"paper.{ending}"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    draft = draft_published(source, source.name)
    return tomllib.loads(draft.text)["published"], draft.text


def windows(outcome):
    return outcome["before"], outcome["after"]


def test_a_paper_in_the_style_of_psychologists(tmp_path):
    study, text = drafted(tmp_path, papers.APA)
    assert study["sample"]["n"] == "40"
    assert study["sample"]["age"] == {"mean": "24.35", "sd": "4.10", "low": "18", "high": "35"}
    assert [g["count"] for g in study["sample"]["groups"]] == ["30", "10"]
    (outcome,) = study["outcomes"]
    assert (outcome["name"], outcome["kind"]) == ("contacts", "count")
    assert windows(outcome) == (
        {"n": "40", "mean": "4.25", "sd": "2.10"},
        {"n": "40", "mean": "3.13", "sd": "2.44"},
    )
    assert outcome["test"] == {
        "statistic": "t", "value": "2.89", "df": ["39"], "p": "p = .006",
        "effect_size": {"symbol": "dz", "value": "0.46", "label": "small"},
    }  # fmt: skip
    assert [(test["statistic"], test["df"], test["p"]) for test in study["tests"]] == [("F", ["2", "37"], "p = .125")]
    assert study["contrast"] == "before_minus_after"
    assert "doi" not in study
    assert "# line 20: t(99) = 5.00, p < .001" in text
    assert "# line 5: M = 9.99" in text
    assert all("9.99" not in str(part) for part in study.values())


def test_a_pdf_as_it_is_pasted(tmp_path):
    study, text = drafted(tmp_path, papers.PASTED)
    (outcome,) = study["outcomes"]
    assert (outcome["name"], outcome["kind"], study["sample"]["n"]) == ("aggression", "score", "120")
    assert windows(outcome) == (
        {"n": "120", "mean": "21.50", "sd": "6.25"},
        {"n": "120", "mean": "19.25", "sd": "6.75"},
    )
    assert outcome["test"] == {"statistic": "t", "value": "-3.41", "df": ["119"], "p": "p < .001"}
    assert study["contrast"] == "after_minus_before"
    assert "# line 10: t(119) = -3.41, p < .001" in text


def test_decimal_commas(tmp_path):
    study, _ = drafted(tmp_path, papers.COMMAS)
    (outcome,) = study["outcomes"]
    assert windows(outcome) == ({"n": "64", "mean": "5.25", "sd": "2.40"}, {"n": "64", "mean": "4.75", "sd": "2.35"})
    assert outcome["test"] == {"statistic": "t", "value": "2.12", "df": ["63"], "p": "p = .038"}
    assert study["tests"][0]["df"] == ["2", "61"]


def test_a_table_of_bars(tmp_path):
    study, _ = drafted(tmp_path, papers.MARKDOWN, "md")
    arrests, well_being = study["outcomes"]
    assert (arrests["name"], arrests["kind"]) == ("number of arrests", "count")
    assert windows(arrests)[0] == {
        "n": "EDIT: how many people this window's mean is of; or delete the line",
        "mean": "3.42",
        "sd": "1.21",
    }
    assert arrests["test"] == {"statistic": "t", "value": "2.31", "df": ["49"], "p": "p = .025"}
    assert (well_being["test"]["value"], well_being["kind"]) == ("-2.80", "score")
    assert study["contrast"] == "before_minus_after"


def test_a_table_of_spaces(tmp_path):
    study, _ = drafted(tmp_path, papers.COLUMNS)
    offences, contacts = study["outcomes"]
    assert (offences["before"]["mean"], offences["after"]["sd"]) == ("3.42", "1.40")
    assert contacts["test"] == {"statistic": "t", "value": "3.05", "p": "p < .001"}
    assert is_open(contacts["kind"])


def test_what_may_be_read_in_two_ways_is_asked(tmp_path):
    study, text = drafted(tmp_path, papers.UNCLEAR)
    assert study["sample"]["n"].startswith("EDIT: how many people: 30 or 28")
    assert not any("before" in outcome and not is_open(outcome["before"]["mean"]) for outcome in study["outcomes"])
    assert "# line 3: M = 4.25" in text


def test_groups_of_people_are_no_windows(tmp_path):
    study, text = drafted(tmp_path, papers.GROUPS)
    assert is_open(study["outcomes"][0]["before"]["mean"])
    assert "12.10" in text
    assert [(t["value"], "p" in t) for t in study["tests"]] == [("1.32", False)]
    assert "# line 4: 62.5%" in text


@pytest.mark.parametrize("paper", [papers.ARMS, papers.WAVES])
def test_more_groups_or_more_windows_than_two_are_listed_and_not_filled_in(tmp_path, paper):
    study, text = drafted(tmp_path, paper)
    assert all(is_open(side["mean"]) for outcome in study["outcomes"] for side in windows(outcome))
    assert re.search(r"^# line \d+: Arrests \| ", text, flags=re.MULTILINE)
    assert paper is papers.WAVES or "# line 3: M = 6.1" in text


def test_the_words_around_two_means_leave_one_order_or_none(tmp_path):
    asked, _ = drafted(tmp_path, papers.BOTH_WAYS)
    assert all(is_open(side["mean"]) for side in windows(asked["outcomes"][0]))
    told, _ = drafted(tmp_path, papers.FROM_TO)
    assert [side["mean"] for side in windows(told["outcomes"][0])] == ["12.0", "10.0"]


def test_html(tmp_path):
    study, text = drafted(tmp_path, papers.HTML, "html")
    assert (study["title"], study["doi"]) == ("Mentoring and contacts", "10.1000/mentoring.1")
    assert study["source_version"] == "accepted manuscript"
    satisfaction, contacts = sorted(study["outcomes"], key=lambda o: o["name"], reverse=True)
    assert windows(contacts) == ({"n": "40", "mean": "4.25", "sd": "2.10"}, {"n": "40", "mean": "3.13", "sd": "2.44"})
    assert contacts["test"] == {"statistic": "t", "value": "2.89", "df": ["39"], "p": "p = .006"}
    assert windows(satisfaction)[1] == {"n": "40", "mean": "7.90", "sd": "1.80"}
    assert satisfaction["test"] == {"statistic": "t", "value": "-2.50", "df": ["39"], "p": "p = .017"}
    assert "eta" not in str(study)
    assert "# line 10: Contacts | 4.25 (2.10)" in text


def test_html_with_a_head_of_two_rows_and_a_test_in_the_text(tmp_path):
    study, _ = drafted(tmp_path, papers.HTML_TWO_HEADS, "htm")
    (arrests,) = study["outcomes"]
    assert (arrests["before"]["mean"], arrests["after"]["mean"], arrests["after"]["sd"]) == ("6.10", "5.40", "2.60")
    assert (arrests["test"]["value"], study["sample"]["n"]) == ("2.20", "60")
    assert "tests" not in study


def test_word(tmp_path):
    study, text = drafted(tmp_path, papers.word(), "docx")
    assert study["title"] == "Mentoring, again"
    risk, offences = study["outcomes"]
    assert study["sample"]["n"] == "40"
    assert windows(risk) == ({"n": "40", "mean": "51.20", "sd": "9.80"}, {"n": "40", "mean": "47.35", "sd": "10.15"})
    assert risk["test"]["effect_size"] == {"symbol": "d", "value": "0.36"}
    assert windows(offences) == ({"mean": "3.10", "sd": "1.50"}, {"mean": "2.60", "sd": "1.70"})
    assert "# table 1, row 2: Offences" in text


def test_a_text_without_figures_asks_for_all_of_them(tmp_path):
    study, _ = drafted(tmp_path, "Nothing is counted here.\n")
    assert is_open(study["sample"]["n"])
    assert is_open(study["outcomes"][0]["before"]["mean"])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("paper.pdf", b"%PDF-1.7", "IOM-E015"),
        ("paper.txt", b"%PDF-1.7", "IOM-E015"),
        ("paper.doc", b"\xd0\xcf", "IOM-E015"),
        ("paper.docx", b"not a zip", "IOM-E004"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=code) as refused:
        read_paper(tmp_path / name)
    assert "save it" in refused.value.message


# The bundled paper


def keys(table, path=()):
    """Every key of a table with its value; rows of a list by their number."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from keys(value, (*path, key))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for k, row in enumerate(value):
                yield from keys(row, (*path, key, k))
        else:
            yield (*path, key), value


@pytest.mark.skipif(not SHARED.is_file(), reason="the text of the paper is not at hand")
def test_the_bundled_paper_is_read_as_it_was_typed():
    draft = draft_published(SHARED, "paper.txt")
    typed = dict(keys(read_toml(BUNDLED)["published"]))
    read = dict(keys(tomllib.loads(draft.text)["published"]))
    printed = {k for k in typed if k[0] in {"sample", "outcomes", "doi", "contrast", "source_version"}}
    filled = {k for k, value in read.items() if not is_open(value)} - {("text",)}
    assert {k for k in filled if read[k] != typed.get(k)} == set()
    assert len(filled) >= 55
    not_found = {k[-1] for k in printed - filled}
    assert not_found <= {"unit", "age_at", "variable", "category", "count", "missing", "label", "limitation"}
    assert draft.found >= 33
    for figure in ("42.4%", "41.6%", "67%", "15.8%", "13 of the 16"):
        assert f": {figure}" in draft.text


@pytest.mark.skipif(not SHARED.is_file(), reason="the text of the paper is not at hand")
def test_the_draft_of_the_bundled_paper_is_a_study_once_it_is_filled_in(tmp_path):
    text = draft_published(SHARED, "paper.txt").text
    lines = [line if "EDIT" not in line else f'{line.split(" = ")[0]} = "ours"' for line in text.splitlines()]
    (tmp_path / "published.toml").write_text("\n".join(lines), encoding="utf-8")
    study = load_published(tmp_path / "published.toml")
    assert (study.outcome("risk").pairs, study.folder) == (187, tmp_path)
