"""Outcomes read from sentences: means and SDs of two windows, and the paired test of their difference."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from iom_causal.published.reading.answers import Answer, Answers, Found, OutcomeReading
from iom_causal.published.reading.grammar import Mention
from iom_causal.published.reading.sentences import AFTER, BEFORE, Sentence, sides

ASK_NAME = "a short name of the outcome, such as arrests"
ASK_KIND = "count, score or binary"
ASK_MEAN = "the mean of this window"
ASK_N = "how many people this window's mean is of; or delete the line"
_CLOSE_BY = 45
"""Characters between a mean and the SD or the number of people that belong to it."""
MOST_MEANS = 30
"""Means of one sentence; what has more is a table whose rows were lost."""
_PAIRED = re.compile(
    r"\b(?:paired|repeated[- ]measures|dependent[- ](?:samples?|t)|within[- ](?:participants?|subjects?|people)|"
    r"related[- ]samples?|matched[- ](?:pairs?|samples?))\b",
    re.IGNORECASE,
)
_ARMS = re.compile(
    r"\b(?:control|comparison|treatment|intervention|experimental|waiting-?list) "
    r"(?:group|arm|area|condition|sample)s?\b|\bcontrols\b",
    re.IGNORECASE,
)
"""Words by which means are those of one of several groups of people, so that windows alone do not say what they are."""
_UNPAIRED = re.compile(
    r"\b(?:independent|unpaired|two-sample|between[- ](?:groups?|subjects?|participants?)|Welch|gender|"
    r"women and men|men and women|males and females|girls and boys|than (?:the )?(?:wo)?men|"
    r"control group|comparison group)\b",
    re.IGNORECASE,
)
AGES = re.compile(r"\b(?:age|aged|ages|years old|years of age)\b", re.IGNORECASE)

# "the number of arrests", "numbers of recorded offences", "risk scores"
_COUNTED = re.compile(r"\bnumbers? of (?:recorded |total |all )?(?P<name>[a-z]+)\b(?! (?:scores?|days))", re.IGNORECASE)
_SCORED = re.compile(r"\b(?P<name>[A-Za-z][A-Za-z-]+) scores?\b", re.IGNORECASE)
_SHARE = re.compile(r"\b(?:proportion|share) of\b", re.IGNORECASE)
_NO_NAMES = {
    *(
        "mean",
        "average",
        "the",
        "their",
        "these",
        "those",
        "total",
        "initial",
        "post",
        "pre",
        "and",
        "two",
        "of",
        "both",
    ),
    *(
        "test",
        "baseline",
        "follow-up",
        "later",
        "lower",
        "higher",
        "in",
        "all",
        "each",
        "such",
        "first",
        "second",
        "final",
    ),
    *("paired", "matched", "raw", "overall", "change", "difference", "gain", "outcome", "standard", "scale", "z", "t"),
    *("participants", "people", "offenders", "patients", "men", "women", "individuals", "clients", "years", "times"),
}


class Group(NamedTuple):
    """Mean with the SD, the number of people and the range that are reported beside it.

    Attributes
    ----------
    sentence : Sentence
        Where it stands.
    mean : Mention
        The mean.
    others : tuple of Mention
        What belongs to it.
    side : str
        The window, where the words around leave one.
    """

    sentence: Sentence
    mean: Mention
    others: tuple[Mention, ...]
    side: str = ""

    @property
    def figures(self) -> Answers:
        """Its figures, by the keys of a window."""
        given = {"mean": self.mean.figures["value"]}
        for other in self.others:
            if other.kind == "range":
                given |= {"low": other.figures["low"], "high": other.figures["high"]}
            else:
                given["n" if other.kind == "people" else other.kind] = other.figures["value"]
        return {key: Answer(given[key]) for key in ("n", "mean", "sd", "low", "high") if key in given}

    @property
    def found(self) -> Found:
        """All of it as it stands in the text."""
        parts = sorted((self.mean, *self.others), key=lambda figure: figure.start)
        place = self.sentence.paragraph.place(self.mean.start)
        return Found(place, ", ".join(part.text for part in parts))


def groups(sentence: Sentence) -> tuple[Group, ...]:
    """Return the means of a sentence, each with what is reported beside it and the window that the words leave."""
    means = sentence.of("mean")
    if len(means) > MOST_MEANS:
        return ()
    made = [Group(sentence, mean, tuple(_beside(sentence, means, mean))) for mean in means]
    return tuple(group._replace(side=side) for group, side in zip(made, _windows(sentence, made), strict=True))


def _beside(sentence: Sentence, means: Sequence[Mention], mean: Mention) -> Iterator[Mention]:
    """Yield the SD and the n next to a mean, and of a sentence with one mean its range and its people."""
    for kind in ("sd", "n"):
        near = [other for other in sentence.of(kind) if _gap(other, mean) <= _CLOSE_BY]
        own = [other for other in near if min(means, key=lambda m: _gap(other, m)) is mean]
        if len(own) == 1:
            yield own[0]
    if len(means) > 1:
        return
    ranges, people = sentence.of("range"), sentence.of("people")
    if len(ranges) == 1:
        yield ranges[0]
    if len(people) == 1 and not sentence.of("n"):
        yield people[0]


def _gap(first: Mention, second: Mention) -> int:
    """Return the characters between two figures; one that comes after its mean is the nearer by a little."""
    return first.start - second.end if first.start >= second.end else second.start - first.end + 1


def _windows(sentence: Sentence, made: Sequence[Group]) -> tuple[str, ...]:
    """Return the window of each mean: as the words before each say, or those behind each, where one of them is left."""
    if len(made) == 1:
        return (_only(sides(_outside(sentence))),)
    if len(made) != 2:
        return ("",) * len(made)
    starts = [min(part.start for part in (group.mean, *group.others)) for group in made]
    ends = [max(part.end for part in (group.mean, *group.others)) for group in made]
    text = sentence.paragraph.text
    head, between, tail = (
        text[sentence.start : starts[0]],
        text[ends[0] : starts[1]],
        text[ends[1] : sentence.end],
    )
    said_before = _only(sides(head)), _only(sides(between))
    said_behind = _only(sides(between)), _only(sides(tail))
    complete = {pair for pair in (said_before, said_behind) if set(pair) == {BEFORE, AFTER}}
    return complete.pop() if len(complete) == 1 else ("", "")


def _outside(sentence: Sentence) -> str:
    """Return a sentence without its figures."""
    text, at = "", sentence.start
    for figure in sentence.figures:
        text += sentence.paragraph.text[at : figure.start] + " "
        at = figure.end
    return text + sentence.paragraph.text[at : sentence.end]


def _only(found: frozenset[str]) -> str:
    return next(iter(found)) if len(found) == 1 else ""


class Passage(NamedTuple):
    """What one test may be about: the means since the test before it, the sentences around them, and the test."""

    sentences: tuple[Sentence, ...]
    groups: tuple[Group, ...]
    test: Mention | None

    @property
    def text(self) -> str:
        """The sentences."""
        return " ".join(sentence.text for sentence in self.sentences)


def passages(own: Sequence[Sentence]) -> tuple[Passage, ...]:
    """Return the passages of a paragraph: all of it where it has one test, else up to each test."""
    made = {id(sentence): groups(sentence) for sentence in own}
    tests = [(sentence, test) for sentence in own for test in sentence.of("test") if test.figures["statistic"] == "t"]
    if len(tests) < 2:
        test = tests[0][1] if tests else None
        return (Passage(tuple(own), tuple(group for sentence in own for group in made[id(sentence)]), test),)
    out, since = [], own[0].start
    for k, (sentence, test) in enumerate(tests):
        until = sentence.end if k + 1 == len(tests) or tests[k + 1][0] is not sentence else test.end
        until = own[-1].end if k + 1 == len(tests) else until
        inside = [group for s in own for group in made[id(s)] if since <= group.mean.start < until]
        out.append(Passage(tuple(s for s in own if s.end > since and s.start < until), tuple(inside), test))
        since = until
    return tuple(out)


def outcomes(own: Sequence[Sentence], n: str) -> Iterator[tuple[OutcomeReading, tuple[Mention, ...]]]:
    """Yield the outcomes of a paragraph, each with the figures that it takes.

    Parameters
    ----------
    own : sequence of Sentence
        The sentences of the paragraph.
    n : str
        People in the sample, where that is known.
    """
    if any(sentence.cites for sentence in own if sentence.of("mean", "test")):
        return
    for passage in passages(own):
        pair = [group for group in passage.groups if not of_age(group)]
        if len(pair) == 2 and any(group.side for group in pair) and not _ARMS.search(passage.text):
            yield _outcome(passage, pair, n)


def of_age(group: Group) -> bool:
    """Whether a mean is one of people's ages."""
    return bool({"age", "years"} & group.mean.figures.keys()) or AGES.search(group.sentence.text) is not None


