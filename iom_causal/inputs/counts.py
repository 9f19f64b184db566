"""Counts, exposure and regressors of a panel, as the kernels of count models read them."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.covariates import TIME, covariate_matrix, person_columns, window_columns
from iom_causal.inputs.observations import Observations, observe
from iom_causal.inputs.sample import EQUAL_WINDOWS, LEAST_PEOPLE, Notes, SampleAccount, left_out
from iom_causal.numerics.mixed.shared_alike import window_events
from iom_causal.panel import Panel
from iom_causal.panel.parts import check_common_start
from iom_causal.roles import require_panel

Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

POST = "post"
WINDOW = "window"
MANAGED = "managed"
REFERENCE_LEVEL = "the ratio is that of people whose interacting covariates are 0 or at their first level"


@dataclass(frozen=True, eq=False)
class CountData:
    """Counts of people by windows, over replicates, with the regressors of their log rate.

    Attributes
    ----------
    y : ndarray
        (R, n, C) counts (or amounts, where these are asked for), 0 where nothing was observed.
    exposure : ndarray
        (C,), (n, C) or (R, n, C) days at risk; 0 where nothing was observed.
    x : ndarray
        (C, p) or (n, C, p); column 0 is the intercept, column 1 is 1 under the programme.
    names : tuple of str
        The p columns.
    treated : ndarray
        1 under the programme and 0 elsewhere: (C,) where all start together, (n, C) with comparison people or
        starts of each.
    group : ndarray
        (n,) who is ever managed.
    weight : ndarray
        (1 or R, n) how often a person counts; 0 for people without an observed window.
    sample : SampleAccount
        The account of the people.
    exposure_words : str
        The exposure in words.
    """

    y: NDArray[Any]
    exposure: Floats
    x: Floats
    names: tuple[str, ...]
    treated: Integers
    group: NDArray[np.bool_]
    weight: Floats
    sample: SampleAccount
    exposure_words: str

    @property
    def people(self) -> Floats:
        """(R,) people used."""
        return np.broadcast_to(self.weight.sum(-1), self.y.shape[:1])

    @cached_property
    def totals(self) -> tuple[Floats, Floats]:
        """Weighted events without and under the programme, (R,) each."""
        sides = np.stack([self.treated == 0, self.treated == 1])
        if sides.ndim == 2:  # then windows are added up over people first, which is faster
            windows = window_events(self.y, np.require(self.weight, requirements="W"))
            without, under = (windows[:, side].sum(-1) for side in sides)
        else:
            without, under = (((self.y * side).sum(-1) * self.weight).sum(-1) for side in sides)
        return without, under

    @cached_property
    def ordinary(self) -> NDArray[np.bool_]:
        """(R,) replicates of enough people, with events on both sides."""
        before, after = self.totals
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
        return replace(self, y=self.y[one], exposure=exposure, weight=weight)


def count_data(
    panel: Panel,
    spec: object,
    covariates: str,
    *,
    both_sides: bool = False,
    collapse: bool = True,
    comparison: bool = False,
    amounts: bool = False,
) -> CountData:
    """Lay out the counts of a panel, with or without replicates.

    Parameters
    ----------
    panel : Panel
        Of counts.
    spec : object
        The estimator, for messages.
    covariates : str
        A right-hand side over the panel's covariates, `age`, `post`, and `time` (years to the middle of a window,
        where windows have dates); with comparison people also over `managed` (1 or 0) and `window` (its number), as
        in ``"managed + C(window)"``.
    both_sides : bool
        Whether people without an observed window on one side are left out. The sides of a comparison person are
        those of the windows' own `post`.
    collapse : bool
        Whether windows with the same covariates are added up, which changes nothing when windows are Poisson
        given the frailty.
    comparison : bool
        Whether comparison people stay in, and managed people may start at different windows.
    amounts : bool
        Whether amounts may stand for counts; `CountData.y` then holds decimals.

    Raises
    ------
    InputError
        IOM-E035, IOM-E047 or IOM-E066 for what is not a panel of counts, IOM-E060 for fewer than two people
        (of a panel without replicates: with them, see `CountData.ordinary`); the errors of `covariate_matrix`.
    NotIdentifiedError
        IOM-E068 when effects of time absorb the change.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 1], mask=[False, False, True, True])
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [4, 4], [1, 3]], start=start)
    >>> data = count_data(panel, None, "managed", comparison=True)
    >>> data.names, data.treated.tolist()
    (('intercept', 'post', 'managed'), [[0, 1], [0, 1], [0, 0], [0, 0]])
    """
    name = type(spec).__name__
    require_panel(panel, name)
    if panel.kind not in ("count", *["amount"] * amounts):
        raise InputError("IOM-E066", f"{panel.name}: {name} needs counts, got a {panel.kind}")
    seen = observe(panel, comparison=comparison)
    people = seen.people
    if not comparison:
        check_common_start(people)
    treated = _treated(people, comparison=comparison)
    y, exposure = _counts_at_risk(seen)
    x, names = _regressors(people, covariates, treated, comparison=comparison)
    sides = _sides(people, treated)
    if collapse:
        y, exposure, x, treated, sides = _collapsed(y, exposure, x, treated, sides)
    weight = _weights(seen, exposure, sides, both_sides=both_sides)
    sample = _sample(seen, weight, both_sides=both_sides)
    if panel.replicates is None and (weight.sum(-1) < LEAST_PEOPLE).any():
        least = int(weight.sum(-1).min())
        raise InputError(
            "IOM-E060", f"{panel.name}: n={least} people with an observed window; expected at least {LEAST_PEOPLE}"
        )
    counts: NDArray[Any] = np.require(y, requirements=["C", "W"])  # kernels take what can be written to
    return CountData(counts, exposure, x, names, treated, people.group, weight, sample, seen.exposure)


def _treated(people: Panel, *, comparison: bool) -> Integers:
    """Return who is under the programme, (n, T), or (T,) where all people are treated in the windows after."""
    if comparison and people.start is not None:
        return people.treated.astype(np.int64)
    return np.array([int(w.post) for w in people.windows])


def _sides(people: Panel, treated: Integers) -> Integers:
    """Return the side that each window is on: of comparison people, whether it lies after the index date."""
    if treated.ndim == 1:
        return treated
    return np.where(people.group[:, None], treated, [int(w.post) for w in people.windows])


def _counts_at_risk(seen: Observations) -> tuple[NDArray[Any], Floats]:
    """Return counts or amounts (R, n, T) and days, both 0 where nothing was observed."""
    panel = seen.people
    held = np.int64 if panel.kind == "count" else np.float64
    days = np.ones(len(panel.windows)) if panel.exposure is None else panel.exposure
    known = seen.observed
    if known.all():
        return seen.outcome.astype(held, copy=False), days
    if panel.replicates is None:
        known = known[0]
    return np.where(known, panel.outcome, 0).astype(held).reshape(seen.outcome.shape), np.where(known, days, 0.0)


def _regressors(panel: Panel, formula: str, treated: Integers, *, comparison: bool) -> tuple[Floats, tuple[str, ...]]:
    n, windows = panel.n, len(panel.windows)
    post = treated.astype(np.float64)
    if not formula.strip():
        return np.stack([np.ones(post.shape), post], axis=-1), ("intercept", POST)
    words = {word.strip("`") for word in re.findall(r"`[^`]+`|[^\W\d]\w*", formula)}
    own, calendar = person_columns(panel), window_columns(panel)
    if comparison:
        own = {MANAGED: panel.group.astype(np.float64), **own}
        calendar = {WINDOW: np.arange(windows, dtype=np.float64), **calendar}
    personal = treated.ndim == 2 or bool(words & own.keys()) or not words & {POST, *calendar}
    if personal:
        columns = {key: np.tile(value, n) for key, value in calendar.items()}
        columns |= {key: np.repeat(value, windows) for key, value in own.items()}
        columns[POST] = np.broadcast_to(post, (n, windows)).ravel()
    else:
        columns = {**calendar, POST: post}
    try:
        matrix, names = covariate_matrix(f"{POST} + {formula}", columns, rows=n * windows, people=n, windows=windows)
    except InputError as error:
        if error.code == "IOM-E071" and words & {TIME, *calendar}:
            raise NotIdentifiedError(
                "IOM-E068", "effects of time absorb the change of a single group; use a trend, or comparison people"
            ) from error
        raise
    order = [names.index(POST), *(k for k, name in enumerate(names) if name != POST)]
    x = np.column_stack([np.ones(len(matrix)), matrix[:, order]])
    if personal:
        x = x.reshape(n, windows, -1)
    return x, ("intercept", *(names[k] for k in order))


def _collapsed(
    y: NDArray[Any], exposure: Floats, x: Floats, treated: Integers, sides: Integers
) -> tuple[NDArray[Any], Floats, Floats, Integers, Integers]:
    """Add up windows in which everybody's regressors and sides are the same."""
    columns = np.concatenate([x, np.broadcast_to(sides[..., None], (*x.shape[:-1], 1))], axis=-1)
    groups: dict[bytes, list[int]] = {}
    for t in range(columns.shape[-2]):
        groups.setdefault(columns[..., t, :].tobytes(), []).append(t)
    if len(groups) == columns.shape[-2]:
        return y, exposure, x, treated, sides
    members = list(groups.values())
    first = [m[0] for m in members]
    added = np.stack([y[..., m].sum(-1) for m in members], axis=-1)
    days = np.stack([exposure[..., m].sum(-1) for m in members], axis=-1)
    return added, days, x[..., first, :], treated[..., first], sides[..., first]


def _weights(seen: Observations, exposure: Floats, sides: Integers, *, both_sides: bool) -> Floats:
    weight = seen.weight
    if exposure.ndim > 1:
        at_risk = [((exposure > 0) & (sides == side)).any(-1) for side in (0, 1)]
        stays = at_risk[0] & at_risk[1] if both_sides else at_risk[0] | at_risk[1]
        weight = weight * stays
    return np.ascontiguousarray(weight)


def _sample(seen: Observations, weight: Floats, *, both_sides: bool) -> SampleAccount:
    which = "windows on both sides" if both_sides else "an observed window"

    def missing(given: int, used: int, part: int) -> Notes:
        out = left_out(used, given, which) if used < given else ()
        whole = f"{used - part} of {given} people have every window"
        some = (f"{whole}; {part} are used for those they have, as if the rest were missing at random",) if part else ()
        return out + some

    used = np.rint(weight.sum(-1)).astype(np.int64)
    part = np.zeros(1) if both_sides else np.rint((~seen.observed.all(-1) * weight).sum(-1))
    last = (EQUAL_WINDOWS,) if seen.people.exposure is None else ()
    return seen.sample(missing, used, part, last=last)
