"""Specification of a simulated world: its enrolment, its confounds, and the sources of its figures."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from iom_causal.base.schema import build
from iom_causal.base.specs import check_choice, check_keys, read_toml, require_keys
from iom_causal.confounds.evidence import EvidenceLine
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import SpecError
from iom_causal.simulate.careers import Careers

_KEYS = ("title", "about", "shows", "sources", "careers", "confounds")
_NEEDED = ("title", "about", "shows", "careers")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """Descriptive keys of a scenario file."""

    title: str
    about: str
    shows: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Simulated world as a file specifies it.

    Parameters
    ----------
    title, about : str
        What it is called, what it shows and what it is not.
    shows : tuple of str
        The points of the register that are at work in it.
    careers : Careers
        The world, confounds included.
    lines : tuple of EvidenceLine
        Its confounds with their sources.
    sources : tuple of str
        Where the other figures come from.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> scenario = load_scenario("custody")
    >>> scenario.shows, [type(line.confound).__name__ for line in scenario.lines]
    (('u2',), ['Custody'])
    """

    title: str
    about: str
    shows: tuple[str, ...]
    careers: Careers
    lines: tuple[EvidenceLine, ...] = ()
    sources: tuple[str, ...] = ()


def bundled_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package.

    Examples
    --------
    >>> "regression-to-the-mean" in bundled_scenarios()
    True
    """
    return tuple(sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml")))


def load_scenario(name: str | Path) -> Scenario:
    """Read a bundled scenario by its name, or a ``[scenario]`` TOML file of one's own.

    Parameters
    ----------
    name : str or path
        One of `bundled_scenarios`, or a path that ends in ``.toml``.

    Raises
    ------
    SpecError
        IOM-E092 to E096 for a file that is unreadable, of another kind or incomplete, and for unknown names.

    Examples
    --------
    >>> load_scenario("history").shows
    ('c01',)
    """
    document = read_toml(_file(name), "scenario")
    check_keys(document, ("scenario",), Path(name).name)
    return _scenario(document["scenario"])


def _folder() -> Traversable:
    return files("iom_causal.simulate") / "scenarios"


def _file(name: str | Path) -> Path | Traversable:
    if str(name).endswith(".toml"):
        return Path(name)
    check_choice(str(name), bundled_scenarios(), "scenario")
    return _folder() / f"{name}.toml"


def _scenario(table: Mapping[str, Any]) -> Scenario:
    check_keys(table, _KEYS, "scenario")
    require_keys(table, _NEEDED, "scenario")
    names = [f.name for f in fields(_Words)]
    words = build(_Words, {key: table[key] for key in names if key in table}, "scenario")
    for key in words.shows:
        check_choice(key, REGISTER, "scenario: shows")
    if isinstance(table["careers"], Mapping) and "confounds" in table["careers"]:
        raise SpecError("IOM-E093", "scenario.careers: confounds go in [[scenario.confounds]], with their sources")
    if not isinstance(table.get("confounds", []), list):
        raise SpecError("IOM-E092", "scenario.confounds: expected [[scenario.confounds]] tables")
    entries = enumerate(table.get("confounds", []), start=1)
    lines = tuple(EvidenceLine.from_toml(entry, f"scenario.confounds[{k}]") for k, entry in entries)
    careers = build(Careers, table["careers"], "scenario.careers")
    return Scenario(
        title=words.title,
        about=words.about,
        shows=words.shows,
        careers=replace(careers, confounds=tuple(line.confound for line in lines)),
        lines=lines,
        sources=words.sources,
    )
