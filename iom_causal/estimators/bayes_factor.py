"""JZS Bayes factor for a mean change against none."""

from dataclasses import dataclass
from typing import ClassVar

from iom_causal.base.formats import number
from iom_causal.base.specs import FrozenMap, refuse_data
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.sample import SampleAccount
from iom_causal.moments import Moments
from iom_causal.numerics.inference.bayes_factor import SCALE, jzs_log_bf10
from iom_causal.numerics.inference.paired import degenerate, t_statistic
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.panel import Panel
from iom_causal.roles import Rng


@dataclass(frozen=True)
class BayesFactor:
    """The JZS Bayes factor for a mean change against none, as its natural log.

    It weighs a Cauchy prior on d_z against a change of exactly zero, for normal changes; positive
    values favour a change, whatever brought it about.

    Parameters
    ----------
    prior_scale : float
        Scale of the Cauchy prior on d_z.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]])
    >>> round(BayesFactor()(panel).diagnostics["bf10"], 3)
    1.077
    >>> round(BayesFactor().from_summary(n=20, t=3.5).diagnostics["bf10"], 3)
    17.185
    """

    prior_scale: float = SCALE

    reference: ClassVar[str] = "Rouder, Speckman, Sun, Morey & Iverson (2009), Psychon. Bull. Rev. 16, 225-237"
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        if not (isinstance(self.prior_scale, (int, float)) and 0 < self.prior_scale < float("inf")):
            raise SpecError("IOM-E092", "prior_scale: expected a finite number above 0")

    def __call__(self, panel: Panel | Moments, *, rng: Rng = None) -> Estimate:
        """Estimate from people, or from the moments of a published table.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two complete pairs.
        DegenerateDataError
            IOM-E062 when nobody changed, IOM-E063 when all changed alike.
        """
        del rng
        if isinstance(panel, Moments):
            return self._estimate(*paired.reported(panel, "t", spec=self))
        people = paired.single(panel, self)
        return self._estimate(people.moments, people.sample)

    def from_summary(self, *, n: int, t: float, name: str = "outcome") -> Estimate:
        """Estimate from the number of people and the paired t, whose sign does not matter."""
        return self(Moments(n=n, t=t, name=name))

    def _estimate(self, m: PairedMoments, sample: SampleAccount) -> Estimate:
        paired.require_people(m, sample)
        paired.raise_code(int(degenerate(m)), sample)
        t, n = float(t_statistic(m)), float(m.n)
        log_bf = float(jzs_log_bf10(t, n, scale=self.prior_scale))
        # A factor beyond the largest double stays in the log only.
        factor = {"bf10": 2.718281828459045**log_bf} if abs(log_bf) < 700 else {}
        return Estimate(
            outcome=sample.outcome,
            method="JZS Bayes factor, natural log",
            term="change against none",
            scale="log_bayes_factor",
            estimate=log_bf,
            statistic=t,
            df=n - 1,
            interval="none",
            n_input=sample.n_input,
            n_used=round(n),
            notes=(
                *sample.notes,
                *(f"the Bayes factor itself (change over none) is {number(b)}" for b in factor.values()),
            ),
            assumptions=(
                "people are independent of one another",
                "changes are normal",
                f"before the data, d_z is Cauchy with scale {self.prior_scale:.3g} or exactly 0",
            ),
            diagnostics=FrozenMap(factor),
            spec=self,
            pinned=sample.pinned("t"),
        )
