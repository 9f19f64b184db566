"""Standardised effect sizes of a paired change, each under the name that says which one it is."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.sampling_distributions import Bootstrap, Standardised
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.sample import SampleAccount
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.bootstrap import (
    Pairs,
    bca_interval,
    leave_one_out_weights,
    resampling_weights,
    unique_pairs,
    weighted_moments,
)
from iom_causal.numerics.inference.effect_sizes import KINDS as BY_MOMENTS
from iom_causal.numerics.inference.effect_sizes import EffectSizes, effect_size, effect_size_values
from iom_causal.numerics.inference.paired import degenerate, paired_t
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.ranks import chance_lower, rank_biserial
from iom_causal.numerics.kernels.decimals import differences
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop
from iom_causal.streams import Seed, as_generator

KINDS = FrozenMap({**BY_MOMENTS, "rank_biserial": "(T+ - T-) / (T+ + T-) of the signed ranks"})
"""Every kind with its definition."""

SCALES = FrozenMap(
    {"r": "correlation", "r_squared": "correlation", "rank_biserial": "correlation", "cles": "probability"}
)
INTERVALS = ("default", "analytic", "bootstrap")
_EXACT = ("dz", "hedges", "r", "r_squared")
_BARE = "d"
_DRAWS = 4000
_SPREADS = ("mean_pre", "sd_pre", "mean_post", "sd_post", "t")


@dataclass(frozen=True)
class EffectSize:
    """A standardised effect size of a paired change; each kind has another denominator, so none is just "d".

    A fall is negative. The exact intervals are right for normal changes; for counts they describe.

    Parameters
    ----------
    kind : str
        "dz", "hedges", "drm", "dav", "dav_meansd", "glass", "r", "r_squared", "cles" (the chance that a
        person's value is lower after) or "rank_biserial". A bare "d" is refused on the call, which
        lists what each d would be.
    contrast : {"after_minus_before", "before_minus_after"}
        The direction of the change; "cles" and "r_squared" do not depend on it.
    level : float
        Confidence level.
    interval : {"default", "analytic", "bootstrap"}
        By default exact from the noncentral t where that exists (dz, hedges, r, r_squared), else the
        BCa bootstrap of people; from published figures always analytic.
    draws : int
        Bootstrap samples.

    Examples
    --------
    >>> e = EffectSize("dz")(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]]))
    >>> round(e.estimate, 3), round(e.conf_low, 3), round(e.conf_high, 3)
    (-0.926, -2.089, 0.326)
    >>> e = EffectSize("dz").from_summary(n=225, t=11.64)
    >>> round(e.estimate, 3), round(e.conf_low, 3), round(e.conf_high, 3)
    (0.776, 0.626, 0.924)
    """

    kind: str = "dz"
    contrast: str = paired.CONTRASTS[0]
    level: float = LEVEL
    interval: str = "default"
    draws: int = _DRAWS

    reference: ClassVar[str] = (
        "Lakens (2013), Front. Psychol. 4, 863; Steiger & Fouladi (1997); Bonett (2008), Psychol. Methods 13, "
        "99-109; Kerby (2014); Efron (1987), JASA 82, 171-185"
    )

    def __post_init__(self) -> None:
        refuse_data(self)
        if self.kind != _BARE:
            check_choice(self.kind, KINDS, "kind")
        paired.check_contrast(self.contrast)
        check_level(self.level)
        check_choice(self.interval, INTERVALS, "interval")
        if isinstance(self.draws, bool) or not isinstance(self.draws, int) or self.draws < 100:
            raise SpecError("IOM-E092", "draws: expected a whole number of at least 100")
        if self.kind == "rank_biserial" and self.interval == "analytic":
            raise SpecError("IOM-E092", "interval: rank_biserial has no analytic interval; use bootstrap")

    @property
    def symmetric(self) -> bool:
        """Whether swapping the windows flips the sign (for "cles", takes the complement)."""
        return self.kind not in ("glass", "r_squared")

    def __call__(self, panel: Panel | Moments, *, rng: Rng = None) -> Estimate:
        """Estimate from people, or from the moments of a published table.

        Raises
        ------
        SpecError
            IOM-E093 for a bare "d", with the value of each d.
        InputError
            IOM-E060 with fewer than two complete pairs; IOM-E067 when the table lacks a figure.
        DegenerateDataError
            IOM-E062 or IOM-E063 when changes do not vary, IOM-E065 when a window does not.
        """
        if isinstance(panel, Moments):
            return self._reported(panel)
        people = paired.single(panel, self)
        m = people.moments
        paired.require_people(m, people.sample)
        if self.kind == _BARE:
            raise _refusal(m)
        if not self._resamples:
            return self._analytic(m, people.sample)
        pairs = unique_pairs(*people.complete())
        return self._bootstrapped(pairs, people.sample, rng)

    def from_summary(
        self,
        *,
        n: int,
        mean_pre: float | None = None,
        sd_pre: float | None = None,
        mean_post: float | None = None,
        sd_post: float | None = None,
        r: float | None = None,
        t: float | None = None,
        name: str = "outcome",
    ) -> Estimate:
        """Estimate from as few published figures as the kind needs.

        Parameters
        ----------
        n : int
            People with both windows.
        mean_pre, sd_pre, mean_post, sd_post : float, optional
            Means and standard deviations; not needed where t and n determine the kind.
        r, t : float, optional
            The correlation of the windows, or the paired t: a magnitude where the means give the sign,
            else in the direction of the contrast.
        name : str
            What the outcome is called.
        """
        if t is not None and self.contrast != paired.CONTRASTS[0]:
            t = -t  # moments are after minus before
        return self._reported(
            Moments(n=n, mean_pre=mean_pre, sd_pre=sd_pre, mean_post=mean_post, sd_post=sd_post, r=r, t=t, name=name)
        )

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate, at once where the kind has an analytic interval."""
        if self._resamples or self.kind == _BARE:
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        people = paired.replicated(panel)
        m = paired.oriented(people.moments, self.contrast)
        size, code = effect_size(m, self.kind, level=self.level), degenerate(m)
        code = np.where((code == 0) & np.isnan(size.estimate), 65, code)
        base = self._words(people.sample, m)
        return Estimates(
            outcome=base.outcome,
            method=base.method,
            term=base.term,
            scale=base.scale,
            conf_level=self.level,
            numbers=numbers,
            n_input=people.sample.everyone,
            notes=people.sample.each,
            n_used=m.n.round().astype(np.int64),
            code=code,
            base=base,
            **size._asdict(),
            **_t_columns(m, self.kind, self.level),
        )

    @property
    def _resamples(self) -> bool:
        if self.interval == "default":
            return self.kind not in (*_EXACT, _BARE)
        return self.interval == "bootstrap"

    def _reported(self, figures: Moments) -> Estimate:
        if self.kind == "rank_biserial":
            raise InputError("IOM-E067", "rank_biserial needs the people; printed figures do not tell ranks")
        need: tuple[str, ...] = ("t",) if self.kind in (*_EXACT, "cles") else _SPREADS
        if self.kind == _BARE:
            need = ()
        m, sample = paired.reported(figures, *need, spec=self)
        paired.require_people(m, sample)
        if self.kind == _BARE:
            raise _refusal(m)
        if figures.mean_change is None:
            sample = sample._replace(notes=(*sample.notes, "without means the sign is that of the t given"))
        return self._analytic(m, sample)

    def _words(self, sample: SampleAccount, m: PairedMoments) -> Estimate:
        normal = "changes are normal" if self.kind != "rank_biserial" else "changes are symmetric"
        return Estimate(
            outcome=sample.outcome,
            method=f"effect size {self.kind.replace('_', ' ')}",
            term="share lower after" if self.kind == "cles" else paired.term(self.contrast),
            scale=SCALES.get(self.kind, "standardised"),
            conf_level=self.level,
            n_input=sample.n_input,
            n_used=round(float(np.max(m.n))),
            notes=sample.notes,
            assumptions=("people are independent of one another", normal)
            if not self._resamples
            else ("people are independent of one another",),
            spec=self,
            pinned=sample.pinned(*_needs(self.kind)),
        )

    def _analytic(self, m: PairedMoments, sample: SampleAccount) -> Estimate:
        paired.raise_code(int(degenerate(m)), sample)
        m = m if self.kind == "cles" else paired.oriented(m, self.contrast)
        size = effect_size(m, self.kind, level=self.level)
        if np.isnan(size.estimate):
            paired.raise_code(65, sample)
        columns: dict[str, Any] = {name: paired.defined(x) for name, x in size._asdict().items()}
        columns |= {name: float(x) for name, x in _t_columns(m, self.kind, self.level).items()}
        return replace(
            self._words(sample, m),
            **columns,
            law=Standardised(self.kind, tuple(float(x) for x in m)),
        )

    def _bootstrapped(self, pairs: Pairs, sample: SampleAccount, rng: Rng) -> Estimate:
        generator, seed = as_generator(rng)
        estimate = float(_values(self.kind, pairs, pairs.counts[None])[0])
        if np.isnan(estimate):
            m = weighted_moments(pairs.values, pairs.counts[None])
            paired.raise_code(int(degenerate(m)[0]) or 65, sample)
        weights = resampling_weights(pairs.counts, self.draws, generator)
        values = _values(self.kind, pairs, weights)
        jackknife = _values(self.kind, pairs, leave_one_out_weights(pairs.counts))
        sign = 1.0 if self.contrast == paired.CONTRASTS[0] or not self._signed else -1.0
        law = Bootstrap(sign * estimate, sign * values, sign * jackknife, pairs.counts)
        ends = bca_interval(law.estimate, law.values, law.jackknife, pairs.counts, level=self.level)
        words = self._words(sample, weighted_moments(pairs.values, pairs.counts[None]))
        return replace(
            words,
            estimate=law.estimate,
            std_error=paired.defined(ends.std_error),
            conf_low=paired.defined(ends.low),
            conf_high=paired.defined(ends.high),
            notes=words.notes + _bootstrap_notes(ends.method, ends.undefined, self.draws, seed),
            law=law,
        )

    @property
    def _signed(self) -> bool:
        """Whether reversing the contrast reverses the sign."""
        return self.kind not in ("r_squared", "cles")


