"""Names that become files: refused where they come in, and again where they are written."""

import os

import pytest

from iom_causal.base.names import check_name, check_names, where_instead
from iom_causal.base.output import MANIFEST, check_target, gathered, write
from iom_causal.confounds.evidence import Evidence, load_evidence
from iom_causal.data.extract_parts import ExtractOutcome
from iom_causal.errors import SpecError
from iom_causal.evaluation import write_cohorts
from iom_causal.protocol.study import load_study
from iom_causal.published.study import load_published
from tests.data.alike import alike

REFUSED = [
    *("", ".", "..", "x/../../../victim/people", "/etc/passwd", "a/b", "drug/alcohol", "a\\b", "..\\x", "C:x", "a..b"),
    *("a\0b", "a\nb", "a\tb", "\x1b[2J", "\x7f", "a\u2028b", "a\ud800"),
    *("a<b", "a>b", 'a"b', "a|b", "a?b", "a*b", "a:b"),
    *("CON", "con", "NUL", "nul.txt", "PRN", "aux", "COM1", "lpt9.csv", "COM\u00b2", "CONIN$"),
    *("ends.", "ends ", " starts", "...", "x" * 81, "\u00e9" * 41),
]
KEPT = [
    "arrests",
    "harm (crime index)",
    "drug and alcohol",
    "d\u00e9lits",
    "\u72af\u7f6a",
    "a-b_c, d & e",
    "x" * 80,
    "=1+1",
    "it's",
    ".x",
]


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_names_that_are_no_part_of_a_files_name_are_refused(name, tmp_path):
    with pytest.raises(SpecError, match="IOM-E090"):
        check_name(name, "outcome")
    inside = name in {"a/b", "drug/alcohol", ""} or len(name) > 40  # files lie in folders, and may be longer
    if not inside:
        with pytest.raises(SpecError, match="IOM-E090"):
            write(tmp_path / "in" / "out", {f"figures/{name}" if "/" in name else name: "x"}, {}, "w")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize("name", KEPT, ids=ascii)
def test_other_names_are_kept_and_written_as_they_are(name, tmp_path):
    check_name(name, "outcome")
    write(tmp_path / "out", {f"SYNTHETIC_{name}.csv": "x"}, {}, "w")
    assert (tmp_path / "out" / f"SYNTHETIC_{name}.csv").read_text() == "x"


@pytest.mark.parametrize("names", [("a", "a"), ("Arrests", "arrests"), ("d\u00e9lits", "de\u0301lits")])
def test_names_of_the_same_file_are_refused(names):
    with pytest.raises(SpecError, match="IOM-E039"):
        check_names(names, "outcomes")
    with pytest.raises(SpecError, match="IOM-E039"):
        gathered({names[0]: "x"}, {names[1]: "x"})


PEOPLE = """
[study]
title = "Ours"
out = "{out}"
[study.extract]
file = "people.csv"
id = "urn"
windows = [{{ label = "before" }}, {{ label = "after", post = true }}]
equal_windows = true
outcomes = [{{ name = {name}, kind = "count", columns = ["pre", "post"] }}]
"""


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ('"x/../../../victim/people"', "report"),
        ('"a\\\\b"', "report"),
        ('"CON"', "report"),
        ('"arrests"', "../victim"),
        ('"arrests"', "/elsewhere"),
        ('"arrests"', "a/../../b"),
    ],
)
def test_a_study_file_names_nothing_outside(tmp_path, name, out):
    file = tmp_path / "study.toml"
    file.write_text(PEOPLE.format(name='"arrests"', out="reports/one"))
    load_study(file)
    file.write_text(PEOPLE.format(name=name, out=out))
    with pytest.raises(SpecError, match="IOM-E090"):
        load_study(file)


def published(tmp_path, name):
    from importlib.resources import files

    text = (files("iom_causal.published") / "studies" / "template.toml").read_text(encoding="utf-8")
    file = tmp_path / "published.toml"
    file.write_text(text.replace('"contacts"', f'"{name}"'), encoding="utf-8")
    return file


def test_a_printed_outcome_does_not_overwrite_a_file_outside(tmp_path):
    victim = tmp_path / "victim" / "people.csv"
    victim.parent.mkdir()
    victim.write_text("mine")
    with pytest.raises(SpecError, match="IOM-E090"):
        write_cohorts(
            load_published(published(tmp_path, "x/../../../victim/people")), draws=1, rng=1, out=tmp_path / "a" / "out"
        )
    assert victim.read_text() == "mine"


