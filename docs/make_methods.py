"""Write docs/methods.md from docs/regression_to_mean.json: run it after benchmarks/regression_to_mean.py."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.oracles.selection_worlds import WORLDS

HERE = Path(__file__).parent
WIDTH = 120
FILE, PAGE = HERE / "regression_to_mean.json", HERE / "methods.md"

type Row = Mapping[str, Any]


class Method(NamedTuple):
    """What the page says of a method in words."""

    assumes: str
    needs: str
    right: str


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "auto": Method(
            "what `pool` assumes where it can be used, else from seven tenths to all of each rate lasts",
            "the rule; people who were never managed, where there are any",
            "`pool` is; without a pool the set holds the truth where no more than three tenths of the rates go",
        ),
        "pool": Method(
            "people of the same count would have gone on alike, managed or not; no distribution of rates",
            "never-managed people on the panel; beneath a hard cut also a span before that of the rule",
            "they come from the same population, nothing of the programme reaches them, and people were not picked at "
            "a run-up before entry",
        ),
        "comparison": Method(
            "people whom the same rule picked and who were never managed changed as these would have",
            "such people on the panel, known to be so (`selected`); no rule",
            "nothing but the programme tells the two groups apart: a difference in differences",
        ),
        "robbins_zhang": Method(
            "rates last, or a stated share of them; any distribution",
            "the managed people alone, and the rule",
            "rates last and nobody stops: a lower end of what regression takes, elsewhere",
        ),
        "linear": Method(
            "after on before is a straight line, to the mean of the source population",
            "that mean, and moments alone",
            "rates are gamma, lasting or drifting; imprecise, for the slope is that of the selected people",
        ),
        "gamma_poisson": Method(
            "gamma rates that last, or with a stated persistence",
            "the managed people beyond a hard cut, or a stated mean and shape",
            "rates are gamma and last",
        ),
        "lognormal": Method(
            "lognormal rates that drift",
            "the mean of the source population, and the rule",
            "rates are lognormal, lasting or drifting, and everybody's mean stays",
        ),
        "desistance": Method(
            "lognormal levels, rates that drift, and stopping, as in the cohort's histories",
            "everybody who could have been selected, with three yearly windows before",
            "the cohort's own change goes on as it went",
        ),
        "earlier_rule": Method(
            "those whom the rule would have selected one span earlier changed as these would have",
            "everybody who could have been selected, with as long a span before that of the rule",
            "nothing but the programme differs between the two dates",
        ),
        "mirror": Method(
            "rates come down as they went up",
            "the managed people, with as long a window before that of the rule",
            "rates are stationary: no stopping, ageing or trend",
        ),
        "own_history": Method(
            "lognormal rates drift around a level that stays",
            "the managed people, with a window before that the rule did not read",
            "rates are stationary: no stopping, ageing or trend",
        ),
        "none": Method(
            "people were selected on their rate, which lasts",
            "nothing",
            "nobody was selected on a count, and rates last; one end of a bracket elsewhere",
        ),
        "at_event": Method(
            "people were selected at events, whose rates run alike in both directions of time",
            "how many events a person",
            "they were (none of these worlds does so; here one event each is stated)",
        ),
    }
)
"""What each method of regression to the mean assumes, what it needs, and when it is right."""

HEAD = """# Regression to the mean: which method is right when

Figures are those of `benchmarks/regression_to_mean.py` in worlds whose truth is known and which share no code with the
package (`tests/oracles/selection_worlds.py`): everybody has two events a year on average, windows are of 18 months, 225
people are managed, selected at six events or more unless the world says otherwise. Bias is that of the log of the ratio
that remains (-.10: a programme that does nothing is said to have cut a tenth), coverage that of the 95% interval of a
`Ledger` with this line. A figure of 200 cohorts has a standard error of about .005 in bias and of 1.5 points in
coverage.

Worlds: gamma rates of shape 1.5, lognormal ones of log SD .9; drifting gamma rates have a correlation of .6 over two
years, drifting lognormal ones a lasting part of log SD .7 and a passing one of .6, a third of which is forgotten in a
year; a quarter of rates a year is drawn anew; 8% of people a year stop. All from "soft cut" on have drifting lognormal
rates: soft cut, the chance of being managed is logistic in the count; noisy count, the highest on the count and as much
chance as an SD of 3; ageing and trend, rates fall by a tenth a year and each person's by some more; detection, managed
people's events are recorded a quarter more often after; breach, supervision creates .4 events a person and year;
custody, the managed are at liberty for .8 of the time after; everything, all of it with a soft cut, and people stop.

