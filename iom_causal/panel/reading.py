"""How a panel is read from columns and frames: one validation behind them all."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import NDArray

from iom_causal.panel import columns as col
from iom_causal.panel.fields import PanelFields
from iom_causal.panel.layouts import Long, Wide, exposure_columns, listed
from iom_causal.panel.where import AT_POSITIONS, Where
from iom_causal.windows import Selection, Window


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PanelReading(PanelFields):
    """The ways from a table to a `Panel`; a base for it alone."""

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
        >>> import numpy as np
        >>> from iom_causal.panel import Panel, Wide
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
        >>> from iom_causal.panel import Panel
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
        >>> from iom_causal.panel import Panel
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
