"""Sentences: pure text from figures, under one set of rules for what may be said.

Findings speak of numbers, never of people. A sentence that attributes a change to a programme needs an
effect on the treated and its assumptions beside it; one-group data leave a remainder. Phrases that
several pages share stand here once; `violations` finds what the rules forbid.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil, floor, isinf

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
AS_PUBLISHED = "Figures already published appear here as published."
UNAFFECTED = "The test, its p-value and the direction are unaffected."
UNKNOWN_ORIGIN = (
    "Rounding on the way, transcription and typesetting can each bring this about; numbers do not tell which."
)
NO_COMPARISON = "No comparison group was available to the authors."


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


def number(value: float, decimals: int = 2) -> str:
    """Format a number; the minus is a plain hyphen, as in CSV.

    Examples
    --------
    >>> number(-3.2311), number(23106, 0), number(float("inf"))
    ('-3.23', '23,106', 'no upper limit')
    """
    if isinf(value):
        return "no upper limit" if value > 0 else "no lower limit"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def bounded(value: float, decimals: int = 3) -> str:
    """Format a number that cannot exceed one, without its leading zero.

    Examples
    --------
    >>> bounded(0.6139), bounded(-0.5), bounded(1.0)
    ('.614', '-.500', '1.000')
    """
    return re.sub(r"^(-?)0\.", r"\1.", number(value, decimals))


def outward(low: float, high: float, decimals: int = 2, *, lead: bool = True) -> str:
    """Format an interval so that rounding only widens it.

    Examples
    --------
    >>> outward(0.53123, 0.54050, 3, lead=False), outward(280.577, 351.023, 0)
    ('.531 to .541', '280 to 352')
    """
    scale = 10**decimals
    ends = [end if isinf(end) else side(round(end * scale, 6)) / scale for side, end in ((floor, low), (ceil, high))]
    style = number if lead else bounded
    return f"{style(ends[0], decimals)} to {style(ends[1], decimals)}"


def p_text(p: float) -> str:
    """Format a p-value as papers print it.

    Examples
    --------
    >>> p_text(0.0362), p_text(1e-9)
    ('p = .036', 'p < .001')
    """
    return "p < .001" if p < 0.001 else f"p = {bounded(p)}"


def percent(share: float, decimals: int = 0) -> str:
    """Format a share as a percentage.

    Examples
    --------
    >>> percent(0.5261, 1)
    '52.6%'
    """
    return f"{number(100 * share, decimals)}%"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Join items into running text.

    Examples
    --------
    >>> listed(["192", "21", "11"])
    '192, 21 and 11'
    """
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def plural(count: int, one: str, many: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "person", "people"), plural(38, "person", "people")
    ('1 person', '38 people')
    """
    return f"{count:,} {one if count == 1 else many}"


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


def remainder_sentence(remainder: str, allowances: Sequence[str]) -> str:
    """Say what remains after the listed allowances, on the condition that they are right.

    Examples
    --------
    >>> remainder_sentence("a ratio of .80", ["ageing", "custody"])
    'If these allowances are right (ageing and custody), the remainder after them is a ratio of .80.'
    """
    return f"If these allowances are right ({listed(allowances)}), the remainder after them is {remainder}."


def beliefs_sentence(what: str, by_evidence_set: Mapping[str, str]) -> str:
    """Show a figure that rests on beliefs, over at least three named evidence sets.

    Examples
    --------
    >>> beliefs_sentence("The remainder", {"low": ".6", "middle": ".8", "high": "1.1"})
    'The remainder rests on beliefs about what was not measured: .6 (low), .8 (middle) and 1.1 (high).'
    """
    if len(by_evidence_set) < 3:
        msg = "a figure that rests on beliefs is shown over at least three named evidence sets"
        raise ValueError(msg)
    shown = listed(f"{value} ({name})" for name, value in by_evidence_set.items())
    return f"{what} rests on beliefs about what was not measured: {shown}."


def both_directions(larger: Sequence[str], smaller: Sequence[str]) -> str:
    """Say what would make the change look larger than the programme's share, and what smaller.

    Examples
    --------
    >>> both_directions(["ageing"], ["closer supervision"])
    'The change may look larger than the programme’s share by ageing, and smaller by closer supervision.'
    """
    up, down = listed(larger), listed(smaller)
    return f"The change may look larger than the programme’s share by {up}, and smaller by {down}."


def not_settled(question: str, not_shown: str) -> str:
    """Say that data are inconclusive, and what must not be read into that.

    Examples
    --------
    >>> not_settled("whether arrests fell", "bring arrests down").partition(";")[0]
    'These data do not settle whether arrests fell'
    """
    meant = f"this should not be taken to mean that the programme fails to {not_shown}"
    return f"These data do not settle {question}; {meant}."


LEVEL_TWO = (
    "Design: one group before and after, without a comparison group: level 2 of 5 on the Maryland Scientific "
    "Methods Scale. Such a design shows a change; it does not show what brought the change about."
)

LOOKS_LARGER: Mapping[str, str] = {
    "c01": "other changes over the same period",
    "c04": "officers reluctant to arrest people they manage",
    "c05": "ageing",
    "c06": "changes of lifestyle unrelated to the programme",
    "c07": "an unreliable score",
    "u1": "regression to the mean",
    "u2": "more time in custody after",
    "u3": "missing follow-up",
}
"""What can make a fall look larger than the programme's share, by register id."""

