"""Scores of one sample as Bayesian models read them: sufficient statistics by pattern, and rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.observations import Observations, observe
from iom_causal.inputs.pairs import BOTH
from iom_causal.inputs.rows import sample_of_rows
from iom_causal.inputs.sample import SampleAccount, left_out, unlike_time
from iom_causal.moments import Moments
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.numerics.posterior.score_pairs import PatternMoments, pattern_moments
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]

LEAST_PAIRS = 2
ROUNDED_TO_ONE = 1 - 1e-6
"""The correlation that stands for a reported one of 1: figures are rounded, and people do not lie on a line."""
NAMES = ("mean_pre", "sd_pre", "mean_post", "sd_post", "r")


class ScoreData(NamedTuple):
    """Scores of one sample, and what sufficient statistics keep of them.

    Attributes
    ----------
    moments : PatternMoments
        By pattern of what was observed.
    outcome, weight : ndarray or None
        (n, 2) and (n,); none of a published table.
    lost : float
        Share of all selected people without a score after.
    used : int
        People with a score in some window.
    sample : SampleAccount
        The account of the people.
    """

    moments: PatternMoments
    outcome: Floats | None
    weight: Floats | None
    lost: float
    used: int
    sample: SampleAccount


def read_people(panel: Panel) -> ScoreData:
    """Return the scores of the managed people of a panel without replicates."""
    seen = observe(panel, two=True)
    two = seen.people
    outcome = two.outcome.astype(np.float64)
    weight = np.ones(two.n) if two.weight is None else two.weight.astype(np.float64)
    total, known = weight.sum(), ~np.isnan(outcome)
    return ScoreData(
        moments=pattern_moments(outcome, weight),
        outcome=outcome,
        weight=weight,
        lost=float(weight @ ~known[:, 1] / total) if total > 0 else 0.0,
        used=round(float(weight @ known.any(-1))),
        sample=_account(seen),
    )


def _account(seen: Observations) -> SampleAccount:
    return sample_of_rows(seen, rates=False, incomplete=True)


def read_reported(m: Moments, name: str) -> ScoreData:
    """Return what a published table reports of scores, the people without a later one among them.

    Raises
    ------
    InputError
        IOM-E067 where it lacks the moments of those with both.
    """
    before, sd1, after, sd2, r = m.require(*NAMES, purpose=name)
    given = m.n_input or m.n
    r = max(min(r, ROUNDED_TO_ONE), -ROUNDED_TO_ONE)
    df = m.n - 1
    alone = _without_later(m) if given > m.n else (0.0, 0.0, 0.0)
    figures = (m.n, before, after, df * sd1**2, df * r * sd1 * sd2, df * sd2**2, *alone, 0.0, 0.0, 0.0)
    days = None if m.exposure is None else np.array(m.exposure)
    told = f"{m.n} of {given} people have {BOTH}; {given - m.n} with some windows inform the fit as well"
    some = (told,) if alone[0] else left_out(m.n, m.n_input, BOTH)
    notes = ("from printed figures", *some, *unlike_time(days, m.kind))
    return ScoreData(
        moments=PatternMoments(*(np.asarray(x, dtype=np.float64) for x in figures)),
        outcome=None,
        weight=None,
        lost=1 - m.n / given,
        used=m.n + round(alone[0]),
        sample=SampleAccount(m.name, given, notes),
    )


def _without_later(m: Moments) -> tuple[float, float, float]:
    """Return number, mean and sum of squares before of people without a later score: all less completers."""
    if m.mean_pre_input is None or m.sd_pre_input is None or m.n_input is None:
        return 0.0, 0.0, 0.0
    n, lost = m.n, m.n_input - m.n
    before, sd = m.require("mean_pre", "sd_pre", purpose="people without a later score")
    mean = (m.n_input * m.mean_pre_input - n * before) / lost
    between = n * lost / m.n_input * (mean - before) ** 2
    squares = (m.n_input - 1) * m.sd_pre_input**2 - (n - 1) * sd**2 - between
    return float(lost), mean, max(squares, 0.0)


def rows_of(data: ScoreData, name: str) -> Floats:
    """Return the scores, (n, 2), each row as often as it counts; of a published table rows that report the same.

    Raises
    ------
    InputError
        IOM-E076 for weights that are not whole.
    """
    if data.outcome is None or data.weight is None:
        return rows_like(data.moments)
    if (data.weight != np.rint(data.weight)).any():
        raise InputError("IOM-E076", f"{name}: its PyMC model needs weights that are whole numbers of people")
    rows = np.repeat(data.outcome, data.weight.astype(np.int64), axis=0)
    return np.asarray(rows[~np.isnan(rows).all(-1)])


def rows_like(m: PatternMoments) -> Floats:
    """Return rows, (n, 2), with exactly these sufficient statistics: one of many such sets, and not the people.

    Examples
    --------
    >>> m = pattern_moments([[1.0, 2.0], [3.0, 2.5], [5.0, 7.0], [2.0, np.nan]], np.ones(4))
    >>> again = pattern_moments(rows_like(m), np.ones(4))
    >>> bool(np.allclose(np.array(again), np.array(m)))
    True
    """
    n, k = round(float(m.pairs)), round(float(m.n_before))
    grid = np.linspace(-1, 1, n) / np.sqrt(2)
    basis = np.column_stack([np.zeros(n), grid])  # of two people, who lie on a line
    if n > 2:
        basis = np.linalg.qr(np.column_stack([np.ones(n), grid, grid**2]))[0][:, [2, 1]]
    spread = np.array([[m.before_ss, m.cross], [m.cross, m.after_ss]], dtype=np.float64)
    roots, vectors = np.linalg.eigh(spread)
    both = np.array([m.before, m.after]) + basis @ (vectors * np.sqrt(np.maximum(roots, 0.0))).T
    line = np.linspace(-1, 1, k) if k > 1 else np.zeros(k)
    length = float(np.sqrt((line**2).sum())) or 1.0
    alone = m.before_alone + line * np.sqrt(m.before_alone_ss) / length
    return np.concatenate([both, np.column_stack([alone, np.full(k, np.nan)])])


def gaps_of(panel: Panel) -> NDArray[np.bool_]:
    """Return which scores of the managed people are missing, (n, 2)."""
    two = panel.managed.prepost()
    outcome = two.outcome if two.replicates is None else two.outcome[0]
    return np.asarray(np.isnan(outcome.astype(np.float64)))


def check_kind(panel: Panel | Moments, name: str) -> None:
    """Refuse what is no score: a normal distribution is none of counts.

    Raises
    ------
    InputError
        IOM-E066.
    """
    if panel.kind != "score":
        raise InputError("IOM-E066", f'{panel.name}: {name} needs kind="score", got a {panel.kind}')


def check_span(data: ScoreData, span: tuple[float, float] | None) -> None:
    """Refuse scores whose mean lies outside the scores that an instrument is said to give.

    Raises
    ------
    InputError
        IOM-E092.
    """
    m = data.moments
    means = (float(m.all_before[1]), float(m.after))
    if span is not None and not all(span[0] <= mean <= span[1] for mean in means):
        raise InputError(
            "IOM-E092",
            f"{data.sample.outcome}: the scores lie outside the stated span, {span[0]:g} to {span[1]:g}: expected the "
            "lowest and the highest score that the instrument gives",
        )


def check_scores(data: ScoreData, *, cut: float | None, grid: float, error: bool) -> None:
    """Refuse scores that cannot be fitted: too few pairs, some below the cut, or without a spread of their own.

    Parameters
    ----------
    data : ScoreData
        The scores.
    cut, grid : float
        The lowest score before with which people were selected, and the step to which scores are rounded.
    error : bool
        Whether an error of measurement is stated, which is a spread of its own.

    Raises
    ------
    InputError
        IOM-E060 or IOM-E092.
    DegenerateDataError
        IOM-E063 or IOM-E065.
    """
    m, name = data.moments, data.sample.outcome
    if m.pairs < LEAST_PAIRS:
        raise InputError(
            "IOM-E060", f"{name}: n={round(float(m.pairs))} people with both windows; expected at least {LEAST_PAIRS}"
        )
    if cut is not None and data.outcome is not None and (data.outcome[:, 0] < cut - grid / 2).any():
        raise InputError(
            "IOM-E092", f"{name}: some people have a score before below the cut, so that it was not the rule"
        )
    if not (cut is None and error):
        _check_spread(data)


def _check_spread(data: ScoreData) -> None:
    m, name = data.moments, data.sample.outcome
    if _none(m.all_before[2], m.before) or _none(m.after_ss, m.after):
        raise DegenerateDataError("IOM-E065", f"{name}: everybody has the same score in a window")
    if m.pairs > LEAST_PAIRS and data.outcome is not None:
        if m.before_ss + m.after_ss - 2 * m.cross <= NOISE * m.after_ss:
            raise DegenerateDataError("IOM-E063", f"{name}: everybody changed alike, so there is no spread of changes")
        if m.before_ss > 0 and m.after_ss - m.cross**2 / m.before_ss <= NOISE * m.after_ss:
            raise DegenerateDataError("IOM-E065", f"{name}: all scores after lie on a line over those before")


def _none(squares: Floats, mean: Floats) -> bool:
    return bool(squares <= (NOISE * np.abs(mean)) ** 2)
