"""The section of the null calibration: how often such a fall comes with the programme switched off."""

from collections.abc import Callable, Sequence
from functools import partial
from math import log, log1p

from iom_causal.analysis import null
from iom_causal.analysis.null import Null
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.results import Why
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, percent
from iom_causal.null.figures_in_words import chance_text, either, range_text, share_text, short_chance
from iom_causal.null.models import LatentRateModel, NullModel
from iom_causal.null.result import NullCalibration
from iom_causal.null.sentences import (
    NOT_BY_THE_RULE,
    NOT_COMPUTED,
    first_page_cut_sentence,
    first_page_sentence,
    plain_sentence,
    settled_sentence,
)
from iom_causal.report import phrases, sentences
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part
from iom_causal.report.voices import called, words


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the worlds with these figures, and how often counts fall as far in them."""
    found = results.of(null.run) or Null()
    calibrations, absent = found.calibrations, _absent(found, subject)
    if not (calibrations or absent):
        return ()
    paragraphs = [t for c in calibrations for t in (*c.sentences(), settled_sentence(c.outcome, called(subject)))]
    shown = Section(
        title=f"Would this {'fall' if calibrations else 'change'} have come anyway? With the programme switched off",
        name="switched-off",
        finding=" ".join(map(_finding, calibrations)) or absent[0],
        paragraphs=(*paragraphs, *(absent if calibrations else absent[1:])),
        tables=tuple(_table(c) for c in calibrations),
        figures=tuple(_figure(c, subject.release) for c in calibrations),
    )
    return (shown,)


def _finding(c: NullCalibration) -> str:
    """Say how often such a fall comes with no programme, and on what that turns."""
    chances = c.ends if c.cut is not None else tuple(w.chance for w in c.pools)
    low, high = min(chances), max(chances)
    return plain_sentence(c.outcome, (low, high), cut=c.cut is not None, limits=c.limits)


def _absent(found: Null, subject: Subject) -> tuple[str, ...]:
    """Say of each outcome what is assumed of how people were picked, or why there is no calibration."""
    refusals = [r for r in found.refusals if r.why is not Why.OTHER_KIND or words(subject).worlds_of_counts]
    top = phrases.PICKED_TOP if subject.rule is not None and subject.rule.rule == "top" else ""
    return tuple(
        text
        for o in subject.outcomes
        for text in (
            *(phrases.PICKING_ASSUMED.format(name) for name in found.assumed if name == o.name),
            *(NOT_COMPUTED.format(r.outcome, sentences.reason(r)) + top for r in refusals if r.outcome == o.name),
        )
    )


def headline(_subject: Subject, results: Results) -> tuple[str, ...]:
    """Say how often such a fall comes with the programme switched off."""
    found = results.of(null.run) or Null()
    return tuple(map(of_calibration, found.calibrations))


def of_calibration(c: NullCalibration) -> str:
    """Return the sentence of a calibration for the first page."""
    if c.cut is not None:
        return first_page_cut_sentence(c.outcome, c.cut, c.fall, c.ends, c.meanwhile, c.limits)
    wide, narrow = c.pools
    shares = wide.pool_share, narrow.pool_share
    sentence = first_page_sentence(c.outcome, c.fall, (wide.chance, narrow.chance), shares, c.meanwhile, c.limits)
    return f"{sentence} {NOT_BY_THE_RULE}" if c.read_as else sentence


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the worlds as one table."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found = results.of(null.run) or Null()
    if not found.calibrations:
        return {}
    models = pd.concat([c.tidy() for c in found.calibrations], ignore_index=True)
    return {"null_calibration.csv": subject.release.leaving(models, NullCalibration)}


def _table(c: NullCalibration) -> Table:
    first, *others = (fixed(b, 2) for b in c.backgrounds)
    again = all(w.chance_refitted is not None for w in c.models)
    columns = (
        "share of the pool picked",
        "the pool’s mean",
        "ratio put in",
        "falls anyway",
        "by picking alone",
        f"cohorts that fall as far, everybody times {first}",
        *(f"times {b}" for b in others),
        *(["cohorts that look like this"] if again else []),
    )
    known = " were the share picked known" if c.cut is None else ""
    interval = f", with its interval{known}" if again else ""
    alike = (
        " That look like this: cohorts without the programme that would be taken, were they the study, for ones with a "
        f"ratio as low{known.replace(' were', ', were')}."
    )
    both = f" Two figures: the lowest and the highest over {either(c.rates)}." if c.rates[1:] else ""
    last = [""] if again else []
    selected_on_rate = [
        (name, "", "", percent(same[0].falls.mean), percent(_part(same[0], c)), *_far(same), *last)
        for name, same in (("rate of the day", c.on_the_day), ("rate of the window, at most", c.in_the_window))
        if same
    ]
    caption = (
        f"{_models(c).format(c.outcome)} Ratio put in: after over before for everybody, what the programme does and "
        f"ageing and trend together{interval}. Falls anyway: the mean fall with the programme switched off, "
        f"everybody’s rate being multiplied by {first} for other reasons; by picking alone: its part of the observed "
        f"fall. That fall as far: cohorts of {c.n} without the programme that fall by {percent(c.fall, 1)} or more, of "
        f"{c.models[0].falls.sims:,} drawn, by what everybody’s rate is multiplied by."
        f"{alike if again else ''}{both}"
    )
    return Table(
        caption, columns, (*(_row(c, models) for models in c.by_ratio()), *selected_on_rate), "null_calibration.csv"
    )


def _models(c: NullCalibration) -> str:
    if c.exact:
        return f"Worlds in which picked people {'have' if c.people else 'print'} the same five figures for {{}}."
    how, than = "softly" if c.cut is None else "by the cut", "from which these differ by no more than sampling"
    return f"Worlds in which people picked {how} have five figures for {{}} {than}."


def _row(c: NullCalibration, models: Sequence[NullModel]) -> tuple[str, ...]:
    low = [w.ratio_low for w in models if w.ratio_low is not None]
    high = [w.ratio_high for w in models if w.ratio_high is not None]
    interval = f" ({fixed(min(low), 2)} to {fixed(max(high), 2)})" if low and high else ""
    again = [w.chance_refitted for w in models if w.chance_refitted is not None]
    return (
        _span(share_text, [w.pool_share for w in models]),
        _span(partial(fixed, decimals=2), [w.pool_mean for w in models]),
        f"{fixed(models[0].ratio, 2)}{interval}",
        _span(percent, [w.falls.mean for w in models]),
        _span(percent, [w.picking_share for w in models]),
        *(_span(short_chance, [w.chance for w in same]) for same in c.beside(models)),
        *([_span(short_chance, again)] if again else []),
    )


def _span(text: Callable[[float], str], values: Sequence[float]) -> str:
    return range_text(text(min(values)), text(max(values)))


def _part(model: LatentRateModel, c: NullCalibration) -> float:
    """Return the part of the observed fall, on the log scale, that rates which drift make in a model."""
    return log(model.lasts) / log1p(-c.fall)


def _far(models: Sequence[LatentRateModel]) -> tuple[str, ...]:
    return tuple(short_chance(w.falls.chance) for w in models)


def _figure(c: NullCalibration, release: Release) -> Figure:
    soft = c.cut is None
    points = "; ".join(
        f"{w.rates}, {f'{share_text(w.pool_share)} picked' if soft else f'ratio {fixed(w.ratio, 2)}'}: "
        f"{chance_text(w.chance)}, picking {percent(w.picking_share)}"
        for rates in c.rates
        for w in c.identified_set(rates=rates)
    )
    along = "the share of the population that was picked" if soft else "the ratio that was put in"
    unknown = "which these worlds do not read from the people who were not managed" if c.not_read else NOT_KNOWN
    over = "; from the lowest to the highest over the kinds of rates" if c.rates[1:] else ""
    return Figure(
        f"null-{c.outcome}",
        f"With the programme switched off and a background of {fixed(c.backgrounds[0], 2)}: how many cohorts fall as "
        f"far in {c.outcome}, and the part of the fall that picking alone gives, by {along}, "
        f"{unknown if soft else NOT_KNOWN}{over}.",
        f"Curves over {along}: {points}.",
        release.image(c.plot()),
    )


NOT_KNOWN = "which is not known here"

PART = Part(step=null.run, section=section, headline=headline, files=files, doing="switching the programme off")
