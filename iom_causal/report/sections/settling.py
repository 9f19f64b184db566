"""What would settle it: which designs hold the programme's share, at what size, and what each needs."""

from collections.abc import Iterator, Mapping

from iom_causal.analysis import settling
from iom_causal.analysis.settling import POWER, Precision
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import axes, axes_of_rows
from iom_causal.base.formats import counted, fixed, listed, percent
from iom_causal.designs.library.stored_settling import FALL, SettlingRow, SettlingTable, Share
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part

TITLE = "What would settle it"
LEVEL, NEAR = 0.95, 0.02
"""Of the intervals, and how far below it a share of them that holds the truth counts as what it should be."""
ONE_GROUP = "one group"
NAMES: Mapping[str, str] = {
    ONE_GROUP: "one group, before and after",
    "next below": "those just below the rule",
    "matched on history": "matched on events before",
    "historical": "the same rule at an earlier date",
    "neighbouring force": "the same rule in another force",
    "lottery": "a lottery for the places",
    "waiting list": "a waiting list in random order",
}
"""What each design is called."""
NEEDS: Mapping[str, str] = {
    "lottery": (
        "twice as many people whom the rule picks as there are places, and lots between them. Nothing but chance then "
        "sets the two groups apart; those who lose have to be counted as the others are."
    ),
    "waiting list": (
        "lots decide who enters first, and those who wait are the comparison for as long as they do. They may change "
        "because they wait."
    ),
    "neighbouring force": (
        "its records, its rule read in the same way, and no such programme there. What happens to one force alone is "
        "taken for the programme’s, and no interval over people holds it."
    ),
    "matched on history": (
        "records of people who were not picked; whoever has no match is left out. It is right where the rule read no "
        "more of people than those records hold."
    ),
    "historical": (
        "records that reach back by two windows. What has changed for everybody since then is taken for the "
        "programme’s."
    ),
    "next below": (
        "the list by which people were picked. They were left out for not being high enough, come down less than those "
        "who were picked, and leave a part of that fall in the comparison."
    ),
}
"""What each comparison needs, and what it takes for the programme's."""
NO_SIZE = (
    "More people in one group do not settle it: they narrow the interval around the change, whatever brought it about, "
    "and bring that change no nearer to the programme’s share."
)
COMPARED = (
    "What settles it is how those who were not managed came to be so, and not how many they are: more people narrow an "
    "interval, and bring it no nearer to the programme’s share."
)
FORMULA = (
    "By the formula for a ratio, and with figures that vary as these do, {people} tell a fall of {change} in {outcome} "
    "from none in {power} of studies of one group; beside a comparison that varies as much it takes about twice as "
    "many in each of the two. That is a size for precision, not for knowing what brought a fall about."
)
FINDING = (
    "What tells the programme’s share from the rest is people who were not managed, whom the same rule would have "
    "picked, counted in the same windows: best of all where lots decide."
)
WANTED = "Such comparisons, those that lots make first:"
OWN = (
    "How each would fare with people of one’s own kind and number, the command iom-causal diagnose simulates, before "
    "anybody does the study."
)
NOT_STORED = (
    "How often each design would find a programme is not tabled here: that takes thousands of simulated studies of "
    "people like these, longer than a report can wait for, and a table of another study’s people would not be theirs."
)
SIMULATED = (
    "What follows is from simulated people like those of this study, picked as softly, and not from them: {sims} "
    "studies of each design and size, in worlds that print figures like these while the programme does nothing. There "
    "ageing and trend take 5% from everybody, and what happens to one force alone varies by about 5%. It is so in "
    "worlds of this kind; the printed numbers do not tell which kind these people’s is."
)


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say which designs would settle it: from simulated people like the study's, or without figures."""
    found = results.of(settling.run)
    if found is None:
        return ()
    table = found.stored
    size = NO_SIZE if not subject.compared else COMPARED
    stored = (NOT_STORED,) if table is None else _stored(table, found.people)
    shown = Section(
        title=TITLE,
        name="settling",
        finding=FINDING,
        paragraphs=(*stored, size, *map(_precision, found.sizes), OWN, WANTED),
        points=tuple(f"{name[:1].upper()}{name[1:]}: {needs}" for name, needs in _needs()),
        tables=() if table is None else (_table(table),),
        figures=() if table is None else (_figure(table, _own_size(table, found.people)),),
    )
    return (shown,)


