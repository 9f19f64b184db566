"""The sections of an evaluation of a printed table, in reporting order."""

from collections.abc import Iterator, Mapping, Sequence

from iom_causal.analysis.release import PRINT, Source
from iom_causal.analysis.results import FeatureRange, Recomputed
from iom_causal.analysis.subject import StudyPeople
from iom_causal.base import axes, wording
from iom_causal.base.formats import fixed, listed
from iom_causal.estimate import Estimate
from iom_causal.published.audit.checks_sample import RESTATED
from iom_causal.published.audit.findings import Findings
from iom_causal.published.statements import Theme
from iom_causal.published.study import PublishedStudy
from iom_causal.report import phrases, sentences
from iom_causal.report.render.page import Figure, Section, Short, Table
from iom_causal.sensitivity.regression_tipping import RegressionTipping
from iom_causal.windows import Window

DAYS_A_YEAR = 365.25


def printed_numbers(table: Sequence[Recomputed], study: PublishedStudy) -> Section:
    """Show the paper's table beside the recomputed one."""
    rows = tuple((f"{r.outcome}: {r.statistic}", r.printed, r.rebuilt, "yes" if r.agrees else "no") for r in table)
    direction = "before minus after" if study.contrast == "before_minus_after" else "after minus before"
    return Section(
        title="The printed table, recomputed",
        paragraphs=(
            f"The rebuilt cohort is {wording.REBUILT}. Its t is in the paper's contrast, {direction}.",
            "Everywhere else on this page a change is after minus before, so a fall is negative.",
        ),
        tables=(Table("Printed and recomputed statistics.", ("statistic", "printed", "rebuilt", "the same"), rows),),
    )


def audit_sections(findings: Findings) -> tuple[Section, ...]:
    """Say what the audit found: what does not match, matters told twice, the authors' readings, and all checks."""
    told = tuple(f for f in findings if f.check == RESTATED)
    figures = (f for f in findings if f.claim is None and f not in told)
    checks = sorted(figures, key=lambda f: _ORDER.index(f.verdict))
    tally = ", ".join(
        f"{sum(f.verdict == v for f in checks)} {v}" for v in ("consistent", "inconsistent", "uninformative")
    )
    unmatched = tuple(f.text for f in checks if f.verdict == "inconsistent")
    powerful = any(f.verdict == "consistent" for f in checks)
    agree = "All figures that can be checked agree." if powerful else phrases.NO_CHECKS
    heading = "Figures that do not match, with what would reconcile them:" if unmatched else agree
    claims = tuple(f"{f.claim}: {f.text}" for f in findings.claims)
    rows = tuple((f"{f.subject}: {f.check}", f.verdict, f.text) for f in checks)
    return (
        Section(
            title="Audit: do the printed numbers agree with one another?",
            paragraphs=(f"{len(checks)} checks: {tally} (a check without power here). {heading}",),
            points=unmatched,
        ),
        *((Section(title=phrases.TOLD_TWICE, points=tuple(f.text for f in told), detail=True),) if told else ()),
        Section(title="The authors' readings of their figures", points=claims, detail=True),
        Section(
            title="Every check",
            tables=(Table(findings.version, ("check", "verdict", "finding"), rows),),
            detail=True,
        ),
    )


_ORDER = ("inconsistent", "consistent", "uninformative")


def change_section(estimates: Sequence[Estimate], sentences: Sequence[str], source: Source = PRINT) -> Section:
    """Show the change itself, with a robust interval."""
    printed = source.rules is None
    rows = tuple(
        (
            f"{e.outcome}: {e.method}",
            *_value_and_interval(e, source.digits(e.method, e.estimate, e.scale, e.n_used or 0)),
            _people(e, source),
            *((_basis(e),) if printed else ()),
        )
        for e in estimates
    )
    heads = ("estimate of", "value", "95% interval", "people", *(("from",) if printed else ()))
    ratios = [e for e in estimates if e.scale == "ratio" and e.estimate is not None]
    return Section(
        title="The change itself",
        paragraphs=tuple(sentences),
        tables=(Table(phrases.CHANGES_PRINTED if printed else phrases.CHANGES, heads, rows),) if rows else (),
        figures=(_forest(ratios, source),) if ratios else (),
    )


