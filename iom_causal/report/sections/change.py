"""The change itself, whatever brought it about, with a robust interval."""

from collections.abc import Iterator, Sequence

from iom_causal.analysis import change, models
from iom_causal.analysis.change import Change
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject, staggered
from iom_causal.base import axes_of_rows, wording
from iom_causal.base.formats import listed
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.estimate.notes import DAYS_DIFFER, TOO_NARROW, of_kind
from iom_causal.estimate.side_by_side import model_table
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio, RiskDifference
from iom_causal.report import estimate_cells, phrases, sentences
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections import comparison
from iom_causal.report.sections.part import Part
from iom_causal.report.voices import called, windows_of, words

NAMED = 6
"""So many windows are named one by one where they are put together."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show every estimate of the change, and say what could not be estimated."""
    found, release, voice = results.of(change.run) or Change(), subject.release, words(subject)
    rows = tuple(
        (
            f"{e.outcome}: {e.method}",
            *estimate_cells.value_and_interval(e, release),
            estimate_cells.people(e, release),
            *((_basis(e),) if voice.names_basis else ()),
        )
        for e in found.estimates
    )
    heads = ("estimate of", "value", "95% interval", "people", *(("from",) if voice.names_basis else ()))
    ratios = [e for e in found.estimates if e.scale == "ratio" and e.estimate is not None]
    unbuilt = () if subject.unbuilt is None else (phrases.NO_COHORT.format(subject.unbuilt.plain),)
    shown = Section(
        title="The change itself",
        name="change",
        finding=" ".join(said[0] for said in _said(subject, results)) or phrases.NO_CHANGE_GIVEN,
        paragraphs=(
            *unbuilt,
            *_together(subject),
            *(_refused(r, results) for r in found.refusals),
            *_narrow(found.estimates, release),
        ),
        tables=(
            *((Table(voice.changes, heads, rows, "estimates.csv"),) if rows else ()),
            *_side_by_side(found.estimates, release),
        ),
        figures=(_forest(ratios, release),) if ratios else (),
    )
    return (shown,)


def _side_by_side(estimates: Sequence[Estimate], release: Release) -> Iterator[Table]:
    """Show the coefficients of models of one outcome: of people only where the rules are switched off."""
    fitted = [e for e in estimates if e.cov is not None and e.estimate is not None and not release.guarded]
    for name, scale in dict.fromkeys((e.outcome, e.std_error_scale) for e in fitted):
        models = {e.method: e for e in fitted if (e.outcome, e.std_error_scale) == (name, scale)}
        if len(models) > 1:
            shown = model_table(models)
            yield Table(phrases.MODELS_BESIDE.format(name), ("coefficient", *models), shown.rows)


def _together(subject: Subject) -> Iterator[str]:
    """Say what before and after are where windows are put together."""
    labels = windows_of(subject)
    summed = any(o.kind != "score" and not staggered(subject, o.name) for o in subject.outcomes)
    if max(map(len, labels)) > 1 and summed:
        yield phrases.BEFORE_AND_AFTER.format(*map(_named, labels))


def _named(side: Sequence[str]) -> str:
    """Name windows that are put together: each of a few, the first and the last of many."""
    quoted = [wording.quote(label) for label in side]
    names = listed(quoted) if len(side) <= NAMED else f"{quoted[0]} to {quoted[-1]}"
    return f"{names} together" if len(side) > 1 else names


def _refused(refusal: Refusal, results: Results) -> str:
    if refusal.why is Why.TOO_FEW:
        return phrases.TOO_FEW.format(refusal.outcome)
    if refusal.why is Why.STARTS_DIFFER:
        offered = any(e.outcome == refusal.outcome for e in comparison.quoted(results))
        return f"{phrases.STARTS_DIFFER.format(refusal.outcome)} {phrases.BY_ENTRY[offered]}"
    if refusal.why is Why.UNLIKE_TIME:
        return phrases.UNLIKE_TIME.format(refusal.outcome, refusal.what)
    return sentences.not_computed(refusal)


def _narrow(estimates: Sequence[Estimate], release: Release) -> Iterator[str]:
    """Say which intervals are too narrow, and by how much."""
    for e in estimates:
        notes = map(release.note, of_kind(e.notes, TOO_NARROW))
        yield from (f"{e.outcome}, {e.method}: {note}." for note in notes if note)


def _basis(e: Estimate) -> str:
    return {None: "print", True: "print", False: "rebuilt cohorts"}[e.pinned]


def _forest(ratios: Sequence[Estimate], release: Release) -> Figure:
    names = {e.outcome for e in ratios}
    alone = len(names) == 1
    labels = [e.method if alone else f"{e.outcome}: {e.method}" for e in ratios]
    rows = zip(labels, ratios, strict=True)
    ax = axes_of_rows.forest([{"label": label, **estimate_cells.as_drawn(e, release)} for label, e in rows])
    if alone:
        ax.set_xlabel(f"{names.pop()}, {ax.get_xlabel()}")
    ends = "; ".join(f"{e.method} {estimate_cells.value_and_interval(e, release)[0]}" for e in ratios)
    return Figure(
        "change",
        "After over before with 95% intervals; the dotted line is no change.",
        f"Forest plot of ratios after over before: {ends}.",
        release.image(ax),
    )


def headline(subject: Subject, results: Results) -> tuple[str, ...]:
    """Say how each outcome changed, and whether by as much as matters."""
    return tuple(text for said in _said(subject, results) for text in said)


