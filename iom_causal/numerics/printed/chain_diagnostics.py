"""Convergence of Markov chains: split R-hat and effective sample size."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def split_r_hat(chains: ArrayLike) -> float:
    """Estimate how much wider the pooled draws are than each half chain, 1 when all agree.

    Parameters
    ----------
    chains : array_like, (chains, draws)
        Draws of one functional; at least four a chain.

    Returns
    -------
    float
        The split R-hat of Gelman et al. (2013, section 11.4); 1.0 when nothing varies at all, and inf
        when half chains are constant at different values.

    Examples
    --------
    >>> round(split_r_hat([[1.0, 2.0, 1.0, 2.0], [2.0, 1.0, 2.0, 1.0]]), 3)
    0.707
    """
    halves = _split(np.asarray(chains, dtype=float))
    length = halves.shape[1]
    within = halves.var(axis=1, ddof=1).mean()
    between = halves.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else np.inf
    return float(np.sqrt((length - 1) / length + between / within))


def effective_size(chains: ArrayLike) -> float:
    """Estimate how many independent draws would tell the mean as well.

    Parameters
    ----------
    chains : array_like, (chains, draws)
        Draws of one functional; at least four a chain.

    Returns
    -------
    float
        Geyer's (1992) initial monotone sequence over the split chains, at most ``N log10 N`` (Vehtari et
        al. 2021); the number of draws when nothing varies.

    Examples
    --------
    >>> effective_size([[1.0, 1.0, 1.0, 1.0]])
    4.0
    """
    halves = _split(np.asarray(chains, dtype=float))
    count, length = halves.shape
    total = halves.size
    covariance = np.mean([_autocovariance(h) for h in halves], axis=0)
    within = covariance[0] * length / (length - 1)
    pooled = within * (length - 1) / length + (halves.mean(axis=1).var(ddof=1) if count > 1 else 0.0)
    if pooled == 0:
        return float(total)
    correlation = 1 - (within - covariance * length / (length - 1)) / pooled
    correlation[0] = 1.0
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    stop = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else pairs.size
    time = 2 * np.minimum.accumulate(pairs[: max(stop, 1)]).sum() - 1
    return float(min(total / max(time, 1 / np.log10(total)), total * np.log10(total)))


def _split(chains: Floats) -> Floats:
    half = chains.shape[1] // 2
    return np.vstack([chains[:, :half], chains[:, -half:]])


def _autocovariance(x: Floats) -> Floats:
    centred = x - x.mean()
    spectrum = np.fft.rfft(centred, 2 * x.size)
    return np.asarray(np.fft.irfft(np.abs(spectrum) ** 2, 2 * x.size)[: x.size] / x.size)
