"""Exact moment matching of a probit-selected mixed-Poisson model to five observed moments.

The population has a mean per window, a spread of rates that is the same in both windows, and a correlation
between them (`rate_models`); people are selected with probability ``Phi((y1 - cut) / softness)``, and the population's
mean after is multiplied by one ratio, which stands for programme, ageing and history together. Five parameters meet
five reported moments, so an exact fit is no evidence for the ratio that was put in: the fits for many ratios form
an identified set, and only what is known about the population tells them apart.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.kernels.box_least_squares import fit_in_box
from iom_causal.numerics.pairs.delta_method import Response, respond
from iom_causal.numerics.pairs.moments import PairMoments, check_moments, in_logs, log_slopes, relative, relative_misfit
from iom_causal.numerics.pairs.rate_models import (
    EXACT,
    IN_WORDS,
    RULE_START,
    START,
    Rates,
    SelectionFit,
    fitted,
    limits,
    selected_moments,
    within,
)

FloatArray = NDArray[np.float64]
type Given = Literal["ratio", "mean", "mean after", "share"]

_PLACE = {"mean": 0, "ratio": 5, "mean after": 5}
_CHANGES = tuple(np.exp(np.arange(-0.6, 0.75, 0.15)).tolist())
"""Ratios at which a fit is looked for before the one at a known mean after."""


def fit_at_ratio(
    observed: PairMoments, ratio: float = 1.0, start: SelectionFit | None = None, rates: Rates = "lognormal"
) -> SelectionFit:
    """Exact match of the five moments by a population and a rule, where the population's mean changes by `ratio`.

    Parameters
    ----------
    observed : PairMoments
        Of the selected people.
    ratio : float
        1 asks for a null model without any programme, ageing or trend; .95 for one with 5% of those.
    start : SelectionFit, optional
        A fit nearby, of the same kind.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.

    Returns
    -------
    SelectionFit
        Look at `exact` first: where no population of this family reproduces the moments, it is the nearest.

    Examples
    --------
    >>> fit = fit_at_ratio(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355))
    >>> fit.exact, round(fit.mean, 2), round(fit.share, 3)
    (True, 1.5, 0.008)
    """
    check_moments(observed, ratio)
    x0 = np.array([*START[rates], *RULE_START, 0.0]) if start is None else start.settings()
    return _search(observed, rates, x0, "ratio", ratio)


@lru_cache(maxsize=64)
def _without_change(observed: PairMoments, rates: Rates) -> SelectionFit:
    """Return the fit from which every search at a known mean starts; it is stored."""
    return fit_at_ratio(observed, rates=rates)


def fit_at_mean(
    observed: PairMoments,
    mean: float,
    start: SelectionFit | None = None,
    rates: Rates = "lognormal",
    *,
    known: Literal["mean", "mean after"] = "mean",
) -> SelectionFit:
    """Exact match of the five moments where the population is known to average `mean` a window; the ratio is free.

    Parameters
    ----------
    observed : PairMoments
        Of the selected people.
    mean : float
        Of the source population, in a window of the same length.
    start : SelectionFit, optional
        A fit nearby, of the same kind.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.
    known : {"mean", "mean after"}
        Whether it averages so many in the window on which people were selected, or in the other one.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population of this family with that mean reproduces the moments.

    Examples
    --------
    >>> round(fit_at_mean(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 1.6).ratio, 2)
    0.96
    """
    check_moments(observed, mean)
    if start is not None:
        first = start
    else:
        first = _without_change(observed, rates) if known == "mean" else _nearest_after(observed, mean, rates)

    fit = _search(observed, rates, first.settings(), known, mean)
    if not fit.exact:
        raise NotIdentifiedError(
            "IOM-E068",
            f"no population with {IN_WORDS[rates]} and a mean of {mean:g} has picked people with these moments; "
            "expected a mean along the ridge of exact fits",
        )
    return fit


def _nearest_after(observed: PairMoments, mean: float, rates: Rates) -> SelectionFit:
    """Return the exact fit of the identified set whose mean in the other window is nearest to a known one."""
    fits = [fit for fit in _at_common_ratios(observed, rates) if fit.exact]
    return min(fits, key=lambda fit: abs(np.log(fit.mean * fit.ratio / mean)), default=_without_change(observed, rates))


@lru_cache(maxsize=64)
def _at_common_ratios(observed: PairMoments, rates: Rates) -> tuple[SelectionFit, ...]:
    return fits_at_ratios(observed, _CHANGES, rates)


def fit_at_share(
    observed: PairMoments, share: float, start: SelectionFit | None = None, rates: Rates = "lognormal"
) -> SelectionFit:
    """Exact match of the five moments where a known share of the population was selected; the ratio is free.

    Parameters
    ----------
    observed : PairMoments
        Of the selected people.
    share : float
        Of the source population, above 0 and below 1.
    start : SelectionFit, optional
        A fit nearby, of the same kind.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population of this family of which that share is selected reproduces the moments.

    Examples
    --------
    >>> round(fit_at_share(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 0.07).ratio, 2)
    0.8
    """
    check_moments(observed, share)
    first = _without_change(observed, rates) if start is None else start

    fit = _search(observed, rates, first.settings(), "share", share)
    if not fit.exact or abs(np.log(fit.share / share)) > EXACT:
        raise NotIdentifiedError(
            "IOM-E068",
            f"no population with {IN_WORDS[rates]} of which a share of {share:g} is picked has these moments; "
            "expected a share along the ridge of exact fits",
        )
    return fit


def fits_at_ratios(observed: PairMoments, ratios: ArrayLike, rates: Rates = "lognormal") -> tuple[SelectionFit, ...]:
    """Moment matching over a grid of ratios, each fit started from its neighbour; exact or not.

    Examples
    --------
    >>> fits = fits_at_ratios(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), [0.8, 0.9, 1.0])
    >>> [round(f.share, 2) for f in fits]
    [0.07, 0.02, 0.01]
    """
    grid = np.asarray(ratios, dtype=np.float64)
    fits: dict[int, SelectionFit] = {}
    middle = int(np.argmin(np.abs(np.log(grid))))
    for side in (range(middle, grid.size), range(middle - 1, -1, -1)):
        start = fits.get(middle)
        for k in side:
            fits[k] = fit_at_ratio(observed, float(grid[k]), start, rates)
            start = fits[k] if fits[k].exact else start
    return tuple(fits[k] for k in range(grid.size))


def ratio_slopes(fit: SelectionFit, known: Literal["mean", "mean after", "share"] = "mean") -> FloatArray:
    """Return the derivatives of the log ratio in the five moments, by the implicit function theorem.

    Parameters
    ----------
    fit : SelectionFit
        Where they are taken.
    known : {"mean", "mean after", "share"}
        What is known of the population beside the moments: its mean, as in `fit_at_mean`, or the share that was
        selected, as in `fit_at_share`.

    Examples
    --------
    >>> observed = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
    >>> ratio_slopes(fit_at_mean(observed, 1.6)).shape
    (5,)
    """
    return response(fit, known).slopes[-1, :5] * log_slopes(fit.moments)


def response(fit: SelectionFit, known: Literal["mean", "mean after", "share"]) -> Response:
    """Return how a fit moves with the logs of the five moments, to second order; its log ratio comes last."""

    def model_figures(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        share, moments, slopes = selected_moments(fit.rates, x)
        places = {"mean": [0], "mean after": [0, 5]}.get(known)
        known_slopes = slopes[:1] if places is None else np.eye(6)[places].sum(0, keepdims=True)
        figures = np.append(in_logs(moments), np.log(share) if places is None else x[places].sum())
        return figures, np.concatenate([log_slopes(moments)[:, None] * slopes[1:], known_slopes])

    return respond(model_figures, fit.settings(), np.eye(6))


def _search(observed: PairMoments, rates: Rates, x0: FloatArray, given: Given, value: float) -> SelectionFit:
    """Search the settings that match the moments, one of them being given, or the share."""
    free = np.arange(6) != _PLACE.get(given, -1)
    scale = relative(observed)[:, None]
    low, high = limits(rates)
    x0 = within(rates, x0)
    if given in ("ratio", "mean"):
        x0[_PLACE[given]] = np.log(value)

    def off(part: FloatArray) -> tuple[FloatArray, FloatArray]:
        x0[free] = part
        if given == "mean after":
            x0[5] = np.log(value) - x0[0]
        share, moments, slopes = selected_moments(rates, x0)
        if given == "mean after":
            slopes[:, 0] -= slopes[:, 5]
        misfit, by = relative_misfit(moments, observed), slopes[1:, free] / scale
        if given != "share":
            return misfit, by
        return np.append(misfit, np.log(share / value)), np.concatenate([by, slopes[:1, free]])

    x0[free] = fit_in_box(off, x0[free], low[free], high[free])
    if given == "mean after":
        x0[5] = np.log(value) - x0[0]
    return fitted(rates, x0, observed)
