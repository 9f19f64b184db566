"""The estimates of one method over a replicate axis."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.equality import same
from iom_causal.base.formats import number
from iom_causal.base.result import Result
from iom_causal.base.specs import EMPTY, FrozenMap
from iom_causal.errors import CODES, DegenerateDataError, IomCausalError
from iom_causal.estimate import COLUMNS, Estimate, Part
from iom_causal.estimate.fields import FIGURES, PEOPLE, SOLVING, TELLING
from iom_causal.intervals import SamplingDistribution, StudentT
from iom_causal.numerics import LEVEL
from iom_causal.streams import replicate_numbers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

NUMBERS = (
    "estimate",
    "std_error",
    "statistic",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
    "set_low",
    "set_high",
)
"""The columns of numbers that every replicate has its own of; NaN where it has none."""


_SAME_ENDS = 1e-9  # ends of one interval by two routes to the quantile of t
_KIND = "U16"  # room for every kind of interval


class PartColumns(NamedTuple):
    """One term of a fit with several over the replicates, (R,) each; NaN where a replicate lacks it."""

    estimate: Floats
    std_error: Floats
    statistic: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Estimates(Result):
    """The estimates of one method over the replicate axis, as columns.

    Parameters
    ----------
    outcome, method, estimand, term, scale, std_error_scale, conf_level
        As in `Estimate`, the same for every replicate.
    estimate, std_error, statistic, df, p_value, conf_low, conf_high, set_low, set_high : ndarray
        (R,) each; NaN where `code` is not 0, or where the method has no such figure. A replicate whose answer is a
        set has it in `set_low` and `set_high`, and no `estimate`.
    interval : str or ndarray
        What kind each interval is, (R,) or one for all.
    n_input, n_used : int or ndarray
        (R,) people given and used; 0 where `code` is not 0.
    code : ndarray
        (R,) 0, or the number of the expected error: 62 for IOM-E062.
    numbers : ndarray
        (R,) the numbers of the replicates, which name their random streams; by default 0, 1, 2 and so on.
    parts : mapping of str to PartColumns
        The terms of a fit with several, by name.
    cov : ndarray or None
        (R, P, P) the covariance of the terms in the order of `parts`; NaN where a replicate lacks one.
    notes : tuple of tuple of str
        Those of each replicate, or what its error said; empty where they are the same for all, and in `base`.
    base : Estimate or None
        What is common to all in words: exposure, notes, assumptions, spec, pinned.

    Examples
    --------
    >>> e = Estimates(outcome="y", method="m", estimate=np.array([1.0, 2.0]))
    >>> e[1].estimate
    2.0
    """

    outcome: str
    method: str
    estimate: Floats
    estimand: str = "descriptive_change"
    term: str = "after - before"
    scale: str = "difference"
    std_error_scale: str = "identity"
    conf_level: float = LEVEL
    interval: Any = "confidence"
    n_input: Any = 0
    std_error: Floats | None = None
    statistic: Floats | None = None
    df: Floats | None = None
    p_value: Floats | None = None
    conf_low: Floats | None = None
    conf_high: Floats | None = None
    set_low: Floats | None = None
    set_high: Floats | None = None
    n_used: Any = 0
    code: Any = 0
    numbers: Any = None
    parts: Mapping[str, PartColumns] = EMPTY
    cov: Floats | None = None
    notes: tuple[tuple[str, ...], ...] = ()
    base: Estimate | None = None

    people_columns: ClassVar[tuple[str, ...]] = PEOPLE
    solving_columns: ClassVar[tuple[str, ...]] = SOLVING
    telling_columns: ClassVar[tuple[str, ...]] = TELLING
    figure_columns: ClassVar[Mapping[str, str]] = FIGURES

    @classmethod
    def worded(cls, base: Estimate, **columns: Any) -> Self:
        """Return columns of results that share the words, the scale and the level of one of them."""
        return cls(**{name: getattr(base, name) for name in _COMMON}, base=base, **columns)

    def __post_init__(self) -> None:
        size = self.estimate.shape
        code = np.broadcast_to(np.asarray(self.code, dtype=np.int64), size)
        columns: dict[str, NDArray[Any]] = {"code": code}
        columns["interval"] = np.where(code == 0, np.asarray(self.interval, dtype=_KIND), "none")
        columns["numbers"] = replicate_numbers(self.numbers, *size)
        columns |= {n: np.where(code == 0, np.asarray(getattr(self, n), np.int64), 0) for n in ("n_input", "n_used")}
        for name in NUMBERS:
            value = getattr(self, name)
            columns[name] = np.where(code == 0, np.nan if value is None else np.asarray(value, np.float64), np.nan)
        for name, column in columns.items():
            object.__setattr__(self, name, np.broadcast_to(column, size))

    def __len__(self) -> int:
        return len(self.estimate)

    def __iter__(self) -> Iterator[Estimate]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, index: int) -> Estimate:
        """Return one replicate's estimate, or raise the error that its code stands for.

        Its sampling distribution is retained where that is a t; other intervals are known at their own level alone.
        """
        code = int(self.code[index])
        if code:
            key = f"IOM-E{code:03d}"
            reasons = self.notes[index] if self.notes else (f"{self.method} on {self.outcome}: {CODES[key]}",)
            raise DegenerateDataError(key, "; ".join(reasons))
        values: dict[str, Any] = {n: _none(getattr(self, n)[index]) for n in NUMBERS}
        values |= {n: int(getattr(self, n)[index]) for n in ("n_input", "n_used")}
        common: dict[str, Any] = {n: getattr(self, n) for n in _COMMON}
        words: dict[str, Any] = {} if self.base is None else {n: getattr(self.base, n) for n in _WORDS}
        words |= {"notes": self.notes[index]} if self.notes else {}
        there = {term: part for term, part in self.parts.items() if not np.isnan(part.estimate[index])}
        parts = tuple(
            Part(term, float(part.estimate[index]), *(_none(column[index]) for column in part[1:]))
            for term, part in there.items()
        )
        at = [k for k, term in enumerate(self.parts) if term in there]
        cov = None if self.cov is None or not at else self.cov[index][np.ix_(at, at)]
        made = Estimate(**common, **values, **words, interval=str(self.interval[index]), parts=parts)
        return replace(made, cov=None if cov is None or np.isnan(cov).any() else cov, law=_by_t(made))

    def overlaid(self, singles: Mapping[int, Estimate | IomCausalError]) -> "Estimates":
        """Return the same with some replicates, by place, as they came out one at a time."""
        if not singles:
            return self
        places = list(singles)
        made = stacked(list(singles.values()), outcome=self.outcome, method=self.method)
        notes = list(self.notes or [() if self.base is None else self.base.notes] * len(self))
        for place, own in zip(places, made.notes, strict=True):
            notes[place] = own
        columns: dict[str, Any] = {
            n: _placed(getattr(self, n), places, getattr(made, n)) for n in (*NUMBERS, *_WHOLE, "interval")
        }
        parts = {
            term: PartColumns(*(_placed(column, places, values) for column, values in zip(*pair, strict=True)))
            for term, pair in _paired(self, made).items()
        }
        cov = None
        if self.cov is not None or made.cov is not None:
            cov = _placed(_spread(self, list(parts)), places, _spread(made, list(parts)))
        return replace(self, **columns, parts=FrozenMap(parts), cov=cov, notes=tuple(notes))

    def noted(self, more: Sequence[tuple[str, ...]]) -> "Estimates":
        """Return the same with more notes of each replicate that has a result, (R,); one without says why."""
        if not any(more):
            return self
        common = () if self.base is None else self.base.notes
        notes = [
            (f"{self.method} on {self.outcome}: {CODES[f'IOM-E{code:03d}']}",) if code else (*present, *added)
            for code, present, added in zip(self.code.tolist(), self.notes or [common] * len(self), more, strict=True)
        ]
        return replace(self, notes=tuple(notes))

    def tidy(self) -> "pd.DataFrame":
        """Return a table with one row a replicate: `replicate` (its number), `code` and the columns `COLUMNS`."""
        import pandas as pd  # noqa: PLC0415 slow to load

        shared: Any = self.base.note if self.base else ""
        data: dict[str, Any] = {"replicate": self.numbers, "code": self.code}
        data |= {name: getattr(self, name, None) for name in COLUMNS}
        return pd.DataFrame(data | {"note": ["; ".join(n) for n in self.notes] if self.notes else shared})

    def range(self) -> tuple[float, float]:
        """Return the smallest and largest estimate, or end of a set, over the replicates that have one.

        Raises
        ------
        DegenerateDataError
            IOM-E061 when no replicate has one.
        """
        values = np.concatenate([self.estimate, *(getattr(self, n) for n in ("set_low", "set_high"))])
        good = values[~np.isnan(values)]
        if good.size == 0:
            raise DegenerateDataError("IOM-E061", f"{self.method}: no replicate has an estimate")
        return float(good.min()), float(good.max())

    def summary(self) -> str:
        """Return what was estimated, in how many replicates, and from where to where the estimates go."""
        lines = [f"{self.outcome}, {self.term}; {self.method}: {len(self)} replicates, {self._failed()}"]
        if (self.code == 0).any():
            low, high = self.range()
            lines.append(f"estimates from {number(low)} to {number(high)}")
        return "\n".join(lines)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the estimates in order of size with their intervals, or the ends of sets in order of the lower one."""
        from iom_causal.base import axes_of_lines  # noqa: PLC0415 matplotlib is slow to load

        sets = np.isnan(self.estimate)
        low, high = (np.where(sets, np.asarray(end), self.estimate) for end in (self.set_low, self.set_high))
        order = np.argsort(low, kind="stable")[: int(np.isfinite(low).sum())]
        place = np.arange(1, order.size + 1)
        band = [None if end is None else end[order] for end in (self.conf_low, self.conf_high)]
        ax = axes_of_lines.curve(place, low[order], low=band[0], high=band[1], ax=ax)
        if sets[order].any():
            ax = axes_of_lines.curve(place, high[order], ax=ax)
        ax.set_xlabel("replicates, the lowest first")
        ax.set_ylabel(f"{self.outcome}, {self.term}")
        return ax

    def _failed(self) -> str:
        codes = np.unique(self.code[self.code != 0])
        failed = int((self.code != 0).sum())
        why = f" ({', '.join(f'IOM-E{code:03d}' for code in codes)})" if failed else ""
        return f"{failed} without a result{why}"

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"Estimates({self.method!r}, {self.outcome!r}, {len(self)} replicates, {self._failed()})"


