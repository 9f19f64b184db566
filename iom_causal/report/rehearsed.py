"""A dress rehearsal as files: what a study's evaluation would say in worlds whose truth is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iom_causal.analysis.rehearsal.rehearsal import WORLDS, Near, Rehearsal, Rehearsed, rehearsal, simulation_error
from iom_causal.analysis.rehearsal.verdict import FALL, REFUSED, WORDS
from iom_causal.analysis.rehearsal.worlds import BASE, KINDS
from iom_causal.analysis.study_people import StudyPeople, read_people
from iom_causal.base import axes_of_rows, output, wording
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.result import Result
from iom_causal.base.specs import digest
from iom_causal.base.wording import quote
from iom_causal.protocol.digest import protocol_digest
from iom_causal.protocol.study import Study, load_study
from iom_causal.report import phrases
from iom_causal.report.render import html, text
from iom_causal.report.render.page import Page, Section, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MAKERS = ("iom-causal", "numpy", "scipy", "numba", "pandas", "jinja2")
FOLDER = "iom-rehearsal"
REACH = 3.5
"""A cohort of a world lies nearer to its centre than this in 95 of 100 cases: the root of a chi-squared of 6."""
DECIMALS = {"ratio": 2, "points": 0}

ABOUT = (
    "Nobody on this page exists. A study like yours is simulated in {} worlds of each of {} kinds, with {} people in "
    "the programme, and every one is evaluated by the steps of “iom-causal evaluate”."
)
WHAT_FOR = (
    "It says beforehand what the page will be able to tell apart. A kind of world that is not here may be the one you "
    "will study, and how often each occurs is not known."
)
BASED = (
    "Everybody who could be picked has {} events a year on average, with levels that differ and rates that come and go "
    "(scenario {}){}."
)
RATE_IS = {
    "twice": ", so that the threshold is twice what everybody has on average",
    "rate": ", which the study does not say",
}
SET_RATE = " The option --rate sets another number."
GIVEN_RATE = "; that number of events was set"
ASSUMED = {
    "windows": "The study gives its windows no dates: each is taken as a year.",
    "rule": (
        "The study states no rule that these worlds can follow, so that everybody in them is managed; state it with "
        "the key selection."
    ),
}
SAYS_FALL = (
    "Of {0} worlds in which the programme does nothing, the page says of {1} in {2} that a fall remains under every "
    "set of evidence and every null model that fits (simulation error {3} of 100); the change alone, with its "
    "interval, is a fall in {4} of them."
)
TELLS = "Where the programme is at work it says so in {}."
TELLS_ONE = "{} of {} ({}: true ratio {})"
TELLS_POINTS = "{} of {} ({}: true difference {} points)"
SILENT = "Of {} the page says nothing in {} of {} worlds: {}."
WHICH = "Which of these worlds yours is, or whether it is like any of them."
HOW_OFTEN = "How often the page will be right: that takes a belief about how often each kind of world occurs."
TABLE = (
    "In how many of {worlds} worlds of each kind the page says what of {outcome}; beside it the programme’s true "
    "{scale} for what people did, recorded or not, the observed change in the middle, and in how many its interval "
    "lies below no change. Simulation error: in as many other worlds no share here would move by more than {error} of "
    "100, typically."
)
COUNT = "{} of {}"
WORDS_ARE = "{}: {}."
NEAREST = (
    "By means, SDs, correlation and people lost, as they may be given, the people of the file lie nearest to the "
    "worlds {}. {} It ranks what was rehearsed, and says of none that it is theirs: worlds with a programme and "
    "without can lie equally near."
)
LEVELS = " Before, they have {} {} on average; managed people of these worlds have {}."
WITHIN = "They lie where cohorts of {} lie."
BEYOND = "They lie farther from every kind than 95 of 100 of its own cohorts do."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DressRehearsal(Result):
    """A dress rehearsal with its page and files.

    Parameters
    ----------
    found : Rehearsal
        What the evaluations said.
    data : StudyPeople, optional
        The people, where there are any.

    Examples
    --------
    >>> import iom_causal as iom
    >>> two = (iom.ExtractWindow(label="before", months=12), iom.ExtractWindow(label="after", months=12, post=True))
    >>> arrests = iom.ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    >>> extract = iom.Extract(file="people.csv", id="urn", outcomes=(arrests,), windows=two)
    >>> rule = iom.Selection("arrests", ("before",), "rate", "at_boundary")
    >>> ours = iom.Study(title="Ours", extract=extract, selection=rule)
    >>> found = iom.rehearse(ours, kinds=("half off",), people=40, worlds=2, rng=1)
    >>> sorted(found.files())
    ['rehearsal.csv', 'rehearsal.html']
    """

    found: Rehearsal
    data: StudyPeople | None = None

    def summary(self) -> str:
        """Return the page as text."""
        return text.render(self.page())

    def tidy(self) -> "pd.DataFrame":
        """Return a row for each outcome, kind of world and word."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame(
            [
                {
                    "outcome": row.outcome,
                    "world": row.world,
                    "worlds": row.worlds,
                    "scale": row.scale,
                    "true_median": row.truth,
                    "observed_median": row.observed,
                    "observed_fell": row.fell / row.worlds,
                    "verdict": word,
                    "share": row.share(word),
                    "share_error": row.error(word),
                }
                for row in self.found.rows
                for word in WORDS
            ]
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw in what share of the worlds of each kind the page says that a fall remains."""
        several = len({row.outcome for row in self.found.rows}) > 1
        labels = [f"{row.outcome}: {row.world}" if several else row.world for row in self.found.rows]
        ax = axes_of_rows.intervals(labels, [(0.0, row.share(FALL)) for row in self.found.rows], ax)
        ax.set_xlim(0, 1)
        ax.set_xlabel("share of worlds in which the page says that a fall remains")
        return ax

    def __repr__(self) -> str:
        return f"DressRehearsal({len(self.found.rows)} kinds of worlds and outcomes, {self.found.people} people)"

    def page(self) -> Page:
        """Return the page as values."""
        found = self.found
        by_outcome = {row.outcome: [r for r in found.rows if r.outcome == row.outcome] for row in found.rows}
        said = [sentence for rows in by_outcome.values() for sentence in _can_say(rows)]
        near = tuple(_near(each) for each in found.near)
        return Page(
            title=f"What would the page say? A dress rehearsal of {found.study.title}",
            subtitle=wording.SIMULATED,
            synthetic=True,
            lead=(ABOUT.format(found.rows[0].worlds, len({r.world for r in found.rows}), found.people), WHAT_FOR),
            can_say=tuple(said),
            cannot_say=(WHICH, HOW_OFTEN),
            sections=(
                *(_section(outcome, rows) for outcome, rows in by_outcome.items()),
                *([Section(title="Where the people of the file lie", paragraphs=near)] if near else []),
                _worlds(found),
                *_protocol(found.study),
            ),
        )

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name."""
        return {"rehearsal.html": html.render(self.page()), "rehearsal.csv": output.csv_text(self.tidy())}

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the files into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return output.write(Path(out), self.files(), self._manifest(), work(self.found.study))

    def _manifest(self) -> dict[str, Any]:
        found = self.found
        return {
            "study": found.study.title,
            "study_digest": digest(found.study),
            "protocol": protocol_digest(found.study),
            "people": found.people,
            "worlds": found.rows[0].worlds,
            "kinds": list(dict.fromkeys(row.world for row in found.rows)),
            "rate": found.rate,
            "assumed": list(found.assumed),
            "seed": found.seed,
            "synthetic": True,
            "synthetic_note": wording.SIMULATED,
            "versions": output.versions(*MAKERS),
        }


