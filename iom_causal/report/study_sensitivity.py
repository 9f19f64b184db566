"""Sensitivity of what remains of a study: under every set of evidence, with one setting moved, with two, with all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from iom_causal.analysis.sensitivity.moved_settings import NOTHING_ELSE, MovedSettings, Moves, left_out
from iom_causal.analysis.subject import LEAST_SETS, Subject
from iom_causal.base import axes, axes_of_rows, output, wording
from iom_causal.base.formats import number
from iom_causal.base.result import Result, table
from iom_causal.beliefs import Belief, Range
from iom_causal.estimate import Estimate
from iom_causal.ledger import all_expected
from iom_causal.report import ledger_phrases, sensitivity_phrases, sentences
from iom_causal.report.by_set import drawn, if_set
from iom_causal.report.ledger_cells import remainder_text, tip_text
from iom_causal.report.manifest import manifest, work
from iom_causal.report.set_names import set_names
from iom_causal.report.without_ledger import reasons
from iom_causal.sensitivity.frontier import Frontier
from iom_causal.sensitivity.surface import Surface
from iom_causal.sensitivity.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REGRESSION = "u1"
"""The register's point on regression to the mean."""
COLUMNS = (
    "outcome",
    "evidence",
    "asked",
    "field",
    "value_low",
    "value_high",
    "other_field",
    "other_value",
    "scale",
    "set_low",
    "set_high",
    "conf_low",
    "conf_high",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class StudySensitivity(Result):
    """What remains of a study under every set of evidence, and how far its settings would have to move.

    Parameters
    ----------
    subject : Subject
        What was asked.
    moves : Moves
        What is moved.
    moved : mapping of str to tuple of MovedSettings
        By outcome, one a set of evidence.
    seed : int
        Of the draws.
    """

    subject: Subject
    moves: Moves
    moved: Mapping[str, tuple[MovedSettings, ...]]
    seed: int

    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("value_low", "value_high", "other_value"), "setting"),
        **dict.fromkeys(("set_low", "set_high", "conf_low", "conf_high"), "estimate as it is given"),
    }

    def summary(self) -> str:
        """Return a paragraph an outcome: what remains, and under each set where nothing does."""
        told = ["\n".join(self._told(name, moved)) for name, moved in self.moved.items()]
        left = left_out(self.subject, self.moves, self.moved)
        told += [
            " ".join(
                (
                    sensitivity_phrases.NOT_MOVED.format(name, sensitivity_phrases.WHY_NOT_MOVED[why]),
                    *reasons(self.subject, name),
                )
            )
            for name, why in left.items()
        ]
        return "\n\n".join([*told, *self.withheld])

    @property
    def withheld(self) -> tuple[str, ...]:
        """What is asked for and stands in no table, because more could be read from it about people."""
        along = self.moves.swept or self.moves.together
        return (sensitivity_phrases.CURVES_DRAWN,) if self.subject.release.guarded and along else ()

    def _told(self, name: str, moved: Sequence[MovedSettings]) -> Iterator[str]:
        remains = {self._called(m): remainder_text(m.under.result) for m in moved}
        kind = moved[0].under.evidence.kind
        if len(remains) >= LEAST_SETS:
            yield wording.beliefs_sentence(ledger_phrases.REMAINS[kind].format(name), remains)
        else:
            yield from (
                f"{ledger_phrases.REMAINS[kind].format(name)} is {text} {if_set(at)}." for at, text in remains.items()
            )
        yield from reasons(self.subject, name)
        if self.moves.settings:
            stated = (f"{path} = {_value_text(value)}" for path, value in self.moves.settings.items())
            yield f"Here {', '.join(stated)} stands in the place of what is stated."
        for m in moved:
            yield f"\nI{if_set(self._called(m))[1:]}:"
            yield from (f"  {line}" for line in self._lines(m))

    def _lines(self, m: MovedSettings) -> Iterator[str]:
        if not any(REGRESSION in c.ids and c.adjusts for c in m.under.tried.confounds):
            yield sensitivity_phrases.NO_REGRESSION_IN_IT
        already = all_expected(m.under.result)
        if already:
            yield sensitivity_phrases.ALREADY.format(m.under.result.outcome)
        for tip in m.under.tips:
            if tip.searched[0] == tip.searched[1]:
                yield sensitivity_phrases.CANNOT_MOVE.format(tip.field)
                continue
            at = tip_text(tip)
            found = f"nothing remains at {at}" if tip.ends else f"{at} does nothing remain"
            yield f"{tip.field}, now {number(tip.now, 3)}: {found}"
        if isinstance(m.under.frontier, Frontier):
            if not (already and m.under.frontier.distance is None):
                yield m.under.frontier.summary()
        elif m.under.frontier is not None:
            yield sentences.not_computed(m.under.frontier)
        if not self.subject.release.guarded:
            yield from (swept.summary() for swept in m.swept)
            if m.surface is not None:
                yield m.surface.summary()
        yield from (f"{path} is no setting of this set, and is left out" for path in m.lacks)

    def _called(self, m: MovedSettings) -> str:
        evidence = m.under.evidence
        return NOTHING_ELSE if evidence.title == NOTHING_ELSE else set_names(self.subject)(evidence.name)

    def tidy(self) -> "pd.DataFrame":
        """Return one row a figure; of people without those along settings, from which more could be read."""
        rows = (row for name, several in self.moved.items() for m in several for row in self._rows(name, m))
        return self.subject.release.released(table(rows, COLUMNS), type(self))

    def _rows(self, name: str, m: MovedSettings) -> Iterator[dict[str, Any]]:
        e = m.under.result
        same = {"outcome": name, "evidence": m.under.evidence.name, "scale": e.scale}
        left = _remainder(e)
        yield {**same, "asked": "remainder", **left}
        nothing = 1.0 if e.scale == "ratio" else 0.0
        none = {"set_low": nothing, "set_high": nothing}
        for tip in m.under.tips:
            at = tip.ends or (None,)
            yield {**same, "asked": "tipping", "field": tip.field, "value_low": at[0], "value_high": at[-1], **none}
        if isinstance(m.under.frontier, Frontier):
            yield from ({**same, **row, **none} for row in _together(m.under.frontier))
        if not self.subject.release.guarded:
            yield from ({**same, **row} for swept in m.swept for row in _along(swept))
            yield from ({**same, **row} for row in _over(m.surface))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what remains of the first outcome, an interval a set of evidence."""
        return self._remainders(next(iter(self.moved.values())), ax)

    def _remainders(self, moved: Sequence[MovedSettings], ax: "Axes | None" = None) -> "Axes":
        e = moved[0].under.result
        ax = axes_of_rows.forest([{"label": self._called(m), **m.under.result.row()} for m in moved], ax=ax)
        ax.set_xlabel(ledger_phrases.REMAINDER_AXIS[e.scale].format(e.outcome))
        return ax

    @cached_property
    def figures(self) -> Mapping[str, bytes]:
        """Every picture by its name: what remains, along each setting swept, and over two under each set."""
        made = {}
        for name, several in self.moved.items():
            made[f"remainder-{name}"] = axes.to_png(self._remainders(several))
            for path in self.moves.swept:
                along = {self._called(m): swept for m in several for swept in m.swept if swept.field == path}
                if along:
                    made[f"sweep-{name}-{path}"] = axes.to_png(drawn(along, path))
            for m in several:
                if m.surface is not None:
                    made[f"surface-{name}-{m.under.evidence.name}"] = axes.to_png(m.surface.plot())
        return made

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name."""
        return {
            "sensitivity.csv": output.csv_text(self.tidy()),
            "sensitivity.txt": self.summary() + "\n",
            **{f"figures/{name}.png": image for name, image in self.figures.items()},
        }

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the table, the text and the figures into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return output.write(
            Path(out), self.files(), manifest(self.subject, self.seed), work("sensitivity", self.subject)
        )

    def __repr__(self) -> str:
        return f"StudySensitivity({self.subject.citation!r}, {', '.join(self.moved)})"