def _people(e: Estimate, source: Source) -> str:
    used, given = source.count(e.n_used or 0), source.count(e.n_input or 0)
    return used if source.rules is not None and used == given else f"{used} of {given}"


def _value_and_interval(e: Estimate, digits: int) -> tuple[str, str]:
    def ends(low: float | None, high: float | None) -> str:
        return "" if low is None or high is None else f"{fixed(low, digits)} to {fixed(high, digits)}"

    if e.estimate is None:
        return ends(e.set_low, e.set_high), ""
    return fixed(e.estimate, digits), ends(e.conf_low, e.conf_high)


def _basis(e: Estimate) -> str:
    return {None: "print", True: "print", False: "rebuilt cohorts"}[e.pinned]


def _forest(ratios: Sequence[Estimate], source: Source) -> Figure:
    names = {e.outcome for e in ratios}
    alone = len(names) == 1
    ax = axes.forest([{"label": e.method if alone else f"{e.outcome}: {e.method}", **e.row()} for e in ratios])
    if alone:
        ax.set_xlabel(f"{names.pop()}, {ax.get_xlabel()}")
    ends = "; ".join(
        f"{e.method} {fixed(e.estimate or 0, source.digits(e.method, e.estimate, e.scale, e.n_used or 0))}"
        for e in ratios
    )
    return Figure(
        "change",
        "After over before with 95% intervals; the dotted line is no change.",
        f"Forest plot of ratios after over before: {ends}.",
        source.image(ax),
    )


def models_section(models: Sequence[Estimate], absent: Sequence[str] = ()) -> Section:
    """Show count models side by side: what the print pins, what varies over cohorts that print the same, what lacks."""
    rows = tuple(
        (
            f"{e.outcome}: {e.method}",
            f"{fixed(e.set_low or 0, 3)} to {fixed(e.set_high or 0, 3)}",
            "yes, to the rounding" if e.pinned else "no",
        )
        for e in models
    )
    return Section(
        title="Count models on the rebuilt cohorts",
        paragraphs=(phrases.MODELS, *absent),
        tables=(Table(phrases.MODEL_RANGES, ("model", "ratio", "pinned by the print"), rows),) if rows else (),
    )


def people_section(ranges: Sequence[FeatureRange], cohorts: int, diagnostics: str) -> Section:
    """Show how many people changed, over every cohort that prints the same."""
    rows = tuple(
        (
            f"{r.outcome}: {r.feature}",
            f"{r.low} to {r.high}" + ("" if r.exact else " (outer)"),
            f"{r.sampled_low} to {r.sampled_high}",
        )
        for r in ranges
    )
    ax = axes.intervals(
        [f"{r.outcome}: {r.feature}" for r in ranges],
        [(r.low, r.high) for r in ranges],
        inner=[(r.sampled_low, r.sampled_high) for r in ranges],
    )
    ax.set_xlabel("people")
    return Section(
        title="How many people changed",
        paragraphs=(
            "Means do not say how many people changed.",
            "The bounds hold for every set of numbers that prints this table.",
            (
                f"Sampled: where the middle 95% of {cohorts} sampled cohorts lie, over base measures that the print "
                f"cannot tell apart. {diagnostics}"
            ),
        ),
        tables=(Table("People, over all cohorts that print the same.", ("people", "logical bounds", "sampled"), rows),),
        figures=(
            Figure(
                "people",
                "How many people changed: logical bounds (pale) and where sampled cohorts lie (dark).",
                "Bars from the lowest to the highest possible number of people: "
                + "; ".join(f"{r.outcome} {r.feature} {r.low} to {r.high}" for r in ranges),
                axes.to_svg(ax),
            ),
        ),
    )