LOOKS_SMALLER: Mapping[str, str] = {
    "c04": "close supervision that detects more",
    "u4": "arrests that supervision itself creates",
    "u5": "management that existed before",
    "u7": "people who entered late in the window",
}
"""What can make a fall look smaller than the programme's share, by register id."""


def change_sentence(
    name: str, ratio: float, low: float, high: float, *, level: float, per_day: bool, counted: bool = True
) -> str:
    """Say what happened to an outcome, whatever brought it about.

    Examples
    --------
    >>> change_sentence("arrests", 0.526, 0.469, 0.589, level=0.95, per_day=True)
    'The number of arrests per day at risk fell by 47.4% (95% interval 41.1% to 53.1%), whatever brought it about.'
    """
    fell = ratio <= 1
    ends = (1 - high, 1 - low) if fell else (low - 1, high - 1)
    change, interval = percent(abs(1 - ratio), 1), f"{percent(ends[0], 1)} to {percent(ends[1], 1)}"
    if low < 1 < high:
        interval = f"from a fall of {percent(1 - low, 1)} to a rise of {percent(high - 1, 1)}"
    what = f"{name} per day at risk" if per_day else name
    verb = "fell" if fell else "rose"
    noun = "number" if counted else "amount"
    return f"The {noun} of {what} {verb} by {change} ({percent(level)} interval {interval}), whatever brought it about."


def bare_change_sentence(name: str, before: float, after: float, *, share: bool = False) -> str:
    """Say how a printed mean moved where the print allows no interval.

    Examples
    --------
    >>> bare_change_sentence("arrests", 5.0, 6.0)[:72]
    'The mean arrests rose from 5 to 6. There is no interval: the print gives'
    """
    shown = [percent(v) if share else f"{v:g}" for v in (before, after)]
    moved = "stayed at" if before == after else f"{'rose' if after > before else 'fell'} from {shown[0]} to"
    what = "share" if share else "mean"
    return (
        f"The {what} {name} {moved} {shown[1]}. There is no interval: the print gives no t and no correlation of the "
        "windows that goes with these figures."
    )


DISAGREE = (
    "Some printed figures that this page rests on do not agree with one another (see the audit): what follows takes "
    "them as printed, and no more can be said than that."
)


