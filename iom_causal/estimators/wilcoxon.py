"""Wilcoxon's signed-rank test of falls against rises, with the Hodges-Lehmann estimate."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.inputs import pairs as paired
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired import ALTERNATIVES
from iom_causal.numerics.inference.ranks import ZEROS, pseudomedian, signed_rank
from iom_causal.panel import Panel
from iom_causal.roles import Rng


@dataclass(frozen=True)
class Wilcoxon:
    """Exact signed-rank test, with the Hodges-Lehmann estimate (median of pairwise means) of the change.

    It is right when people are independent and changes are symmetric about their middle; the test is
    exact for whatever ties and zeros there are, up to 500 people who changed.

    Parameters
    ----------
    contrast : {"after_minus_before", "before_minus_after"}
        The direction of the change.
    level : float
        Confidence level.
    alternative : {"two-sided", "less", "greater"}
        Of the p-value, in the direction of the contrast.
    zeros : {"wilcox", "pratt"}
        Whether people without a change are left out before ranking, or ranked and then left out.

    Examples
    --------
    >>> panel = Panel.from_arrays([[6, 5], [7, 5], [8, 5], [9, 5], [10, 5], [11, 5]])
    >>> Wilcoxon()(panel).p_value
    0.03125
    """

    contrast: str = paired.CONTRASTS[0]
    level: float = LEVEL
    alternative: str = "two-sided"
    zeros: str = "wilcox"

    reference: ClassVar[str] = "Wilcoxon (1945), Biometrics Bull. 1, 80-83; Pratt (1959); Hodges & Lehmann (1963)"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        paired.check_contrast(self.contrast)
        check_level(self.level)
        check_choice(self.alternative, ALTERNATIVES, "alternative")
        check_choice(self.zeros, ZEROS, "zeros")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; p is 1, with a note, when nobody changed.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two complete pairs.
        """
        del rng
        people = paired.single(panel, self)
        change, weight, n = paired.changes(people, self.contrast)
        ranks = signed_rank(change, zeros=self.zeros, weight=weight)
        middle = pseudomedian(change, level=self.level, weight=weight)
        p = {"two-sided": ranks.two_sided, "less": ranks.less, "greater": ranks.greater}[self.alternative]
        bounded = bool(np.isfinite(middle.low))
        return Estimate(
            outcome=people.sample.outcome,
            method="Wilcoxon signed-rank test",
            term=paired.term(self.contrast),
            estimate=middle.estimate,
            statistic=ranks.plus,
            p_value=p,
            conf_low=middle.low if bounded else None,
            conf_high=middle.high if bounded else None,
            conf_level=self.level,
            interval="confidence" if bounded else "none",
            n_input=people.sample.n_input,
            n_used=n,
            notes=people.sample.notes + self._notes(ranks.n, n, exact=ranks.exact, bounded=bounded),
            assumptions=("people are independent of one another", "changes are symmetric about their middle"),
            diagnostics=FrozenMap({"rank_sum_rises": ranks.plus, "rank_sum_falls": ranks.minus, "changed": ranks.n}),
            spec=self,
            pinned=people.sample.pinned(),
        )

    def _notes(self, changed: float, n: int, *, exact: bool, bounded: bool) -> tuple[str, ...]:
        notes: tuple[str, ...] = (f"{'exact' if exact else 'normal approximation'} p-value with ties as they are",)
        if n - changed:
            how = "left out before ranking" if self.zeros == "wilcox" else "ranked and then left out"
            notes += (f"{n - round(changed)} people without a change were {how}",)
        if not changed:
            notes += ("nobody changed, so p is 1",)
        if not bounded:
            notes += ("too few people for an interval at this level",)
        return notes
