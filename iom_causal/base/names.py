"""Names that become part of a file's name, on every system and inside the folder that is written."""

import difflib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from iom_causal.errors import SpecError, echo

LONGEST_NAME = 80
"""Bytes of a name; a file's name holds two of them, and systems take 255."""
_ALIKE = 0.75
"""How alike two names of files are, from 0 to 1, where one may be meant by the other."""
_REFUSED = frozenset('<>:"/\\|?*')
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")
_PORTS = (*"0123456789", *"\u00b9\u00b2\u00b3")
_RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {f"{p}{i}" for p in ("COM", "LPT") for i in _PORTS}


def check_name(name: str, where: str, longest: int = LONGEST_NAME) -> None:
    """Refuse a name that cannot be part of a file's name on every system.

    Parameters
    ----------
    name : str
        Of an outcome, a set of evidence, a figure, a file.
    where : str
        What it names, for the message.
    longest : int
        Bytes that it may have.

    Raises
    ------
    SpecError
        IOM-E090, saying what is the matter.

    Examples
    --------
    >>> check_name("harm (crime index), \u00e9t\u00e9", "outcome")
    >>> check_name("drug/alcohol", "outcome")
    Traceback (most recent call last):
        ...
    iom_causal.errors.SpecError: IOM-E090: outcome: 'drug/alcohol' is no part of a file's name, it holds '/'; rename it
    """
    if why := refused(name, longest):
        raise SpecError("IOM-E090", f"{where}: {echo(name)} is no part of a file's name, {why}; rename it")


def refused(name: str, longest: int = LONGEST_NAME) -> str:
    """Return why a name cannot be part of a file's name on every system; nothing where it can.

    Examples
    --------
    >>> refused("CON"), refused("con events")
    ('systems keep it for themselves', '')
    """
    strange = next((c for c in name if c in _REFUSED or unicodedata.category(c) in _UNSEEN), "")
    return (
        "it is empty"
        if not name
        else f"it holds {echo(strange)}"
        if strange
        else "it holds '..'"
        if ".." in name
        else "it starts or ends with a space, or ends with a full stop"
        if name != name.strip() or name.endswith(".")
        else "systems keep it for themselves"
        if name.split(".", maxsplit=1)[0].strip().upper() in _RESERVED
        else f"it is longer than {longest} bytes"
        if len(name.encode()) > longest
        else ""
    )


def check_names(names: Iterable[str], where: str) -> None:
    """Refuse names of which one cannot be part of a file's name, or two would name the same file.

    Raises
    ------
    SpecError
        IOM-E090 as `check_name`, IOM-E039 for names that differ in nothing but capitals or the form of accents.

    Examples
    --------
    >>> check_names(["Arrests", "arrests"], "outcomes")
    Traceback (most recent call last):
        ...
    iom_causal.errors.SpecError: IOM-E039: outcomes: expected every name once, capitals aside; got 'arrests' twice
    """
    seen = set()
    for name in names:
        check_name(name, where)
        if (plain := plain_name(name)) in seen:
            raise SpecError("IOM-E039", f"{where}: expected every name once, capitals aside; got {echo(name)} twice")
        seen.add(plain)


def plain_name(name: str) -> str:
    """Return what some systems take a file's name for: capitals and the form of accents aside.

    Examples
    --------
    >>> plain_name("Arrests.csv")
    'arrests.csv'
    """
    return unicodedata.normalize("NFC", name).casefold()


def where_instead(path: Path) -> str:
    """Return what to do about a file that is not there: the name in its folder that is most like it, or else to look.

    One name at most is shown, and only one that has the digits typed: files may be named after people, and what else a
    folder holds is nobody's business.

    Examples
    --------
    >>> where_instead(Path("nowhere/study.toml"))
    "there is no folder 'nowhere'; look at where it lies, and how it is spelt"
    """
    look = "look at where it lies, and how it is spelt"
    if path.is_dir():
        return "that is a folder; name the file in it"
    if not path.parent.is_dir():
        return f"there is no folder {echo(path.parent.name)}; {look}"
    try:
        files = [p.name for p in path.parent.iterdir() if _digits(p.name) == _digits(path.name) and p.is_file()]
    except OSError:
        return look
    beside = {plain_name(name): name for name in sorted(files)}
    close = difflib.get_close_matches(plain_name(path.name), beside, n=1, cutoff=_ALIKE)
    return f"did you mean {echo(beside[close[0]])}?" if close else look


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isnumeric())


def function_name(function: object, otherwise: str = "") -> str:
    """Return the name of a function; of another callable `otherwise`, or the name of its class.

    Examples
    --------
    >>> function_name(sorted), function_name(range(3)), function_name(range(3), "feature")
    ('sorted', 'range', 'feature')
    """
    return str(getattr(function, "__name__", otherwise or type(function).__name__))
