"""Reading of the people of a study before the methods that it names, which take longer to load than a small file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from iom_causal.base.schema import build
from iom_causal.base.specs import read_toml
from iom_causal.data.extracts import Extract
from iom_causal.data.reading.panels import Extracted, read_extract
from iom_causal.errors import IomCausalError
from iom_causal.windows import Selection

SMALL = 2**22
"""Bytes of files that are read in less time than methods are loaded in."""


class FirstReading(NamedTuple):
    """People as read, and what was stated of them."""

    extract: Extract
    selection: Selection | None
    read: Extracted


def read_first(path: Path | str) -> FirstReading | None:
    """Read the people of a study file; None of large files, and of a study that is none or is not well stated.

    What the people are refused for is so said at once, and what the rest of the study is refused for before a large
    file is read.

    Raises
    ------
    InputError, SpecError
        Those of `read_extract`.
    """
    study, folder = read_toml(path).get("study"), Path(path).parent
    try:
        extract, selection = _stated(study if isinstance(study, Mapping) else {})
    except IomCausalError:
        return None
    if sum(_size(folder / name) for name in _files(extract)) > SMALL:
        return None
    return FirstReading(extract, selection, read_extract(extract, folder, selection=selection))


def _stated(study: Mapping[str, Any]) -> tuple[Extract, Selection | None]:
    rule = study.get("selection")
    return (
        build(Extract, study.get("extract", {}), "study.extract"),
        None if rule is None else build(Selection, rule, "study.selection"),
    )


def _files(extract: Extract) -> tuple[str, ...]:
    beside = (extract.events, extract.custody)
    return (extract.file, extract.others, *(each.file for each in beside if each is not None))


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0
