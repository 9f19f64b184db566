"""What the estimators of this folder take from a panel or from printed moments before any arithmetic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.errors import CODES, DegenerateDataError, InputError
from iom_causal.moments import Moments
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments
from iom_causal.numerics.kernels.decimals import differences
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

MOMENTS = ("before", "after", "t")
"""The summaries that a statistic of the paired moments needs."""

_ALIKE = 1.05
"""Days over days up to which windows are called equally long; 18 months differ by two days."""
CONTRASTS = ("after_minus_before", "before_minus_after")


class Frame(NamedTuple):
    """What every result says beside its numbers; `given` and `each` (notes) where replicates differ."""

    outcome: str
    n_input: int
    notes: tuple[str, ...] = ()
    fixed: tuple[str, ...] | None = None
    given: NDArray[np.int64] | None = None
    each: tuple[tuple[str, ...], ...] = ()

    @property
    def everyone(self) -> Any:
        """People given, (R,) where replicates differ in their weights."""
        return self.n_input if self.given is None else self.given

    def pinned(self, *needs: str) -> bool | None:
        """Whether the print determines a statistic that needs these summaries; None where nothing was rebuilt.

        A statistic that needs more than the summaries (who changed, and how much) names none.
        """
        return None if self.fixed is None else bool(needs) and set(needs) <= set(self.fixed)


@dataclass(frozen=True, eq=False)
class People:
    """The managed people of a panel, before and after.

    Attributes
    ----------
    pairs : ndarray
        (n, 2) or (R, n, 2).
    weight : ndarray or None
        (n,) or (R, n).
    exposure : ndarray or None
        (2,), (n, 2) or (R, n, 2) days.
    frame : Frame
        Name, number of people and notes.
    kind : str
        The kind of outcome.
    """

    pairs: NDArray[Any]
    weight: NDArray[Any] | None
    exposure: NDArray[np.float64] | None
    frame: Frame
    kind: str

    @property
    def moments(self) -> PairedMoments:
        """The paired moments over complete pairs."""
        return paired_moments(self.pairs, self.weight)

    def complete(self) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Return complete (n, 2) pairs that are counted at least once, and their weights."""
        keep = (
            ~np.isnan(self.pairs.astype(float)).any(-1)
            if self.pairs.dtype.kind == "f"
            else np.ones(self.pairs.shape[:-1], bool)
        )
        if self.weight is None:
            return self.pairs[keep], None
        keep &= self.weight > 0
        return self.pairs[keep], self.weight[keep]


def one(panel: Panel, spec: object, *, uses_exposure: bool = False) -> People:
    """Take the people of a panel without replicates, or refuse with the call that runs over replicates."""
    name = type(spec).__name__
    require_panel(panel, name, or_moments=True)
    if panel.replicates is not None:
        raise InputError(
            "IOM-E047", f"{name}: this panel has {panel.replicates} replicates; write iom.batch({name}(), panel)"
        )
    return _people(panel, uses_exposure=uses_exposure)


def many(panel: Panel, *, uses_exposure: bool = False) -> People:
    """Take the people of a panel with a replicate axis, which is put there when it is absent."""
    people = _people(panel, uses_exposure=uses_exposure)
    if panel.replicates is not None:
        return people
    weight = None if people.weight is None else people.weight[None]
    exposure = people.exposure
    if exposure is not None and exposure.ndim == 2:
        exposure = exposure[None]
    return People(people.pairs[None], weight, exposure, people.frame, people.kind)


def printed(m: Moments, *names: str, spec: object) -> tuple[PairedMoments, Frame]:
    """Take printed moments, requiring the named figures, as the numerics want them."""
    m.require(*names, purpose=type(spec).__name__)
    nan = float("nan")
    change, sd = m.mean_change, m.sd_change
    if change is None and m.t is not None:
        change, sd = m.t / m.n**0.5, 1.0
    figures = (m.n, m.mean_pre, m.mean_post, change, m.sd_pre, m.sd_post, sd, m.r)
    values = PairedMoments(*(np.asarray(nan if x is None else x, float) for x in figures))
    notes = ("from printed figures", *_lost(m.n_input, m.n))
    return values, Frame(m.name, m.n_input or m.n, notes)


def check_contrast(contrast: str) -> None:
    """Refuse another contrast than the two that there are."""
    check_choice(contrast, CONTRASTS, "contrast")


def turned(m: PairedMoments, contrast: str) -> PairedMoments:
    """Return the moments with the change in the direction of the contrast."""
    return m if contrast == CONTRASTS[0] else m._replace(mean_change=-m.mean_change)


