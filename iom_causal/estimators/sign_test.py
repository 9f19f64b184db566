"""Sign test of falls against rises."""

from dataclasses import dataclass
from typing import ClassVar

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.inputs import pairs as paired
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired import ALTERNATIVES
from iom_causal.numerics.inference.ranks import SignCount, sign_test
from iom_causal.numerics.inference.ratios import conditional_limits
from iom_causal.panel import Panel
from iom_causal.roles import Rng


@dataclass(frozen=True)
class SignTest:
    """Exact sign test: of those who changed, the share who rose minus the share who fell.

    It is right for independent people and assumes nothing about the sizes of changes.

    Parameters
    ----------
    contrast : {"after_minus_before", "before_minus_after"}
        The direction of the change.
    level : float
        Confidence level; the exact interval of Clopper and Pearson.
    alternative : {"two-sided", "less", "greater"}
        Of the p-value, in the direction of the contrast.

    Examples
    --------
    >>> e = SignTest()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [1, 2]]))
    >>> round(e.estimate, 4), e.p_value, e.diagnostics["fell"]
    (-0.3333, 1.0, 2)
    """

    contrast: str = paired.CONTRASTS[0]
    level: float = LEVEL
    alternative: str = "two-sided"

    reference: ClassVar[str] = "Arbuthnot (1710); Clopper & Pearson (1934), Biometrika 26, 404-413"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        paired.check_contrast(self.contrast)
        check_level(self.level)
        check_choice(self.alternative, ALTERNATIVES, "alternative")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; without an estimate, and with p of 1, when nobody changed.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two complete pairs.
        """
        del rng
        people = paired.single(panel, self)
        change, weight, n = paired.changes(people, self.contrast)
        signs = sign_test(change, weight=weight)
        low, high = _limits(signs, self.level)
        moved = signs.plus + signs.minus
        rose, fell = (signs.plus, signs.minus) if self.contrast == paired.CONTRASTS[0] else (signs.minus, signs.plus)
        p = {"two-sided": signs.two_sided, "less": signs.less, "greater": signs.greater}[self.alternative]
        notes = (f"{round(signs.zero)} people without a change are left out",) if signs.zero else ()
        return Estimate(
            outcome=people.sample.outcome,
            method="sign test",
            term=f"net share of changes, {paired.term(self.contrast)}",
            scale="correlation",
            estimate=(signs.plus - signs.minus) / moved if moved else None,
            statistic=signs.plus,
            p_value=p,
            conf_low=low,
            conf_high=high,
            conf_level=self.level,
            interval="confidence" if moved else "none",
            n_input=people.sample.n_input,
            n_used=n,
            notes=people.sample.notes + notes + (() if moved else ("nobody changed, so p is 1",)),
            assumptions=("people are independent of one another",),
            diagnostics=FrozenMap({"rose": int(rose), "fell": int(fell), "same": int(signs.zero)}),
            spec=self,
            pinned=people.sample.pinned(),
        )


def _limits(signs: SignCount, level: float) -> tuple[float | None, float | None]:
    if signs.plus + signs.minus == 0:
        return None, None
    low, high = (float(x) for x in conditional_limits(signs.minus, signs.plus, level))
    # From the odds of a rise to its share minus that of a fall.
    return (low - 1) / (low + 1), 1 - 2 / (high + 1)