"""

BY_WORLD = """## Without a programme, by world

Bias, and how many in a hundred intervals cover the truth. Methods that hold regression alone leave ageing and trend to
lines of their own; what they leave in the last two worlds is not theirs. For `comparison` as many people whom the rule
reaches elsewhere stand beside the managed. Cohorts are 1,000 for `comparison`, 200 for `pool`, 30 for `lognormal` and
`own_history`, 10 for `desistance`, whose windows are of 12 months, and for the others 100, or 50 in the world of
everything, where people have days at risk of their own.

"""
WITH_A_POOL = """## With a pool

One configuration: the rule as it was, `RegressionToMean(method="pool")`, and stated beliefs for the recording of
events and for those that supervision creates. Where few others stand as high (noisy count) it refuses, for a straight
line would go on too low for lognormal rates; an earlier window helps. What it leaves: beneath a cut, where
everybody's rates fall by a fifth from one window to the next (ageing and trend), the earlier table is of a time in
which a high count was less unusual, and only of gamma rates is the difference the same at every count. Cohorts are
200; at a ratio of .7 they are 100 in custody and everything, where people have days at risk of their own.

"""
FEWER = """## Fewer people, other pools, other windows

As above without a programme; what differs from 225 people, a pool of 2,000 and 18 months is named. Where too many of
the managed stand above the highest counts of the pool the method refuses (IOM-E068) instead. Of 100 cohorts each:
intervals that cover 95% in truth show as 90 to 99%.

"""
DEFAULT = """## The default, alone in a ledger

`Ledger((RegressionToMean(),))` on 2,000 cohorts without a programme, and on 200 with a ratio of .7. Of the managed
people alone it gives a set, from rates that last to rates of which three tenths are gone, whose ends are both shown.

