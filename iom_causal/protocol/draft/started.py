"""Draft as written: where it is put, never over another file, what it asks, and how it names paths."""

import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from iom_causal.base.formats import counted
from iom_causal.base.output import answered, check_folder
from iom_causal.data.guesses.questions import EDIT, Question
from iom_causal.errors import SpecError, echo

WIDTH = 80
"""Characters of a line in a terminal."""
FIRST = 3
"""How many questions stand at the top."""


class Started(NamedTuple):
    """Draft as written.

    Attributes
    ----------
    file : Path
        The study file.
    guessed : tuple of str
        Keys that stand as they were guessed.
    to_edit : tuple of str
        Keys left to fill in.
    questions : tuple of Question
        What is asked there, that which decides most first.
    understood : tuple of str
        What was understood of the people, or found in a paper, in lines.
    steps : tuple of str
        What to do next, in order.
    """

    file: Path
    guessed: tuple[str, ...]
    to_edit: tuple[str, ...]
    questions: tuple[Question, ...]
    understood: tuple[str, ...]
    steps: tuple[str, ...]


def asked_of(target: Path, questions: Sequence[Question]) -> Iterator[str]:
    """Ask for what is open: the questions that decide most, the rest behind them, each with the line that it is of."""
    if questions:
        yield f"First fill in what {target.name} asks at the lines marked {EDIT}, in place of the question:"
    for k, question in enumerate(questions):
        if k == FIRST:
            yield f"Then fill in {counted(len(questions) - FIRST, 'more [line|lines] of that kind')}:"
        head = f"  {k + 1}. "
        ask = f"{question.key}: {question.ask}"
        yield textwrap.fill(ask, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def typed(path: Path) -> str:
    """Return a path as it is typed in a terminal."""
    return f'"{path}"' if " " in str(path) else str(path)


def free(folder: Path, name: str) -> Path:
    """Return where a file of a folder is to be written, refused where something stands there."""
    target = folder / name
    if not folder.exists():
        check_folder(folder)
    with answered(folder):
        there = target.exists() or (folder.exists() and not folder.is_dir())
    if there:
        raise SpecError("IOM-E090", f"{echo(name)} is already there, or the folder is a file; name another folder")
    return target


def put(target: Path, content: bytes) -> None:
    """Write a file that is not there yet."""
    with answered(target.parent):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError:  # as /proc answers, in which nothing is made
            raise SpecError(
                "IOM-E090", f"in {echo(target.parent.name)} nothing can be made; name another folder"
            ) from None
        with target.open("xb") as file:  # a link to elsewhere is not followed
            try:
                file.write(content)
            except BaseException:
                target.unlink()
                raise


def as_seen_from(folder: Path, source: Path | None) -> str:
    """Return a path as a file of a folder names it."""
    if source is None:
        return Question("file", 'the file of people, such as file = "people.csv"').text
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:  # another drive
        return source.resolve().as_posix()