_WHOLE = ("n_input", "n_used", "code")
_COMMON = ("outcome", "method", "estimand", "term", "scale", "std_error_scale", "conf_level")
_WORDS = ("exposure", "notes", "assumptions", "spec", "pinned", "coefficient")


def stacked(
    results: Sequence[Estimate | IomCausalError], *, outcome: str, method: str, numbers: ArrayLike | None = None
) -> Estimates:
    """Put the results of single replicates side by side; an error becomes its code, and what it said a note.

    Parameters
    ----------
    results : sequence of Estimate or IomCausalError
        One a replicate.
    outcome, method : str
        What to call them where no replicate has a result.
    numbers : array_like, optional
        The replicates' numbers.

    Examples
    --------
    >>> one = Estimate(outcome="y", method="m", set_low=0.5, set_high=0.9, interval="bounds")
    >>> both = stacked([one, DegenerateDataError("IOM-E062", "y: nobody changed")], outcome="y", method="m")
    >>> both.set_low.tolist(), both.code.tolist(), both.interval.tolist()
    ([0.5, nan], [0, 62], ['bounds', 'none'])
    """
    good = [r if isinstance(r, Estimate) else None for r in results]
    first = next((e for e in good if e is not None), None)
    words: dict[str, Any] = {"outcome": outcome, "method": method}
    base = None
    if first is not None:
        words = {name: getattr(first, name) for name in _COMMON}
        base = Estimate(**words, **{name: getattr(first, name) for name in _WORDS if name != "notes"})
    columns: dict[str, Any] = {n: _column([None if e is None else getattr(e, n) for e in good]) for n in NUMBERS}
    parts = _parts([() if e is None else e.parts for e in good])
    return Estimates(
        **words,
        **columns,
        interval=np.array(["none" if e is None else e.interval for e in good]),
        n_input=[0 if e is None else e.n_input for e in good],
        n_used=[0 if e is None else e.n_used for e in good],
        code=[r.number if isinstance(r, IomCausalError) else 0 for r in results],
        numbers=numbers,
        parts=parts,
        cov=_covariances(good, list(parts)),
        notes=tuple(r.notes if isinstance(r, Estimate) else (r.message,) for r in results),
        base=base,
    )