def _remainder(e: Estimate) -> dict[str, float | None]:
    """Return what remains, or the ends of its set, with the interval."""
    low, high = (e.set_low, e.set_high) if e.estimate is None else (e.estimate, e.estimate)
    return {"set_low": low, "set_high": high, "conf_low": e.conf_low, "conf_high": e.conf_high}


def _together(found: Frontier) -> Iterator[dict[str, Any]]:
    values = (None,) * len(found.fields) if found.values is None else found.values  # noqa: PD011 no frame
    for field, value in zip(found.fields, values, strict=True):
        yield {"asked": "frontier", "field": field, "value_low": value, "value_high": value}


def _along(swept: Sweep) -> Iterator[dict[str, Any]]:
    sides = (swept.values, swept.set_low, swept.set_high, swept.conf_low, swept.conf_high)  # noqa: PD011 no frame
    for value, low, high, conf_low, conf_high in zip(*sides, strict=True):
        yield {
            "asked": "sweep",
            "field": swept.field,
            "value_low": value,
            "value_high": value,
            "set_low": low,
            "set_high": high,
            "conf_low": conf_low,
            "conf_high": conf_high,
        }


def _over(over: Surface | None) -> Iterator[dict[str, Any]]:
    if over is None:
        return
    for row in over.tidy().to_dict("records"):
        yield {
            "asked": "surface",
            "field": row["first"],
            "value_low": row["first_value"],
            "value_high": row["first_value"],
            "other_field": row["second"],
            "other_value": row["second_value"],
            **{name: row[name] for name in ("set_low", "set_high", "conf_low", "conf_high")},
        }


def _value_text(value: Belief) -> str:
    if isinstance(value, Range):
        return f"{number(value.low)} to {number(value.high)}"
    return number(value) if isinstance(value, int | float) else str(value)
