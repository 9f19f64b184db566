"""Count models with random effects, against R's glmer and glmmTMB and Python's pyfixest, in CPU seconds.

The answers that are to agree are log rate ratios. R takes minutes over the large panel, and compiling a minute or more:
--full alone asks for them.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from peers import Peer, columns, python, r, text
from rounds import Told, in_rounds

from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.poisson_fixed_effects import PoissonFixedEffects
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.panel import Panel
from iom_causal.windows import Window

PEOPLE, MANY, MONTHS, REPLICATES, ROUNDS = 225, 20_000, 36, 1000, 5
LARGE = False
QUICK = {"MANY": 500, "REPLICATES": 50, "ROUNDS": 1}
FULL = {"LARGE": True}
SCRIPT = Path(__file__).with_name("mixed.R")

LOGNORMAL, GAMMA = PoissonMixed(mixing="lognormal"), PoissonMixed(mixing="gamma")
FRONT = (
    "asked of the bare kernel; of one call a ninth is the fit, the rest checks, columns, tests and words in small steps"
)
BATCH = "asked of the bare kernel; nine tenths of ours is the fit, the rest columns"
NB2 = (
    "asked of the bare kernel; three fifths of a call is the fit and its scores by person, the rest checks and columns"
)
TAILS = (
    "asked of the spread alone, from ready counts of totals, less than a twentieth of ours; people are counted "
    "and scored for the clustered error, and three coefficients have p-values and limits"
)
TOTALS = (
    "asked of a quotient of two ready totals; here people are added up and scored for the clustered error, and there "
    "are the log likelihood, p-values and limits"
)
MONTHLY = (
    "asked of the bare kernel; the fit is a third of ours, a ninth estimates the error of quadrature, the rest "
    "is checks and columns"
)


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    with TemporaryDirectory() as folder, r(SCRIPT) as fit, python() as ask:
        yield from _pairs_rows(folder, fit, ask)
        yield from _months_rows(folder, fit, ask)
    yield from _alone(_months(MANY))
    if LARGE:
        yield _first_calls()


def _pairs_rows(folder: str, fit: Peer, ask: Peer) -> Iterator[dict[str, Any]]:
    pairs = _pairs(REPLICATES)
    one, many = Panel.from_arrays(pairs[0]), Panel.from_arrays(pairs)
    table = _long(one)
    file, work, a_fit = text(folder, "pairs", table), f"{PEOPLE} x 2", f"of {REPLICATES:,} in one call, a fit"
    share = (1 / REPLICATES, 1.0)
    row = partial(in_rounds, rounds=ROUNDS)
    for words, ours, shares, peer, name, target, note in (
        (
            f"Poisson-lognormal, {work}, one call",
            _one(LOGNORMAL, one),
            (1, 1),
            "glmer, 10 nodes",
            "glmer10",
            300,
            FRONT,
        ),
        (
            f"Poisson-lognormal, {work}, {a_fit}",
            _batch(LOGNORMAL, many),
            share,
            "glmer, 10 nodes",
            "glmer10",
            1709,
            BATCH,
        ),
        (f"Poisson-lognormal, {work}, {a_fit}", _batch(LOGNORMAL, many), share, "glmmTMB", "poisson", 5438, BATCH),
        (
            f"Poisson-gamma, {work}, {a_fit}",
            _batch(GAMMA, many),
            share,
            "glmmTMB, whose frailty is lognormal",
            "poisson",
            3.6e5,
            TAILS,
        ),
        (
            f"NB2 with lognormal intercept, {work}, one call",
            _one(NegativeBinomialMixed(), one),
            (1, 1),
            "glmmTMB",
            "nbinom2",
            652,
            NB2,
        ),
    ):
        yield row(
            words,
            ours,
            peer,
            partial(fit, name, file),
            shares=shares,
            answers=(_log_ratio, np.squeeze),
            target=target,
            note=note,
        )
    file = columns(folder, "pairs", table)
    yield row(
        f"Poisson fixed effects, {work}, {a_fit}",
        _batch(PoissonFixedEffects(), many),
        "pyfixest fepois",
        lambda: ask("fepois", file, "y ~ post | id", "id", "post"),
        shares=share,
        answers=(_log_ratio, np.squeeze),
        target=1e6,
        note=TOTALS,
    )


def _months_rows(folder: str, fit: Peer, ask: Peer) -> Iterator[dict[str, Any]]:
    few = _months(PEOPLE)
    work, file = f"Poisson-lognormal, {{:,}} x {MONTHS}, own exposure", text(folder, "few", _long(few))
    row = partial(in_rounds, seconds="CPU", answers=(_log_ratio, np.squeeze))
    for peer, name, target in (("glmer, 10 nodes", "glmer10", 1550), ("glmmTMB", "poisson", 654)):
        yield row(
            work.format(PEOPLE),
            _one(LOGNORMAL, few),
            peer,
            partial(fit, name, file),
            rounds=min(ROUNDS, 3),
            target=target,
            note=MONTHLY,
        )
    many = _months(MANY)
    if LARGE:
        file = text(folder, "many", _long(many))
        for peer, name, target in (
            ("glmmTMB", "poisson", 424),
            ("glmer, Laplace", "glmer1", 2180),
            ("glmer, nAGQ = 0", "glmer0", 124),
        ):
            yield row(
                work.format(MANY),
                _one(LOGNORMAL, many),
                peer,
                partial(fit, name, file),
                rounds=1,
                target=target,
                note="one round; R's seconds differ by five times between machines",
            )
    plain = Panel.from_arrays(many.outcome, windows=many.windows)
    columned = columns(folder, "many", _long(plain))
    yield row(
        f"Poisson fixed effects, {MANY:,} x {MONTHS}",
        _one(PoissonFixedEffects(), plain),
        "pyfixest fepois",
        lambda: ask("fepois", columned, "y ~ post | id", "id", "post"),
        rounds=min(ROUNDS, 3),
        target=35,
        note="clustered errors of both",
    )


def _alone(months: Panel) -> Iterator[dict[str, Any]]:
    """Ours with a trend, which leaves nothing to add up."""
    for spec in (PoissonMixed(mixing="lognormal", covariates="time"), PoissonFixedEffects(covariates="time")):
        spec(months)
        begun = process_time()
        spec(months)
        yield {
            "work": f"{type(spec).__name__} with a trend, {MANY:,} x {MONTHS}",
            "ours_seconds": process_time() - begun,
            "seconds": "CPU",
            "peer": "none",
            "note": "no peer was asked",
        }


def _first_calls() -> dict[str, Any]:
    """Compare the first call in a new process, with the machine code on disk, to compiling it."""
    code = (
        "import time; from iom_causal.panel import Panel; from iom_causal.estimators.poisson_mixed import PoissonMixed;"
        "p = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]]); t = time.perf_counter();"
        "PoissonMixed(mixing='lognormal')(p); print(time.perf_counter() - t)"
    )

    def first(cache: str | None = None) -> Told:
        given = os.environ | ({} if cache is None else {"NUMBA_CACHE_DIR": cache})
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=given)
        return Told(float(done.stdout))

    def compiling() -> Told:
        with TemporaryDirectory() as empty:
            return first(empty)

    return in_rounds(
        "first call in a process, code on disk", first, "compiling it", compiling, rounds=1, seconds="wall"
    )


def _one(spec: Any, panel: Panel) -> Callable[[], Any]:
    return lambda: spec(panel)


def _batch(spec: Any, panel: Panel) -> Callable[[], Any]:
    return lambda: spec.batch(panel)


def _log_ratio(made: Any) -> float:
    """Return the log ratio of one fit, or of the first of a batch."""
    return float(np.log(np.ravel(made.estimate)[0]))


def _pairs(replicates: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(20121101)
    sd = np.array([0.538, 0.749])
    cov = np.outer(sd, sd) * np.array([[1, 0.794], [0.794, 1]])
    frailty = np.exp(rng.multivariate_normal(-(sd**2) / 2, cov, (replicates, PEOPLE)))
    return rng.poisson(frailty * [6.84, 3.61])


def _months(people: int) -> Panel:
    rng = np.random.default_rng(1)
    post = np.arange(MONTHS) >= MONTHS // 2
    days = rng.integers(15, 31, (people, MONTHS)).astype(float)
    rate = np.exp(rng.normal(-4.5, 0.6, people))[:, None] * np.where(post, 0.6, 1.0)
    windows = [
        Window(f"m{k}", 30 * (k - MONTHS // 2), 30 * (k + 1 - MONTHS // 2), post=bool(post[k])) for k in range(MONTHS)
    ]
    return Panel.from_arrays(rng.poisson(rate * days), exposure=days, windows=windows, name="arrests")


def _long(panel: Panel) -> dict[str, NDArray[Any]]:
    """Return a row a person and window."""
    who, window = np.indices(panel.outcome.shape)
    post = np.array([int(w.post) for w in panel.windows])
    table = {"id": who, "post": post[window], "y": np.asarray(panel.outcome)}
    if panel.exposure is not None:
        table["days"] = np.broadcast_to(np.asarray(panel.exposure), panel.outcome.shape).astype(int)
    return {name: column.ravel() for name, column in table.items()}