"""


def page(rows: Mapping[str, Row]) -> str:
    """Return the page."""
    parts = (
        _in_words(),
        _in_worlds(rows.values()),
        _pool(rows.values()),
        _sizes(rows.values()),
        _default(rows.values()),
    )
    return HEAD + "\n".join(part for part in parts if part)


def _in_words() -> str:
    body = ((f"`{name}`", m.assumes, m.needs, m.right) for name, m in METHODS.items())
    return _table(("method", "assumes", "needs", "right when"), body)


def _in_worlds(rows: Iterable[Row]) -> str:
    usual = [r for r in rows if (r["ratio"], r["n"], r["pool"]) == (1.0, 225, 2000) and r["months"] in {12, 18}]
    found = {(r["method"], r["world"]): r for r in usual if r["layout"] == _layout(r["method"])}
    methods = [m for m in METHODS if m != "auto" and any((m, world) in found for world in WORLDS)]
    worlds = [w for w in WORLDS if any((m, w) in found for m in methods if m != "pool")]
    body = ((world, *(_short(found.get((m, world))) for m in methods)) for world in worlds)
    return BY_WORLD + _table(("world", *(f"`{m}`" for m in methods)), body)


def _layout(method: str) -> str:
    return "alike" if method == "comparison" else "cut" if method in {"earlier_rule", "desistance"} else "places"


def _short(row: Row | None) -> str:
    if row is None or "bias" not in row or row["used"] < row["replicates"] / 2:
        return "refused" if row else ""
    return f"{_decimal(row['bias'])}, {100 * row['covers']:.0f}"


def _decimal(value: float) -> str:
    return f"{value:+.2f}".replace("0.", ".").replace("+.00", ".00").replace("-.00", ".00")


def _pool(rows: Iterable[Row]) -> str:
    usual = [r for r in rows if (r["method"], r["n"], r["pool"], r["months"]) == ("pool", 225, 2000, 18)]
    if not usual:
        return ""
    found = {(r["world"], r["layout"], r["ratio"]): r for r in usual}
    text = WITH_A_POOL
    for layout, title in (("places", PLACES), ("cut", CUT)):
        worlds = [w for w in WORLDS if (w, layout, 1.0) in found]
        body = (
            (_named(found[w, layout, 1.0]), *_null(found.get((w, layout, 1.0))), *_effect(found.get((w, layout, 0.7))))
            for w in worlds
        )
        text += f"{title}\n\n" + _table(("world", *NULL, *EFFECT), body) + "\n"
    return (text + _amiss(usual)).rstrip("\n") + "\n"


def _named(row: Row) -> str:
    """Return the world, and in how many cohorts the method refuses."""
    refused = 1 - row["used"] / row["replicates"]
    return f"{row['world']} (refused: {100 * refused:.0f}%)" if refused else str(row["world"])


PLACES = (
    "A pool of 2,000 from the same population, in which some stand as high as the managed, because places were few:"
)
CUT = "Everybody at or above the cut is managed, and the panel holds a window before that of the rule:"
NULL = ("bias, no effect", "covers", "mean SE / SD", "excludes 1")
EFFECT = ("bias, ratio .7", "covers", "finds the fall")


def _null(row: Row | None) -> Sequence[str]:
    if row is None or "bias" not in row:
        return ("refused" if row else "", "", "", "")
    return (_fine(row["bias"]), _share(row["covers"]), f"{row['mean_se'] / row['sd']:.2f}", _share(row["excludes"]))


def _effect(row: Row | None) -> Sequence[str]:
    if row is None or "bias" not in row:
        return ("refused" if row else "", "", "")
    return (_fine(row["bias"]), _share(row["covers"]), _share(row["finds"]))


def _sizes(rows: Iterable[Row]) -> str:
    others = [r for r in rows if r["method"] == "pool" and (r["n"], r["pool"], r["months"]) != (225, 2000, 18)]
    if not others:
        return ""
    body = ((r["world"], _size(r), *_null(r), _refused(r)) for r in sorted(others, key=_order))
    table = _table(("world", "differs", *NULL, "refused"), body)
    return f"{FEWER}{table}\n{_amiss(others)}".rstrip("\n") + "\n"


MOST_OFF, LEAST_COVERED = 0.03, 0.9
"""Bias and coverage from which a cell is named."""


def _amiss(rows: Iterable[Row]) -> str:
    """Return a paragraph that names the cells which are off by too much or cover too seldom."""
    named = []
    for row in sorted((r for r in rows if "bias" in r), key=_order):
        off = [f"bias {_fine(row['bias'])}"] if abs(row["bias"]) >= MOST_OFF else []
        seldom = [f"covers {_share(row['covers'])}"] if row["covers"] <= LEAST_COVERED else []
        if off or seldom:
            where = [row["world"], _size(row), "a ratio of .7" if row["ratio"] != 1 else ""]
            named.append(f"{', '.join(filter(None, where))} ({', '.join(off + seldom)})")
    text = f"What is off by .03 or more, or covers in 90% or fewer: {'; '.join(named)}."
    return "\n".join(wrap(text, WIDTH, break_on_hyphens=False)) + "\n" if named else ""


def _refused(row: Row) -> str:
    share = 1 - row.get("used", 0) / row["replicates"]
    return _share(share) if share else ""


def _order(row: Row) -> tuple[Any, ...]:
    return (
        row["layout"] != "places",
        row["world"],
        row["n"] == 225,
        row["n"],
        row["pool"] == 2000,
        row["pool"],
        row["months"],
    )


def _size(row: Row) -> str:
    named = (
        ("n", 225, f"{row['n']} people"),
        ("pool", 2000, f"a pool of {row['pool']:,}"),
        ("months", 18, f"{row['months']} months"),
    )
    beneath = ["beneath a cut"] if row["layout"] == "cut" else []
    return ", ".join([*(words for name, usual, words in named if row[name] != usual), *beneath])


def _default(rows: Iterable[Row]) -> str:
    found = {(r["world"], r["layout"], r["ratio"]): r for r in rows if r["method"] == "auto"}
    if not found:
        return ""
    names = {"places": "a pool of 2,000", "alone": "the managed alone"}
    body = []
    for world, layout in dict.fromkeys((w, at) for w, at, _ in found):
        null, effect = found.get((world, layout, 1.0)), found.get((world, layout, 0.7))
        ends = "" if null is None else " to ".join(_fine(null[k]) for k in ("bias", "bias_high") if k in null)
        finds = "" if effect is None else _share(effect["finds"])
        body.append((world, names[layout], ends, "" if null is None else _share(null["excludes"]), finds))
    return DEFAULT + _table(("world", "at hand", "bias", "excludes 1", "finds .7"), body)


def _fine(value: float) -> str:
    return f"{value:+.3f}".replace("0.", ".", 1).replace("+.000", ".000").replace("-.000", ".000")


def _share(value: float) -> str:
    return f"{100 * value:.1f}%".replace(".0%", "%")


def _table(heads: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = (f"| {' | '.join(row)} |\n" for row in ([*heads], ["---"] * len(heads), *body))
    return "".join(lines)


def stored() -> Mapping[str, Row]:
    """Return the figures on file."""
    rows: Mapping[str, Row] = json.loads(FILE.read_text(encoding="utf-8"))
    return rows


if __name__ == "__main__":
    PAGE.write_text(page(stored()), encoding="utf-8")
