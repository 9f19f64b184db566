"""Fitting a null model to the observed moments, by exact moment matching or by minimum distance."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from iom_causal.base.formats import number
from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.pairs import minimum_distance
from iom_causal.numerics.pairs import moment_matching as soft
from iom_causal.numerics.pairs.delta_method import Response
from iom_causal.numerics.pairs.moments import PairMoments, relative_misfit
from iom_causal.numerics.pairs.rate_models import IN_WORDS, Rates, SelectionFit

type Known = Literal["share", "mean"]

_FIRST = (1.0, 0.9, 0.8, 0.7, 1.2, 0.6, 0.5, 0.4, 0.3, 0.2)
SPOKEN = {
    "mean_pre": "mean before",
    "sd_pre": "SD before",
    "mean_post": "mean after",
    "sd_post": "SD after",
    "r": "correlation",
}
"""Names of the five figures in a sentence."""


SOFTLY = "and people picked on the count before"


class MomentMatch(NamedTuple):
    """Moment matching under soft selection: as many settings as moments, reproduced exactly or not at all.

    Attributes
    ----------
    observed : PairMoments
        Of the selected people.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.
    """

    observed: PairMoments
    rates: Rates = "lognormal"

    def first(self, length: float, ratios: Sequence[float], *, ratios_given: bool) -> SelectionFit:  # noqa: ARG002 as for MinimumDistance
        """Return the first model that reproduces the moments, searching near a ratio of 1 first.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 when there is none, with how near one comes.
        """
        nearest: SelectionFit | None = None
        for ratio in dict.fromkeys((*(q for q in _FIRST if q in ratios), *ratios)):
            fit = soft.fit_at_ratio(self.observed, ratio * length, rates=self.rates)
            if fit.exact:
                return fit
            nearest = fit if nearest is None or fit.distance < nearest.distance else nearest
        raise NotIdentifiedError("IOM-E068", _nearest_miss(self.observed, length, nearest, self.rates, SOFTLY))

    def at(self, ratio: float, start: SelectionFit | None = None) -> SelectionFit | None:
        """Return the model with this ratio, or None where none reproduces the moments."""
        fit = self.nearest_at(ratio, start)
        return fit if fit.exact else None

    def nearest_at(self, ratio: float, start: SelectionFit | None = None) -> SelectionFit:
        """Return the model with this ratio whose moments are nearest, however far they are."""
        return soft.fit_at_ratio(self.observed, ratio, start, self.rates)

    def known(self, value: float, start: SelectionFit, known: Known) -> SelectionFit | None:
        """Return the model of which a share or a mean is known, or None."""
        try:
            return (soft.fit_at_share if known == "share" else soft.fit_at_mean)(
                self.observed, value, start, self.rates
            )
        except NotIdentifiedError:
            return None

    def response(self, fit: SelectionFit, known: Known | None) -> Response:
        """Return the response of a model to the logs of the moments; the share is taken as known where nothing is."""
        return soft.response(fit, known or "share")


class MinimumDistance(NamedTuple):
    """Minimum-distance fit to the moments: for a hard cut, or where no soft rule reproduces them exactly.

    Attributes
    ----------
    near : DistanceFit
        The moments, the cut if there is one, and the nearest model.
    level : float
        Models are those that the moments do not reject at this level.
    """

    near: minimum_distance.DistanceFit
    level: float

    @property
    def rates(self) -> Rates:
        """Of which kind the populations are."""
        return self.near.best.rates

    @classmethod
    def of(
        cls, observed: PairMoments, n: int, cut: float | None, level: float, length: float, rates: Rates = "lognormal"
    ) -> "MinimumDistance":
        """Find the nearest model to the moments of `n` people.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 when it is farther than sampling and a miss of two in a hundred explain.
        """
        near = minimum_distance.nearest(observed, n, cut, length, rates)
        if not near.fits and near.best.distance > minimum_distance.NEAR:
            how = SOFTLY if cut is None else f"and everybody with at least {number(cut)} before picked"
            raise NotIdentifiedError("IOM-E068", _nearest_miss(observed, length, near.best, rates, how))
        return cls(near, level)

    def first(self, length: float, ratios: Sequence[float], *, ratios_given: bool) -> SelectionFit:
        """Return the nearest model of all, or of those with the ratios that were asked for.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 when the moments reject all of them.
        """
        if not ratios_given:
            return self.near.best
        found = [fit for fit in (self.at(q * length) for q in ratios) if fit is not None]
        if not found:
            raise NotIdentifiedError(
                "IOM-E068",
                "these moments reject a world at every ratio asked for; the nearest has a ratio of "
                f"{number(self.near.best.ratio / length, 2)}",
            )
        return min(found, key=lambda fit: minimum_distance.distance(self.near, fit))

    def at(self, ratio: float, start: SelectionFit | None = None) -> SelectionFit | None:
        """Return the nearest model with this ratio, or None where the moments reject it."""
        return self._unless_rejected(self.nearest_at(ratio, start))

    def nearest_at(self, ratio: float, start: SelectionFit | None = None) -> SelectionFit:
        """Return the model with this ratio whose moments are nearest, however far they are."""
        return minimum_distance.fit_near(self.near, "ratio", ratio, start or self.near.best)

    def known(self, value: float, start: SelectionFit, known: Known) -> SelectionFit | None:
        """Return the nearest model of which a share or a mean is known, or None where the moments reject it."""
        return self._unless_rejected(minimum_distance.fit_near(self.near, known, value, start))

    def response(self, fit: SelectionFit, known: Known | None) -> Response | None:
        """Return the response of a model to the logs of the moments and to what is known.

        None where people were selected softly: settings lie at their limits there, and no expansion holds.
        """
        return None if self.near.cut is None else minimum_distance.response(self.near, fit, known)

    def _unless_rejected(self, fit: SelectionFit) -> SelectionFit | None:
        return fit if minimum_distance.inside(self.near, fit, self.level) else None


def _nearest_miss(observed: PairMoments, length: float, nearest: SelectionFit | None, rates: Rates, kind: str) -> str:
    if nearest is None:
        return "no ratio to look at"
    worst = PairMoments._fields[int(np.abs(relative_misfit(nearest.moments, observed)).argmax())]
    return (
        f"no population with {IN_WORDS[rates]} {kind} has these moments; the nearest, at a ratio of "
        f"{number(nearest.ratio / length, 2)}, has a {SPOKEN[worst]} of {number(getattr(nearest.moments, worst))} in "
        f"place of {number(getattr(observed, worst))}"
    )
