"""The first page: title and design, what can be said, and what cannot."""

import re
from collections.abc import Collection

from iom_causal.analysis.published import audit as audited
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject, staggered
from iom_causal.base import wording
from iom_causal.base.formats import listed
from iom_causal.report import phrases
from iom_causal.report.sections import audit, change, comparison, ledgers, null, people_changed, regression
from iom_causal.report.voices import called, words

HEADLINES = (
    audit.headline,
    comparison.headline,
    change.headline,
    comparison.withheld,
    people_changed.headline,
)
"""What can be said of the figures, in the order of the first page."""
BY_PICKING = (
    regression.headline,
    null.headline,
)
"""What can be said of what selection alone does; what rests on beliefs comes after it."""


def title(subject: Subject) -> str:
    """Return the title of the study; the first screen asks the question."""
    return f"The study: {words(subject).title(subject)}"


def subtitle(subject: Subject, results: Results) -> str:
    """Return which text was read, or what was introduced in the words of the study."""
    findings = results.of(audited.run)
    if findings is not None:
        return f"{subject.citation}. {findings.version}"
    described = phrases.IN_ITS_WORDS.format(wording.quote(subject.programme))
    return f"The programme, {described}" if subject.programme else ""


def lead(subject: Subject, results: Results) -> tuple[str, ...]:
    """Return the first sentences of the page: the level of the design, the authors' own caution, how figures leave."""
    cautious = f"The authors' own words of caution: {listed(wording.quote(h) for h in subject.hedges)}."
    entered = all(staggered(subject, outcome.name) for outcome in subject.outcomes)
    level = comparison.level(results) or phrases.design(compared=subject.compared, staggered=entered)
    return (level, *((cautious,) if subject.hedges else ()), *words(subject).lead(subject))


def explained(texts: Collection[str]) -> str:
    """Say what words of a page stand for, of those that are on it; empty where none is."""
    used = [word for word in phrases.WORDS if any(re.search(rf"\b{word}s?\b", text) for text in texts)]
    return phrases.WORDS_OF_PAGE.format("; ".join(phrases.WORDS[word] for word in used)) if used else ""


def can_say(subject: Subject, results: Results) -> tuple[str, ...]:
    """Return what can be said, in order."""
    said, by_picking = ([text for h in each for text in h(subject, results)] for each in (HEADLINES, BY_PICKING))
    remains = ledgers.headline(subject, results)
    second = [phrases.SECOND_ANSWER] if (by_picking or remains) and comparison.level(results) else []
    return (*(said if said or by_picking else [phrases.NOTHING_SAID]), *second, *by_picking, *remains)


def cannot_say(subject: Subject, results: Results) -> tuple[str, ...]:
    """Return what cannot be said."""
    counts = [o.name for o in subject.outcomes if o.kind == "count"]
    alike = comparison.beside_alike(results)
    unasked = words(subject).asks_for_rule and subject.rule is None and any(name not in alike for name in counts)
    return (
        wording.not_settled("how much of the change was the programme's share", f"help {called(subject)}"),
        *comparison.taken_for_granted(results),
        *((phrases.NOT_PICKED,) if unasked else ()),
        *_selected_on_other(subject),
        *((phrases.NOT_OFFENCES.format(listed(counts)),) if counts and subject.limitation("c03") else ()),
        words(subject).not_anyone(subject),
    )


def _selected_on_other(subject: Subject) -> tuple[str, ...]:
    rule = subject.rule
    if rule is None:
        return ()
    others = [o.name for o in subject.outcomes if o.kind in {"count", "score"} and o.name != rule.variable]
    return (phrases.PICKED_ON_OTHER.format(listed(others), rule.variable, rule.variable),) if others else ()
