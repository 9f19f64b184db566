"""Where a sentence comes from: the source of every figure of the first screen and of the box, and the claims card."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.report.render.page import Page, Source
from iom_causal.report.sources.steps import SOURCES
from iom_causal.report.sources.trail import trail

AS_UNDER = "As under {}, with the same checks."


def with_sources(page: Page, subject: Subject, results: Results, record: Mapping[str, object]) -> Page:
    """Return a page with the sources of its figures, in the order in which these are read."""
    way = trail(page, subject, results, record)
    every = tuple(source for of_step in SOURCES for source in of_step(way))
    told = replace(page, sources=every)
    read = dict.fromkeys(number for text in page.spoken for _, number in told.marked(text) if number is not None)
    return replace(page, sources=tuple(_said_once([every[number - 1] for number in read])))


def _said_once(sources: Sequence[Source]) -> Iterator[Source]:
    """Refer to an earlier source for what was read and checked, where it is the same."""
    first: dict[tuple[str, str], int] = {}
    for number, source in enumerate(sources, 1):
        k = first.setdefault((source.read, source.check), number)
        yield source if k == number or not source.check else replace(source, read=AS_UNDER.format(k), check="")
