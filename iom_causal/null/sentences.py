"""Sentences of the null calibration."""

from collections.abc import Mapping, Sequence

from iom_causal.base import wording
from iom_causal.base.formats import fixed, number, percent
from iom_causal.null.figures_in_words import (
    FARTHEST,
    FARTHEST_SOFT,
    UNCHANGED,
    chance_text,
    either,
    ends_with_search,
    range_text,
    share_text,
)
from iom_causal.numerics.pairs.minimum_distance import NEAR
from iom_causal.numerics.pairs.rate_models import IN_WORDS

BEYOND = "; ratios a little beyond these ends differ by sampling alone"


def _reach(low: float, high: float, farthest: float) -> str:
    """Return the ratios of the models that were found, and whether the search ended before they did."""
    end = ", where the search ends, and perhaps more," if ends_with_search(high, farthest) else ""
    return f"any ratio from {fixed(low, 2)} to {fixed(high, 2)}{end}"


def identified_set_sentence(
    name: str,
    rates: Sequence[str],
    low: float,
    high: float,
    *,
    ratios_given: bool = False,
    nearly: float | None = None,
    misfit: Sequence[str] = (),
    same: str = "print",
) -> str:
    """Say which models reproduce the same figures, or at a level of `nearly` differ from them by no more than sampling.

    The verb of `same` is for a published table; of people, models "have" the same figures.

    Examples
    --------
    >>> identified_set_sentence("arrests", ("lognormal", "gamma"), 0.654, 1.2)[-59:]
    'ratios a little beyond these ends differ by sampling alone.'
    >>> identified_set_sentence("arrests", ("gamma",), 0.654, 1.2, nearly=0.95)[-50:]
    ' people’s by no more than sampling (95% interval).'
    """
    met = f"each of the ratios that were asked for and met, {fixed(low, 2)} to {fixed(high, 2)},"
    figures = f"{same} the same means, SDs and correlation{'' if ratios_given else BEYOND}"
    if nearly is not None:
        figures = (
            "have means, SDs and a correlation that differ from these people’s by no more than sampling "
            f"({percent(nearly)} interval){_but(misfit)}"
        )
    ratio = met if ratios_given else _reach(low, high, FARTHEST_SOFT)
    return (
        f"Suppose that people were picked because of many {name} before, the more of them the likelier. Take a "
        f"population with {either(rates)} in which everybody’s rate changed by one ratio. With {ratio.rstrip(',')}, "
        f"such worlds {figures}."
    )


def _but(misfit: Sequence[str]) -> str:
    return f", but for {either(misfit)}, where by more, though by under {percent(NEAR)} of each," if misfit else ""


def off_sentence(
    name: str,
    fall: float,
    n: int,
    wide: tuple[float, float],
    narrow: tuple[float, float],
    other: str = UNCHANGED,
    limits: str = wording.NULL_WORLDS,
) -> str:
    """Say how often cohorts fall as far with the programme switched off, at both ends of the identified set.

    Parameters
    ----------
    name : str
        Of the outcome.
    fall : float
        Observed, as a share.
    n : int
        People a cohort.
    wide, narrow : tuple of float
        The share of the population that was selected, and the chance, where that share is largest and smallest.
    other : str
        What else changes, as `meanwhile` has it.
    limits : str
        What such models cannot tell.

    Examples
    --------
    >>> off_sentence("arrests", 0.474, 225, (0.37, 0.0), (0.0006, 1.0))[:75]
    'With the programme switched off and nothing else changing in these worlds, '
    """
    return (
        f"With the programme switched off and {other} in these worlds, {name} of {n} people picked like "
        "this fall by "
        f"{percent(fall, 1)} or more in {chance_text(wide[1])} of cohorts where {share_text(wide[0])} of the "
        f"population was picked, and in {chance_text(narrow[1])} where {share_text(narrow[0])} was: "
        f"{limits}."
    )


