"""Adjustment lines as functions of their settings: what is moved is worked out anew, the rest once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.setting_paths import resolve
from iom_causal.beliefs import Range
from iom_causal.beliefs import theta as beliefs
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.inputs.lines import JointDraws, believed_line, central_lines, drawn_beliefs
from iom_causal.inputs.resampling import observed_change, sampled
from iom_causal.moments import Moments
from iom_causal.numerics.kernels.chebyshev import NODES
from iom_causal.numerics.plain import plain_number
from iom_causal.panel import Panel
from iom_causal.streams import Streams

type Floats = NDArray[np.float64]
type Remade = Callable[[Mapping[str, float]], Any]
"""From values of its settings by their paths to the confound of a line, without ranges."""

CELLS = 4_000_000
"""Settings times draws that are worked on together, so that memory does not grow with either."""


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A line of which settings are moved.

    Parameters
    ----------
    confound : confound
        Without a `Range`, all else as it is.
    place : int
        Which line it is.
    fields : tuple of str
        The dotted paths of what is moved, in the whole specification.
    names : tuple of str
        The same as fields of the confound; empty where one of them is no belief, and the line is worked out one
        setting after the other.
    remade : callable
        Makes the confound at other values.
    """

    confound: Any
    place: int
    fields: tuple[str, ...]
    names: tuple[str, ...]
    remade: Remade

    def central(self, subject: Panel | Moments, values: Sequence[Floats]) -> Floats:
        """Return the line at central beliefs for each of n values of its settings, (n,); NaN where one is refused."""
        with np.errstate(all="ignore"):
            found = self._together(subject, values) if self.names else self._one_by_one(subject, values)
        return np.where(np.isfinite(found), found, np.nan)

    def _together(self, subject: Panel | Moments, values: Sequence[Floats]) -> Floats:
        found, theta = np.full(len(values[0]), np.nan), beliefs.central(self.confound)

        def fill(rows: NDArray[np.int_]) -> None:
            moved = {name: column[rows] for name, column in zip(self.names, values, strict=True)}
            found[rows] = self.confound.shift(subject, theta | moved)

        accepted = self._accepted(values)
        for k in range(0, len(accepted), NODES):  # of more values at once a costly line is interpolated
            _by_halves(fill, accepted[k : k + NODES])
        return found

    def _one_by_one(self, subject: Panel | Moments, values: Sequence[Floats]) -> Floats:
        return np.array([np.nan if c is None else _central(c, subject) for c in self._made(values)], dtype=np.float64)

    def wide(self, subject: Panel | Moments, drawn: JointDraws, values: Sequence[Floats], streams: Streams) -> Floats:
        """Return draws of the line, widened for intervals, for each of n values of its settings, (n, D).

        They are those of a ledger with these values: beliefs that are not moved, and people, have the draws that they
        have there.

        Parameters
        ----------
        subject : Panel or Moments
            What was drawn on.
        drawn : JointDraws
            Of the lines as they are.
        values : sequence of ndarray
            (n,) each.
        streams : Streams
            Those of `drawn`.
        """
        made, size = self._made(values), len(drawn.widening)
        known = [k for k, confound in enumerate(made) if confound is not None]
        confounds = [made[k] for k in known]

        def columns(one: Panel | Moments) -> Floats:
            shifts = (_central(confound, one) for confound in confounds)
            return np.stack(np.broadcast_arrays(observed_change(one), *shifts), axis=-1)

        found = np.full((len(made), size), np.nan)
        with np.errstate(all="ignore"):
            moves = sampled(subject, columns, streams.generator("people"), size).moves[:, 1:]
        for k, confound, move in zip(known, confounds, moves.T, strict=True):
            found[k] = _believed(confound, subject, streams, size) + drawn.widening * move
        return found

    def _made(self, values: Sequence[Floats]) -> list[Any]:
        """Return the confound at each of the values; None where they are refused."""
        return [self._at(row) for row in zip(*(column.tolist() for column in values), strict=True)]

    def _at(self, row: tuple[float, ...]) -> Any:
        try:
            return self.remade(dict(zip(self.fields, row, strict=True)))
        except IomCausalError:
            return None

    def _accepted(self, values: Sequence[Floats]) -> NDArray[np.int_]:
        """Return which values the confound takes: it is made with ranges over many of them, where one is refused fewer.

        What a confound refuses of a belief it refuses of a range that holds it.
        """
        accepted = np.zeros(len(values[0]), dtype=np.bool_)

        def accept(rows: NDArray[np.int_]) -> None:
            boxes = {name: _box(column[rows]) for name, column in zip(self.names, values, strict=True)}
            replace(self.confound, **boxes)
            accepted[rows] = True

        _by_halves(accept, np.arange(len(accepted)))
        return np.flatnonzero(accepted)


