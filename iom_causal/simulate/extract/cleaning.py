"""Cleaning rules: counts, days at liberty and scores by window, from the tables of an extract alone."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.errors import InputError
from iom_causal.numerics.events.spells import covered, union
from iom_causal.simulate.extract.ground_truth import DAY, NEVER, TIME, Ints
from iom_causal.simulate.extract.recording import ATTENDANCE, OFFENCE
from iom_causal.windows import Window, days_of

if TYPE_CHECKING:
    import pandas as pd


class PersonIndex(NamedTuple):
    """Linkage of URNs to people: all URNs, the row of each one's person, and the second of removal."""

    urns: "pd.Index[str]"
    place: Ints
    removed: Ints

    def rows(self, urn: "pd.Series[str]", table: str) -> Ints:
        """Return whose each row is, under whichever URN it stands."""
        import pandas as pd  # noqa: PLC0415 slow to load

        at = self.urns.get_indexer(pd.Index(urn))
        if (at < 0).any():
            raise InputError(
                "IOM-E048",
                f"{table}: {counted(int((at < 0).sum()), '[row stands|rows stand]')} under a URN that no person has",
            )
        return np.asarray(self.place[at])


def counts(
    people: "pd.DataFrame",
    arrests: "pd.DataFrame",
    custody: "pd.DataFrame",
    scores: "pd.DataFrame",
    *,
    windows: tuple[Window, ...],
    index_date: dt.date,
) -> "pd.DataFrame":
    """Return the cleaned record of each person from the tables.

    A second URN counts for the first. A custody record counts once, at its first row. A voluntary attendance stands
    in for an arrest and counts as one; how many did is given. Arrests for anything but an offence are those that
    supervision and the courts create; how many were is given. Custody spells that overlap are put together, and one
    without a release runs on. A person is followed until removed. Of scores made on one day in a window, the last
    version holds.

    Parameters
    ----------
    people, arrests, custody, scores : DataFrame
        As in `ExtractTables`.
    windows : tuple of Window
        With dates.
    index_date : date
        The day that they are counted from.

    Returns
    -------
    DataFrame
        One row a person, in the order of `people`; for each window the counts under its label and with
        ``_attendances``, ``_supervision``, ``_days_free`` and ``_score`` after it.
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    who = _people(people, index_date)
    out: dict[str, Any] = {"urn": people["urn"].to_numpy()}
    first = _first_rows(arrests, index_date)
    person, day = who.rows(arrests["urn"].iloc[first.row], "arrests"), first.second
    attended = (arrests["type"] == ATTENDANCE).to_numpy()[first.row]
    created = (arrests["reason"] != OFFENCE).to_numpy()[first.row]
    held = who.rows(custody["urn"], "custody")
    received, released = (seconds(custody[c], index_date) for c in ("received", "released"))
    spells = union(held, received, released, who.removed.size)
    for w in windows:
        start, end = (DAY * edge for edge in days_of(w))
        inside = (day >= start) & (day < end)
        for name, which in (("", inside), ("_attendances", inside & attended), ("_supervision", inside & created)):
            out[w.label + name] = np.bincount(person[which], minlength=who.removed.size)
        closes = np.clip(who.removed, start, end)
        locked_up = covered(spells, start, closes)
        out[f"{w.label}_days_free"] = (closes - start - locked_up) / DAY
        out[f"{w.label}_score"] = _last_score(who, scores, start, end, index_date)
    return pd.DataFrame(out)


def seconds(times: "pd.Series[Any]", index_date: dt.date) -> Ints:
    """Return times as seconds from the index date; where there is none, NEVER."""
    since = times.to_numpy().astype(TIME) - np.datetime64(index_date, "s")
    return np.where(np.isnat(since), NEVER, since.astype(np.int64))


class _First(NamedTuple):
    row: Ints
    second: Ints


def _people(people: "pd.DataFrame", index_date: dt.date) -> PersonIndex:
    import pandas as pd  # noqa: PLC0415 slow to load

    rows = np.arange(len(people))
    two = (people["linked_urn"].fillna("") != "").to_numpy()
    urns = pd.Index(pd.concat([people["urn"], people["linked_urn"][two]]))
    return PersonIndex(urns, np.concatenate([rows, rows[two]]), seconds(people["removed"], index_date))


def _first_rows(arrests: "pd.DataFrame", index_date: dt.date) -> _First:
    second = seconds(arrests["arrested"], index_date)
    order = np.argsort(second, kind="stable")
    order = order[~arrests["custody_record"].iloc[order].duplicated().to_numpy()]
    return _First(order, second[order])


def _last_score(
    who: PersonIndex, scores: "pd.DataFrame", start: int, end: int, index_date: dt.date
) -> NDArray[np.float64]:
    when = seconds(scores["scored"], index_date)
    score = np.full(who.removed.size, np.nan)
    at = np.flatnonzero((when >= start) & (when < end))
    at = at[np.lexsort((scores["version"].to_numpy()[at], when[at]))]
    score[who.rows(scores["urn"].iloc[at], "scores")] = scores["score"].to_numpy()[at]
    return score
