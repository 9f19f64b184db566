"""Sources of the figures that each step of an analysis gives the first screen and the box."""

from collections.abc import Iterator

from iom_causal.analysis import change, comparison, null, regression, settling
from iom_causal.analysis.change import Change
from iom_causal.analysis.first_answer import FirstAnswer, first_answer
from iom_causal.analysis.null import Null
from iom_causal.analysis.published import people_changed
from iom_causal.analysis.published.people_changed import PeopleChanged
from iom_causal.analysis.regression import Regression
from iom_causal.analysis.settling import Settling
from iom_causal.analysis.subject import Subject
from iom_causal.estimate import Estimate
from iom_causal.estimators import PoissonFixedEffects
from iom_causal.report import sections, sentences
from iom_causal.report.formulas import FORMULAS
from iom_causal.report.phrases import WITHIN_PEOPLE
from iom_causal.report.render.page import Page, Source
from iom_causal.report.sections import change as changes
from iom_causal.report.sections import comparison as comparisons
from iom_causal.report.sections import first_screen, overturned
from iom_causal.report.sections import ledgers as ledger_sections
from iom_causal.report.sources.trail import Trail
from iom_causal.report.voices import called

ROW = "the row “{0}: {1}” of {2}"
OF_THE_FILE = "The study file: {0}."
STORED = "The stored table settling.csv of the package, of simulated people and not of these."


def of_change(trail: Trail) -> Iterator[Source]:
    """Yield the sources of what changed, for the first screen's question too."""
    found, subject, first = trail.results.of(change.run) or Change(), trail.subject, trail.page.first
    answer = first_answer(subject, trail.results)

    def asked(given: object) -> tuple[str, ...]:
        by_change = first is not None and answer is not None and answer.change is given
        if first is None or answer is None or not by_change:
            return ()
        return (first.question, first_screen.moved(answer, subject), *_overturned(trail, "change"))

    for e in found.estimates:
        said = _within(e, subject) if isinstance(e.spec, PoissonFixedEffects) else changes.of_estimate(e, subject)
        if said:
            yield _of_estimate(trail, e, "estimates.csv", said, *asked(e), first_screen.within(e, subject))
            yield from _smallest(trail, e)
    for b in found.bare:
        said = sentences.bare_change_sentence(b.outcome, b.before, b.after, share=b.kind == "binary")
        title, where = f"{b.outcome}: the printed means", "the table “Printed and recomputed statistics”"
        yield trail.source(said, *asked(b), figure=title, formula="bare means", outcome=b.outcome, where=where)
    for c in found.completers:
        said = sentences.completers_sentence(c.outcome, c.low, c.high, c.n, score=c.kind == "score")
        title, where = f"{c.outcome}: bounds on the change of those followed up", "“The change itself”"
        yield trail.source(said, *asked(c), figure=title, formula="completers", outcome=c.outcome, where=where)


def _within(e: Estimate, subject: Subject) -> str:
    """Return the sentence of the ratio within people, as a page leads with it where days differ."""
    said = changes.ratio_sentence(e, subject)
    return WITHIN_PEOPLE.format(f"{said[:1].lower()}{said[1:]}") if said else ""


def _of_estimate(trail: Trail, e: Estimate, file: str, *says: str) -> Source:
    return trail.source(
        *says,
        figure=f"{e.outcome}: {e.method}",
        formula=type(e.spec).__name__,
        outcome=e.outcome,
        where=ROW.format(e.outcome, e.method, file),
    )


def _smallest(trail: Trail, e: Estimate) -> Iterator[Source]:
    share = trail.subject.smallest_effect
    if share is None or e.scale != "ratio" or e.conf_low is None or e.conf_high is None:
        return
    yield trail.source(
        sentences.smallest_sentence(e.outcome, share, e.conf_low, e.conf_high, called(trail.subject)),
        figure=f"{e.outcome}: the smallest change that matters",
        formula="smallest change",
        read=OF_THE_FILE.format("smallest_effect, stated by whoever wrote it"),
        where=ROW.format(e.outcome, e.method, "estimates.csv"),
    )


def of_comparison(trail: Trail) -> Iterator[Source]:
    """Yield the sources of what a comparison shows, and of how far apart groups were before."""
    subject, results = trail.subject, trail.results
    answer = first_answer(subject, results)
    for e in comparisons.quoted(results):
        says = [comparisons.sentence_of(e.outcome, subject, results)]
        if answer is not None and answer.outcome == e.outcome:
            says += [first_screen.by_comparison(answer), first_screen.left_of_comparison(answer, results)]
            says += _overturned(trail, "comparison")
        yield _of_estimate(trail, e, "comparison.csv", *says)
    for each in results.of(comparison.run) or ():
        if each.before is not None:
            yield trail.source(
                comparisons.were(each, each.before, subject),
                figure=f"{each.outcome}: managed people and the others, before",
                formula="means before",
                outcome=each.outcome,
                where=f"the box, or the section “{each.outcome.capitalize()} against a comparison”",
            )


def of_people_changed(trail: Trail) -> Iterator[Source]:
    """Yield the sources of how many people changed."""
    found = trail.results.of(people_changed.run) or PeopleChanged()
    said = sections.people_changed.headline(trail.subject, trail.results)
    for r, text in zip(found.as_the_mean, said, strict=True):
        where = f"the row {r.outcome}, {r.feature} of people.csv"
        title = f"{r.outcome}: people who {r.feature}"
        yield trail.source(text, figure=title, formula="people changed", outcome=r.outcome, where=where)


