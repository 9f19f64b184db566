"""The note of two pages of the paper, sentence by sentence: golden text, but for what was made with what."""

from pathlib import Path

from iom_causal.base import wording
from iom_causal.report import short_report

NOTE = Path(__file__).with_name("note_of_the_paper.txt")
MADE = "How this was made"


def written(note):
    """Return a note as text: the first screen, then every section with its sentences and the captions of its tables."""
    first = note.first
    lines = [f"# {first.question}", *(f"{name}. {text}" for name, text in first.sentences)]
    lines += ["# What to do next", *(f"- {text}" for text in first.then), first.level]
    lines += [f"# {note.title}", note.subtitle, *note.lead]
    for section in note.sections:
        if section.title != MADE:
            lines += [f"# {section.title}", *section.said, *(f"- {text}" for text in section.points)]
            lines += [f"[{table.caption}]" for table in section.tables]
    return "\n".join(lines) + "\n"


def test_the_note_of_the_paper(paper):
    note = short_report.compose(paper.page)
    assert written(note) == NOTE.read_text(encoding="utf-8")
    assert note.sections[-1].title == MADE


def test_every_sentence_of_it_keeps_the_rules():
    titles = [line for line in NOTE.read_text(encoding="utf-8").splitlines() if line.startswith("# The study: ")]
    assert len(titles) == 1
    for line in NOTE.read_text(encoding="utf-8").splitlines():
        if line not in titles:
            assert wording.violations(line.removeprefix("# ")) == (), line
