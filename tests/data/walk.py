"""From a file to its people, as a user goes: a first draft, answers to what it asks, and the reading."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from iom_causal.analysis.study_people import StudyPeople, read_people
from iom_causal.errors import IomCausalError
from iom_causal.protocol.draft.start import Started, start
from iom_causal.protocol.study import load_study
from tests.data.alike import alike, unpicked

ALWAYS = ("selection", "equal_windows")
"""What a draft asks of most files: how people were picked, and how long the windows are."""


class Walked(NamedTuple):
    """What came of a file: the draft, its text, and the people or the code of the refusal."""

    started: Started | None
    text: str
    people: StudyPeople | None
    code: str = ""
    told: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The keys that the draft leaves to fill in, but for the length of the windows and the picking."""
        return () if self.started is None else tuple(key for key in self.started.to_edit if key not in ALWAYS)

    def outcome(self, name: str) -> list[list[float]]:
        """Return the values of an outcome, a row a person."""
        assert self.people is not None, (self.code, self.told, self.text)
        return self.people.cohort[name].outcome.tolist()

    def facts(self) -> dict[str, int]:
        """Return the account of what was read and set aside."""
        assert self.people is not None, (self.code, self.told, self.text)
        return dict(self.people.facts)


def edited(text: str, edits: Mapping[str, str]) -> str:
    """Return a study file in which each line that starts so is another."""
    lines = text.splitlines()
    for line_start, line in edits.items():
        at = [k for k, each in enumerate(lines) if each.startswith(line_start)]
        assert at, f"no line starts with {line_start}: {text}"
        lines[at[0]] = line
    return "\n".join(lines) + "\n"


def walk(
    folder: Path, file: Path, edits: Mapping[str, str] = {}, *, equal: bool = True, **beside: Path | None
) -> Walked:
    """Draft a study of a file, with files of people and custody beside a log, edit lines of it, and read its people.

    How people were picked nobody knows. With `equal` a question of how long the windows are is answered beside the
    edits: they are equally long.
    """
    try:
        started = start(folder / "study", source=file, **beside)
    except IomCausalError as error:
        return Walked(None, "", None, error.code, str(error))
    text = unpicked(edited(started.file.read_text(encoding="utf-8"), edits))
    started.file.write_text(text, encoding="utf-8")
    if equal:
        alike(started.file)
    try:
        return Walked(started, text, read_people(load_study(started.file)))
    except IomCausalError as error:
        return Walked(started, text, None, error.code, str(error))
