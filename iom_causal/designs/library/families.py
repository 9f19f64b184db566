"""Designs with something to compare with, one for each kind of data that a force may have, in worlds of that shape."""

from collections.abc import Sequence
from dataclasses import replace

from iom_causal.designs.design import Design
from iom_causal.designs.library.cohorts import AFTER_ALL
from iom_causal.designs.library.worlds import (
    FORCE_SD,
    PEOPLE_IN_A_CELL,
    RATES,
    WINDOWS,
    comparison_world,
    most_events,
    spans,
    with_confounds,
)
from iom_causal.designs.scoring import Target
from iom_causal.estimators import (
    Ancova,
    DiffInDiff,
    Discontinuity,
    EventStudy,
    HonestTrends,
    InterruptedTimeSeries,
    Matched,
    SyntheticControl,
)
from iom_causal.estimators import SteppedWedge as SteppedWedgeFit
from iom_causal.simulate import (
    Careers,
    Enrolment,
    NeighbouringForce,
    NotSelected,
    OtherForces,
    Programme,
    RandomHalf,
    Score,
    SteppedWedge,
    att_ratio,
    att_ratio_since_entry,
    late_cutoff,
)
from iom_causal.windows import Selection

SCORE = Score(base=160.0, per_event=12.0, per_log_rate=25.0, lasting_sd=15.0, error_sd=15.0, grid=20.0, high=400.0)
"""A risk score of twenty values."""
CUT = 240.0
"""The score from which people are managed: one in ten of these."""
MONTHS = (36, 18)
"""Windows of a monthly series, before and after."""
QUARTERS = (12, 6)
STEPS = (0, 6, 12)
"""Months after the index date at which people enter."""
SINCE_ENTRY = {"att_ratio": Target(att_ratio_since_entry, estimand="att_ratio")}


def lottery(*, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()) -> Design:
    """Lottery among twice as many people as there are places: winners against the others.

    Parameters
    ----------
    people : int
        Places.
    pool : int
        The source population, of which those with the most events before draw lots.
    ratio : float
        The programme's.
    confounds : sequence of str
        Keys of `worlds.CONFOUNDS`, all at work together.

    Examples
    --------
    >>> list(lottery().estimators)
    ['differences', 'covariance']
    """
    estimators = {"differences": DiffInDiff(), "covariance": Ancova(family="poisson")}
    world = comparison_world(people=2 * people, pool=pool, ratio=ratio, confounds=confounds)
    return _of(Design(world, att_ratio, {"lottery": RandomHalf()}, estimators))


def matched(*, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()) -> Design:
    """Difference to people matched among those whom the rule left out: on sex and age, and on events before as well.

    Scored against the ratio of all managed people.

    Parameters
    ----------
    people, pool, ratio, confounds
        As in `lottery`.

    Examples
    --------
    >>> list(matched().estimators)
    ['differences', 'matched on sex and age', 'matched on events before too']
    """
    world = replace(comparison_world(people=people, pool=pool, ratio=ratio, confounds=confounds), women=0.15)
    by = Matched(exact=("woman",), covariates="age")
    estimators = {
        "differences": DiffInDiff(),
        "matched on sex and age": by,
        "matched on events before too": replace(by, on_outcome_before=True),
    }
    return _of(Design(world, att_ratio, {"people left out": NotSelected()}, estimators))


def monthly_series(
    *,
    people: int = 225,
    pool: int = 1500,
    ratio: float = 0.8,
    selected: bool = False,
    confounds: Sequence[str] = (),
) -> Design:
    """Monthly series of three years before and a year and a half after, alone and beside that of another force.

    Parameters
    ----------
    people : int
        In each force.
    pool : int
        The source population of each force, where people are selected from it.
    ratio : float
        The programme's.
    selected : bool
        Whether people are those with the most events in the last year before, whose run-up a trend takes for its own;
        otherwise everybody is managed.
    confounds : sequence of str
        Keys of `worlds.CONFOUNDS`, all at work together.

    Examples
    --------
    >>> len(monthly_series().model.windows)
    54
    """
    windows = spans(*MONTHS)
    world = Careers(
        people=people,
        pool=pool if selected else people,
        forces=2,
        force_sd=FORCE_SD,
        windows=windows,
        programme=Programme(ratio=ratio),
        enrolment=most_events(windows[MONTHS[0] - 12 : MONTHS[0]]) if selected else Enrolment(),
        **RATES,
    )
    estimators = {
        "the series alone": InterruptedTimeSeries(),
        "beside the other's": InterruptedTimeSeries(controlled=True),
    }
    return _of(Design(with_confounds(world, confounds), att_ratio, {"two forces": NeighbouringForce()}, estimators))


def staggered_entry(
    *, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()
) -> Design:
    """Staggered entry by lot, of people of whom a quarter have not entered by the end: event studies.

    Scored against the ratio since each one's entry.

    Parameters
    ----------
    people, pool, ratio, confounds
        As in `lottery`.

    Examples
    --------
    >>> list(staggered_entry().estimators)
    ['against those who wait', 'against those who never enter']
    """
    estimators = {
        "against those who wait": EventStudy(bands="pointwise"),
        "against those who never enter": EventStudy(comparison="never", bands="pointwise"),
    }
    world = with_confounds(_entering(people, pool, ratio, (*STEPS, AFTER_ALL)), confounds)
    return _of(Design(world, SINCE_ENTRY, {"by entry": SteppedWedge()}, estimators))


