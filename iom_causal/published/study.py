"""Published evaluation: read from TOML, validated in form, every number as reported."""

import datetime as dt
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path

from iom_causal.base.names import check_names
from iom_causal.base.schema import build
from iom_causal.base.specs import check_choice, nearest, read_toml
from iom_causal.data.files.readers import format_of
from iom_causal.data.guesses.questions import open_questions, unanswered
from iom_causal.errors import InfeasibleError, InputError, SpecError, echo
from iom_causal.moments import KINDS, Moments
from iom_causal.numerics.printed.completers import baselines
from iom_causal.numerics.printed.p_values import STATISTICS, p_value
from iom_causal.published.completers import completers_test
from iom_causal.published.printed import Printed
from iom_causal.published.records import Describes, Outcome, PrintedTest, Sample, StudyWindow
from iom_causal.published.statements import Account, Cited, Claim, Count, Limitation, Proportion, Subgroup, Theme
from iom_causal.windows import AFTER, BEFORE, Selection, Window

CONTRASTS = ("before_minus_after", "after_minus_before")
CLAIM_KINDS = ("label", "order", "ageing", "follow_up", "programme", "no_difference", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStudy:
    """A one-group before/after evaluation as it was published.

    Parameters
    ----------
    title, citation : str
        Of the work.
    source_version : str
        Which text was read, for instance "accepted manuscript"; it travels with every finding.
    doi : str
        Of the work, if any.
    journal_compared : bool
        Whether the text read was compared with the journal version.
    invented : bool
        True for a study that nobody conducted.
    programme : str
        What was introduced, as sentences of the report are to call it.
    people : str
        What those it was introduced for are called there, in the plural.
    index_date : datetime.date, optional
        The day on which the programme was introduced.
    contrast : {"before_minus_after", "after_minus_before"}
        The direction of reported differences and t.
    comparison_group : bool
        Whether people without the programme were compared.
    selection : str
        The selection rule, as stated; the paper's own words in “ ”.
    rule : Selection, optional
        The same as figures, where the report says which outcome it read, over which of `windows`, and from which number
        on people were picked. The models of `null_calibration` and of `what_to_ask` then pick by it: from its threshold
        on, or of ``top`` from the fewest that somebody is printed to have; where it cannot be read so, they say why.
    hedges : tuple of str
        The authors' words of caution about their own findings.
    evidence : tuple of str
        Named sets of evidence under which a ledger is drawn up.
    text : str
        The file that holds the text of the work (txt, html, docx), as seen from the study's file: its quotations and
        numbers are held against it.
    folder : Path
        Where the study's file is; `load_published` says it.
    research : tuple of str
        What the authors suggest for research.
    windows, sample, outcomes, tests, subgroups, counts, accounts, proportions, cited, claims, themes, limitations
        The records; see ``iom_causal.published.records`` and ``iom_causal.published.statements``.

    Examples
    --------
    >>> paper = load_published("sleath-brown-2017")
    >>> paper.sample.n.count, paper.outcome("arrests").test.value.text
    (225, '11.64')
    >>> round(paper["arrests"].t, 2)
    -11.64
    """

    title: str
    citation: str
    source_version: str
    sample: Sample
    outcomes: tuple[Outcome, ...]
    doi: str = ""
    journal_compared: bool = False
    invented: bool = False
    programme: str = ""
    people: str = "people"
    index_date: dt.date | None = None
    contrast: str = "before_minus_after"
    comparison_group: bool = False
    selection: str = ""
    rule: Selection | None = None
    hedges: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    text: str = ""
    folder: Path = field(default=Path(), compare=False, repr=False)
    research: tuple[str, ...] = ()
    windows: tuple[StudyWindow, ...] = ()
    tests: tuple[PrintedTest, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    counts: tuple[Count, ...] = ()
    accounts: tuple[Account, ...] = ()
    proportions: tuple[Proportion, ...] = ()
    cited: tuple[Cited, ...] = ()
    claims: tuple[Claim, ...] = ()
    themes: tuple[Theme, ...] = ()
    limitations: tuple[Limitation, ...] = ()

    def __post_init__(self) -> None:
        _check(self)

    def __getitem__(self, name: str) -> Moments:
        return _moments(self, self.outcome(name))

    def outcome(self, name: str) -> Outcome:
        """Return an outcome as reported, by its name."""
        return _named(name, {o.name: o for o in self.outcomes}, "outcome")

    def limitation(self, key: str) -> Limitation | None:
        """Return a limitation by its register id, or None if the study does not list it."""
        return next((item for item in self.limitations if item.id == key), None)

    @property
    def spans(self) -> tuple[Window, ...]:
        """The windows in days relative to the index date; empty where the dates are not reported."""
        if self.index_date is None:
            return ()
        day = self.index_date
        return tuple(Window(w.label, (w.start - day).days, (w.end - day).days, post=w.post) for w in self.windows)

    @property
    def years_apart(self) -> float | None:
        """Years between the middles of the two windows, or None where they are not reported."""
        if len(self.spans) != 2:
            return None
        before, after = ((w.start or 0) + (w.end or 0) for w in self.spans)
        return (after - before) / 2 / 365.25


def load_published(name: str | Path) -> PublishedStudy:
    """Read a published study that is bundled, or that a TOML file describes.

    Parameters
    ----------
    name : str or path
        A bundled name (`bundled_studies`), or the path of a ``.toml`` file.

    Returns
    -------
    PublishedStudy
        Every number as its reported text.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown name or key, IOM-E094 to E096 for a file that is unreadable, of another kind or
        incomplete.
    InputError
        IOM-E100 or IOM-E101 for a number that cannot be read or cannot be.

    Examples
    --------
    >>> load_published("template").invented
    True
    """
    source = _source(name)
    table = read_toml(source, "published")["published"]
    if asked := open_questions(table):
        raise unanswered(asked, source.name)
    study = build(PublishedStudy, table, "published")
    return replace(study, folder=source.parent) if isinstance(source, Path) else study


def bundled_studies() -> tuple[str, ...]:
    """Return the names of the studies that come with the package.

    Examples
    --------
    >>> bundled_studies()
    ('sleath-brown-2017', 'template')
    """
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml"))
    )


def _folder() -> Traversable:
    return files("iom_causal.published") / "studies"


def _source(name: str | Path) -> Traversable | Path:
    if not isinstance(name, (str, Path)):
        raise SpecError(
            "IOM-E097",
            f"expected a published study (a bundled name or the path of a .toml file), got {type(name).__name__}; "
            "people's own data go to the estimators: write RateRatio()(panel)",
        )
    if isinstance(name, Path) or name.endswith(".toml"):
        return Path(name)
    if name in bundled_studies():
        return _folder() / f"{name}.toml"
    names = ", ".join(bundled_studies())
    if format_of(name) is not None:
        raise SpecError(
            "IOM-E093", "a file of people: first run iom-causal init STUDY --from it, then evaluate STUDY/study.toml"
        )
    if (inside := Path(name) / "study.toml").is_file():
        raise SpecError("IOM-E093", f"{echo(name)} is a folder; its study is {echo(inside.as_posix())}")
    if Path(name).is_dir():
        raise SpecError("IOM-E093", f"{echo(name)} is a folder; name the file in it")
    raise SpecError("IOM-E093", f"expected a bundled study ({names}) or the path of a .toml file, got {echo(name)}")


def _named[V](name: str, options: dict[str, V], what: str) -> V:
    if name not in options:
        raise SpecError("IOM-E093", f"unknown {what} {echo(name)}; {nearest(name, options)}")
    return options[name]


def _check(study: PublishedStudy) -> None:
    if not study.source_version.strip():
        raise SpecError(
            "IOM-E096",
            "published.source_version: expected which text was read, got nothing; name the version",
        )
    check_choice(study.contrast, CONTRASTS, "published.contrast")
    if not study.outcomes:
        raise SpecError("IOM-E096", "expected at least one [[published.outcomes]], got none")
    names = [o.name for o in study.outcomes]
    check_names(names, "published.outcomes")
    for o in study.outcomes:
        check_choice(o.kind, KINDS, f"outcome {o.name}: kind")
    for test in (*study.tests, *(o.test for o in study.outcomes if o.test is not None)):
        check_choice(test.statistic, STATISTICS, "test: statistic")
        if test.df or not STATISTICS[test.statistic]:
            p_value(test.statistic, test.value.value, tuple(d.value for d in test.df), tails=test.tails.count)
    if bare := [a.name for a in study.accounts if not (a.reconcile or a.why) or len(a.statements) < 2]:
        raise SpecError(
            "IOM-E096",
            f"account {bare[0]}: expected two places or more, and reconcile (what would make them agree) or why (what "
            "they leave open)",
        )
    _check_references(study, set(names))
    _check_windows(study)
    _check_rule(study)
    _check_ranges(study)


def _check_references(study: PublishedStudy, outcomes: set[str]) -> None:
    for subgroup in study.subgroups:
        for name in subgroup.outcomes:
            check_choice(name, outcomes, f"subgroup {subgroup.name}: outcome")
    for claim in study.claims:
        check_choice(claim.rests_on, CLAIM_KINDS, f"claim {claim.id}: rests_on")
        subjects = {
            "label": outcomes,
            "order": outcomes,
            "ageing": outcomes,
            "follow_up": {c.name for c in study.cited},
            "no_difference": {s.name for s in study.subgroups},
        }.get(claim.rests_on)
        if subjects is not None:
            check_choice(claim.subject, subjects, f"claim {claim.id}: subject")


def _check_windows(study: PublishedStudy) -> None:
    if study.windows and study.index_date is None:
        raise SpecError("IOM-E096", "published.windows are given but published.index_date is absent; add the date")
    if any(w.end <= w.start for w in study.windows):
        raise InputError("IOM-E042", "a window in published.windows has no length; its end is the first day after it")
    if any(later.start < earlier.end for earlier, later in pairwise(study.windows)):
        raise InputError("IOM-E041", "published.windows overlap or run backwards; list them in order of time")


def _check_rule(study: PublishedStudy) -> None:
    if study.rule is None:
        return
    labels = [w.label for w in study.windows if not w.post] or [BEFORE.label]
    for label in study.rule.windows:
        check_choice(label, labels, "published.rule: window before")


def _check_ranges(study: PublishedStudy) -> None:
    blocks = {
        f"{o.name}, {label}": w for o in study.outcomes for label, w in (("before", o.before), ("after", o.after))
    }
    shares = {f"{o.name}, {label}" for o in study.outcomes if o.kind == "binary" for label in ("before", "after")}
    if study.sample.age is not None:
        blocks["age"] = study.sample.age
    for where, block in blocks.items():
        if block.low is not None and block.high is not None and block.low.exact > block.high.exact:
            raise InputError("IOM-E101", f"{where}: the printed minimum exceeds the maximum; exchange them")
        if block.sd is not None and block.sd.exact < 0:
            raise InputError("IOM-E101", f"{where}: expected an SD of 0 or more, got {block.sd.text}")
        if where in shares:
            _check_share(where, block)
        if block.unit is not None and (block.unit.decimals or block.unit.exact < 1):
            raise InputError("IOM-E101", f"{where}: expected a unit of 1 or more, whole, got {block.unit.text}")


def _check_share(where: str, block: Describes) -> None:
    for name, printed in (("mean", block.mean), ("SD", block.sd)):
        if printed is None or 0 <= printed.exact <= 1:
            continue
        share = f"{float(printed.exact / 100):.{printed.decimals + 2}f}"
        meant = f"; a percentage is written as a proportion: {share}?" if 1 < printed.exact <= 100 else ""
        raise InputError(
            "IOM-E101", f"{where}: expected the {name} of a proportion, from 0 to 1, got {printed.text}{meant}"
        )


def _moments(study: PublishedStudy, outcome: Outcome) -> Moments:
    n = outcome.pairs
    if n is None:
        raise InputError("IOM-E112", f"{outcome.name}: the print gives no number of pairs; add test.n or test.df")
    before, after, age = outcome.before, outcome.after, study.sample.age or Describes()
    own_before, own_after = _count(before.n) in {None, n}, _count(after.n) in {None, n}
    return Moments(
        n=n,
        mean_pre=_float(before.mean) if own_before else None,
        sd_pre=_float(before.sd) if own_before else None,
        mean_post=_float(after.mean) if own_after else None,
        sd_post=_float(after.sd) if own_after else None,
        t=_signed_t(study, outcome),
        n_input=_count(study.sample.n) if own_before else _count(before.n),
        mean_pre_input=None if own_before else _float(before.mean),
        sd_pre_input=None if own_before else _float(before.sd),
        baselines=_baselines(study, outcome),
        range_pre=_range(before),
        range_post=_range(after),
        age_mean=_float(age.mean),
        age_sd=_float(age.sd),
        age_range=_range(age),
        name=outcome.name,
        kind=outcome.kind,
        windows=(study.spans[0], study.spans[1]) if len(study.spans) == 2 else (BEFORE, AFTER),
        index_date=study.index_date,
        source=study.citation,
    )


def _baselines(study: PublishedStudy, outcome: Outcome) -> tuple[tuple[float, float], ...]:
    partial = completers_test(outcome, study.contrast)
    try:
        return () if partial is None else baselines(partial)
    except InfeasibleError:
        return ()  # the audit says so


def _signed_t(study: PublishedStudy, outcome: Outcome) -> float | None:
    if outcome.test is None or outcome.test.statistic != "t":
        return None
    value = outcome.test.value.value
    return -value if study.contrast == "before_minus_after" else value


def _range(block: Describes) -> tuple[float, float] | None:
    return None if block.low is None or block.high is None else (block.low.value, block.high.value)


def _float(number: Printed | None) -> float | None:
    return None if number is None else number.value


def _count(number: Printed | None) -> int | None:
    return None if number is None else number.count
