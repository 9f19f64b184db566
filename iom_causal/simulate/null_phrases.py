"""Sentences of the null calibration."""

from collections.abc import Mapping

from iom_causal import words
from iom_causal.formats import fixed


def chance_text(chance: float) -> str:
    """Return how often something came in simulated cohorts, as a percentage that claims no more than they show.

    Examples
    --------
    >>> chance_text(0.0), chance_text(0.0834), chance_text(0.486), chance_text(1.0)
    ('under 0.1%', '8.3%', '49%', 'over 99.9%')
    """
    if chance < 0.001 or chance > 0.999:
        return "under 0.1%" if chance < 0.001 else "over 99.9%"
    return words.percent(chance, 1 if chance < 0.0995 or chance > 0.9005 else 0)


def short_chance(chance: float) -> str:
    """Return the same for a table.

    Examples
    --------
    >>> short_chance(0.0), short_chance(1.0)
    ('<0.1%', '>99.9%')
    """
    return chance_text(chance).replace("under ", "<").replace("over ", ">")


def share_text(share: float) -> str:
    """Return a share of a population with two digits.

    Examples
    --------
    >>> share_text(0.3654), share_text(0.0082), share_text(0.000618)
    ('37%', '0.8%', '0.06%')
    """
    return words.percent(share, 0 if share >= 0.0995 else 1 if share >= 0.00095 else 2)


def worlds_sentence(name: str, low: float, high: float) -> str:
    """Say which worlds print the same figures.

    Examples
    --------
    >>> worlds_sentence("arrests", 0.654, 1.3)[-60:]
    'from 0.65 to 1.30 print the same means, SDs and correlation.'
    """
    return (
        f"Suppose that people were picked because of many {name} before, the more of them the likelier, from a "
        "population whose rates differ between people and drift in time. Then worlds in which everybody’s rate "
        f"changed by any ratio from {fixed(low, 2)} to {fixed(high, 2)} print the same means, SDs and correlation."
    )


def off_sentence(name: str, fall: float, n: int, wide: tuple[float, float], narrow: tuple[float, float]) -> str:
    """Say how often cohorts fall as far with the programme switched off, at both ends of the ridge.

    Parameters
    ----------
    name : str
        Of the outcome.
    fall : float
        Observed, as a share.
    n : int
        People a cohort.
    wide, narrow : tuple of float
        The share of the population that was picked, and the chance, where that share is largest and smallest.

    Examples
    --------
    >>> off_sentence("arrests", 0.474, 225, (0.37, 0.0), (0.0006, 1.0))[:75]
    'With the programme switched off in these worlds, arrests of 225 people pick'
    """
    return (
        f"With the programme switched off in these worlds, {name} of {n} people picked like this fall by "
        f"{words.percent(fall)} or more in {chance_text(wide[1])} of cohorts where {share_text(wide[0])} of the "
        f"population was picked, and in {chance_text(narrow[1])} where {share_text(narrow[0])} was: "
        f"{words.NULL_WORLDS}."
    )


def known_sentence(known: str, chances: tuple[float, float], refitted: tuple[float, float]) -> str:
    """Say how often cohorts fall as far in the worlds that a belief about the population has left.

    Examples
    --------
    >>> known_sentence("a pool_share of 0.02", (0.05, 0.05), (0.13, 0.13))[:75]
    'With a pool_share of 0.02 and the programme switched off, such a fall comes'
    """
    return (
        f"With {known} and the programme switched off, such a fall comes in {_between(chances)} of cohorts if the rest "
        "of the world is taken as known exactly. In truth it is fitted to these few figures: of cohorts without the "
        f"programme, {_between(refitted)} have figures that, fitted in the same way, point to a ratio as low as "
        f"these do: {words.NULL_WORLDS}."
    )


def _between(chances: tuple[float, float]) -> str:
    low, high = (chance_text(c) for c in chances)
    return low if low == high else f"{low} to {high}"


def idle_sentence(ratio: float, share: float, mean: float) -> str:
    """Say that a world without any programme is among those that print the same, and what that is worth.

    Examples
    --------
    >>> idle_sentence(1.0, 0.0082, 1.497)[:61]
    'At a ratio of 1.00 the programme does nothing at all, and the'
    """
    return (
        f"At a ratio of {fixed(ratio, 2)} the programme does nothing at all, and the five figures are met exactly "
        "all the same: "
        f"{share_text(share)} picked from a population that averages {fixed(mean, 2)} in the window before. Five "
        "settings meet five figures in every one of these worlds, so that an exact fit speaks neither for nor against "
        "the programme."
    )


def lever_sentence(ratio: float, low: float, high: float, n: int, share: float, level: float) -> str:
    """Say what would settle it, and what would still be open.

    Examples
    --------
    >>> lever_sentence(1.0, 0.79, 1.27, 225, 0.0082, 0.95)[:58]
    'What would narrow this is the pool: how many people could '
    """
    return (
        "What would narrow this is the pool: how many people could have been picked, themselves included, and what "
        f"they averaged. Sampling stays: if {share_text(share)} were known to have been picked, the figures of {n} "
        f"people would leave the ratio at {fixed(ratio, 2)} ({words.percent(level)} interval {fixed(low, 2)} to "
        f"{fixed(high, 2)})."
    )


def rate_sentence(chance: float) -> str:
    """Say what happens at the other end, where picking makes nothing regress.

    Examples
    --------
    >>> rate_sentence(0.0)[:52]
    'The other end of the bracket: had people been picked'
    """
    return (
        "The other end of the bracket: had people been picked on the rate behind their count on the day of "
        f"introduction, nothing would regress, and such a fall would come in {chance_text(chance)} of cohorts."
    )


def checks_sentence(ranges: Mapping[str, tuple[float, float]]) -> str:
    """Say what the worlds make of printed figures that they were not fitted to.

    Examples
    --------
    >>> checks_sentence({"nobody has more than 23 before": (0.05, 0.42)})[-73:]
    'A low figure speaks against that world, whatever the programme did in it.'
    """
    shown = [f"{what}, {fixed(low, 2)} to {fixed(high, 2)}" for what, (low, high) in ranges.items()]
    return (
        "Figures that these worlds were not fitted to, and how likely each is from the widest pool to the narrowest: "
        f"{'; '.join(shown)}. A low figure speaks against that world, whatever the programme did in it."
    )


def settled_sentence(name: str, people: str) -> str:
    """Say what all of it leaves open.

    Examples
    --------
    >>> settled_sentence("arrests", "managed people").partition(";")[0]
    'These data do not settle whether such a fall in arrests would have come without the programme'
    """
    return words.not_settled(f"whether such a fall in {name} would have come without the programme", f"help {people}")


def first_page_sentence(name: str, fall: float, chances: tuple[float, float], shares: tuple[float, float]) -> str:
    """Say for the first page how often such a fall would come anyway, with the widest pool and the narrowest.

    Examples
    --------
    >>> first_page_sentence("arrests", 0.474, (0.0, 1.0), (0.38, 0.0005))[:68]
    'With the programme switched off, people picked for many arrests fall'
    """
    return (
        f"With the programme switched off, people picked for many {name} fall by {words.percent(fall)} or more in "
        f"{chance_text(chances[0])} of simulated cohorts if {share_text(shares[0])} of those who could be picked were, "
        f"and in {chance_text(chances[1])} if {share_text(shares[1])} were: {words.NULL_WORLDS}."
    )


NOT_COMPUTED = "For {} there is no null calibration: {}."