def regression_section(
    views: Sequence[RegressionTipping],
    absent: Sequence[str],
    source: Source = PRINT,
    *,
    picked: str = "",
    stated: bool = False,
) -> Section:
    """Say how people got in, as far as that is stated, and what regression to the mean alone could do."""
    printed = source.rules is None
    paragraphs = [phrases.GOT_IN.format(picked)] if picked else []
    told = len(paragraphs)
    paragraphs += [
        sentences.tipping_sentence(
            view.moments.name, view.tipping.mean, view.tipping.low, view.tipping.high, rose=view.observed > 1
        )
        for view in views
        if view.tipping_is_usable
    ]
    tipped = len(paragraphs)
    for view in views:
        at = {mean: view.at(mean) for mean in _round_means(view)}
        paragraphs.append(
            sentences.bracket_sentence(
                view.observed,
                at,
                "is not printed" if printed else "no figure shows",
                per_day=_per_day(view) if printed else None,
                stated=stated,
            )
        )
    paragraphs += [phrases.LINEAR_LIMITS if printed else phrases.LINEAR_LIMITS_OF_PEOPLE] if views else []
    bracketed = len(paragraphs)
    paragraphs += list(absent)
    return Section(
        title="What regression to the mean alone could do",
        paragraphs=tuple(paragraphs),
        figures=tuple(_curve(v, source) for v in views),
        short=(
            Short("overturn", paragraphs=slice(told, tipped)),
            Short("bracket", paragraphs=slice(tipped, bracketed)),
        ),
    )


def _per_day(view: RegressionTipping) -> float | None:
    """Return the observed ratio per calendar day, where windows differ in length."""
    days = view.moments.exposure
    return None if days is None or days[0] == days[1] else view.observed * days[0] / days[1]


def expected_anyway(views: Sequence[RegressionTipping]) -> tuple[str, ...]:
    """Return the sentence of each view for the first page."""
    return tuple(
        sentences.expected_anyway_sentence(view.moments.name, view.tipping.mean, rose=view.observed > 1)
        for view in views
        if view.tipping_is_usable
    )


def _round_means(view: RegressionTipping) -> tuple[float, ...]:
    """Return means of the pool below that of the picked people, and above it too where they rose."""
    top = int(view.moments.mean_pre or 1.0)
    shares = (0.25, 0.5, 0.75) if view.observed <= 1 else (0.5, 1.5, 2.0)
    return tuple(float(m) for m in sorted({max(1, round(top * share)) for share in shares}))


def _curve(view: RegressionTipping, source: Source) -> Figure:
    name = view.moments.name
    first, last = (f"{fixed(view.remainder[k], 2)} at a mean of {fixed(view.mean[k], 2)}" for k in (0, -1))
    crosses = f"; it crosses 1 at {fixed(view.tipping.mean, 2)}" if view.tipping_is_usable else ""
    return Figure(
        f"regression-{name}",
        f"The ratio of {name} that remains after linear regression to the mean, by the mean of everybody from "
        "whom they were picked. The band is sampling alone.",
        f"A curve from {first} of everybody to {last}{crosses}.",
        source.image(view.plot()),
    )


def limitations_section(study: PublishedStudy | StudyPeople, estimates: Sequence[Estimate] = ()) -> Section:
    """List what is not allowed for, with the themes that speak to it, and which way each works on these changes."""
    themes = {
        item.id: "; ".join(
            f"{wording.quote(t.name)} ({listed(t.voiced_by)})" for t in study.themes if item.id in t.bears_on
        )
        for item in study.limitations
    }
    heard = any(themes.values())
    rows = tuple(
        (p.id, p.text, "the authors" if p.named_by == "authors" else "the design", themes[p.id])[: 3 + heard]
        for p in study.limitations
    )
    columns = ("id", "point", "from", "themes")[: 3 + heard]
    return Section(
        title="What has not been allowed for",
        paragraphs=(
            *_both_ways(study, estimates),
            *((phrases.THEMES_ARE,) if heard else ()),
        ),
        tables=(Table("Points that any reading of these figures carries.", columns, rows),),
        detail=True,
    )