def _values(kind: str, pairs: Pairs, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    before, after = pairs.values.T
    if kind == "cles":
        return chance_lower(before, after, weight=weights)
    if kind == "rank_biserial":
        return rank_biserial(differences(before, after), weight=weights)
    return effect_size_values(weighted_moments(pairs.values, weights), kind)


def _t_columns(m: PairedMoments, kind: str, level: float) -> dict[str, Any]:
    if kind in ("dav", "dav_meansd", "glass", "drm"):
        return {}
    test = paired_t(m, level=level)
    return {"statistic": test.statistic, "df": test.df, "p_value": test.p_value}


def _bootstrap_notes(method: str, undefined: int, draws: int, seed: int | None) -> tuple[str, ...]:
    source = "" if seed is None else f", seed {seed}"
    notes: tuple[str, ...] = (f"{method} interval from {draws} bootstrap samples of people{source}",)
    if method != "BCa":
        notes += ("BCa is undefined here, because leaving out one person changes nothing or all samples agree",)
    if undefined:
        notes += (f"{undefined} bootstrap samples without a value were left out",)
    return notes


def _refusal(m: PairedMoments) -> SpecError:
    def value(kind: str) -> str:
        size: EffectSizes = effect_size(m, kind, level=LEVEL)
        return "undefined" if np.isnan(size.estimate) else f"{float(size.estimate):.3f}"

    listed = ", ".join(f"{kind} {value(kind)}" for kind in ("dz", "hedges", "drm", "dav", "dav_meansd", "glass"))
    return SpecError("IOM-E093", f"kind: 'd' has several meanings, here {listed}; name one of them")


def _needs(kind: str) -> tuple[str, ...]:
    if kind in _EXACT:
        return ("t",)
    return () if kind in ("rank_biserial", "cles") else paired.MOMENTS
