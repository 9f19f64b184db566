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
from iom_causal.panel.fields import PanelFields
from iom_causal.panel.layouts import (
    Long,
    Wide,
    check_kind,
    default_exposure,
    exposure_columns,
    listed,
    selected_people,
)
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
from iom_causal.panel.where import AT_POSITIONS, Where
from iom_causal.windows import AFTER, BEFORE, Selection, Window, as_windows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Panel(PanelFields):
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

    @classmethod
    def from_columns(
        cls,
        columns: Mapping[str, NDArray[Any]],
        layout: Wide | Long,
        *,
        kind: str,
        windows: Sequence[Window] | None = None,
        index_date: dt.date | None = None,
        missing: str = "refuse",
        name: str | None = None,
        selection: Selection | None = None,
        synthetic: bool = False,
        where: Where = AT_POSITIONS,
    ) -> Self:
        """Build a panel from columns of one table: the one validation behind frames and files.

        Parameters
        ----------
        columns : mapping of str to ndarray
            The columns by name, all of one length; more of them than are read do no harm.
        layout : Wide or Long
            Which column is what, with one row a person, or one a person and period.
        kind : {"count", "amount", "score", "binary"}
            What the numbers are.
        windows, index_date, missing, name, selection, synthetic
            As in `from_wide`; a layout with a column of index dates needs no `index_date`.
        where : Where
            How errors name rows, and what they advise; by default the positions of rows, counted from 0.

        Raises
        ------
        InputError
            Every fault, with the column's name, counts and rows, never a value or an id.

        Examples
        --------
        >>> from iom_causal.panel import Wide
        >>> columns = {"id": np.array(["a", "b"]), "y1": np.array([4, 2]), "y2": np.array([1, -2])}
        >>> Panel.from_columns(columns, Wide(unit="id", before=("y1",), after=("y2",)), kind="score").n
        2
        >>> Panel.from_columns(columns, Wide(unit="id", before=("y1",), after=("y2",)), kind="count")
        Traceback (most recent call last):
            ...
        iom_causal.errors.InputError: IOM-E030: y2: 1 value is negative (position 1)
        """
        col.check_columns(columns, layout.names)
        read = layout.fields(columns, kind=kind, windows=windows, missing=missing, name=name or "", where=where)
        return cls(
            **{"kind": kind, "index_date": index_date, "notes": col.implausible(read["outcome"], kind)} | read,
            selection=selection,
            synthetic=synthetic,
        )

    @classmethod
    def from_wide(
        cls,
        df: Any,
        *,
        unit: str,
        pre: str | Sequence[str],
        post: str | Sequence[str],
        kind: str,
        exposure_pre: float | str | Sequence[str] | None = None,
        exposure_post: float | str | Sequence[str] | None = None,
        age: str | None = None,
        group: str | None = None,
        start: str | None = None,
        selected: str | bool | None = None,
        covariates: Sequence[str] = (),
        windows: Sequence[Window] | None = None,
        index_date: dt.date | None = None,
        missing: str = "refuse",
        name: str | None = None,
        selection: Selection | None = None,
        synthetic: bool = False,
    ) -> Self:
        """Build a panel from a frame with one row a person.

        Parameters
        ----------
        df : frame
            pandas, polars, pyarrow or anything else that narwhals understands; it is not changed.
        unit : str
            The column of ids, text or whole numbers, each once.
        pre, post : str or sequence of str
            The outcome's columns before and after, in order of time.
        kind : {"count", "amount", "score", "binary"}
            What the numbers are.
        exposure_pre, exposure_post : number, str or sequence of str, optional
            Days at risk: the same for all, or a column for each window.
        age, group : str, optional
            Columns of the age at the index date, and of whether the person was managed (1) or is
            there for comparison (0).
        start : str, optional
            In place of `group`, where people were managed from different windows on: the column of the first one, by
            its label (by default the name of its column), missing for never.
        selected : str or bool, optional
            Whether comparison people were selected as the managed were: a column (1, 0, or empty where that is not
            known), or one answer for all of them. See `Panel`.
        covariates : sequence of str
            Columns to carry along.
        windows : sequence of Window, optional
            Their dates; by default the column names serve as labels and lengths are not known.
        index_date : date, optional
            The day that windows are counted from.
        missing : {"refuse", "keep"}
            Whether outcomes may be missing.
        name, selection, synthetic
            As in `Panel`.

        Raises
        ------
        InputError
            Every fault, with the column's name and counts, never a value or an id.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"id": ["a", "b"], "y1": [4, 2], "y2": [1, 2]})
        >>> Panel.from_wide(df, unit="id", pre="y1", post="y2", kind="count").before.tolist()
        [4, 2]
        """
        before, after = listed(pre), listed(post)
        layout = Wide(
            unit=unit,
            before=before,
            after=after,
            exposure=exposure_columns(exposure_pre, before) + exposure_columns(exposure_post, after),
            age=age,
            group=group,
            start=start,
            selected=selected,
            covariates=tuple(covariates),
        )
        return cls.from_columns(
            col.as_columns(df, layout.names),
            layout,
            kind=kind,
            windows=windows,
            index_date=index_date,
            missing=missing,
            name=name,
            selection=selection,
            synthetic=synthetic,
        )

    @classmethod
    def from_long(
        cls,
        df: Any,
        *,
        unit: str,
        period: str,
        outcome: str,
        kind: str,
        post: Any,
        order: Sequence[Any] | None = None,
        exposure: str | None = None,
        age: str | None = None,
        group: str | None = None,
        start: str | None = None,
        selected: str | bool | None = None,
        covariates: Sequence[str] = (),
        windows: Sequence[Window] | None = None,
        index_date: dt.date | None = None,
        missing: str = "refuse",
        name: str | None = None,
        selection: Selection | None = None,
        synthetic: bool = False,
    ) -> Self:
        """Build a panel from a frame with one row a person and period.

        Parameters
        ----------
        df : frame
            As in `from_wide`.
        unit, period, outcome : str
            The columns of ids, periods and values; a person and period may occur once.
        kind : {"count", "amount", "score", "binary"}
            What the numbers are.
        post : value or sequence of values
            The periods that lie after the index date.
        order : sequence, optional
            The periods in order of time. Needed for text periods when there are more than two,
            because the order of labels is not the order of time.
        exposure : str, optional
            A column of days at risk.
        age, group : str, optional
            Columns that do not vary within a person.
        start : str, optional
            In place of `group`: the column of the period from which a person was managed, missing for never.
        selected : str or bool, optional
            As in `from_wide`; a column does not vary within a person.
        covariates, windows, index_date, missing, name, selection, synthetic
            As in `from_wide`. A person and period without a row is missing.

        Raises
        ------
        InputError
            Every fault, with the column's name and counts, never a value or an id.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"id": [1, 1, 2, 2], "when": ["pre", "post"] * 2, "y": [4, 1, 2, 2]})
        >>> panel = Panel.from_long(df, unit="id", period="when", outcome="y", kind="count", post="post")
        >>> panel.after.tolist()
        [1, 2]
        """
        layout = Long(
            unit=unit,
            period=period,
            outcome=outcome,
            after=listed(post),
            order=None if order is None else tuple(order),
            exposure=exposure,
            age=age,
            group=group,
            start=start,
            selected=selected,
            covariates=tuple(covariates),
        )
        return cls.from_columns(
            col.as_columns(df, layout.names),
            layout,
            kind=kind,
            windows=windows,
            index_date=index_date,
            missing=missing,
            name=name,
            selection=selection,
            synthetic=synthetic,
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
