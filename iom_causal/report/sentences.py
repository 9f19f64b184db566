"""What the pages say about figures: each sentence is a function of the figures in it."""

from collections.abc import Collection, Mapping, Sequence

from iom_causal.analysis.results import Refusal
from iom_causal.base.formats import bounded, fixed, listed, percent
from iom_causal.base.wording import not_settled
from iom_causal.confounds import CONFOUNDS
from iom_causal.report import phrases


def not_computed(refusal: Refusal) -> str:
    """Say of an outcome what is not computed, and why.

    Examples
    --------
    >>> from iom_causal.errors import InputError
    >>> not_computed(Refusal("arrests", "RateRatio", InputError("IOM-E061", "arrests: nobody is left.")))
    'For arrests, RateRatio is not computed: nobody is left.'
    """
    return phrases.NOT_COMPUTED.format(refusal.outcome, refusal.what, reason(refusal))


def reason(refusal: Refusal) -> str:
    """Return why something is not computed of an outcome, for a sentence that names it and ends by itself."""
    said = "" if refusal.error is None else refusal.error.plain
    return said.removeprefix(f"{refusal.outcome}: ").rstrip(".")


def no_linear_form(refusal: Refusal) -> str:
    """Say of a published count why there is no linear form of regression to the mean."""
    return phrases.NO_REGRESSION.format(refusal.outcome, "" if refusal.error is None else refusal.error.plain)


def change_sentence(
    name: str,
    ratio: float,
    low: float,
    high: float,
    *,
    level: float,
    per: str = "",
    counted: bool = True,
    people: str = "",
    decimals: int = 3,
) -> str:
    """Say what happened to an outcome, whatever brought it about; `per` is "day at risk" only where these are known.

    `people` is "70 of 80" where some have no figure in one of the windows, and empty where all have both.

    Examples
    --------
    >>> change_sentence("arrests", 0.526, 0.469, 0.589, level=0.95, per="calendar day")
    'The number of arrests per calendar day fell by 47.4% (95% interval 41.1% to 53.1%), whatever brought it about.'
    >>> change_sentence("thefts", 0.998, 0.87, 1.15, level=0.95, decimals=2)
    'The number of thefts did not change (95% interval from a fall of 13% to a rise of 15%), whatever brought it about.'
    """
    fell, places = ratio <= 1, max(0, min(1, decimals - 2))
    ratio, low, high = (round(r, decimals) for r in (ratio, low, high))
    ends = (1 - high, 1 - low) if fell else (low - 1, high - 1)
    change, interval = percent(abs(1 - ratio), places), f"{percent(ends[0], places)} to {percent(ends[1], places)}"
    if low < 1 < high:
        interval = f"from a fall of {percent(1 - low, places)} to a rise of {percent(high - 1, places)}"
    what = f"{name} per {per}" if per else name
    same = change == percent(0.0, places)
    moved = "did not change" if same else f"{'fell' if fell else 'rose'} by {change}"
    noun = "number" if counted else "amount"
    whose = f"Among the {people} people with both windows, the" if people else "The"
    told = f"{moved} ({percent(level)} interval {interval}), whatever brought it about."
    return f"{whose} {noun} of {what} {told}"


def alike_sentence(name: str, ratio: float, *, counted: bool = True) -> str:
    """Say how an outcome changed that changed for everybody in the same proportion, so that it has no interval.

    Examples
    --------
    >>> alike_sentence("arrests", 1.0), alike_sentence("arrests", 0.5)[:37]
    ('The number of arrests stayed as it was.', 'The number of arrests fell by 50.0%, ')
    """
    noun, change = "number" if counted else "amount", percent(abs(1 - ratio), 1)
    if change == percent(0.0, 1):
        return f"The {noun} of {name} stayed as it was."
    return f"The {noun} of {name} {'fell' if ratio < 1 else 'rose'} by {change}, whatever brought it about."


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
        moved, ends = "changed", (fixed(low, decimals), f"+{fixed(high, decimals)}")
    else:
        sizes = sorted((abs(low), abs(high)))
        moved = "fell" if high <= 0 else "rose"
        ends = (fixed(sizes[0], decimals), fixed(sizes[1], decimals))
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
    low, high = (fixed(end, 0) for end in support)
    return (
        f"All {n} people together did not change in {name} if the {n - followed} without a later one average "
        f"{fixed(tipping, 0)} after. Whatever they have, from {low} to {high}, the mean change of all lies between "
        f"{fixed(bounds[0], 0)} and {fixed(bounds[1], 0)} points."
    )


def people_sentence(name: str, low: int, high: int, n: int, *, up: bool = False) -> str:
    """Say how many people went down, or up, over every set of whole numbers that prints the same table.

    Examples
    --------
    >>> people_sentence("arrests", 120, 200, 225)[:70]
    'Between 120 and 200 of 225 people had fewer arrests after than before,'
    """
    return (
        f"Between {low} and {high} of {n} people had {'more' if up else 'fewer'} {name} after than before, in every "
        "set of numbers that prints this table."
    )


def tipping_sentence(
    name: str, tipping: float, low: float | None, high: float | None, *, rose: bool = False, several: bool = False
) -> str:
    """Say at which mean of everybody who could have been picked regression to the mean is the whole change.

    A fall takes picking at a high point, a rise picking at a low one; `several` windows before are taken together.

    Examples
    --------
    >>> tipping_sentence("arrests", 1.338, 0.138, 2.298)[:72]
    'If people were picked on their arrests before alone and the regression i'
    """
    band = "" if low is None or high is None else f" (sampling alone: {fixed(max(low, 0.0))} to {fixed(high)})"
    picked = f"for few {name}" if rose else f"on their {name}"
    over = phrases.WINDOWS_TOGETHER if several else "a window"
    less, more, way = ("lower", "higher", "up") if rose else ("higher", "lower", "down")
    return (
        f"If people were picked {picked} before alone and the regression is linear, and everybody from whom "
        f"they were picked, themselves included, averages {fixed(tipping)} {name} {over}{band}, regression to the "
        f"mean by itself is the whole change. At a {less} mean part of the change remains; at a {more} one regression "
        f"would have taken people further {way} than they went. With what else would have come anyway, such as ageing, "
        "it is another mean."
    )


