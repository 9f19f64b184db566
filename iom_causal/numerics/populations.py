"""Kinds of populations of which people are picked on their count before.

Each has a mean, a spread that is the same in both windows and a correlation between them. They differ in their tails,
in how far down the rates of people with high counts come (on a straight line where rates are gamma, on a bent one
where they are lognormal), and in how: everybody's rate drifts a little, or some people's is drawn anew.
"""

from math import log, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma

from iom_causal.numerics import gamma_pairs, lognormal_pairs
from iom_causal.numerics.pair_law import PairLaw, probit_rule
from iom_causal.numerics.pair_moments import PairMoments, miss

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


class PickedFit(NamedTuple):
    """A population whose picked people print the given moments, or nearly.

    Attributes
    ----------
    ratio : float
        After over before for everybody, without regression.
    mean, spread, correlation : float
        Of the population's rates: mean before; SD of the log where they are lognormal, coefficient of variation where
        they are gamma; correlation of the two windows, of the logs where they are lognormal.
    cut, softness : float
        Of the rule; a softness of 0 is a hard cut.
    share : float
        Of the population that is picked.
    moments : PairMoments
        Of the picked people, as fitted.
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
        """Whether the picked people print the given moments."""
        return self.distance < EXACT

    @property
    def log_sd(self) -> float:
        """SD of the log of the rates, of whichever kind."""
        return self.spread if self.rates == "lognormal" else sqrt(float(polygamma(1, self.spread**-2)))

    def law(self, ratio: float | None = None) -> PairLaw:
        """Return the law of the picked people's counts, with the population's ratio or another in its place."""
        means = (self.mean, self.mean * (self.ratio if ratio is None else ratio))
        rule = probit_rule(self.cut, self.softness)
        if self.rates == "lognormal":
            return lognormal_pairs.lognormal_pair_law(means, (self.spread, self.spread), self.correlation, rule)
        renewed = self.rates == "renewed"
        return gamma_pairs.gamma_pair_law(means, self.spread, self.correlation, rule, renewed=renewed)

    def packed(self) -> Floats:
        """Return logs of mean and spread, and Fisher's z of the correlation."""
        return np.array([log(self.mean), log(self.spread), np.arctanh(self.correlation)])


EXACT = 1e-7
"""The largest relative miss of a moment that is called exact; a search ends near 1e-12 where there is a fit."""


def picked_moments(
    rates: Rates, settings: Floats, cut: float, softness: float, ratio: float
) -> tuple[float, PairMoments]:
    """Compute the share picked and their moments, from settings as `PickedFit.packed` has them.

    Examples
    --------
    >>> round(picked_moments("gamma", np.array(START["gamma"]), 14.88, 4.875, 1.0)[0], 3)
    0.007
    """
    mean, spread = np.exp(settings[:2])
    told = float(mean), float(spread), float(np.tanh(settings[2])), cut, softness, ratio
    if rates == "lognormal":
        return lognormal_pairs.picked_moments(*told)
    return gamma_pairs.picked_moments(*told, renewed=rates == "renewed")


def fitted(rates: Rates, settings: Floats, rule: tuple[float, float], ratio: float, printed: PairMoments) -> PickedFit:
    """Put together what a search has found: settings as above, cut and softness, and the ratio."""
    share, moments = picked_moments(rates, settings, *rule, ratio)
    mean, spread = np.exp(settings[:2])
    off = float(np.abs(miss(moments, printed)).max())
    told = float(mean), float(spread), float(np.tanh(settings[2]))
    return PickedFit(ratio, *told, *rule, share, moments, off, rates)
