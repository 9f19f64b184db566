"""Libraries kept from writing on a terminal what a result says in its notes."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

OF_PYTENSOR = r".*Numba will use object mode|.*np\.dot\(\) is faster on contiguous arrays"
"""How Numba warns, as it compiles PyTensor's own functions, of what no model can alter: that a random number generator
written in numpy is not compiled, and that a Cholesky factor by which a multivariate normal is drawn may lie any way.
"""


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
