"""Metropolis sampling of whole-number pairs whose sums, spreads and paired t fall in given windows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from iom_causal.numerics.printed.metropolis import (
    BALANCED_X,
    BALANCED_Y,
    EXACT,
    STEP_X,
    STEP_Y,
    SWAP_X,
    SWAP_Y,
    TRANSFER_X,
    TRANSFER_Y,
    PairWindows,
    walk,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MEASURES = ("negative_binomial", "uniform", "multinomial")
GOLDEN = 0.6180339887498949
MISSING_EXTREME = 10.0
"""Log price of a reported extreme that nobody attains: dear, since a far one is hard to find again."""
WIDE = 128
"""A support of more values is wide: beside it steps are short, and a chain that lets an extreme go stays away."""


class PairDraws(NamedTuple):
    """Recorded states and how the chain fared.

    Attributes
    ----------
    x : ndarray of int64, (draws, people)
    y : ndarray of int64, (draws, followed)
    proposals, accepted, looked : int
        Moves proposed, moves accepted, and states that were looked at for recording; the share
        ``len(x) / looked`` of them lay in every window.
    residual : ndarray, (6,)
        The smallest distances seen together: sum of x, squares of x, sum of y, squares of y,
        squared changes, extremes that nobody attains. All zero once a state lay in every window.
    """

    x: Ints
    y: Ints
    proposals: int
    accepted: int
    looked: int
    residual: Floats


def log_weights(measure: str, low: int, high: int, mean: float, variance: float) -> Floats:
    """Return the log base measure of the values low..high, counted from low.

    Parameters
    ----------
    measure : {"uniform", "multinomial", "negative_binomial"}
        Every labelled array equally likely; the total handed out one by one at random
        (``1 / k!``); a gamma mixture of such people, with the mean and variance given.
    low, high : int
        The support.
    mean, variance : float
        Moments of the values; used by the negative binomial alone. Without overdispersion about
        ``low`` it is the multinomial, its limit.

    Returns
    -------
    ndarray, (high - low + 1,)

    Examples
    --------
    >>> log_weights("uniform", 0, 3, 1.0, 2.0)
    array([0., 0., 0., 0.])
    """
    k = np.arange(high - low + 1, dtype=float)
    if measure == "uniform":
        return np.zeros_like(k)
    mean = mean - low
    if measure == "multinomial" or variance <= mean:
        return np.asarray(-gammaln(k + 1) + k * np.log(max(mean, EXACT)))
    size = mean**2 / (variance - mean)
    return np.asarray(gammaln(k + size) - gammaln(k + 1) + k * np.log(mean / (mean + size)))


def _kinds(windows: PairWindows) -> NDArray[np.int64]:
    """Return the mix of moves: sixteen slots, drawn uniformly."""
    x = [TRANSFER_X] * 2 + [BALANCED_X] * 3 + [STEP_X] * 2
    if windows.followed == 0:
        return np.array(x * 2 + [TRANSFER_X] * 2)
    return np.array(x[:-1] + [TRANSFER_Y] * 2 + [BALANCED_Y] * 3 + [STEP_Y] + [SWAP_X] + [SWAP_Y] * 3)


def _extreme_price(windows: PairWindows, weight_x: Floats, weight_y: Floats) -> float:
    """Return the price of a missing extreme: in a wide support above what the base measure gains by letting it go.

    Only states without penalty are recorded, so that no price changes what they follow; people are in no order, and it
    does not matter who stays at the extreme.
    """
    gains = [
        weight.max() - weight[end]
        for weight, wanted in ((weight_x, windows.attain[:2]), (weight_y, windows.attain[2:]))
        for end, attained in zip((0, -1), wanted, strict=True)
        if attained and len(weight) > WIDE
    ]
    return MISSING_EXTREME + max(gains, default=0.0)


def _scale(windows: PairWindows, missing: float) -> Floats:
    """Return the price of a unit of each distance: windows that are wide tolerate more."""
    widths = [windows.spread_x[1] - windows.spread_x[0], windows.spread_y[1] - windows.spread_y[0]]
    change = (sum(windows.sum_y) - sum(windows.sum_x) * windows.followed / windows.people) / 2
    widths.append(min(windows.ratio[1] - windows.ratio[0], 1.0) * change**2)
    squares_x, squares_y, changes = (1 / max(2.0, 0.1 * width) for width in widths)
    return np.array([2.0, squares_x, 2.0, squares_y, changes, missing])


def _start(n: int, ends: tuple[int, int], attain: tuple[int, ...], total: int, spread: float) -> Ints:
    """Return n values of the given total, if the support allows it, the wanted extremes among them."""
    fixed = [end for end, wanted in zip(ends, attain, strict=True) if wanted][:n]
    free, low, high = n - len(fixed), *ends
    if free == 0:
        return np.array(fixed, dtype=np.int64)
    share = np.clip((total - sum(fixed)) / free, low, high)
    reach = spread * min(share - low, high - share)
    values = np.rint(share + reach * (2 * ((np.arange(free) * GOLDEN) % 1) - 1)).astype(np.int64)
    short = total - sum(fixed) - int(values.sum())
    while short:
        room = np.flatnonzero(values < high if short > 0 else values > low)[: abs(short)]
        if room.size == 0:
            break
        values[room] += np.sign(short)
        short -= np.sign(short) * room.size
    return np.concatenate([np.array(fixed, dtype=np.int64), values])


def starting_values(windows: PairWindows, spread: float) -> tuple[Ints, Ints]:
    """Return a start for the chain, in no order that matters once it has moved.

    Parameters
    ----------
    windows : PairWindows
        The support and the sums are used.
    spread : float
        0 puts everybody near the mean, 1 spreads them evenly over the support.

    Returns
    -------
    x : ndarray of int64, (people,)
    y : ndarray of int64, (followed,)
    """
    (lx, hx, ly, hy), wanted = windows.support, windows.attain
    return (
        _start(windows.people, (lx, hx), wanted[:2], sum(windows.sum_x) // 2, spread),
        _start(windows.followed, (ly, hy), wanted[2:], sum(windows.sum_y) // 2, spread),
    )


def sample_pairs(
    windows: PairWindows,
    *,
    weight_x: Floats,
    weight_y: Floats,
    key: int,
    draws: int,
    thin: int,
    limit: int,
    burn_in: int = 0,
    spacing: int = 0,
    spread: float = 0.5,
    max_step: int = 4,
) -> PairDraws:
    """Draw from a product base measure conditioned on the windows.

    Right as the number of proposals grows: a Metropolis chain walks over all pairs in the support
    with an exponential penalty for leaving the windows (Heathers et al. 2018 walk the same way to
    find one sample), and only states without penalty are recorded, at fixed times. Those follow
    the base measure conditioned on the windows exactly; a chain confined to them would not reach
    every state, because the moves that keep all sums fall into parity classes.

    Parameters
    ----------
    windows : PairWindows
        What the pairs have to satisfy.
    weight_x, weight_y : ndarray
        Log base measure of each value of the support, from `log_weights`.
    key : int
        64-bit seed; the same key gives the same draws.
    draws, thin, limit : int
        States to record, proposals between two looks, and the most proposals to make.
    burn_in : int
        Proposals before the first look.
    spacing : int
        Proposals wanted between two recorded states, on average: with a burn-in, ``thin`` is raised to
        a multiple that achieves it, judged by how often the burn-in lay in every window.
    spread : float
        Where the chain starts, see `starting_values`.
    max_step : int
        Largest step of one value; a power of two, at most 64.

    Returns
    -------
    PairDraws
        Fewer than ``draws`` rows when the limit came first.

    Examples
    --------
    >>> w = PairWindows(4, 4, (0, 3, 0, 3), (0,) * 4, (4, 4), (2.0, 2.0), (4, 4), (2.0, 2.0), (0.0, np.inf))
    >>> d = sample_pairs(w, weight_x=np.zeros(4), weight_y=np.zeros(4), key=1, draws=2, thin=50, limit=10**5)
    >>> (d.x**2).sum(axis=1)
    array([6, 6])
    """
    x, y = starting_values(windows, spread)
    scale = _scale(windows, _extreme_price(windows, weight_x, weight_y))
    shared = (windows, weight_x, weight_y, _kinds(windows), max_step - 1, scale)
    burn_key, walk_key = np.random.SeedSequence(key).generate_state(2, np.uint64)
    if burn_in:
        looks = _room(windows, max(burn_in // thin, 1))
        recorded, *_ = walk(x, y, *shared, burn_key, thin, burn_in, *looks)
        thin = max(thin, thin * int(spacing * recorded / len(looks[0]) / thin))
    out_x, out_y = _room(windows, draws)
    recorded, done, accepted, looked, best = walk(x, y, *shared, walk_key, thin, limit, out_x, out_y)
    return PairDraws(out_x[:recorded], out_y[:recorded], done, accepted, looked, best)


def _room(windows: PairWindows, draws: int) -> tuple[Ints, Ints]:
    return np.empty((draws, windows.people), np.int64), np.empty((draws, windows.followed), np.int64)