def completers_sentence(name: str, low: float, high: float, n: int, *, score: bool) -> str:
    """Say between which values the change of a mean lies that is not printed for the people followed up.

    Examples
    --------
    >>> completers_sentence("risk", -112.36, -42.04, 187, score=True)[:72]
    'The mean risk of the 187 people followed up fell by about 42 to 112 poin'
    """
    unit, decimals = (" points" if score else ""), 0 if high - low > 10 else 2
    more = "what is printed does not say more."
    if low < 0 < high:
        moved, ends = "changed", (number(low, decimals), f"+{number(high, decimals)}")
    else:
        sizes = sorted((abs(low), abs(high)))
        moved = "fell" if high <= 0 else "rose"
        ends = (number(sizes[0], decimals), number(sizes[1], decimals))
    return f"The mean {name} of the {n} people followed up {moved} by about {ends[0]} to {ends[1]}{unit}; {more}"


def lost_sentence(
    name: str, n: int, followed: int, tipping: float, support: tuple[float, float], bounds: tuple[float, float]
) -> str:
    """Say what people lost to follow-up could do to the change of all.

    Examples
    --------
    >>> lost_sentence("risk", 225, 187, 773.2, (20, 1100), (-127.2, 55.2))[:76]
    'All 225 people together did not change in risk if the 38 without a later one'
    """
    low, high = (number(end, 0) for end in support)
    return (
        f"All {n} people together did not change in {name} if the {n - followed} without a later one average "
        f"{number(tipping, 0)} after. Whatever they have, from {low} to {high}, the mean change of all lies between "
        f"{number(bounds[0], 0)} and {number(bounds[1], 0)} points."
    )


def people_sentence(name: str, low: int, high: int, n: int) -> str:
    """Say how many people went down, over every set of whole numbers that prints the same table.

    Examples
    --------
    >>> people_sentence("arrests", 120, 200, 225)[:70]
    'Between 120 and 200 of 225 people had fewer arrests after than before,'
    """
    return (
        f"Between {low} and {high} of {n} people had fewer {name} after than before, in every set of numbers "
        "that prints this table."
    )


def tipping_sentence(name: str, tipping: float, low: float | None, high: float | None) -> str:
    """Say at which mean of everybody who could have been picked regression to the mean is the whole change.

    Examples
    --------
    >>> tipping_sentence("arrests", 1.338, 0.138, 2.298)[:72]
    'If people were picked on their arrests before alone and the regression i'
    """
    band = "" if low is None or high is None else f" (sampling alone: {number(max(low, 0.0))} to {number(high)})"
    return (
        f"If people were picked on their {name} before alone and the regression is linear, and everybody from whom "
        f"they were picked, themselves included, averages {number(tipping)} {name} a window{band}, regression to the "
        "mean is the whole change. At a higher mean part of the change remains; at a lower one regression would "
        "have taken people further down than they went."
    )


def expected_anyway_sentence(name: str, tipping: float) -> str:
    """Say for the first page that part of a fall was to be expected, and when all of it.

    Examples
    --------
    >>> expected_anyway_sentence("arrests", 1.338)[:73]
    'If people were picked because of many arrests, part of the fall was to be'
    """
    return (
        f"If people were picked because of many {name}, part of the fall was to be expected anyway. In the simplest "
        f"form of this it was all of the fall if everybody from whom they were picked averages {number(tipping)} "
        f"{name} in such a window; in other forms it is more or less."
    )


def bracket_sentence(observed: float, at: Mapping[float, float], told: str = "is not printed") -> str:
    """Bracket what remains between picking on the count and picking on the rate behind it.

    Examples
    --------
    >>> bracket_sentence(0.528, {3.0: 0.675})[:60]
    'If people were picked on the rate that stands behind their c'
    """
    shown = listed(f"{bounded(value, 2)} at a mean of {number(mean, 0)}" for mean, value in at.items())
    return (
        "If people were picked on the rate that stands behind their count on the day of introduction, and not on the "
        f"count itself, nothing regresses and the observed ratio of {bounded(observed)} stands. If they were picked on "
        f"the count, the ratio that remains depends on the mean of everybody from whom they were picked: {shown}. "
        f"Which of the two it was {told}, so these are cases side by side, a bracket and not an estimate."
    )


