"""Filters on the rows of a table of cells."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.extract_parts import Filter
from iom_causal.data.files import cells
from iom_causal.data.files.cells import Missing
from iom_causal.data.files.sheet import Sheet


def retained(sheet: Sheet, rule: Filter, *, decimal: str = "", missing: Missing = ()) -> NDArray[np.bool_]:
    """Rows that a filter retains.

    Examples
    --------
    >>> sheet = Sheet(columns={"reason": np.array(["offence", "recall", None], dtype=object)}, rows=3)
    >>> retained(sheet, Filter(column="reason", drop=("recall",))).tolist()
    [True, False, True]
    """
    keep = np.ones(sheet.rows, dtype=np.bool_)
    if rule.keep:
        keep &= any_of(sheet, rule.column, rule.keep)
    if rule.drop:
        keep &= ~any_of(sheet, rule.column, rule.drop)
    if rule.low is not None or rule.high is not None:
        values = cells.numbers(sheet, rule.column, decimal=decimal, missing=missing).array
        low, high = (-np.inf if rule.low is None else rule.low), (np.inf if rule.high is None else rule.high)
        keep &= (values >= low) & (values <= high)
    return keep


def any_of(sheet: Sheet, column: str, values: tuple[str | float, ...]) -> NDArray[np.bool_]:
    """Rows whose cell is one of some values: as text, as a number, or by its label."""
    return np.asarray(np.any([cells.is_value(sheet, column, value) for value in values], axis=0))


def words_of(rule: Filter) -> str:
    """Words for what a filter sets aside."""
    return f"set aside by the filter on {rule.column}{f': {rule.reason}' if rule.reason else ''}"
