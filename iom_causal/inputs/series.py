"""Totals of people in equal periods, as models of time series read them."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.inputs.counts import CountData, count_data
from iom_causal.inputs.sample import LEAST_PEOPLE, SampleAccount
from iom_causal.numerics.mixed.shared_alike import window_events
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, days_of

type Floats = NDArray[np.float64]

UNIT = 548.0
"""Days of the rate that a level is the log of: eighteen months."""
UNEVEN = 1.13
"""Longest over shortest period up to which they count as equal: months have from 28 to 31 days."""
ALMOST_A_YEAR = 0.98
"""Twelve windows of 30 days are taken as a year."""
LEAST_BEFORE = 12
"""The fewest windows before from which a trend is taken on (Wagner et al. 2002)."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Equal periods on both sides of a start.

    Attributes
    ----------
    middle : ndarray
        (T,) years from the index date to the middle of each period.
    post : ndarray
        (T,) whether it lies after.
    span : ndarray
        (T, 2) first day and the day after the last, from the index date.
    index_date : date or None
        Where there is one for all.
    """

    middle: Floats
    post: NDArray[np.bool_]
    span: NDArray[np.int64]
    index_date: dt.date | None

    @property
    def period(self) -> float:
        """Mean length of a period in years."""
        return float((self.span[:, 1] - self.span[:, 0]).mean()) / YEAR

    @property
    def start(self) -> float:
        """Years from the index date to the start of the first period after."""
        return float(self.span[self.post][0, 0]) / YEAR

    @property
    def contiguous(self) -> bool:
        """Whether every period starts where the one before it ends."""
        return bool((self.span[1:, 0] == self.span[:-1, 1]).all())

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


@dataclass(frozen=True, eq=False)
class Series(Calendar):
    """Totals over people in equal periods.

    Attributes
    ----------
    events : ndarray
        (T,) totals, or (R, T) over replicates.
    exposure : ndarray
        Person-time of those observed, in units of 548 days, of the same shape.
    people : float or ndarray
        People used, or (R,).
    sample : SampleAccount
        The account of the people.
    exposure_words : str
        The exposure in words.
    """

    events: Floats
    exposure: Floats
    people: Any
    sample: SampleAccount
    exposure_words: str

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

    def at(self, place: Any) -> "Series":
        """Return the replicates at these places, or the one at this place without a replicate axis."""
        return replace(self, events=self.events[place], exposure=self.exposure[place], people=self.people[place])

    def refuse(self, name: str, spec: str) -> None:
        """Refuse a series without replicates, or one of them, that is not ordinary.

        Raises
        ------
        InputError
            IOM-E046 where nobody was observed in a window.
        DegenerateDataError
            IOM-E064 without an event before.
        """
        nobody = int((self.exposure == 0).sum())
        if nobody:
            raise InputError("IOM-E046", f"{spec}: in {nobody} windows nobody was observed")
        if not self.events[..., ~self.post].any():
            raise DegenerateDataError("IOM-E064", f"{name}: no events before, so there is no trend to go on along")


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
    series = series_block(panel, spec).at(0)
    series.refuse(panel.name, type(spec).__name__)
    return series


def series_block(panel: Panel, spec: object, *, amounts: bool = False) -> Series:
    """Return a panel, with or without replicates, as totals of its managed people by window, with a replicate axis.

    Parameters
    ----------
    panel : Panel
        Of counts, or with `amounts` of amounts.
    spec : object
        The estimator, for messages.
    amounts : bool
        Whether amounts are read too.

    Raises
    ------
    InputError
        Those of `count_data`; IOM-E048 where a window has no dates; IOM-E047 where windows are not equally long;
        IOM-E076 for weights that are no whole numbers.
    """
    name = type(spec).__name__
    data = count_data(panel, spec, "", collapse=False, amounts=amounts)
    calendar = calendar_of(panel, name)
    if (data.weight != np.rint(data.weight)).any():
        raise InputError("IOM-E076", f"{name}: expected weights that are whole numbers, so that totals are counts")
    return Series(
        **vars(calendar),
        events=_totals(data),
        exposure=_person_time(data) / UNIT,
        people=data.people,
        sample=data.sample,
        exposure_words=data.exposure_words,
    )


def calendar_of(panel: Panel, name: str) -> Calendar:
    """Return the windows of a panel as equal periods.

    Raises
    ------
    InputError
        IOM-E048 where a window has no dates; IOM-E047 where windows are not equally long.
    """
    span = np.array([days_of(w, name) for w in panel.windows])
    lengths = span[:, 1] - span[:, 0]
    if lengths.max() > UNEVEN * lengths.min():
        raise InputError(
            "IOM-E047",
            f"{name}: expected windows of one length, such as months, got {lengths.min()} to {lengths.max()} days",
        )
    date = panel.index_date
    post = np.array([w.post for w in panel.windows])
    return Calendar(span.mean(-1) / YEAR, post, span, date if isinstance(date, dt.date) else None)


def selected_on(panel: Panel) -> bool | None:
    """Whether people were selected by the counts of this panel, so that those before are high by that alone.

    None where nothing says so.
    """
    rule = panel.selection
    return None if rule is None else rule.variable == panel.name and rule.rule != "rate"


def selected_words(panel: Panel) -> str:
    """Return the note on months that are high because people were selected for them; empty where they were not."""
    comes_back = "the windows before are high by that alone, and what comes back of itself counts as change here"
    known = selected_on(panel)
    if known is None:
        return f"nothing says how these people were picked: if by a high count before, {comes_back}"
    return f"people were picked by this count: {comes_back}" if known else ""


def _totals(data: CountData) -> Floats:
    """Return the weighted total of each window, (R, T)."""
    if data.y.dtype.kind == "f":
        return np.asarray((data.weight[:, None, :] @ data.y)[:, 0])
    return np.asarray(window_events(*(np.require(part, requirements="W") for part in (data.y, data.weight))))


def _person_time(data: CountData) -> Floats:
    """Return the days at risk of all people in each window, (R, T)."""
    shape = data.y.shape[::2]
    days = data.exposure
    if days.ndim == 1:
        return np.asarray(data.people[:, None] * days)
    return np.broadcast_to((data.weight[:, None, :] @ days)[:, 0], shape)
