"""People picked softly on the count before: which population of one kind prints these five moments.

The population has a mean per window, a spread of rates that is the same in both windows, and a correlation
between them (`populations`); people are picked with probability ``Phi((y1 - cut) / softness)``, and everybody's mean
after is multiplied by one ratio, which stands for programme, ageing and history together. Five parameters meet
five printed moments, so an exact fit is no evidence for the ratio that was put in: the fits for many ratios form
a ridge, and only what is known about the population tells them apart.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.kernels.box_least_squares import fit_in_box
from iom_causal.numerics.pairs.delta_method import Response, respond
from iom_causal.numerics.pairs.moments import PairMoments, check_moments, in_logs, log_slopes, miss, relative
from iom_causal.numerics.pairs.rate_models import (
    EXACT,
    IN_WORDS,
    RULE_START,
    START,
    PickedFit,
    Rates,
    fitted,
    limits,
    picked_people,
    within,
)

FloatArray = NDArray[np.float64]
type Given = Literal["ratio", "mean", "mean after", "share"]

_PLACE = {"mean": 0, "ratio": 5, "mean after": 5}
_CHANGES = tuple(np.exp(np.arange(-0.6, 0.75, 0.15)).tolist())
"""Ratios at which a fit is looked for before the one at a known mean after."""


def fit_at_ratio(
    printed: PairMoments, ratio: float = 1.0, start: PickedFit | None = None, rates: Rates = "lognormal"
) -> PickedFit:
    """Find the population, rule and persistence that print these moments when everybody's mean changes by `ratio`.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    ratio : float
        1 asks for a world without any programme, ageing or trend; .95 for one with 5% of those.
    start : PickedFit, optional
        A fit nearby, of the same kind.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.

    Returns
    -------
    PickedFit
        Look at `exact` first: where no population of this family prints the moments, it is the nearest.

    Examples
    --------
    >>> fit = fit_at_ratio(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355))
    >>> fit.exact, round(fit.mean, 2), round(fit.share, 3)
    (True, 1.5, 0.008)
    """
    check_moments(printed, ratio)
    x0 = np.array([*START[rates], *RULE_START, 0.0]) if start is None else start.settings()
    return _search(printed, rates, x0, "ratio", ratio)


@lru_cache(maxsize=64)
def _without_change(printed: PairMoments, rates: Rates) -> PickedFit:
    """Keep the fit from which every search at a known mean starts."""
    return fit_at_ratio(printed, rates=rates)


def fit_at_mean(
    printed: PairMoments,
    mean: float,
    start: PickedFit | None = None,
    rates: Rates = "lognormal",
    *,
    known: Literal["mean", "mean after"] = "mean",
) -> PickedFit:
    """Find the ratio that is left when the population is known to average `mean` a window.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    mean : float
        Of everybody from whom they were picked, in a window of the same length.
    start : PickedFit, optional
        A fit nearby, of the same kind.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.
    known : {"mean", "mean after"}
        Whether it averages so many in the window on which people were picked, or in the other one.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population of this family with that mean prints the moments.

    Examples
    --------
    >>> round(fit_at_mean(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 1.6).ratio, 2)
    0.96
    """
    check_moments(printed, mean)
    if start is not None:
        first = start
    else:
        first = _without_change(printed, rates) if known == "mean" else _nearest_after(printed, mean, rates)

    fit = _search(printed, rates, first.settings(), known, mean)
    if not fit.exact:
        raise NotIdentifiedError(
            "IOM-E068",
            f"no population with {IN_WORDS[rates]} and a mean of {mean:g} has picked people with these moments; "
            "expected a mean along the ridge of exact fits",
        )
    return fit


def _nearest_after(printed: PairMoments, mean: float, rates: Rates) -> PickedFit:
    """Return the exact fit along the ridge whose mean in the other window is nearest to one that is known."""
    fits = [fit for fit in _along_ridge(printed, rates) if fit.exact]
    return min(fits, key=lambda fit: abs(np.log(fit.mean * fit.ratio / mean)), default=_without_change(printed, rates))


@lru_cache(maxsize=64)
def _along_ridge(printed: PairMoments, rates: Rates) -> tuple[PickedFit, ...]:
    return ridge(printed, _CHANGES, rates)


def fit_at_share(
    printed: PairMoments, share: float, start: PickedFit | None = None, rates: Rates = "lognormal"
) -> PickedFit:
    """Find the population and the ratio that is left when a known share of the population was picked.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    share : float
        Of everybody who could have been picked, above 0 and below 1.
    start : PickedFit, optional
        A fit nearby, of the same kind.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population of this family of which that share is picked prints the moments.

    Examples
    --------
    >>> round(fit_at_share(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 0.07).ratio, 2)
    0.8
    """
    check_moments(printed, share)
    first = _without_change(printed, rates) if start is None else start

    fit = _search(printed, rates, first.settings(), "share", share)
    if not fit.exact or abs(np.log(fit.share / share)) > EXACT:
        raise NotIdentifiedError(
            "IOM-E068",
            f"no population with {IN_WORDS[rates]} of which a share of {share:g} is picked prints these moments; "
            "expected a share along the ridge of exact fits",
        )
    return fit


def ridge(printed: PairMoments, ratios: ArrayLike, rates: Rates = "lognormal") -> tuple[PickedFit, ...]:
    """Find the populations along a grid of ratios, each started from its neighbour; exact or not.

    Examples
    --------
    >>> fits = ridge(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), [0.8, 0.9, 1.0])
    >>> [round(f.share, 2) for f in fits]
    [0.07, 0.02, 0.01]
    """
    grid = np.asarray(ratios, dtype=np.float64)
    fits: dict[int, PickedFit] = {}
    middle = int(np.argmin(np.abs(np.log(grid))))
    for side in (range(middle, grid.size), range(middle - 1, -1, -1)):
        start = fits.get(middle)
        for k in side:
            fits[k] = fit_at_ratio(printed, float(grid[k]), start, rates)
            start = fits[k] if fits[k].exact else start
    return tuple(fits[k] for k in range(grid.size))


def ratio_slopes(fit: PickedFit, known: Literal["mean", "mean after", "share"] = "mean") -> FloatArray:
    """Return the derivatives of the log ratio in the five moments, by the implicit function theorem.

    Parameters
    ----------
    fit : PickedFit
        Where they are taken.
    known : {"mean", "mean after", "share"}
        What is known of the population beside the moments: its mean, as in `fit_at_mean`, or the share that was
        picked, as in `fit_at_share`.

    Examples
    --------
    >>> printed = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
    >>> ratio_slopes(fit_at_mean(printed, 1.6)).shape
    (5,)
    """
    return response(fit, known).slopes[-1, :5] * log_slopes(fit.moments)


def response(fit: PickedFit, known: Literal["mean", "mean after", "share"]) -> Response:
    """Return how a fit moves with the logs of the five moments, to second order; its log ratio comes last."""

    def told(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        share, moments, slopes = picked_people(fit.rates, x)
        places = {"mean": [0], "mean after": [0, 5]}.get(known)
        known_slopes = slopes[:1] if places is None else np.eye(6)[places].sum(0, keepdims=True)
        figures = np.append(in_logs(moments), np.log(share) if places is None else x[places].sum())
        return figures, np.concatenate([log_slopes(moments)[:, None] * slopes[1:], known_slopes])

    return respond(told, fit.settings(), np.eye(6))


def _search(printed: PairMoments, rates: Rates, x0: FloatArray, given: Given, value: float) -> PickedFit:
    """Find the settings that print the moments, one of them being given, or the share."""
    free = np.arange(6) != _PLACE.get(given, -1)
    scale = relative(printed)[:, None]
    low, high = limits(rates)
    x0 = within(rates, x0)
    if given in ("ratio", "mean"):
        x0[_PLACE[given]] = np.log(value)

    def off(part: FloatArray) -> tuple[FloatArray, FloatArray]:
        x0[free] = part
        if given == "mean after":
            x0[5] = np.log(value) - x0[0]
        share, moments, slopes = picked_people(rates, x0)
        if given == "mean after":
            slopes[:, 0] -= slopes[:, 5]
        missed, by = miss(moments, printed), slopes[1:, free] / scale
        if given != "share":
            return missed, by
        return np.append(missed, np.log(share / value)), np.concatenate([by, slopes[:1, free]])

    x0[free] = fit_in_box(off, x0[free], low[free], high[free])
    if given == "mean after":
        x0[5] = np.log(value) - x0[0]
    return fitted(rates, x0, printed)
