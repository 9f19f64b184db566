"""Custody adjustment: share of time at liberty, rates while free, and the within-person ratio."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]

_STEPS = 50
_SMALL = 1e-12


def stationary_free(rate: ArrayLike, custody_per_arrest: ArrayLike, stay: ArrayLike) -> Floats:
    """Return the share of time at liberty in the long run, ``1 / (1 + rate p D)``.

    Somebody at liberty is arrested at `rate` a year; each arrest leads to custody with the given
    probability, for an exponential stay of mean `stay` years.

    Examples
    --------
    >>> round(float(stationary_free(4.0, 0.4, 0.5)), 6)
    0.555556
    """
    return np.asarray(1 / (1 + np.asarray(rate) * custody_per_arrest * np.asarray(stay)))


def free_share(
    rate: ArrayLike, custody_per_arrest: ArrayLike, stay: ArrayLike, length: float, free_at_start: ArrayLike
) -> Floats:
    """Return the expected share of a window of `length` years at liberty, for a given chance of starting free.

    The two states relax to ``pi``, their long-run share, at the rate ``k = rate p + 1/D``:
    ``pi + (f0 - pi) (1 - exp(-k T)) / (k T)``.

    Examples
    --------
    >>> round(4.0 * 1.5 * float(free_share(4.0, 0.4, 0.5, 1.5, 1.0)), 4)
    3.8249
    """
    pi = stationary_free(rate, custody_per_arrest, stay)
    x = (np.asarray(rate) * custody_per_arrest + 1 / np.asarray(stay)) * length
    return np.asarray(pi + (np.asarray(free_at_start) - pi) * -np.expm1(-x) / x)


def rate_while_free(per_year: ArrayLike, custody_per_arrest: ArrayLike, stay: ArrayLike) -> Floats:
    """Return the yearly rate at liberty behind a long-run rate per calendar year.

    Raises
    ------
    InputError
        IOM-E068 when so much custody leaves no time for these arrests.

    Examples
    --------
    >>> round(float(rate_while_free(20 / 9, 0.4, 0.5)), 6)
    4.0
    """
    left = 1 - np.asarray(per_year) * custody_per_arrest * np.asarray(stay)
    if (left <= 0).any():
        raise InputError("IOM-E068", "custody: so many arrests with such custody leave no time at liberty; state less")
    return np.asarray(np.asarray(per_year) / left)


def log_free_change(
    per_year: ArrayLike, custody_per_arrest: ArrayLike, stay: ArrayLike, length: float, free_at_start: ArrayLike
) -> Floats:
    """Return the log change in time at liberty after an index date on which a given share is free.

    The window before is in the long run; `per_year` is its rate per calendar year.

    Examples
    --------
    >>> round(float(log_free_change(20 / 9, 0.4, 0.5, 1.5, 1.0)), 4)
    0.1376
    """
    rate = rate_while_free(per_year, custody_per_arrest, stay)
    after = free_share(rate, custody_per_arrest, stay, length, free_at_start)
    return np.asarray(np.log(after) - np.log(stationary_free(rate, custody_per_arrest, stay)))


def event_when_free(ratio: ArrayLike, days_lost: ArrayLike, days_free: ArrayLike) -> Floats:
    """Poisson probability of another event in the days that one of the events of a window cost.

    Where custody follows from events, a count is not Poisson given the rate: it is made in the days that it leaves.
    Events are a Poisson process in time at liberty all the same. With the rate ``l``, the count ``Y`` of a window, its
    days at liberty ``d`` and the selection probability ``s``, Mecke's formula is
    ``l E[d s(Y)] = E[sum over the events of s(Y without that event)]``. Without an event, and the stay of ``u`` days
    that it led to, the count is ``Y - 1 + N`` with ``N`` Poisson about ``l u``, and no longer ``Y - 1``. Robbins and
    Zhang's ``s(Y - 1)`` is thus ``s(Y - 1) + h [s(Y) - s(Y - 1)]`` with ``h = P(N > 0)``. That is an approximation: it
    leaves out people who would pass a threshold by two events or more that way, and the events that a freed stretch
    costs later.

    Long stays are beyond it. Of 400,000 simulated people with gamma rates of shape 1 and two events a year, of whom
    those with 3, 4 or 6 events in a year were picked, it left the expected events 1% too many to 2% too few with stays
    of 120 days after 30% of events (1% too many to 4% too few after 60%), 4 to 7% too few with stays of a year after
    30%, and 5, 10 and 21% too few with stays of 240 days after 60%: so much too much of a fall is taken for regression.

    Which event cost which days is not known. With the days lost ``L`` spread evenly, ``u = L / Y``; with the rate at
    ``r Y / d``, where ``r`` is what regression to the mean leaves of the rate, ``h = 1 - exp(-r L / d)``, in which
    ``Y`` no longer stands. A regression of days lost on counts does not tell ``u``: who is in custody has no time for
    events, so that its slope came out between -8 and 4 days an event where stays cost 17 to 110.

    Parameters
    ----------
    ratio : array_like
        Expected over observed rate, by regression to the mean.
    days_lost, days_free : array_like
        In custody and at liberty, in the window that was read.

    References
    ----------
    Mecke (1967), Z. Wahrscheinlichkeitstheorie 9, 36-58.

    Examples
    --------
    >>> event_when_free(0.8, [0.0, 73.0], [365.0, 292.0]).round(3).tolist()
    [0.0, 0.181]
    """
    lost, free = np.asarray(days_lost, dtype=np.float64), np.asarray(days_free, dtype=np.float64)
    odds = np.divide(lost, free, out=np.zeros(np.broadcast_shapes(lost.shape, free.shape)), where=free > 0)
    return np.asarray(-np.expm1(-np.asarray(ratio) * odds))


def within_person_ratio(
    before: Floats, after: Floats, free_before: Floats, free_after: Floats, weight: Floats
) -> Floats:
    """Return the ratio of rates at liberty, after over before, that is the same for every person.

    The root of ``sum_i w_i [y_i2 - (y_i1 + y_i2) r f_i2 / (f_i1 + r f_i2)] = 0``: each person is compared
    with themselves, so that it stays right when people with higher rates spend less time free. Time at
    liberty must not depend on the person's luck within a window.

    Parameters
    ----------
    before, after, free_before, free_after, weight : ndarray
        (n,) or (D, n): events, days at liberty, and how often each person counts.

    Raises
    ------
    InputError
        IOM-E068 when one window holds no events of people who were free in both.

    Examples
    --------
    >>> y1, y2 = np.array([8.0, 1.0]), np.array([4.0, 0.5])
    >>> float(within_person_ratio(y1, y2, np.ones(2), np.ones(2), np.ones(2)).round(6))
    0.5
    """
    used = weight * ((free_before > 0) & (free_after > 0))
    first, second = ((used * y).sum(-1) for y in (before, after))
    if (np.minimum(first, second) <= 0).any():
        raise InputError("IOM-E068", "custody: one window holds no events of people who were at liberty in both")
    log_ratio = np.log(second / first)
    odds = np.where(free_before > 0, free_after / np.where(free_before > 0, free_before, 1.0), 0.0)
    total = used * (before + after)
    for _ in range(_STEPS):
        chance = 1 / (1 + 1 / np.maximum(odds * np.exp(log_ratio)[..., None], 1e-300))
        step = (second - (total * chance).sum(-1)) / (total * chance * (1 - chance)).sum(-1)
        log_ratio = log_ratio + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < _SMALL:
            break
    return np.asarray(np.exp(log_ratio))
