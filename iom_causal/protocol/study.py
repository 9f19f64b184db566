"""Specification of a study with person-level data: extract, selection rule, adjustments with reasons, themes."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iom_causal import estimators as room
from iom_causal.base.formats import sentences
from iom_causal.base.names import check_name, check_names
from iom_causal.base.schema import build
from iom_causal.base.specs import UNDIGESTED, check_choice, check_keys, nearest, read_toml, require_keys, to_toml
from iom_causal.beliefs import Distribution, Range, as_table
from iom_causal.confounds.evidence import Evidence, EvidenceLine, evidence_sets, load_evidence, made
from iom_causal.confounds.own_lines import STATED
from iom_causal.confounds.register import REGISTER
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.guesses.questions import Question, is_open, unanswered
from iom_causal.data.pool_file import PoolFile, check_pool
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import IomCausalError, SpecError, echo
from iom_causal.protocol.answered import questions_in
from iom_causal.protocol.score_classes import ScoreClasses
from iom_causal.published.statements import Theme
from iom_causal.streams import check_seed
from iom_causal.windows import Selection

EVIDENCE = (
    "picked-on-rate",
    "picked-on-count",
    "picked-on-count-and-stopping",
    "picked-on-count-drifting",
    "people-not-managed",
)
"""The sets of evidence that hold for any people, whatever their years."""
ON_THE_RATE = ("picked-on-rate", "picked-on-rate-and-stopping", "picked-on-rate-drifting", "people-not-managed")
"""The same, where the study states that people were picked on the rate behind their count."""
PROTOCOL = re.compile("[0-9a-f]{32}")
"""What the digest of a protocol looks like."""
THRESHOLD_IS = {
    "at_least": "the cut: everybody with that many or more was picked",
    "top": "how many people were picked, those with the most",
    "soft": "where half of the people are picked",
}
"""Meaning of the threshold by rule; a rule on the rate has none."""
OF_ESTIMATORS = ("estimator", "settings", "outcomes")
"""The keys of a line that requests an estimator."""
RULES = Disclosure()
"""Release rules, where the study states no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatorLine:
    """Estimator that the study requests, with its settings.

    Parameters
    ----------
    estimator : estimator
        With its settings.
    outcomes : tuple of str
        The outcomes it is for.
    """

    estimator: Any
    outcomes: tuple[str, ...]

    @classmethod
    def from_toml(cls, item: Any, where: str) -> "EstimatorLine":
        """Read a line such as ``estimator = "PoissonMixed", settings = { mixing = "gamma" }``."""
        if not isinstance(item, Mapping):
            raise SpecError("IOM-E092", f"{where}: expected a table with estimator, settings and outcomes")
        check_keys(item, OF_ESTIMATORS, where)
        require_keys(item, ("estimator", "outcomes"), where)
        check_choice(item["estimator"], [n for n in room.__all__ if n[0].isupper()], f"{where}: estimator")
        if not isinstance(item["outcomes"], list):
            raise SpecError("IOM-E092", f"{where}, outcomes: expected a list of names")
        kind = getattr(room, item["estimator"])
        return cls(estimator=made(kind, item.get("settings", {}), where), outcomes=tuple(item["outcomes"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Before/after evaluation of person-level data.

    Parameters
    ----------
    title : str
        Of the study.
    extract : Extract
        The file, and what its columns are.
    programme : str
        What was introduced, as sentences of the report are to call it.
    people : str
        What those it was introduced for are called there, in the plural.
    invented : bool
        True for people who do not exist.
    selection : Selection, optional
        The selection rule; without it nothing can be adjusted for regression to the mean.
    pool : PoolFile, optional
        A file of people who could have been selected and were never managed: their counts of the outcome that the
        rule reads. People of the extract's own file who were not managed (its `group`) need none.
    smallest_effect : float, optional
        The smallest change that matters, as a share: 0.1 is a tenth. Said before looking; without it nothing is
        called small or large.
    evidence : tuple of str
        Sets of evidence that come with the package, under which a ledger is drawn up; by default those that hold for
        any people selected on a count, or on the rate behind it where `selection` says so.
    own_evidence : tuple of Evidence
        Sets of the study's own, beside these.
    confounds : tuple of EvidenceLine
        The study's own adjustments; each takes the place of the line of its kind in every evidence set, but for one
        on regression to the mean: a set keeps its own, which makes it what it is, and the study's makes a set of its
        own beside them (``stated-by-the-study``).
    estimators : tuple of EstimatorLine
        In place of the usual ones.
    score_classes : tuple of ScoreClasses
        Of scores: what is known of their measurement error, so that it is said how many people changed by more.
    themes : tuple of Theme
        What was heard, each with the points of the register that it speaks to.
    disclosure : Disclosure
        What may leave.
    seed : int
        Of every random step.
    out : str
        The folder to write, beside the study file.
    folder : Path
        Where the study file lies, and its people beside it; no part of the study, so neither written nor compared.
    protocol : str
        The digest of the study's protocol as it was noted before (`protocol_digest`): the report says whether this is
        still it. No part of what is digested.
    unanswered : tuple of Question
        Lines of the study file that were still to be filled in when it was loaded as planned; no part of the study
        either.

    Examples
    --------
    >>> from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
    >>> two = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
    >>> arrests = ExtractOutcome(name="arrests", kind="count", columns=("pre", "post"))
    >>> Study(title="Ours", extract=Extract(file="a.csv", id="urn", outcomes=(arrests,), windows=two)).seed
    1
    """

    title: str
    extract: Extract
    programme: str = ""
    people: str = "managed people"
    invented: bool = False
    selection: Selection | None = None
    pool: PoolFile | None = None
    smallest_effect: float | None = None
    evidence: tuple[str, ...] = ()
    own_evidence: tuple[Evidence, ...] = ()
    confounds: tuple[EvidenceLine, ...] = ()
    estimators: tuple[EstimatorLine, ...] = ()
    score_classes: tuple[ScoreClasses, ...] = ()
    themes: tuple[Theme, ...] = ()
    disclosure: Disclosure = RULES
    seed: int = 1
    out: str = "iom-report"
    protocol: str = dataclasses.field(default="", metadata=UNDIGESTED)
    folder: Path = dataclasses.field(default=Path(), compare=False, repr=False)
    unanswered: tuple[Question, ...] = dataclasses.field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.smallest_effect is not None and not 0 < self.smallest_effect < 1:
            raise SpecError("IOM-E092", "study: smallest_effect: expected a share above 0 and below 1, such as 0.1")
        check_seed(self.seed, "study: seed")
        if self.protocol and not PROTOCOL.fullmatch(self.protocol):
            raise SpecError(
                "IOM-E092",
                "study: protocol: expected the 32 digits and letters that rehearse and evaluate print as the protocol",
            )
        for name in self.evidence:
            check_choice(name, evidence_sets(), "study: evidence")
        check_names(
            (*evidence_sets(), STATED, *(evidence.name for evidence in self.own_evidence)),
            "study: own_evidence, beside the bundled",
        )
        if not all(parts := self.out.split("/")):
            raise SpecError(
                "IOM-E090",
                f"study: out: expected a folder beside the study file, without a slash at either end, such as "
                f"'reports/one'; got {echo(self.out)}",
            )
        for part in parts:
            check_name(part, "study: out")
        for line in self.estimators:
            for name in line.outcomes:
                check_choice(name, self._names, "study: estimators: outcomes")
        _check_classes(self)
        for theme in self.themes:
            for key in theme.bears_on:
                check_choice(key, REGISTER, f"study: theme {theme.name}: bears_on")
        _check_selection(self)
        _check_pool(self)

    @property
    def sets(self) -> tuple[Evidence, ...]:
        """The evidence sets under which ledgers are computed."""
        return (*map(load_evidence, self.evidence or _usual_sets(self.selection)), *self.own_evidence)

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(o.name for o in self.extract.outcomes)

    def to_toml(self) -> str:
        """Return the file that reads back as this study."""
        return to_toml({"study": stated(self)}) + "\n"


def _usual_sets(selection: Selection | None) -> tuple[str, ...]:
    return ON_THE_RATE if selection is not None and selection.rule == "rate" else EVIDENCE


def _check_selection(study: Study) -> None:
    rule = study.selection
    if rule is None:
        return
    known = (*study._names, *study.extract.covariates)  # noqa: SLF001
    if rule.variable not in known:
        raise SpecError(
            "IOM-E093",
            sentences(
                f"study: selection: variable: {echo(rule.variable)} is not known; {nearest(rule.variable, known)}",
                "Carry a column of the file along (covariates, in the extract); where the file has none, leave "
                "selection out: what picking alone did is then not known",
            ),
        )
    labels = {w.label for w in study.extract.windows} | {"before"}
    for label in rule.windows:
        check_choice(label, labels, "study: selection: windows")
    if rule.rule not in THRESHOLD_IS:
        return
    lacking = {
        "threshold": (rule.threshold is None or rule.threshold <= 0, THRESHOLD_IS[rule.rule]),
        "softness": (rule.rule == "soft" and rule.softness is None, "the scale over which it turns, such as 2"),
    }
    wanted = [f"{key} ({what})" for key, (lacks, what) in lacking.items() if lacks]
    if wanted:
        raise SpecError("IOM-E096", f"study: selection: rule {echo(rule.rule)} needs, above 0: {' and '.join(wanted)}")


def _check_classes(study: Study) -> None:
    scores = [o.name for o in study.extract.outcomes if o.kind == "score"]
    named = [of.outcome for of in study.score_classes]
    for name in named:
        check_choice(name, scores, "study: score_classes: outcome (of kind score)")
    if len(set(named)) < len(named):
        raise SpecError("IOM-E092", "study: score_classes: expected one table a score, got a score twice")


def _check_pool(study: Study) -> None:
    if study.pool is None:
        return
    counts = [o.name for o in study.extract.outcomes if o.kind == "count"]
    if study.selection is None or study.selection.variable not in counts:
        raise SpecError(
            "IOM-E096",
            "study: pool: people who were not managed tell what the rule alone does to the count that it reads; give "
            "selection, with a count of the extract as its variable",
        )
    check_pool(study.pool, study.extract, study.selection.variable)


def load_study(path: Path | str, *, planned: bool = False) -> Study:
    """Read a study of one's own people from a TOML file.

    Parameters
    ----------
    path : path
        The file.
    planned : bool
        Whether the people need not be there yet, so that lines may still be marked to be filled in.

    Raises
    ------
    SpecError
        IOM-E092 to E096 for a file that is unreadable, of another kind or incomplete, and for unknown keys.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> columns = 'outcomes = [{ name = "arrests", kind = "count", columns = ["pre", "post"] }]'
    >>> windows = 'windows = [{ label = "before", months = 12 }, { label = "after", months = 12, post = true }]'
    >>> text = f'study = {{ title = "Ours", extract = {{ file = "people.csv", id = "urn", {windows}, {columns} }} }}'
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "study.toml")
    ...     _ = path.write_text(text)
    ...     ours = load_study(path)
    >>> ours.title, [window.label for window in ours.extract.windows]
    ('Ours', ['before', 'after'])
    """
    document = read_toml(path, "study")
    check_keys(document, ("study",), Path(path).name)
    asked = questions_in(document["study"])
    if asked and not planned:
        raise unanswered(asked, Path(path).name)
    try:
        study = build(Study, _without_questions(document["study"]) if asked else document["study"], "study")
    except IomCausalError:
        if planned and any(question.key.split(".")[0] in NEEDED for question in asked):
            raise unanswered(asked, Path(path).name) from None
        raise
    return replace(study, folder=Path(path).parent, unanswered=asked)


NEEDED = ("windows", "months", "outcomes", "selection")
"""What a plan may not leave to be filled in."""


def check_answered(study: Study) -> None:
    """Refuse a study in which something is still to be filled in.

    Raises
    ------
    SpecError
        IOM-E096, naming every key and what is asked.
    """
    asked = (*study.unanswered, *questions_in(stated(study)))
    if asked:
        raise unanswered(tuple({question.key: question for question in asked}.values()), "study")


def _without_questions(study: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is still to be filled in, but for text that a plan does not read, such as the column of ids."""
    extract = study.get("extract")
    return dict(study) if not isinstance(extract, Mapping) else {**study, "extract": _settled(Extract, extract)}


ROWS = {"windows": ExtractWindow, "outcomes": ExtractOutcome}
"""The lists of tables of an extract in which a question may stand."""


def _settled(record: type, table: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {field.name: field.default for field in dataclasses.fields(record)}
    stays = {key: item for key, item in table.items() if not is_open(item) or defaults.get(key) in _TEXT}
    rows = {
        key: [_settled(ROWS[key], row) if isinstance(row, Mapping) else row for row in stays[key] if not is_open(row)]
        for key in ROWS
        if isinstance(stays.get(key), list)
    }
    return stays | rows


_TEXT = ("", dataclasses.MISSING)
"""Defaults of text of any kind, and of what has to be there."""


def stated(value: Any) -> Any:
    """Serialise a frozen value for TOML: fields that differ from their defaults, classes by name."""
    if isinstance(value, EvidenceLine):
        settings = {"confound": type(value.confound).__name__, "settings": stated(value.confound)}
        return settings | {"source": value.source, "date": value.date, "reason": value.reason}
    if isinstance(value, EstimatorLine):
        name = type(value.estimator).__name__
        return {"estimator": name, "settings": stated(value.estimator), "outcomes": list(value.outcomes)}
    if isinstance(value, (Range, Distribution)):
        return as_table(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if _differs(value, f)}
        return {name: stated(item) for name, item in given.items() if item is not None}
    return [stated(item) for item in value] if isinstance(value, tuple) else value


def _differs(value: Any, field: dataclasses.Field[Any]) -> bool:
    return field.compare and (field.default is dataclasses.MISSING or getattr(value, field.name) != field.default)