def _needs() -> Iterator[tuple[str, str]]:
    yield from ((NAMES[design], needs) for design, needs in NEEDS.items())


def _precision(size: Precision) -> str:
    people = f"about {counted(size.people, '[person|people]')}"
    return FORMULA.format(people=people, change=percent(size.change), outcome=size.outcome, power=percent(POWER))


def _stored(table: SettlingTable, people: int | None) -> Iterator[str]:
    """Say what the study's own design would report, which designs hold the programme's ratio, and which find it."""
    effects = [ratio for ratio in _ratios(table) if ratio != 1]
    yield SIMULATED.format(sims=f"{table.replicates:,}")
    yield _one_group(table, _own_size(table, people), effects[0])
    yield _holding(table)
    if finding := _finding(table, effects[0]):
        yield finding


def _one_group(table: SettlingTable, people: int, ratio: float) -> str:
    largest = table.sizes[-1]
    falls, held = _falls_and_held(table, people)
    again = " With {:,} these are {} and {}.".format(largest, *_falls_and_held(table, largest))
    reported = fixed(table.row(ONE_GROUP, people, ratio).reported)
    return (
        f"With {people:,} people, a design like this one (one group, before and after) reports a fall of "
        f"{percent(FALL)} or more in {falls} of studies of a programme that does nothing, and its {percent(LEVEL)} "
        f"interval holds the programme’s ratio in {held} of them.{again if largest > people else ''} Where the "
        f"programme’s ratio is {fixed(ratio)}, it reports {reported} on average."
    )


def _falls_and_held(table: SettlingTable, people: int) -> tuple[str, str]:
    row = table.row(ONE_GROUP, people, 1.0)
    return _text(row.share(row.falls)), _text(row.share(row.held))


def _holding(table: SettlingTable) -> str:
    """Say which designs' intervals hold the programme's ratio about as often as they should at every size."""
    compared = [d for d in table.designs if d != ONE_GROUP]
    least = {d: min((r for r in table.rows if r.design == d), key=lambda r: r.held / r.answered) for d in compared}
    good = [d for d in compared if _holds(table, d)]
    short = [d for d in compared if d not in good]
    said = [f"{NAMES[d]} ({_text(least[d].share(least[d].held))})" for d in good]
    none = f"With no design simulated do {percent(LEVEL)} intervals hold the programme’s ratio as often as they should."
    first = (
        f"At every size simulated the {percent(LEVEL)} intervals of these designs hold the programme’s ratio about as "
        f"often as they should; in brackets where it was least often: {listed(said)}."
        if good
        else none
    )
    fewer = [f"{NAMES[d]} ({_text(least[d].share(least[d].held))} with {least[d].people:,} people)" for d in short]
    return first + (f" Less often: {listed(fewer)}." if fewer else "")


def _finding(table: SettlingTable, ratio: float) -> str:
    """Say what finding a programme of this ratio takes with the designs that hold it."""
    good = [d for d in table.designs if _holds(table, d)]
    what = f"a programme whose ratio is {fixed(ratio)}"
    parts = []
    for people in table.sizes:
        shares = sorted(row.share(row.found) for row in (table.row(d, people, ratio) for d in good))
        ends = dict.fromkeys(_text(share) for share in (shares[:1] + shares[-1:]))
        parts += [f"in {' to '.join(ends)} of studies with {people:,} managed people"] if ends else []
    if not parts:
        return ""
    beside = "beside about as many people who are not managed"
    return f"The designs that hold it, {beside}, find {what} {listed(parts)} (p < .05)."


