"""A synthetic extract of a force's records, as untidy as real ones: people, arrests, custody and scores, with truth."""

import datetime as dt
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import SpecError
from iom_causal.numerics.person_streams import uniforms_at
from iom_causal.roles import Rng
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.histories import Histories, histories
from iom_causal.simulate.people import check
from iom_causal.specs import check_choice, refuse_data
from iom_causal.streams import Streams, as_generator
from iom_causal.windows import YEAR
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

ETHNICITY = ("W1", "W2", "W9", "B1", "B2", "B9", "A1", "A2", "A3", "A9", "M1", "M2", "M3", "M9", "O1", "O9")
DISPOSALS = ("charged", "no further action", "cautioned", "released under investigation", "bailed")
REASONS = ("offence", "warrant", "fail to appear")
CREATED = ("breach of bail", "recall")
OFFENCES = ("028A", "049/12", "105/01", "125/11", "195/94", "092D")
ODD = ("N/K", "-99", "")
TIME = "datetime64[s]"
DAY = 86_400
HALF = 50_000_000
"""Half of all numbers of eight digits: so many people can have a URN."""


@dataclass(frozen=True, kw_only=True)
class Dirt:
    """How untidy the records are: each a share, invented but of a size that analysts of such records report.

    Parameters
    ----------
    aliases : float
        People with a second URN, under which half of their arrests stand.
    duplicates : float
        Arrests that stand twice, once more for the return on bail, under one custody record.
    attendances : float
        Voluntary attendances, as rows among the arrests.
    late : float
        Arrests that were recorded a month to half a year after they were made.
    odd_codes : float
        Codes that are blank or say nothing.
    overlaps : float
        Custody spells that stand as two that overlap.
    repeated_scores : float
        Scores that were made twice on one day, of which the later version holds.
    january : float
        Dates of birth given as the first of January.
    unknown : float
        People whose sex or ethnicity is not stated.
    """

    aliases: float = 0.03
    duplicates: float = 0.04
    attendances: float = 0.05
    late: float = 0.05
    odd_codes: float = 0.03
    overlaps: float = 0.05
    repeated_scores: float = 0.02
    january: float = 0.04
    unknown: float = 0.05

    def __post_init__(self) -> None:
        for f in fields(self):
            check(self, 0 <= getattr(self, f.name) < 1, f"{f.name} in [0, 1)")


CLEAN = Dirt(**dict.fromkeys((f.name for f in fields(Dirt)), 0.0))
"""Records without a fault."""
USUAL = Dirt()


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ExtractTables:
    """The tables of one extract, and the truth behind them.

    Parameters
    ----------
    people, arrests, custody, scores : DataFrame
        As a force would hand them over; every row is marked as synthetic.
    truth : DataFrame
        One row a person: the URN, clean counts and days at liberty by window, what was expected with and without
        the programme, and whether the person is in the extract.
    world : World
        Where they live.
    index_date : date
        The day that windows are counted from.
    """

    people: "pd.DataFrame"
    arrests: "pd.DataFrame"
    custody: "pd.DataFrame"
    scores: "pd.DataFrame"
    truth: "pd.DataFrame"
    world: World
    index_date: dt.date

    def counts(self) -> "pd.DataFrame":
        """Return counts and days at liberty by window, worked out from the tables alone by the rules of cleaning.

        A second URN counts for the first; attendances are no arrests; a custody record counts once, at its first
        row; spells that overlap are put together, and one without a release runs on to the end of the last window.
        """
        import pandas as pd  # noqa: PLC0415 slow to load

        main = dict(zip(self.people["linked_urn"], self.people["urn"], strict=True))
        rows = self.arrests[self.arrests["type"] == "arrest"].sort_values("arrested", kind="stable")
        rows = rows.drop_duplicates("custody_record")
        urn = self.people["urn"].to_numpy()
        place = pd.Series(np.arange(urn.size), index=urn)
        who = place[[main.get(u, u) for u in rows["urn"]]].to_numpy()
        day = _days_since(rows["arrested"].to_numpy(), self.index_date)
        out = {"urn": urn}
        for w in self.world.windows:
            inside = (day >= (w.start or 0)) & (day < (w.end or 0))
            out[w.label] = np.bincount(who[inside], minlength=urn.size)
        held = place[[main.get(u, u) for u in self.custody["urn"]]].to_numpy()
        start = _days_since(self.custody["received"].to_numpy(), self.index_date)
        last = float(self.world.windows[-1].end or 0)
        end = np.nan_to_num(_days_since(self.custody["released"].to_numpy(), self.index_date), nan=last)
        for w in self.world.windows:
            out[f"{w.label}_days_free"] = _free(held, start, end, float(w.start or 0), float(w.end or 0), urn.size)
        return pd.DataFrame(out)

    def files(self, form: str = "csv") -> dict[str, bytes]:
        """Return the tables as files by name, marked as synthetic in name and content.

        Parameters
        ----------
        form : {"csv", "parquet"}
            Of the files.
        """
        check_choice(form, ("csv", "parquet"), "extract form")
        tables = {"people": self.people, "arrests": self.arrests, "custody": self.custody, "scores": self.scores}
        named = {**tables, "truth": self.truth}
        return {f"SYNTHETIC_{name}.{form}": _file(table, form) for name, table in named.items()}

    def __repr__(self) -> str:
        return f"ExtractTables({len(self.people)} people, {len(self.arrests)} arrests, synthetic)"


