"""Coefficients of regressions over replicates as columns of results."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimators.shared.coefficients import standard_errors
from iom_causal.inputs.blocks import RowBlock
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.mixed.regressions import Fits

Floats = NDArray[np.float64]


def block_estimates(
    block: RowBlock,
    fits: Fits,
    words: Estimate,
    terms: tuple[str, ...],
    *,
    n_used: NDArray[np.int64],
    numbers: ArrayLike | None,
    notes: tuple[tuple[str, ...], ...] = (),
) -> Estimates:
    """Return the columns of one coefficient over replicates, with all of them as parts.

    Parameters
    ----------
    block : RowBlock
        The people.
    fits : Fits
        The coefficients, on the link scale.
    words : Estimate
        What a result says beside its numbers; `coefficient` is the term that is the estimate.
    terms : tuple of str
        The coefficients' names.
    n_used : ndarray
        (R,) people used.
    numbers : array_like or None
        The replicates' numbers.
    notes : tuple of tuple of str
        Of each replicate, after those of the block.
    """
    errors = standard_errors(fits.cov)
    parts = {term: _part(fits, errors[:, k], k, words.conf_level) for k, term in enumerate(terms)}
    shown = parts[words.coefficient or terms[0]]
    back: Any = np.exp if words.scale == "ratio" else np.asarray
    return Estimates(
        outcome=words.outcome,
        method=words.method,
        estimand=words.estimand,
        term=words.term,
        scale=words.scale,
        std_error_scale=words.std_error_scale,
        conf_level=words.conf_level,
        estimate=back(shown.estimate),
        std_error=shown.std_error,
        statistic=shown.statistic,
        df=fits.df,
        p_value=shown.p_value,
        conf_low=back(shown.conf_low),
        conf_high=back(shown.conf_high),
        n_input=block.n_input,
        n_used=n_used,
        numbers=numbers,
        parts=FrozenMap(parts),
        cov=np.where(fits.sound[:, None, None], fits.cov, np.nan),
        notes=tuple(a + b for a, b in zip(block.notes, notes or ((),) * len(block.notes), strict=True)),
        base=words,
    )


def _part(fits: Fits, errors: Floats, k: int, level: float) -> PartColumns:
    df = np.where(fits.sound, fits.df, 1.0)
    value = np.where(fits.sound, fits.values[:, k], np.nan)
    with np.errstate(invalid="ignore"):
        se = np.where(fits.sound & (errors > 0), errors, np.nan)
        t = value / se
    half = t_isf((1 - level) / 2, df) * se
    return PartColumns(value, se, t, t_two_sided(t, df), value - half, value + half)
