"""Paired t test and interval of a mean change."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.specs import check_choice, check_level, refuse_data
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.sample import SampleAccount
from iom_causal.intervals import StudentT
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired import ALTERNATIVES, PairedTest, paired_t
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import Seed

ASSUMPTIONS = (
    "people are independent of one another",
    "the mean change is close to normal: many people, or changes without long tails",
)


@dataclass(frozen=True)
class PairedT:
    """Student's paired t test and interval of the mean change.

    It describes the change, whatever brought it about; it is right when people are independent and
    there are enough of them for the mean change to be normal.

    Parameters
    ----------
    contrast : {"after_minus_before", "before_minus_after"}
        The direction of the change and of t.
    level : float
        Confidence level of the two-sided interval.
    alternative : {"two-sided", "less", "greater"}
        Of the p-value, in the direction of the contrast.

    Examples
    --------
    >>> PairedT()(Panel.from_arrays([[3, 1], [2, 2], [5, 0]])).statistic.__round__(4)
    -1.6059
    >>> e = PairedT().from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> round(e.statistic, 2), e.df
    (-11.64, 224.0)
    """

    contrast: str = paired.CONTRASTS[0]
    level: float = LEVEL
    alternative: str = "two-sided"

    reference: ClassVar[str] = "Student (1908), Biometrika 6, 1-25"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        paired.check_contrast(self.contrast)
        check_level(self.level)
        check_choice(self.alternative, ALTERNATIVES, "alternative")

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
            m, sample = paired.reported(panel, "t", spec=self)
            return self._estimate(m, sample) if panel.mean_change is not None else self._unsigned(m, sample)
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
        """Estimate from published figures; t or r is read as a magnitude and the means give the sign.

        Parameters
        ----------
        n : int
            People with both windows.
        mean_pre, sd_pre, mean_post, sd_post : float
            Means and standard deviations.
        r, t : float
            The correlation of the windows, or the paired t.
        name : str
            What the outcome is called.
        """
        figures = Moments(
            n=n, mean_pre=mean_pre, sd_pre=sd_pre, mean_post=mean_post, sd_post=sd_post, r=r, t=t, name=name
        )
        return self(figures)

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate of a panel at once."""
        del rng
        people = paired.replicated(panel)
        m = people.moments
        test = self._test(m)
        columns: dict[str, Any] = test._asdict() | {"estimate": np.where(test.code == 0, test.estimate, np.nan)}
        return Estimates(
            outcome=people.sample.outcome,
            method="paired t test",
            term=paired.term(self.contrast),
            conf_level=self.level,
            numbers=numbers,
            n_input=people.sample.everyone,
            notes=people.sample.each,
            n_used=m.n.round().astype(np.int64),
            base=self._words(people.sample),
            **columns,
        )

    def _test(self, m: PairedMoments) -> PairedTest:
        change = paired.oriented(m, self.contrast)
        test = paired_t(change, level=self.level)
        if self.alternative == "two-sided":
            return test
        return test._replace(p_value=paired_t(change, level=self.level, alternative=self.alternative).p_value)

    def _words(self, sample: SampleAccount) -> Estimate:
        return Estimate(
            outcome=sample.outcome,
            method="paired t test",
            term=paired.term(self.contrast),
            conf_level=self.level,
            n_input=sample.n_input,
            notes=sample.notes,
            assumptions=ASSUMPTIONS,
            spec=self,
            pinned=sample.pinned(*paired.MOMENTS),
        )

    def _estimate(self, m: PairedMoments, sample: SampleAccount) -> Estimate:
        test = self._test(m)
        paired.require_people(m, sample)
        paired.raise_code(int(test.code), sample)
        estimate, se, t, df, p, low, high = (float(x) for x in test[:-1])
        few = ("with 2 people everything rests on one degree of freedom",) if df == 1 else ()
        return replace(
            self._words(sample),
            estimate=estimate,
            std_error=se,
            statistic=t,
            df=df,
            p_value=p,
            conf_low=low,
            conf_high=high,
            n_used=round(float(m.n)),
            notes=sample.notes + few,
            law=StudentT(estimate, se, df),
        )

    def _unsigned(self, m: PairedMoments, sample: SampleAccount) -> Estimate:
        test = self._test(m)
        return replace(
            self._words(sample),
            statistic=abs(float(test.statistic)),
            df=float(test.df),
            p_value=float(test.p_value),
            interval="none",
            n_used=round(float(m.n)),
            notes=(*sample.notes, "the means of these people are not printed, so t is a magnitude"),
        )
