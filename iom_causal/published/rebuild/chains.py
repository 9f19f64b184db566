"""Markov chains conditioned on a published table: their number, starts, length and diagnostics."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError
from iom_causal.numerics.printed.chain_diagnostics import effective_size, split_r_hat
from iom_causal.numerics.printed.metropolis import PairWindows
from iom_causal.numerics.printed.reconstruction import WIDE, PairDraws, log_weights, sample_pairs
from iom_causal.published.rebuild.change_patterns import FEATURES

Ints = NDArray[np.int64]

CHAINS = 4
FEWEST = 4
"""Draws below which a chain's mixing cannot be judged; fewer draws come from a single chain."""
BURN_IN, THIN, SPACING = 1000, 2, 100
"""Proposals per person before the first look, between two looks at least, and between two draws wanted
(of pairs; a fifth of that for a single variable)."""
MAX_STEP, WIDE_STEP = 4, 64
"""Largest step of one value, and the one in a wide support."""
RESIDUALS = ("sum before", "squares before", "sum after", "squares after", "squared changes", "extremes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """Convergence diagnostics of the chains of one outcome under one base measure, by one functional.

    Parameters
    ----------
    outcome, measure, functional : str
        What was drawn, under which base measure, and the count of people that was followed.
    chains, draws, proposals : int
        How many chains, states recorded and moves proposed, over all chains.
    acceptance, feasible : float
        Shares of proposals accepted, and of visited states that satisfied every constraint.
    mean : float
        The functional's mean over the draws.
    ess, r_hat : float or None
        Effective sample size and split R-hat; None with fewer than four draws a chain.
    """

    outcome: str
    measure: str
    functional: str
    chains: int
    draws: int
    proposals: int
    acceptance: float
    feasible: float
    mean: float
    ess: float | None
    r_hat: float | None


@dataclass(frozen=True, slots=True)
class ChainDraws:
    """Draws of one outcome, in grid units, grouped by base measure.

    Parameters
    ----------
    x, y : ndarray of int64, (draws, people) and (draws, followed)
        The first people are those followed.
    reports : tuple of ChainReport
        One a functional and measure.
    """

    x: Ints
    y: Ints
    reports: tuple[ChainReport, ...]


def run_chains(
    windows: PairWindows,
    *,
    outcome: str,
    shares: Sequence[tuple[str, int]],
    budget: int,
    rng: np.random.Generator,
) -> ChainDraws:
    """Sample from each base measure conditioned on the constraints, by parallel Metropolis chains.

    Parameters
    ----------
    windows : PairWindows
        The constraints that the draws have to satisfy.
    outcome : str
        Its name, for messages and reports.
    shares : sequence of (str, int)
        Base measures, and how many draws each gives.
    budget : int
        The most proposals of each chain.
    rng : Generator
        Gives each chain its key.

    Raises
    ------
    ConvergenceError
        IOM-E111 when a chain used its budget first; the message holds the residual distances.
    """
    jobs = [
        (measure, chain, size) for measure, draws in shares for chain, size in enumerate(chain_sizes(draws)) if size
    ]
    keys = rng.integers(2**63, size=len(jobs))

    def work(job: tuple[tuple[str, int, int], np.int64]) -> PairDraws:
        (measure, chain, size), key = job
        return _run(windows, measure=measure, chain=chain, draws=size, budget=budget, key=int(key))

    with ThreadPoolExecutor(max_workers=min(len(jobs), os.cpu_count() or 1)) as pool:
        runs = list(pool.map(work, zip(jobs, keys, strict=True)))
    for (_, _, size), run in zip(jobs, runs, strict=True):
        _require(run, size, outcome)
    reports = [
        report
        for measure, _ in shares
        for report in _reports(
            outcome, measure, [run for job, run in zip(jobs, runs, strict=True) if job[0] == measure]
        )
    ]
    x, y = (np.concatenate([getattr(run, axis) for run in runs]) for axis in "xy")
    return ChainDraws(x, y, tuple(reports))


def chain_sizes(draws: int) -> tuple[int, ...]:
    """Return the number of draws of each chain: four chains where each then has enough for diagnostics."""
    chains = CHAINS if draws >= CHAINS * FEWEST else 1
    return tuple(draws // chains + (c < draws % chains) for c in range(chains))


def _run(windows: PairWindows, *, measure: str, chain: int, draws: int, budget: int, key: int) -> PairDraws:
    lx, hx, ly, hy = windows.support
    n, m = windows.people, max(windows.followed, 1)
    mean_x, mean_y = sum(windows.sum_x) / 2 / n, sum(windows.sum_y) / 2 / m
    burn_in = min(BURN_IN * n, budget // 4)
    return sample_pairs(
        windows,
        weight_x=log_weights(measure, lx, hx, mean_x, sum(windows.spread_x) / 2 / n),
        weight_y=log_weights(measure, ly, hy, mean_y, sum(windows.spread_y) / 2 / m),
        key=key,
        draws=draws,
        thin=THIN * n,
        limit=budget - burn_in,
        burn_in=burn_in,
        spacing=SPACING * n if windows.followed else SPACING * n // 5,
        spread=chain / CHAINS,
        max_step=WIDE_STEP if max(hx - lx, hy - ly) >= WIDE else MAX_STEP,
    )


def _require(run: PairDraws, wanted: int, outcome: str) -> None:
    if len(run.x) >= wanted:
        return
    left = ", ".join(f"{name} {gap:g}" for name, gap in zip(RESIDUALS, run.residual, strict=True) if gap)
    raise ConvergenceError(
        "IOM-E111",
        f"{outcome}: expected {wanted} draws from a chain of {run.proposals} proposals, got {len(run.x)}; "
        f"nearest distances: {left or 'none'}; raise the budget (this does not show that none exist)",
    )


def _reports(outcome: str, measure: str, runs: Sequence[PairDraws]) -> list[ChainReport]:
    proposals, looked = (sum(counts) for counts in zip(*((r.proposals, r.looked) for r in runs), strict=True))
    draws = sum(len(run.x) for run in runs)
    reports = []
    for name, counts in _functionals(runs).items():
        even = np.array([c[: min(c.size for c in counts)] for c in counts])
        judged = even.shape[1] >= FEWEST
        reports.append(
            ChainReport(
                outcome=outcome,
                measure=measure,
                functional=name,
                chains=len(runs),
                draws=draws,
                proposals=proposals,
                acceptance=sum(run.accepted for run in runs) / proposals,
                feasible=draws / looked,
                mean=float(np.concatenate(counts).mean()),
                ess=effective_size(even) if judged else None,
                r_hat=split_r_hat(even) if judged else None,
            )
        )
    return reports


def _functionals(runs: Sequence[PairDraws]) -> dict[str, list[Ints]]:
    """Return the monitored functionals, one array a chain: change patterns; of one variable, people below the mean."""
    followed = runs[0].y.shape[1]
    if not followed:
        return {"below the mean": [(r.x < r.x.mean(axis=1, keepdims=True)).sum(axis=1) for r in runs]}
    return {name: [has(run.x[:, :followed], run.y).sum(axis=1) for run in runs] for name, has in FEATURES.items()}
