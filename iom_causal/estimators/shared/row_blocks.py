"""People by windows of many replicates at once, for the regressions that have a kernel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimators.shared.coefficients import standard_errors
from iom_causal.inputs.pairs import Frame
from iom_causal.inputs.rows import LEAST_PEOPLE, exposure_words, row_notes
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.mixed.regressions import Fits
from iom_causal.panel import Panel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowBlock:
    """What `Rows` holds, of people who have every window and over replicates.

    Attributes
    ----------
    y : ndarray
        (R, n, T) outcomes, 0 for people who do not count.
    treated : ndarray
        (n, T) whether a window is under the programme.
    weight : ndarray
        (R, n) how often a person counts; 0 for people who lack a window.
    days : ndarray or None
        (T,), (n, T) or (R, n, T) days at risk.
    n_input : ndarray
        (R,) people given.
    notes : tuple of tuple of str
        Of each replicate.
    odd : ndarray
        (R,) replicates with too few people, or with weights that are no whole numbers: for the single call to refuse.
    frame : Frame
        Name and what the print fixes.
    kind, exposure : str
        The kind of outcome, and the exposure in words.
    """

    y: Floats
    treated: Floats
    weight: Floats
    days: Floats | None
    n_input: NDArray[np.int64]
    notes: tuple[tuple[str, ...], ...]
    odd: NDArray[np.bool_]
    frame: Frame
    kind: str
    exposure: str


def row_block(panel: Panel, *, rates: bool = False, all_people: bool = False) -> RowBlock:
    """Lay out a panel with or without replicates, without covariates.

    Parameters
    ----------
    panel : Panel
        The people.
    rates, all_people : bool
        As in `person_rows`.
    """
    flat = panel if all_people else panel.managed
    outcome = flat.outcome.astype(np.float64)
    outcome = outcome if outcome.ndim == 3 else outcome[None]
    known = ~np.isnan(outcome)
    given = np.ones(flat.n) if flat.weight is None else flat.weight.astype(np.float64)
    given = np.broadcast_to(given, outcome.shape[:2])
    weight = np.where(known.all(-1), given, 0.0)
    odd = (weight.sum(-1) < LEAST_PEOPLE) | (given != np.rint(given)).any(-1)
    alike = known.all() and (flat.weight is None or flat.weight.ndim == 1)
    different = range(1 if alike else len(outcome))
    notes = [row_notes(panel, flat, np.rint(given[r]).astype(np.int64), known[r], rates=rates) for r in different]
    return RowBlock(
        y=np.where(weight[..., None] > 0, np.nan_to_num(outcome), 0.0),
        treated=flat.treated.astype(np.float64),
        weight=weight,
        days=flat.exposure,
        n_input=np.rint(given.sum(-1)).astype(np.int64),
        notes=tuple(notes * len(outcome) if alike else notes),
        odd=odd,
        frame=Frame(flat.name, flat.n, (), flat.fixed_by_print),
        kind=flat.kind,
        exposure=exposure_words(flat) if rates else "not used",
    )


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
