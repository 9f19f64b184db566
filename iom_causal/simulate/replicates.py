"""Replicate axis of worlds: stacking, and taking one out."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

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
    inside = {f.name: getattr(world, f.name) for f in fields(world)}
    arrays = {name: value[index] for name, value in inside.items() if isinstance(value, np.ndarray)}
    courses = {name: _one_course(inside[name], index) for name in ("untreated", "treated")}
    covariates = {name: value[index] for name, value in world.covariates.items()}
    return replace(world, **(arrays | courses), covariates=covariates)


def _one_course(course: Course, index: int) -> Course:
    parts = {f.name: getattr(course, f.name) for f in fields(course)}
    return replace(course, **{name: value[index] for name, value in parts.items() if value is not None})
