"""Two one-sided t tests (TOST) of the equivalence of a mean change to none."""

from dataclasses import dataclass
from typing import ClassVar

from iom_causal.base.specs import FrozenMap, check_level, refuse_data
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.sample import SampleAccount
from iom_causal.intervals import StudentT
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired import degenerate, equivalence, paired_t
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.panel import Panel
from iom_causal.roles import Rng


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided t tests of whether the mean change lies between two bounds.

    A small p-value speaks for a mean change between the bounds; a large one settles nothing.

    Parameters
    ----------
    low, high : float
        The bounds of what counts as no relevant change, in the outcome's units.
    contrast : {"after_minus_before", "before_minus_after"}
        The direction of the change and of the bounds.
    level : float
        Confidence level of the interval; the two-sided interval at ``1 - 2 alpha`` lies between the
        bounds exactly when p is below alpha.

    Examples
    --------
    >>> panel = Panel.from_arrays([[4, 6], [7, 8], [8, 7], [6, 10], [3, 11], [2, 9]])
    >>> round(Equivalence(-0.5, 0.5)(panel).p_value, 6)
    0.954854
    """

    low: float | None = None
    high: float | None = None
    contrast: str = paired.CONTRASTS[0]
    level: float = LEVEL

    reference: ClassVar[str] = "Schuirmann (1987), J. Pharmacokin. Biopharm. 15, 657-680"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        paired.check_contrast(self.contrast)
        check_level(self.level)
        ends = (self.low, self.high)
        if any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in ends) or not self._ordered:
            raise SpecError("IOM-E092", "Equivalence: expected two bounds, low below high; write Equivalence(-1, 1)")

    @property
    def _ordered(self) -> bool:
        return self.low is not None and self.high is not None and self.low < self.high

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
            return self._estimate(*paired.reported(panel, "mean_pre", "mean_post", "t", spec=self))
        people = paired.single(panel, self)
        return self._estimate(people.moments, people.sample)

    def from_summary(
        self,
        *,
        n: int,
        mean_pre: float,
        sd_pre: float,
        mean_post: float,
        sd_post: float,
        r: float | None = None,
        t: float | None = None,
        name: str = "outcome",
    ) -> Estimate:
        """Estimate from published figures; see `PairedT.from_summary`."""
        figures = Moments(
            n=n, mean_pre=mean_pre, sd_pre=sd_pre, mean_post=mean_post, sd_post=sd_post, r=r, t=t, name=name
        )
        return self(figures)

    def _estimate(self, m: PairedMoments, sample: SampleAccount) -> Estimate:
        paired.require_people(m, sample)
        paired.raise_code(int(degenerate(m)), sample)
        m = paired.oriented(m, self.contrast)
        low, high = float(self.low or 0.0), float(self.high or 0.0)
        both, test = equivalence(m, low=low, high=high), paired_t(m, level=self.level)
        estimate, se, df = float(test.estimate), float(test.std_error), float(test.df)
        return Estimate(
            outcome=sample.outcome,
            method=f"two one-sided t tests against {low:g} and {high:g}",
            term=paired.term(self.contrast),
            estimate=estimate,
            std_error=se,
            statistic=float(min(both.t_low, -both.t_high)),
            df=df,
            p_value=float(both.p_value),
            conf_low=float(test.conf_low),
            conf_high=float(test.conf_high),
            conf_level=self.level,
            n_input=sample.n_input,
            n_used=round(float(m.n)),
            notes=sample.notes,
            assumptions=("people are independent of one another", "the mean change is close to normal"),
            diagnostics=FrozenMap({"t_low": float(both.t_low), "t_high": float(both.t_high)}),
            law=StudentT(estimate, se, df),
            spec=self,
            pinned=sample.pinned(*paired.MOMENTS),
        )