def _both_ways(study: PublishedStudy | StudyPeople, estimates: Sequence[Estimate]) -> Iterator[str]:
    """Say of a fall, and of a rise, what makes it look larger or smaller than the programme's share."""
    ids = {item.id for item in study.limitations}

    def listing(table: Mapping[str, str]) -> list[str]:
        return [text for key, text in table.items() if key in ids]

    down, up, weak, either = map(listing, (phrases.HOLDS_DOWN, phrases.HOLDS_UP, phrases.WEAKENS, phrases.EITHER_WAY))
    either += [phrases.SEASONS] if "c01" in ids and not _whole_years(study.spans) else []
    moved = {e.estimate > (1 if e.scale == "ratio" else 0) for e in estimates if e.estimate is not None}
    for rose in sorted(moved) or [False]:
        larger, smaller = (up, down + weak) if rose else (down, up + weak)
        change = ("rise" if rose else "fall") if moved else "change"
        if larger and smaller:
            yield wording.both_directions(larger, smaller, either, change=change)


def _whole_years(spans: Sequence[Window]) -> bool:
    """Whether every window is known to hold each season alike: whole years, to a day or two."""
    years = [(w.days or 0) / DAYS_A_YEAR for w in spans]
    return bool(years) and all(y > 0.5 and abs(y - round(y)) * DAYS_A_YEAR < 2 for y in years)


def making_section(record: Mapping[str, object]) -> Section:
    """Say how the report was made, so that it can be made again."""
    versions = record["versions"]
    listed = versions.items() if isinstance(versions, dict) else ()
    return Section(
        title="How this was made",
        paragraphs=(
            f"Seed {record['seed']}; digest of the study as read: {record['study_digest']}.",
            *((f"Digest of the file of people: {record['extract_digest']}.",) if "extract_digest" in record else ()),
            *((phrases.FIRST_LOOK,) if record.get("quick") else ()),
            "The same seed and versions give the same files, byte for byte.",
            "Versions: " + ", ".join(f"{name} {number}" for name, number in listed) + ".",
        ),
        detail=True,
        short=(Short("making", paragraphs=slice(None)),),
    )


def emmie_section(study: PublishedStudy) -> Section:
    """Set out what the study holds under the headings of EMMIE (Johnson, Tilley & Bowers 2015)."""
    moderators = [wording.quote(s.quote) for s in study.subgroups]
    unknown = study.limitation("c09")
    also = {
        "moderators": f"{listed(moderators)}; see the audit" if moderators else "",
        "implementation": f"{unknown.text} ({unknown.id})" if unknown else "",
    }
    return emmie(study.themes, also, compared=study.comparison_group, nothing=phrases.NOT_PRINTED)


def emmie(themes: Sequence[Theme], also: Mapping[str, str], *, compared: bool, nothing: str) -> Section:
    """Set out themes under their headings, and beside them what else there is.

    Parameters
    ----------
    themes : sequence of Theme
        Views voiced.
    also : mapping of str to str
        What else there is under a heading.
    compared : bool
        Whether there are people who were not managed.
    nothing : str
        What is said where there is nothing.
    """
    rows = [("“Effect”", phrases.change_only(compared=compared))]
    for heading in ("mechanism", "moderators", "implementation", "economics"):
        views = [f"{wording.quote(t.name)} ({listed(t.voiced_by)})" for t in themes if t.emmie == heading]
        there = [also.get(heading, ""), f"views voiced: {listed(views)}" if views else ""]
        text = "; ".join(part for part in there if part)
        rows.append((wording.quote(heading.capitalize()), f"{text}." if text else nothing))
    return Section(
        title="Under the headings of EMMIE",
        tables=(Table("What there is under each heading.", ("heading", "what there is"), tuple(rows)),),
        detail=True,
    )


def research_section(study: PublishedStudy) -> Section:
    """List what the authors suggest for research."""
    return Section(
        title="What the authors suggest for research",
        points=tuple(f"{text[:1].upper()}{text[1:]}." for text in study.research),
        detail=True,
    )
