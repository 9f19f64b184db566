"""Study as the text of a paper describes it: sections of a [published] file, filled where one reading is left."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from iom_causal.published.reading.answers import Answer, Answers, Found, OutcomeReading, Section, agreed
from iom_causal.published.reading.blocks import Paragraph, Table
from iom_causal.published.reading.columns import figures_of, outcomes_of, with_tests
from iom_causal.published.reading.grammar import Mention
from iom_causal.published.reading.paper_text import Paper
from iom_causal.published.reading.plain_text import REFERENCES
from iom_causal.published.reading.prose import (
    AGES,
    Group,
    effect_keys,
    effect_of,
    groups,
    of_age,
    outcomes,
    test_keys,
)
from iom_causal.published.reading.sentences import Sentence, own_blocks, sentences

ASK_TITLE = "the title of the work"
ASK_CITATION = "authors, year and where it appeared, such as Nobody, A. (2020). Journal 1:1-20"
ASK_VERSION = "which text this is: accepted manuscript, journal version, preprint or report"
ASK_SAMPLE = "how many people"
_VERSIONS = (
    ("accepted manuscript", r"accepted (?:author )?manuscript|author accepted|post-?print|accepted version"),
    ("preprint", r"preprint|pre-print|working paper"),
    ("journal version", r"version of record"),
)
"""Words of a front page that say which text it is."""
_FRONT = 40
"""Paragraphs in which the front page is."""
_MALE, _FEMALE = ("men", "males", "boys"), ("women", "females", "girls")
# "White European (85.3%)": a name in capitals before its share
_CATEGORY = re.compile(r"(?P<name>[A-Z][\w-]*(?: [A-Z][\w-]*)*) ?\($")


class Reading(NamedTuple):
    """What was read of a paper: the sections of its file, and how much of it was found.

    Attributes
    ----------
    sections : tuple of Section
        In the order of the file.
    places : int
        Figures that were found.
    """

    sections: tuple[Section, ...]
    places: int


def reading(paper: Paper) -> Reading:
    """Return the study that a paper's text describes, every key filled that the text leaves one reading of.

    Parameters
    ----------
    paper : Paper
        From `read_paper`.
    """
    blocks = own_blocks(paper)
    own = [sentence for block in blocks if isinstance(block, Paragraph) for sentence in sentences(block)]
    known_blocks = set(map(id, blocks))
    others = [s for block in _until_references(paper) if id(block) not in known_blocks for s in sentences(block)]
    n = _sample_size(own)
    known = n.value if isinstance(n.value, str) else ""
    in_prose = [made for part in _by_paragraph(own) for made in outcomes(part, known)]
    taken = {id(figure) for _, figures in in_prose for figure in figures}
    rows = [outcome for block in blocks if isinstance(block, Table) for outcome in outcomes_of(block, known)]
    rows, free = _tests_put_to_rows(rows, [s for s in own if not s.cites], taken)
    found = _distinct([outcome for outcome, _ in in_prose] + rows)
    ages, of_ages = _ages(own)
    categories = tuple(_categories(own, known))
    used = taken | of_ages | {id(figure) for _, _, figure in categories}
    sections = (
        _head(paper, found),
        Section("[published.sample]", {"n": n}, _people(own)),
        *([ages] if ages else []),
        *_sections_of_groups(categories),
        *(part for outcome in found for part in _sections_of(outcome)),
        *_tests(free),
        *_left(own, used | {id(test) for _, test in free} | {id(effect_of(s, test)) for s, test in free}),
        *_tables_left([block for block in blocks if isinstance(block, Table) and not outcomes_of(block, known)]),
        *_of_other_works(others),
    )
    figures = sum(len(s.of(*LISTED)) for s in (*own, *others))
    return Reading(sections, figures + sum(map(_figures_of_rows, rows)))


def _figures_of_rows(row: OutcomeReading) -> int:
    return len(row.before) + len(row.after) + len(row.test)


def _by_paragraph(own: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    yield from (list(part) for _, part in groupby(own, key=lambda sentence: id(sentence.paragraph)))


# The front page


def _head(paper: Paper, found: Sequence[OutcomeReading]) -> Section:
    front = [block for block in paper.blocks[:_FRONT] if isinstance(block, Paragraph)]
    before_references = list(_until_references(paper))
    title = next((block for block in front[:3] if block.heading), None)
    dois = [
        figure.figures["value"]
        for block in before_references
        for sentence in sentences(block)
        for figure in sentence.of("doi")
    ]
    versions = [name for name, words in _VERSIONS if any(re.search(words, b.text, re.IGNORECASE) for b in front)]
    keys = {
        "title": Answer(ask=ASK_TITLE) if title is None else Answer(title.text),
        "citation": Answer(ask=ASK_CITATION),
        **({"doi": agreed(dois, "which of these is the work's own")} if dois else {}),
        "source_version": agreed(versions, ASK_VERSION),
        **_contrast(found),
    }
    first = () if title or not front else (Found(front[0].place(0), front[0].text),)
    return Section("[published]", keys, first)


def _until_references(paper: Paper) -> Iterator[Paragraph]:
    for block in paper.blocks:
        if isinstance(block, Table):
            continue
        if REFERENCES.fullmatch(block.text.strip()):
            return
        yield block


def _contrast(found: Sequence[OutcomeReading]) -> Answers:
    """Return the direction of the printed t, where the means of all outcomes agree on one."""
    ways = set()
    for outcome in found:
        means = [outcome.figure(side, "mean").replace(",", "") for side in ("before", "after")]
        value = outcome.test.get("value", Answer()).value
        if isinstance(value, str) and value and all(means) and float(value.replace(",", "")):
            falls = float(means[0]) > float(means[1])
            positive = not value.startswith("-")
            ways.add("before_minus_after" if falls == positive else "after_minus_before")
    if not ways:
        return {}
    ask = "direction of the printed t and differences"
    return {"contrast": agreed(sorted(ways), ask, "as the signs of t and the means go together")}


# The people


def _sample_size(own: Sequence[Sentence]) -> Answer:
    """Return the number of people: the only one, the only N, or the one that men and women add up to."""
    sure = [sentence for sentence in own if not sentence.cites]
    people = [figure.figures["value"] for sentence in sure for figure in sentence.of("people")]
    capital = [f.figures["value"] for sentence in sure for f in sentence.of("n") if f.figures["sign"] == "N"]
    small = [f.figures["value"] for sentence in sure for f in sentence.of("n") if f.figures["sign"] == "n"]
    added = [str(total) for sentence in sure for total, _ in _sexes(sentence)]
    stated = {figure.replace(",", "") for figure in (*people, *capital, *small)}
    summed = [total for total in dict.fromkeys(added) if total in stated]
    if len(set(capital)) == 1 and (not summed or summed == list(dict.fromkeys(capital))):
        return Answer(capital[0])
    if not capital and len(summed) == 1:
        return Answer(summed[0], why="men and women add up to it")
    return agreed((*capital, *people, *small), ASK_SAMPLE)


def _sexes(sentence: Sentence) -> Iterator[tuple[int, tuple[Mention, Mention]]]:
    """Yield the sum of the men and the women of a sentence, with the figures, where it has one number of each."""
    people = sentence.of("people")
    men = [figure for figure in people if figure.figures["noun"] in _MALE]
    women = [figure for figure in people if figure.figures["noun"] in _FEMALE]
    if len(men) == len(women) == 1:
        pair = (men[0], women[0])
        yield sum(int(figure.figures["value"].replace(",", "")) for figure in pair), pair


def _people(own: Sequence[Sentence]) -> tuple[Found, ...]:
    return tuple(
        s.found(f) for s in own for f in s.of("people", "n") if f.figures.get("noun", "") not in _MALE + _FEMALE
    )


def _ages(own: Sequence[Sentence]) -> tuple[Section | None, set[int]]:
    """Return the section of ages, where one sentence gives their mean; with several, a question."""
    found = [group for s in own if not s.cites for group in groups(s) if of_age(group)]
    ranges = [s.found(f) for s in own if AGES.search(s.text) for f in s.of("range") if not s.of("mean")]
    if not found:
        return (Section("[published.sample.age]", {}, tuple(ranges)) if ranges else None), set()
    figures = {id(part) for group in found for part in (group.mean, *group.others)}
    seen = (*(group.found for group in found), *ranges)
    keys = {key: answer for key, answer in _figures_of_age(found).items() if key != "n"}
    return Section("[published.sample.age]", keys, seen), figures


def _figures_of_age(found: Sequence[Group]) -> Answers:
    keys = dict.fromkeys(key for group in found for key in group.figures)
    return {
        key: agreed([str(g.figures[key].value) for g in found if key in g.figures], f"the {key} of the sample's age")
        for key in keys
    }


class Category(NamedTuple):
    """Category of the sample as it stands in the text."""

    keys: Answers
    found: Found
    figure: Mention


def _categories(own: Sequence[Sentence], n: str) -> Iterator[Category]:
    """Yield men and women where they add up to the sample, and named shares of the paragraph that counts it."""
    where = {id(s.paragraph) for s in own for f in s.of("people", "n") if n and f.figures["value"] == n and not s.cites}
    for sentence in own:
        for total, pair in _sexes(sentence):
            if n and total == int(n.replace(",", "")):
                yield from (_of_sex(sentence, figure) for figure in pair)
        if id(sentence.paragraph) not in where or sentence.cites or sentence.of("mean", "test"):
            continue
        for figure in sentence.of("percent"):
            name = _CATEGORY.search(sentence.paragraph.text[sentence.start : figure.start])
            if name is not None:
                keys = {
                    "variable": Answer(ask="what these categories describe, such as ethnicity"),
                    "category": Answer(name["name"]),
                    "percent": Answer(figure.figures["value"]),
                }
                yield Category(
                    keys, Found(sentence.paragraph.place(figure.start), f"{name['name']} ({figure.text})"), figure
                )


def _of_sex(sentence: Sentence, figure: Mention) -> Category:
    category = re.sub(r"(?<=[el])s$", "", figure.figures["noun"])  # males, females; men and women as they are
    keys = {"variable": Answer("sex"), "category": Answer(category), "count": Answer(figure.figures["value"])}
    return Category(keys, sentence.found(figure), figure)


def _sections_of_groups(categories: Sequence[Category]) -> Iterator[Section]:
    yield from (Section("[[published.sample.groups]]", keys, (found,)) for keys, found, _ in categories)


# Outcomes and tests


def _tests_put_to_rows(
    rows: list[OutcomeReading], own: Sequence[Sentence], taken: set[int]
) -> tuple[list[OutcomeReading], list[tuple[Sentence, Mention]]]:
    """Put a test of the text to the row of a table whose outcome alone its sentence names; return what is left too."""
    free = []
    for sentence in own:
        for test in sentence.of("test"):
            if id(test) in taken:
                continue
            named = [r for r in rows if r.name.value and _names(sentence, str(r.name.value))]
            if len(named) == 1 and not named[0].test and test.figures["statistic"] == "t" and _alone(sentence):
                seen = sentence.found(test)
                rows = with_tests(
                    rows, str(named[0].name.value), test_keys(test), effect_keys(effect_of(sentence, test)), seen
                )
            else:
                free.append((sentence, test))
    return rows, free


def _names(sentence: Sentence, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", sentence.text, re.IGNORECASE) is not None


def _alone(sentence: Sentence) -> bool:
    return len(sentence.of("test")) == 1 and "." not in sentence.of("test")[0].figures["df"]


def _distinct(found: Sequence[OutcomeReading]) -> tuple[OutcomeReading, ...]:
    """Return the outcomes with those put together that have one name, or the same means."""
    kept: list[OutcomeReading] = []
    for outcome in found:
        same = next((k for k, other in enumerate(kept) if _same(other, outcome)), None)
        if same is None:
            kept.append(outcome)
        else:
            kept[same] = kept[same].with_gaps_filled(outcome)
    return tuple(kept)


def _same(one: OutcomeReading, other: OutcomeReading) -> bool:
    means = [tuple(outcome.figure(side, "mean") for side in ("before", "after")) for outcome in (one, other)]
    return (all(means[0]) and means[0] == means[1]) or (bool(one.name.value) and one.name.value == other.name.value)


def _sections_of(outcome: OutcomeReading) -> Iterator[Section]:
    yield Section("[[published.outcomes]]", {"name": outcome.name, "kind": outcome.kind}, outcome.seen)
    yield Section("[published.outcomes.before]", outcome.before)
    yield Section("[published.outcomes.after]", outcome.after)
    if outcome.test:
        yield Section("[published.outcomes.test]", outcome.test)
    if outcome.test and outcome.effect:
        yield Section("[published.outcomes.test.effect_size]", outcome.effect)
    if outcome.change:
        yield Section("[published.outcomes.change]", outcome.change)


def _tests(free: Sequence[tuple[Sentence, Mention]]) -> Iterator[Section]:
    """Yield the tests that belong to no outcome's windows, each by its place."""
    for sentence, test in free:
        keys = {"name": Answer(f"{sentence.paragraph.place(test.start)}: {test.text}"), **test_keys(test)}
        yield Section("[[published.tests]]", keys, (sentence.found(test),))


