"""The answers to a draft that asks how long the windows are, and how people were picked: equally long, nobody knows."""

import re
from pathlib import Path
from typing import Any

from iom_causal.protocol.draft.start import Started, start


def unpicked(text: str) -> str:
    """Return a draft in which nobody knows how people were picked."""
    return re.sub(r"^selection = .EDIT.*\n", "", text, flags=re.MULTILINE)


def drafted(folder: Path, **files: Any) -> Started:
    """Draft a study of files of which nobody knows how the people in them were picked."""
    begun = start(folder, **files)
    begun.file.write_text(unpicked(begun.file.read_text(encoding="utf-8")), encoding="utf-8")
    left = tuple(question for question in begun.questions if question.key != "selection")
    assert len(left) == len(begun.questions) - 1
    return begun._replace(questions=left, to_edit=tuple(key for key in begun.to_edit if key != "selection"))


def alike(file: Path) -> Path:
    """Say in a draft that all windows are equally long, where nothing says how long, and nothing of the picking."""
    text = unpicked(file.read_text(encoding="utf-8"))
    rows = re.search(r"^windows = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    said = rows is None or re.search("start = |months = |days = ", rows[1])
    text = re.sub(r'equal_windows = "EDIT.*"\n', "", text)
    if not said and "\nequal_windows" not in text:
        text = text.replace("\nwindows = [\n", "\nequal_windows = true\nwindows = [\n")
    file.write_text(text, encoding="utf-8")
    return file
