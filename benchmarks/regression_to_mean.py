"""Regression to the mean in worlds whose truth is known: ``python benchmarks/regression_to_mean.py pool methods``.

Every cell is a world, a way of drawing cohorts from it and a method, worked out by a `Ledger` as a user would: the
selection rule as it was, the method with its defaults, and stated beliefs for what no data show. Its figures are kept
in a file, docs/regression_to_mean.json, from which docs/make_methods.py writes docs/methods.md; a cell that the file
holds with as many replicates is not run again.
"""

import argparse
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from time import process_time
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.confounds import Breach, Detection, RegressionToMean
from iom_causal.confounds.regression.to_mean import METHODS
from iom_causal.errors import IomCausalError
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, Selection, Window
from tests.oracles.selection_worlds import (
    BENEATH,
    PER_YEAR,
    SOFTNESS,
    WORLDS,
    Cohort,
    World,
    all_reached,
    few_places,
    two_groups,
)

FILE = Path(__file__).parents[1] / "docs" / "regression_to_mean.json"
DRAWS = 2000
CUTS = ("static gamma", "drifting lognormal", "drifting and stopping")
HISTORIES = ("mirror", "own_history", "earlier_rule", "desistance")
WHOLE = ("earlier_rule", "desistance")
"""Methods that read windows before the rule's, and those of them that need everybody who could have been selected."""
SAME_RATES = ("detection", "custody", "breach")
"""Worlds that differ from another in what has a line of its own, so that no method but the pool's is run in them."""
REPLICATES = {"comparison": 1000, "lognormal": 30, "own_history": 30, "desistance": 10}
"""Cohorts of methods that take little or much time; of the others 100."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    world : str
        A key of WORLDS.
    method : str
        Of `RegressionToMean`.
    layout : {"places", "cut", "alike", "alone"}
        Few of those whom the rule reaches managed, and a pool from the same population; everybody managed whom the
        rule reaches, with an earlier window; beside as many whom the rule reaches elsewhere; the managed people alone.
    ratio : float
        Of the programme.
    n, pool : int
        People managed and never managed; beneath a cut the pool is as large as it comes.
    months : int
        Of each window.
    """

    world: str
    method: str = "pool"
    layout: str = "places"
    ratio: float = 1.0
    n: int = 225
    pool: int = 2000
    months: int = 18

    @property
    def key(self) -> str:
        """Its name in the file."""
        pool = f"pool {self.pool}" if self.layout == "places" else self.layout
        return f"{self.method} | {self.world} | {pool} | n {self.n} | {self.months} months | ratio {self.ratio}"

    @property
    def truth(self) -> World:
        """The world."""
        return (BENEATH if self.layout == "cut" else WORLDS)[self.world]

    @property
    def windows(self) -> int:
        """How many windows the panel shows, the one after included."""
        if self.method == "desistance":
            return 4
        return 3 if self.layout == "cut" or self.method in HISTORIES else 2

    @property
    def line(self) -> RegressionToMean:
        """The method's line, with the true mean of the source population where it asks for one."""
        mean = {"comparable_mean": PER_YEAR * self.months / 12}
        given: Mapping[str, Any] = {"linear": mean, "lognormal": mean, "at_event": {"events": 1.0}}
        return RegressionToMean(method=self.method, **given.get(self.method, {}))

    @property
    def ledger(self) -> Ledger:
        """The one configuration: the method's line, and beliefs for what no data show."""
        world = self.truth
        detection = [Detection(ratio=world.detection)] if world.detection != 1 else []
        breach = [Breach(after=world.created, unit="per_year")] if world.created else []
        return Ledger([self.line, *detection, *breach], draws=DRAWS)

    @property
    def rule(self) -> Selection:
        """The selection rule as it was."""
        cut = self.truth.cut(self.months / 12)
        settings: Mapping[str, Mapping[str, Any]] = {
            "cut": {"rule": "at_least", "threshold": cut},
            "soft": {"rule": "soft", "threshold": cut, "softness": SOFTNESS},
            "noisy": {"rule": "top", "threshold": self.n},
            "rate": {"rule": "rate"},
        }
        return Selection("arrests", ("before",), timing="at_boundary", **settings[self.truth.rule])

    def cohort(self, k: int) -> Cohort:
        """Draw the k-th cohort; methods that show as many windows share cohorts."""
        name = replace(self, method="any").key
        rng = np.random.default_rng([zlib.crc32(name.encode()), k])
        sizes: Mapping[str, Any] = {
            "years": self.months / 12,
            "windows": max(self.windows, 3),
            "n": self.n,
            "ratio": self.ratio,
        }
        if self.layout == "cut":
            return all_reached(self.truth, rng, **sizes)
        if self.layout == "alike":
            return two_groups(self.truth, rng, **sizes)
        return few_places(self.truth, rng, pool=self.pool, **sizes)

    def panel(self, k: int) -> Panel:
        """Return the k-th cohort as a user's panel, with the rule as it was.

        Where nobody's time at liberty is their own a row is a history with the number of people who have it, which
        gives the same figures as a row a person in a third of the time.
        """
        counts, managed, free = self.cohort(k)
        counts, days = counts[:, -self.windows :], round(self.months / 12 * YEAR)
        if self.layout == "alone":
            counts, managed, free = counts[managed], managed[managed], None if free is None else free[managed]
        weight, exposure = None, np.full(self.windows, float(days))
        if free is None:
            rows, weight = np.unique(np.column_stack([~managed, counts]), axis=0, return_counts=True)
            managed, counts = rows[:, 0] == 0, rows[:, 1:]
        else:
            exposure = exposure * free[:, -self.windows :]
        return Panel.from_arrays(
            counts,
            windows=_windows(self.windows, days),
            exposure=exposure,
            name="arrests",
            weight=weight,
            start=np.ma.MaskedArray(np.full(len(counts), self.windows - 1), mask=~managed),
            selected=True if self.layout == "alike" else None,
            selection=self.rule,
        )