SCORE_REGRESSION = (
    "For {} there is no such curve: regression of a score needs the scores near the cut, which are not printed."
)
NO_REGRESSION = "For {} it is not computed: the print lacks what the linear form needs ({})."
UNMIXED = (
    "These chains have not mixed (R-hat above 1.1): read the sampled ranges as examples, not as ranges; the logical "
    "bounds hold all the same."
)

LINEAR_LIMITS = (
    "Limits of this form: it takes the regression as linear all the way down to that mean, one factor for everybody, "
    "the same mean in both windows (here per window as printed), and no ageing or other change. Where rates are "
    "lognormal, or people were picked on their rate, it can be far off in either direction, even with no programme at "
    "all. The interval holds sampling alone."
)

LINEAR_LIMITS_OF_PEOPLE = LINEAR_LIMITS.replace("as printed", "with as many days at risk as before")

MODELS = (
    "Models with one frailty a person give the ratio of totals whatever its law, so the print pins them. Models "
    "that let people change by different factors, or windows vary on their own, depend on what is not printed: "
    "theirs are ranges, and no finding about the study."
)

NOT_PRINTED = "nothing is printed."
REMAINS: Mapping[str, str] = {
    "count": "The ratio of {} that remains, if these allowances are right,",
    "score": "The change in {} that remains, in points, if these allowances are right,",
}
"""What of an outcome remains after allowances, by kind."""
LINES: Mapping[str, str] = {
    "count": (
        "Ratios after over before for {}, line by line, with 95% intervals; lines multiply. From the print, intervals "
        "take counts as normal: wider than those of rebuilt cohorts, of which the lowest and highest stand here."
    ),
    "score": (
        "Points of {}, after minus before, line by line; lines add up. Where the print leaves the mean before of the "
        "people followed up open, or a belief is a range, the ends of the set and in brackets a 95% interval around "
        "it. In rebuilt cohorts chance decides who was followed up, so they span less than the print allows."
    ),
}
"""What a table of ledger lines shows, by kind."""
TIPS: Mapping[str, str] = {
    "count": "One setting at a time: its value at which nothing remains, all else as in the set.",
    "score": (
        "One setting at a time: its value at which nothing remains, all else as in the set. Where "
        "ranges or the print leave a set, every case in it has a value of its own: the lowest and the highest."
    ),
}
"""What a table of tipping values shows, by kind."""
REMAINDERS = "What remains of {} after the listed allowances, under every set; at the dotted line nothing remains."
REMAINDER_AXIS: Mapping[str, str] = {
    "ratio": "{}: ratio that remains, if these allowances are right",
    "points": "{}: points that remain, if these allowances are right",
}
"""What the remainders are drawn along, by scale."""
WATERFALL: Mapping[str, str] = {
    "count": " per person and window, from before to after.",
    "score": " in points, from before to after.",
}
BOTH_ENDS = "Of a set both ends are drawn: dark where the remainder is lowest, pale where it is highest."
LEFT_OUT = "Every column also rests on what is left out of it: {}."
LEFT_OUT_OF_SOME = "A column that says “not allowed for” where another allows for something rests on more: {}."

NOT_OFFENCES = "Anything about offences: these figures are about what the police recorded."
NOT_ANYONE = "Anything about one person: no person-level data were seen."

