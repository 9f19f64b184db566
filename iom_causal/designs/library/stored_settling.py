"""Stored diagnosis of the designs that could settle a study: read from a table in the package, row by row."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from iom_causal.base.specs import FrozenMap
from iom_causal.designs.answers import DiagnosedAnswer
from iom_causal.designs.diagnosands import distance, fall_share
from iom_causal.designs.diagnosis import Diagnosis
from iom_causal.designs.figures import share_error

FALL = 0.2
"""The fall, as a share, whose reports are counted."""
FILE = "settling.csv"
_DIGITS = 3  # of a distance on the log scale, whose simulation error is some thousandths


class Share(NamedTuple):
    """A share of simulated studies with its Monte Carlo error.

    Attributes
    ----------
    value, mcse : float
        The share, and its error.
    """

    value: float
    mcse: float


class SettlingRow(NamedTuple):
    """One design at one size, with one ratio of the programme, over some replicates from the first.

    Attributes
    ----------
    design : str
        As in `settling_designs`.
    people : int
        Places in the programme.
    ratio : float
        What the programme does; with 1 nothing.
    replicates, answered : int
        How many were simulated, and how many of them gave an answer, of which the others are counted.
    falls : int
        Those that report a fall of `FALL` or more.
    held : int
        Those whose interval holds the programme's ratio.
    found : int
        Those that call the change statistically significant.
    distance, distance_mcse : float
        Mean distance of the log of the reported ratio to that of the programme, and its error.
    """

    design: str
    people: int
    ratio: float
    replicates: int
    answered: int
    falls: int
    held: int
    found: int
    distance: float
    distance_mcse: float

    def share(self, count: int) -> Share:
        """Return a count as a share of the replicates that gave an answer, with its error.

        Examples
        --------
        >>> row = SettlingRow("lottery", 60, 1.0, 100, 100, 10, 95, 5, 0.0, 0.02)
        >>> row.share(row.falls).value, round(row.share(row.falls).mcse, 3)
        (0.1, 0.03)
        """
        value = count / self.answered
        plain = math.sqrt(value * (1 - value) / self.answered)
        return Share(value, plain or share_error(count, self.answered))

    @property
    def reported(self) -> float:
        """The ratio that the design reports on average (that of the mean log)."""
        return self.ratio * math.exp(self.distance)

    @property
    def reported_mcse(self) -> float:
        """The Monte Carlo error of `reported`."""
        return self.reported * self.distance_mcse


@dataclass(frozen=True)
class SettlingTable:
    """A stored diagnosis.

    Parameters
    ----------
    study : str
        The name of the study whose people are simulated.
    seed : int
        Of all replicates.
    replicates : int
        Of every row of `rows`.
    versions : mapping of str to str
        Of what it was made with.
    every : tuple of SettlingRow
        All rows; those of fewer, first replicates are there to be made again.

    Examples
    --------
    >>> from iom_causal.designs.library import stored_settling
    >>> table = stored_settling()
    >>> table.study, table.replicates
    ('sleath-brown-2017', 2000)
    """

    study: str
    seed: int
    replicates: int
    versions: Mapping[str, str]
    every: tuple[SettlingRow, ...]

    @property
    def rows(self) -> tuple[SettlingRow, ...]:
        """The rows of all replicates."""
        return tuple(row for row in self.every if row.replicates == self.replicates)

    @property
    def first(self) -> tuple[SettlingRow, ...]:
        """The rows of the first replicates alone."""
        return tuple(row for row in self.every if row.replicates != self.replicates)

    @property
    def designs(self) -> tuple[str, ...]:
        """The designs, in order."""
        return tuple(dict.fromkeys(row.design for row in self.rows))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of places, smallest first."""
        return tuple(sorted({row.people for row in self.rows}))

    def row(self, design: str, people: int, ratio: float) -> SettlingRow:
        """Return the row of a design at a size, with a ratio of the programme."""
        return next(r for r in self.rows if (r.design, r.people, r.ratio) == (design, people, ratio))

    def text(self) -> str:
        """Return the file that `stored_settling` reads."""
        head = {"study": self.study, "seed": str(self.seed), "replicates": str(self.replicates)} | dict(self.versions)
        lines = [*(f"# {name}: {value}" for name, value in head.items()), ",".join(SettlingRow._fields)]
        lines += [",".join(map(str, row)) for row in self.every]
        return "".join(f"{line}\n" for line in lines)


@cache
def stored_settling() -> SettlingTable:
    """Read the stored diagnosis of designs with people like those of Sleath and Brown (2017).

    docs/make_settling.py writes it.

    Examples
    --------
    >>> stored_settling().designs[:2]
    ('one group', 'next below')
    """
    lines = files("iom_causal.designs.library").joinpath(FILE).read_text(encoding="utf-8").splitlines()
    head = dict(line.removeprefix("# ").split(": ", maxsplit=1) for line in lines if line.startswith("# "))
    study, seed, replicates = (head.pop(name) for name in ("study", "seed", "replicates"))
    given = csv.DictReader(line for line in lines if not line.startswith("# "))
    return SettlingTable(study, int(seed), int(replicates), FrozenMap(head), tuple(_read(row) for row in given))


_COUNTS = ("people", "replicates", "answered", "falls", "held", "found")


def _read(row: Mapping[str, str]) -> SettlingRow:
    people, replicates, answered, falls, held, found = (int(row[name]) for name in _COUNTS)
    ratio, off, error = (float(row[name]) for name in ("ratio", "distance", "distance_mcse"))
    return SettlingRow(row["design"], people, ratio, replicates, answered, falls, held, found, off, error)


def settling_rows(found: Diagnosis, *, people: int, ratio: float, first: Sequence[int] = ()) -> tuple[SettlingRow, ...]:
    """Count what a diagnosis of `settling_designs` reports: all of its replicates, and the first so many of them.

    Examples
    --------
    >>> import iom_causal as iom
    >>> from iom_causal import simulate as sim
    >>> careers = sim.Careers(people=50, rate=2.0)
    >>> design = iom.Design(careers, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> rows = settling_rows(iom.diagnose(design, sims=20), people=50, ratio=1.0, first=[10])
    >>> [(row.replicates, row.answered) for row in rows]
    [(20, 20), (10, 10)]
    """
    parts = (found, *(_first(found, sims) for sims in first))
    return tuple(_counted(answer, people, ratio, part.sims) for part in parts for answer in part.answers)


def _first(found: Diagnosis, sims: int) -> Diagnosis:
    return replace(found, sims=sims, columns={name: column[:sims] for name, column in found.columns.items()})


def _counted(answer: DiagnosedAnswer, people: int, ratio: float, sims: int) -> SettlingRow:
    figures, sample = answer.figures, answer.sample
    falls, apart = fall_share(sample, math.log1p(-FALL)), distance(sample)
    fell, held, rejected = (round((f.value or 0.0) * f.n) for f in (falls, figures["coverage"], figures["power"]))
    off, error = (round(float(value or 0.0), _DIGITS) + 0.0 for value in (apart.value, apart.mcse))
    answered = int(sample.answered.sum())
    return SettlingRow(answer.design, people, ratio, sims, answered, fell, held, rejected, off, error)
