"""Whether everything in a study file is answered, found out before anything else of it is read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iom_causal.base.specs import read_toml
from iom_causal.data.guesses.questions import Question, open_questions, unanswered


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


def check_file(path: Path | str) -> None:
    """Refuse a study or a published file in which something is to be filled in; other kinds are not looked at.

    Raises
    ------
    SpecError
        IOM-E096, naming every key and what is asked, and what `read_toml` refuses.
    """
    document = read_toml(path)
    published = open_questions(document["published"]) if "published" in document else ()
    asked = questions_in(document["study"]) if "study" in document else published
    if asked:
        raise unanswered(asked, Path(path).name)
