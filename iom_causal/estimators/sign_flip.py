"""Sign-flip randomisation test of a mean change, exact for counts."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs import pairs as paired
from iom_causal.numerics.inference.paired import ALTERNATIVES
from iom_causal.numerics.inference.signflip import DRAWS, SignFlipTest, is_exact, sign_flip_exact, sign_flip_sampled
from iom_causal.numerics.kernels.decimals import on_grid
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import as_generator


@dataclass(frozen=True)
class SignFlip:
    """Sign-flip randomisation test of the mean change.

    It is right when, without a change in level, each person's change is as likely up as down; it needs
    neither normality nor large n. It gives no interval.

    Parameters
    ----------
    contrast : {"after_minus_before", "before_minus_after"}
        The direction of the change.
    alternative : {"two-sided", "less", "greater"}
        Of the p-value, in the direction of the contrast.
    draws : int
        Sign patterns to sample where changes are not whole numbers of one decimal unit (a tenth, a hundredth ...), or
        too many; else all are counted.

    Examples
    --------
    >>> SignFlip()(Panel.from_arrays([[6, 5], [7, 5], [8, 5]])).p_value
    0.25
    """

    contrast: str = paired.CONTRASTS[0]
    alternative: str = "two-sided"
    draws: int = DRAWS

    reference: ClassVar[str] = "Fisher (1935), The Design of Experiments, section 21; Phipson & Smyth (2010)"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        paired.check_contrast(self.contrast)
        check_choice(self.alternative, ALTERNATIVES, "alternative")
        if isinstance(self.draws, bool) or not isinstance(self.draws, int) or self.draws < 1:
            raise SpecError("IOM-E092", "draws: expected a whole number of at least 1")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; `rng` matters only where sign patterns are sampled.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two complete pairs.
        """
        people = paired.single(panel, self)
        change, weight, n = paired.changes(people, self.contrast)
        each = change if weight is None else np.repeat(change, weight)
        test, source = self._test(each, rng)
        p = {"two-sided": test.two_sided, "less": test.less, "greater": test.greater}[self.alternative]
        still = () if np.any(each) else ("nobody changed, so p is 1",)
        return Estimate(
            outcome=people.sample.outcome,
            method="sign-flip test",
            term=paired.term(self.contrast),
            estimate=test.total / n,
            statistic=test.total,
            p_value=p,
            interval="none",
            n_input=people.sample.n_input,
            n_used=n,
            notes=(*people.sample.notes, source, *still),
            assumptions=(
                "people are independent of one another",
                "a person's change is as likely up as down if the level did not change",
            ),
            spec=self,
            pinned=people.sample.pinned(),
        )

    def _test(self, change: np.ndarray, rng: Rng) -> tuple[SignFlipTest, str]:
        steps, unit = on_grid(change)
        if is_exact(steps):
            test = sign_flip_exact(steps)
            return test._replace(total=test.total * unit), "exact p-value; a test without an interval"
        generator, seed = as_generator(rng)
        drawn = "" if seed is None else f", seed {seed}"
        return sign_flip_sampled(change, generator, draws=self.draws), f"{self.draws} sampled sign patterns{drawn}"
