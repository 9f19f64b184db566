"""Sentences of the null calibration."""

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
    >>> worlds_sentence("arrests", 0.654, 1.3)[-64:]
    'from 0.65 to 1.30 print the same means, SDs and correlation.'
    """
    return (
        f"Suppose that people were picked because of many {name} before, the more of them the likelier, from a "
        "population whose rates differ between people and drift in time. Then worlds in which everybody’s rate was "
        f"multiplied by anything from {fixed(low, 2)} to {fixed(high, 2)} print the same means, SDs and correlation."
    )


def off_sentence(name: str, fall: float, n: int, ends: "tuple[tuple[float, float], tuple[float, float]]") -> str:
    """Say how often cohorts fall as far with the programme switched off, at both ends of the ridge.

    Parameters
    ----------
    name : str
        Of the outcome.
    fall : float
        Observed, as a share.
    n : int
        People a cohort.
    ends : tuple
        The share of the population picked and the chance, in the worlds with the largest and the smallest share.

    Examples
    --------
    >>> off_sentence("arrests", 0.474, 225, ((0.37, 0.0), (0.0006, 1.0)))[:75]
    'With the programme switched off in these worlds, arrests of 225 people pick'
    """
    (wide, low), (narrow, high) = ends
    return (
        f"With the programme switched off in these worlds, {name} of {n} people picked like this fall by "
        f"{words.percent(fall)} or more in {chance_text(low)} of cohorts where {share_text(wide)} of the population "
        f"was picked, and in {chance_text(high)} where {share_text(narrow)} was: {words.NULL_WORLDS}."
    )


def known_sentence(known: str, chances: "tuple[float, float]", refitted: "tuple[float, float]") -> str:
    """Say how often cohorts fall as far in the worlds that a belief about the population has left.

    Examples
    --------
    >>> known_sentence("a pool_share of 0.02", (0.05, 0.05), (0.13, 0.13))[:75]
    'With a pool_share of 0.02 and the programme switched off, such a fall comes'
    """
    return (
        f"With {known} and the programme switched off, such a fall comes in {_between(chances)} of cohorts if the rest "
        f"of the world is known exactly. It is known from these figures alone, and so uncertain: cohorts without the "
        f"programme whose own figures are read like these point as low in {_between(refitted)}: {words.NULL_WORLDS}."
    )


def _between(chances: "tuple[float, float]") -> str:
    low, high = (chance_text(c) for c in chances)
    return low if low == high else f"{low} to {high}"


def idle_sentence(share: float, mean: float) -> str:
    """Say that a world without any programme is among those that print the same, and what that is worth.

    Examples
    --------
    >>> idle_sentence(0.0082, 1.497)[:66]
    'At a multiplier of 1 the programme does nothing at all, and the fi'
    """
    return (
        "At a multiplier of 1 the programme does nothing at all, and the five figures are met exactly all the same: "
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
        f"people would leave the multiplier at {fixed(ratio, 2)} ({words.percent(level)} interval {fixed(low, 2)} to "
        f"{fixed(high, 2)}), which is wider than the sampling of the fall alone."
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


def checks_sentence(ranges: "dict[str, tuple[float, float]]") -> str:
    """Say what the worlds make of printed figures that they were not fitted to.

    Examples
    --------
    >>> checks_sentence({"a largest count before of at most 23": (0.06, 0.41)})[-61:]
    'They are awkward for worlds with and without a programme alike.'
    """
    shown = [f"{what}: {fixed(low, 2)} to {fixed(high, 2)}" for what, (low, high) in ranges.items()]
    return (
        f"Figures that the worlds were not fitted to, and how likely they are along the ridge: {'; '.join(shown)}. "
        "Where they are low they are so with and without a programme, so that they pick no world."
    )
