"""What commands print: text for people, and for other programs one JSON document, or a table as CSV."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

    from iom_causal.base.result import Result
    from iom_causal.report.render.page import Page

SCHEMA = 1
"""Raised when a key of a document is taken away or changes its meaning; a new key leaves it as it is."""


def print_json(command: str, **content: Any) -> None:
    """Print one document in UTF-8, wherever it goes: its schema, the command, and what that found."""
    from iom_causal.base.output import MAKER, versions  # noqa: PLC0415 --help stays light

    head = {"schema": SCHEMA, "made_by": MAKER, "version": versions(MAKER)[MAKER], "command": command}
    text = json.dumps({**head, **content}, indent=2, ensure_ascii=False, allow_nan=False)
    click.echo(text.encode())


def print_csv(frame: "pd.DataFrame") -> None:
    """Print a table in UTF-8, spreadsheet formulas made inert."""
    from iom_causal.base.output import csv_text  # noqa: PLC0415 --help stays light

    click.echo(csv_text(frame).encode(), nl=False)


def rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return a table as rows; a figure that is undefined is None."""
    found: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return found


def of_page(page: "Page") -> dict[str, Any]:
    """Return the first screen and the box of a report."""
    first = page.first
    screen = None
    if first is not None:
        sentences = [{"heading": heading, "text": text} for heading, text in first.sentences]
        screen = {"question": first.question, "sentences": sentences, "next": list(first.then), "level": first.level}
    return {
        "title": page.title,
        "synthetic": page.synthetic,
        "first": screen,
        "lead": list(page.lead),
        "can_say": list(page.can_say),
        "cannot_say": list(page.cannot_say),
    }


def names(out: Path, files: Sequence[Path]) -> list[str]:
    """Return the names of files as seen from the folder that they lie in."""
    return [file.relative_to(out).as_posix() for file in files]


def written(out: Path) -> list[str]:
    """Return the names of the files that a folder's manifest lists, and of the manifest."""
    from iom_causal.base.output import MANIFEST, read_record  # noqa: PLC0415 --help stays light

    return [*read_record(out / MANIFEST).get("files", {}), MANIFEST]


def print_result(command: str, result: "Result", form: str, *, under: str, **content: Any) -> None:
    """Print a result as text, as a document that has its table under a name, or as that table."""
    if form == "text":
        click.echo(result.summary())
    elif form == "csv":
        print_csv(result.tidy())
    else:
        print_json(command, **{under: rows(result.tidy())}, **content)