@dataclass(frozen=True, kw_only=True)
class ForceExtract:
    """Records of a simulated force: called with a seed, they come as tables with their truth.

    Right for trying out how an extract is read, cleaned and evaluated, because the answer is known. Everything
    about one person depends on that person's number alone, so that more people leave the others' rows as they are.
    Custody that began before the first window is not in the tables.

    Parameters
    ----------
    careers : Careers
        The world.
    dirt : Dirt
        How untidy the records are.
    index_date : date
        The day that windows are counted from.
    extracted_days : int
        Days after the last window on which the extract was drawn; what was recorded later is not in it.

    Examples
    --------
    >>> made = ForceExtract(careers=Careers(people=30, rate=2.0))(1)
    >>> made
    ExtractTables(30 people, 183 arrests, synthetic)
    >>> bool((made.counts()["after"] == made.truth["after"]).all())
    True
    """

    careers: Careers
    dirt: Dirt = USUAL
    index_date: dt.date = dt.date(2012, 5, 1)
    extracted_days: int = 210

    def __post_init__(self) -> None:
        refuse_data(self)
        check(self, self.extracted_days >= 0, "extracted_days of at least 0")
        if self.careers.pool is not None:
            raise SpecError("IOM-E092", "ForceExtract: expected Careers without a pool: an extract holds the managed")

    def __call__(self, rng: Rng = None) -> ExtractTables:
        """Return the tables of one world."""
        generator, _ = as_generator(rng)
        seed = int(generator.integers(2**63))
        world, events = histories(self.careers, rng=seed)
        return _Clerk(self, world, events, int(Streams(seed, "extract").keys("records", 0)[0])).tables()


