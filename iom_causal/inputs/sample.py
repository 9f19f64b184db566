"""Accounting of a sample: people given, used and left out, and their time at risk, as every result states them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.estimate.notes import COMPLETENESS, DAYS_UNUSED, UNLIKE_TIME, Note
from iom_causal.windows import MONTH

type Floats = NDArray[np.float64]
type Notes = tuple[str, ...]

EQUAL_WINDOWS = "days at risk are not known: windows are taken to be equally long"
ADDING = ("count", "amount")
"""Kinds of outcome that add up over time."""
UNKNOWN = "not known"
LEAST_PEOPLE = 2
"""The fewest from whom a spread can be estimated."""
RATE_DAYS = 548.0
"""Days that differences of rates refer to, 18 months."""
_PERSONAL = "each person's days at risk"
_ALIKE = 1.05
"""Days over days up to which windows are called equally long; 18 months differ by two days."""


class SampleAccount(NamedTuple):
    """Account of a result's sample, beside its numbers.

    Attributes
    ----------
    outcome : str
        Its name.
    n_input : int
        People given.
    notes : tuple of str
        What a reader should know of them.
    fixed : tuple of str or None
        As `Panel.fixed_by_table`.
    given : ndarray or None
        (R,) people given, where replicates differ in their weights.
    each : tuple of tuple of str
        The notes of each replicate; empty where all have the same.
    """

    outcome: str
    n_input: int
    notes: Notes = ()
    fixed: Notes | None = None
    given: NDArray[np.int64] | None = None
    each: tuple[Notes, ...] = ()

    @property
    def everyone(self) -> Any:
        """People given, (R,) where replicates differ in their weights."""
        return self.n_input if self.given is None else self.given

    def pinned(self, *needs: str) -> bool | None:
        """Whether the published table determines a statistic that needs these summaries; None on other people.

        A statistic that needs more than the summaries (who changed, and how much) names none.
        """
        return None if self.fixed is None else bool(needs) and set(needs) <= set(self.fixed)


def set_aside(people: int) -> Notes:
    """Return the note on comparison people whom a method of one group does not use.

    Examples
    --------
    >>> set_aside(12), set_aside(0)
    (('12 comparison people set aside',), ())
    """
    return (f"{people} comparison people set aside",) if people else ()


def left_out(used: int, given: int | None, windows: str) -> Notes:
    """Return the note on people left out because they lack windows; none where nobody is, or no more is known.

    Examples
    --------
    >>> left_out(187, 225, "both windows")
    ('187 of 225 people have both windows; 38 left out',)
    """
    if given is None or used == given:
        return ()
    return (Note(f"{used} of {given} people have {windows}; {given - used} left out", COMPLETENESS),)


def exposure_words(days: Floats | None, *, unknown: str = UNKNOWN, personal: str = _PERSONAL) -> str:
    """Return days at risk in words.

    Parameters
    ----------
    days : ndarray or None
        (T,) common to all people, or of each person.
    unknown, personal : str
        The words for days that are not known, and for days of each person.

    Examples
    --------
    >>> exposure_words(np.array([547.0, 549.0]))
    '547 and 549 days'
    """
    if days is None:
        return unknown
    if days.ndim > 1:
        return personal
    return f"{days[0]:g} and {days[1]:g} days" if len(days) == 2 else "each window's days"


def unused_days(days: Floats | None, kind: str) -> Notes:
    """Return the notes of a method that does not use the days at risk, where they were given.

    Examples
    --------
    >>> unused_days(np.array([365.0, 365.0]), "count")
    ('days at risk were given and are not used',)
    """
    if days is None:
        return ()
    not_used = Note("days at risk were given and are not used", DAYS_UNUSED)
    return (not_used, *(unlike_time(days, kind) if days.ndim == 1 else ()))


def unlike_time(days: Floats | None, kind: str) -> Notes:
    """Return the note of a method that compares counts, not rates, where windows or days at risk differ in length.

    Examples
    --------
    >>> unlike_time(np.array([730.0, 365.0]), "count")[0][:51]
    'the windows have 730 and 365 days: counts over unli'
    >>> unlike_time(np.array([547.0, 549.0]), "count")
    ()
    """
    if days is None or kind == "score":
        return ()
    mean = days.reshape(-1, days.shape[-1]).mean(0)
    if mean.max() <= _ALIKE * mean.min():
        return ()
    ends, between = (mean, " and ") if len(mean) == 2 else (np.array([mean.min(), mean.max()]), " to ")
    lengths = between.join(f"{d:.0f}" for d in ends)
    held = (
        f"the windows have {lengths} days" if days.ndim == 1 else f"people were at risk for {lengths} days on average"
    )
    return (Note(f"{held}: counts over unlike lengths of time are compared here, and not rates", UNLIKE_TIME),)


def rate_days(days: Floats | None, kind: str) -> float | None:
    """Return the days that a difference of counts or amounts refers to, as one of rates; None where they are compared.

    They are compared as they are where days at risk are not known, or common to all and equally long in all windows.

    Examples
    --------
    >>> rate_days(np.array([730.0, 365.0]), "count"), rate_days(np.array([547.0, 549.0]), "count")
    (548.0, None)
    """
    if days is None or kind not in ADDING:
        return None
    return RATE_DAYS if days.ndim > 1 or unlike_time(days, kind) else None


def per_rate_days(unit: float | None) -> str:
    """Return the words that a difference of rates adds to its term; empty where counts are compared.

    Examples
    --------
    >>> per_rate_days(548.0)
    ', a person and 18 months'
    """
    return "" if unit is None else f", a person and {unit / MONTH:.0f} months"


def changes_in_words(unit: float | None) -> str:
    """Return what a difference of changes is of, in words.

    Examples
    --------
    >>> changes_in_words(None), changes_in_words(548.0)
    ('mean changes', 'changes of rates a person and 18 months')
    """
    return "mean changes" if unit is None else f"changes of rates{per_rate_days(unit).removeprefix(',')}"


def time_at_risk(days: Floats | tuple[float, float], weight: Floats) -> tuple[Floats, Floats]:
    """Return the total days at risk of a sample before and after, (...,): their ratio turns counts into rates.

    Parameters
    ----------
    days : ndarray
        (2,) common to all, (n, 2) or (R, n, 2).
    weight : ndarray
        (n,) or (R, n) how often each person counts; 0 for those who lack a window.

    Examples
    --------
    >>> before, after = time_at_risk(np.array([[365.0, 365], [365, 165], [365, 300]]), np.array([1.0, 1, 0]))
    >>> round(float(after / before), 3)
    0.726
    """
    each = np.broadcast_to(days, (*np.shape(weight), 2))
    return (weight * each[..., 0]).sum(-1), (weight * each[..., 1]).sum(-1)


def days_differ(days: Floats | None, weight: Floats) -> NDArray[np.bool_]:
    """Return whether people were at risk for unlike time in a window, (...,): on average over 5% less than the longest.

    Parameters
    ----------
    days : ndarray or None
        (2,) common to all, (n, 2) or (R, n, 2).
    weight : ndarray
        (n,) or (R, n) how often each person counts; 0 for those who lack a window.

    Examples
    --------
    >>> bool(days_differ(np.array([[365.0, 365], [365, 165]]), np.ones(2))), bool(days_differ(None, np.ones(2)))
    (True, False)
    """
    if days is None or days.ndim == 1:
        return np.zeros(np.shape(weight)[:-1], dtype=np.bool_)
    each = np.where((weight > 0)[..., None], days, 0.0)
    people = np.maximum(np.asarray(weight).sum(-1), 1)[..., None]
    mean = (each * weight[..., None]).sum(-2) / people
    return np.asarray((mean * _ALIKE < each.max(-2)).any(-1))


def each_own(notes: Callable[..., Notes], *figures: Any) -> tuple[Notes, ...]:
    """Return the notes of every replicate by its own figures; nothing where all replicates have the same figures."""
    columns = np.broadcast_arrays(*np.atleast_1d(*figures))
    if all((column == column[0]).all() for column in columns):
        return ()
    return tuple(notes(*(int(column[r]) for column in columns)) for r in range(columns[0].size))