def stepped_wedge(*, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()) -> Design:
    """Entry of everybody by steps, in an order drawn by lot: a stepped wedge.

    Scored against the ratio since each one's entry.

    Parameters
    ----------
    people, pool, ratio, confounds
        As in `lottery`.

    Examples
    --------
    >>> stepped_wedge().model.enrolment.entry_months
    (0, 6, 12)
    """
    world = with_confounds(_entering(people, pool, ratio, STEPS), confounds)
    return _of(
        Design(world, SINCE_ENTRY, {"by entry": SteppedWedge()}, {"within windows": SteppedWedgeFit(by_lot=True)})
    )


def several_forces(
    *, people: int = 40, pool: int = 400, ratio: float = 0.8, forces: int = 20, confounds: Sequence[str] = ()
) -> Design:
    """Several forces that select by the same rule, of which one has the programme: a weighted mean of the others.

    Parameters
    ----------
    people, pool : int
        Places and source population of each force.
    ratio : float
        The programme's.
    forces : int
        How many there are.
    confounds : sequence of str
        Keys of `worlds.CONFOUNDS`, all at work together.

    Examples
    --------
    >>> several_forces(forces=12).model.forces
    12
    """
    windows = spans(*QUARTERS, months=3)
    world = Careers(
        people=people,
        pool=pool,
        forces=forces,
        force_sd=FORCE_SD,
        windows=windows,
        programme=Programme(ratio=ratio),
        enrolment=most_events(windows[QUARTERS[0] - 4 : QUARTERS[0]]),
        **RATES,
    )
    estimators = {"people as cases": DiffInDiff(), "a weighted mean": SyntheticControl(unit="force")}
    return _of(Design(with_confounds(world, confounds), att_ratio, {"other forces": OtherForces()}, estimators))


def bounded_trends(*, people: int = 225, pool: int = 1500, ratio: float = 0.8, confounds: Sequence[str] = ()) -> Design:
    """Another force by the same rule, over three years of half-years: trends that depart as far as they did before.

    Parameters
    ----------
    people, pool, ratio, confounds
        As in `lottery`; source population of each force.

    Examples
    --------
    >>> list(bounded_trends().estimators)
    ['parallel trends', 'bounded trends']
    """
    windows = spans(3, 3, months=6)
    world = Careers(
        people=people,
        pool=pool,
        forces=2,
        force_sd=FORCE_SD,
        windows=windows,
        programme=Programme(ratio=ratio),
        enrolment=most_events(windows[:3]),
        **RATES,
    )
    estimators = {"parallel trends": EventStudy(bands="pointwise"), "bounded trends": HonestTrends()}
    return _of(Design(with_confounds(world, confounds), att_ratio, {"half-years": NeighbouringForce()}, estimators))


def score_at_cut(*, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()) -> Design:
    """Risk score from which people are managed: those just above against those just below it.

    Scored against the ratio of people at the cut, not of all who are managed.

    Parameters
    ----------
    pool : int
        The source population.
    ratio : float
        The programme's.
    confounds : sequence of str
        Keys of `worlds.CONFOUNDS`, all at work together.

    Examples
    --------
    >>> float(score_at_cut().draw(1).truths["late_cutoff"])
    0.8
    """
    rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=CUT)
    world = Careers(
        people=pool,
        pool=pool,
        windows=WINDOWS[1:],
        score=SCORE,
        programme=Programme(ratio=ratio),
        enrolment=Enrolment(selection=rule, reads="score"),
        **RATES,
    )
    data = {"by score": NotSelected(value="score")}
    estimators = {"at the cut": Discontinuity(running="score", cutoff=CUT)}
    return _of(Design(with_confounds(world, confounds), late_cutoff, data, estimators))


def designs_with_a_comparison(*, ratio: float = 0.8, confounds: Sequence[str] = ()) -> dict[str, Design]:
    """One design for each kind of data that a force may have, by label, at the sizes that they have here.

    Each is scored against its own estimand, in a world of its own.

    Parameters
    ----------
    ratio : float
        The programme's.
    confounds : sequence of str
        Keys of `worlds.CONFOUNDS`, all at work together.

    Examples
    --------
    >>> next(iter(designs_with_a_comparison()))
    'lottery'
    """
    return {
        "lottery": lottery(ratio=ratio, confounds=confounds),
        "stepped wedge": stepped_wedge(ratio=ratio, confounds=confounds),
        "staggered entry": staggered_entry(ratio=ratio, confounds=confounds),
        "score with a cut": score_at_cut(ratio=ratio, confounds=confounds),
        "several forces": several_forces(ratio=ratio, confounds=confounds),
        "another force": bounded_trends(ratio=ratio, confounds=confounds),
        "monthly series": monthly_series(ratio=ratio, confounds=confounds),
        "monthly series, selected": monthly_series(selected=True, ratio=ratio, confounds=confounds),
        "matched": matched(ratio=ratio, confounds=confounds),
    }


def _entering(people: int, pool: int, ratio: float, months: tuple[int, ...]) -> Careers:
    windows = spans(3, 3, months=6)
    return Careers(
        people=people,
        pool=pool,
        windows=windows,
        programme=Programme(ratio=ratio),
        enrolment=replace(most_events(windows[:3]), entry_months=months),
        **RATES,
    )


def _of(design: Design) -> Design:
    """Return a design that works out no more replicates together than their people find room."""
    people = design.model.people if design.model.pool is None else design.model.pool * design.model.forces
    return replace(design, cell=min(design.cell or 1, max(1, PEOPLE_IN_A_CELL // people)))
