"""First draft of a [published] file from the text of a paper: what was found, where it goes, and what is asked."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from iom_causal.base.formats import counted
from iom_causal.base.specs import toml_value
from iom_causal.data.guesses.questions import EDIT, Question, open_questions
from iom_causal.errors import SpecError, echo
from iom_causal.protocol.draft.started import Started, as_seen_from, asked_of, free, put, typed
from iom_causal.published.reading.answers import Answer, Found, Section
from iom_causal.published.reading.assembled import Reading, reading
from iom_causal.published.reading.paper_text import read_paper

_LONGEST = 110
"""Characters of a candidate that are shown."""


class PublishedDraft(NamedTuple):
    """Draft of a [published] file.

    Attributes
    ----------
    text : str
        The file.
    found : int
        Figures found in the paper.
    filled : int
        Keys that stand as they were read.
    questions : tuple of Question
        What is left to be filled in.
    """

    text: str
    found: int
    filled: int
    questions: tuple[Question, ...]


def start_published(folder: Path, source: Path) -> Started:
    """Write the draft of a [published] file into a folder, never over another.

    Raises
    ------
    SpecError
        IOM-E090 when there is such a file already, IOM-E096 for a folder in place of a text.
    InputError
        What `read_paper` refuses.
    """
    if source.is_dir():
        raise SpecError("IOM-E096", f"{echo(source.name)} is a folder; name the file in it")
    target = free(folder, "published.toml")
    draft = draft_published(source, as_seen_from(folder, source))
    put(target, draft.text.encode())
    keys = counted(draft.filled, "[key is|keys are]")
    understood = (
        f"Found {counted(draft.found, '[figure|figures]')} in the text, with their places; {keys} filled in.",
    )
    steps = (
        "Look at every line: what is filled in is the one reading that the text leaves.",
        *asked_of(target, draft.questions),
        f"Then run: iom-causal audit {typed(target)}",
        f"Then: iom-causal evaluate {typed(target)}",
    )
    return Started(target, (), tuple(q.key for q in draft.questions), draft.questions, understood, steps)


def draft_published(source: Path, text: str) -> PublishedDraft:
    """Return the draft of a [published] file from the text of a paper.

    Parameters
    ----------
    source : Path
        The text: txt, html or docx.
    text : str
        The same as the file will name it.

    Raises
    ------
    InputError
        What `read_paper` refuses.
    """
    return written(reading(read_paper(source)), text)


def written(made: Reading, text: str) -> PublishedDraft:
    """Return a reading as a draft.

    Examples
    --------
    >>> made = Reading((Section("[published.sample]", {"n": Answer(ask="how many people")}),), 0)
    >>> print(written(made, "paper.txt").text.splitlines()[-1])
    n = "EDIT: how many people"
    """
    head, *others = made.sections
    outcomes = any(section.head == "[[published.outcomes]]" and section.keys for section in others)
    lines = [*_OPENING, *_section(head), *(_beside(text) if head.head == "[published]" else ())]
    asked = others if outcomes or head.head != "[published]" else [*others, *_NO_OUTCOME]
    for section in asked:
        lines += ["", *_section(section)]
    whole = "\n".join([*lines, ""])
    filled = sum(bool(answer.value) for section in (head, *asked) for answer in section.keys.values())
    return PublishedDraft(whole, made.places, filled, open_questions(tomllib.loads(whole)["published"]))


_OPENING = (
    f"# A published evaluation, drafted from the text of its paper. Look at every line, fill in what says {EDIT},",
    "# and delete what the paper does not print. Then:",
    "#",
    "#     iom-causal audit published.toml",
    "#",
    '# Every number is text in quotation marks, exactly as printed: "6.80" and "6.8" are different prints. Lines that',
    "# start with # are not read; those with a place say what stands there in the text. What else a file can hold:",
    "# iom-causal init FOLDER --published writes an invented study with every part of the form.",
    "",
)
_NO_OUTCOME = (
    Section(
        "[[published.outcomes]]",
        {
            "name": Answer(ask="a short name of the outcome, such as arrests"),
            "kind": Answer(ask="count, score or binary"),
        },
    ),
    Section("[published.outcomes.before]", {"mean": Answer(ask="its mean before"), "sd": Answer(ask="its SD before")}),
    Section("[published.outcomes.after]", {"mean": Answer(ask="its mean after"), "sd": Answer(ask="its SD after")}),
)


def _beside(text: str) -> Iterator[str]:
    yield f"{'text = ' + toml_value(text):<38}  # quotations and numbers of this file are held against it"
    yield '# programme = ""                        # what was introduced'
    yield '# people = "managed people"             # how the report calls them'
    yield "# index_date = 2018-01-01               # the day on which it was introduced; windows need it"


def _section(section: Section) -> Iterator[str]:
    if section.note:
        yield f"# {section.note} a table {section.head}:"
    yield from map(_candidate, dict.fromkeys(section.seen))
    if not section.keys:
        return
    yield section.head
    yield from (_key(key, answer) for key, answer in section.keys.items())


def _candidate(found: Found) -> str:
    text = found.text if len(found.text) <= _LONGEST else f"{found.text[: _LONGEST - 3]}..."
    return f"# {found.place}: {''.join(c for c in text if c.isprintable())}"


def _key(key: str, answer: Answer) -> str:
    line = f"{key} = {toml_value(answer.value or Question(key, answer.ask).text)}"
    return f"{line:<38}  # {answer.why}" if answer.why and answer.value else line
