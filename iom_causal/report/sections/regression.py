"""What regression to the mean alone could do, and how people got in."""

from collections.abc import Iterator

from iom_causal.analysis import regression
from iom_causal.analysis.regression import Regression
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed
from iom_causal.report import phrases, sentences
from iom_causal.report.render.page import Figure, Section, Short
from iom_causal.report.sections.part import Part
from iom_causal.report.voices import several_before, words
from iom_causal.sensitivity.regression_tipping import RegressionTipping

NO_FIGURE = "No figure is given here of what regression to the mean alone could do: what follows says why."
SAID = {
    Why.SELECTED_ON_OTHER: phrases.PICKED_ON_OTHER,
    Why.SELECTED_ON_RATE: phrases.RATE_TELLS,
    Why.CUT_IS_READ: phrases.CUT_TELLS,
    Why.ROSE: phrases.ROSE_ALL_THE_SAME,
    Why.REVERSED: phrases.WOULD_RISE,
}
"""What is said where nothing is worked out."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say how people got in, as far as that is stated, and what regression to the mean alone could do."""
    found, voice = results.of(regression.run) or Regression(), words(subject)
    got_in = [phrases.GOT_IN.format(subject.got_in)] if subject.got_in else []
    tips = [
        sentences.tipping_sentence(
            view.moments.name,
            view.tipping.mean,
            view.tipping.low,
            view.tipping.high,
            rose=view.observed > 1,
            several=several_before(subject),
        )
        for view in found.views
        if view.tipping_is_usable
    ]
    brackets = [_bracket(view, subject) for view in found.views]
    brackets += [voice.linear_limits] if found.views else []
    paragraphs = (*got_in, *tips, *brackets, *_refused(found, subject))
    tipped, bracketed = len(got_in) + len(tips), len(got_in) + len(tips) + len(brackets)
    shown = Section(
        title="What regression to the mean alone could do",
        name="regression",
        finding=" ".join(headline(subject, results)) or NO_FIGURE,
        paragraphs=paragraphs,
        figures=tuple(_curve(v, subject.release) for v in found.views),
        short=(Short("bracket", paragraphs=slice(tipped, bracketed)),),  # the box gives the note the mean that tips
    )
    return (shown,) if paragraphs else ()


def _bracket(view: RegressionTipping, subject: Subject) -> str:
    voice = words(subject)
    return sentences.bracket_sentence(
        view.observed,
        {mean: view.at(mean) for mean in _round_means(view)},
        voice.open_to_reader,
        per_day=_per_day(view) if voice.per_window else None,
        stated=subject.rule is not None,
    )


def _refused(found: Regression, subject: Subject) -> Iterator[str]:
    """Say of each outcome why nothing is worked out, where that is a question."""
    for each in found.refusals:
        said = _said(each, subject)
        if said:
            yield said


def _said(refusal: Refusal, subject: Subject) -> str:
    name, variable = refusal.outcome, "" if subject.rule is None else subject.rule.variable
    if refusal.why is Why.OTHER_KIND:
        return words(subject).no_curve.get(refusal.kind, "").format(name)
    if refusal.why in SAID:
        return SAID[refusal.why].format(name, variable, variable)
    return words(subject).no_regression(refusal)


def _per_day(view: RegressionTipping) -> float | None:
    """Return the observed ratio per calendar day, where windows differ in length."""
    days = view.moments.exposure
    return None if days is None or days[0] == days[1] else view.observed * days[0] / days[1]


def _round_means(view: RegressionTipping) -> tuple[float, ...]:
    """Return means of the source population below that of the selected, and above it too where they rose."""
    top = int(view.moments.mean_pre or 1.0)
    shares = (0.25, 0.5, 0.75) if view.observed <= 1 else (0.5, 1.5, 2.0)
    return tuple(float(m) for m in sorted({max(1, round(top * share)) for share in shares}))


def _curve(view: RegressionTipping, release: Release) -> Figure:
    name = view.moments.name
    first, last = (f"{fixed(view.remainder[k], 2)} at a mean of {fixed(view.mean[k], 2)}" for k in (0, -1))
    crosses = f"; it crosses 1 at {fixed(view.tipping.mean, 2)}" if view.tipping_is_usable else ""
    return Figure(
        f"regression-{name}",
        f"The ratio of {name} that remains after linear regression to the mean, by the mean of everybody from "
        "whom they were picked. The band is sampling alone.",
        f"A curve from {first} of everybody to {last}{crosses}.",
        release.image(view.plot()),
    )


def headline(subject: Subject, results: Results) -> tuple[str, ...]:
    """Say that part of a change was to be expected anyway, and when all of it."""
    found = results.of(regression.run) or Regression()
    return tuple(
        sentences.expected_anyway_sentence(
            view.moments.name, view.tipping.mean, rose=view.observed > 1, several=several_before(subject)
        )
        for view in found.views
        if view.tipping_is_usable
    )


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the curves as one table."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found = results.of(regression.run) or Regression()
    if not found.views:
        return {}
    curves = pd.concat([view.tidy() for view in found.views], ignore_index=True)
    return {"regression_curve.csv": subject.release.leaving(curves, RegressionTipping)}


PART = Part(step=regression.run, section=section, headline=headline, files=files)
