"""Mixing distributions of rates in the source population, and the selected moments that each gives.

Each has a mean, a spread that is the same in both windows and a correlation between them. They differ in their tails,
in how far down the rates of people with high counts come (on a straight line where rates are gamma, on a bent one
where they are lognormal), and in how: the population's rate drifts a little, or some people's is drawn anew.
"""

from math import log, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma

from iom_causal.numerics.pairs import gamma, lognormal
from iom_causal.numerics.pairs.joint_pmf import JointPmf, probit_rule
from iom_causal.numerics.pairs.moments import PairMoments, SelectedMoments, relative_misfit

type Floats = NDArray[np.float64]
type Rates = Literal["lognormal", "gamma", "renewed"]

RATES: tuple[Rates, ...] = ("lognormal", "gamma", "renewed")
IN_WORDS: dict[str, str] = {
    "lognormal": "lognormal rates that drift",
    "gamma": "gamma rates that drift",
    "renewed": "gamma rates of which some are drawn anew",
}
START: dict[Rates, tuple[float, float, float]] = {
    "lognormal": (log(1.5), log(0.74), float(np.arctanh(0.76))),
    "gamma": (log(1.34), log(1.18), float(np.arctanh(0.63))),
    "renewed": (log(1.34), log(1.01), float(np.arctanh(0.72))),
}
"""Where a search begins: logs of mean and spread, and Fisher's z of the correlation."""
LIMITS: dict[Rates, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "lognormal": ((-6.0, -4.0, -4.0), (5.0, 1.2, 4.0)),
    "gamma": ((-6.0, -4.0, 0.0), (5.0, 1.2, 3.0)),
    "renewed": ((-6.0, -4.0, 0.0), (5.0, 1.2, 4.0)),
}
"""Where it ends; gamma rates are not negatively related here, and drifting ones beyond .995 would take too long."""
RULE_START, RULE_LIMITS = (log(12.0), log(4.0)), ((-2.0, -4.0), (5.0, 5.0))
"""The same of a soft rule: logs of cut and softness."""
FARTHEST = 4.0
"""The log ratio is looked for from minus this to this."""
_INSIDE = 1e-6
"""How far inside its limits a search begins."""
_DIGITS = 10
"""Settings are rounded to so many significant digits, fewer than rounding leaves: what is drawn from a fit is then the
same on machines that round otherwise."""


class SelectionFit(NamedTuple):
    """A population whose selected people reproduce the given moments, or nearly.

    Attributes
    ----------
    ratio : float
        After over before for the whole population, without regression.
    mean, spread, correlation : float
        Of the population's rates: mean before; SD of the log where they are lognormal, coefficient of variation where
        they are gamma; correlation of the two windows, of the logs where they are lognormal.
    cut, softness : float
        Of the probit rule; a softness of 0 is a threshold.
    share : float
        Of the population that is selected.
    moments : PairMoments
        Of the selected people, as fitted.
    distance : float
        The largest miss of a moment, relative to the moment (for r, as it is).
    rates : {"lognormal", "gamma", "renewed"}
        Of which kind the population is, as `IN_WORDS` has it.
    """

    ratio: float
    mean: float
    spread: float
    correlation: float
    cut: float
    softness: float
    share: float
    moments: PairMoments
    distance: float
    rates: Rates = "lognormal"

    @property
    def exact(self) -> bool:
        """Whether the selected people have the given moments."""
        return self.distance < EXACT

    @property
    def log_sd(self) -> float:
        """SD of the log of the rates, of whichever kind."""
        return self.spread if self.rates == "lognormal" else sqrt(float(polygamma(1, self.spread**-2)))

    def joint_pmf(self, ratio: float | None = None) -> JointPmf:
        """Return the joint pmf of the selected people's counts, with the population's ratio or another in its place."""
        whole = self.ratio if ratio is None else ratio
        settings = self.mean, self.spread, self.correlation, self.cut, self.softness
        return pmf_of_selected(self.rates, *settings, whole)

    def settings(self) -> Floats:
        """Return logs of mean and spread, Fisher's z of the correlation, and logs of cut, softness and ratio.

        The log of a softness of 0 is given as 0; no rule of that kind is searched for.
        """
        return np.array(
            [
                log(self.mean),
                log(self.spread),
                np.arctanh(self.correlation),
                log(self.cut) if self.cut > 0 else 0.0,
                log(self.softness) if self.softness > 0 else 0.0,
                log(self.ratio),
            ]
        )


