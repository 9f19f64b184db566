"""A synthetic extract of a force's records, as untidy as real ones: people, arrests, custody and scores, with truth."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal import folder, words
from iom_causal.roles import Rng
from iom_causal.simulate import cleaning, records
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.dirt import CLEAN, Dirt
from iom_causal.simulate.extract_files import packed
from iom_causal.simulate.histories import custody_spells, histories
from iom_causal.simulate.people import check
from iom_causal.simulate.scene import DAY, Draws, Scene
from iom_causal.specs import check_choice, digest, refuse_data
from iom_causal.streams import Streams, as_generator
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd

USUAL = Dirt()
LAUNCH = dt.date(2012, 5, 1)
FORMS = ("csv", "parquet")
MAKERS = ("iom-causal", "numpy", "numba", "pandas", "duckdb")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ExtractTables:
    """The tables of one extract, and the truth behind them.

    Parameters
    ----------
    people : DataFrame
        One row a person: URN and linked second URN as text, date of birth, sex, ethnicity as people define it (16+1)
        and as officers do (6+1), force, days of adoption and de-adoption, day and reason of removal, RAG and team.
    arrests : DataFrame
        Arrests and voluntary attendances: URN, custody record, type, times of arrest and of recording, date of the
        offence, reason, offence and disposal codes. A `reason` other than ``offence`` is what supervision and the
        courts create.
    custody : DataFrame
        Spells that touch a window: reception, release (none while it goes on), and remand or sentence.
    scores : DataFrame
        Risk scores by day and version.
    truth : DataFrame
        One row a person, of everybody in the world: who was picked and managed, who is in the extract and was
        tracked; by window what cleaning should find (see `counts`), arrests that were ``_recorded_too_late`` for the
        extract, events ``_lived`` whatever was recorded, and what was expected without and with the programme.
    faults : DataFrame
        One row for everything that is wrong in a table: the place of the row in it (none where the row is missing),
        the column (empty for whole rows), and the sort, by the names of `Dirt`; ``recorded_too_late`` for arrests that
        are missing because the extract was drawn before they were recorded.
    world : World
        Where they live.
    spec : ForceExtract
        What made them.
    seed : int or None
        Of every random step.
    """

    people: "pd.DataFrame"
    arrests: "pd.DataFrame"
    custody: "pd.DataFrame"
    scores: "pd.DataFrame"
    truth: "pd.DataFrame"
    faults: "pd.DataFrame"
    world: World
    spec: "ForceExtract"
    seed: int | None

    def counts(self) -> "pd.DataFrame":
        """Return counts, days at liberty and scores by window, worked out from the tables alone by stated rules.

        The rules are those of `cleaning.counts`. What they find is the truth, to the last second at liberty, but for
        arrests that were recorded after the extract was drawn, which no rule can bring back.
        """
        return cleaning.counts(
            self.people,
            self.arrests,
            self.custody,
            self.scores,
            windows=self.world.windows,
            index_date=self.spec.launch,
        )

    def files(self, form: str = "csv") -> dict[str, bytes]:
        """Return the tables as files by name, marked as synthetic in name and content.

        Cells are as a force would hand them over: a code such as -99 stands as it is.

        Parameters
        ----------
        form : {"csv", "parquet"}
            Of the files; only csv has dates in mixed forms.
        """
        check_choice(form, FORMS, "extract form")
        names = ("people", "arrests", "custody", "scores", "truth", "faults")
        tables: dict[str, pd.DataFrame] = {name: getattr(self, name) for name in names}
        return {f"SYNTHETIC_{name}.{form}": packed(name, table, form, self.faults) for name, table in tables.items()}

    def write(self, out: Path | str, form: str = "csv") -> tuple[Path, ...]:
        """Write the files and a manifest into a folder, whole or not at all.

        Parameters
        ----------
        out : path
            The folder.
        form : {"csv", "parquet"}
            Of the files.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        folder.check_target(Path(out), _WORK)
        manifest = {
            "seed": self.seed,
            "extract_digest": digest(self.spec),
            "index_date": self.spec.launch.isoformat(),
            "people": len(self.people),
            "synthetic": True,
            "synthetic_note": words.SIMULATED,
            "versions": folder.versions(*MAKERS),
        }
        return folder.write(Path(out), self.files(form), manifest, _WORK)

    def __repr__(self) -> str:
        return f"ExtractTables({len(self.people)} people, {len(self.arrests)} arrests, synthetic)"


