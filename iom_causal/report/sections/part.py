"""A part of the report: a step of the analysis, and what the page, its first page and its tables say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from iom_causal.analysis.release import Leaving
from iom_causal.analysis.steps import Results, Step
from iom_causal.analysis.subject import Subject, Voice
from iom_causal.report.render.page import Section


def _says_nothing(_subject: Subject, _results: Results) -> tuple[str, ...]:
    return ()


def _writes_nothing(_subject: Subject, _results: Results) -> dict[str, Leaving]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the report; all of it are functions of the subject and of what the steps have returned.

    Parameters
    ----------
    step : callable
        Works it out.
    section : callable
        Returns its sections of the page; none where there is nothing to say.
    headline : callable
        Returns its sentences on the first page.
    files : callable
        Returns its tables by the names of their files, as they may leave.
    doing : str
        What is being done, while it takes long.
    only : {"", "print", "people"}
        Which subjects have it; empty for both.
    """

    step: Step[Any]
    section: Callable[[Subject, Results], tuple[Section, ...]]
    headline: Callable[[Subject, Results], tuple[str, ...]] = _says_nothing
    files: Callable[[Subject, Results], Mapping[str, Leaving]] = _writes_nothing
    doing: str = ""
    only: Voice | None = None
