"""Paired outcomes before and after: of managed people, of these beside others, or from published summaries."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.errors import CODES, DegenerateDataError, InputError
from iom_causal.inputs.observations import observe, refuse_replicates
from iom_causal.inputs.sample import SampleAccount, left_out, rate_days, unlike_time, unused_days
from iom_causal.moments import Moments
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments
from iom_causal.numerics.kernels.decimals import differences
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

type Floats = NDArray[np.float64]

MOMENTS = ("before", "after", "t")
"""The summaries that a statistic of the paired moments needs."""

CONTRASTS = ("after_minus_before", "before_minus_after")
BOTH = "both windows"
EITHER = "a window"


class CompletePairs(NamedTuple):
    """Pairs of which none is missing, for sums over people.

    Attributes
    ----------
    before, after : ndarray
        (n,) or (R, n), of the panel's own type; 0 for a person who lacks one of them.
    weight : ndarray
        (1, n) or (R, n) how often each counts; 0 for a person who lacks a window.
    """

    before: NDArray[Any]
    after: NDArray[Any]
    weight: Floats


@dataclass(frozen=True, eq=False)
class PairedOutcomes:
    """Paired outcomes of the people of a panel, before and after.

    Attributes
    ----------
    pairs : ndarray
        (n, 2) or (R, n, 2).
    weight : ndarray or None
        (n,) or (R, n).
    exposure : ndarray or None
        (2,), (n, 2) or (R, n, 2) days.
    sample : SampleAccount
        The account of the people.
    kind : str
        The kind of outcome.
    group : ndarray
        (n,) who is managed: all of them, unless comparison people were asked for.
    """

    pairs: NDArray[Any]
    weight: NDArray[Any] | None
    exposure: NDArray[np.float64] | None
    sample: SampleAccount
    kind: str
    group: NDArray[np.bool_]

    @property
    def moments(self) -> PairedMoments:
        """The paired moments over complete pairs."""
        return paired_moments(self.pairs, self.weight)

    def with_axis(self) -> "PairedOutcomes":
        """Return the same with a replicate axis."""
        if self.pairs.ndim == 3:
            return self
        weight, days = self.weight, self.exposure
        return replace(
            self,
            pairs=self.pairs[None],
            weight=None if weight is None else weight[None],
            exposure=days[None] if days is not None and days.ndim == 2 else days,
        )

    def of(self, who: NDArray[np.bool_]) -> "PairedOutcomes":
        """Return those of some of the people, (n,) booleans; the account stays that of all."""
        days = self.exposure
        return replace(
            self,
            pairs=self.pairs[..., who, :],
            weight=None if self.weight is None else self.weight[..., who],
            exposure=days if days is None or days.ndim == 1 else days[..., who, :],
            group=self.group[who],
        )

    @property
    def own_days(self) -> Floats | None:
        """Days at risk of each person, in the shape of the pairs; None where they are common to all or not known."""
        days = self.exposure
        return None if days is None or days.ndim == 1 else np.broadcast_to(days, self.pairs.shape)

    @property
    def unit(self) -> float | None:
        """Days that a difference of these outcomes refers to, as one of rates; None where it is of outcomes."""
        return rate_days(self.exposure, self.kind)

    def for_differences(self) -> "PairedOutcomes":
        """Return the same for differences: rates where windows differ in length, or people's days over their unit."""
        unit, days = self.unit, self.exposure
        if unit is None or days is None:
            return replace(self, exposure=None)
        if days.ndim > 1:
            return replace(self, exposure=days / unit)
        return replace(self, pairs=self.pairs * (unit / days), exposure=None)

    def filled(self) -> "CompletePairs":
        """Return the same as sums want them."""
        pairs = self.pairs
        weight = np.ones((1, pairs.shape[-2])) if self.weight is None else np.atleast_2d(self.weight)
        if pairs.dtype.kind == "f":
            lost = np.isnan(pairs).any(-1)
            pairs, weight = np.where(lost[..., None], 0.0, pairs), np.where(lost, 0.0, weight)
        return CompletePairs(pairs[..., 0], pairs[..., 1], weight)

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


def single(panel: Panel, spec: object, *, uses_exposure: bool = False) -> PairedOutcomes:
    """Return the pairs of a panel without replicates, or refuse with the call that runs over replicates."""
    require_panel(panel, type(spec).__name__, or_moments=True)
    refuse_replicates(panel, spec)
    return _pairs(panel, uses_exposure=uses_exposure)