def cut_sentence(
    name: str,
    cut: float,
    ratios: tuple[float, float],
    nearest: Mapping[str, float],
    level: float,
    *,
    ratios_given: bool = False,
    misfit: Sequence[str] = (),
) -> str:
    """Say which models with a known cut have figures like these: lowest and highest ratio, and the nearest.

    Examples
    --------
    >>> cut_sentence("arrests", 4, (0.65, 0.98), {"lognormal": 0.8, "gamma": 0.85}, 0.95)[-71:]
    '0.80 with lognormal rates that drift, 0.85 with gamma rates that drift.'
    """
    low, high = (fixed(q, 2) for q in ratios)
    up = f"{high}, where the search ends, and perhaps more" if ratios[1] >= FARTHEST else high
    which = (
        f"each of the ratios that were asked for and not rejected, {low} to {high}"
        if ratios_given
        else f"any ratio from {low} to {up}"
    )
    near = ", ".join(f"{fixed(ratio, 2)} with {IN_WORDS[kind]}" for kind, ratio in nearest.items())
    return (
        f"Suppose that everybody with at least {number(cut)} {name} before was picked, and nobody else, from a "
        f"population with {either(nearest)}. Then the means, SDs and correlation of these people differ by no more "
        f"than sampling ({percent(level)} interval){_but(misfit)} from those of worlds in which everybody’s rate "
        f"changed, for whatever reason, by {which}; the nearest has {near}."
    )


def cut_off_sentence(
    name: str,
    fall: float,
    n: int,
    chances: tuple[float, float],
    other: str = UNCHANGED,
    limits: str = wording.NULL_WORLDS,
) -> str:
    """Say how often cohorts selected by a hard cut fall as far with the programme switched off.

    Examples
    --------
    >>> cut_off_sentence("arrests", 0.474, 225, (0.04, 0.3))[81:139]
    'picked by that cut fall by 47.4% or more in 4.0% to 30% of'
    """
    return (
        f"With the programme switched off and {other}, {name} of {n} people picked by that cut fall by "
        f"{percent(fall, 1)} or more in {_between(chances)} of cohorts: {limits}."
    )


CUT_LIMITS = (
    "This rests on the cut having been kept, on the shape of the rates and on how long they last, which these people "
    "show only in part: with rates of another kind other ratios fit, and the shares and means of the pool here follow "
    "from the fit alone, with no interval."
)
CUT_POOL = (
    "A pool that is known narrows this: best the counts of everybody who could have been picked (in a study file the "
    "key [study.pool]). Where only what they averaged is known, themselves included, a line of one's own under "
    '[[study.confounds]] states it, with method = "robbins_zhang", comparable_mean, and persistence: how much of the '
    "distance from that average lasts to the window after. It makes one more set of assumptions beside the others."
)


def no_effect_range_sentence(
    ratio: float, share: tuple[float, float], mean: tuple[float, float], alone: Sequence[str] = ()
) -> str:
    """Say that models without any programme are among those with figures like these, and what that is worth.

    Parameters
    ----------
    ratio : float
        In which the programme does nothing.
    share, mean : tuple of float
        Lowest and highest share selected and mean of the population, over the kinds of rates.
    alone : sequence of str
        The kinds of rates with which there is one, where there are others with which there is none.

    Examples
    --------
    >>> no_effect_range_sentence(1.0, (0.18, 0.18), (2.0, 2.0), ["gamma"])[:86]
    'A ratio of 1.00, at which the programme does nothing if nothing else changes, is among'
    """
    which = f" with {either(alone)} alone" if alone else ""
    anyway = "nothing else changes" if fixed(ratio, 2) == "1.00" else "everybody’s rate changes by that anyway"
    return (
        f"A ratio of {fixed(ratio, 2)}, at which the programme does nothing if {anyway}, is among "
        f"them{which}: {_share_range(share)} picked from a population that averages {_fixed_range(mean)} in the window "
        "before. That it is not rejected speaks neither for nor against the programme."
    )


def null_rejected_sentence(backgrounds: Sequence[float], *, cut: bool = True) -> str:
    """Say that no model without a programme is among those with figures like these, and what that rests on.

    Examples
    --------
    >>> null_rejected_sentence((1.0, 0.95, 0.9))[:63]
    'No world in which the programme does nothing is among them, wit'
    """
    of, other = _fixed_range((min(backgrounds), max(backgrounds))), "a cut that was not kept" if cut else "another rule"
    return (
        f"No world in which the programme does nothing is among them, with a background of {of}: these figures lie "
        f"farther from any such world than sampling does. Rates of another kind, {other}, or more "
        "ageing and trend than that could account for it as well as a programme could."
    )