def of_regression(trail: Trail) -> Iterator[Source]:
    """Yield the sources of the mean at which regression to the mean is the whole change."""
    views = [v for v in (trail.results.of(regression.run) or Regression()).views if v.tipping_is_usable]
    said = sections.regression.headline(trail.subject, trail.results)
    advised, overturning = _built(first_screen.POOL_MEAN, trail.page), _overturned(trail, "regression")
    for view, text in zip(views, said, strict=True):
        name = view.moments.name
        yield trail.source(
            text,
            *(each for each in (*advised, *overturning) if any(f" {name}{end}" in each for end in (", ", " ("))),
            figure=f"{name}: the mean of everybody at which regression to the mean alone is the whole change",
            formula="regression to the mean",
            outcome=name,
            where=f"the curve of {name} in regression_curve.csv",
        )


def of_null(trail: Trail) -> Iterator[Source]:
    """Yield the sources of how often such a fall comes with the programme switched off."""
    found = trail.results.of(null.run) or Null()
    said = sections.null.headline(trail.subject, trail.results)
    for c, text in zip(found.calibrations, said, strict=True):
        title, where = f"{c.outcome}: with the programme switched off", f"{c.outcome} in null_calibration.csv"
        yield trail.source(text, figure=title, formula="null calibration", outcome=c.outcome, where=where)


def of_ledgers(trail: Trail) -> Iterator[Source]:
    """Yield the sources of what remains under every set, of what may be left over all, and of what was expected."""
    subject, results = trail.subject, trail.results
    answer = first_answer(subject, results)
    for each in ledger_sections.given(subject, results):
        if not each.under:
            continue
        name = each.outcome
        lines = f"the rows {name}, remainder of ledger.csv"
        under = ledger_sections.by_set(each, subject)
        title = f"{name}: what remains under each set of evidence"
        yield trail.source(*under, figure=title, formula="ledger", outcome=name, where=lines)
        left = ledger_sections.left_of(each, subject, results)
        title = f"{name}: what may be left over all sets and worlds"
        both = f"{lines}, and null_calibration.csv"
        yield trail.source(*left, figure=title, formula="identified set", outcome=name, where=both)
        if answer is not None and answer.outcome == name and answer.expected is not None:
            title = f"{name}: what was to be expected without the programme"
            expected = _expected(answer, trail)
            yield trail.source(*expected, figure=title, formula="expected", outcome=name, where=both)


def of_overturning(trail: Trail) -> Iterator[Source]:
    """Yield the source of what would overturn the answer, where no other step has it."""
    answer = first_answer(trail.subject, trail.results)
    if answer is None:
        return
    yield trail.source(
        *_overturned(trail, "ledger"),
        figure=f"{answer.outcome}: the setting nearest to what is believed of it at which nothing remains",
        formula="tipping",
        outcome=answer.outcome,
        where=f"the table of settings under “{answer.outcome.capitalize()}: expected without the programme”",
    )
    yield trail.source(
        *_overturned(trail, "score error"),
        figure=f"{answer.outcome}: the error of one score at which chance alone is the whole fall",
        formula="score error",
        outcome=answer.outcome,
        where="the first screen",
    )


def _overturned(trail: Trail, by: str) -> tuple[str, ...]:
    """Return what the first screen says would overturn the answer, where that was found so."""
    answer = first_answer(trail.subject, trail.results)
    if answer is None or trail.page.first is None:
        return ()
    found = overturned.overturned(answer, trail.subject, trail.results)
    return (found.text,) if found.by == by else ()


def _expected(answer: FirstAnswer, trail: Trail) -> tuple[str, ...]:
    """Return what the first screen says of what was to be expected by sets and worlds."""
    first = trail.page.first
    said = () if first is None else tuple(t for h, t in first.sentences if h == first_screen.ANYWAY)
    compared = first_screen.by_comparison(answer)
    return tuple(text.removeprefix(compared).lstrip() for text in said)


def of_designs(trail: Trail) -> Iterator[Source]:
    """Yield the sources of what lots would find, and of the level of the design."""
    if (trail.results.of(settling.run) or Settling()).stored is not None:
        yield trail.source(
            *_built(first_screen.LOTS, trail.page),
            figure="what a study by lots would find",
            formula="lots",
            read=STORED,
            where="“What would settle it”",
        )
    if trail.page.first is not None:
        yield trail.source(
            trail.page.first.level,
            figure=f"level of the design on the {FORMULAS['level'].title}",
            formula="level",
            read=OF_THE_FILE.format("whether there are people who were not managed, and how they came not to be"),
            where="the first lines of the report",
        )


def _built(template: str, page: Page) -> tuple[str, ...]:
    """Return the sentences of the page that begin as a template does."""
    start = template.partition("{")[0]
    return tuple(text for text in page.spoken if text.startswith(start))


SOURCES = (
    of_change,
    of_comparison,
    of_people_changed,
    of_regression,
    of_null,
    of_ledgers,
    of_overturning,
    of_designs,
)
"""What yields the sources of each kind of sentence."""
