"""Sentences: pure text from figures, under one set of rules for what may be said.

Findings speak of numbers, never of people. A sentence that attributes a change to a programme needs an
effect on the treated and its assumptions beside it; one-group data leave a remainder. Phrases that
several pages share stand here once; `violations` finds what the rules forbid.
"""

import re
from collections.abc import Mapping, Sequence

from iom_causal.base.formats import listed

BANNED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (why, re.compile(pattern, re.IGNORECASE))
    for why, pattern in (
        (
            "findings speak of numbers, never of people",
            r"\b(errors?|erroneous\w*|mistake\w*|wrong\w*|misreport\w*|flaw\w*|mislead\w*|incorrect\w*)\b",
        ),
        (
            "attribution needs an effect on the treated and its assumptions",
            r"\b(effects?(?!\s+sizes?\b)|impacts?|reduce[ds]|prevent(?:ed|s)|work(?:ed|s)|due to|caused)\b",
        ),
        (
            "an inconclusive result is not a null result",
            r"\b(no effect(?!\s+size)|failed|fails|failure|not significant|non-?significant)\b",
        ),
        ("people first", r"\b(offenders?|criminals?|prolifics?|addicts?)\b"),
    )
)
"""What generated sentences may not say, each with its reason; quoted words of a source are exempt."""

TERMS_OF_ART = (
    "fixed effect",
    "random effect",
    "standard error",
    "measurement error",
    "simulation error",
    "HAC errors",
    "programme fails to",
    "worlds with an effect",
    "offender manager",
)
"""Phrases that hold a banned word as the name of something else."""

_QUOTED = re.compile(r"“[^”]*”")

KIND_NAMES: Mapping[str, str] = {
    "r": "r",
    "r_squared": "r squared",
    "d": "d",
    "dz": "d_z (per SD of the change)",
    "drm": "d_rm (d_z rescaled by the correlation)",
    "dav": "d_av (per pooled SD)",
    "dav_meansd": "d_av (per mean of the SDs)",
    "glass_pre": "the change per SD before",
    "glass_post": "the change per SD after",
    "d_two_groups": "the d of two separate groups, 2t/sqrt(df)",
}
"""Kinds of effect size in words."""

WITHOUT_PROGRAMME = "“Without the programme” means: what these people would otherwise have received."
REBUILT = "one of many sets of numbers that would print the same table; these are not the people"
NULL_WORLDS = "in worlds of this kind; the printed numbers cannot tell these from worlds with an effect"
NULL_WORLDS_OF_PEOPLE = "in worlds of this kind; the observed figures cannot tell these from worlds with an effect"
AS_PUBLISHED = "Figures already published appear here as published."
UNAFFECTED = "The test, its p-value and the direction are unaffected."
UNKNOWN_ORIGIN = (
    "Rounding on the way, transcription and typesetting can each bring this about; numbers do not tell which."
)


def violations(text: str) -> tuple[tuple[str, str], ...]:
    """Return what a generated text may not say: each match with the rule against it.

    Examples
    --------
    >>> violations("The printed .38 equals r squared; the effect size is large.")
    ()
    >>> violations("The programme worked.")
    (('worked', 'attribution needs an effect on the treated and its assumptions'),)
    """
    plain = _QUOTED.sub("“”", text)
    for term in TERMS_OF_ART:
        plain = re.sub(re.escape(term), " ", plain, flags=re.IGNORECASE)
    return tuple((match.group(0), why) for why, pattern in BANNED for match in pattern.finditer(plain))


def quote(text: str) -> str:
    """Return a source's own words in quotation marks.

    Examples
    --------
    >>> quote("tentative")
    '“tentative”'
    """
    return f"“{text}”"


def kind_name(kind: str) -> str:
    """Return a kind of effect size in words.

    Examples
    --------
    >>> kind_name("r_squared"), kind_name("r_from_dz")
    ('r squared', 'the r that d_z (per SD of the change) gives')
    """
    base = kind.removeprefix("r_from_")
    name = KIND_NAMES.get(base, base)
    return f"the r that {name} gives" if base != kind else name


def version_line(source_version: str, *, journal_compared: bool = False, invented: bool = False) -> str:
    """Say which text the figures are from.

    Examples
    --------
    >>> version_line("accepted manuscript")
    'Figures as printed in the accepted manuscript; the journal version was not compared.'
    """
    if invented:
        return f"Invented figures ({source_version}): nobody conducted this study."
    compared = "was compared" if journal_compared else "was not compared"
    return f"Figures as printed in the {source_version}; the journal version {compared}."


def named_limitation(key: str, text: str, *, by_authors: bool) -> str:
    """Say that a limitation is the authors' own, or the design's.

    Examples
    --------
    >>> named_limitation("c02", "no comparison group", by_authors=True)
    'The authors name this limitation (c02: no comparison group).'
    """
    who = "The authors name this limitation" if by_authors else "Every design of this kind carries this point"
    return f"{who} ({key}: {text})."


def beliefs_sentence(what: str, by_evidence_set: Mapping[str, str]) -> str:
    """Show a figure that rests on beliefs, over at least three named evidence sets.

    Examples
    --------
    >>> beliefs_sentence("The remainder", {"low": ".6", "middle": ".8", "high": "1.1"})
    'The remainder rests on beliefs about what was not measured: .6 if “low”, .8 if “middle” and 1.1 if “high”.'
    """
    if len(by_evidence_set) < 3:
        msg = "a figure that rests on beliefs is shown over at least three named evidence sets"
        raise ValueError(msg)
    shown = listed(f"{value} if {quote(name.removeprefix('if '))}" for name, value in by_evidence_set.items())
    return f"{what} rests on beliefs about what was not measured: {shown}."


def both_directions(
    larger: Sequence[str], smaller: Sequence[str], either: Sequence[str] = (), *, change: str = "change"
) -> str:
    """Say what would make a change look larger than the programme's share, what smaller, and what either.

    Examples
    --------
    >>> both_directions(["ageing"], ["closer supervision"])
    'The change may look larger than the programme’s share by ageing, and smaller by closer supervision.'
    """
    up, down = listed(larger), listed(smaller)
    said = f"The {change} may look larger than the programme’s share by {up}, and smaller by {down}."
    return f"{said} Either way: {listed(either)}." if either else said


def not_settled(question: str, not_shown: str) -> str:
    """Say that data are inconclusive, and what must not be read into that.

    Examples
    --------
    >>> not_settled("whether arrests fell", "bring arrests down").partition(";")[0]
    'These data do not settle whether arrests fell'
    """
    meant = f"this should not be taken to mean that the programme fails to {not_shown}"
    return f"These data do not settle {question}; {meant}."


MISSING = (
    "Nothing in the data tells what the missing scores are. The rows differ only in what they are taken to be; where "
    "they differ much, the change of all people is not known."
)

SIMULATED = "Nobody in these files exists: they are simulated, and so is what happens to them."

SIMULATED_STUDIES = "Nobody in these studies exists: people, studies and programmes are simulated."