def known_sentence(
    known: str, chances: tuple[float, float], refitted: tuple[float, float] | None, limits: str = wording.NULL_WORLDS
) -> str:
    """Say how often cohorts fall as far in the models that a belief about the population has left.

    Examples
    --------
    >>> known_sentence("a pool_share of 0.02", (0.05, 0.05), (0.13, 0.13))[:75]
    'With a pool_share of 0.02 and the programme switched off, such a fall comes'
    """
    found = f"With {known} and the programme switched off, such a fall comes in {_between(chances)} of cohorts"
    if refitted is None:
        return (
            f"{found}. Their figures differ from these people’s by no more than sampling; how far the figures of each "
            f"such cohort would move the world that is fitted is not computed: {limits}."
        )
    return (
        f"{found} if the rest "
        "of the world is taken as known exactly. In truth it is fitted to these few figures: of cohorts without the "
        f"programme, {_between(refitted)} have figures that, fitted in the same way, point to a ratio as low as "
        f"these do: {limits}."
    )


def _between(chances: tuple[float, float]) -> str:
    return range_text(chance_text(chances[0]), chance_text(chances[1]))


def no_effect_sentence(ratio: float, share: tuple[float, float], mean: tuple[float, float]) -> str:
    """Say that models without any programme are among those that reproduce the same, and what that is worth.

    Examples
    --------
    >>> no_effect_sentence(1.0, (0.0073, 0.0082), (1.341, 1.497))[:61]
    'In one of these worlds, that of the ratio 1.00, the programme'
    """
    return (
        f"In one of these worlds, that of the ratio {fixed(ratio, 2)}, the programme does nothing at all, and it has "
        f"the same figures: there {_share_range(share)} of the pool was picked, which averages {_fixed_range(mean)} in "
        "the window before. Every world has as many settings as there are figures to fit, so that a fit speaks neither "
        "for nor against the programme."
    )


POOL = (
    "What would narrow this is the pool: how many people could have been picked, themselves included, and what they "
    "averaged."
)


POOL_TELLS: Mapping[str, str] = {
    "places": (
        f"{POOL} Where places were filled, these are all who competed for them: in the data beside the people who were "
        "taken, and told apart as not managed (in a study file by the keys group and managed)."
    ),
    "competed": (
        "Everybody who competed for the places is in these data, so that the pool is known; these worlds do not read "
        "it. The line on regression to the mean in a ledger reads it, and the rule itself."
    ),
    "others": (
        "People who were not managed are in these data too; these worlds do not read them. The line on "
        "regression to the mean in a ledger does, where enough of them had as many."
    ),
}
"""What would tell the pool: all who competed for places, whether they are there, or others who were not managed."""
NOT_READ = ("competed", "others")
"""Of these, those with people who were not managed in the data."""
NOT_BY_THE_RULE = "These worlds pick softly and not by the rule that is stated; why is said where they are shown."


def lever_sentence(
    share: float, ratios: tuple[float, float], interval: tuple[float, float], n: int, level: float
) -> str:
    """Say what would narrow this, and what would still be open.

    Parameters
    ----------
    share : float
        Of the population, were it known.
    ratios, interval : tuple of float
        Lowest and highest ratio that the kinds of rates then leave, and lowest and highest end of their intervals.
    n : int
        People.
    level : float
        Of the intervals.

    Examples
    --------
    >>> lever_sentence(0.0082, (0.9, 1.0), (0.7, 1.27), 225, 0.95)[:58]
    'What would narrow this is the pool: how many people could '
    """
    return (
        f"{POOL} How rates move, and sampling, stay: if {share_text(share)} were known to have been picked, "
        f"these kinds of rates would leave ratios of {_fixed_range(ratios)}, and the figures of {n} people "
        f"{percent(level)} intervals that reach from {_fixed_range(interval)}."
    )


def _share_range(share: tuple[float, float]) -> str:
    return range_text(share_text(share[0]), share_text(share[1]))


def _fixed_range(values: tuple[float, float]) -> str:
    return range_text(fixed(values[0], 2), fixed(values[1], 2))


