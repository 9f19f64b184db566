"""Simulated careers against the same model month by month in numpy and in a plain loop, and on two threads."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.confounds import Ageing, Breach, Custody, Detection, History, Season
from iom_causal.simulate import Careers, Programme

PEOPLE, REPLICATES, ROUNDS = 225, 400, 9
MONTHS, POST = 36, 18
QUICK = {"ROUNDS": 1, "REPLICATES": 20}
RATE, OWN, DRIFT, BACK, STOP, RATIO = 2.0, 0.8, 0.6, 0.4, 0.06, 0.8
CUSTODY, STAY = 0.2, 0.3

EVERY = Careers(
    people=PEOPLE,
    rate=RATE,
    own_sd=OWN,
    drift_sd=DRIFT,
    return_rate=BACK,
    desistance=STOP,
    burn_in_months=0,
    women=0.16,
    programme=Programme(ratio=RATIO, ramp_years=0.25),
    confounds=(
        Ageing(),
        Season(amplitude=0.05),
        History(ratio=0.85),
        Detection(ratio=0.95),
        Custody(custody_per_arrest=CUSTODY, stay_years=STAY, free_at_start=0.9),
        Breach(after=0.1, unit="per_year"),
    ),
)
"""Every channel that the paper's register asks for, both courses lived: 54 person-months a person."""


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    months = PEOPLE * (MONTHS + POST)
    scale = (MONTHS + POST) / MONTHS  # the peers live one course, ours lives both
    work = f"one replicate of {PEOPLE}, both courses, all channels"
    row = partial(in_rounds, rounds=ROUNDS)
    one = row(
        work,
        lambda: EVERY.batch(REPLICATES, rng=1),
        "numpy, month by month, one course, drift, custody and stopping alone",
        lambda: _numpy(np.random.default_rng(1)),
        shares=(1 / REPLICATES, scale),
        target=17,
    )
    rate = months / one["ours_seconds"] / 1e6
    yield one | {"note": f"{rate:.0f} million person-months a second; the peer has fewer channels"}
    yield row(
        work,
        lambda: EVERY.batch(REPLICATES, rng=1),
        "plain Python loop, the same",
        lambda: _loop(np.random.default_rng(1), 20),
        shares=(1 / REPLICATES, scale * PEOPLE / 20),
        target=175,
        note="the peer has fewer channels",
    )
    yield row(
        f"{4 * REPLICATES} replicates on two threads",
        lambda: EVERY.batch(4 * REPLICATES, rng=1, threads=2),
        "one thread",
        lambda: EVERY.batch(4 * REPLICATES, rng=1),
        seconds="wall",
        target=1.93,
        answers=(_counts, _counts),
        note="less than 1.93 where other work has the second core",
    )


def _counts(world: Any) -> Any:
    return world.treated.events


def _numpy(rng: np.random.Generator) -> int:
    """Live one cohort month by month in arrays: counts by Poisson draws, custody by remaining stays."""
    level = np.exp(OWN * rng.standard_normal(PEOPLE) - OWN**2 / 2)
    drift, active = rng.standard_normal(PEOPLE), np.ones(PEOPLE, dtype=bool)
    held, keep = np.zeros(PEOPLE), math.exp(-BACK / 12)
    total = 0
    for m in range(MONTHS):
        free = np.clip(1 - held * 12, 0, 1)
        rate = RATE / 12 * level * np.exp(DRIFT * drift - DRIFT**2 / 2) * active * free
        if m >= MONTHS - POST:
            rate *= RATIO * 0.85
        count = rng.poisson(rate)
        total += int(count.sum())
        stays = rng.exponential(STAY, PEOPLE) * (rng.random(PEOPLE) < 1 - (1 - CUSTODY) ** count)
        held = np.maximum(held - 1 / 12, 0) + stays
        drift = keep * drift + math.sqrt(1 - keep**2) * rng.standard_normal(PEOPLE)
        active &= rng.random(PEOPLE) >= STOP / 12
    return total


def _loop(rng: np.random.Generator, people: int) -> int:
    total, keep = 0, math.exp(-BACK / 12)
    for _ in range(people):
        level, drift, held, active = math.exp(OWN * rng.standard_normal()), rng.standard_normal(), 0.0, True
        for m in range(MONTHS):
            free = min(max(1 - held * 12, 0.0), 1.0)
            rate = RATE / 12 * level * math.exp(DRIFT * drift) * active * free
            count = int(rng.poisson(rate * (RATIO if m >= MONTHS - POST else 1.0)))
            total += count
            held = max(held - 1 / 12, 0.0)
            for _ in range(count):
                if rng.random() < CUSTODY:
                    held += rng.exponential(STAY)
            drift = keep * drift + math.sqrt(1 - keep**2) * rng.standard_normal()
            active = active and rng.random() >= STOP / 12
    return total
