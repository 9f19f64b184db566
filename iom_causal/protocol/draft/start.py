"""First draft of a study file, commented, with settings guessed from the data."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.guesses.linked import guess_linked
from iom_causal.data.guesses.questions import Question, by_weight
from iom_causal.errors import SpecError, echo
from iom_causal.protocol.draft.extract_keys import extract_keys, unread_columns
from iom_causal.protocol.draft.started import Started, as_seen_from, asked_of, free, put, typed
from iom_causal.protocol.draft.text import how_picked, written
from iom_causal.protocol.draft.understood import understood


class Form(NamedTuple):
    """Commented template of the package that runs as it is: its name, its place, the next steps, files beside it."""

    file: str
    at: tuple[str, str]
    steps: tuple[str, ...]
    beside: Callable[[], Mapping[str, bytes]] | None = None


def _synthetic_extract() -> Mapping[str, bytes]:
    from iom_causal.protocol.draft.bundled_force import bundled  # noqa: PLC0415 compiled pieces are slow to load

    made = bundled().files()
    return {name: made[name] for name in (f"SYNTHETIC_{table}.csv" for table in ("people", "arrests", "custody"))}


FORMS: Mapping[str, Form] = {
    "published": Form(
        "published.toml",
        ("iom_causal.published", "studies"),
        ("First put in the numbers of your own table.", "Then run: iom-causal evaluate {file}"),
    ),
    "design": Form(
        "design.toml",
        ("iom_causal.designs", ""),
        (
            "Change what you know better; it runs as it is: iom-causal diagnose {file} --out {result}",
            "After an interruption type the same again, with --resume at the end.",
        ),
    ),
    "events": Form(
        "study.toml",
        ("iom_causal.protocol", ""),
        (
            "It runs as it is, on the records of a force that does not exist: iom-causal evaluate {file}",
            "Then put in the names of your own files and columns; iom-causal rehearse {file} prints the protocol.",
        ),
        _synthetic_extract,
    ),
    "scenario": Form(
        "scenario.toml",
        ("iom_causal.simulate", "scenarios"),
        (
            "Change what you know better; it runs as it is: iom-causal simulate {file} --out {folder}",
            "That is one world at a time; --replicates 100 shows how far chance alone moves them.",
        ),
    ),
}
"""Templates for where there are no person-level data: a published table, designs to compare, a simulated world."""


def start(
    folder: Path,
    *,
    source: Path | None = None,
    people: Path | None = None,
    custody: Path | None = None,
    sheet: str = "",
    form: str | None = None,
) -> Started:
    """Write a commented study file into a folder, never over another.

    Parameters
    ----------
    folder : Path
        Where; made if it is not there.
    source : Path, optional
        A file of people, from which columns are guessed; a workbook whose sheets hold people and events; or a log of
        events.
    people, custody : Path, optional
        The list of people that a log of events is of, and the spells in custody beside either.
    sheet : str
        The sheet of the people, where their workbook has several.
    form : {"published", "design", "scenario", "events"}, optional
        Write the template for a published table instead, for designs to compare, for a world to simulate, or for a log
        of events with invented records.

    Raises
    ------
    SpecError
        IOM-E090 when there is such a file already, IOM-E092 for a source and a form together.
    InputError
        What the file is refused for.
    """
    if source is not None and form is not None:
        raise SpecError("IOM-E092", f"init: --{form} reads no file of people; give it, or --from, and not both")
    if form is not None:
        return _filled(folder, FORMS[form])
    for given in filter(None, (source, people, custody)):
        if given.is_dir():
            raise SpecError("IOM-E096", f"{echo(given.name)} is a folder; name the file in it")
    target = free(folder, "study.toml")
    guesses = _guesses(folder, source, people, custody, sheet)
    beside = None if guesses.linked is None else guesses.linked.people_file
    file = as_seen_from(folder, people or source) if beside is None else beside.as_posix()
    put(target, written(guesses, file).encode())
    keys = extract_keys(guesses, file)
    guessed = tuple(key.name for key in keys if key.guessed)
    picked = how_picked(guesses)
    to_edit = (picked.key, *(key.name for key in keys if key.questions))
    asked = by_weight((*(question for key in keys for question in key.questions), picked))
    shown = () if source is None else understood(guesses, file, folder)
    return Started(target, guessed, to_edit, asked, shown, _steps(target, guessed, asked, guesses, source))


def _guesses(folder: Path, source: Path | None, people: Path | None, custody: Path | None, sheet: str) -> Guesses:
    """Return what is guessed, the files beside the people named as seen from the study file."""
    if source is None:
        if people is not None or custody is not None:
            raise SpecError("IOM-E092", "init: --people and --custody stand beside another file; give it with --from")
        return Guesses()
    found = guess_linked(source, people=people, custody=custody, sheet=sheet)
    if found.linked is None:
        return found
    return replace(found, linked=found.linked.moved(lambda path: Path(as_seen_from(folder, path))))


def _filled(folder: Path, form: Form) -> Started:
    package, beside = form.at
    target = free(folder, form.file)
    for name, content in ({} if form.beside is None else form.beside()).items():
        put(free(folder, name), content)
    put(target, (files(package) / beside / "template.toml").read_bytes())
    places = {"file": typed(target), "folder": typed(folder / "world"), "result": typed(folder / "diagnosis")}
    return Started(target, (), (), (), (), tuple(step.format(**places) for step in form.steps))


A_LOG = (
    "A row is one event: this is a log of events, and nobody without an event is in it. Give the list of everybody who "
    "is followed: iom-causal init FOLDER --from {} --people PEOPLE [--custody SPELLS], or fill in file and id."
)
SEVERAL_ROWS = (
    "People have several rows each, and no column tells one window from another, nor on which day something happened."
)


def _steps(
    target: Path, guessed: tuple[str, ...], asked: tuple[Question, ...], guesses: Guesses, source: Path | None
) -> tuple[str, ...]:
    return (
        *([f"Guessed, please look at: {', '.join(guessed)}."] if guessed else []),
        *([f"Columns that are not read: {unread_columns(guesses)}."] if guesses.unread or guesses.unnamed else []),
        *guesses.notes,
        *_of_rows(guesses, source),
        *asked_of(target, asked),
        *([PICKED_ALIKE] if guesses.who.others else []),
        f"Then run: iom-causal evaluate {typed(target)}",
    )


def _of_rows(g: Guesses, source: Path | None) -> tuple[str, ...]:
    """Say what a row is, where it is neither a person nor a person and window."""
    if source is not None and g.linked is not None and g.linked.people_file is None:
        return (A_LOG.format(typed(source)),)
    return (SEVERAL_ROWS,) if g.layout == "long" and not g.period else ()


PICKED_ALIKE = (
    "If people who were not managed were picked as the managed were, say so (selected): it is with such people that "
    "the managed are compared."
)