_WORK = "simulate an extract"


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
    dirt : Dirt or None
        How untidy the records are; None is clean.
    index_date : date, optional
        The day that windows are counted from; by default that of the careers, or 1 May 2012.
    extracted_days : int
        Days after the last window on which the extract was drawn; what was recorded later is not in it.

    Examples
    --------
    >>> made = ForceExtract(careers=Careers(people=30, rate=2.0))(1)
    >>> made
    ExtractTables(30 people, 168 arrests, synthetic)
    >>> bool((made.counts()["after"] == made.truth["after"]).all())
    True
    """

    careers: Careers
    dirt: Dirt | None = USUAL
    index_date: dt.date | None = None
    extracted_days: int = 210

    def __post_init__(self) -> None:
        refuse_data(self)
        check(self, self.extracted_days >= 0, "extracted_days of at least 0")
        check(self, self.dirt is None or isinstance(self.dirt, Dirt), "dirt=Dirt(...) or None")
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
        scene = Scene(
            world,
            events,
            custody_spells(world, events),
            self.dirt or CLEAN,
            Draws(Streams(key, "extract")),
            self.launch,
            self.extracted_days,
        )
        names = records.urns(scene)
        makers = {
            "people": records.people,
            "arrests": records.arrests,
            "custody": records.custody,
            "scores": records.scores,
        }
        tables = {name: make(scene, names) for name, make in makers.items()}
        return ExtractTables(
            **{name: table.frame() for name, table in tables.items()},
            truth=_truth(scene, names),
            faults=records.faults(scene, names, tables),
            world=world,
            spec=self,
            seed=seed,
        )


def _truth(s: Scene, names: records.Urns) -> "pd.DataFrame":
    """Set down what the tables would say without a fault, and what no table says."""
    import pandas as pd  # noqa: PLC0415 slow to load

    world = s.world
    tracked = np.ones(world.n, dtype=np.bool_) if world.recorded is None else world.recorded
    out: dict[str, Any] = {"urn": names.first, "age": world.age, "picked": world.picked, "managed": world.managed}
    out |= {"in_extract": s.kept, "tracked": tracked}
    score, known = world.seen("score") if world.untreated.score is not None else None, records.score_known(s)
    for k, w in enumerate(world.windows):
        out |= {w.label + name: values for name, values in _counted(s, k).items()}
        out[f"{w.label}_days_free"] = _free(s, k)
        out[f"{w.label}_score"] = np.nan if score is None else np.where(known[:, k], score[:, k], np.nan)
        out[f"{w.label}_lived"] = world.seen("events")[:, k]
        out[f"{w.label}_expected_without"] = world.untreated.expected[:, k]
        out[f"{w.label}_expected_with"] = world.treated.expected[:, k]
    return pd.DataFrame(out)[s.somebody].assign(synthetic=True)


def _counted(s: Scene, k: int) -> dict[str, Any]:
    """Count the events of one window by person, and those of a kind."""
    f, here = s.facts, s.facts.stands & (s.events.window == k)
    kinds = {
        "": here,
        "_attendances": here & f.attendance,
        "_supervision": here & f.created,
        "_recorded_too_late": here & ~f.handed,
    }
    return {name: np.bincount(s.events.row[which], minlength=s.world.n) for name, which in kinds.items()}


def _free(s: Scene, k: int) -> Any:
    """Return days at liberty in one window until people left; their spells do not overlap."""
    start, end = s.windows[k]
    closes = np.clip(s.leaving.second, start, end)
    row = s.held.row
    inside = np.clip(s.held.end, start, closes[row]) - np.clip(s.held.start, start, closes[row])
    return (closes - start - np.bincount(row, weights=inside, minlength=s.world.n)) / DAY