def _outcome(passage: Passage, pair: Sequence[Group], n: str) -> tuple[OutcomeReading, tuple[Mention, ...]]:
    by_side = {group.side: group for group in pair if group.side}
    clear = by_side.keys() == {BEFORE, AFTER}
    test = passage.test if passage.test is not None and _paired(passage, pair, n) else None
    taken = [part for group in pair for part in (group.mean, *group.others)]
    found = [group.found for group in pair]
    reading = OutcomeReading(
        name=_name([group.sentence for group in pair]),
        kind=_kind([group.sentence for group in pair]),
        before=by_side[BEFORE].figures if clear else _unclear(pair),
        after=by_side[AFTER].figures if clear else _unclear(pair),
    )
    if test is not None:
        holder = next(s for s in passage.sentences if s.start <= test.start < s.end)
        effect = effect_of(holder, test)
        reading = replace(reading, test=test_keys(test), effect=effect_keys(effect))
        taken += [test, *([effect] if effect else [])]
        found += [holder.found(figure) for figure in (test, *([effect] if effect else []))]
        change, of_change = _change(passage)
        reading = replace(reading, change=change)
        found += [Found(holder.paragraph.place(figure.start), figure.text) for figure in of_change]
        taken, found = (
            [*taken, *of_change],
            [*found, *(Found(holder.paragraph.place(m.start), m.text) for m in of_change)],
        )
        reading = with_n_of_test(reading, n)
    return replace(reading, seen=tuple(found)), tuple(taken)