def term(contrast: str) -> str:
    """Return the contrast as results print it."""
    return "after - before" if contrast == CONTRASTS[0] else "before - after"


def require_people(m: PairedMoments, frame: Frame, least: int = 2) -> None:
    """Refuse fewer than `least` complete pairs."""
    n = round(float(m.n))
    if n < least:
        raise InputError("IOM-E060", f"{frame.outcome}: n={n} people with both windows; expected at least {least}")


def raise_code(code: int, frame: Frame) -> None:
    """Raise the error that a kernel's code stands for; 0 is none."""
    if code:
        key = f"IOM-E{int(code):03d}"
        kind = InputError if key == "IOM-E060" else DegenerateDataError
        raise kind(key, f"{frame.outcome}: {CODES[key]}")


def defined(value: Any) -> float | None:
    """Return a number, or None where it is NaN or infinite."""
    return float(value) if np.isfinite(value) else None


def _people(panel: Panel, *, uses_exposure: bool) -> People:
    managed = panel.managed
    aside = panel.n - managed.n
    flat = managed.prepost()
    n_input = flat.n if flat.weight is None else round(float(flat.weight.sum(-1).max()))
    unused = flat.exposure is not None and not uses_exposure
    first = panel.notes + ((f"{aside} comparison people set aside",) if aside else ())
    last = ("days at risk were given and are not used", *unlike_windows(flat)) if unused else ()
    used = _complete(flat)
    notes = first + _lost(n_input, int(used.min())) + last
    given = given_by_replicate(flat.weight)
    each = each_own(lambda g, u: first + _lost(g, u) + last, n_input if given is None else given, used)
    frame = Frame(flat.name, n_input, notes, flat.fixed_by_print, given, each)
    return People(flat.outcome, flat.weight, flat.exposure, frame, flat.kind)


def each_own(tell: Callable[..., tuple[str, ...]], *figures: Any) -> tuple[tuple[str, ...], ...]:
    """Return what is told of every replicate by its own figures; nothing where all have the same."""
    columns = np.broadcast_arrays(*np.atleast_1d(*figures))
    if all((column == column[0]).all() for column in columns):
        return ()
    return tuple(tell(*(int(column[r]) for column in columns)) for r in range(columns[0].size))


def unlike_windows(panel: Panel) -> tuple[str, ...]:
    """Return the note of what compares counts of windows that are not equally long, where these are everybody's."""
    days = panel.exposure
    if panel.kind == "score" or days is None or days.ndim > 1 or days.max() <= _ALIKE * days.min():
        return ()
    told = " and ".join(f"{d:g}" for d in days) if len(days) == 2 else f"{days.min():g} to {days.max():g}"
    return (f"the windows have {told} days, so that counts are compared and not rates",)


def given_by_replicate(weight: NDArray[Any] | None) -> NDArray[np.int64] | None:
    """Return how many people each replicate has, where each has weights of its own."""
    return None if weight is None or weight.ndim < 2 else np.rint(weight.sum(-1)).astype(np.int64)


def _complete(panel: Panel) -> NDArray[np.int64]:
    """Return how many people have both windows, (R,) or one number."""
    weight = np.ones(panel.n) if panel.weight is None else panel.weight
    return np.rint((panel.complete * weight).sum(-1)).astype(np.int64)


def _lost(given: int | None, used: int) -> tuple[str, ...]:
    if given is None or given == used:
        return ()
    return (f"{used} of {given} people have both windows; {given - used} left out",)


def changes(people: People, contrast: str) -> tuple[NDArray[Any], NDArray[Any] | None, int]:
    """Return each complete person's change, their whole weights and the number of people.

    Raises
    ------
    InputError
        IOM-E060 with fewer than two people; IOM-E076 for weights that are not whole.
    """
    pairs, weight = people.complete()
    if weight is not None:
        if np.any(weight != np.floor(weight)):
            raise InputError("IOM-E076", "weight: ranks and signs need whole numbers; got fractions")
        weight = weight.astype(np.int64)
    n = len(pairs) if weight is None else int(weight.sum())
    if n < 2:
        raise InputError("IOM-E060", f"{people.frame.outcome}: n={n} people with both windows; expected at least 2")
    values = pairs.astype(np.int64) if pairs.dtype.kind in "iub" else pairs.astype(float)
    change = differences(values[:, 0], values[:, 1])
    return (change if contrast == CONTRASTS[0] else -change), weight, n
