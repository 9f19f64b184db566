"""Specification of designs to compare: their model, what each observes and estimates, and what is varied."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from iom_causal.base.schema import build
from iom_causal.base.setting_paths import get_path, replace_path
from iom_causal.base.specs import EMPTY, FrozenMap, check_choice, check_keys, read_toml, require_keys
from iom_causal.beliefs import parse
from iom_causal.confounds.evidence import evidence_sets, made, setting
from iom_causal.designs.design import Design, as_designs
from iom_causal.designs.scoring import Target
from iom_causal.errors import SpecError, echo
from iom_causal.ledger import Ledger
from iom_causal.protocol.scenario import load_scenario
from iom_causal.published.study import load_published
from iom_causal.simulate.estimands import (
    ate_eligible,
    att_difference,
    att_ratio,
    att_ratio_free,
    att_ratio_since_entry,
    att_score,
    late_cutoff,
)
from iom_causal.simulate.two_windows import TwoWindowCounts
from iom_causal.windows import Window

ESTIMANDS: Mapping[str, Callable[..., Any]] = {
    "att_ratio": att_ratio,
    "att_ratio_offences": partial(att_ratio, of="offences"),
    "att_ratio_free": att_ratio_free,
    "att_difference": att_difference,
    "att_score": att_score,
    "att_ratio_since_entry": Target(att_ratio_since_entry, estimand="att_ratio"),
    "ate_eligible": ate_eligible,
    "late_cutoff": late_cutoff,
}
"""The estimands that a file names."""
STRATEGIES = (
    *("BeforeAfter", "Historical", "MatchedOnHistory", "NeighbouringForce", "NextBelow", "PlaceboDate"),
    *("NotSelected", "OtherForces", "RandomHalf", "SteppedWedge", "WaitingList"),
)
"""The data strategies that a file names: classes of `iom_causal.simulate`."""
BAYESIAN = ("PrePostCounts", "PrePostScores", "SelectionModel")
BY_EVIDENCE = ("Ledger", "BiasModel")
"""Estimators that a set of evidence makes."""
MODELS = ("scenario", "two_windows", "published")
SIMS, MOST_SEEDS = 1000, 2**64

_KEYS = ("title", "about", "sims", "seed", "estimands", "model", "studies", "vary")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """Plain keys of a design file."""

    title: str
    about: str = ""
    sims: int = SIMS
    seed: int = 1
    estimands: tuple[str, ...] = ("att_ratio",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignFile:
    """Designs to compare, as a file specifies them.

    Parameters
    ----------
    title, about : str
        What is compared, and why.
    designs : mapping of str to Design
        One for each study of the file and each combination of what is varied, by label.
    sims, seed : int
        Replicates, and their seed.
    varied : tuple of str
        The dotted paths of what is varied.

    Examples
    --------
    >>> import iom_causal as iom
    >>> file = iom.load_design("template")
    >>> list(file.designs)[:2]
    ['before and after, ratio=1', 'before and after, ratio=0.8']
    """

    title: str
    about: str
    designs: Mapping[str, Design]
    sims: int
    seed: int
    varied: tuple[str, ...] = ()


def load_design(name: str | Path, *, known: Mapping[str, Any] = EMPTY) -> DesignFile:
    """Read a ``[design]`` TOML file: its designs by label, how many replicates, and their seed.

    Parameters
    ----------
    name : str or path
        A path that ends in ``.toml``, or ``template``: the commented form that ``iom-causal init --design`` writes.
    known : mapping of str to class
        Data strategies and estimators of your own that the file names, beside those of the package.

    Raises
    ------
    SpecError
        IOM-E092 to E096 for a file that is unreadable, of another kind or incomplete, and for unknown names, keys and
        paths, with the nearest that there are.

    Examples
    --------
    >>> load_design("template").sims
    500
    """
    if str(name).endswith(".toml"):
        file: Any = Path(name)
        folder = Path(name).parent
    else:
        check_choice(str(name), ("template",), "design")
        file, folder = files("iom_causal.designs") / "template.toml", Path()
    document = read_toml(file, "design")
    check_keys(document, ("design",), Path(name).name)
    return _Reader(folder, known).file(document["design"])


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a design file is read with: the folder that its paths start from, and classes of the user's own."""

    folder: Path
    known: Mapping[str, Any] = field(default_factory=dict)

    def file(self, table: Mapping[str, Any]) -> DesignFile:
        check_keys(table, _KEYS, "design")
        require_keys(table, ("title", "model", "studies"), "design")
        head = build(_Head, {k: v for k, v in table.items() if k in _Head.__dataclass_fields__}, "design")
        if head.sims < 1:
            raise SpecError("IOM-E092", f"design.sims: expected a whole number of at least 1, got {head.sims}")
        if not 0 <= head.seed < MOST_SEEDS:
            raise SpecError("IOM-E092", "design.seed: expected a whole number from 0 to 2**64 - 1")
        for estimand in head.estimands:
            check_choice(estimand, ESTIMANDS, "design.estimands")
        model = self.model(table["model"])
        estimands = {name: ESTIMANDS[name] for name in head.estimands}
        studies = self.studies(table["studies"], model, estimands)
        varied = _leaves(table.get("vary", {}), "design.vary")
        return DesignFile(
            title=head.title,
            about=head.about,
            designs=FrozenMap(as_designs(_varied(studies, varied))),
            sims=head.sims,
            seed=head.seed,
            varied=tuple(varied),
        )

    def model(self, table: Any) -> Any:
        where = "design.model"
        _check_table(table, where)
        check_keys(table, (*MODELS, "outcome", "ratio", "settings"), where)
        named = [key for key in MODELS if key in table]
        if len(named) != 1:
            raise SpecError("IOM-E096", f"{where}: expected one of {', '.join(MODELS)}, got {len(named)} of them")
        for key in ("outcome", "ratio"):
            if key in table and named != ["published"]:
                raise SpecError("IOM-E093", f"{where}: {key} belongs to published = ...; got {named[0]}")
        model = {"scenario": self._scenario, "two_windows": _two_windows, "published": self._published}[named[0]](table)
        for path, value in _leaves(table.get("settings", {}), f"{where}.settings").items():
            with _placed(f"{where}.settings"):
                get_path(model, path)
                model = replace_path(model, path, setting(value, path))
        return model

    def _scenario(self, table: Mapping[str, Any]) -> Any:
        return load_scenario(self._beside(_text(table["scenario"], "design.model.scenario"))).careers

    def _published(self, table: Mapping[str, Any]) -> Any:
        study = load_published(self._beside(_text(table["published"], "design.model.published")))
        outcome = _text(table.get("outcome", study.outcomes[0].name), "design.model.outcome")
        ratio = table.get("ratio", 1.0)
        if isinstance(ratio, bool) or not isinstance(ratio, (int, float)):
            raise SpecError("IOM-E092", "design.model.ratio: expected a number")
        return TwoWindowCounts.from_moments(study[outcome], ratio=float(ratio))

    def studies(self, given: Any, model: Any, estimands: Mapping[str, Any]) -> dict[str, Design]:
        if not isinstance(given, list) or not given:
            raise SpecError("IOM-E092", "design.studies: expected [[design.studies]] tables, at least one")
        found: dict[str, Design] = {}
        for k, entry in enumerate(given, start=1):
            where = f"design.studies[{k}]"
            _check_table(entry, where)
            check_keys(entry, ("name", "data", "estimators"), where)
            require_keys(entry, ("name", "data", "estimators"), where)
            name = _text(entry["name"], f"{where}.name")
            if name in found:
                raise SpecError("IOM-E039", f"{where}.name: expected every name once, got {echo(name)} twice")
            found[name] = Design(
                model,
                estimands,
                self._several(entry["data"], "strategy", f"{where}.data", self._strategy),
                self._several(entry["estimators"], "estimator", f"{where}.estimators", self._estimator),
            )
        return found

    def _several(self, given: Any, key: str, where: str, make: Callable[[str, Mapping[str, Any], str], Any]) -> Any:
        """Return one, a list or a table by label of what a file names, each alone or with its settings."""

        def one(entry: Any, at: str) -> Any:
            if isinstance(entry, str):
                return make(entry, {}, at)
            _check_table(entry, at, f'{key} = "..." and settings')
            check_keys(entry, (key, "settings"), at)
            require_keys(entry, (key,), at)
            settings = entry.get("settings", {})
            _check_table(settings, f"{at}.settings")
            return make(_text(entry[key], f"{at}.{key}"), settings, at)

        if isinstance(given, list):
            return [one(entry, f"{where}[{k}]") for k, entry in enumerate(given, start=1)]
        if isinstance(given, Mapping) and key not in given:
            return {label: one(entry, f"{where}.{label}") for label, entry in given.items()}
        return one(given, where)

    def _strategy(self, name: str, settings: Mapping[str, Any], where: str) -> Any:
        check_choice(name, (*STRATEGIES, *self.known), where)
        return made(self._class(name, "iom_causal.simulate"), settings, f"{where}, {name}")

    def _estimator(self, name: str, settings: Mapping[str, Any], where: str) -> Any:
        room = importlib.import_module("iom_causal.estimators")
        classical = [n for n in room.__all__ if isinstance(getattr(room, n), type)]
        check_choice(name, (*classical, *BY_EVIDENCE, *BAYESIAN, *self.known), where)
        if name in BY_EVIDENCE and name not in self.known:
            return self._by_evidence(name, settings, f"{where}, {name}")
        home = "iom_causal.bayes" if name in BAYESIAN else "iom_causal.estimators"
        return made(self._class(name, home), settings, f"{where}, {name}")

    def _by_evidence(self, name: str, settings: Mapping[str, Any], where: str) -> Any:
        """Return a ledger, or the model with a prior on the programme, of a set of evidence.

        Without one neither adjusts for anything: it would be a plain ratio under another name.
        """
        kind: Any = Ledger if name == "Ledger" else self._class(name, "iom_causal.bayes")
        check_keys(settings, ("evidence", *(k for k in kind.__dataclass_fields__ if k != "confounds")), where)
        if "evidence" not in settings:
            raise SpecError(
                "IOM-E096",
                f"{where}: expected a set of evidence, got none, and without one it adjusts for nothing; write "
                f'settings = {{ evidence = "..." }} with one of {", ".join(evidence_sets())}, or an [evidence] file',
            )
        rest = {key: value for key, value in settings.items() if key != "evidence"}
        evidence = self._beside(_text(settings["evidence"], f"{where}, evidence"))
        return replace(made(kind, rest, where), confounds=Ledger.from_evidence(evidence).confounds)

    def _class(self, name: str, home: str) -> Any:
        return self.known[name] if name in self.known else getattr(importlib.import_module(home), name)

    def _beside(self, name: str) -> str:
        """Return a path as seen from where the program runs: a file of a design lies beside it."""
        return str(self.folder / name) if name.endswith(".toml") else name


