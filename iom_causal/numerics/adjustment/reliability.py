"""Classical test theory: reliable change of a person and corrected mean change of scores with measurement error."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]


class Changed(NamedTuple):
    """People whose change lies beyond what measurement error gives, and how many chance alone would show."""

    lower: Floats
    unchanged: Floats
    higher: Floats
    by_chance_each_side: Floats


def standard_error_of_measurement(sd: ArrayLike, reliability: ArrayLike) -> Floats:
    """Return ``sd sqrt(1 - R)``, the SD of one score around the person's true score.

    Examples
    --------
    >>> round(float(standard_error_of_measurement(142.71, 0.8)), 2)
    63.82
    """
    return np.asarray(np.asarray(sd) * np.sqrt(1 - _checked(reliability)))


def reliable_change(before: ArrayLike, after: ArrayLike, sd_before: ArrayLike, reliability: ArrayLike) -> Floats:
    """Return each person's change per SD of the difference of two scores without true change.

    Jacobson & Truax (1991): ``(x2 - x1) / (sqrt(2) SEM)``.

    Examples
    --------
    >>> reliable_change(np.zeros(2), np.array([-8.0, 4.0]), 5.0, 0.8).round(5).tolist()
    [-2.52982, 1.26491]
    """
    sem = standard_error_of_measurement(sd_before, reliability)
    return _per(np.asarray(after) - np.asarray(before), np.sqrt(2) * sem)


def expected_change(
    before: ArrayLike, after: ArrayLike, mean: ArrayLike, sd: ArrayLike, reliability: ArrayLike
) -> Floats:
    """Return each person's change from the score that regression to the mean would give, per its SEM.

    Speer (1992): the score before is first drawn towards the mean of the group, ``M + R (x1 - M)``.

    Examples
    --------
    >>> float(expected_change(10.0, 8.0, 0.0, 5.0, 0.8)), round(float(expected_change(10.0, 0.0, 0.0, 5.0, 0.8)), 3)
    (0.0, -3.578)
    """
    r = _checked(reliability)
    expected = np.asarray(mean) + r * (np.asarray(before) - np.asarray(mean))
    return _per(np.asarray(after) - expected, standard_error_of_measurement(sd, r))


def count_changed(index: ArrayLike, *, level: float, weight: ArrayLike | None = None) -> Changed:
    """Count people beyond the two-sided critical value in each direction, and how many chance alone shows.

    Examples
    --------
    >>> [round(float(v), 3) for v in count_changed([-2.5, -1.2, 0.0, 1.3, 2.6], level=0.95)]
    [1.0, 3.0, 1.0, 0.125]
    """
    values = np.asarray(index, dtype=np.float64)
    w = np.ones(values.shape) if weight is None else np.broadcast_to(np.asarray(weight), values.shape)
    critical = ndtri((1 + level) / 2)
    lower, higher = (w * (values < -critical)).sum(-1), (w * (values > critical)).sum(-1)
    total = w.sum(-1)
    return Changed(lower, total - lower - higher, higher, total * (1 - level) / 2)


def mechanical_change(points_per_event: ArrayLike, change_in_events: ArrayLike) -> Floats:
    """Return the change of a score that is built from events when only these change."""
    return np.asarray(np.asarray(points_per_event) * np.asarray(change_in_events))


def _checked(reliability: ArrayLike) -> Floats:
    r = np.asarray(reliability, dtype=np.float64)
    if not ((r > 0) & (r <= 1)).all():
        raise InputError("IOM-E092", "reliability: expected a number above 0 and at most 1")
    return r


def _per(change: Floats, error: Floats) -> Floats:
    if (error <= 0).any():
        raise InputError(
            "IOM-E065", "a score without measurement error has no reliable change; expected reliability < 1"
        )
    return np.asarray(change / error)
