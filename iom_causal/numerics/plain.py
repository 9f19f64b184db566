"""Built-in numbers in place of numpy scalars."""

import dataclasses
from typing import Any

import numpy as np


def plain_numbers(spec: object) -> None:
    """Give a frozen specification Python's numbers for numpy's, so that it prints, compares and is written as if typed.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> Range(np.float32(0.5), np.int64(1))
    Range(low=0.5, high=1)
    """
    for field in dataclasses.fields(spec):  # type: ignore[arg-type]
        value = getattr(spec, field.name, None)
        plain = plain_number(value)
        if plain is not value:
            object.__setattr__(spec, field.name, plain)


def plain_number(value: Any) -> Any:
    """Return a numpy scalar, or a tuple of them, as Python's; anything else as it is."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple) and any(isinstance(item, np.generic) for item in value):
        return tuple(plain_number(item) for item in value)
    return value
