"""A report as values: sections of paragraphs, tables and figures, before any markup."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from iom_causal.base.formats import counted
from iom_causal.report.render.live import LiveLedger

FIGURE = re.compile(r"(?<![\w.-])-?\.?\d[\d,.]*(?<![,.])%?\)*")
"""A number in a sentence with what closes it; digits inside a name are none."""
_PART = re.compile(r"(?<=[.;:?!])\s+")
"""What ends a part of a text that has a mark of its own."""

MOST_ROWS = 8
"""A table of more rows is folded."""
_BETWEEN = re.compile(r"(?<=\.) (?=[A-Z“])")
"""What parts a sentence from the next."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Parameters
    ----------
    caption : str
        What it shows.
    columns : tuple of str
        The heads.
    rows : tuple of tuple of str
        The cells; the first of each row is its head.
    file : str
        The file of the report that holds the same; empty where none does.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    file: str = ""

    @property
    def folds(self) -> bool:
        """Whether it is long enough to be shown on request only."""
        return len(self.rows) > MOST_ROWS

    @property
    def head(self) -> str:
        """The first sentence of the caption."""
        return _BETWEEN.split(self.caption, maxsplit=1)[0]

    @property
    def legend(self) -> str:
        """The rest of the caption: what its columns hold."""
        return self.caption.removeprefix(self.head).lstrip()

    @property
    def size(self) -> str:
        """How long it is, and where else it stands: what is left of it on paper while it is folded."""
        where = f"; in the report’s folder: {self.file}" if self.file else ""
        return f"table of {counted(len(self.rows), '[row|rows]')}{where}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with what it shows in words.

    Parameters
    ----------
    name : str
        The name of its file, without the ending.
    caption, alt : str
        Printed under it, and for readers who do not see it.
    image : bytes
        The drawing, SVG or PNG.
    png : bytes
        The same as PNG for Word, where the note shows it.
    """

    name: str
    caption: str
    alt: str
    image: bytes
    png: bytes = b""

    @property
    def form(self) -> str:
        """What the drawing is: ``svg`` or ``png``."""
        return "png" if self.image.startswith(b"\x89PNG") else "svg"


@dataclass(frozen=True, slots=True)
class Short:
    """What of a section goes into the note of two pages.

    Parameters
    ----------
    part : {"expected", "bracket", "overturn", "guessed", "making"}
        Which part of the note; a bracket stands where nothing better tells what was to be expected.
    paragraphs, tables, figures : slice
        Which of the section's own.
    """

    part: str
    paragraphs: slice = slice(0)
    tables: slice = slice(0)
    figures: slice = slice(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One step of the reporting order.

    Parameters
    ----------
    title : str
        Its heading.
    name : str
        Its anchor on the page, the same for every study that has it.
    finding : str
        What it found, in plain words: it stands before everything else.
    paragraphs : tuple of str
        Sentences, in order.
    points : tuple of str
        A list under the paragraphs.
    tables, figures : tuple
        What belongs to it.
    detail : bool
        Whether it is for the page only, folded there, and not for a terminal.
    short : tuple of Short
        What of it goes into the note.
    live : LiveLedger, optional
        A ledger that readers of the page may move.
    """

    title: str
    name: str = ""
    finding: str = ""
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    detail: bool = False
    short: tuple[Short, ...] = ()
    live: LiveLedger | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The finding, where there is one, and the sentences that follow it."""
        return (*([self.finding] if self.finding else []), *self.paragraphs)

    @property
    def more(self) -> str:
        """What further drawings are called while they are folded."""
        return counted(len(self.figures[1:]), "more [drawing|drawings]")


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """What stands on the first screen, and above it nothing.

    Parameters
    ----------
    question : str
        The question, in the outcome's own words.
    verdict : str
        Whether it can be told, in one line; empty where there is no answer at all.
    same : tuple of str
        Sentences of the box that say the same in other words: the note leaves them out.
    sentences : tuple of (str, str)
        What changed, what was to be expected anyway, and what stays open: each with its heading.
    then : tuple of str
        What to do next.
    level : str
        That of the design.
    picture : Figure, optional
        Before, expected without the programme, after.
    """

    question: str
    sentences: tuple[tuple[str, str], ...]
    then: tuple[str, ...]
    level: str
    picture: Figure | None = None
    verdict: str = ""
    same: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """Every sentence."""
        drawn = () if self.picture is None else (self.picture.alt,)
        line = (self.verdict,) if self.verdict else ()
        return (
            self.question,
            *line,
            *(text for each in self.sentences for text in each),
            *self.then,
            self.level,
            *drawn,
        )


class Span(NamedTuple):
    """Part of a text, from one character to before another."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the figures of one or more sentences come from.

    Parameters
    ----------
    says : tuple of str
        The sentences, or parts of sentences, as they stand on the page.
    figure : str
        What their figures are.
    read : str
        What they are worked out from: the reported numbers as printed, or the data, and where these stand.
    check : str
        Which checks hold what was read.
    formula : str
        How they are worked out, by the name of its card in docs/formulas.md.
    command : str
        What works them out again.
    where : str
        Where they then stand.
    """

    says: tuple[str, ...]
    figure: str
    read: str
    check: str
    formula: str
    command: str
    where: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Every entry under its heading."""
        entries = (
            ("From", self.read),
            ("Checks", self.check),
            ("Formula", self.formula),
            ("Again", self.command),
            ("Then in", self.where),
        )
        return tuple((heading, text) for heading, text in entries if text)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where a text says what this is the source of."""
        for said in self.says:
            yield from (Span(m.start(), m.end()) for m in re.finditer(re.escape(said), text))


class Marked(NamedTuple):
    """Piece of a sentence.

    Attributes
    ----------
    text : str
        The piece.
    number : int or None
        That of the source of the figures at its end, counted from 1.
    """

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A report.

    Parameters
    ----------
    title, subtitle : str
        The study, and which text was read.
    synthetic : bool
        Whether figures on it come from rebuilt or invented people.
    lead : tuple of str
        The first sentences: the level of the design, then others.
    words : str
        What words of the page stand for; empty where none stands for more than it says.
    can_say, cannot_say : tuple of str
        The box on the first page.
    sections : tuple of Section
        In reporting order.
    first : First, optional
        The first screen, where there is one.
    sources : tuple of Source
        Where the figures of the first screen and of the box come from.
    """

    title: str
    subtitle: str
    synthetic: bool
    lead: tuple[str, ...]
    can_say: tuple[str, ...]
    cannot_say: tuple[str, ...]
    sections: tuple[Section, ...]
    words: str = ""
    first: First | None = None
    sources: tuple[Source, ...] = ()

    @property
    def spoken(self) -> tuple[str, ...]:
        """The sentences of the first screen and of the box, in order."""
        first = self.first
        if first is None:
            return (*self.can_say, *self.cannot_say)
        screen = (first.question, first.verdict, *(s for _, s in first.sentences), *first.then, first.level)
        return (*screen, *self.can_say, *self.cannot_say)

    def marked(self, text: str) -> tuple[Marked, ...]:
        """Return a sentence cut after the last figure of each part, each cut with the number of their source.

        Of two sources of one part the one that says more of it counts, then the first.
        """
        every = [(span, number) for number, source in enumerate(self.sources, 1) for span in source.spans(text)]
        taken: dict[Span, int] = {}
        for span, number in sorted(every, key=lambda each: each[0].start - each[0].end):
            if all(span.end <= other.start or other.end <= span.start for other in taken):
                taken[span] = number
        ends = {end: number for span, number in taken.items() for end in _last_figures(text, span)}
        cuts = sorted(ends)
        pieces = [Marked(text[a:b], ends[b]) for a, b in zip([0, *cuts], cuts, strict=False)]
        rest = text[cuts[-1] if cuts else 0 :]
        return (*pieces, *((Marked(rest),) if rest else ()))

    @property
    def anchored(self) -> tuple[tuple[str, Section], ...]:
        """The sections, each with its anchor."""
        return tuple((_anchor(s.name) or f"section-{i}", s) for i, s in enumerate(self.sections, 1))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order."""
        own = () if self.first is None or self.first.picture is None else (self.first.picture,)
        return (*own, *(f for s in self.sections for f in s.figures))

    def texts(self) -> tuple[str, ...]:
        """Every sentence, caption and cell, for those who check the wording."""
        found = [] if self.first is None else list(self.first.texts())
        found += [*self.lead, *([self.words] if self.words else []), *self.can_say, *self.cannot_say]
        for section in self.sections:
            found += [section.title, section.finding, *section.paragraphs, *section.points, section.more]
            found += [text for t in section.tables for text in (t.caption, t.size, *t.columns, *_cells(t))]
            found += [text for f in section.figures for text in (f.caption, f.alt)]
            found += () if section.live is None else section.live.texts()
        found += [text for s in self.sources for text in (s.figure, *(text for _, text in s.lines))]
        return tuple(found)


def _cells(table: Table) -> Sequence[str]:
    return [cell for row in table.rows for cell in row]


def _anchor(name: str) -> str:
    """Return a name as an anchor, which holds no space."""
    return "-".join(name.split())


def _last_figures(text: str, span: Span) -> Iterator[int]:
    """Yield where the last figure of each sentence in a part of a text ends."""
    start = span.start
    for stop in (*(gap.end() for gap in _PART.finditer(text, span.start, span.end)), span.end):
        figures = list(FIGURE.finditer(text, start, stop))
        if figures:
            yield figures[-1].end()
        start = stop
