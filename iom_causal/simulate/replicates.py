"""Replicate axis of worlds: stacking, and taking one out."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.world import Course, World

_MARKS = ("weight", "recorded", "in_extract")
"""Marks that are None where they hold for everybody."""


def stacked(worlds: Sequence[World]) -> World:
    """Return worlds of one replicate each along one axis of replicates."""
    first = worlds[0]
    whole = np.ones_like(first.selected)
    changes: dict[str, Any] = {}
    for f in fields(World):
        values = [getattr(w, f.name) for w in worlds]
        if f.name in _MARKS:
            marked = any(v is not None for v in values)
            changes[f.name] = np.concatenate([whole if v is None else v for v in values]) if marked else None
        elif isinstance(values[0], np.ndarray):
            changes[f.name] = np.concatenate(values)
        elif isinstance(values[0], Course):
            changes[f.name] = _stacked_courses(values)
    covariates = {name: np.concatenate([w.covariates[name] for w in worlds]) for name in first.covariates}
    return replace(first, **changes, covariates=covariates)


def _stacked_courses(courses: Sequence[Course]) -> Course:
    parts = {f.name: [getattr(c, f.name) for c in courses] for f in fields(Course)}
    return replace(courses[0], **{name: np.concatenate(v) for name, v in parts.items() if v[0] is not None})


def one_of(world: World, index: int = 0) -> World:
    """Return one replicate without the axis of replicates."""
    return _at(world, index)


def taken(world: World, rows: NDArray[np.int64]) -> World:
    """Return some replicates of a world that has an axis of them, by place.

    Examples
    --------
    >>> from iom_causal.simulate import Careers
    >>> world = Careers(people=5, rate=2.0).batch(3, rng=1)
    >>> taken(world, np.array([2])).numbers.tolist()
    [2]
    """
    return _at(world, rows)


def _at(world: World, place: int | NDArray[np.int64]) -> World:
    inside = {f.name: getattr(world, f.name) for f in fields(world)}
    changes: dict[str, Any] = {name: value[place] for name, value in inside.items() if isinstance(value, np.ndarray)}
    changes |= {name: _course_at(inside[name], place) for name in ("untreated", "treated")}
    for name in ("covariates", "theta"):
        given = inside[name].items()
        changes[name] = {key: value[place] if isinstance(value, np.ndarray) else value for key, value in given}
    return replace(world, **changes)


def _course_at(course: Course, place: int | NDArray[np.int64]) -> Course:
    parts = {f.name: getattr(course, f.name) for f in fields(course)}
    return replace(course, **{name: value[place] for name, value in parts.items() if value is not None})
