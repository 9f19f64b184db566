"""The people, and what was read of them (Table 1)."""

from iom_causal.analysis import people
from iom_causal.analysis.people import Described
from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import listed
from iom_causal.report import phrases
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say what was read, what was set aside and why, and describe the people."""
    found, release = results.of(people.run), subject.release
    if found is None:
        return ()
    facts = tuple((fact.what, release.count(fact.people)) for fact in subject.facts)
    tables = [Table("What was read, and what was set aside.", ("what", "people"), facts)]
    if found.outcomes:
        rows = tuple(_row(each, release) for each in found.outcomes)
        together = phrases.TABLE_OF_SIDES.format(listed(found.together)) if found.together else ""
        tables.append(
            Table(f"{phrases.TABLE_ONE}{together}", ("window", "people", "mean", "SD", "mean days at risk"), rows)
        )
    if found.age is not None:
        age = (found.age.name, release.count(found.age.n), *_mean_and_sd(found.age, release, 1))
        tables.append(Table("Age at the index date.", ("", "people", "mean", "SD"), (age,)))
    return (Section(title="The people, and what was read of them", tables=tuple(tables)),)


def _row(d: Described, release: Release) -> tuple[str, ...]:
    days = "not known" if d.days is None else release.mean(d.days, d.n, 0, d.days_sd)
    shown = release.share_and_sd(d.mean, d.n) if d.share else _mean_and_sd(d, release, 2)
    return (d.name, release.count(d.n), *shown, days)


def _mean_and_sd(d: Described, release: Release, digits: int) -> tuple[str, str]:
    return release.mean(d.mean, d.n, digits, d.sd), release.mean(d.sd, d.n, digits, d.sd)


PART = Part(step=people.run, section=section, only="people")