_PLACES = (
    ("[[published.outcomes]]", ("mean", "sd", "change", "interval", "range"), "Means, SDs, ranges and intervals"),
    ("[[published.tests]]", ("test", "effect"), "Tests and effect sizes"),
    ("[[published.sample.groups]]", ("percent",), "Percentages"),
    ("[[published.proportions]]", ("share",), "So many of so many"),
)
LISTED = (*(kind for _, kinds, _ in _PLACES for kind in kinds), "n", "people")
"""Kinds of figures that a draft lists."""


def _left(own: Sequence[Sentence], used: set[int]) -> Iterator[Section]:
    for head, kinds, what in _PLACES:
        left = tuple(s.found(figure) for s in own for figure in s.of(*kinds) if id(figure) not in used)
        if left:
            yield Section(head, {}, left, f"{what} that were put nowhere; each would go to")


def _tables_left(tables: Sequence[Table]) -> Iterator[Section]:
    """Yield the rows with figures of tables whose columns leave more than one reading, or none."""
    rows = [row for table in tables for row in table.rows if len(figures_of(row)) > 1]
    if rows:
        found = tuple(Found(row.place, " | ".join(filter(None, row.cells))) for row in rows)
        yield Section("[[published.outcomes]]", {}, found, "Rows of tables that were put nowhere; each would go to")


def _of_other_works(others: Sequence[Sentence]) -> Iterator[Section]:
    """Yield what stands outside methods and results: figures of other works, or the same ones told again."""
    found = tuple(s.found(figure) for s in others for figure in s.of(*LISTED))
    if found:
        note = "Outside methods and results, so of other works or told again; those of other works would go to"
        yield Section("[[published.cited]]", {}, found, note)
