"""Named evidence sets: which adjustment, how large, and the source of each figure."""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from iom_causal.base.names import check_name
from iom_causal.base.schema import build
from iom_causal.base.specs import check_choice, check_keys, check_settings, nearest, read_toml, require_keys
from iom_causal.beliefs import parse
from iom_causal.errors import SpecError, echo
from iom_causal.roles import Selected
from iom_causal.windows import Selection

KEYS, KINDS = ("title", "about", "kind", "lines"), ("count", "score")
SETTINGS = ("confound", "settings", "source", "date", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One adjustment with its grounds.

    Parameters
    ----------
    confound : confound
        The adjustment.
    source, date, reason : str
        Where its figures come from, when they were published or read, and why they are used here.
    """

    confound: Any
    source: str
    date: str
    reason: str

    @classmethod
    def from_toml(cls, item: Any, where: str) -> "EvidenceLine":
        """Read a line as a file writes it."""
        if not isinstance(item, Mapping):
            raise SpecError("IOM-E092", f"{where}: expected a table with {', '.join(SETTINGS)}")
        return _line(item, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A named set of adjustments.

    Parameters
    ----------
    name, title, about : str
        What it is called, and what it stands for.
    kind : {"count", "score"}
        Of the outcomes that it speaks of.
    lines : tuple of EvidenceLine
        The adjustments.
    """

    name: str
    title: str
    about: str
    kind: str
    lines: tuple[EvidenceLine, ...]

    def __post_init__(self) -> None:
        check_name(self.name, "evidence")
        check_choice(self.kind, KINDS, f"evidence {self.name}: kind")
        if not self.lines:
            raise SpecError("IOM-E096", f"evidence {self.name}: expected at least one line, with its grounds")

    @property
    def confounds(self) -> tuple[Any, ...]:
        """The adjustments alone."""
        return tuple(line.confound for line in self.lines)

    @property
    def lasting(self) -> bool:
        """Whether it takes each person's rate to last."""
        return any(line.confound.lasting for line in self.lines)

    def on(self, outcome: str) -> tuple[Any, ...]:
        """Return the adjustments with every selection rule read as one about this outcome."""
        return tuple(_about(line.confound, outcome) for line in self.lines)


def evidence_sets() -> tuple[str, ...]:
    """Return the names of the sets that come with the package.

    Examples
    --------
    >>> len(evidence_sets()) >= 3
    True
    """
    folder = files("iom_causal.confounds") / "evidence_sets"
    return tuple(sorted(e.name.removesuffix(".toml") for e in folder.iterdir() if e.name.endswith(".toml")))


def load_evidence(name: str | Path) -> Evidence:
    """Read a set of evidence: one that comes with the package, or one's own.

    Parameters
    ----------
    name : str or Path
        One of `evidence_sets()`, or the path of an [evidence] file, which ends in ``.toml``.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown name, with those that there are; IOM-E092 to IOM-E096 for a file that is not right.

    Examples
    --------
    >>> load_evidence("england-wales-2012").lines[0].date != ""
    True
    """
    if isinstance(name, Path) or (isinstance(name, str) and name.endswith(".toml")):
        return _read(Path(name), Path(name).stem)
    if name not in evidence_sets():
        hint = nearest(str(name), evidence_sets())
        raise SpecError(
            "IOM-E093",
            f"evidence: unknown set {echo(name)}; {hint}; or the path of an [evidence] file, ending in .toml",
        )
    return _bundled(name)


@cache
def _bundled(name: str) -> Evidence:
    return _read(files("iom_causal.confounds") / "evidence_sets" / f"{name}.toml", name)


def _read(file: Path | Traversable, name: str) -> Evidence:
    table, where = read_toml(file, "evidence")["evidence"], f"evidence {name}"
    check_keys(table, KEYS, where)
    require_keys(table, KEYS, where)
    if not isinstance(table["lines"], list):
        raise SpecError("IOM-E092", f"{where}: expected lines as [[evidence.lines]]")
    _check_text(table, ("title", "about", "kind"), where)
    lines = tuple(EvidenceLine.from_toml(entry, where) for entry in table["lines"])
    return Evidence(name=name, title=table["title"], about=table["about"], kind=table["kind"], lines=lines)


def _about(confound: Any, outcome: str) -> Any:
    if not isinstance(confound, Selected) or confound.selection is None:
        return confound
    return replace(confound, selection=replace(confound.selection, variable=outcome))


def _line(entry: Mapping[str, Any], where: str) -> EvidenceLine:
    room = importlib.import_module("iom_causal.confounds")
    if "confound" in entry:
        check_choice(entry["confound"], room.__all__, f"{where}: confound")
        where = f"{where}, {entry['confound']}"
    check_keys(entry, SETTINGS, where)
    require_keys(entry, SETTINGS, where)
    _check_text(entry, ("source", "date", "reason"), where)
    confound = made(getattr(room, entry["confound"]), entry["settings"], where)
    return EvidenceLine(confound=confound, source=entry["source"], date=entry["date"], reason=entry["reason"])


def _check_text(table: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    for key in keys:
        if not isinstance(table[key], str):
            raise SpecError("IOM-E092", f"{where}, {key}: expected text, got {type(table[key]).__name__}")


def made(kind: Any, settings: Mapping[str, Any], where: str) -> Any:
    """Make a confound or an estimator from the settings that a file gives.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown setting, naming the nearest; IOM-E096 for one that is needed and absent.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> made(Detection, {"ratio": {"low": 0.8, "high": 1.0}}, "study").ratio
    Range(low=0.8, high=1.0)
    """
    if not isinstance(settings, Mapping):
        raise SpecError("IOM-E092", f"{where}: expected settings = {{ ... }}")
    check_keys(settings, [f.name for f in fields(kind)], where)
    require_keys(settings, [f.name for f in fields(kind) if f.default is MISSING], where)
    given = {key: setting(value, f"{where}, {key}") for key, value in settings.items()}
    check_settings(kind, given, where)
    return kind(**given)


def setting(value: Any, where: str) -> Any:
    """Return a setting as a file writes it: a list is a tuple, a table with a rule a selection, another one a belief.

    Examples
    --------
    >>> setting([{"low": 0.8, "high": 1.0}, 2], "study")
    (Range(low=0.8, high=1.0), 2)
    """
    if isinstance(value, list):
        return tuple(setting(item, where) for item in value)
    if isinstance(value, dict) and "rule" in value:
        return build(Selection, value, where)
    return parse(value, where) if isinstance(value, dict) else value