def rehearse(
    study: Study | str | Path,
    *,
    out: Path | str | None = None,
    people: int | None = None,
    rate: float | None = None,
    worlds: int = WORLDS,
    rng: int | None = None,
    kinds: Sequence[str] = tuple(KINDS),
    progress: Callable[[str], None] | None = None,
) -> DressRehearsal:
    """Rehearse a study's evaluation in simulated worlds whose truth is known, before its data exist.

    The study's windows, selection rule, outcomes, evidence sets and release rules are put into worlds of several kinds
    (`analysis.rehearsal.KINDS`); each is evaluated by the steps of `evaluate`, and the table says how often the first
    page says what. Where the file of people is there, its moments, as they may be given, are ranked by how near they
    lie to each kind of world.

    Parameters
    ----------
    study : Study, str or path
        A ``[study]`` TOML file; its people, their columns and the ends of its windows need not exist yet.
    out : path, optional
        A folder to write into.
    people : int, optional
        Managed people expected; by default as many as the file has, rounded, or 200. A rule ``top`` says it by its
        places.
    rate : float, optional
        Events a year of everybody who could be selected; by default half the rule's threshold in the windows that it
        reads, or 2 where no threshold reads events.
    worlds : int
        How many of each kind.
    rng : int, optional
        The seed; by default the study's own.
    kinds : sequence of str
        Which kinds of worlds.
    progress : callable, optional
        Told what is done next.

    Raises
    ------
    IomCausalError
        When the study or its people cannot be read, a setting is outside its bounds or the folder is not ours.

    Examples
    --------
    >>> import iom_causal as iom
    >>> two = (iom.ExtractWindow(label="before", months=12), iom.ExtractWindow(label="after", months=12, post=True))
    >>> arrests = iom.ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    >>> extract = iom.Extract(file="people.csv", id="urn", outcomes=(arrests,), windows=two)
    >>> rule = iom.Selection("arrests", ("before",), "rate", "at_boundary")
    >>> ours = iom.Study(title="Ours", extract=extract, selection=rule)
    >>> found = iom.rehearse(ours, kinds=("half off",), people=40, worlds=2, rng=1)
    >>> found.tidy()["world"].unique().tolist()
    ['half off']
    """
    study = study if isinstance(study, Study) else load_study(study, planned=True)
    if out is not None:
        output.check_target(Path(out), work(study), progress)
    there = not study.unanswered and all((study.folder / file).is_file() for file in study.extract.files)
    data = read_people(study) if there else None
    found = rehearsal(
        study, data=data, people=people, rate=rate, worlds=worlds, seed=rng, kinds=kinds, progress=progress
    )
    made = DressRehearsal(found=found, data=data)
    if out is not None:
        made.write(out)
    return made