def rate_sentence(day: float, window: tuple[float, float], other: str = UNCHANGED) -> str:
    """Say what happens on the other side, where people are picked on a rate and no chance in a count regresses.

    Parameters
    ----------
    day : float
        How often such a fall comes where they were picked on the rate of the day of introduction.
    window : tuple of float
        The share of that of the window before that lasts at least, and how often such a fall then comes.
    other : str
        What else changes, as `meanwhile` has it.

    Examples
    --------
    >>> rate_sentence(0.0, (0.59, 0.08))[-78:]
    'programme raised no rate, and such a fall would come in up to 8.0% of cohorts.'
    """
    also = "" if other == UNCHANGED else f", with {other},"
    lasts, chance = window
    drift = (
        "Picked on their rate over the whole window before, rates that come and go would come down by up to "
        f"{percent(1 - lasts)} by a straight line through these counts, if the programme raised no rate, and such a "
        f"fall would come in up to {chance_text(chance)} of cohorts."
        if lasts < 1
        else "These figures leave no room for rates that come and go, so that the same holds had it been their rate "
        "over the whole window before."
    )
    return (
        "The other side of it: had people been picked on their rate on the day of introduction, it would be as high "
        f"before as after, nothing would regress, and{also} such a fall would come in {chance_text(day)} of cohorts. "
        f"{drift}"
    )


def checks_sentence(
    ranges: Mapping[str, tuple[float, float]], order: str = "from the widest pool to the narrowest"
) -> str:
    """Say what the models make of reported figures that they were not fitted to.

    Examples
    --------
    >>> checks_sentence({"nobody has more than 23 before": (0.05, 0.42)})[-73:]
    'A low figure speaks against that world, whatever the programme did in it.'
    """
    shown = [f"{what}, {fixed(low, 2)} to {fixed(high, 2)}" for what, (low, high) in ranges.items()]
    return (
        f"These worlds were not fitted to every figure. How likely each of the others is in them, {order}: "
        f"{'; '.join(shown)}. A low figure speaks against that world, whatever the programme did in it."
    )


def settled_sentence(name: str, people: str) -> str:
    """Say what all of it leaves open.

    Examples
    --------
    >>> settled_sentence("arrests", "managed people").partition(";")[0]
    'These data do not settle whether such a fall in arrests would have come without the programme'
    """
    return wording.not_settled(f"whether such a fall in {name} would have come without the programme", f"help {people}")


def first_page_sentence(
    name: str,
    fall: float,
    chances: tuple[float, float],
    shares: tuple[float, float],
    other: str = UNCHANGED,
    limits: str = wording.NULL_WORLDS,
) -> str:
    """Say for the first page how often such a fall is expected under the null, with the widest pool and the narrowest.

    Examples
    --------
    >>> first_page_sentence("arrests", 0.474, (0.0, 1.0), (0.38, 0.0005))[:68]
    'With the programme switched off and nothing else changing, people pi'
    """
    return (
        f"With the programme switched off and {other}, people picked for many {name} fall by "
        f"{percent(fall, 1)} or more in "
        f"{chance_text(chances[0])} of simulated cohorts if {share_text(shares[0])} of the pool was picked, "
        f"and in {chance_text(chances[1])} if {share_text(shares[1])} of it was: {limits}."
    )


def first_page_cut_sentence(
    name: str,
    cut: float,
    fall: float,
    chances: tuple[float, float],
    other: str = UNCHANGED,
    limits: str = wording.NULL_WORLDS,
) -> str:
    """Say the same where people were selected by a hard cut.

    Examples
    --------
    >>> first_page_cut_sentence("arrests", 4, 0.474, (0.04, 0.3))[59:105]
    'people picked for at least 4 arrests fall, if '
    """
    return (
        f"With the programme switched off and {other}, people picked for at least {number(cut)} {name} fall, if that "
        f"cut was kept, by {percent(fall, 1)} or more in {_between(chances)} of simulated cohorts with figures like "
        f"these: {limits}."
    )


def plain_sentence(name: str, chances: tuple[float, float], *, cut: bool, limits: str = wording.NULL_WORLDS) -> str:
    """Say in a few words how often such a fall is expected under the null, and on what that turns.

    Examples
    --------
    >>> plain_sentence("arrests", (0.0, 1.0), cut=False)[:80]
    'Such a fall in arrests comes with no programme at all in under 0.1% to over 99.9'
    """
    turns = (
        "how much people’s rates come and go"
        if cut
        else "how many people these were picked from: the more there were, the likelier"
    )
    return (
        f"Such a fall in {name} comes with no programme at all in {_between(chances)} of simulated cohorts. It turns "
        f"on {turns}. So it is {limits}."
    )


MEAN_DAYS = (
    ", and they say little for or against the programme where many days at risk are lost through events, as to "
    "custody: these worlds know how many days were lost, and not when, so that they guess how far that lowered the "
    "counts before"
)
NOT_COMPUTED = "For {} there is no null calibration: {}."
