"""Sentences of the study's own parts of a paper, with the figures that each reports."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from iom_causal.published.reading.answers import Found
from iom_causal.published.reading.blocks import Paragraph, Table
from iom_causal.published.reading.grammar import Mention, mentions
from iom_causal.published.reading.paper_text import Paper
from iom_causal.published.reading.plain_text import OTHER, OWN, REFERENCES

BEFORE, AFTER = "before", "after"

# A full stop, or another end of a sentence, before a capital; not after what is commonly shortened.
_END = re.compile(r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bal\.)(?<!\bvs\.)(?<!\bcf\.)(?<=[.!?])[)\"']* +(?=[A-Z(\"'])")
# (Smith, 2010), Smith (2010), et al., (n.d.): the sentence speaks of another work. Cohen's sizes are everybody's.
_CITES = re.compile(
    r"\((?!Cohen)[A-Z][^()]*\b(?:19|20)\d\d[a-z]?\)|(?<!Cohen )\((?:19|20)\d\d[a-z]?\)|\bet al\b|\bn\.d\."
)
_KINDS_OF_TIME = r"test|intervention|treatment|programme|program|introduction|implementation|period"
_SIDES = (
    (BEFORE, rf"before|prior to|baseline|initial(?:ly)?|pre|pre-\w+|pre(?:{_KINDS_OF_TIME})"),
    (BEFORE, r"at (?:intake|entry|outset|the start)|time 1|T1"),
    (AFTER, rf"after|following|later|subsequent(?:ly)?|post|post-\w+|post(?:{_KINDS_OF_TIME})"),
    (AFTER, r"follow-?ups?|time 2|T2"),
)
"""Words by which a text says that figures are of the window before, or after."""
_WORDS = tuple((side, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for side, words in _SIDES)
_WORDS_OF_A_HEADING = 7


class Sentence(NamedTuple):
    """Sentence of a paragraph, with its figures.

    Attributes
    ----------
    paragraph : Paragraph
        Where it stands.
    start, end : int
        Its place in the paragraph's text.
    figures : tuple of Mention
        What it reports.
    """

    paragraph: Paragraph
    start: int
    end: int
    figures: tuple[Mention, ...]

    @property
    def text(self) -> str:
        """The sentence."""
        return self.paragraph.text[self.start : self.end]

    @property
    def cites(self) -> bool:
        """Whether it speaks of another work."""
        return _CITES.search(self.text) is not None

    def of(self, *kinds: str) -> tuple[Mention, ...]:
        """Return its figures of some kinds."""
        return tuple(figure for figure in self.figures if figure.kind in kinds)

    def found(self, figure: Mention) -> Found:
        """Return a figure with its place."""
        return Found(self.paragraph.place(figure.start), figure.text)


def sentences(paragraph: Paragraph) -> tuple[Sentence, ...]:
    """Return the sentences of a paragraph.

    Examples
    --------
    >>> text = "Arrests fell, S.D. = 4.75 and p < .001 (see Smith et al. 2010). Scores rose (M = 3.61)."
    >>> [[f.kind for f in sentence.figures] for sentence in sentences(Paragraph(text, (0,), ("line 1",)))]
    [['sd'], ['mean']]
    """
    figures = mentions(paragraph.text)
    cuts = [found.end() for found in _END.finditer(paragraph.text)]
    within = {at for figure in figures for at in range(figure.start + 1, figure.end)}
    inside = [cut for cut in cuts if cut not in within]
    return tuple(
        Sentence(paragraph, a, b, tuple(figure for figure in figures if a <= figure.start < b))
        for a, b in pairwise((0, *inside, len(paragraph.text) + 1))
    )


def sides(text: str) -> frozenset[str]:
    """Return the windows that words of a text name.

    Examples
    --------
    >>> sorted(sides("in the year prior to it")), sorted(sides("pre-test and follow-up")), sorted(sides("present"))
    (['before'], ['after', 'before'], [])
    """
    return frozenset(side for side, words in _WORDS if words.search(text))


def own_blocks(paper: Paper) -> tuple[Paragraph | Table, ...]:
    """Return the blocks that report the study itself: its methods and results by their headings, or all there are."""
    marks = [_mark(block) for block in paper.blocks]
    if "own" not in marks:
        last = next((k for k, block in enumerate(paper.blocks) if _is_heading(block, REFERENCES)), len(paper.blocks))
        return paper.blocks[:last]
    return tuple(_under(paper.blocks, marks))


def _under(blocks: Sequence[Paragraph | Table], marks: Sequence[str]) -> Iterator[Paragraph | Table]:
    own = False
    for block, mark in zip(blocks, marks, strict=True):
        own = mark == "own" if mark else own
        if own or isinstance(block, Table):  # tables are often printed behind the references
            yield block


def _mark(block: Paragraph | Table) -> str:
    return "own" if _is_heading(block, OWN) else "other" if _is_heading(block, OTHER) else ""


def _is_heading(block: Paragraph | Table, words: re.Pattern[str]) -> bool:
    if isinstance(block, Table) or len(block.text.split()) > _WORDS_OF_A_HEADING or block.text.endswith("."):
        return False
    return words.fullmatch(block.text.strip()) is not None