def _placed(column: NDArray[Any], places: list[int], values: NDArray[Any]) -> NDArray[Any]:
    changed = column.copy()
    changed[places] = values
    return changed


def _paired(*both: Estimates) -> dict[str, list[PartColumns]]:
    absent = [PartColumns(*[np.full(len(e), np.nan)] * len(PartColumns._fields)) for e in both]
    terms = dict.fromkeys(term for e in both for term in e.parts)
    return {term: [e.parts.get(term, none) for e, none in zip(both, absent, strict=True)] for term in terms}


def _spread(e: Estimates, terms: list[str]) -> Floats:
    """Return the covariances over more terms, (R, P, P); NaN where there is none."""
    cov = np.full((len(e), len(terms), len(terms)), np.nan)
    if e.cov is not None:
        at = [terms.index(term) for term in e.parts]
        cov[np.ix_(range(len(e)), at, at)] = e.cov
    return cov


def _covariances(good: Sequence[Estimate | None], terms: list[str]) -> Floats | None:
    if all(e is None or e.cov is None for e in good):
        return None
    cov = np.full((len(good), len(terms), len(terms)), np.nan)
    for k, e in enumerate(good):
        if e is not None and e.cov is not None:
            at = [terms.index(part.term) for part in e.parts]
            cov[np.ix_([k], at, at)] = e.cov
    return cov


def _by_t(e: Estimate) -> SamplingDistribution | None:
    """Return the t distribution whose interval the estimate has; None where its interval is another's."""
    if e.estimate is None or not e.std_error or e.conf_low is None or e.conf_high is None:
        return None
    log = e.std_error_scale == "log"
    if (log and e.estimate <= 0) or not math.isfinite(e.conf_high - e.conf_low):
        return None
    df = math.inf if e.df is None else e.df
    law = StudentT(math.log(e.estimate) if log else e.estimate, e.std_error, df, log=log)
    near = np.allclose(
        law.interval(e.conf_level), (e.conf_low, e.conf_high), rtol=_SAME_ENDS, atol=_SAME_ENDS * e.std_error
    )
    return law if near else None


def _column(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _parts(rows: Sequence[tuple[Part, ...]]) -> FrozenMap[str, PartColumns]:
    named = [{part.term: part for part in row} for row in rows]

    def column(term: str, name: str) -> Floats:
        return _column([getattr(row.get(term), name, None) for row in named])

    terms = dict.fromkeys(term for row in named for term in row)
    return FrozenMap({term: PartColumns(*(column(term, name) for name in PartColumns._fields)) for term in terms})


def _none(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
