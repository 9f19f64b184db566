"""Models side by side, as papers print them: a column a model, a row a coefficient, and beneath what was fitted."""

import csv
import dataclasses
import io
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from iom_causal.base import word_files
from iom_causal.base.formats import number
from iom_causal.base.output import escape_cell
from iom_causal.base.specs import check_choice
from iom_causal.errors import SpecError, inert
from iom_causal.estimate.estimate import Estimate, value_text
from iom_causal.estimate.terms import terms

BRACKETS = ("interval", "std_error")
LOGS: Mapping[bool, str] = {True: "ratios", False: "coefficients on the log scale"}
"""What a model of ratios shows, by whether exponentials are taken."""
MARKS = "\\|*_`[]<>"
"""What marks text up in Markdown."""


@dataclass(frozen=True, slots=True)
class ModelTable:
    """Table of models as text, to be pasted.

    Parameters
    ----------
    columns : tuple of str
        An empty head, and the labels of the models.
    rows, foot : tuple of tuple of str
        The coefficients, and what was fitted: each with its name first.
    notes : tuple of str
        What brackets hold, and what the models note, each with the models that do.

    Examples
    --------
    >>> table = ModelTable(("", "one"), (("post", "0.42 (0.09)"),), (("people", "80"),), ("In brackets: SE.",))
    >>> print(table.to_csv(), end="")
    term,one
    post,0.42 (0.09)
    people,80
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def to_markdown(self) -> str:
        """Return the table in Markdown, with notes beneath."""
        head, *lines = (f"| {' | '.join(map(_markdown, cells))} |" for cells in (self.columns, *self.rows, *self.foot))
        table = "\n".join([head, "|" + " --- |" * len(self.columns), *lines])
        return "\n\n".join([table, *map(_markdown, self.notes)]) + "\n"

    def to_html(self) -> str:
        """Return the table in HTML, with notes beneath; every text is escaped."""
        head = "".join(f'<th scope="col">{_html(text)}</th>' for text in self.columns)
        bodies = "".join(f"<tbody>{''.join(map(_html_row, rows))}</tbody>" for rows in (self.rows, self.foot))
        notes = "".join(f"<p>{_html(note)}</p>" for note in self.notes)
        return f"<table><thead><tr>{head}</tr></thead>{bodies}</table>{notes}\n"

    def to_csv(self) -> str:
        """Return the table as CSV, without the notes; no cell is a formula of a spreadsheet."""
        out = io.StringIO()
        rows = (("term", *self.columns[1:]), *self.rows, *self.foot)
        csv.writer(out, lineterminator="\n").writerows([[escape_cell(cell) for cell in row] for row in rows])
        return out.getvalue()

    def to_docx(self, path: Path | str) -> Path:
        """Write the table as a Word document, and return its path.

        The same table gives the same bytes.
        """
        cells = (self.columns, *self.rows, *self.foot)
        target = Path(path)
        target.write_bytes(word_files.one_table(cells, self.notes))
        return target

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_markdown()


def model_table(
    results: Mapping[str, Estimate], *, brackets: str = BRACKETS[0], ratios: bool = False, digits: int = 3
) -> ModelTable:
    """Line up the coefficients of models by their names.

    Parameters
    ----------
    results : mapping of str to Estimate
        By label.
    brackets : {"interval", "std_error"}
        What stands behind a coefficient.
    ratios : bool
        Whether exponentials are shown of coefficients on the log scale, with intervals.
    digits : int
        Significant digits.

    Raises
    ------
    SpecError
        IOM-E093 for other brackets; IOM-E098 for standard errors of ratios, which are those of logs.

    Examples
    --------
    >>> one = Estimate(outcome="y", method="m", estimate=-1.0, std_error=0.25, conf_low=-1.5, conf_high=-0.5, n_used=40)
    >>> model_table({"first": one}, brackets="std_error").rows
    (('after - before', '−1 (0.25)'),)
    """
    check_choice(brackets, BRACKETS, "models: brackets")
    if ratios and brackets != BRACKETS[0]:
        raise SpecError("IOM-E098", 'models: a standard error is that of a log; with ratios = True take "interval"')

    def shown(row: Mapping[str, Any], *, log: bool) -> str:
        return _cell(row, _written(digits, exponential=ratios and log), brackets)

    columns = [
        {str(row["term"]): shown(row, log=e.std_error_scale == "log") for row in terms(e)} for e in results.values()
    ]
    names = dict.fromkeys(name for column in columns for name in column)
    return ModelTable(
        ("", *results),
        tuple((name, *(column.get(name, "") for column in columns)) for name in names),
        tuple(_foot(results, ratios=ratios)),
        tuple(_notes(results, brackets)),
    )


def _written(digits: int, *, exponential: bool) -> Callable[[float], str]:
    """Return what writes a number, with a minus that no spreadsheet takes for a formula."""

    def written(value: float) -> str:
        text = number(math.exp(value) if exponential else value, digits)
        return f"\u2212{text[1:]}" if text.startswith("-") else text

    return written


def _cell(row: Mapping[str, Any], written: Callable[[float], str], brackets: str) -> str:
    """Return a coefficient with its bracket; of a set, for which there is no number, nothing."""
    value, error, ends = row["estimate"], row["std_error"], (row["conf_low"], row["conf_high"])
    if not _known(value):
        return ""
    if brackets == "std_error":
        return f"{written(value)} ({written(error)})" if _known(error) else written(value)
    return f"{written(value)} [{written(ends[0])}, {written(ends[1])}]" if all(map(_known, ends)) else written(value)


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _foot(results: Mapping[str, Estimate], *, ratios: bool) -> Iterator[tuple[str, ...]]:
    rows: Mapping[str, Callable[[Estimate], str]] = {
        "estimate": lambda e: f"{e.term}: {value_text(e)}",
        "model": lambda e: e.method,
        "settings": _settings,
        "shown": lambda e: LOGS[ratios] if e.std_error_scale == "log" else e.scale,
        "people": lambda e: f"{e.n_used}" if e.n_used == e.n_input else f"{e.n_used} of {e.n_input}",
        "exposure": lambda e: e.exposure,
    }
    for name, text in rows.items():
        cells = tuple(map(text, results.values()))
        if any(cells):
            yield (name, *cells)


def _settings(e: Estimate) -> str:
    """Return the settings of an estimator that are not its defaults."""
    if not dataclasses.is_dataclass(e.spec) or isinstance(e.spec, type):
        return ""
    held = ((f, getattr(e.spec, f.name)) for f in dataclasses.fields(e.spec) if f.compare)
    return ", ".join(f"{f.name} = {value}" for f, value in held if value != f.default)


def _notes(results: Mapping[str, Estimate], brackets: str) -> Iterator[str]:
    levels = " or ".join(dict.fromkeys(f"{e.conf_level:.0%}" for e in results.values()))
    kinds = " or ".join(dict.fromkeys(e.interval for e in results.values()))
    yield "In brackets: standard errors." if brackets == "std_error" else f"In brackets: {levels} {kinds} intervals."
    said: dict[str, list[str]] = {}
    for label, e in results.items():
        for note in e.notes:
            said.setdefault(str(note), []).append(label)
    for note, labels in said.items():
        yield f"{note}." if len(labels) == len(results) else f"{', '.join(labels)}: {note}."


def _markdown(text: str) -> str:
    """Return text that stays in its cell and marks nothing up."""
    plain = " ".join(inert(text).split())
    return "".join(f"\\{c}" if c in MARKS else c for c in plain)


def _html(text: str) -> str:
    return escape(inert(text))


def _html_row(cells: tuple[str, ...]) -> str:
    name, *rest = map(_html, cells)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{text}</td>" for text in rest)}</tr>'