def expected_anyway_sentence(name: str, tipping: float, *, rose: bool = False, several: bool = False) -> str:
    """Say for the first page that part of a change was to be expected, and when all of it.

    Examples
    --------
    >>> expected_anyway_sentence("arrests", 1.338)[:73]
    'If people were picked because of many arrests, part of the fall was to be'
    >>> expected_anyway_sentence("arrests", 9.0, rose=True)[:67]
    'If people were picked when they had few arrests, part of the rise w'
    """
    picked, change = (f"when they had few {name}", "rise") if rose else (f"because of many {name}", "fall")
    over = phrases.WINDOWS_TOGETHER if several else "in such a window"
    other = " If they were picked because of many, a fall was to be expected and not a rise." if rose else ""
    return (
        f"If people were picked {picked}, part of the {change} was to be expected anyway. In the simplest "
        f"form, nothing else at work, it was all of the {change} if the pool, everybody from whom they were picked, "
        f"averages {fixed(tipping)} {name} {over}; else it is more or less.{other}"
    )


def bracket_sentence(
    observed: float,
    at: Mapping[float, float],
    told: str = "is not printed",
    *,
    per_day: float | None = None,
    stated: bool = False,
) -> str:
    """Bracket what remains between picking on the count and picking on the rate behind it.

    Where it is `stated` that the count was read, only what everybody averages is open. The observed ratio is per
    window; where windows differ in length, `per_day` is the same per calendar day.

    Examples
    --------
    >>> bracket_sentence(0.528, {3.0: 0.675}, per_day=0.526)[131:214]
    'observed ratio of .528 (per window as printed; .526 per calendar day) stands. If th'
    """
    both = "" if per_day is None else f" (per window as printed; {bounded(per_day)} per calendar day)"
    shown = listed(f"{bounded(value, 2)} at a mean of {fixed(mean, 0)}" for mean, value in at.items())
    if stated:
        return (
            "People were picked on the count, as the study states. Then the ratio that remains depends on the mean of "
            f"everybody from whom they were picked: {shown}. Had they been picked on the rate of the day, "
            f"nothing would regress and the observed ratio of {bounded(observed)}{both} would stand."
        )
    return (
        "If people were picked on their rate on the day of introduction, and not on a count of the window before, "
        f"nothing regresses and the observed ratio of {bounded(observed)}{both} stands. If they were "
        f"picked on the count, the ratio that remains depends on the mean of everybody from whom they were picked: "
        f"{shown}. Which of the two it was {told}, so these are cases side by side, a bracket and not an estimate."
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
        f"{_to_state(kind)}. These figures are not in the data, and none is made up here."
    )


def _to_state(kind: str) -> str:
    """List the beliefs that a set of evidence of a study's own states, each with the confound that takes it."""
    beliefs = [f"{text} ({c.__name__})" for c in CONFOUNDS if (text := c.in_ledger(kind).to_state)]
    return ("; " if any("," in text for text in beliefs) else ", ").join(beliefs)


def not_allowed_for(lines: Collection[str]) -> tuple[str, ...]:
    """Say which of what is seldom known in size no set of evidence allows for.

    Examples
    --------
    >>> not_allowed_for({"season", "custody", "ageing"})
    ('No set allows for detection or breach: no figure with a source was found for that in people like these.',)
    """
    absent = [c.line for c in CONFOUNDS if c.seldom_known and c.line not in lines]
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
    noun = "set" if len(sets) == 1 else "sets"
    return f"The allowance for {line} is not in the {noun} {listed(sets)}: {why.rstrip('.')}."


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
    name: str, change: float, low: float, high: float, *, level: float, people: str, share: bool, decimals: int = 2
) -> str:
    """Say how a mean score or a share changed among those with both windows, whatever brought it about.

    Examples
    --------
    >>> mean_change_sentence("risk", -3.2, -5.1, -1.3, level=0.95, people="185", share=False)[:66]
    'The mean risk of the 185 people with a score before and after fell'
    >>> mean_change_sentence("harm", -0.17, -0.32, -0.02, level=0.95, people="35", share=True, decimals=1)[-79:-24]
    'fell by 20 percentage points (95% interval 0 to 30), wh'
    >>> mean_change_sentence("risk", 0.0, -5.1, 1.3, level=0.95, people="185", share=False)[62:-28]
    'stayed the same (95% interval from a fall of 5.10 to a rise of 1.30 points)'
    """
    scale, unit = (100, " percentage points") if share else (1, " points")
    places = decimals - 2 if share else decimals
    size, below, above = (fixed(round(scale * abs(v), places), max(0, places)) for v in (change, low, high))
    same = float(size.replace(",", "")) == 0
    moved = "stayed the same" if same else f"{'fell' if change < 0 else 'rose'} by {size}{unit}"
    interval = f"{below} to {above}" if low >= 0 else f"{above} to {below}"
    if low < 0 < high:
        interval = f"from a fall of {below} to a rise of {above}"
    interval += unit if same else ""
    what, known = (f"The share with {name}", "known") if share else (f"The mean {name}", "with a score")
    return (
        f"{what} of the {people} people {known} before and after {moved} ({percent(level)} interval {interval}), "
        "whatever brought it about."
    )
