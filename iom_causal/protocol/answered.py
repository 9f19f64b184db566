"""Whether everything in a study file is answered, found out before anything else of it is read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iom_causal.base.specs import read_toml
from iom_causal.data.guesses.questions import EDIT, Question, by_weight, open_questions
from iom_causal.errors import SpecError


def questions_in(study: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions that stand in a [study] table, those of its extract first and without its name.

    Examples
    --------
    >>> [question.key for question in questions_in({"title": "EDIT", "extract": {"id": "EDIT: which column"}})]
    ['id', 'title']
    """
    extract = study.get("extract")
    inside = open_questions(extract) if isinstance(extract, Mapping) else ()
    return (*inside, *open_questions({key: value for key, value in study.items() if key != "extract"}))


def unanswered(asked: Sequence[Question], name: str) -> SpecError:
    """Return the refusal of a study in which these questions stand, those that decide most first.

    Examples
    --------
    >>> unanswered([Question("id", "which column")], "study.toml").message
    'study.toml: fill in the lines that still say EDIT: id (which column)'
    """
    lines = [f"{each.key} ({each.ask})" if each.ask else each.key for each in by_weight(asked)]
    return SpecError("IOM-E096", f"{name}: fill in the lines that still say {EDIT}: {'; '.join(lines)}")


def check_file(path: Path | str) -> None:
    """Refuse a study file in which something is still to be filled in; other kinds of files are not looked at.

    Raises
    ------
    SpecError
        IOM-E096, naming every key and what is asked, and what `read_toml` refuses.
    """
    study = read_toml(path).get("study")
    asked = questions_in(study) if study is not None else ()
    if asked:
        raise unanswered(asked, Path(path).name)
