"""Estimands of a world, from expected counts of the people enrolled."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.simulate.eligibility import own_force
from iom_causal.world import Course, World

type Floats = NDArray[np.float64]

_NO_SCORE = "this world has no score: give Careers a score=Score(...)"


def att_ratio(world: World, *, of: str = "expected") -> Floats:
    """Return the programme's ratio among managed people, in the windows after: with over without.

    Right as the truth for the people drawn: it is a ratio of sums of expectations given each person's own history,
    so that chance in events does not enter; averaged over many replicates it is the ratio of the population.

    Parameters
    ----------
    world : World
        With or without replicates.
    of : {"expected", "offences", "events"}
        Recorded events, offences alone (without detection and what supervision creates), or the events that fell.

    Returns
    -------
    ndarray
        () or (R,).

    Raises
    ------
    DegenerateDataError
        IOM-E064 when nothing is expected without the programme.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Programme
    >>> round(float(att_ratio(Careers(people=20, rate=2.0, programme=Programme(ratio=0.8))(1))), 6)
    0.8
    """
    without, taken = (_total(world, getattr(course, of)) for course in (world.untreated, world.treated))
    if not (without > 0).all():
        raise DegenerateDataError("IOM-E064", "nothing is expected after the index date without the programme")
    return np.asarray(taken / without)


def att_ratio_since_entry(world: World) -> Floats:
    """Return the programme's ratio among managed people in the windows from each one's entry on: with over without.

    Where people enter at different times, windows after the index date in which somebody still waits are not in it;
    who enters after the last window is in none. With one date for all it is `att_ratio`.

    Raises
    ------
    DegenerateDataError
        IOM-E064 when nothing is expected without the programme.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Enrolment, Programme, att_ratio
    >>> careers = Careers(people=20, rate=2.0, programme=Programme(ratio=0.8))
    >>> waiting = Careers(people=20, rate=2.0, programme=careers.programme, enrolment=Enrolment(entry_months=(0, 18)))
    >>> world = waiting(1)
    >>> round(float(att_ratio_since_entry(world)), 6), bool(att_ratio(world) > 0.81)
    (0.8, True)
    """
    first, count = int((~world.post).sum()), len(world.windows)
    entered = world.managed[..., None] & (np.arange(first, count) >= world.start[..., None])
    sums = [
        np.where(entered, course.expected[..., first:], 0.0).sum(-1).sum(-1)
        for course in (world.treated, world.untreated)
    ]
    if not (sums[1] > 0).all():
        raise DegenerateDataError("IOM-E064", "nothing is expected after anybody's entry without the programme")
    return np.asarray(sums[0] / sums[1])


def att_ratio_free(world: World) -> Floats:
    """Return the ratio of pooled rates a day at liberty, with over without: custody is taken out of both.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Programme
    >>> world = Careers(people=20, rate=2.0, programme=Programme(ratio=0.8))(1)
    >>> round(float(att_ratio_free(world)), 6)
    0.8
    """
    with_, without = world.treated, world.untreated
    rates = [_total(world, c.expected) / _total(world, c.exposure) for c in (with_, without)]
    return np.asarray(rates[0] / rates[1])


def att_difference(world: World) -> Floats:
    """Return the programme's difference in expected events a managed person, in the windows after.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Programme
    >>> world = Careers(people=20, rate=2.0, programme=Programme(ratio=0.8))(1)
    >>> bool(att_difference(world) < 0)
    True
    """
    people = (world.managed & _there(world)).sum(-1)
    change = _total(world, world.treated.expected) - _total(world, world.untreated.expected)
    return np.asarray(change / people)


def att_score(world: World) -> Floats:
    """Return the programme's difference in the last score of managed people, in points.

    Raises
    ------
    SpecError
        IOM-E096 when the world has no score.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Programme, Score
    >>> world = Careers(people=20, rate=2.0, programme=Programme(ratio=0.8), score=Score(per_event=20.0))(1)
    >>> bool(att_score(world) < 0)
    True
    """
    if world.treated.score is None or world.untreated.score is None:
        raise SpecError("IOM-E096", _NO_SCORE)
    change = (world.treated.score - world.untreated.score)[..., -1]
    return np.asarray(np.where(world.managed, change, 0.0).sum(-1) / world.managed.sum(-1))


def late_cutoff(world: World) -> Floats:
    """Return the programme's ratio among people exactly at the cut of a rule that reads whole steps: with over without.

    They are the lowest who are selected. It is of them alone; who is far above the cut may gain more or less.

    Raises
    ------
    SpecError
        IOM-E096 where the rule is no cut.
    DegenerateDataError
        IOM-E064 when nobody is at the cut, or nothing is expected of them without the programme.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Enrolment, Programme
    >>> from iom_causal.windows import Selection
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4.0)
    >>> world = Careers(people=20, pool=500, programme=Programme(ratio=0.8), enrolment=Enrolment(selection=rule))(1)
    >>> round(float(late_cutoff(world)), 6)
    0.8
    """
    rule = world.selection
    if rule is None or rule.rule != "at_least" or rule.threshold is None:
        raise SpecError("IOM-E096", "late_cutoff: expected a rule with a cut; give Careers a Selection at_least")
    at = own_force(world) & (world.value == rule.threshold)
    sums = [np.where(at, _after(world, c), 0.0).sum(-1) for c in (world.treated, world.untreated)]
    if not (sums[1] > 0).all():
        raise DegenerateDataError("IOM-E064", "nobody is exactly at the cut, or nothing is expected of them")
    return np.asarray(sums[0] / sums[1])


def ate_eligible(world: World) -> Floats:
    """Return the programme's ratio among all whom the rule would select, managed or not.

    Examples
    --------
    >>> import iom_causal as iom
    >>> careers = iom.load_scenario("comparison-cohort").careers
    >>> round(float(ate_eligible(careers(1))), 6)
    0.8
    """
    sums = [np.where(world.selected, _after(world, c), 0.0).sum(-1) for c in (world.treated, world.untreated)]
    return np.asarray(sums[0] / sums[1])


def untreated_score_change(world: World) -> Floats:
    """Return the mean change of managed people's score, last less last before, without the programme, in points.

    It is of all who were enrolled, whether or not their later score is known.

    Raises
    ------
    SpecError
        IOM-E096 when the world has no score.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Score
    >>> world = Careers(people=20, rate=2.0, score=Score(drift_per_year=10.0))(1)
    >>> bool(untreated_score_change(world) > 0)
    True
    """
    scores = world.untreated.score
    if scores is None:
        raise SpecError("IOM-E096", _NO_SCORE)
    change = scores[..., -1] - scores[..., ~world.post][..., -1]
    return np.asarray(np.where(world.managed, change, 0.0).sum(-1) / world.managed.sum(-1))


def before_after_bias(world: World) -> Floats:
    """Return the bias of a before/after comparison against the programme's ratio for offences, on the log scale.

    Right as what an adjustment has to remove: everything that changes a record is in it, what belongs to
    management too, such as detection, breach and who was looked for. Events before are those seen, events after
    those to be expected, so that chance after is not in it.

    Raises
    ------
    DegenerateDataError
        IOM-E064 when nothing was seen before or is expected after.

    Examples
    --------
    >>> from iom_causal.confounds import Detection
    >>> from iom_causal.simulate import Careers
    >>> found = before_after_bias(Careers(people=2000, rate=4.0, confounds=(Detection(ratio=0.8),))(1))
    >>> round(float(found), 1) == round(float(np.log(0.8)), 1)
    True
    """
    course, who = world.treated, world.managed
    values = np.where(world.post, course.expected, course.events)
    if world.recorded is not None:
        values = np.where(world.post & ~world.recorded[..., None], 0.0, values)
    if world.in_extract is not None:
        who = who & world.in_extract
    return np.asarray(_log_change(world, values, who) - np.log(att_ratio(world, of="offences")))


def untreated_change(world: World, *, before: str = "events") -> Floats:
    """Return the log change of managed people's pooled rate a day, after over before, without the programme.

    It is what everything but the programme does to a before/after comparison: events before, as they were seen and
    as people were selected for them, against what was to be expected after.

    Parameters
    ----------
    world : World
        With or without replicates.
    before : {"events", "expected"}
        With what was to be expected before as well, nothing of the luck before is in it, and selection that read
        counts leaves only what lasting rates do.

    Returns
    -------
    ndarray
        () or (R,).

    Raises
    ------
    DegenerateDataError
        IOM-E064 when nothing was seen before or is expected after.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Enrolment
    >>> from iom_causal.windows import Selection
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    >>> world = Careers(people=50, rate=1.0, own_sd=0.8, enrolment=Enrolment(selection=rule))(1)
    >>> bool(untreated_change(world) < 0)  # people picked at a high count
    True
    """
    course = world.untreated
    return _log_change(world, np.where(world.post, course.expected, getattr(course, before)), world.managed)


def _log_change(world: World, values: Floats, who: NDArray[np.bool_]) -> Floats:
    totals = np.where(who[..., None], values, 0.0).sum(-2)
    days = np.array([float(w.days or 0) for w in world.windows])
    after, earlier = (totals[..., side].sum(-1) / days[side].sum() for side in (world.post, ~world.post))
    if not ((after > 0) & (earlier > 0)).all():
        raise DegenerateDataError("IOM-E064", "nothing was seen before the index date, or is expected after it")
    return np.asarray(np.log(after) - np.log(earlier))


def _after(world: World, course: Course) -> Floats:
    return _summed_after(world, course.expected)


def _total(world: World, values: Floats) -> Floats:
    return np.asarray(np.where(world.managed, _summed_after(world, values), 0.0).sum(-1))


def _summed_after(world: World, values: Floats) -> Floats:
    """Return each person's sum over the windows after, which come last."""
    after = values[..., int((~world.post).sum()) :]
    return np.asarray(after[..., 0] if after.shape[-1] == 1 else after.sum(-1))


def _there(world: World) -> NDArray[np.bool_]:
    return np.ones(world.managed.shape, dtype=np.bool_) if world.weight is None else world.weight > 0
