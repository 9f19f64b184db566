"""Count models with random effects, against R's glmer and glmmTMB and Python's pyfixest, in CPU seconds.

R's rows need Rscript with lme4 and glmmTMB. The large panel takes R minutes a fit: set LARGE=1 in the environment.
PYFIXEST names a Python that can import pyfixest.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.poisson_fixed_effects import PoissonFixedEffects
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.panel import Panel
from iom_causal.windows import Window

PEOPLE, MANY, MONTHS, REPLICATES, ROUNDS = 225, 20_000, 36, 1000, 7
SCRIPT = Path(__file__).with_name("mixed.R")
FIXEST = """
import sys, time, pandas as pd, pyfixest as pf
d = pd.read_csv(sys.argv[1]); d["log_days"] = __import__("numpy").log(d["days"])
pf.fepois("y ~ post | id", data=d)
t = time.process_time(); pf.fepois("y ~ post | id", data=d); print(time.process_time() - t)
"""


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    pairs, months = _pairs(1)[0], _months(MANY)
    made = _first_calls()
    large = bool(os.environ.get("LARGE"))
    with tempfile.TemporaryDirectory() as folder:
        files = _written(Path(folder), pairs, months)
        if shutil.which("Rscript"):
            with _r([files[0], files[1] if large else "none"]) as fit:
                made += _small(pairs, fit)
                made += _large(months, fit) if large else []
        if os.environ.get("PYFIXEST"):
            made.append(_fixest(months, files[1]))
    return made + _alone(months)


def _small(pairs: np.ndarray, fit: Callable[[str], float]) -> list[dict[str, Any]]:
    one, many = Panel.from_arrays(pairs), Panel.from_arrays(_pairs(REPLICATES))
    lognormal, negative = PoissonMixed(mixing="lognormal"), NegativeBinomialMixed()
    work = f"Poisson-lognormal, {PEOPLE} x 2"
    return [
        _row(f"{work}, one call", lambda: lognormal(one), 50, "glmer, 10 nodes", lambda: fit("glmer10")),
        _row(
            f"{work}, {REPLICATES} replicates in one call, a fit",
            lambda: lognormal.batch(many),
            1 / REPLICATES,
            "glmer, 10 nodes",
            lambda: fit("glmer10"),
        ),
        _row(
            f"NB2 with lognormal intercept, {PEOPLE} x 2, one call",
            lambda: negative(one),
            20,
            "glmmTMB",
            lambda: fit("nbinom2"),
        ),
    ]


def _large(months: Panel, fit: Callable[[str], float]) -> list[dict[str, Any]]:
    spec = PoissonMixed(mixing="lognormal")
    work = f"Poisson-lognormal, {MANY} x {MONTHS}, own exposure"
    peers = {"glmmTMB": "months_glmmTMB", "glmer, Laplace": "months_glmer"}
    return [
        _row(work, lambda: spec(months), 3, peer, lambda name=name: fit(name), rounds=1) for peer, name in peers.items()
    ]


def _fixest(months: Panel, file: str) -> dict[str, Any]:
    def theirs() -> float:
        done = subprocess.run([os.environ["PYFIXEST"], "-c", FIXEST, file], capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1])

    plain = Panel.from_arrays(months.outcome, windows=months.windows)
    return _row(
        f"Poisson fixed effects, {MANY} x {MONTHS}",
        lambda: PoissonFixedEffects()(plain),
        5,
        "pyfixest fepois",
        theirs,
        rounds=3,
    )


def _alone(months: Panel) -> list[dict[str, Any]]:
    """Ours with a trend, which leaves nothing to add up, and ours on a million people."""
    made = []
    for spec in (PoissonMixed(mixing="lognormal", covariates="time"), PoissonFixedEffects(covariates="time")):
        seconds = min(_cpu(lambda spec=spec: spec(months), 1) for _ in range(3))
        made.append(_line(f"{type(spec).__name__} with a trend, {MANY} x {MONTHS}", seconds, "none", 0.0, ""))
    return made


def million() -> dict[str, Any]:
    """Measure a million people by 36 months; needs 2 GB."""
    panel = _months(1_000_000)
    seconds = _cpu(lambda: PoissonMixed(mixing="lognormal")(panel), 1)
    return _line("Poisson-lognormal, 1,000,000 x 36, own exposure", seconds, "none", 0.0, "")


def _first_calls() -> list[dict[str, Any]]:
    """Wall seconds of the first call in a new process, with the machine code on disk."""
    code = (
        "import time; from iom_causal.panel import Panel; from iom_causal.estimators.poisson_mixed import PoissonMixed;"
        "p = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]]); t = time.perf_counter();"
        "PoissonMixed(mixing='lognormal')(p); print(time.perf_counter() - t)"
    )
    PoissonMixed(mixing="lognormal")(Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]]))
    empty = tempfile.mkdtemp()
    times = []
    for extra in ({}, {"NUMBA_CACHE_DIR": empty}):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **extra}
        )
        times.append(float(done.stdout))
    shutil.rmtree(empty)
    return [_line("first call in a process, code on disk", times[0], "compiling it", times[1], "wall seconds")]


def _pairs(replicates: int) -> np.ndarray:
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


def _written(folder: Path, pairs: np.ndarray, months: Panel) -> tuple[str, str]:
    small, big = folder / "pairs.csv", folder / "months.csv"
    np.savetxt(small, np.column_stack([np.arange(PEOPLE), pairs]), "%d", ",", header="id,before,after", comments="")
    who = np.repeat(np.arange(months.n), MONTHS)
    post = np.tile([int(w.post) for w in months.windows], months.n)
    table = np.column_stack([who, post, np.asarray(months.exposure).ravel(), months.outcome.ravel()])
    np.savetxt(big, table, "%d", ",", header="id,post,days,y", comments="")
    return str(small), str(big)


@contextmanager
def _r(arguments: list[str]) -> Iterator[Callable[[str], float]]:
    command = [shutil.which("Rscript") or "Rscript", str(SCRIPT), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes to R")
        process.stdout.readline()

        def fit(name: str) -> float:
            print(name, file=process.stdin, flush=True)
            return float(process.stdout.readline())

        yield fit
        process.stdin.close()


def _row(
    work: str, ours: Callable[[], Any], times: float, peer: str, theirs: Callable[[], float], rounds: int = ROUNDS
) -> dict[str, Any]:
    """Compare CPU seconds; `times` calls of ours a round, or the share of one that is a unit of work."""
    ours()
    if rounds > 1:
        theirs()
    measured = [(_cpu(ours, max(int(times), 1)) * min(times, 1.0), theirs()) for _ in range(rounds)]
    ratio = median(b / a for a, b in measured)
    mine, other = (median(column) for column in zip(*measured, strict=True))
    return _line(work, mine, peer, other, f"CPU, {rounds} rounds") | {"ratio": ratio}


def _cpu(work: Callable[[], Any], times: int) -> float:
    begun = process_time()
    for _ in range(times):
        work()
    return (process_time() - begun) / times


def _line(work: str, seconds: float, peer: str, peer_seconds: float, note: str) -> dict[str, Any]:
    return {
        "work": work,
        "ours_seconds": seconds,
        "peer": peer,
        "peer_seconds": peer_seconds,
        "ratio": peer_seconds / seconds,
        "note": note,
    }


if __name__ == "__main__":
    begun = perf_counter()
    for row in rows():
        print(row)
    print(f"{perf_counter() - begun:.0f} s")
