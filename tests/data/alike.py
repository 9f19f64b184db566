"""The answer to a draft that asks how long the windows are: equally long."""

import re
from pathlib import Path


def alike(file: Path) -> Path:
    """Say in a draft that all windows are equally long, where nothing says how long they are."""
    text = file.read_text(encoding="utf-8")
    rows = re.search(r"^windows = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    said = rows is None or re.search("start = |months = |days = ", rows[1])
    text = re.sub(r'equal_windows = "EDIT.*"\n', "", text)
    if not said and "\nequal_windows" not in text:
        text = text.replace("\nwindows = [\n", "\nequal_windows = true\nwindows = [\n")
    file.write_text(text, encoding="utf-8")
    return file
