"""Regression of people's change, or outcome after, on being managed and covariates, from a panel."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.covariates import covariate_matrix, person_columns
from iom_causal.inputs.sample import LEAST_PEOPLE, left_out
from iom_causal.inputs.weighting import one_row_each
from iom_causal.numerics.sensitivity.robustness import Regression, regress
from iom_causal.panel import Panel
from iom_causal.sensitivity.compared_people import compared_people

CHANGE, AFTER = "change", "after"
OUTCOMES = (CHANGE, AFTER)
BEFORE = "before"
"""The name of the outcome before, where it is a covariate."""


def managed_regression(
    panel: Panel, outcome: str, covariates: str, groups: Mapping[str, str], *, name: str
) -> tuple[Regression, tuple[str, ...]]:
    """Regress on being managed, by least squares, and measure what groups of covariates explain.

    Parameters
    ----------
    panel : Panel
        With comparison people, without replicates; those selected alike alone, where it knows of some.
    outcome : {"change", "after"}
        The change, as a difference of rates where windows differ in length; or the outcome after, with the one before
        as a covariate.
    covariates : str
        A formula.
    groups : mapping of str
        Formulas of some of the covariates, by name.
    name : str
        Of the method, for messages.

    Returns
    -------
    Regression
        With the partial R squared of each group.
    tuple of str
        Notes on people left out.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 without comparison people.
    InputError
        IOM-E009 for a group that is none of the covariates; IOM-E047 for a panel with replicates; IOM-E060 for too few
        people; those of `covariate_matrix`.
    DegenerateDataError
        IOM-E065, as `regress`.
    """
    if panel.group.all() or not panel.group.any():
        raise NotIdentifiedError(
            "IOM-E068",
            f"{panel.name}: {name}: everybody here is managed, or nobody; what a person is (age, sex) is the same in "
            "both windows and no benchmark of the contrast of windows. Bring comparison people, or give the estimate",
        )
    people = compared_people(panel if panel.replicates is not None else one_row_each(panel, name), name)
    there = ~np.isnan(people.pairs).any(-1) & (people.weight > 0)
    before, after, managed = people.pairs[there, 0], people.pairs[there, 1], people.managed[there].astype(np.float64)
    if min(managed.sum(), (1 - managed).sum()) < LEAST_PEOPLE:
        raise InputError("IOM-E060", f"{panel.name}: {name}: expected at least 2 managed and 2 comparison people")
    columns: dict[str, NDArray[Any]] = {key: value[there] for key, value in person_columns(people.panel).items()}
    formula = covariates
    if outcome == AFTER:
        columns[BEFORE] = before
        formula = f"{BEFORE} + {covariates}" if covariates.strip() else BEFORE
    made = covariate_matrix(formula, columns, rows=len(before))
    if len(before) < len(made.names) + 4:
        raise InputError("IOM-E060", f"{panel.name}: {name}: too few people for {len(made.names)} covariates")
    masks = [_mask(key, text, columns, made.names, len(before), name) for key, text in groups.items()]
    y = after if outcome == AFTER else after - before
    fit = regress(y, managed, made.matrix, np.array(masks, dtype=np.bool_).reshape(len(masks), len(made.names)))
    return fit, (*people.notes, *left_out(len(before), int((people.weight > 0).sum()), "both windows"))


def _mask(
    label: str, formula: str, columns: Mapping[str, NDArray[Any]], names: tuple[str, ...], rows: int, method: str
) -> list[bool]:
    own = covariate_matrix(formula, columns, rows=rows).names
    if not own or not set(own) <= set(names):
        raise InputError(
            "IOM-E009",
            f"{method}: benchmark {label!r}: expected a formula of the covariates of the regression "
            f"({', '.join(names) or 'it has none'}); add them to covariates",
        )
    return [column in own for column in names]
