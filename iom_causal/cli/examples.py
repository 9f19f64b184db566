"""The examples: what there are, each in a line, and copies of them to run and change."""

import ast
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from iom_causal.base import output
from iom_causal.confounds.register import REGISTER

FOLDER = "examples"
FIRST = REGISTER["u1"].example.removeprefix(f"{FOLDER}/")
"""One to begin with: what picking alone may do comes before all else."""
WORK = "examples"
"""What a folder of copies holds, in words."""


class Example(NamedTuple):
    """One example.

    Attributes
    ----------
    file : str
        Its place below the folder of examples.
    about : str
        Its title, the first line of what it says of itself.
    text : str
        All of it.
    """

    file: str
    about: str
    text: str

    @property
    def point(self) -> str:
        """The id of the register that it is about; empty where it is about none."""
        name = self.file.rpartition("/")[2].partition("_")[0]
        return name if self.file.startswith("sensitivity/") else ""


def in_notebook() -> bool:
    """Whether what runs is a notebook or a console, and no file: nothing was typed after its name."""
    return "__file__" not in vars(sys.modules["__main__"])


def typed[T](otherwise: T) -> str | T:
    """Return what was typed after the name of an example, such as the file of one's own study.

    Parameters
    ----------
    otherwise : str or None
        Where nothing was, and in a notebook.
    """
    return sys.argv[1] if len(sys.argv) > 1 and not in_notebook() else otherwise


def examples() -> tuple[Example, ...]:
    """Return every example that comes with the package, in order of their folders and names.

    Examples
    --------
    >>> [example.point for example in examples() if example.file.startswith("sensitivity/u1_regression")]
    ['u1']
    """
    return tuple(_below(_folder(), ""))


def copy(out: Path) -> tuple[Path, ...]:
    """Copy every example into a folder, whole or not at all.

    Parameters
    ----------
    out : Path
        The folder; where it exists, one that this made and nobody has changed since.

    Raises
    ------
    SpecError
        IOM-E090 when the folder is unsafe or holds what this tool did not write.
    """
    output.check_target(out, WORK)
    contents = {example.file: example.text for example in examples()}
    return output.write(out, contents, {"versions": output.versions(output.MAKER)}, WORK)


def _folder() -> Traversable:
    """Return the folder of examples: in the installed package, or beside it where it is read from its repository."""
    package = files("iom_causal")
    inside = package / FOLDER
    return inside if inside.is_dir() else Path(str(package)).parent / FOLDER


def _below(folder: Traversable, place: str) -> Iterator[Example]:
    for entry in sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name)):
        if entry.is_dir() and not entry.name.startswith(("_", ".")):
            yield from _below(entry, f"{place}{entry.name}/")
        elif entry.name.endswith(".py"):
            text = entry.read_text(encoding="utf-8")
            about = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0].removeprefix("# ")
            yield Example(f"{place}{entry.name}", about, text)