def moved_lines(
    spec: Any, resolved: Sequence[Any], fields: Sequence[str], remade: Callable[[Mapping[str, float]], Any]
) -> tuple[MovedLine, ...]:
    """Return the lines of a ledger-like specification that hold the settings at these dotted paths.

    Parameters
    ----------
    spec : ledger
        With its lines in `confounds`.
    resolved : sequence of confound
        The same lines as the data call for, without ranges.
    fields : sequence of str
        The paths.
    remade : callable
        From values by path to the resolved lines at these.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown path, IOM-E092 for a setting of no line.
    """
    by_place: dict[int, list[tuple[str, list[int | str]]]] = {}
    for field in fields:
        where, *keys = resolve(spec, field)
        if where != "confounds" or len(keys) < 2:
            raise SpecError("IOM-E092", f"{field}: expected a setting of a confound, which moves what remains")
        by_place.setdefault(int(keys[0]), []).append((field, keys[1:]))
    lines = []
    for place, paths in by_place.items():
        own = beliefs.belief_fields(resolved[place])
        direct = all(len(keys) == 1 and keys[0] in own for _, keys in paths)
        names = tuple(str(keys[0]) for _, keys in paths) if direct else ()
        if direct:
            made: Remade = _with_beliefs(resolved[place], {field: str(keys[0]) for field, keys in paths})
        else:
            made = _taken(remade, place)
        lines.append(MovedLine(resolved[place], place, tuple(field for field, _ in paths), names, made))
    return tuple(lines)


def central_at(
    resolved: Sequence[Any], subject: Panel | Moments, moved: Sequence[MovedLine], fields: Sequence[str]
) -> Callable[..., Floats]:
    """Return the central remainder as a function of settings, which are broadcast together.

    Parameters
    ----------
    resolved : sequence of confound
        Every line.
    subject : Panel or Moments
        The data, without replicates.
    moved : sequence of MovedLine
        Those that hold the settings.
    fields : sequence of str
        The paths in the order of the function's arguments.
    """
    places = {line.place for line in moved}
    observed, *still = central_lines([c for k, c in enumerate(resolved) if k not in places], subject).tolist()
    rest = observed - sum(still)

    def remainder(*values: ArrayLike) -> Floats:
        left = np.asarray(rest)
        for line, (columns, shape) in zip(moved, _own(moved, fields, values), strict=True):
            left = left - line.central(subject, columns).reshape(shape)
        return np.asarray(np.broadcast_to(left, np.broadcast_shapes(*(np.shape(v) for v in values))))

    return remainder


def wide_at(
    drawn: JointDraws,
    subject: Panel | Moments,
    moved: Sequence[MovedLine],
    fields: Sequence[str],
    streams: Streams,
) -> Callable[..., Callable[[slice], Floats]]:
    """Return the widened draws of the remainder as a function of settings: of the cells of their grid in a slice.

    The function takes the settings, broadcast together, and returns another, from a slice of the n cells of that grid
    to (n, D): all of a large grid at once would not fit into memory.

    Parameters
    ----------
    drawn : JointDraws
        Of all lines as they are.
    subject, moved, fields
        As in `central_at`.
    streams : Streams
        Those of `drawn`.
    """
    places = {line.place + 1 for line in moved}
    wide = drawn.wide
    rest = wide[:, 0] - wide[:, [k for k in range(1, wide.shape[1]) if k not in places]].sum(-1)

    def at(*values: ArrayLike) -> Callable[[slice], Floats]:
        grid = np.broadcast_shapes(*(np.shape(v) for v in values))
        parts = []
        for line, (columns, shape) in zip(moved, _own(moved, fields, values), strict=True):
            cells = np.broadcast_to(np.arange(len(columns[0])).reshape(shape), grid).ravel()
            parts.append((line.wide(subject, drawn, columns, streams), cells))

        def cells_of(some: slice) -> Floats:
            return np.asarray(rest - sum(part[cells[some]] for part, cells in parts))

        return cells_of

    return at


def _own(
    moved: Sequence[MovedLine], fields: Sequence[str], values: Sequence[ArrayLike]
) -> list[tuple[list[Floats], tuple[int, ...]]]:
    """Return the values of each line's own settings, broadcast together alone, as columns and their shape."""
    given = {field: np.asarray(value, dtype=np.float64) for field, value in zip(fields, values, strict=True)}
    own = [np.broadcast_arrays(*(given[field] for field in line.fields)) for line in moved]
    return [([np.ravel(column) for column in columns], columns[0].shape) for columns in own]


def _with_beliefs(confound: Any, names: Mapping[str, str]) -> Remade:
    return lambda values: replace(confound, **{names[field]: value for field, value in values.items()})


def _taken(remade: Callable[[Mapping[str, float]], Any], place: int) -> Remade:
    return lambda values: remade(values)[place]


def _box(values: Floats) -> float | Range:
    low, high = plain_number(values.min()), plain_number(values.max())
    return low if low == high else Range(low, high)


def _by_halves(act: Callable[[NDArray[np.int_]], None], rows: NDArray[np.int_]) -> None:
    """Act on all rows together; where that is refused on each half, and so on, leaving out rows refused alone."""
    if not len(rows):
        return
    try:
        act(rows)
    except IomCausalError:
        if len(rows) > 1:
            for half in np.array_split(rows, 2):
                _by_halves(act, half)


def _central(confound: Any, subject: Panel | Moments) -> Floats:
    try:
        return np.asarray(confound.shift(subject, beliefs.central(confound)))
    except IomCausalError:
        return np.asarray(np.nan)


def _believed(confound: Any, subject: Panel | Moments, streams: Streams, size: int) -> Floats:
    try:
        return believed_line(confound, subject, drawn_beliefs(confound, streams, size))
    except IomCausalError:
        return np.asarray(np.nan)