@dataclass(frozen=True)
class _Clerk:
    """Writes a world down as records; every draw is by person and place."""

    spec: ForceExtract
    world: World
    events: Histories
    key: int

    def tables(self) -> ExtractTables:
        people, arrests, custody = self._people(), self._arrests(), self._custody()
        truth = self._truth(people, arrests)
        drawn = _days_since(arrests["recorded"].to_numpy(), self.spec.index_date)
        arrests = arrests[drawn <= self._extracted].drop(columns=["row", "first"])
        kept, scores = truth["in_extract"].to_numpy(), self._scores(people)
        mine = set(people["urn"][kept]) | set(people["linked_urn"][kept])
        return ExtractTables(
            people=people[kept].reset_index(drop=True),
            arrests=arrests[arrests["urn"].isin(mine)].reset_index(drop=True),
            custody=custody[custody["urn"].isin(mine)].reset_index(drop=True),
            scores=scores[scores["urn"].isin(mine)].reset_index(drop=True),
            truth=truth,
            world=self.world,
            index_date=self.spec.index_date,
        )

    @property
    def _extracted(self) -> float:
        return float((self.world.windows[-1].end or 0) + self.spec.extracted_days)

    def _u(self, rows: NDArray[np.int64], place: int | NDArray[np.int64]) -> Floats:
        places = np.broadcast_to(np.asarray(place, dtype=np.int64), rows.shape)
        return np.asarray(uniforms_at(np.uint64(self.key), rows, np.ascontiguousarray(places)))

    def _choice(self, options: tuple[str, ...], rows: NDArray[np.int64], place: int | NDArray[np.int64]) -> Any:
        return np.array(options, dtype=object)[(self._u(rows, place) * len(options)).astype(np.int64)]

    def _urn(self, rows: NDArray[np.int64], second: bool = False) -> Any:  # noqa: FBT001, FBT002 first or second
        # A factor prime to the modulus gives every row a number of its own; second URNs are the odd ones.
        numbers = 2 * ((rows * 48_271 + self.key % HALF) % HALF) + second
        return np.array([f"{n:08d}" for n in numbers], dtype=object)

    def _time(self, days: Floats) -> NDArray[np.datetime64]:
        start = np.datetime64(self.spec.index_date, "s")
        return np.asarray(start + np.floor(days * DAY).astype("timedelta64[s]"))

    def _people(self) -> "pd.DataFrame":
        import pandas as pd  # noqa: PLC0415 slow to load

        rows, dirt = np.arange(self.world.n), self.spec.dirt
        born = np.datetime64(self.spec.index_date, "D") - (self.world.age * YEAR).astype("timedelta64[D]")
        heaped = self._u(rows, 1) < dirt.january
        born = np.where(heaped, born.astype("datetime64[Y]").astype("datetime64[D]"), born)
        woman = self.world.covariates.get("woman", np.zeros(rows.size))
        sex = np.where(self._u(rows, 2) < dirt.unknown, "U", np.where(woman == 1, "F", "M"))
        ethnicity = np.where(self._u(rows, 3) < dirt.unknown, "NS", self._choice(ETHNICITY, rows, 4))
        months = self.world.covariates.get("entry_months", np.zeros(rows.size))
        adopted = self._time(months * YEAR / 12).astype("datetime64[D]")
        left = self._u(rows, 5) < 0.1
        leaving = self._time((months / 12 + self._u(rows, 6)) * YEAR).astype("datetime64[D]")
        return pd.DataFrame(
            {
                "urn": self._urn(rows),
                "linked_urn": np.where(self._u(rows, 7) < dirt.aliases, self._urn(rows, second=True), ""),
                "date_of_birth": born.astype(TIME),
                "sex": sex,
                "ethnicity_16_1": ethnicity,
                "ethnicity_6_1": np.array([str(e)[0] if e != "NS" else "N" for e in ethnicity], dtype=object),
                "adopted": adopted.astype(TIME),
                "de_adopted": np.where(left, leaving, np.datetime64("NaT", "D")).astype(TIME),
                "rag": self._choice(("red", "amber", "green"), rows, 8),
                "team": self._choice(("north", "south", "city"), rows, 9),
                "synthetic": True,
            }
        )

    def _arrests(self) -> "pd.DataFrame":
        import pandas as pd  # noqa: PLC0415 slow to load

        row, day, dirt = self.events.row, self.events.day, self.spec.dirt
        nth = np.arange(row.size) - np.searchsorted(row, row)
        at = 1_000 + 16 * nth
        person_alias = self._u(row, 7) < dirt.aliases
        under = np.where(person_alias & (self._u(row, at) < 0.5), self._urn(row, second=True), self._urn(row))
        late = self._u(row, at + 1) < dirt.late
        delay = np.where(late, 30 + 150 * self._u(row, at + 2), 1.0)
        lag = -5.0 * np.log(self._u(row, at + 3))
        created = self._u(row, at + 4) < self._created(row, day)
        reason = np.where(created, self._choice(CREATED, row, at + 5), self._choice(REASONS, row, at + 5))
        code = self._coded(OFFENCES, row, at + 6)
        base = pd.DataFrame(
            {
                "urn": under,
                "custody_record": [f"{u}/{k + 1:03d}" for u, k in zip(self._urn(row), nth, strict=True)],
                "type": "arrest",
                "arrested": self._time(day),
                "offence_date": self._time(np.where(created, day, day - lag)).astype("datetime64[D]").astype(TIME),
                "recorded": self._time(day + delay),
                "reason": reason,
                "offence_code": code,
                "disposal": self._coded(DISPOSALS, row, at + 7),
                "row": row,
                "first": True,
            }
        )
        again = base[self._u(row, at + 8) < dirt.duplicates].assign(disposal="bailed to return", first=False)
        back = 20 + np.round(20 * self._u(again["row"].to_numpy(), 10))
        again["arrested"] = again["arrested"].to_numpy() + (back * DAY).astype("timedelta64[s]")
        seen = base[self._u(row, at + 9) < dirt.attendances].assign(type="voluntary attendance", first=False)
        seen["custody_record"] = seen["custody_record"].str.replace("/", "V", regex=False)
        table = pd.concat([base, again, seen], ignore_index=True).assign(synthetic=True)
        return table.sort_values(["recorded", "custody_record", "type"], kind="stable", ignore_index=True)

    def _created(self, row: NDArray[np.int64], day: Floats) -> Floats:
        """Return the chance that each event was created by supervision: what offences do not account for."""
        window = np.searchsorted([float(w.end or 0) for w in self.world.windows], day, side="right")
        window = np.minimum(window, len(self.world.windows) - 1)
        expected, offences = (self.world.seen(part)[row, window] for part in ("expected", "offences"))
        return np.asarray(np.clip(1 - offences / np.where(expected > 0, expected, 1.0), 0.0, 1.0))

    def _coded(self, options: tuple[str, ...], row: NDArray[np.int64], place: NDArray[np.int64]) -> Any:
        odd = self._u(row, place + 10_000_000) < self.spec.dirt.odd_codes
        return np.where(odd, self._choice(ODD, row, place + 20_000_000), self._choice(options, row, place))

    def _custody(self) -> "pd.DataFrame":
        import pandas as pd  # noqa: PLC0415 slow to load

        held = self.events.custody_days > 0
        row, start = self.events.row[held], self.events.day[held]
        end = start + self.events.custody_days[held]
        nth = np.arange(row.size) - np.searchsorted(row, row)
        split = self._u(row, 5_000 + nth) < self.spec.dirt.overlaps
        middle, later = start + 0.6 * (end - start), start + 0.4 * (end - start)
        whole = pd.DataFrame({"row": row, "from": start, "to": np.where(split, middle, end)})
        second = pd.DataFrame({"row": row[split], "from": later[split], "to": end[split]})
        table = pd.concat([whole, second], ignore_index=True).sort_values(["row", "from"], kind="stable")
        rows, to = table["row"].to_numpy(), table["to"].to_numpy()
        released = np.where(to > self._extracted, np.datetime64("NaT", "s"), self._time(to))
        return pd.DataFrame(
            {
                "urn": self._urn(rows),
                "received": self._time(table["from"].to_numpy()),
                "released": released.astype(TIME),
                "kind": np.where(to - table["from"].to_numpy() > 90, "sentence", "remand"),
                "synthetic": True,
            }
        )

    def _scores(self, people: "pd.DataFrame") -> "pd.DataFrame":
        import pandas as pd  # noqa: PLC0415 slow to load

        columns = ["urn", "scored", "version", "score", "synthetic"]
        if self.world.untreated.score is None:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
        parts, score, rows = [], self.world.seen("score"), np.arange(self.world.n)
        for w, window in enumerate(self.world.windows):
            known = np.ones(rows.size, dtype=np.bool_)
            if window.post and self.world.followed is not None:
                known = self.world.followed
            day = self._time(np.full(rows.size, float(window.end or 0) - 1))
            values = {"urn": people["urn"], "scored": day, "version": 1, "score": score[:, w], "synthetic": True}
            once = pd.DataFrame(values)[known]
            twice = once[self._u(rows[known], 20 + w) < self.spec.dirt.repeated_scores].assign(version=0)
            parts += [twice.assign(score=twice["score"] + 20.0), once]
        return pd.concat(parts, ignore_index=True)[columns]

    def _truth(self, people: "pd.DataFrame", arrests: "pd.DataFrame") -> "pd.DataFrame":
        """Set down what the tables would say without a fault, and how many arrests were recorded too late."""
        import pandas as pd  # noqa: PLC0415 slow to load

        world, n = self.world, self.world.n
        held = self.events.custody_days > 0
        start, end = self.events.day[held], (self.events.day + self.events.custody_days)[held]
        late = _days_since(arrests["recorded"].to_numpy(), self.spec.index_date) > self._extracted
        out: dict[str, Any] = {"urn": people["urn"]}
        for k, w in enumerate(world.windows):
            out[w.label] = world.seen("events")[:, k]
            free = _free(self.events.row[held], start, end, float(w.start or 0), float(w.end or 0), n)
            out[f"{w.label}_days_free"] = free
            out[f"{w.label}_expected_without"] = world.untreated.expected[:, k]
            out[f"{w.label}_expected_with"] = world.treated.expected[:, k]
        missed = arrests["row"][(late & arrests["first"].to_numpy())].to_numpy()
        out["recorded_too_late"] = np.bincount(missed, minlength=n)
        out["managed"] = world.managed
        out["in_extract"] = np.ones(n, dtype=np.bool_) if world.in_extract is None else world.in_extract
        return pd.DataFrame(out)


