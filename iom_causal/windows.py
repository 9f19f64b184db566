"""Observation windows, and the rule that selected people."""

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from iom_causal.base.specs import check_choice, check_types, got
from iom_causal.errors import InputError, SpecError, echo

YEAR = 365.25
MONTH = YEAR / 12
RULES = ("at_least", "top", "soft", "rate")
DAYS_WANTED = (
    "expected whole days from the index date, such as start=-365, end=0 for the year before it; the date itself is the "
    "index_date of the panel"
)
TIMINGS = ("at_boundary", "within_pre", "within_post", "unknown")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in days relative to the index date.

    Parameters
    ----------
    label : str
        How the window is printed.
    start, end : int or None
        Days from the index date, the end not included; None when the length is not known.
    post : bool
        Whether it lies after the index date.

    Examples
    --------
    >>> Window("before", -547, 0, post=False).days
    547
    """

    label: str
    start: int | None = None
    end: int | None = None
    post: bool = False

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            if isinstance(getattr(self, name), dt.date):
                raise InputError("IOM-E042", f"window {echo(self.label)}: {name} is a date; {DAYS_WANTED}")
        check_types(self)
        if (self.start is None) != (self.end is None):
            raise InputError("IOM-E042", f"window {echo(self.label)}: give both start and end, or neither")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InputError(
                "IOM-E042", f"window {echo(self.label)}: expected end > start, in days from the index date"
            )

    @property
    def days(self) -> int | None:
        """The length in days, or None when it is not known."""
        return None if self.start is None or self.end is None else self.end - self.start


BEFORE, AFTER = Window("before", post=False), Window("after", post=True)


def as_windows(given: object) -> tuple[Window, ...]:
    """Return windows as a tuple.

    Raises
    ------
    SpecError
        IOM-E092 for anything but a sequence of `Window`.

    Examples
    --------
    >>> len(as_windows([Window("before"), Window("after", post=True)]))
    2
    """
    if not isinstance(given, (tuple, list)) or not all(isinstance(w, Window) for w in given):
        wrong = given if not isinstance(given, (tuple, list)) else next(w for w in given if not isinstance(w, Window))
        raise SpecError(
            "IOM-E092",
            f'windows: expected (Window("before"), Window("after", post=True)) or more of them, got {got(wrong)}',
        )
    return tuple(given)


def check_windows(windows: tuple[Window, ...]) -> None:
    """Refuse windows that share a label, overlap, or run backwards in time."""
    labels = [w.label for w in windows]
    if len(set(labels)) < len(labels):
        raise InputError("IOM-E039", "window labels: expected each once")
    roles = [w.post for w in windows]
    if roles != sorted(roles):
        raise InputError("IOM-E040", "windows: expected every window before the index date ahead of those after it")
    dated = [(w.label, w.start, w.end) for w in windows if w.start is not None and w.end is not None]
    for (before, start, end), (after, next_start, _) in itertools.pairwise(dated):
        if next_start < start:
            raise InputError(
                "IOM-E040",
                f"windows: expected them in order of time, and {echo(after)} starts before {echo(before)} does",
            )
        if next_start < end:
            raise InputError(
                "IOM-E041",
                f"windows: expected each to end before the next starts, and {echo(before)} ends after that",
            )


class Months(NamedTuple):
    """Months counted from the index date: the middle of each in years, and whether it is after."""

    middle: NDArray[np.float64]
    post: NDArray[np.bool_]


def month_grid(windows: tuple[Window, ...]) -> Months:
    """Return the months from the start of the first window to the end of the last.

    Months are a twelfth of 365.25 days, and one of them starts at the index date.

    Raises
    ------
    InputError
        IOM-E048 when a window has no dates.

    Examples
    --------
    >>> grid = month_grid((Window("before", -547, 0), Window("after", 0, 549, post=True)))
    >>> len(grid.middle), int(grid.post.sum())
    (36, 18)
    """
    starts_ends = [days_of(w) for w in windows]
    first = round(min(start for start, _ in starts_ends) / MONTH)
    last = max(round(max(end for _, end in starts_ends) / MONTH), first + 1)
    months = np.arange(first, last)
    return Months((months + 0.5) / 12, months >= 0)


def days_of(window: Window, purpose: str = "a grid of months") -> tuple[int, int]:
    """Return the start and end of a window in days.

    Raises
    ------
    InputError
        IOM-E048 when it has none.
    """
    if window.start is None or window.end is None:
        raise InputError(
            "IOM-E048",
            f"{purpose} needs the dates of window {echo(window.label)}",
            f"give it start and end; {DAYS_WANTED}",
        )
    return window.start, window.end


@dataclass(frozen=True, slots=True)
class Selection:
    """Selection rule: which history it reads, when, and by what threshold or probability.

    Parameters
    ----------
    variable : str
        The outcome or covariate that the rule reads.
    windows : tuple of str
        The labels of the windows that it reads.
    rule : {"at_least", "top", "soft", "rate"}
        All people at or above `threshold`; the `threshold` highest people; with a probability
        ``expit((history - threshold) / softness)``; or for the rate behind the counts, as people know it who know them,
        so that no chance in a count had a part.
    timing : {"at_boundary", "within_pre", "within_post", "unknown"}
        When people were selected, and so which records could decide it. ``"at_boundary"``: on the index date, from
        what was recorded up to then. ``"within_pre"``: in the course of the windows before, so that part of what they
        count came after the selection. ``"within_post"``: after the index date, from what was recorded since, so that
        the figure after is the one picked for being high. ``"unknown"``: not said; what was to be expected without a
        programme then has bounds and no value.
    threshold : float, optional
        The cut, or for ``top`` the number of people.
    softness : float, optional
        The scale of a soft rule, above 0.

    Examples
    --------
    >>> Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3).probability([2, 3]).tolist()
    [0.0, 1.0]
    """

    variable: str
    windows: tuple[str, ...]
    rule: str
    timing: str
    threshold: float | None = None
    softness: float | None = None

    def __post_init__(self) -> None:
        check_types(self)
        check_choice(self.rule, RULES, "Selection rule")
        check_choice(self.timing, TIMINGS, "Selection timing")
        if self.softness is not None and self.softness <= 0:
            raise SpecError("IOM-E092", "Selection softness: expected a number above 0")

    def probability(self, history: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of selection for each value of the history that the rule reads.

        Parameters
        ----------
        history : array_like
            Values of `variable` over `windows`; for ``top`` the last axis is the people who compete.

        Raises
        ------
        SpecError
            IOM-E096 when the rule lacks its threshold or softness, IOM-E092 for ``rate``, which reads no count.
        """
        if self.rule == "rate":
            raise SpecError(
                "IOM-E092",
                "people were picked on the rate behind their counts, so that no count has a chance of being picked",
                "of rule 'rate' take the methods 'pool' or 'none'",
            )
        values = np.asarray(history, dtype=np.float64)
        softness = self.softness if self.rule == "soft" else 1.0
        if self.threshold is None or softness is None:
            raise SpecError("IOM-E096", f"Selection rule {echo(self.rule)}: threshold (and softness if soft) is needed")
        if self.rule == "at_least":
            return (values >= self.threshold).astype(np.float64)
        if self.rule == "top":
            return _top(values, int(self.threshold))
        return np.asarray(expit((values - self.threshold) / softness))


def _top(values: NDArray[np.float64], places: int) -> NDArray[np.float64]:
    # People who tie at the last place share it equally.
    if not 0 < places <= values.shape[-1]:
        raise SpecError("IOM-E092", "Selection top: expected from 1 place up to the number of people")
    cut = np.sort(values, axis=-1)[..., -places, None]
    above, tied = values > cut, values == cut
    share = (places - above.sum(-1, keepdims=True)) / tied.sum(-1, keepdims=True)
    return np.where(above, 1.0, np.where(tied, share, 0.0))