def run(cell: Cell, replicates: int) -> dict[str, Any]:
    """Return the figures of a cell: bias, coverage and errors of the log ratio, with the share that exclude 1."""
    spec, refused, made = cell.ledger, Counter[str](), []
    for k in range(replicates):
        try:
            e = spec(cell.panel(k), rng=k)
        except IomCausalError as error:
            refused[str(error).partition(":")[0]] += 1
            continue
        low, high = (e.estimate, e.estimate) if e.estimate is not None else (e.set_low, e.set_high)
        made.append((low, high, e.conf_low, e.conf_high, np.nan if e.std_error is None else e.std_error))
    figures = _figures(np.array(made, dtype=np.float64), cell.ratio) if len(made) > 1 else {}
    return asdict(cell) | {"replicates": replicates, "refused": dict(refused)} | figures


def _figures(made: NDArray[np.float64], ratio: float) -> dict[str, float | int]:
    """Return figures of estimates, of which those that are sets are judged at their lower end, and at both."""
    low, high, conf_low, conf_high = made[:, :4].T
    off = np.log(low / ratio)
    figures = {
        "bias": off.mean(),
        "sd": off.std(ddof=1),
        "covers": ((conf_low <= ratio) & (ratio <= conf_high)).mean(),
        "excludes": ((conf_low > 1) | (conf_high < 1)).mean(),
        "finds": (conf_high < 1).mean(),
    }
    if (high > low).any():
        figures["bias_high"] = np.log(high / ratio).mean()
    else:
        figures["mean_se"] = made[:, 4].mean()
    return {"used": len(made)} | {name: round(float(value), 4) for name, value in figures.items()}


def _windows(number: int, days: int) -> tuple[Window, ...]:
    names = ("earliest", "earlier", "before", "after")[-number:]
    ends = [days * (k + 2 - number) for k in range(number)]
    return tuple(Window(name, end - days, end, post=end > 0) for name, end in zip(names, ends, strict=True))


def _everywhere() -> Iterator[tuple[str, str]]:
    yield from (("places", name) for name in WORLDS)
    yield from (("cut", name) for name in BENEATH)


def _pool() -> Iterator[tuple[Cell, int]]:
    for ratio in (1.0, 0.7):
        yield from ((Cell(name, layout=layout, ratio=ratio), _number(200, name)) for layout, name in _everywhere())


def _number(usual: int, world: str) -> int:
    """Return the number of replicates: half in custody and everything: days of people's own take ten times as long."""
    return usual // 2 if WORLDS[world].custody < 1 else usual


def _default() -> Iterator[tuple[Cell, int]]:
    for name in CUTS:
        for layout in ("alone", "places"):
            yield Cell(name, "auto", layout), 2000
            yield Cell(name, "auto", layout, ratio=0.7), 200


def _methods() -> Iterator[tuple[Cell, int]]:
    for method in (name for name in METHODS if name not in {"auto", "pool"}):
        layout = "cut" if method in WHOLE else "alike" if method == "comparison" else "places"
        months = 12 if method == "desistance" else 18
        for name in (name for name in (BENEATH if layout == "cut" else WORLDS) if name not in SAME_RATES):
            number = REPLICATES.get(method) or _number(100, name)
            yield Cell(name, method, layout, months=months), number


def _sizes() -> Iterator[tuple[Cell, int]]:
    for name in (*CUTS, "soft cut"):
        yield from ((Cell(name, n=n), 100) for n in (20, 60))
        yield from ((Cell(name, pool=pool), 100) for pool in (100, 500, 5000))
        yield from ((Cell(name, months=months), 100) for months in (6, 12, 24))
    for name in CUTS:
        yield from ((Cell(name, layout="cut", n=n), 100) for n in (20, 60))
        yield from ((Cell(name, layout="cut", months=months), 100) for months in (6, 12, 24))


TABLES: Mapping[str, Callable[[], Iterator[tuple[Cell, int]]]] = MappingProxyType(
    {"pool": _pool, "default": _default, "methods": _methods, "sizes": _sizes}
)


def shown(row: Mapping[str, Any]) -> str:
    """Return the figures of a cell as a line of text."""
    cell = Cell(**{f.name: row[f.name] for f in fields(Cell)})
    figures = (
        f"{name} {row[name]:.3f}"
        for name in ("bias", "bias_high", "sd", "mean_se", "covers", "excludes", "finds")
        if name in row
    )
    return f"{cell.key:88}  {'  '.join(figures)}  {row['refused'] or ''}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tables", nargs="+", choices=TABLES)
    parser.add_argument("--only", default="", help="run the cells whose name this regular expression finds")
    parser.add_argument("--replicates", type=int, help="instead of each cell's own number")
    parser.add_argument("--again", action="store_true", help="run cells that the file holds already, too")
    parser.add_argument("--file", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    for cell, usual in (row for name in options.tables for row in TABLES[name]()):
        replicates = options.replicates or usual
        stored = json.loads(options.file.read_text(encoding="utf-8")) if options.file.exists() else {}
        held = not options.again and stored.get(cell.key, {}).get("replicates", 0) >= replicates
        if held or not re.search(options.only, cell.key):
            continue
        began = process_time()
        stored[cell.key] = run(cell, replicates)
        print(shown(stored[cell.key]), f" {process_time() - began:.1f} s", flush=True)
        options.file.write_text(json.dumps(dict(sorted(stored.items())), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
