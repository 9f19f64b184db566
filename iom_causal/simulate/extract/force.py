"""Synthetic extract of a simulated force: people, arrests, custody and scores with faults, and the truth."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal.base.specs import refuse_data
from iom_causal.roles import Rng
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.extract import recording
from iom_causal.simulate.extract.faults import CLEAN, FaultRates
from iom_causal.simulate.extract.ground_truth import DAY, GroundTruth, PersonDraws
from iom_causal.simulate.extract.tables import ExtractTables
from iom_causal.simulate.histories import custody_spells, histories
from iom_causal.simulate.settings import check
from iom_causal.streams import Streams, as_generator

if TYPE_CHECKING:
    import pandas as pd

USUAL = FaultRates()
LAUNCH = dt.date(2012, 5, 1)


@dataclass(frozen=True, kw_only=True)
class ForceExtract:
    """Records of a simulated force: called with a seed, they come as tables with their truth.

    Right for trying out how an extract is read, cleaned and evaluated, because the answer is known. Everything
    about one person depends on that person's number alone, so that more people leave the others' rows as they are.
    Custody that ended before a window began is not in the tables, nor are arrests outside windows.

    Parameters
    ----------
    careers : Careers
        The world. With a `pool` everybody in it is in the records, and only the managed have been adopted.
    fault_rates : FaultRates or None
        Rates of data-quality faults; None is clean.
    index_date : date, optional
        The day that windows are counted from; by default that of the careers, or 1 May 2012.
    extracted_days : int
        Days after the last window on which the extract was drawn; what was recorded later is not in it.

    Examples
    --------
    >>> made = ForceExtract(careers=Careers(people=30, rate=2.0))(1)
    >>> made
    ExtractTables(30 people, 173 arrests, synthetic)
    >>> bool((made.counts()["after"] == made.truth["after"]).all())
    True
    """

    careers: Careers
    fault_rates: FaultRates | None = USUAL
    index_date: dt.date | None = None
    extracted_days: int = 210

    def __post_init__(self) -> None:
        refuse_data(self)
        check(self, self.extracted_days >= 0, "extracted_days of at least 0")
        check(
            self,
            self.fault_rates is None or isinstance(self.fault_rates, FaultRates),
            "fault_rates=FaultRates(...) or None",
        )
        dates = {d for d in (self.index_date, self.careers.index_date) if d is not None}
        check(self, len(dates) < 2, "the index_date of its careers, or none")

    @property
    def launch(self) -> dt.date:
        """The day that windows are counted from."""
        return self.index_date or self.careers.index_date or LAUNCH

    def __call__(self, rng: Rng = None) -> ExtractTables:
        """Return the tables of one world."""
        generator, seed = as_generator(rng)
        key = int(generator.integers(2**63))
        world, events = histories(self.careers, rng=key)
        ground_truth = GroundTruth(
            world,
            events,
            custody_spells(world, events),
            self.fault_rates or CLEAN,
            PersonDraws(Streams(key, "extract")),
            self.launch,
            self.extracted_days,
        )
        names = recording.urns(ground_truth)
        makers = {
            "people": recording.people,
            "arrests": recording.arrests,
            "custody": recording.custody,
            "scores": recording.scores,
        }
        tables = {name: make(ground_truth, names) for name, make in makers.items()}
        return ExtractTables(
            **{name: table.frame() for name, table in tables.items()},
            truth=_truth(ground_truth, names),
            faults=recording.faults(ground_truth, names, tables),
            world=world,
            spec=self,
            seed=seed,
        )


def _truth(s: GroundTruth, names: recording.Urns) -> "pd.DataFrame":
    """Tabulate what the tables would hold without a fault, and what none of them holds."""
    import pandas as pd  # noqa: PLC0415 slow to load

    world = s.world
    tracked = np.ones(world.n, dtype=np.bool_) if world.recorded is None else world.recorded
    out: dict[str, Any] = {"urn": names.first, "age": world.age, "picked": world.selected, "managed": world.managed}
    out |= {"in_extract": s.in_extract, "tracked": tracked}
    score, known = world.seen("score") if world.untreated.score is not None else None, recording.score_known(s)
    for k, w in enumerate(world.windows):
        out |= {w.label + name: values for name, values in _counted(s, k).items()}
        out[f"{w.label}_days_free"] = _free(s, k)
        out[f"{w.label}_score"] = np.nan if score is None else np.where(known[:, k], score[:, k], np.nan)
        out[f"{w.label}_lived"] = world.seen("events")[:, k]
        out[f"{w.label}_expected_without"] = world.untreated.expected[:, k]
        out[f"{w.label}_expected_with"] = world.treated.expected[:, k]
    return pd.DataFrame(out)[s.somebody].assign(synthetic=True)


def _counted(s: GroundTruth, k: int) -> dict[str, Any]:
    """Count the events of one window by person, and those of a kind."""
    f, here = s.facts, s.facts.stands & (s.events.window == k)
    kinds = {
        "": here,
        "_attendances": here & f.attendance,
        "_supervision": here & f.created,
        "_recorded_too_late": here & ~f.handed,
    }
    return {name: np.bincount(s.events.row[which], minlength=s.world.n) for name, which in kinds.items()}


def _free(s: GroundTruth, k: int) -> Any:
    """Return days at liberty in one window until people left; their spells do not overlap."""
    start, end = s.windows[k]
    closes = np.clip(s.leaving.second, start, end)
    row = s.held.row
    inside = np.clip(s.held.end, start, closes[row]) - np.clip(s.held.start, start, closes[row])
    return (closes - start - np.bincount(row, weights=inside, minlength=s.world.n)) / DAY
