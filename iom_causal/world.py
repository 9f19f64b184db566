"""Simulated people with both potential outcomes, and what a confound does to a simulator."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import SpecError
from iom_causal.specs import EMPTY
from iom_causal.windows import Window

_MULTIPLIED = ("hazard", "observation", "programme")
_ADDED = ("supervision_events", "score_drift", "desistance")
_EXCLUSIVE = ("frailty", "custody", "score_error", "drop_out")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mechanism:
    """What one confound does, in the terms that a simulator's kernel can read.

    Every field is neutral by default. A month is one column of the simulator's grid; a field that
    is None leaves the kernel as it is. `merge` composes mechanisms in any order.

    Parameters
    ----------
    hazard : ndarray or None
        (months,) multipliers of everybody's rate of offending.
    age_curve : ndarray or None
        (ages in years,) relative rates by single year of age, from age 0.
    frailty : mapping or None
        The law of people's own rates and how it changes in time: ``law``, its parameters and memory.
    observation : ndarray or None
        (months,) multipliers of the probability that an offence becomes an arrest.
    supervision_events : ndarray or None
        (months,) arrests a month that supervision itself creates, such as for breach.
    custody : mapping or None
        The probability that an arrest leads to custody and the law of the stay.
    score_error, score_drift : float or None
        The standard error of measurement of a score, and points of drift a year.
    drop_out : mapping or None
        How people lose their follow-up.
    desistance : ndarray or None
        (months,) hazard a month of stopping for good.
    programme : ndarray or None
        (months,) share of the programme's full log effect that is there.

    Examples
    --------
    >>> half = Mechanism(observation=np.full(3, 0.5))
    >>> half.merge(half).observation.tolist()
    [0.25, 0.25, 0.25]
    """

    hazard: NDArray[np.float64] | None = None
    age_curve: NDArray[np.float64] | None = None
    frailty: Mapping[str, Any] | None = None
    observation: NDArray[np.float64] | None = None
    supervision_events: NDArray[np.float64] | None = None
    custody: Mapping[str, Any] | None = None
    score_error: float | None = None
    score_drift: float | None = None
    drop_out: Mapping[str, Any] | None = None
    desistance: NDArray[np.float64] | None = None
    programme: NDArray[np.float64] | None = None

    def merge(self, other: "Mechanism") -> "Mechanism":
        """Return both together: multipliers multiply, additions add, and only one may set the rest.

        Raises
        ------
        SpecError
            IOM-E092 when both set a field that only one can set.
        """
        return Mechanism(
            **{
                f.name: _combine(f.name, getattr(self, f.name), getattr(other, f.name))
                for f in dataclasses.fields(self)
            }
        )


def _combine(name: str, first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    if name in _ADDED:
        return first + second
    if name in _EXCLUSIVE:
        raise SpecError("IOM-E092", f"two mechanisms both set {name}; keep one of them")
    return first * second


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """People who were enrolled, with what happens to them with and without the programme.

    Only estimands and data strategies see a world: no estimator can look at the outcome that did
    not happen.

    Parameters
    ----------
    windows : tuple of Window
        The T windows.
    untreated, treated : ndarray
        (n, T) events without and with the programme, under common random numbers.
    expected_untreated, expected_treated : ndarray
        (n, T) their expectations given each person's own history.
    exposure : ndarray
        (n, T) days at liberty.
    age : ndarray
        (n,) age at the index date.
    covariates : mapping of str to ndarray
        (n,) each.
    weight : ndarray or None
        (n,) 0 where a place was not filled.
    theta : mapping
        The values that the model's distributions took.
    """

    windows: tuple[Window, ...]
    untreated: NDArray[Any]
    treated: NDArray[Any]
    expected_untreated: NDArray[np.float64]
    expected_treated: NDArray[np.float64]
    exposure: NDArray[np.float64]
    age: NDArray[np.float64]
    covariates: Mapping[str, NDArray[Any]] = EMPTY
    weight: NDArray[Any] | None = None
    theta: Mapping[str, Any] = EMPTY
