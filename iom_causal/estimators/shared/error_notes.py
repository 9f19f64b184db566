"""Notes on standard errors of ratios that are missing, or smaller than the data allow."""

import numpy as np

from iom_causal.estimate.notes import DAYS_DIFFER, TOO_NARROW, Note
from iom_causal.inputs.pairs import PairedOutcomes
from iom_causal.inputs.sample import days_differ
from iom_causal.numerics.inference.concentration import effective_people, holders_of_half

FEW_HOLD = 8
"""Effective number of people of an amount in a window below which intervals are called too narrow: in simulated studies
with fewer, those at 95% around the ratio held it in 76 to 93%."""
WEIGHTED_BY_DAYS = Note(
    "days at risk differ between people, and pooled rates weight people by them: where days follow from events, as in "
    "custody, the pooled rate moves by itself, down where the most active lose more days after and up where they lose "
    "more before; PoissonFixedEffects compares people with themselves",
    DAYS_DIFFER,
)
SAME_PROPORTION = "everybody changed in the same proportion, so there is no standard error"


def too_narrow(dispersion: float) -> Note:
    """Return the note on an interval that takes events as Poisson where they vary more."""
    return Note(f"too narrow: the variance is {dispersion:.2f} times what this interval allows", TOO_NARROW)


def of_pooled_rates(*groups: PairedOutcomes, ratio: bool = True) -> list[tuple[str, ...]]:
    """Return the notes of each replicate on a ratio of pooled rates: days that differ, and few who hold an amount.

    Parameters
    ----------
    *groups : PairedOutcomes
        With a replicate axis.
    ratio : bool
        Whether there is a ratio: differences have no such notes.
    """
    few = held_by_few(*groups, ratio=ratio)
    differ = np.zeros(len(few), dtype=np.bool_)
    for group in groups if ratio else ():
        weight = np.broadcast_to(group.filled().weight, group.pairs.shape[:2])
        differ |= np.broadcast_to(days_differ(group.exposure, weight), differ.shape)
    return [(*((WEIGHTED_BY_DAYS,) if own else ()), *notes) for own, notes in zip(differ, few, strict=True)]


def held_by_few(*groups: PairedOutcomes, ratio: bool = True) -> list[tuple[str, ...]]:
    """Return the note of each replicate on a ratio of an amount that a few people of a group hold; none of counts.

    Parameters
    ----------
    *groups : PairedOutcomes
        With a replicate axis.
    ratio : bool
        Whether there is a ratio: intervals of differences do not suffer.
    """
    notes: list[tuple[str, ...]] = [()] * len(groups[0].pairs)
    if groups[0].kind != "amount" or not ratio:
        return notes
    cells = [
        (np.nan_to_num(group.pairs[..., t].astype(np.float64)), np.broadcast_to(weight, group.pairs.shape[:2]))
        for group in groups
        for weight in (np.ones(1) if group.weight is None else np.atleast_2d(group.weight).astype(np.float64),)
        for t in (0, 1)
    ]
    people = np.stack([effective_people(*cell) for cell in cells])
    for k in np.flatnonzero((people < FEW_HOLD).any(0)):
        values, weight = cells[int(np.nanargmin(people[:, k]))]
        few, everybody = holders_of_half(values[k], weight[k]), round(float(weight[k].sum()))
        text = (
            "too narrow: a few people hold most of the amount in a window, so that the interval holds what it is of "
            f"less often than it says; {few} of {everybody} people hold half of it"
        )
        notes[k] = (Note(text, TOO_NARROW),)
    return notes
