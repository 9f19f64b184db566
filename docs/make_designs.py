"""Write docs/quasi_experiments.md from what every design says of itself: run it after changing one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from iom_causal.base.specs import toml_value
from iom_causal.estimators.quasi_experiments.designs_for import OF_COUNTS, OF_VALUES
from iom_causal.estimators.shared.requirements import QuasiExperiment
from iom_causal.panel import Panel

PAGE = Path(__file__).parent / "quasi_experiments.md"


class Words(NamedTuple):
    """What the page says of a design besides what the design says itself.

    Attributes
    ----------
    picture : str
        What its picture shows.
    right : str
        When to take it.
    """

    picture: str
    right: str


FOREST = "the estimate with its interval"
WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "DiffInDiff": Words(
            "both groups before and after, and what managed people would have had with the others' change",
            "comparison people who were selected by the same rule: another force, a waiting list, losers of a lottery",
        ),
        "Ancova": Words(
            FOREST, "a lottery, or places given by the outcome before (and covariates) alone; the most precise then"
        ),
        "Matched": Words(
            "how unlike the groups are in each covariate, before matching and after",
            "many comparison people, of whom some are like the managed in what makes people change",
        ),
        "InterruptedTimeSeries": Words(
            "the series with what was fitted and what would have been",
            "a year or more of months before, of everybody there; of selected people it takes the run-up for a trend",
        ),
        "EventStudy": Words(
            "the path by windows since the start, with pointwise and uniform bands",
            "people who start at different times, or several windows before and after beside people selected alike",
        ),
        "SteppedWedge": Words(
            "each step's people by window, and what was expected of them",
            "everybody enters in the end, in an order drawn by lot",
        ),
        "SyntheticControl": Words(
            "the series with its mixture and the placebos; and the donors' weights",
            "one force with the programme and ten or more without, over many windows before",
        ),
        "HonestTrends": Words(
            "the interval by how far trends may depart, and the bound from which on it contains no effect",
            "to say how far from parallel trends an event study's answer still stands",
        ),
        "Discontinuity": Words(
            "the mean outcome by score, with a line on either side of the cut",
            "a score with a cut that was kept to: of people at the cut alone",
        ),
    }
)

SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "SteppedWedge": {"by_lot": True},
        "Ancova": {"family": "poisson"},
        "Matched": {"exact": ("sex",)},
        "SyntheticControl": {"unit": "force"},
        "InterruptedTimeSeries": {"season": 1},
        "Discontinuity": {"running": "score", "cutoff": 60},
    }
)
"""An example of the settings that a design asks for, or is seldom without."""

HEAD = """# Designs with something to compare with

Written by `docs/make_designs.py` from what each estimator says of itself. `iom.designs_for(panel)` says which of them a
panel carries and what it lacks for the others; [comparison_cohorts.md](comparison_cohorts.md) and
[designs_compared.md](designs_compared.md) have what each makes of simulated studies whose truth is known; and
`iom_causal.designs.library` has a simulated study of each to begin with. [your_comparison.md](your_comparison.md)
has what to write, in Python and in a study file, for a waiting list, a neighbouring force, monthly arrests and dates of
joining, and [recipes.md](recipes.md) what to write for other packages. Levels are those of the Maryland Scientific
Methods Scale, from 1 (a change alone) to 5 (allotted at random), for the design at its best.

A comparison takes out regression to the mean only where the comparison people were selected as the managed were: people
with many events before fall by themselves, and others do not. Tell the panel whether they were (`Panel.selected`):
designs then compare with those alone, or say in a note that there are none; where nothing tells, they say that.

| design | level | it estimates | right for | picture |
| --- | ---: | --- | --- | --- |
"""


def designs() -> dict[str, tuple[QuasiExperiment, ...]]:
    """Return every design by the name of its class, as it is for counts and for values."""
    found: dict[str, tuple[QuasiExperiment, ...]] = {}
    for design in (*OF_COUNTS, *OF_VALUES):
        name = type(design).__name__
        found[name] = (*found.get(name, ()), design)
    return found


def page() -> str:
    """Return the page: one row a design, then what each needs and what must hold."""
    rows = (
        f"| [`{name}`](#{name.lower()}) | {several[0].maryland} | {_estimands(several)} | {WORDS[name].right} | "
        f"{WORDS[name].picture} |"
        for name, several in designs().items()
    )
    sections = (line for name, several in designs().items() for line in _section(name, several[0]))
    return HEAD + "\n".join([*rows, "", *sections])


def _panels() -> tuple[Panel, Panel]:
    """Return people of whom nothing is asked but what kind of outcome they have."""
    values = [[3, 1], [2, 2], [5, 0]]
    return Panel.from_arrays(values, name="arrests"), Panel.from_arrays(values, name="risk", kind="score")


def _estimands(several: tuple[QuasiExperiment, ...]) -> str:
    counts, scores = _panels()
    found = [d.estimand(counts if d in OF_COUNTS else scores) for d in several]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(found))


def _section(name: str, design: QuasiExperiment) -> Iterator[str]:
    panel = _panels()[0]
    needed, better = (
        list(dict.fromkeys(r.needs for r in design.requirements(panel) if r.necessary == necessary))
        for necessary in (True, False)
    )
    yield f"## {name}"
    yield ""
    yield f"- **Must hold:** {design.identification}."
    yield f"- **Needs:** {'; '.join(needed)}."
    if better:
        yield f"- **Better with:** {'; '.join(better)}."
    settings = SETTINGS.get(name, {})
    python = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    yield f"- **Write:** `iom.{name}({python})(panel)`; in a study file, under [study], `{_line(name, settings)}`."
    yield f"- **Source:** {design.reference}"
    yield ""


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _line(name: str, settings: Mapping[str, Any]) -> str:
    """Return a design as [[study.estimators]] has it, on one line."""
    told = (
        {"estimator": name}
        | ({"settings": {key: _plain(value) for key, value in settings.items()}} if settings else {})
        | {"outcomes": ["arrests"]}
    )
    return f"estimators = {toml_value([told])}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