def _said(subject: Subject, results: Results) -> Iterator[tuple[str, ...]]:
    """Yield the sentence of each change, with one on whether it is as large as matters where that is stated."""
    found = results.of(change.run) or Change()
    for b in found.bare:
        yield (sentences.bare_change_sentence(b.outcome, b.before, b.after, share=b.kind == "binary"),)
    for e in found.estimates:
        sentence = of_estimate(e, subject)
        if sentence:
            own = within_people(e, found.estimates)
            yield _led_by(own, sentence, e, subject), *_settled(own or e, subject)
    for c in found.completers:
        yield (sentences.completers_sentence(c.outcome, c.low, c.high, c.n, score=c.kind == "score"),)


def within_people(e: Estimate, estimates: Sequence[Estimate]) -> Estimate | None:
    """Return the ratio within people where that of pooled rates weights people by days that differ."""
    if not of_kind(e.notes, DAYS_DIFFER):
        return None
    return next(
        (
            own
            for own in estimates
            if own.outcome == e.outcome
            and isinstance(own.spec, PoissonFixedEffects)
            and None not in (own.estimate, own.conf_low, own.conf_high)
        ),
        None,
    )


def _led_by(own: Estimate | None, sentence: str, e: Estimate, subject: Subject) -> str:
    """Lead with the ratio within people where there is one: what a programme that multiplies rates does (`Custody`)."""
    if not of_kind(e.notes, DAYS_DIFFER):
        return sentence
    if own is None:
        return f"{sentence} {phrases.WEIGHTED_BY_DAYS}"
    first, pooled = (f"{text[:1].lower()}{text[1:]}" for text in (ratio_sentence(own, subject), sentence))
    return " ".join((phrases.WITHIN_PEOPLE.format(first), phrases.POOLED.format(pooled), phrases.WEIGHTED_BY_DAYS))


def ratio_sentence(e: Estimate, subject: Subject) -> str:
    """Return the sentence of a ratio with its interval."""
    kind = next(o.kind for o in subject.outcomes if o.name == e.outcome)
    shown = estimate_cells.given(e, subject.release)
    if shown.estimate is None or shown.conf_low is None or shown.conf_high is None:
        return ""
    return sentences.change_sentence(
        e.outcome,
        shown.estimate,
        shown.conf_low,
        shown.conf_high,
        level=e.conf_level,
        per=subject.per(e.outcome),
        counted=kind == "count",
        people=some_of(e, subject.release),
        decimals=shown.decimals,
    )


def of_estimate(e: Estimate, subject: Subject) -> str:
    """Return the sentence of an estimate: of one that the first page quotes, else nothing."""
    kind, release = next(o.kind for o in subject.outcomes if o.name == e.outcome), subject.release
    n = e.n_used or 0
    counted = isinstance(e.spec, RateRatio) and e.spec.se == "robust"
    if counted and e.estimate is not None and e.std_error is None and e.conf_low is None:
        alike = sentences.alike_sentence(e.outcome, release.ratio(e.estimate, n), counted=kind == "count")
        return f"{alike} {phrases.NO_INTERVAL}"
    shown = estimate_cells.given(e, release)
    if shown.estimate is None or shown.conf_low is None or shown.conf_high is None:
        return ""
    if counted:
        return ratio_sentence(e, subject)
    if (isinstance(e.spec, PairedT) and kind == "score") or isinstance(e.spec, RiskDifference):
        return sentences.mean_change_sentence(
            e.outcome,
            shown.estimate,
            shown.conf_low,
            shown.conf_high,
            level=e.conf_level,
            people=release.count(n),
            share=kind == "binary",
            decimals=min(3 if kind == "binary" else 2, shown.decimals),
        )
    return ""


def some_of(e: Estimate, release: Release) -> str:
    """Return how many people an estimate is of, out of how many; nothing where the two are given alike."""
    used, given = release.count(e.n_used or 0), release.count(e.n_input or 0)
    return "" if used == given else f"{used} of {given}"


def _settled(e: Estimate, subject: Subject) -> tuple[str, ...]:
    share = subject.smallest_effect
    if share is None or e.scale != "ratio" or e.conf_low is None or e.conf_high is None:
        return ()
    return (sentences.smallest_sentence(e.outcome, share, e.conf_low, e.conf_high, called(subject)),)


def given(subject: Subject, results: Results) -> dict[str, list[str]]:
    """Return the number of people, the value and the interval of every estimate of the change, as they are given."""
    found, release = results.of(change.run) or Change(), subject.release
    return {
        f"{e.outcome}: {e.method}": [release.count(e.n_used or 0), *estimate_cells.value_and_interval(e, release)]
        for e in found.estimates
    }


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the table of estimates, models of rebuilt cohorts among them."""
    import pandas as pd  # noqa: PLC0415 slow to load

    if results.of(change.run) is None:
        return {}
    table = pd.DataFrame([e.row() for e in estimates(results)], columns=list(COLUMNS))
    return {"estimates.csv": subject.release.leaving(table, Estimate)}


def estimates(results: Results) -> tuple[Estimate, ...]:
    """Return every estimate: of the change itself, and of models on rebuilt cohorts."""
    found, fitted = results.of(change.run), results.of(models.run)
    return (*(found.estimates if found else ()), *(fitted.estimates if fitted else ()))


PART = Part(step=change.run, section=section, headline=headline, files=files, doing="estimating the change")