def _unclear(pair: Sequence[Group]) -> Answers:
    return {
        key: Answer(ask=f"{ask}: {' or '.join(dict.fromkeys(known))}?")
        for key, ask in (("mean", ASK_MEAN), ("sd", "its SD"))
        if len(known := [str(group.figures[key].value) for group in pair if key in group.figures]) == 2
    }


def _paired(passage: Passage, pair: Sequence[Group], n: str) -> bool:
    """Whether the test of a passage is one on the same people twice: as its words say, or its degrees of freedom."""
    if passage.test is None or _UNPAIRED.search(passage.text):
        return False
    df = passage.test.figures["df"]
    if "." in df or " " in df:
        return False
    people = {str(group.figures["n"].value) for group in pair if "n" in group.figures} | {n}
    fits = bool(df) and str(int(df.replace(",", "")) + 1) in {count.replace(",", "") for count in people}
    return fits or _PAIRED.search(passage.text) is not None


def effect_of(sentence: Sentence, test: Mention) -> Mention | None:
    """Return the effect size that is reported with a test: the one behind it, before the next test."""
    later = [t.start for t in sentence.of("test") if t.start > test.start]
    own = [e for e in sentence.of("effect") if test.end <= e.start < min(later, default=sentence.end)]
    return own[0] if len(own) == 1 else None


KEYED = ("r", "r_squared", "dz", "drm", "dav", "glass_pre", "d")
"""Effect sizes for which a study file has a symbol."""


def test_keys(test: Mention) -> Answers:
    """Return the keys of a test."""
    figures = test.figures
    keys = {"statistic": Answer(figures["statistic"]), "value": Answer(figures["value"])}
    if figures["df"]:
        keys["df"] = Answer(tuple(figures["df"].split()))
    return keys | {key: Answer(figures[key]) for key in ("p", "tails", "n") if key in figures}


def effect_keys(effect: Mention | None) -> Answers:
    """Return the keys of an effect size, where a study file has a symbol for it."""
    if effect is None or effect.figures["symbol"] not in KEYED:
        return {}
    return {key: Answer(effect.figures[key]) for key in ("symbol", "value", "label") if key in effect.figures}


def with_n_of_test(reading: OutcomeReading, n: str) -> OutcomeReading:
    """Return an outcome with the people of its windows: of the whole sample where the paired test is on all of it."""
    df = reading.test.get("df", Answer()).value
    everybody = bool(n and df) and int(df[0].replace(",", "")) + 1 == int(n.replace(",", ""))
    made: dict[str, Answers] = {}
    for side, keys in (("before", reading.before), ("after", reading.after)):
        if "n" in keys or not keys.get("mean", Answer()).value:
            made[side] = keys
        elif everybody:
            made[side] = {"n": Answer(n, why="the test is on everybody in the sample"), **keys}
        else:
            made[side] = {"n": Answer(ask=ASK_N), **keys}
    return replace(reading, before=made["before"], after=made["after"])


def _change(passage: Passage) -> tuple[Answers, tuple[Mention, ...]]:
    """Return a reported mean change with its interval, where the passage has one of them."""
    changes = [figure for sentence in passage.sentences for figure in sentence.of("change")]
    if len(changes) != 1:
        return {}, ()
    sentence = next(s for s in passage.sentences if changes[0] in s.figures)
    keys = {"mean": Answer(changes[0].figures["value"])}
    intervals = [figure for figure in sentence.of("interval") if figure.start >= changes[0].end]
    if len(intervals) != 1:
        return keys, tuple(changes)
    return keys | {key: Answer(intervals[0].figures[key]) for key in ("low", "high", "level")}, (*changes, *intervals)


def _name(own: Sequence[Sentence]) -> Answer:
    named = [set(_names(sentence.text)) for sentence in own]
    common = set.intersection(*named)
    return Answer(common.pop()) if len(common) == 1 else Answer(ask=ASK_NAME)


def _names(text: str) -> Iterator[str]:
    for pattern in (_COUNTED, _SCORED):
        yield from (name for found in pattern.finditer(text) if (name := found["name"].lower()) not in _NO_NAMES)


def _kind(own: Sequence[Sentence]) -> Answer:
    kinds = [{kind for kind, words in _KINDS if words.search(sentence.text)} for sentence in own]
    common = set.intersection(*kinds)
    return Answer(common.pop()) if len(common) == 1 and len(set.union(*kinds)) == 1 else Answer(ask=ASK_KIND)


_KINDS = (("count", _COUNTED), ("score", _SCORED), ("binary", _SHARE))
