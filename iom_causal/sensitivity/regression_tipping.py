"""Linear regression to the mean as a function of the source population's mean, and its tipping value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import fixed
from iom_causal.base.result import Result
from iom_causal.base.specs import check_level
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.sample import time_at_risk, unlike_time
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.selection import linear as rtm
from iom_causal.panel import Panel

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PAST = 1.2
"""Factor by which the curve is drawn past a tipping mean above the mean before."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegressionTipping(Result):
    """The remainder after linear regression to the mean, as a curve over the mean of the source population.

    Parameters
    ----------
    moments : Moments
        Of the selected sample.
    observed : float
        After over before, per day where the windows are of unlike length.
    slope : float
        Of after on before.
    tipping : TippingMean
        The mean of the source population at which nothing remains.
    mean, remainder, low, high : ndarray
        The curve and its pointwise interval, for sampling alone.
    level : float
        Of that interval.
    """

    figure_columns: ClassVar[Mapping[str, str]] = {
        "comparable_mean": "setting",
        **dict.fromkeys(("remainder_ratio", "conf_low", "conf_high"), "ratio"),
        "conf_level": "setting",
    }

    moments: Moments
    observed: float
    slope: float
    tipping: rtm.TippingMean
    mean: NDArray[np.float64]
    remainder: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float

    @property
    def reversed(self) -> bool:
        """Whether the linear form has people picked for high counts rise by themselves, so that it holds of no picking.

        A programme that multiplies rates by t multiplies the slope b and the ratio of means by t. Without it b = s and
        the ratio is s + (1 - s) mu / M1, with s the correlation of counts in windows alike, at most 1: b is at most the
        ratio. A slope above it stands for s above 1, and each mean of the source population below that of the people
        then gives a remainder further from 1 than what was observed.
        """
        return self.slope > self.observed

    @property
    def tipping_is_usable(self) -> bool:
        """Whether the tipping mean lies where the linear form can speak: where counts come back towards it.

        That takes a slope below 1, a mean above 0 and a change; it then lies below the mean before where counts fell,
        and above where they rose.
        """
        return self.slope < 1 and self.tipping.mean > 0 and self.observed != 1

    def at(self, mean: float) -> float:
        """Return the remainder if the source population averages `mean` a window.

        Raises
        ------
        InputError
            IOM-E092 when `mean` is not above 0.
        """
        before, after = self.moments.require("mean_pre", "mean_post", purpose="regression to the mean")
        return float(rtm.linear_remainder(before, after, self.slope, mean))

    def tidy(self) -> "pd.DataFrame":
        """Return the curve, one row a mean of the source population."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame(
            {
                "outcome": self.moments.name,
                "method": "linear regression to the mean from printed moments",
                "comparable_mean": self.mean,
                "remainder_ratio": self.remainder,
                "conf_low": self.low,
                "conf_high": self.high,
                "conf_level": self.level,
            }
        )

    def summary(self) -> str:
        """Return the ratio, the slope, and the mean of the source population at which nothing remains."""
        m, tip = self.moments, self.tipping
        lines = [
            f"{m.name}: what regression to the mean alone could do, from moments; {m.n} people",
            f"observed ratio {fixed(self.observed)}, slope of after on before {fixed(self.slope)}",
        ]
        if self.tipping_is_usable:
            known = tip.low is not None and tip.high is not None
            ends = f" [{fixed(tip.low or 0.0)}, {fixed(tip.high or 0.0)}]" if known else ""
            what = f"a mean of {fixed(tip.mean)}{ends}" + (f" ({self.level:.0%} interval)" if known else "")
            lines.append(f"nothing remains if everybody from whom people were picked had {what}")
        return "\n".join(lines)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the curve, the tipping mean, and the ratio that stands if people were selected on their rate."""
        ax = axes_of_lines.curve(self.mean, self.remainder, low=self.low, high=self.high, ax=ax)
        axes.mark(ax, y=1.0, text="nothing remains")
        axes.mark(ax, y=self.observed, text="picked on the rate itself: the observed ratio")
        if self.tipping_is_usable:
            axes.mark(ax, x=self.tipping.mean, text=f"tipping mean {self.tipping.mean:.2f}")
        ax.set_xlabel(f"mean {self.moments.name} before, of everybody from whom people were picked")
        ax.set_ylabel(f"remaining {self.moments.name}, after / before")
        ax.set_ylim(0, max(2.0, 1.2 * self.observed))
        return ax