def replicated(
    panel: Panel,
    *,
    uses_exposure: bool = False,
    differences: bool = False,
    comparison: bool = False,
    either: bool = False,
) -> PairedOutcomes:
    """Return the pairs of a panel with a replicate axis, which is put there when it is absent.

    Parameters
    ----------
    panel : Panel
        Of any kind.
    uses_exposure : bool
        Whether the method uses the days at risk, or should say that it does not.
    differences : bool
        Whether it uses them for differences, of rates where windows or people's days differ in length.
    comparison : bool
        Whether comparison people stay in, with `group` saying who is managed; else they are set aside.
    either : bool
        Whether people with one of the windows count as used, for the account of the sample.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, False, True])
    >>> both = replicated(Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start), comparison=True)
    >>> both.of(~both.group).pairs.tolist()
    [[[4, 4]]]
    """
    return _pairs(
        panel, uses_exposure=uses_exposure, differences=differences, comparison=comparison, either=either
    ).with_axis()


def reported(m: Moments, *names: str, spec: object, uses_exposure: bool = False) -> tuple[PairedMoments, SampleAccount]:
    """Return published moments as the numerics want them, requiring the named figures."""
    m.require(*names, purpose=type(spec).__name__)
    nan = float("nan")
    change, sd = m.mean_change, m.sd_change
    if change is None and m.t is not None:
        change, sd = m.t / m.n**0.5, 1.0
    figures = (m.n, m.mean_pre, m.mean_post, change, m.sd_pre, m.sd_post, sd, m.r)
    values = PairedMoments(*(np.asarray(nan if x is None else x, float) for x in figures))
    days = None if uses_exposure or m.exposure is None else np.array(m.exposure)
    notes = ("from printed figures", *left_out(m.n, m.n_input, BOTH), *unlike_time(days, m.kind))
    return values, SampleAccount(m.name, m.n_input or m.n, notes)


def check_contrast(contrast: str) -> None:
    """Refuse another contrast than the two that there are."""
    check_choice(contrast, CONTRASTS, "contrast")


def oriented(m: PairedMoments, contrast: str) -> PairedMoments:
    """Return the moments with the change in the direction of the contrast."""
    return m if contrast == CONTRASTS[0] else m._replace(mean_change=-m.mean_change)


def term(contrast: str) -> str:
    """Return the contrast as results name it."""
    return "after - before" if contrast == CONTRASTS[0] else "before - after"


def require_people(m: PairedMoments, sample: SampleAccount, least: int = 2) -> None:
    """Refuse fewer than `least` complete pairs."""
    n = round(float(m.n))
    if n < least:
        raise InputError("IOM-E060", f"{sample.outcome}: n={n} people with both windows; expected at least {least}")


def raise_code(code: int, sample: SampleAccount) -> None:
    """Raise the error that a kernel's code stands for; 0 is none."""
    if code:
        key = f"IOM-E{int(code):03d}"
        kind = InputError if key == "IOM-E060" else DegenerateDataError
        raise kind(key, f"{sample.outcome}: {CODES[key]}")


def defined(value: Any) -> float | None:
    """Return a number, or None where it is NaN or infinite."""
    return float(value) if np.isfinite(value) else None


def _pairs(
    panel: Panel,
    *,
    uses_exposure: bool,
    differences: bool = False,
    comparison: bool = False,
    either: bool = False,
) -> PairedOutcomes:
    seen = observe(panel, two=True, comparison=comparison)
    two = seen.people
    of_rates = differences and rate_days(two.exposure, two.kind) is not None
    last = () if uses_exposure or of_rates else unused_days(two.exposure, two.kind)
    windows, used = (EITHER, seen.observed.any(-1)) if either else (BOTH, seen.observed.all(-1))
    counted = np.rint((used * seen.weight).sum(-1)).astype(np.int64)
    sample = seen.sample(lambda given, used, _: left_out(used, given, windows), counted, last=last)
    return PairedOutcomes(two.outcome, two.weight, two.exposure, sample, two.kind, two.group)


def changes(people: PairedOutcomes, contrast: str) -> tuple[NDArray[Any], NDArray[Any] | None, int]:
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
        raise InputError("IOM-E060", f"{people.sample.outcome}: n={n} people with both windows; expected at least 2")
    values = pairs.astype(np.int64) if pairs.dtype.kind in "iub" else pairs.astype(float)
    change = differences(values[:, 0], values[:, 1])
    return (change if contrast == CONTRASTS[0] else -change), weight, n
