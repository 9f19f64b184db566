"""Totals of people in equal periods, as models of time series read them."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.inputs.counts import CountData, count_data
from iom_causal.inputs.sample import LEAST_PEOPLE, SampleAccount
from iom_causal.numerics.mixed.shared_block import window_events
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, days_of

type Floats = NDArray[np.float64]

UNIT = 548.0
"""Days of the rate that a level is the log of: eighteen months."""
UNEVEN = 1.13
"""Longest over shortest period up to which they count as equal: months have from 28 to 31 days."""
ALMOST_A_YEAR = 0.98
"""Twelve windows of 30 days are taken as a year."""


@dataclass(frozen=True, eq=False)
class Series:
    """Totals over people in equal periods.

    Attributes
    ----------
    events : ndarray
        (T,) totals, or (R, T) over replicates.
    exposure : ndarray
        Person-time of those observed, in units of 548 days, of the same shape.
    middle : ndarray
        (T,) years from the index date to the middle of each period.
    post : ndarray
        (T,) whether it lies after.
    span : ndarray
        (T, 2) first day and the day after the last, from the index date.
    people : float or ndarray
        People used, or (R,).
    sample : SampleAccount
        The account of the people.
    exposure_words : str
        The exposure in words.
    index_date : date or None
        Where there is one for all.
    """

    events: Floats
    exposure: Floats
    middle: Floats
    post: NDArray[np.bool_]
    span: NDArray[np.int64]
    people: Any
    sample: SampleAccount
    exposure_words: str
    index_date: dt.date | None

    @property
    def period(self) -> float:
        """Mean length of a period in years."""
        return float((self.span[:, 1] - self.span[:, 0]).mean()) / YEAR

    @property
    def contiguous(self) -> bool:
        """Whether every period starts where the one before it ends."""
        return bool((self.span[1:, 0] == self.span[:-1, 1]).all())

    @property
    def before(self) -> "Series":
        """The windows before alone."""
        keep = ~self.post
        totals = {k: getattr(self, k)[..., keep] for k in ("events", "exposure")}
        return replace(self, **totals, **{k: getattr(self, k)[keep] for k in ("middle", "post", "span")})

    @property
    def ordinary(self) -> NDArray[np.bool_]:
        """(R,) replicates of enough people, at risk in every window, with events before."""
        events = self.events[:, ~self.post].any(-1)
        return np.asarray((self.people >= LEAST_PEOPLE) & (self.exposure > 0).all(-1) & events)

    def check_season(self, waves: int) -> None:
        """Refuse a pattern of so many waves a year where windows cannot show it.

        Raises
        ------
        InputError
            That of `phase`.
        NotIdentifiedError
            IOM-E068 with less than a year of windows on a side, or windows too long for so many waves.
        """
        self.phase()
        sides = [side.sum() * self.period for side in (~self.post, self.post) if side.any()]
        if min(sides) < ALMOST_A_YEAR:
            told = "before, and one after" if len(sides) > 1 else "before"
            raise NotIdentifiedError(
                "IOM-E068", f"a pattern of seasons needs a year of windows {told}", "take season=0"
            )
        if (2 * waves + 1) * self.period > 1:
            raise NotIdentifiedError("IOM-E068", f"windows are too long to tell {waves} waves a year from one another")

    def phase(self) -> Floats:
        """Return the share of the calendar year that is over in the middle of each period, (T,).

        Raises
        ------
        InputError
            IOM-E048 without one index date for all.
        """
        if self.index_date is None:
            raise InputError(
                "IOM-E048",
                "seasons need one day on which the programme began for all people, to know the month of each window",
                "give index_date",
            )
        middles = [self.index_date + dt.timedelta(days=float(start + end) / 2) for start, end in self.span]
        return np.array([(d.timetuple().tm_yday - 0.5) / YEAR for d in middles])


def window_series(panel: Panel, spec: object) -> Series:
    """Return a panel without replicates as totals of its managed people by window.

    Raises
    ------
    InputError
        Those of `series_block`; IOM-E046 where nobody was observed in a window.
    DegenerateDataError
        IOM-E064 without an event before.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> windows = [Window(f"{k}", 30 * k, 30 * k + 30, post=k >= 0) for k in (-2, -1, 0)]
    >>> series = window_series(Panel.from_arrays([[1, 0, 2], [3, 1, 0]], windows=windows), None)
    >>> series.events.tolist(), (series.exposure * 548).tolist()
    ([4.0, 1.0, 2.0], [60.0, 60.0, 60.0])
    """
    block = series_block(panel, spec)
    nobody = int((block.exposure == 0).sum())
    if nobody:
        raise InputError("IOM-E046", f"{type(spec).__name__}: in {nobody} windows nobody was observed")
    if not block.events[:, ~block.post].any():
        raise DegenerateDataError("IOM-E064", f"{panel.name}: no events before, so there is no trend to go on along")
    return replace(block, events=block.events[0], exposure=block.exposure[0], people=float(block.people[0]))


def series_block(panel: Panel, spec: object) -> Series:
    """Return a panel, with or without replicates, as totals of its managed people by window, with a replicate axis.

    Raises
    ------
    InputError
        Those of `count_data`; IOM-E048 where a window has no dates; IOM-E047 where windows are not equally long;
        IOM-E076 for weights that are no whole numbers.
    """
    name = type(spec).__name__
    data = count_data(panel, spec, "", collapse=False)
    span = np.array([days_of(w, name) for w in panel.windows])
    lengths = span[:, 1] - span[:, 0]
    if lengths.max() > UNEVEN * lengths.min():
        raise InputError(
            "IOM-E047",
            f"{name}: expected windows of one length, such as months, got {lengths.min()} to {lengths.max()} days",
        )
    if (data.weight != np.rint(data.weight)).any():
        raise InputError("IOM-E076", f"{name}: expected weights that are whole numbers, so that totals are counts")
    date = panel.index_date
    return Series(
        window_events(np.require(data.y, requirements="W"), np.require(data.weight, requirements="W")),
        _person_time(data) / UNIT,
        span.mean(-1) / YEAR,
        np.array([w.post for w in panel.windows]),
        span,
        data.people,
        data.sample,
        data.exposure_words,
        date if isinstance(date, dt.date) else None,
    )


def _person_time(data: CountData) -> Floats:
    """Return the days at risk of all people in each window, (R, T)."""
    shape = data.y.shape[::2]
    days = data.exposure
    if days.ndim == 1:
        return np.asarray(data.people[:, None] * days)
    return np.broadcast_to((data.weight[:, None, :] @ days)[:, 0], shape)