def test_an_outcome_does_not_take_the_place_of_the_table_of_chains(tmp_path):
    with pytest.raises(SpecError, match="IOM-E039"):
        write_cohorts(load_published(published(tmp_path, "Chains")), draws=1, rng=1, out=tmp_path / "out")


def test_a_set_of_evidence_names_pictures():
    lines = load_evidence("picked-on-rate").lines
    with pytest.raises(SpecError, match="IOM-E090"):
        Evidence(name="../ours", title="t", about="a", kind="count", lines=lines)
    assert ExtractOutcome(name="../x", kind="count", columns=("a", "b")).name  # refused by the extract that holds it


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_where_a_study_file_would_be_written_is_not_followed(tmp_path):
    from iom_causal.protocol.draft.start import start

    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "study.toml").symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(SpecError, match="IOM-E090"):
        start(tmp_path / "s")
    assert not (tmp_path / "elsewhere.toml").exists()


@pytest.mark.parametrize("out", ["CON", "CON/x", "a*b/x/y", "nul.d/reports"])
@pytest.mark.parametrize("form", ["published", "design", None])
def test_a_folder_that_is_made_on_the_way_has_a_name_on_every_system(tmp_path, out, form):
    from iom_causal.protocol.draft.start import start

    with pytest.raises(SpecError, match=r"IOM-E090: output folder: .* is no part of a file's name"):
        start(tmp_path / out, form=form)
    with pytest.raises(SpecError, match=r"IOM-E090: output folder: .* is no part of a file's name"):
        check_target(tmp_path / out, "w")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_already_is_not_asked_for_its_name(tmp_path):
    (tmp_path / "a: b").mkdir()
    assert check_target(tmp_path / "a: b" / "out", "w") == ()


@pytest.mark.parametrize("out", ["report/", "/report", "a//b", ""])
def test_a_slash_at_an_end_of_out_is_told_as_such(tmp_path, out):
    file = tmp_path / "study.toml"
    file.write_text(PEOPLE.format(name='"arrests"', out=out))
    with pytest.raises(SpecError, match=r"IOM-E090: study: out: expected a folder .* without a slash at either end"):
        load_study(file)


@pytest.mark.parametrize(
    "contents",
    [{"A.txt": "x", "a.txt": "y"}, {MANIFEST: "{}"}, {"Manifest.json": "{}"}, {"a/b.csv": "x", "A/B.csv": "y"}],
)
def test_no_two_files_of_a_folder_have_one_name(tmp_path, contents):
    with pytest.raises(SpecError, match="IOM-E039"):
        write(tmp_path / "out", contents, {}, "w")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("head", ["con", "aux.", "NUL", "long " * 40, "arrests"])
def test_the_name_that_is_guessed_for_an_outcome_is_one(tmp_path, head):
    from iom_causal.protocol.draft.start import start

    rows = "".join(f"p{i},{i % 5},{i % 3}\n" for i in range(12))
    (tmp_path / "people.csv").write_text(f"id,{head} before,{head} after\n{rows}", encoding="utf-8")
    done = start(tmp_path / "s", source=tmp_path / "people.csv")
    (outcome,) = load_study(alike(done.file)).extract.outcomes
    check_name(outcome.name, "outcome")
    assert outcome.name.startswith(head.lower().strip(" .")[:20])


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("stdy.toml", "'study.toml'"),
        ("Study.TOML", "'study.toml'"),
        ("people-17.xlsx", "look at"),  # one digit away from another person's
        ("smith.csv", "look at"),
        ("plan.toml", "look at"),  # a folder is no file
        ("plans", "that is a folder"),
        ("there/study.toml", "there is no folder 'there'"),
    ],
)
def test_a_file_that_is_not_there_names_the_one_that_may_be_meant_and_no_other(tmp_path, typed, shown):
    for name in ("study.toml", "people-16.xlsx", "jones.csv"):
        (tmp_path / name).write_text("")
    (tmp_path / "plans").mkdir()
    said = where_instead(tmp_path / typed)
    assert shown in said
    assert sum(name in said for name in ("study.toml", "people-16.xlsx", "jones.csv")) == (shown == "'study.toml'")
