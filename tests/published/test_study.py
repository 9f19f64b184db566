import datetime as dt

import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.published.study import PublishedStudy, bundled_studies, load_published

SMALL = """
[published]
title = "A study"
citation = "Nobody (2000)"
source_version = "journal version"
{top}

[published.sample]
n = "20"

[[published.outcomes]]
name = "contacts"
kind = "count"
{outcome}

[published.outcomes.before]
n = "20"
mean = "4.25"
sd = "2.10"
{before}

[published.outcomes.after]
n = "20"
mean = "3.10"
sd = "2.44"

[published.outcomes.test]
statistic = "t"
value = "2.00"
df = ["19"]
"""


@pytest.fixture
def write(tmp_path):
    def _write(**parts):
        path = tmp_path / "study.toml"
        text = SMALL.format(**({"top": "", "outcome": "", "before": ""} | parts)) + parts.get("end", "")
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def test_a_file_of_ones_own(write):
    study = load_published(write())
    assert isinstance(study, PublishedStudy)
    assert study["contacts"].n == 20
    assert study["contacts"].t == -2.0
    assert load_published(str(write())) == study


def test_a_rise_keeps_its_sign_whatever_the_contrast(write):
    path = write(top='contrast = "after_minus_before"')
    assert load_published(path)["contacts"].t == -2.0


def test_a_bare_number_is_refused_with_its_place(write):
    with pytest.raises(InputError, match=r"IOM-E100: published.outcomes\[1\].before.low: .*loses its decimals"):
        load_published(write(before="low = 3"))


def test_unknown_keys_name_the_nearest(write):
    with pytest.raises(SpecError, match=r"IOM-E093.*outcomes\[1\].*'labl'.*did you mean 'label'"):
        load_published(write(outcome='labl = "x"'))
    with pytest.raises(SpecError, match=r"IOM-E093.*'hedge'.*did you mean 'hedges'"):
        load_published(write(top='hedge = "x"'))


def test_required_keys(write, tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(write().read_text().replace('source_version = "journal version"', ""))
    with pytest.raises(SpecError, match=r"IOM-E096.*source_version"):
        load_published(path)
    path.write_text(write().read_text().replace("journal version", " "))
    with pytest.raises(SpecError, match=r"IOM-E096.*which text was read"):
        load_published(path)


def test_the_wrong_kind_of_file_is_named(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("[design]\nx = 1\n")
    with pytest.raises(SpecError, match=r"IOM-E095.*\[published\].*\[design\]"):
        load_published(path)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"top": 'contrast = "sideways"'}, "IOM-E093"),
        ({"top": 'hedges = "tentative"'}, "IOM-E092.*a list"),
        ({"top": "invented = 1"}, "IOM-E092.*true or false"),
        ({"top": "windows = 3"}, r"IOM-E092.*\[\[published.windows\]\]"),
        ({"before": 'low = "9"\nhigh = "3"'}, "IOM-E101.*exchange"),
        ({"before": 'unit = "0"'}, "IOM-E101.*unit"),
        ({"before": 'low = "-2"'}, None),
        (
            {"end": '[[published.outcomes]]\nname = "contacts"\nkind = "count"\nbefore = {}\nafter = {}'},
            "IOM-E039.*twice",
        ),
        ({"end": '[[published.tests]]\nstatistic = "q"\nvalue = "1"'}, "IOM-E093.*'q'"),
        ({"end": '[[published.claims]]\nid = "a"\nrests_on = "labels"'}, "IOM-E093.*'label'"),
        ({"end": '[[published.claims]]\nid = "a"\nrests_on = "label"\nsubject = "contact"'}, "IOM-E093.*'contacts'"),
        (
            {"end": '[[published.windows]]\nlabel = "b"\nstart = 2000-01-01\nend = 2001-01-01\npost = false'},
            "IOM-E096.*index_date",
        ),
        (
            {
                "top": "index_date = 2000-06-01",
                "end": '[[published.windows]]\nlabel = "b"\nstart = 2001-01-01\nend = 2001-01-01\npost = false',
            },
            "IOM-E042",
        ),
    ],
)
def test_contradictions_of_form_are_refused(write, parts, code):
    path = write(**parts)
    if code is None:
        load_published(path)
        return
    with pytest.raises((SpecError, InputError), match=code):
        load_published(path)


def test_an_unknown_name_lists_the_names():
    with pytest.raises(SpecError, match=r"IOM-E093.*sleath-brown-2017, template"):
        load_published("sleath-brown")
    assert bundled_studies() == ("sleath-brown-2017", "template")


def test_an_absent_file_is_said_to_be_absent(tmp_path):
    with pytest.raises(SpecError, match=r"IOM-E096.*none.toml"):
        load_published(tmp_path / "none.toml")


def test_the_paper_is_whole():
    paper = load_published("sleath-brown-2017")
    assert paper.source_version == "accepted manuscript"
    assert [o.name for o in paper.outcomes] == ["arrests", "risk"]
    assert {item.id for item in paper.limitations} == {f"c{k:02}" for k in range(1, 13)} | {
        f"u{k}" for k in range(1, 8)
    }
    assert len(paper.themes) == 31
    assert {c.name for c in paper.cited} == {"Diamond Initiative", "Bristol"}
    assert {key for theme in paper.themes for key in theme.bears_on} <= {item.id for item in paper.limitations}
    assert paper.index_date == dt.date(2012, 5, 1)


def test_moments_of_the_paper():
    paper = load_published("sleath-brown-2017")
    arrests, risk = paper["arrests"], paper["risk"]
    assert (arrests.n, arrests.mean_pre, arrests.sd_pre, arrests.mean_post, arrests.sd_post) == (
        225,
        6.84,
        4.75,
        3.61,
        3.66,
    )
    assert arrests.t == -11.64
    assert arrests.r == pytest.approx(0.5359, abs=5e-5)  # (s1^2 + s2^2 - s_d^2) / (2 s1 s2), by hand to 4 places
    assert [(w.start, w.end) for w in arrests.windows] == [(-547, 0), (0, 549)]
    assert (arrests.range_pre, arrests.range_post, arrests.age_range) == ((0, 23), (0, 15), (13, 60))
    assert (risk.n, risk.n_input, risk.mean_pre, risk.mean_pre_input) == (187, 225, None, 328.89)
    assert (risk.t, risk.r, risk.mean_post) == (-8.10, None, 238.61)
    assert paper.years_apart == pytest.approx(548 / 365.25)


def test_unknown_outcomes_name_the_nearest():
    with pytest.raises(SpecError, match=r"IOM-E093.*did you mean 'arrests'"):
        load_published("sleath-brown-2017")["arrest"]


def test_without_pairs_there_are_no_moments(write, tmp_path):
    path = tmp_path / "x.toml"
    text = write().read_text().split("[published.outcomes.test]")[0].replace('n = "20"\nmean = "3.10"', 'mean = "3.10"')
    path.write_text(text)
    with pytest.raises(InputError, match=r"IOM-E112.*test.n"):
        load_published(path)["contacts"]