def _days_since(times: NDArray[Any], index_date: dt.date) -> Floats:
    gone = times.astype(TIME) - np.datetime64(index_date, "s")
    return np.where(np.isnat(gone), np.nan, gone.astype("timedelta64[s]").astype(np.float64) / DAY)


def _free(who: NDArray[np.int64], start: Floats, end: Floats, first: float, last: float, n: int) -> Floats:
    """Return days of a window outside custody, with overlapping spells of one person put together."""
    order = np.lexsort((start, who))
    who, start, end = who[order], np.clip(start[order], first, last), np.clip(end[order], first, last)
    # The latest end so far within each person: shifting people apart lets one running maximum serve all.
    apart = who * (2.0 * (last - first) + 1.0)
    latest = np.maximum.accumulate(end + apart) - apart
    before = np.concatenate([[first], latest[:-1]])
    same = np.concatenate([[False], who[1:] == who[:-1]])
    covered = np.maximum(0.0, end - np.maximum(start, np.where(same, before, first)))
    return np.asarray(last - first - np.bincount(who, weights=covered, minlength=n))


def _file(table: "pd.DataFrame", form: str) -> bytes:
    if form == "csv":
        return table.to_csv(index=False, lineterminator="\n").encode()
    import duckdb  # noqa: PLC0415 slow to load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        duckdb.from_df(table).write_parquet(str(path))
        return path.read_bytes()
