"""Counts, exposure and covariates of a panel as the kernels of count models read them."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.covariates import design_matrix
from iom_causal.inputs.pairs import Frame, each_own, given_by_replicate
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

Floats = NDArray[np.float64]

LEAST_PEOPLE = 2
POST = "post"
TIME = "time"
EQUAL_WINDOWS = "days at risk are not known: windows are taken to be equally long"
REFERENCE_LEVEL = "the ratio is that of people whose interacting covariates are 0 or at their first level"


@dataclass(frozen=True, eq=False)
class CountData:
    """What the kernels read.

    Attributes
    ----------
    y : ndarray
        (R, n, C) counts, 0 where nothing was observed.
    exposure : ndarray
        (C,), (n, C) or (R, n, C) days at risk; 0 where nothing was observed.
    x : ndarray
        (C, p) or (n, C, p); column 0 is the intercept, column 1 is 1 after.
    names : tuple of str
        The p columns.
    after : ndarray
        (C,) 0 before and 1 after.
    weight : ndarray
        (1 or R, n) how often a person counts; 0 for people without an observed window.
    frame : Frame
        Name, people given and notes.
    exposure_words : str
        The exposure in words.
    """

    y: NDArray[np.int64]
    exposure: Floats
    x: Floats
    names: tuple[str, ...]
    after: NDArray[np.int64]
    weight: Floats
    frame: Frame
    exposure_words: str

    @property
    def people(self) -> Floats:
        """(R,) people used."""
        return np.broadcast_to(self.weight.sum(-1), self.y.shape[:1])

    def totals(self) -> tuple[Floats, Floats]:
        """Return weighted events before and after, (R,) each."""
        sides = [(self.y[..., self.after == side].sum(-1) * self.weight).sum(-1) for side in (0, 1)]
        return sides[0], sides[1]

    @property
    def ordinary(self) -> NDArray[np.bool_]:
        """(R,) replicates of enough people, with events on both sides."""
        before, after = self.totals()
        return np.asarray((self.people >= LEAST_PEOPLE) & (before > 0) & (after > 0))

    def served(self) -> "CountData":
        """Return the same with the first ordinary replicate in place of those that are not, for a kernel to run on."""
        if self.ordinary.all():
            return self
        place = np.where(self.ordinary, np.arange(len(self.y)), int(np.argmax(self.ordinary)))
        exposure = self.exposure[place] if self.exposure.ndim == 3 else self.exposure
        weight = self.weight[place] if len(self.weight) > 1 else self.weight
        return replace(self, y=np.ascontiguousarray(self.y[place]), exposure=exposure, weight=weight)

    @property
    def plain(self) -> bool:
        """Whether the model of rates is only before and after, with exposure common to all."""
        return len(self.names) == 2 and self.exposure.ndim == 1

    def replicate(self, index: int) -> "CountData":
        """Return one replicate, with a replicate axis of length 1."""
        one = slice(index, index + 1)
        exposure = self.exposure[index] if self.exposure.ndim == 3 else self.exposure
        weight = self.weight[one] if len(self.weight) > 1 else self.weight
        return CountData(self.y[one], exposure, self.x, self.names, self.after, weight, self.frame, self.exposure_words)


def count_data(
    panel: Panel, spec: object, covariates: str, *, both_sides: bool = False, collapse: bool = True
) -> CountData:
    """Take the managed people of a panel.

    Parameters
    ----------
    panel : Panel
        Of counts.
    spec : object
        The estimator, for messages.
    covariates : str
        A right-hand side over the panel's covariates, `age`, `post`, and `time` (years to the middle of a window,
        where windows have dates).
    both_sides : bool
        Whether people without an observed window on one side are left out.
    collapse : bool
        Whether windows with the same covariates are added up, which changes nothing when windows are Poisson
        given the frailty.

    Raises
    ------
    InputError
        IOM-E035, IOM-E047 or IOM-E066 for what is not a panel of counts, IOM-E060 for fewer than two people
        (of a panel without replicates: with them, see `CountData.ordinary`); the errors of `design_matrix`.
    NotIdentifiedError
        IOM-E068 when effects of time absorb the change.
    """
    name = type(spec).__name__
    require_panel(panel, name)
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: {name} needs counts, got a {panel.kind}")
    flat = panel.managed
    if flat.start is not None and len(flat.windows) > 2:
        flat.prepost()
    y, exposure, known = _observed(flat)
    roles = np.array([int(w.post) for w in flat.windows])
    x, names = _design(flat, covariates, roles)
    if collapse:
        y, exposure, x, roles = _collapsed(y, exposure, x, roles, by_window=x.ndim == 2)
    weight = _weights(flat, exposure, roles, both_sides=both_sides)
    frame = _frame(panel, flat, weight, known, both_sides=both_sides)
    if panel.replicates is None and (weight.sum(-1) < LEAST_PEOPLE).any():
        least = int(weight.sum(-1).min())
        raise InputError(
            "IOM-E060", f"{panel.name}: n={least} people with an observed window; expected at least {LEAST_PEOPLE}"
        )
    counts = np.ascontiguousarray(y if y.ndim == 3 else y[None])
    return CountData(counts, exposure, x, names, roles, weight, frame, _exposure_words(flat))


def _observed(panel: Panel) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_] | None]:
    days = np.ones(len(panel.windows)) if panel.exposure is None else panel.exposure
    if panel.outcome.dtype.kind != "f":
        return panel.outcome.astype(np.int64, copy=False), days, None
    known = ~np.isnan(panel.outcome)
    if known.all():
        return panel.outcome.astype(np.int64), days, None
    return np.where(known, panel.outcome, 0).astype(np.int64), np.where(known, days, 0.0), known


def _design(panel: Panel, formula: str, roles: NDArray[np.int64]) -> tuple[Floats, tuple[str, ...]]:
    base = np.column_stack([np.ones(len(roles)), roles.astype(float)])
    if not formula.strip():
        return base, ("intercept", POST)
    words = {word.strip("`") for word in re.findall(r"`[^`]+`|[^\W\d]\w*", formula)}
    personal = {key: value for key, value in _personal(panel).items() if key in words}
    calendar: dict[str, NDArray[Any]] = {POST: roles.astype(float), **_time(panel)}
    n, windows = panel.n, len(roles)
    if personal or not words & calendar.keys():
        columns = {key: np.repeat(value, windows) for key, value in _personal(panel).items()}
        columns |= {key: np.tile(value, n) for key, value in calendar.items() if key not in personal}
    else:
        columns = calendar
    try:
        design = design_matrix(f"{POST} + {formula}", columns, rows=n * windows)
    except InputError as error:
        if error.code == "IOM-E071" and TIME in words:
            raise NotIdentifiedError(
                "IOM-E068", "effects of time absorb the change of a single group; use a trend, or comparison people"
            ) from error
        raise
    matrix, names = design
    order = [names.index(POST), *(k for k, name in enumerate(names) if name != POST)]
    x = np.column_stack([np.ones(len(matrix)), matrix[:, order]])
    if len(matrix) != windows:
        x = x.reshape(n, windows, -1)
    return x, ("intercept", *(names[k] for k in order))


def _personal(panel: Panel) -> dict[str, NDArray[Any]]:
    own = {} if panel.age is None else {"age": panel.age}
    return {**own, **panel.covariates}


def _time(panel: Panel) -> dict[str, NDArray[Any]]:
    middles = [None if w.start is None or w.end is None else (w.start + w.end) / 2 / 365.25 for w in panel.windows]
    return {} if None in middles else {TIME: np.array(middles, dtype=float)}


def _collapsed(
    y: NDArray[np.int64], exposure: Floats, x: Floats, roles: NDArray[np.int64], *, by_window: bool
) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]]:
    rows = x if by_window else np.swapaxes(x, 0, 1).reshape(x.shape[1], -1)
    groups: dict[bytes, list[int]] = {}
    for t, row in enumerate(rows):
        groups.setdefault(row.tobytes(), []).append(t)
    if len(groups) == len(roles):
        return y, exposure, x, roles
    members = list(groups.values())
    first = [m[0] for m in members]
    added = np.stack([y[..., m].sum(-1) for m in members], axis=-1)
    days = np.stack([exposure[..., m].sum(-1) for m in members], axis=-1)
    return added, days, x[..., first, :], roles[first]


def _weights(panel: Panel, exposure: Floats, roles: NDArray[np.int64], *, both_sides: bool) -> Floats:
    n = panel.n
    weight = np.ones(n) if panel.weight is None else panel.weight.astype(float)
    if exposure.ndim > 1:
        at_risk = [(exposure[..., roles == side] > 0).any(-1) for side in (0, 1)]
        stays = at_risk[0] & at_risk[1] if both_sides else at_risk[0] | at_risk[1]
        weight = weight * stays
    return np.ascontiguousarray(np.atleast_2d(weight))


def _frame(panel: Panel, flat: Panel, weight: Floats, known: NDArray[np.bool_] | None, *, both_sides: bool) -> Frame:
    first = panel.notes + ((f"{panel.n - flat.n} comparison people set aside",) if panel.n > flat.n else ())
    last = (EQUAL_WINDOWS,) if flat.exposure is None else ()

    def tell(given: int, used: int, lost: int) -> tuple[str, ...]:
        which = "windows on both sides" if both_sides else "an observed window"
        out = (f"{used} of {given} people have {which}; {given - used} left out",) if used < given else ()
        whole = f"{used - lost} of {given} people have every window"
        part = (f"{whole}; {lost} are used for those they have, as if the rest were missing at random",) if lost else ()
        return first + out + part + last

    n_input = flat.n if flat.weight is None else round(float(flat.weight.sum(-1).max()))
    given = given_by_replicate(flat.weight)
    used = np.rint(weight.sum(-1)).astype(np.int64)
    lost = np.zeros(1) if known is None or both_sides else np.rint((~known.all(-1) * weight).sum(-1))
    notes = tell(n_input, int(used.min()), int(lost.max()))
    each = each_own(tell, n_input if given is None else given, used, lost)
    return Frame(flat.name, n_input, notes, flat.fixed_by_print, given, each)


def _exposure_words(panel: Panel) -> str:
    if panel.exposure is None:
        return "not known"
    if panel.exposure.ndim == 1 and len(panel.windows) == 2:
        return f"{panel.exposure[0]:g} and {panel.exposure[1]:g} days"
    return "each window's days" if panel.exposure.ndim == 1 else "each person's days at risk"
