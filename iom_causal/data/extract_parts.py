"""Parts of the specification of a file of people: filters, observation windows and outcomes."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from iom_causal.base.specs import check_choice
from iom_causal.data.severity import CODE, WeightsFile
from iom_causal.errors import SpecError, echo
from iom_causal.panel.layouts import check_kind
from iom_causal.windows import MONTH, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Inclusion rule on a column, with the reason for which rows are excluded.

    Parameters
    ----------
    column : str
        The column that is read.
    keep : tuple
        Values of rows that are used, and no others are; labels count as values.
    drop : tuple
        Values of rows that are left out, and all others are used; labels count as values.
    low : float, optional
        The least number of rows that are used, itself included; rows without a number are not used.
    high : float, optional
        The largest number of rows that are used, itself included; rows without a number are not used.
    reason : str
        Why; the report prints it.

    Examples
    --------
    >>> import pandas as pd
    >>> from iom_causal import read_events
    >>> arrests = pd.DataFrame({"id": ["a", "a"], "date": ["2018-11-05", "2019-03-01"], "reason": ["theft", "recall"]})
    >>> made = Filter(column="reason", drop=("recall",), reason="supervision makes recalls")
    >>> read = read_events(
    ...     pd.DataFrame({"id": ["a"]}), arrests, months=(12, 12), index_date=dt.date(2019, 1, 1), filters=[made]
    ... )
    >>> int(read.panel.outcome.sum())
    1
    """

    column: str
    keep: tuple[str | float, ...] = ()
    drop: tuple[str | float, ...] = ()
    low: float | None = None
    high: float | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if not (self.keep or self.drop or self.low is not None or self.high is not None):
            raise SpecError("IOM-E096", f"filter on {echo(self.column)}: give keep, drop, low or high")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractWindow:
    """Observation window of an extract, as dates, as days from the index date, or by its length.

    Parameters
    ----------
    label : str
        How it is printed.
    start, end : date or int, optional
        Its first day and the first day after it: dates, or days from the index date.
    post : bool
        Whether it lies after the index date.
    period : str or number, optional
        What the column of periods says in a long table; by default the label.
    months, days : number, optional
        Its length, in place of start and end: windows of a length follow on one another, backwards and forwards from
        the index date. A month is a twelfth of 365.25 days, and a window has whole days.

    Examples
    --------
    >>> ExtractWindow(label="before", months=12).post, ExtractWindow(label="after", months=12, post=True).post
    (False, True)
    """

    label: str
    start: dt.date | int | None = None
    end: dt.date | int | None = None
    post: bool = False
    period: str | float | None = None
    months: float | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        lengths = [n for n in (self.months, self.days) if n is not None]
        if len(lengths) + (self.start is not None or self.end is not None) > 1:
            raise SpecError(
                "IOM-E092", f"extract: window {echo(self.label)}: give start and end, or months, or days, and one only"
            )
        if self.length is not None and self.length < 1:
            raise SpecError("IOM-E092", f"extract: window {echo(self.label)}: expected a length of at least a day")

    @property
    def length(self) -> int | None:
        """The length in days, where it is stated as a length."""
        return self.days if self.months is None else round(self.months * MONTH)

    def span(self, index: dt.date | None) -> Window:
        """Return a window with dates, or of unknown length, in days from the index date."""
        return Window(self.label, _day(self.start, index), _day(self.end, index), post=self.post)


def on_their_side(windows: tuple[ExtractWindow, ...], index: dt.date) -> tuple[ExtractWindow, ...]:
    """Return windows with dates before and after the day of introduction, where none says on which side it lies.

    Raises
    ------
    SpecError
        IOM-E092 where the day lies inside a window.
    """
    starts = [w.start for w in windows if isinstance(w.start, dt.date)]
    if len(starts) < len(windows) or any(w.post for w in windows):
        return windows
    sides = tuple(replace(w, post=start >= index) for w, start in zip(windows, starts, strict=True))
    if any(isinstance(w.end, dt.date) and not w.post and w.end > index for w in sides):
        raise SpecError(
            "IOM-E092",
            "extract: index_date lies inside a window; write post = true at each window that counts as after",
        )
    return sides


