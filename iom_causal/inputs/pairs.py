"""Paired outcomes of the managed group, from a panel or from published summaries."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.errors import CODES, DegenerateDataError, InputError
from iom_causal.inputs.observations import Observations, observe, refuse_replicates
from iom_causal.inputs.sample import SampleAccount, left_out, unlike_time, unused_days
from iom_causal.moments import Moments
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments
from iom_causal.numerics.kernels.decimals import differences
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

MOMENTS = ("before", "after", "t")
"""The summaries that a statistic of the paired moments needs."""

CONTRASTS = ("after_minus_before", "before_minus_after")
BOTH = "both windows"


@dataclass(frozen=True, eq=False)
class PairedOutcomes:
    """Paired outcomes of the managed people of a panel, before and after.

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
    """

    pairs: NDArray[Any]
    weight: NDArray[Any] | None
    exposure: NDArray[np.float64] | None
    sample: SampleAccount
    kind: str

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


def replicated(panel: Panel, *, uses_exposure: bool = False) -> PairedOutcomes:
    """Return the pairs of a panel with a replicate axis, which is put there when it is absent."""
    return _pairs(panel, uses_exposure=uses_exposure).with_axis()


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


def _pairs(panel: Panel, *, uses_exposure: bool) -> PairedOutcomes:
    seen = observe(panel, two=True)
    two = seen.people
    last = () if uses_exposure else unused_days(two.exposure, two.kind)
    sample = seen.sample(lambda given, used, _: left_out(used, given, BOTH), _complete(seen), last=last)
    return PairedOutcomes(two.outcome, two.weight, two.exposure, sample, two.kind)


def _complete(seen: Observations) -> NDArray[np.int64]:
    """Return how many people have both windows, (R,)."""
    return np.rint((seen.observed.all(-1) * seen.weight).sum(-1)).astype(np.int64)


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