def at_equal_length(data: Moments | Panel) -> Moments:
    """Return moments of the managed with the window after brought to the length of the one before.

    People's own days at risk are used where they are known, the lengths of a print's windows where these differ by
    more than 5%. A stationary source population then has the same mean in both windows.
    """
    days: tuple[float, float] | None = None
    if isinstance(data, Panel):
        two = data.managed.prepost()
        found = two.moments()
        if two.exposure is not None:
            before, after = time_at_risk(two.exposure, two.complete.astype(np.float64))
            days = float(before), float(after)
    else:
        found = data
        if data.exposure is not None and unlike_time(np.array(data.exposure), data.kind):
            days = data.exposure
    if days is None or found.kind != "count":
        return found
    scale = days[0] / days[1]

    def scaled(value: float | None) -> float | None:
        return None if value is None else scale * value

    ends = None if found.range_post is None else (scale * found.range_post[0], scale * found.range_post[1])
    return replace(found, mean_post=scaled(found.mean_post), sd_post=scaled(found.sd_post), range_post=ends)


@checked
def regression_tipping(
    data: Moments | Panel, *, means: NDArray[np.float64] | None = None, level: float = LEVEL
) -> RegressionTipping:
    """Linear regression to the mean of a count from its moments, and the population mean at which nothing remains.

    People are selected on the count before alone, the mean after is linear in that count, and the source population
    has the same mean in both windows; where these are of unlike length, counts after are brought to that of the window
    before. Its interval holds sampling alone; curvature and the selection rule are outside it.

    Parameters
    ----------
    data : Moments or Panel
        The selected sample; a count.
    means : ndarray, optional
        Means of the source population at which to evaluate; by default 80 up to the mean before, or past the tipping
        mean where counts rose.
    level : float
        Of the pointwise interval.

    Raises
    ------
    InputError
        IOM-E066 when the outcome is not a count, IOM-E067 when a figure that is needed is not reported.
    SpecError
        IOM-E092 for means that are not finite, or a level outside 0 to 1.

    References
    ----------
    James (1973), Biometrics 29:121-130; Davis (1976), American Journal of Epidemiology 104:493-498.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> round(regression_tipping(m).tipping.mean, 2)
    1.34
    """
    check_level(level)
    if means is not None and not np.isfinite(means).all():
        raise SpecError("IOM-E092", "regression_tipping: means: expected finite numbers")
    m = at_equal_length(data)
    if m.kind != "count":
        raise InputError("IOM-E066", f"{m.name}: expected a count; regression of a score needs the scores near the cut")
    names = ("mean_pre", "sd_pre", "mean_post", "sd_post", "r")
    before, sd_pre, after, sd_post, r = m.require(*names, purpose="regression to the mean")
    b = float(rtm.slope(r, sd_pre, sd_post))
    tipping = rtm.tipping_mean(m.n, before, sd_pre, after, sd_post, r, level)
    top = max(before, PAST * tipping.mean) if b < 1 else before
    mu = np.linspace(before / 20, top, 80) if means is None else np.asarray(means, dtype=np.float64)
    remainder = rtm.linear_remainder(before, after, b, mu)
    half = -stdtrit(m.n - 2, (1 - level) / 2) * rtm.remainder_std_error(m.n, before, sd_pre, sd_post, r, mu)
    return RegressionTipping(
        moments=m,
        observed=after / before,
        slope=b,
        tipping=tipping,
        mean=mu,
        remainder=remainder,
        low=remainder - half,
        high=remainder + half,
        level=level,
    )
