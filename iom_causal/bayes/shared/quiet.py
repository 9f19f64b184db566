"""Libraries kept from writing on a terminal what a result says in its notes."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

OBJECT_MODE = "Numba will use object mode"
"""How PyTensor warns that a random number generator written in numpy is not compiled."""


@contextmanager
def quiet(*libraries: str, warning: str = "") -> Iterator[None]:
    """Hold back the log of some libraries below errors, and warnings that start so (by default all)."""
    logs = {log: log.level for log in map(logging.getLogger, libraries)}
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=warning)
            yield
    finally:
        for log, level in logs.items():
            log.setLevel(level)