def _varied(studies: Mapping[str, Design], values: Mapping[str, Any]) -> dict[str, Design]:
    """Return every study at every combination of settings, a combination's studies side by side."""
    if not values:
        return dict(studies)
    with _placed("design.vary"):
        by_study = {name: list(design.vary(values).items()) for name, design in studies.items()}
    alone = len(studies) == 1
    return {
        said if alone else f"{name}, {said}": design for name, several in by_study.items() for said, design in several
    }


def _two_windows(table: Mapping[str, Any]) -> TwoWindowCounts:
    where = "design.model.two_windows"
    _check_table(table["two_windows"], where)
    settings = dict(table["two_windows"])
    windows = settings.pop("windows", None)
    model: TwoWindowCounts = made(TwoWindowCounts, settings, where)
    if windows is None:
        return model
    if not isinstance(windows, list) or len(windows) != 2:
        raise SpecError("IOM-E092", f"{where}.windows: expected a list of two tables")
    before, after = (build(Window, w, f"{where}.windows") for w in windows)
    return replace(model, windows=(before, after))


def _leaves(table: Any, where: str) -> dict[str, Any]:
    """Return settings by dotted path: ``model.people = 50`` without quotation marks is a table in a table."""
    _check_table(table, where)
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and "rule" not in value and not _is_belief(value):
            found |= {f"{key}.{rest}": v for rest, v in _leaves(value, f"{where}.{key}").items()}
        elif isinstance(value, list) and where.startswith("design.vary"):
            found[key] = [setting(item, f"{where}.{key}") for item in value]
        else:
            found[key] = value
    return found


@contextmanager
def _placed(where: str) -> Iterator[None]:
    """Say in which table of the file a setting is that a model or a design refuses."""
    try:
        yield
    except SpecError as error:
        raise SpecError(error.code, f"{where}: {error.message}") from error


def _is_belief(value: Mapping[str, Any]) -> bool:
    try:
        parse(dict(value))
    except SpecError:
        return False
    return True


def _check_table(value: Any, where: str, holding: str = "") -> None:
    if not isinstance(value, Mapping):
        inside = f" with {holding}" if holding else f"; write [{where}]"
        raise SpecError("IOM-E092", f"{where}: expected a table{inside}, got {type(value).__name__}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise SpecError("IOM-E092", f"{where}: expected text in quotation marks, got {type(value).__name__}")
    return value
