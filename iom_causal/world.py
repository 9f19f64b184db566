"""Simulated people with both potential outcomes, and what a confound does to a simulator."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import add, mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import EMPTY
from iom_causal.errors import SpecError
from iom_causal.windows import Selection, Window

MULTIPLIED, ADDED, ALONE = {"merge": mul}, {"merge": add}, {"merge": None}
"""Merging of two mechanisms that both set a field; `ALONE` where only one may set it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mechanism:
    """Mechanism of one confound, in the terms that a simulator's kernel can read.

    Every field is neutral by default. A month is one column of the simulator's grid; a field that
    is None leaves the kernel as it is. `merge` composes mechanisms in any order.

    Parameters
    ----------
    hazard : ndarray or None
        (months,) multipliers of everybody's rate of offending.
    age_curve : ndarray or None
        (ages in years,) relative rates by single year of age, from age 0.
    frailty : mapping or None
        The mixing distribution of rates and how it changes in time. ``law`` is ``lognormal`` (with ``own_sd``),
        or ``gamma`` (with ``shape``); ``rate`` is the mean of all people's events a year; ``drift_sd``,
        ``return_rate`` a year, ``trend`` a year, ``desistance`` (a chance a year, before and after) and
        ``persistence`` (the chance that a level lasts beyond the index date) are optional.
    observation : ndarray or None
        (months,) multipliers of the probability that a managed person's offence becomes an arrest.
    supervision_events : ndarray or None
        (months,) arrests a month that supervision itself creates, such as for breach.
    custody : mapping or None
        The probability that an arrest leads to custody and the distribution of the stay.
    score_error, score_drift, score_per_event : float or None
        The standard error of measurement of a score, points of drift a year, and points that one more event in a
        window brings to the score at its end.
    drop_out : mapping or None
        How people lose their follow-up.
    desistance : ndarray or None
        (months,) hazard a month of stopping for good.
    programme : ndarray or None
        (months,) share of the programme's full log effect that is there.
    exposed : ndarray or None
        (months,) share of people's time that is under the programme.

    Examples
    --------
    >>> half = Mechanism(observation=np.full(3, 0.5))
    >>> half.merge(half).observation.tolist()
    [0.25, 0.25, 0.25]
    """

    hazard: NDArray[np.float64] | None = field(default=None, metadata=MULTIPLIED)
    age_curve: NDArray[np.float64] | None = field(default=None, metadata=MULTIPLIED)
    frailty: Mapping[str, Any] | None = field(default=None, metadata=ALONE)
    observation: NDArray[np.float64] | None = field(default=None, metadata=MULTIPLIED)
    supervision_events: NDArray[np.float64] | None = field(default=None, metadata=ADDED)
    custody: Mapping[str, Any] | None = field(default=None, metadata=ALONE)
    score_error: float | None = field(default=None, metadata=ALONE)
    score_drift: float | None = field(default=None, metadata=ADDED)
    score_per_event: float | None = field(default=None, metadata=ALONE)
    drop_out: Mapping[str, Any] | None = field(default=None, metadata=ALONE)
    desistance: NDArray[np.float64] | None = field(default=None, metadata=ADDED)
    programme: NDArray[np.float64] | None = field(default=None, metadata=MULTIPLIED)
    exposed: NDArray[np.float64] | None = field(default=None, metadata=MULTIPLIED)

    def merge(self, other: "Mechanism") -> "Mechanism":
        """Return both together: multipliers multiply, additions add, and only one may set the rest.

        Raises
        ------
        SpecError
            IOM-E092 when both set a field that only one can set.
        """
        return Mechanism(
            **{f.name: _combine(f, getattr(self, f.name), getattr(other, f.name)) for f in dataclasses.fields(self)}
        )