CHANGES_PRINTED = (
    "Estimates of the change. Where the print does not determine a value, the middle 95% of sampled cohorts that print "
    "the same stands instead: an example, no bound and no finding about the study."
)
CHANGES = "Estimates of the change, after minus before or after over before, each with its interval and its people."
LINES_OF_PEOPLE: Mapping[str, str] = {
    "count": "Ratios after over before for {}, line by line, with 95% intervals; lines multiply.",
    "score": "Points of {}, after minus before, line by line, with 95% intervals; lines add up.",
}
"""What a table of ledger lines shows, for people."""
TABLE_ONE = "The outcomes, window by window (Table 1)."
TOO_FEW = "For {} nothing is given: too few people have every window."
NOT_COMPUTED = "For {}, {} is not computed: {}."
FIRST_LOOK = "A first look (--quick): it draws less often than the full report, so last digits differ."
CUT_TELLS = (
    "For {} the cut by which people were picked is stated: what picking alone does is read from it above, with the "
    "programme switched off, and in the ledger below."
)
NO_PICKING = (
    "For {} no ledger is drawn up: fewer than {} sets of evidence can say what picking alone would have done, and one "
    "answer alone would pass for the answer."
)
NOTHING_ALLOWED = (
    "For {} no ledger is drawn up: this study allows for nothing. It takes how people were "
    "picked (selection), or ages and the dates of the windows, or allowances of the study's own."
)
SETS_OF_ONES_OWN: Mapping[str, str] = {
    "count": (
        "how people were picked and what that does by itself (RegressionToMean), how such figures moved for everybody "
        "(History), how many people stop anyway (Desistance), whether offences lead to an arrest as often as before "
        "(Detection)"
    ),
    "score": (
        "by how many points a score is off by chance, or its reliability (ScoreRegression); how many points an event "
        "brings and how far events changed (ScoreError); where people without a later score stand (Attrition)"
    ),
}
"""The beliefs that a set of evidence of one's own states, by kind of outcome."""
INVENTED = "Invented people: nobody conducted this study."
NO_SMALLEST = "The study states no smallest change that matters, so nothing on this page is called small or large."
NOT_GIVEN = "nothing is given."
NOT_PICKED = (
    "How far people who are picked at a high point would have come down anyway: the study does not say how they were "
    "picked."
)
SIMULATED_NEXT = (
    "To evaluate it as if it were real: iom-causal init STUDY --from {0}, then iom-causal evaluate STUDY/study.toml. "
    "The truth to hold the report against is in {1}."
)
SIMULATED_MANY = "{0} holds every replicate, told apart by a column; {1} holds the truth of each."
THEMES_ARE = "Themes are views voiced in interviews; they say which mechanisms people saw, not what happened."
PICKED_ON_OTHER = (
    "How far {} would have come down anyway because people were picked on {}: what goes together with {} comes down in "
    "part too, and how far is not worked out here."
)
PICKING_ASSUMED = (
    "How people were picked is not stated, so that people with many {} before are taken as likelier to have been "
    "picked, and nothing else to have counted. State it: the key selection of the study file."
)
NOT_ANY_PERSON = "Anything about one person or a few: such figures are withheld."
NOT_FOR_RELEASE = "Anything in public: disclosure control was switched off, so this page is not for release."
MISSING = (
    "Nothing in the data tells what the missing scores are. The rows differ only in what they are taken to be; where "
    "they differ much, the change of all people is not known."
)


def no_ledger(name: str, kind: str, given: int, least: int) -> str:
    """Say that too few sets of evidence are there for a ledger, and which beliefs somebody would have to state.

    Examples
    --------
    >>> no_ledger("risk", "score", 0, 3)[:97]
    'For risk no ledger is drawn up: it takes at least 3 sets of evidence for a score, and there is no'
    """
    there = f"there {'is' if given == 1 else 'are'} {given}" if given else "there is none"
    return (
        f"For {name} no ledger is drawn up: it takes at least {least} sets of evidence for a {kind}, and {there}. "
        f"A set of the study’s own (study.own_evidence) states, with its grounds, one or more of these: "
        f"{SETS_OF_ONES_OWN[kind]}. These figures are not in the data, and none is made up here."
    )


def not_allowed_for(lines: Collection[str]) -> tuple[str, ...]:
    """Say which of what is seldom known in size no set of evidence allows for.

    Examples
    --------
    >>> not_allowed_for({"season", "custody", "ageing"})
    ('No set allows for detection or breach: no figure with a source was found for that in people like these.',)
    """
    absent = [line for line in ("season", "custody", "detection", "breach") if line not in lines]
    found = "no figure with a source was found for that in people like these."
    seasons = ("Windows that are not whole years hold different seasons, and which way that goes is open.",)
    told = (f"No set allows for {listed(absent, 'or')}: {found}",) if absent else ()
    return told + (seasons if "season" in absent else ())


