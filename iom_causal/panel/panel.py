"""One outcome of n people over T windows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.equality import same
from iom_causal.errors import InputError
from iom_causal.moments import Moments
from iom_causal.panel import columns as col
from iom_causal.panel.layouts import check_kind, default_exposure, selected_people
from iom_causal.panel.parts import (
    as_html,
    check_common_start,
    check_lengths,
    check_panel,
    collapse,
    describe,
    draw_windows,
    freeze_arrays,
    long_frame,
    moments_of,
    of_days_at_risk,
    one_replicate,
    take,
    wide_frame,
)
from iom_causal.panel.reading import PanelReading
from iom_causal.windows import AFTER, BEFORE, Selection, Window, as_windows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Panel(PanelReading):
    """One outcome of n people over T windows.

    Build it with `from_wide`, `from_long`, `from_columns` or `from_arrays`, which check everything before anything
    is computed. Arrays cannot be written to; nothing is dropped silently.

    Parameters
    ----------
    outcome : ndarray
        (n, T), or (R, n, T) with one leading replicate axis. Whole numbers mean that nothing is
        missing; decimals may hold NaN.
    kind : {"count", "amount", "score", "binary"}
        What the numbers are: events; weights of events that add up, such as harm; values that do not; 0 or 1.
    windows : tuple of Window
        The T windows in order of time.
    name : str
        What the outcome is called in every sentence.
    exposure : ndarray or None
        Days at risk, (T,) when common to all, else the outcome's shape; None when not known. The outcome of whoever has
        no day of one side, before or after, is missing there, unless it is a score.
    weight : ndarray or None
        (n,) or (R, n): how often each row counts; 0 means that nobody is there.
    index_date : date, ndarray of datetime64 or None
        The day that windows are counted from: one for all, one each, or not known.
    start : masked array or None
        The first managed window of each person, masked for never; None when all are managed from
        the first window after.
    age : ndarray or None
        Age in years at the index date, (n,) or (R, n).
    covariates : mapping of str to ndarray
        (n,) or (R, n) each; clusters and running variables are covariates.
    ids : ndarray or None
        Text or whole numbers; never shown.
    selected : masked array or None
        Whether the selection rule selected each person, (n,), masked where that is not known, as it is of all where
        this is None; managed people were selected. Of comparison people it tells two kinds apart: those selected alike
        (a waiting list, the losers of a lottery, another force by the same rule), with whom a design compares, and the
        rest of those from whom people were selected, whose counts tell what the rule alone does.
    selection : Selection or None
        The selection rule; None where it is unknown.
    synthetic : bool
        Whether these are invented or rebuilt people.
    fixed_by_table : tuple of str or None
        On reconstructed people, which summaries of those with both windows the published table determines:
        ``"before"`` and ``"after"`` (mean and SD) and ``"t"`` (the paired t); None on all others.
    notes : tuple of str
        What a reader of any result on this panel should know.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [5, 0]], name="arrests")
    >>> panel
    Panel('arrests', count, 3 people, 2 windows)
    >>> panel.after.tolist()
    [1, 2, 0]
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows", as_windows(self.windows))
        if self.exposure is None:
            object.__setattr__(self, "exposure", default_exposure(None, self.windows))
        check_panel(self)
        object.__setattr__(self, "outcome", of_days_at_risk(self))
        freeze_arrays(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
        freeze_arrays(self)

    @classmethod
    def from_arrays(
        cls,
        outcome: ArrayLike,
        *,
        kind: str = "count",
        windows: Sequence[Window] | None = None,
        exposure: ArrayLike | None = None,
        name: str = "outcome",
        weight: ArrayLike | None = None,
        index_date: dt.date | ArrayLike | None = None,
        start: ArrayLike | None = None,
        age: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
        ids: ArrayLike | None = None,
        selected: ArrayLike | None = None,
        selection: Selection | None = None,
        missing: str = "refuse",
        synthetic: bool = False,
    ) -> Self:
        """Build a panel from arrays; with two windows the last axis is before, after.

        Parameters
        ----------
        outcome : array_like
            (n, T) or (R, n, T); NaN in decimals is missing.
        kind, windows, exposure, name, weight, index_date, start, age, covariates, ids, selected, selection, synthetic
            As in `Panel`; `exposure` may also be one number of days a window, and `selected` one answer for all
            comparison people.
        missing : {"refuse", "keep"}
            Whether outcomes may be missing, as in `from_wide`.

        Raises
        ------
        InputError
            Every fault of shape, value, window or exposure, each with its code.

        Examples
        --------
        >>> Panel.from_arrays([[1.5, 2.0], [3.0, float("nan")]], kind="score", missing="keep").n_complete
        1
        """
        check_kind(kind)
        values = col.check_outcome(col.numbers(np.asarray(outcome), name), kind, missing, name)
        if windows is None:
            windows = (BEFORE, AFTER)
        windows = as_windows(windows)
        begun = None if start is None else np.ma.asarray(start)
        return cls(
            outcome=values,
            kind=kind,
            windows=windows,
            name=name,
            exposure=default_exposure(exposure, windows),
            weight=None if weight is None else np.asarray(weight),
            index_date=index_date if index_date is None or isinstance(index_date, dt.date) else np.asarray(index_date),
            start=begun,
            age=None if age is None else np.asarray(age, dtype=np.float64),
            covariates={key: np.asarray(value) for key, value in (covariates or {}).items()},
            ids=None if ids is None else np.asarray(ids),
            selected=selected_people(selected, begun),
            selection=selection,
            synthetic=synthetic,
            notes=col.implausible(values, kind),
        )

    @property
    def before(self) -> NDArray[Any]:
        """The outcome before, (n,) or (R, n); windows before the index date are collapsed."""
        return np.asarray(self.prepost().outcome[..., 0])

    @property
    def after(self) -> NDArray[Any]:
        """The outcome after, (n,) or (R, n); windows after the index date are collapsed."""
        return np.asarray(self.prepost().outcome[..., 1])

    @property
    def managed(self) -> "Panel":
        """The managed people only; the panel itself when nobody else is in it."""
        return self if bool(self.group.all()) else self.where(self.group)

    def prepost(self) -> "Panel":
        """Collapse the windows before to one, and those after: counts add up, scores are averaged.

        Raises
        ------
        InputError
            IOM-E047 when one side has no window, or managed people start at different windows; IOM-E048 where other
            than scores have more windows on one side and neither dates nor days at risk say how long these are.
        """
        check_common_start(self)
        roles = [w.post for w in self.windows]
        if roles == [False, True]:
            return self
        check_lengths(self)
        return collapse(self, np.array(roles))

    def moments(self) -> Moments:
        """Return n, means, SDs, correlation and t of the managed people with both windows.

        Weights count people, `n` and `n_input` alike; of weights that do not add up to a whole number, as a table has
        it, both are rounded to the nearest one, and means, SDs and correlation are those of the weights as they are.

        Raises
        ------
        InputError
            IOM-E047 on a panel with replicates, IOM-E060 with fewer than two people.
        """
        return moments_of(self.managed.prepost())

    def where(self, mask: ArrayLike) -> "Panel":
        """Return the people for whom `mask`, (n,) booleans, holds.

        Raises
        ------
        InputError
            IOM-E037 for another shape, IOM-E061 when nobody is left.
        """
        keep = np.asarray(mask)
        if keep.dtype != np.bool_ or keep.shape != (self.n,):
            raise InputError("IOM-E037", f"where: expected {self.n} booleans, got {keep.dtype} of shape {keep.shape}")
        if not keep.any():
            raise InputError("IOM-E061", "where: nobody is left")
        return take(self, (Ellipsis, keep), (Ellipsis, keep, slice(None)), keep)

    def replicate(self, index: int) -> "Panel":
        """Return one replicate as a panel without the replicate axis."""
        if self.replicates is None or not -self.replicates <= index < self.replicates:
            raise InputError("IOM-E047", f"replicate {index}: this panel has {self.replicates or 'no'} replicates")
        return one_replicate(self, index)

    def equals(self, other: object) -> bool:
        """Whether another object is a panel with the same values, names and settings."""
        return isinstance(other, Panel) and all(
            same(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )

    def describe(self) -> "pd.DataFrame":
        """Return Table 1: a row a window with those who have a value, their total, mean, SD, range and days at risk."""
        return describe(self)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the level of each window with its 95% interval, comparison people beside managed ones.

        Counts and amounts are shown per year at risk where the days are known, else per window, and scores as their
        mean: never one person's values. To save it: ``panel.plot().figure.savefig("figure.png")``. For ``plt.show()``
        give ``ax=plt.gca()``.

        Raises
        ------
        InputError
            IOM-E047 on a panel with replicates.

        Examples
        --------
        >>> Panel.from_arrays([[3, 1], [2, 2], [5, 0]], name="arrests").plot().get_ylabel()
        'arrests, mean of a person'
        """
        return draw_windows(self, ax)

    def to_wide(self, *, lengths: bool = False) -> "pd.DataFrame":
        """Return a frame with one row a person (and replicate) and a column a window.

        Beside the outcome stand the days at risk of each window where people differ in them (``days_before``),
        ``start`` (the label of a person's first managed window, missing for never) and ``managed`` (1 or 0) where the
        panel states starts, ``selected`` where anything is known of it, the age and the covariates; a covariate whose
        name one of these has is there as ``covariate_`` and its name. With `lengths` the heads of windows called before
        and after say how long they are, where that is known: ``arrests_365_days_before``.

        Examples
        --------
        >>> never = np.ma.MaskedArray([1, 0], mask=[False, True])
        >>> Panel.from_arrays([[3, 1], [2, 2]], name="arrests", start=never, selected=True).to_wide()
           unit  arrests_before  arrests_after  start  managed  selected
        0     0               3              1  after        1         1
        1     1               2              2    NaN        0         1
        """
        return wide_frame(self, lengths=lengths)

    def to_frame(self) -> "pd.DataFrame":
        """Return the panel as a frame; the same as `to_wide`."""
        return self.to_wide()

    def to_long(self) -> "pd.DataFrame":
        """Return a frame with one row a person and window, in order of the windows.

        Beside the outcome stand ``window`` (its label), ``position`` (its place in time, from 0), ``post`` (1 after
        the index date), ``treated`` (1 from the person's start on), ``start`` (the position of the first managed
        window, NaN for never), ``exposure`` (days at risk, where they are known), and ``selected``, age and covariates
        as in `to_wide`. `from_long` reads it back with ``period="position"`` and ``start="start"``.

        Examples
        --------
        >>> never = np.ma.MaskedArray([1, 0], mask=[False, True])
        >>> long = Panel.from_arrays([[3, 1], [2, 2]], name="arrests", start=never).to_long()
        >>> long[["unit", "position", "treated", "start", "arrests"]]
           unit  position  treated  start  arrests
        0     0         0        0    1.0        3
        1     1         0        0    NaN        2
        2     0         1        1    1.0        1
        3     1         1        0    NaN        2
        """
        return long_frame(self)

    def __repr__(self) -> str:
        reps = "" if self.replicates is None else f", {self.replicates} replicates"
        made = ", synthetic" if self.synthetic else ""
        return f"Panel({self.name!r}, {self.kind}, {self.n} people, {len(self.windows)} windows{reps}{made})"

    def _repr_html_(self) -> str:
        return as_html(self)