def spans_of(windows: Iterable[ExtractWindow], index: dt.date | None) -> tuple[Window, ...]:
    """Place windows in days from the index date, those of a stated length end to end.

    Examples
    --------
    >>> two = ExtractWindow(label="before", months=24), ExtractWindow(label="after", months=6, post=True)
    >>> [(w.start, w.end) for w in spans_of(two, None)]
    [(-730, 0), (0, 183)]
    """
    windows = tuple(windows)
    lengths = [w.length for w in windows if w.length is not None]
    if not lengths:
        return tuple(w.span(index) for w in windows)
    if len(lengths) < len(windows):
        raise SpecError(
            "IOM-E092", "extract: windows: expected a length for each (months or days), or start and end for each"
        )
    before = sum(w.length or 0 for w in windows if not w.post)
    spans = itertools.pairwise([-before, *(end - before for end in itertools.accumulate(lengths))])
    return tuple(Window(w.label, start, end, post=w.post) for w, (start, end) in zip(windows, spans, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """Calendar months as observation windows, each labelled such as ``2012-05``.

    Parameters
    ----------
    first, last : date
        Any day of the first month, and of the last.
    after : date
        Any day of the first month after the introduction.

    Examples
    --------
    >>> months = Monthly(first=dt.date(2011, 12, 1), after=dt.date(2012, 1, 1), last=dt.date(2012, 2, 1))
    >>> [(w.label, w.post) for w in months.windows]
    [('2011-12', False), ('2012-01', True), ('2012-02', True)]
    """

    first: dt.date
    after: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if not self.first < self.after <= self.last:
            raise SpecError(
                "IOM-E092",
                "extract: months: expected a day of the first month, of a later one that is the first after the "
                "introduction, and of the last",
            )

    @property
    def windows(self) -> tuple[ExtractWindow, ...]:
        """The months in order of time."""
        first, after, last = (12 * day.year + day.month - 1 for day in (self.first, self.after, self.last))
        starts = [dt.date(k // 12, k % 12 + 1, 1) for k in range(first, last + 2)]
        return tuple(
            ExtractWindow(label=f"{start:%Y-%m}", start=start, end=end, post=k >= after)
            for k, (start, end) in enumerate(itertools.pairwise(starts), start=first)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOutcome:
    """Outcome of an extract: its name, kind, columns and treatment of missing values.

    Parameters
    ----------
    name : str
        What it is called in every sentence.
    kind : {"count", "amount", "score", "binary"}
        What the numbers are.
    columns : tuple of str
        One for each window, in order of time; in a long table the one column. None of an outcome that is counted from
        the log of events.
    only : tuple of Filter
        Which events of the log count for this outcome, beyond the filters of the log itself: without the events that
        supervision makes, such as recalls, or of one type of offence.
    missing : {"refuse", "keep", "zero"}
        What a window without a value means. ``"refuse"``: the file is refused until somebody has decided. ``"keep"``:
        it is not known, and the person stays in without it; before/after estimators use those with both values, and
        `Attrition` supposes something of the others. ``"zero"``: an empty cell says that nothing happened and is 0;
        a code for missing never is, and people with one stay in without a value.
    weights : WeightsFile, optional
        Of an amount that weighs counts by offence: the file of weights. The names of its columns then hold ``{code}``,
        such as ``"{code} before"``, for the code of each offence.

    Examples
    --------
    >>> ExtractOutcome(name="arrests", kind="count", columns=("arrests 12m before", "arrests 12m after")).missing
    'refuse'
    """

    name: str
    kind: str
    columns: tuple[str, ...] = ()
    only: tuple[Filter, ...] = ()
    missing: str = "refuse"
    weights: WeightsFile | None = None

    def __post_init__(self) -> None:
        check_kind(self.kind)
        if self.columns and self.only:
            raise SpecError(
                "IOM-E092", f"outcome {self.name}: only = [...] narrows a log of events; this outcome has columns"
            )
        if self.weights is not None and (self.kind != "amount" or any(n.count(CODE) != 1 for n in self.columns)):
            raise SpecError(
                "IOM-E092",
                f'outcome {self.name}: weights are of counts by offence; expected kind = "amount" and {CODE} once in '
                f'the name of each column, such as "{CODE} before"',
            )
        check_choice(self.missing, ("refuse", "keep", "zero"), f"outcome {self.name}: missing")
        if self.missing == "zero" and self.kind == "score":
            raise SpecError(
                "IOM-E092",
                f'outcome {self.name}: missing = "zero" says that nothing happened where a cell is empty, and a score '
                'is no event; expected "refuse" or "keep"',
            )

    @property
    def logged(self) -> bool:
        """Whether it is counted from a log of events."""
        return not self.columns


def _day(end: dt.date | int | None, index: dt.date | None) -> int | None:
    if not isinstance(end, dt.date):
        return end
    if index is None:
        raise SpecError("IOM-E096", "extract: windows with dates need index_date, or a window after that starts on it")
    return (end - index).days