def _combine(to: dataclasses.Field[Any], first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    how = to.metadata["merge"]
    if how is None:
        raise SpecError("IOM-E092", f"two mechanisms both set {to.name}; keep one of them")
    return how(first, second)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Potential outcomes of the same people on one course: without the programme, or with it.

    Parameters
    ----------
    events : ndarray
        (n, T), or (R, n, T) with a leading replicate axis: recorded events.
    expected : ndarray
        Their expectations given each person's own history: sums of the rate over time at liberty.
    offences : ndarray
        The same for offences, in events that would have been recorded had detection stayed as it was before;
        what supervision itself creates is not in it.
    exposure : ndarray
        Days at liberty.
    score : ndarray or None
        A score at the end of each window.
    followed : ndarray or None
        (n,) or (R, n): whether the score after is known, which can depend on what happens on this course.
    """

    events: NDArray[Any]
    expected: NDArray[np.float64]
    offences: NDArray[np.float64]
    exposure: NDArray[np.float64]
    score: NDArray[np.float64] | None = None
    followed: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """People with what happens to them with and without the programme, and whom the programme took in.

    Only estimands and data strategies see a world: no estimator can look at the course that was not taken.
    Both courses come from one set of random numbers, so that they are the same to the bit until a person enters.
    What the difference of two courses is for one person depends on that coupling; what it is on average does not.

    Parameters
    ----------
    windows : tuple of Window
        The T windows.
    untreated, treated : Course
        All people without and all people with the programme: both potential outcomes.
    selected : ndarray
        (n,) or (R, n): whom the rule selected.
    managed : ndarray
        Whom the programme took in: the selected people of its own force, while there were places.
    start : ndarray
        The first window that is wholly or partly after a person's entry, for everybody as if they entered.
    value : ndarray
        What the rule read of each person; NaN where it read nothing.
    age : ndarray or None
        Age at the index date; None in a world that knows none.
    covariates : mapping of str to ndarray
        Such as ``woman``, ``engaged``, ``force`` and ``entry_months``.
    weight : ndarray or None
        0 where a place was not filled.
    recorded : ndarray or None
        Whether the outcome after is in the record; where it is not, nobody looked and the count shows 0.
    in_extract : ndarray or None
        Whether the person would be in the evaluator's extract.
    drawn : ndarray or int
        How many people were drawn to fill the places, one number a replicate.
    places : int or None
        How many people the programme could take in; None where they are drawn until every place is filled.
    filled : ndarray or int
        How many places were filled, one number a replicate, where `places` says how many there were.
    selection : Selection or None
        The rule.
    noise : float
        SD of what was added to the value that it read.
    reads : {"events", "score", "rate"} or None
        What the rule reads: events or score of people's windows, or the rate behind them; None where it takes more than
        that, such as who was at liberty.
    index_date : date or None
        The day that windows are counted from.
    name, score_name : str
        What events and score are called.
    numbers : ndarray or int
        The number of each replicate, which names its random streams.
    theta : mapping
        The values that the model's distributions took.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Programme, att_ratio
    >>> world = Careers(people=20, rate=2.0, programme=Programme(ratio=0.8))(1)
    >>> int(world.managed.sum()), round(float(att_ratio(world)), 6)
    (20, 0.8)
    """

    windows: tuple[Window, ...]
    untreated: Course
    treated: Course
    selected: NDArray[np.bool_]
    managed: NDArray[np.bool_]
    start: NDArray[np.int64]
    value: NDArray[Any]
    age: NDArray[np.float64] | None = None
    covariates: Mapping[str, NDArray[Any]] = EMPTY
    weight: NDArray[Any] | None = None
    recorded: NDArray[np.bool_] | None = None
    in_extract: NDArray[np.bool_] | None = None
    drawn: NDArray[np.int64] | int = 0
    places: int | None = None
    filled: NDArray[np.int64] | int = 0
    selection: Selection | None = None
    noise: float = 0.0
    reads: str | None = None
    index_date: dt.date | None = None
    name: str = "arrests"
    score_name: str = "risk"
    numbers: NDArray[np.int64] | int = 0
    theta: Mapping[str, Any] = EMPTY

    @property
    def n(self) -> int:
        """The number of rows of people."""
        return int(self.selected.shape[-1])

    @property
    def replicates(self) -> int | None:
        """The length of the replicate axis, or None where there is none."""
        return None if self.selected.ndim == 1 else int(self.selected.shape[0])

    @property
    def post(self) -> NDArray[np.bool_]:
        """(T,) which windows lie after the index date."""
        return np.array([w.post for w in self.windows])

    @property
    def followed(self) -> NDArray[np.bool_] | None:
        """Whether the score after is known, on the course that was taken; None where it is for everybody."""
        with_, without = self.treated.followed, self.untreated.followed
        return None if with_ is None or without is None else np.where(self.managed, with_, without)

    def ages(self) -> NDArray[np.float64]:
        """Return everybody's age.

        Raises
        ------
        SpecError
            IOM-E096 when the world knows none.
        """
        if self.age is None:
            raise SpecError("IOM-E096", "this world has no ages: take Careers, whose people have them")
        return self.age

    def seen(self, part: str) -> NDArray[Any]:
        """Return one array of the course that was taken: with the programme for the managed, without for the rest.

        Parameters
        ----------
        part : {"events", "expected", "offences", "exposure", "score"}
            Which array of a `Course`.
        """
        without, taken = getattr(self.untreated, part), getattr(self.treated, part)
        return np.asarray(np.where(self.managed[..., None], taken, without))

    def __repr__(self) -> str:
        many = "" if self.replicates is None else f", {self.replicates} replicates"
        return f"World({self.n} people, {len(self.windows)} windows{many})"
