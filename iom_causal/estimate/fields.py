"""The fields of an `Estimate` with their words: estimands, scales, kinds of interval, columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import EMPTY, FrozenMap, check_level
from iom_causal.errors import DegenerateDataError
from iom_causal.intervals import SamplingDistribution
from iom_causal.numerics import LEVEL

ESTIMANDS: Mapping[str, str] = FrozenMap(
    {
        "descriptive_change": "the change itself, whatever brought it about",
        "conditional_ratio": "the ratio for one and the same person, whatever brought it about",
        "att_ratio": "the programme's ratio for managed people, if the stated assumptions hold",
        "att_ratio_free": "the programme's ratio per day at liberty, if the stated assumptions hold",
        "att_difference": "the programme's difference for managed people, if the stated assumptions hold",
        "att_score": "the programme's difference in score points, if the stated assumptions hold",
        "ate_eligible": "the programme's average for everybody eligible, if the stated assumptions hold",
        "late_cutoff": "the programme's average for people at the cut, if the stated assumptions hold",
        "level_difference": "how groups differ in one window, whatever brought it about",
        "persistence": "the share of a rate's distance from the mean that is there in the window after",
        "component": "one of the factors that the expected change is made of",
    }
)
"""Every estimand with its meaning in words."""

SCALES = ("difference", "ratio", "standardised", "correlation", "probability", "points", "log_bayes_factor")
"""The scales that an estimate can be on; only estimates on one scale are lined up."""

INTERVALS = ("confidence", "credible-eti", "credible-hdi", "bounds", "none")

COLUMNS = (
    "outcome",
    "method",
    "estimand",
    "term",
    "scale",
    "estimate",
    "std_error",
    "std_error_scale",
    "statistic",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
    "conf_level",
    "interval",
    "set_low",
    "set_high",
    "n_input",
    "n_used",
    "note",
)
"""The columns of every table and every CSV of estimates."""

PEOPLE = ("n_input", "n_used")
SOLVING = ("df", "statistic", "p_value", "std_error")
TELLING = ("estimate", "conf_low", "conf_high", "set_low", "set_high")
FIGURES = {"conf_level": "setting"}
"""Of these columns: those that count people, that are solved for their number, that tell it by their digits, and the
kinds of the other numbers."""


class Part(NamedTuple):
    """One term of a fit with several terms."""

    term: str
    estimate: float
    std_error: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None


class Line(NamedTuple):
    """One line of a ledger, as the log of a ratio or in points of a score: a value or a set, and an interval around it.

    Parameters
    ----------
    low, high : float
        The ends over all corners of the ranges; equal where there is one.
    conf_low, conf_high : float
        The interval, around the set where there is one.
    """

    low: float
    high: float
    conf_low: float
    conf_high: float


@runtime_checkable
class Deferred(Protocol):
    """A fitted object that is made when it is first asked for, because its library is slow to load."""

    def made(self) -> Any:
        """Return the object."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class EstimateFields:
    """Fields of an `Estimate`, described there; a base for it alone, so that its tables can be typed without it."""

    outcome: str
    method: str
    estimand: str = "descriptive_change"
    term: str = "after - before"
    scale: str = "difference"
    estimate: float | None = None
    std_error: float | None = None
    std_error_scale: str = "identity"
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float = LEVEL
    interval: str = "confidence"
    set_low: float | None = None
    set_high: float | None = None
    n_input: int = 0
    n_used: int = 0
    exposure: str = "not used"
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    diagnostics: Mapping[str, Any] = EMPTY
    parts: tuple[Part, ...] = ()
    cov: NDArray[np.float64] | None = None
    coefficient: str | None = None
    law: SamplingDistribution | None = None
    spec: Any = None
    held: Any = field(default=None, compare=False)
    pinned: bool | None = None

    def __post_init__(self) -> None:
        for value in (
            self.estimate,
            self.std_error,
            self.statistic,
            self.p_value,
            self.conf_low,
            self.conf_high,
        ):
            if value is not None and value != value:  # noqa: PLR0124 the fastest test for NaN
                msg = f"{self.method}: NaN is not a result; use None with a note"
                raise AssertionError(msg)

    @property
    def native(self) -> Any:
        """The fitted object of the library that made it; None where there is none."""
        return self.held.made() if isinstance(self.held, Deferred) else self.held

    @property
    def note(self) -> str:
        """The notes in one line."""
        return "; ".join(self.notes)

    def confidence_interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the interval at another level.

        Raises
        ------
        DegenerateDataError
            IOM-E065 when there is no interval, and the notes say why; or when only that of one level is known.
        """
        check_level(level)
        if level == self.conf_level and self.conf_low is not None and self.conf_high is not None:
            return self.conf_low, self.conf_high
        if self.law is None:
            known = f"only that at level {self.conf_level} is kept; estimate these people anew with level={level}"
            reason = known if self.conf_low is not None else self.note or "the method gives none"
            raise DegenerateDataError("IOM-E065", f"{self.method}: no interval at level {level}: {reason}")
        return self.law.interval(level)