EXACT = 1e-7
"""The largest relative miss of a moment that is called exact; a search ends near 1e-12 where there is a fit."""


def selected_moments(rates: Rates, settings: Floats, cut: float | None = None) -> SelectedMoments:
    """Compute the share selected and their moments, with slopes, from settings as `SelectionFit.settings` has them.

    Parameters
    ----------
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.
    settings : ndarray
        (6,) of population, rule and ratio.
    cut : float, optional
        Of a hard cut, in place of the rule in the settings.

    Examples
    --------
    >>> settings = np.array([*START["gamma"], log(14.88), log(4.875), 0.0])
    >>> round(selected_moments("gamma", settings).share, 3)
    0.007
    """
    mean, spread, *rule, ratio = np.exp(settings[[0, 1, 3, 4, 5]]).tolist()
    cut, softness = (cut, 0.0) if cut is not None else rule
    return moments_of_selected(rates, mean, spread, float(np.tanh(settings[2])), cut, softness, ratio)


def moments_of_selected(
    rates: Rates, mean: float, spread: float, correlation: float, cut: float, softness: float, ratio: float
) -> SelectedMoments:
    """Compute the share selected and their moments, with slopes, from plain settings.

    Parameters
    ----------
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.
    mean, spread, correlation, cut, softness, ratio : float
        As in `SelectionFit`. With a correlation of 1 the mean after, over the ratio, is that of the rates before.

    Examples
    --------
    >>> round(moments_of_selected("gamma", 1.341, 1.184, 0.632, 14.88, 4.875, 1.0).share, 3)
    0.007
    """
    settings = mean, spread, correlation, cut, softness, ratio
    if rates == "lognormal":
        return lognormal.selected_moments(*settings)
    return gamma.selected_moments(*settings, renewed=rates == "renewed")


def pmf_of_selected(
    rates: Rates, mean: float, spread: float, correlation: float, cut: float, softness: float, ratio: float
) -> JointPmf:
    """Compute the joint pmf of the selected people's counts, from the same settings.

    Examples
    --------
    >>> joint = pmf_of_selected("gamma", 1.341, 1.184, 0.632, 14.88, 4.875, 1.0)
    >>> round(joint.share, 3)
    0.007
    """
    means, rule = (mean, mean * ratio), probit_rule(cut, softness)
    if rates == "lognormal":
        return lognormal.lognormal_joint_pmf(means, (spread, spread), correlation, rule)
    return gamma.gamma_joint_pmf(means, spread, correlation, rule, renewed=rates == "renewed")


def limits(rates: Rates) -> tuple[Floats, Floats]:
    """Return where a search for settings ends, below and above.

    Examples
    --------
    >>> limits("gamma")[1].tolist()
    [5.0, 1.2, 3.0, 5.0, 5.0, 4.0]
    """
    ends = zip(LIMITS[rates], RULE_LIMITS, (-FARTHEST, FARTHEST), strict=True)
    low, high = (np.array([*population, *rule, far]) for population, rule, far in ends)
    return low, high


def within(rates: Rates, settings: Floats) -> Floats:
    """Return settings from which a search may begin: moved inside its limits where they lie beyond."""
    low, high = limits(rates)
    return np.clip(settings, low + _INSIDE, high - _INSIDE)


def fitted(rates: Rates, settings: Floats, observed: PairMoments, cut: float | None = None) -> SelectionFit:
    """Make the fit at which a search ended: settings as above, and a threshold."""
    values = [*np.exp(settings[:2]).tolist(), float(np.tanh(settings[2])), *np.exp(settings[3:]).tolist()]
    mean, spread, correlation, *rule, ratio = (float(f"{v:.{_DIGITS}g}") for v in values)
    cut, softness = (cut, 0.0) if cut is not None else rule
    share, moments, _ = moments_of_selected(rates, mean, spread, correlation, cut, softness, ratio)
    off = float(np.abs(relative_misfit(moments, observed)).max())
    far = off if np.isfinite(off) else np.inf
    return SelectionFit(ratio, mean, spread, correlation, cut, softness, share, moments, far, rates)