def line_left_out(line: str, sets: Sequence[str], why: str) -> str:
    """Say in which sets of evidence an allowance is absent, and why.

    Examples
    --------
    >>> line_left_out("ageing", ["picked-on-rate", "picked-on-count"], "needs ages")
    'The allowance for ageing is not in the sets picked-on-rate and picked-on-count: needs ages.'
    """
    return f"The allowance for {line} is not in the {'set' if len(sets) == 1 else 'sets'} {listed(sets)}: {why}."


def smallest_stated(share: float) -> str:
    """Say which change was stated beforehand as the smallest that matters.

    Examples
    --------
    >>> smallest_stated(0.1)
    'The smallest change that matters, as the study states: 10%.'
    """
    return f"The smallest change that matters, as the study states: {percent(share)}."


def smallest_sentence(name: str, share: float, low: float, high: float, people: str) -> str:
    """Say whether the interval of a ratio lies beyond the smallest change that matters, inside it, or across it.

    Examples
    --------
    >>> smallest_sentence("arrests", 0.1, 0.5, 0.7, "people")
    'The whole interval for arrests lies beyond the smallest change that matters (10%), whatever brought it about.'
    """
    if high < 1 - share or low > 1 + share:
        side = "lies beyond"
    elif 1 - share < low and high < 1 + share:
        side = "lies inside"
    else:
        changed = f"whether {name} changed by as much as {percent(share)}, the smallest change that matters"
        return not_settled(changed, f"help {people}")
    return (
        f"The whole interval for {name} {side} the smallest change that matters ({percent(share)}), whatever brought "
        "it about."
    )


def mean_change_sentence(
    name: str, change: float, low: float, high: float, *, level: float, people: str, share: bool
) -> str:
    """Say how a mean score or a share changed among those with both windows, whatever brought it about.

    Examples
    --------
    >>> mean_change_sentence("risk", -3.2, -5.1, -1.3, level=0.95, people="185", share=False)[:69]
    'The mean risk of the 185 people with both windows fell by 3.20 points'
    >>> mean_change_sentence("risk", 0.0, -5.1, 1.3, level=0.95, people="185", share=False)[50:-28]
    'stayed the same (95% interval from a fall of 5.10 to a rise of 1.30 points)'
    """
    scale, decimals, unit = (100, 1, " percentage points") if share else (1, 2, " points")
    size, below, above = (number(scale * abs(v), decimals) for v in (change, low, high))
    same = float(size.replace(",", "")) == 0
    moved = "stayed the same" if same else f"{'fell' if change < 0 else 'rose'} by {size}{unit}"
    interval = f"{below} to {above}" if low >= 0 else f"{above} to {below}"
    if low < 0 < high:
        interval = f"from a fall of {below} to a rise of {above}"
    interval += unit if same else ""
    what = f"The share with {name}" if share else f"The mean {name}"
    return (
        f"{what} of the {people} people with both windows {moved} ({percent(level)} interval {interval}), whatever "
        "brought it about."
    )


SIMULATED = "Nobody in these files exists: they are simulated, and so is what happens to them."
SIMULATED_PEOPLE = "{} people are in the programme, picked from {} drawn."
SIMULATED_CHANGE = (
    "A before/after comparison of them shows {} at {} of their rate before (95% interval {} to {}), whatever brought "
    "it about."
)
SIMULATED_FIRST = (
    "The figures that follow are of the first of {} worlds (replicate 0); the files hold all of them, told apart by "
    "the column replicate."
)
SIMULATED_SCORE = (
    "The mean of {} went from {} to {} among the {} people with both scores; without the programme it would have "
    "changed by {} points among all {}."
)
SIMULATED_TRUTH = (
    "The truth of this world: without the programme the rate would have stood at {}; the programme multiplied what is "
    "recorded by {}, and offences by {}."
)


PICKED_TOP = (
    " Its worlds pick softly, the more events the likelier; where so many people with the most events were taken, as "
    "stated here, the line on regression to the mean below reads the rule itself."
)
