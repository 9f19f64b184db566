"""Source population: counts by window of people who were never managed, from a panel or from a table of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.equality import same
from iom_causal.errors import InputError, echo
from iom_causal.inputs.clusters import UNKNOWN
from iom_causal.inputs.comparison import source_population
from iom_causal.inputs.observations import observe
from iom_causal.inputs.sample import LEAST_PEOPLE, left_out, time_at_risk
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments
from iom_causal.panel import Panel, Wide
from iom_causal.panel import columns as col
from iom_causal.panel.layouts import Days, exposure_columns, listed
from iom_causal.panel.where import AT_POSITIONS, Where
from iom_causal.roles import require_panel
from iom_causal.windows import Window

type Floats = NDArray[np.float64]

_ROW = "\0row"  # no table has a column of this name
_COMPLETE = Where(keep="leave out the rows that lack a window")


@dataclass(frozen=True, eq=False, kw_only=True)
class SourcePopulation:
    """Source population: counts of people without the programme, by window.

    Attributes
    ----------
    counts : ndarray
        (n, T) or (R, n, T), a row a person or a row a history that several people share; 0 where the weight is 0.
    weight : ndarray
        (n,) or (R, n) how many people a row stands for; 0 for people who lack a window.
    exposure : ndarray or None
        (T,) days at risk common to all, or of the shape of `counts`; None where they are not known.
    windows : tuple of Window
        The T windows.
    name : str
        The outcome's.
    notes : tuple of str
        Those of the panel, and how many people were left out.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 1, 1], mask=[False, False, True, True, True])
    >>> panel = Panel.from_arrays([[6, 2], [7, 5], [2, 1], [0, 1], [1, 1]], start=start, exposure=[365, 365])
    >>> pool = SourcePopulation.of(panel)
    >>> pool.counts.tolist(), float(pool.people), float(pool.rate_ratio)
    ([[2.0, 1.0], [0.0, 1.0], [1.0, 1.0]], 3.0, 1.0)
    """

    counts: Floats
    weight: Floats
    exposure: Floats | None
    windows: tuple[Window, ...]
    name: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._freeze()

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self._freeze()

    def _freeze(self) -> None:
        for array in (self.counts, self.weight, self.exposure):
            if array is not None:
                array.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __hash__(self) -> int:
        return hash((self.name, self.windows, self.counts.tobytes()))

    @classmethod
    def of(cls, panel: Panel) -> Self:
        """Source population of a panel: its people who were never managed, but for those known to be selected alike.

        Raises
        ------
        InputError
            IOM-E035 or IOM-E066 for what is not a panel of counts, IOM-E048 where all its people are managed or all
            the others were selected alike, IOM-E060 with fewer than two of the others who have every window.
        """
        require_panel(panel, "SourcePopulation.of")
        _check_kind(panel)
        if panel.group.all():
            raise InputError(
                "IOM-E048",
                f"{panel.name}: expected people who were never managed, and everybody in this panel is managed; bring "
                "them in (group= or start=), or give a table of them to SourcePopulation.from_table",
            )
        source = source_population(panel)
        return cls._of_people(source.where(source.rest), panel.notes)

    @classmethod
    def from_table(
        cls,
        df: Any,
        *,
        pre: str | Sequence[str],
        post: str | Sequence[str],
        people: str | None = None,
        exposure_pre: Days = None,
        exposure_post: Days = None,
        windows: Sequence[Window] | None = None,
        name: str | None = None,
    ) -> Self:
        """Read a frame with one row a person, or one row a history and a column of how many people have it.

        Parameters
        ----------
        df : frame
            Anything that narwhals understands; it is not changed.
        pre, post : str or sequence of str
            The columns of counts before and after the index date of those who were selected.
        people : str, optional
            The column of how many people a row stands for; without it each is one person.
        exposure_pre, exposure_post : number, str or sequence of str, optional
            Days at risk: the same for all, or a column for each window.
        windows : sequence of Window, optional
            Their dates.
        name : str, optional
            The outcome's; by default what its columns' names share.

        Raises
        ------
        InputError
            Those of `Panel.from_wide`; IOM-E039 where the column of people is one of counts or days too, IOM-E076 for
            numbers of people that are not whole ones from 0, IOM-E060 with fewer than two.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"y1": [0, 1, 1], "y2": [0, 0, 2], "people": [700, 200, 100]})
        >>> pool = SourcePopulation.from_table(df, pre="y1", post="y2", people="people")
        >>> float(pool.people), round(float(pool.moments.mean_pre), 2)
        (1000.0, 0.3)
        """
        before, after = listed(pre), listed(post)
        days = (*exposure_columns(exposure_pre, before), *exposure_columns(exposure_post, after))
        wide = Wide(unit=_ROW, before=before, after=after, exposure=days)
        if people in wide.names:
            raise InputError(
                "IOM-E039", f"people: {echo(people)} is a column of counts or days too; name one of its own"
            )
        columns = col.as_columns(df, [*(c for c in wide.names if c != _ROW), *([people] if people else [])])
        columns[_ROW] = np.arange(len(next(iter(columns.values()), ())))
        panel = Panel.from_columns(columns, wide, kind="count", windows=windows, name=name, where=_COMPLETE)
        return cls.of_rows(panel, people=None if people is None else columns[people], column=people or "")

    @classmethod
    def of_rows(
        cls, panel: Panel, *, people: NDArray[Any] | None = None, column: str = "", where: Where = AT_POSITIONS
    ) -> Self:
        """Source population of a panel all of whose rows are of people who were never managed.

        Parameters
        ----------
        panel : Panel
            Of a count, a row a person or a history.
        people : ndarray, optional
            (n,) how many people a row stands for; without it each is one person.
        column : str
            What these numbers are called in messages.
        where : Where
            How messages name rows.

        Raises
        ------
        InputError
            IOM-E076 for numbers of people that are not whole ones from 0, IOM-E060 with fewer than two.
        """
        if people is not None:
            panel = replace(panel, weight=_numbers_of_people(people, column, where))
        return cls._of_people(panel, panel.notes)

    @classmethod
    def _of_people(cls, people: Panel, notes: tuple[str, ...]) -> Self:
        seen = observe(people, comparison=True)
        single = people.replicates is None
        given = np.broadcast_to(seen.weight, seen.outcome.shape[:2])
        weight = np.where(seen.observed.all(-1), given, 0.0)
        counts = np.where(weight[..., None] > 0, np.nan_to_num(seen.outcome.astype(np.float64)), 0.0)
        used = np.rint(weight.sum(-1)).astype(np.int64)
        if used.max() < LEAST_PEOPLE:
            raise InputError(
                "IOM-E060", f"{people.name}: n={used.max()} people with every window; expected at least {LEAST_PEOPLE}"
            )
        return cls(
            counts=counts[0] if single else counts,
            weight=weight[0] if single else weight,
            exposure=people.exposure,
            windows=people.windows,
            name=people.name,
            notes=notes + left_out(int(used.min()), seen.n_input, "every window"),
        )

    def beside(self, panel: Panel) -> Panel:
        """Return a panel with its people and these, who then are among those on it who were never managed or selected.

        Right where the table counts the same outcome over the same windows, of people who could have been selected and
        were not. Every method that reads the source population finds it on the panel, and its sampling error is that
        of so many people, however many a row stands for. Of these people no id, age, covariate or own index date is
        known: ids are left out, and the others are missing for them ("missing" in text).

        Parameters
        ----------
        panel : Panel
            Of the managed people, with or without others; its name, selection and rule stay.

        Raises
        ------
        InputError
            IOM-E035 or IOM-E066 for what is not a panel of counts, IOM-E047 where windows differ, IOM-E043 where days
            at risk are known of one side alone, IOM-E037 where replicates differ.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"y1": [0, 1, 3], "y2": [0, 0, 2], "people": [700, 200, 100]})
        >>> managed = Panel.from_arrays([[6, 2], [7, 5]], name="arrests")
        >>> pool = SourcePopulation.from_table(df, pre="y1", post="y2", people="people", windows=managed.windows)
        >>> both = pool.beside(managed)
        >>> both, both.weight.tolist(), both.group.tolist()
        (Panel('arrests', count, 5 people, 2 windows), [1, 1, 700, 200, 100], [True, True, False, False, False])
        """
        require_panel(panel, "SourcePopulation.beside")
        _check_kind(panel)
        self._check_fits(panel)
        rows = self.counts.shape[-2]
        outcome = self.counts.astype(panel.outcome.dtype)
        if panel.replicates is not None:
            outcome = np.broadcast_to(outcome, (panel.replicates, *outcome.shape[-2:]))
        start = panel.start
        if start is None:
            start = np.ma.MaskedArray(np.full(panel.n, next(t for t, w in enumerate(panel.windows) if w.post)))
        never = np.ma.masked_all(rows, dtype=start.dtype)
        each_date = isinstance(panel.index_date, np.ndarray) and panel.index_date.ndim > 0
        return replace(
            panel,
            outcome=np.concatenate([panel.outcome, outcome], axis=-2),
            exposure=self._joined_days(panel),
            weight=self._joined_weight(panel),
            start=np.ma.concatenate([start, never]),
            age=None if panel.age is None else _extended(panel.age, rows),
            covariates={name: _extended(values, rows) for name, values in panel.covariates.items()},
            index_date=_extended(panel.index_date, rows) if each_date else panel.index_date,  # type: ignore[arg-type]
            ids=None,
            selected=np.ma.concatenate([_selected(panel), np.ma.MaskedArray(np.zeros(rows, dtype=np.bool_))]),
            notes=tuple(dict.fromkeys(panel.notes + self.notes)),
        )

    def _check_fits(self, panel: Panel) -> None:
        if self.windows != panel.windows:
            raise InputError(
                "IOM-E047",
                f"{panel.name}: expected the source population in the same windows, with the same labels, days and "
                "sides of the index date; give from_table the columns in that order and windows=panel.windows",
            )
        if (self.exposure is None) != (panel.exposure is None):
            lacks, has = ("source population", "panel") if self.exposure is None else ("panel", "source population")
            raise InputError(
                "IOM-E043",
                f"{panel.name}: days at risk are known of the {has} and not of the {lacks}; give both or neither",
            )
        if self.counts.ndim == 3 and len(self.counts) != panel.replicates:
            raise InputError(
                "IOM-E037",
                f"{panel.name}: the source population has {len(self.counts)} replicates, and the panel "
                f"{panel.replicates or 'none'}",
            )

    def _joined_days(self, panel: Panel) -> Floats | None:
        if self.exposure is None or panel.exposure is None:
            return None
        if self.exposure.ndim == panel.exposure.ndim == 1 and np.array_equal(self.exposure, panel.exposure):
            return panel.exposure
        lead = panel.outcome.shape[:1] if max(self.exposure.ndim, panel.exposure.ndim) == 3 else ()
        sides = ((panel.exposure, panel.n), (self.exposure, self.counts.shape[-2]))
        return np.concatenate([np.broadcast_to(d, (*lead, n, len(self.windows))) for d, n in sides], axis=-2)

    def _joined_weight(self, panel: Panel) -> NDArray[Any] | None:
        theirs: NDArray[Any] = self.weight
        if (theirs == np.rint(theirs)).all():
            theirs = theirs.astype(np.int64)  # whole people are added up exactly
        if panel.weight is None and (theirs == 1).all():
            return None
        ours = np.ones(panel.n, dtype=np.int64) if panel.weight is None else panel.weight
        lead = max(ours.shape[:-1], theirs.shape[:-1], key=len)
        return np.concatenate([np.broadcast_to(w, (*lead, w.shape[-1])) for w in (ours, theirs)], axis=-1)

    @property
    def people(self) -> Floats:
        """Number of people, a number or (R,)."""
        return np.asarray(self.weight.sum(-1))

    @property
    def pairs(self) -> Floats:
        """(n, 2) or (R, n, 2) counts before and after."""
        return self._sides(self.counts)

    @property
    def days(self) -> Floats | None:
        """(2,) days at risk before and after, common to all, or of the shape of `pairs`; None where not known."""
        return None if self.exposure is None else self._sides(self.exposure)

    @property
    def moments(self) -> PairedMoments:
        """Means, SDs and correlation of the counts before and after, each a number or (R,)."""
        return paired_moments(self.pairs, self.weight)

    @property
    def rate_ratio(self) -> Floats:
        """Events per day at risk after over before, a number or (R,); per window where days are not known."""
        before, after = time_at_risk(np.ones(2) if self.days is None else self.days, self.weight)
        totals = (self.weight[..., None] * self.pairs).sum(-2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(totals[..., 1] / totals[..., 0] / (after / before))

    def _sides(self, values: Floats) -> Floats:
        post = np.array([w.post for w in self.windows])
        return np.stack([values[..., ~post].sum(-1), values[..., post].sum(-1)], axis=-1)


def _check_kind(panel: Panel) -> None:
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count, got a {panel.kind}")


def _selected(panel: Panel) -> "np.ma.MaskedArray[Any, Any]":
    """Return whom the rule selected: of a panel that does not say, the managed, and of others it is not known."""
    if panel.selected is not None:
        return panel.selected
    return np.ma.MaskedArray(panel.group, mask=~panel.group)


def _extended(values: NDArray[Any], rows: int) -> NDArray[Any]:
    """Return values of people with those of so many others, of whom nothing is known."""
    if values.dtype.kind in "iub":
        values = values.astype(np.float64)
    unknown: Any = {"f": np.nan, "M": np.datetime64("NaT", "D")}.get(values.dtype.kind, UNKNOWN)
    return np.concatenate([values, np.full((*values.shape[:-1], rows), unknown)], axis=-1)


def _numbers_of_people(column: NDArray[Any], name: str, where: Where) -> Floats:
    """Return how many people each row stands for, refusing what is no whole number from 0."""
    given = col.numbers(column, name).astype(np.float64)
    missing, about = np.isnan(given), f"column {echo(name)}"
    where.refuse("IOM-E076", about, missing, "[number of people is|numbers of people are] missing")
    where.refuse("IOM-E076", about, given < 0, "[number of people is|numbers of people are] negative")
    broken = given != np.floor(given)
    where.refuse("IOM-E076", about, broken, "[number of people is|numbers of people are] not whole")
    if not given.any():
        raise InputError("IOM-E076", f"{about}: expected numbers of people, got 0 in every row")
    return given