def _protocol(study: Study) -> tuple[Section, ...]:
    """Give the digest of a protocol that is complete, to be noted before there are data."""
    if study.unanswered:
        return ()
    return (Section(title="The protocol", paragraphs=phrases.of_protocol(protocol_digest(study), study.protocol)),)


def work(study: Study) -> str:
    """Return what a folder of a rehearsal holds, in words."""
    return f"rehearse {study.title}"


def _can_say(rows: Sequence[Rehearsed]) -> Iterator[str]:
    """Say how often a fall remains where the programme does nothing, and where it does not; and why nothing is said."""
    outcome, idle = rows[0].outcome, [row for row in rows if KINDS[row.world].nothing]
    silent = sum(row.said.get(REFUSED, 0) for row in rows)
    worlds = sum(row.worlds for row in rows)
    if silent < worlds:
        tells = [_tells(row) for row in rows if not KINDS[row.world].nothing]
        both = [*([_idle(outcome, idle)] if idle else []), *([TELLS.format(listed(tells))] if tells else [])]
        yield " ".join(both)
    if silent:
        reasons = dict.fromkeys(reason for row in rows for reason in row.reasons)
        yield SILENT.format(outcome, silent, worlds, "; ".join(reasons))


def _idle(outcome: str, idle: Sequence[Rehearsed]) -> str:
    worlds, said = sum(row.worlds for row in idle), sum(row.said.get(FALL, 0) for row in idle)
    error = 100 * simulation_error(said, worlds)
    return SAYS_FALL.format(worlds, outcome, said, fixed(error, 1), sum(row.fell for row in idle))


def _tells(row: Rehearsed) -> str:
    phrase = TELLS_ONE if row.scale == "ratio" else TELLS_POINTS
    return phrase.format(row.said.get(FALL, 0), row.worlds, row.world, fixed(row.truth, DECIMALS[row.scale]))


def _section(outcome: str, rows: Sequence[Rehearsed]) -> Section:
    """Show the table of verdicts by kinds of worlds, and what the words stand for."""
    scale = rows[0].scale
    used = [word for word in WORDS if any(row.said.get(word) for row in rows)]
    table = Table(
        TABLE.format(
            outcome=outcome,
            scale="ratio" if scale == "ratio" else "difference",
            worlds=rows[0].worlds,
            error=fixed(100 * max(_errors(rows)), 0),
        ),
        ("world", "true", "observed", "fell", *used),
        tuple(
            (
                row.world,
                fixed(row.truth, DECIMALS[scale]),
                fixed(row.observed, DECIMALS[scale]),
                COUNT.format(row.fell, row.worlds),
                *(COUNT.format(row.said.get(word, 0), row.worlds) for word in used),
            )
            for row in rows
        ),
    )
    words = tuple(WORDS_ARE.format(word.capitalize(), WORDS[word]) for word in used)
    return Section(
        title=f"{outcome.capitalize()}: what the page says in each kind of world", points=words, tables=(table,)
    )


def _errors(rows: Sequence[Rehearsed]) -> Iterator[float]:
    """Return the simulation error of every share in a table."""
    return (simulation_error(times, row.worlds) for row in rows for times in (row.fell, *row.said.values()))


def _worlds(found: Rehearsal) -> Section:
    """Say what happens in each kind of world, and what was taken for granted."""
    kinds = {row.world: row.about for row in found.rows}
    why = next((RATE_IS[name] for name in found.assumed if name in RATE_IS), GIVEN_RATE)
    based = BASED.format(number(found.rate, 4 if why is GIVEN_RATE else 2), BASE, why) + (
        "" if why is GIVEN_RATE else SET_RATE
    )
    return Section(
        title="The worlds",
        paragraphs=(based, *(ASSUMED[name] for name in found.assumed if name in ASSUMED)),
        points=tuple(f"{name}: {about}." for name, about in kinds.items()),
    )


def _near(near: Near) -> str:
    """Say near which kinds of worlds the people lie, as a rank, and whether near any."""
    inside = [quote(name) for name, distance in near.distances.items() if distance <= REACH]
    ranked = listed(map(quote, list(near.distances)[:3]))
    levels = LEVELS.format(number(near.before, 2), near.outcome, number(near.there, 2))
    return NEAREST.format(ranked, WITHIN.format(listed(inside)) if inside else BEYOND) + levels
