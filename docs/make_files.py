"""Write docs/files.md from the forty invented files: run ``python -m docs.make_files`` after a change of the door."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.data.forty import HABITS, Kept
from tests.data.walk import Walked, walk

PAGE = Path(__file__).with_name("files.md")

HEAD = """# Forty files

Files of ten habits as offices keep them, invented, with people whose totals are known. Each goes through
`iom-causal init --from`, then the lines of the study file in the third column are written or changed, as its user would
who knows the file, and the line that asks how people were picked, as every draft does, is deleted: nobody knows. Then
its people are read. `tests/data/test_forty.py` compares what comes of it with the truth; `tests/data/forty.py` makes
the files, and this page is made from them.
"""


@cache
def walked(make: Callable[[Path], Kept]) -> tuple[Kept, Walked]:
    """Make a file and walk it, once a process."""
    folder = Path(tempfile.mkdtemp())
    kept = make(folder)
    return kept, walk(folder, kept.file, kept.answers, equal=False, people=kept.people_file, custody=kept.custody_file)


def outcome(kept: Kept, done: Walked) -> str:
    """Return what comes of a file, in a few words."""
    if done.people is None:
        return (
            f"one refusal ({done.code})"
            if done.started is None
            else f"one question ({', '.join(key for key in done.started.to_edit if key != 'selection')})"
        )
    cohort = done.people.cohort
    panel = next(iter(cohort.values()))
    managed, others = int(panel.group.sum()), int((~panel.group).sum())
    people = f"{managed} people" + (f" and {others} who were not managed" if others else "")
    figures = f"{len(cohort)} outcomes" if len(cohort) > 1 else panel.name
    days = ", days at risk" if kept.days else ""
    gaps = f", {kept.gaps} values not known" if kept.gaps else ""
    return f"right: {people}, {figures} in {len(panel.windows)} windows{days}{gaps}"


def row(make: Callable[[Path], Kept]) -> str:
    """Return the row of a file."""
    kept, done = walked(make)
    what = (make.__doc__ or "").removesuffix(".")
    lines = "<br>".join(f"`{line}`" for line in kept.changed) or "none"
    return f"| {what} | {kept.file.suffix[1:]} | {lines} | {outcome(kept, done)} |"


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for habit, makes in HABITS.items():
        head = ["| file | format | lines changed | what comes of it |", "| --- | --- | --- | --- |"]
        parts.append("\n".join([f"## {habit[0].upper()}{habit[1:]}", "", *head, *map(row, makes), ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