def _holds(table: SettlingTable, design: str) -> bool:
    return all(row.held / row.answered >= LEVEL - NEAR for row in table.rows if row.design == design)


def _ratios(table: SettlingTable) -> tuple[float, ...]:
    return tuple(dict.fromkeys(row.ratio for row in table.rows))


def _own_size(table: SettlingTable, people: int | None) -> int:
    """Return the size simulated that is nearest to the study's own."""
    return min(table.sizes, key=lambda size: abs(size - (people or size)))


def _text(share: Share) -> str:
    """Return a share in whole percent; never all, or none, where it is not."""
    text = percent(share.value)
    return text if share.value in {0.0, 1.0} else {"0%": "under 1%", "100%": "over 99%"}.get(text, text)


def _table(table: SettlingTable) -> Table:
    """Show every design at every size."""
    effect = next(ratio for ratio in _ratios(table) if ratio != 1)
    largest = max(r.share(c).mcse for r in table.rows for c in (r.falls, r.held, r.found))
    made = ", ".join(f"{name} {version}" for name, version in table.versions.items())
    caption = (
        "Shares of simulated studies of each design, by the number of managed people. Of a programme that does "
        f"nothing: how many report a fall of {percent(FALL)} or more (falls), and how many find a change (found, "
        f"p < .05). Of one whose ratio is {fixed(effect)}: how many {percent(LEVEL)} intervals hold it (held), how "
        "many find a change, and the ratio reported on average (reported). Simulation error of a share: "
        f"{fixed(100 * largest, 1)} points at most. Seed {table.seed}, {table.replicates:,} studies a row; {made}."
    )
    columns = ("design", "managed", "falls", "found", "held", f"found at {fixed(effect)}", "reported")
    rows = tuple(_row(table, d, n, effect) for d in table.designs for n in table.sizes)
    return Table(caption, columns, rows)


def _row(table: SettlingTable, design: str, people: int, ratio: float) -> tuple[str, ...]:
    nothing, effect = table.row(design, people, 1.0), table.row(design, people, ratio)
    shares = (*map(nothing.share, (nothing.falls, nothing.found)), *map(effect.share, (effect.held, effect.found)))
    return (NAMES[design], f"{people:,}", *map(_text, shares), fixed(effect.reported))


def _figure(table: SettlingTable, people: int) -> Figure:
    """Draw the three shares of every design at the study's own size."""
    effect = next(ratio for ratio in _ratios(table) if ratio != 1)
    nothing, changed = ([table.row(d, people, r) for d in table.designs] for r in (1.0, effect))
    falls, holds, finds = (
        f"reports a fall of {percent(FALL)}\nor more, nothing done",
        "interval holds\nthe programme’s ratio",
        f"finds a ratio of {fixed(effect)}",
    )
    shown: dict[str, list[tuple[float | None, float | None]]] = {
        falls: [r.share(r.falls) for r in nothing],
        holds: [r.share(r.held) for r in changed],
        finds: [r.share(r.found) for r in changed],
    }
    ax = axes_of_rows.panels(
        [NAMES[d] for d in table.designs], shown, lines={falls: None, holds: LEVEL, finds: POWER}, shares=list(shown)
    )
    each = "; ".join(_told(n, c) for n, c in zip(nothing, changed, strict=True))
    return Figure(
        "settling",
        f"Designs with {people:,} managed people like these, simulated: shares of studies. The dotted lines are "
        f"{percent(LEVEL)} of intervals, and {percent(POWER)} of studies that find a programme.",
        f"Studies that report a fall though nothing is done, that hold the ratio, and that find it: {each}.",
        axes.to_svg(ax),
    )


def _told(nothing: SettlingRow, effect: SettlingRow) -> str:
    shares = (nothing.share(nothing.falls), effect.share(effect.held), effect.share(effect.found))
    return f"{NAMES[nothing.design]} {listed(map(_text, shares))}"


PART = Part(step=settling.run, section=section)
