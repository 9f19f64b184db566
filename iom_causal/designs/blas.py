"""One thread for matrix products while replicates are worked out."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_lock = Lock()
_limits: list[Any] = []
"""One entry for each that is inside: the first holds the limits, which the last one lifts."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Give matrix products one thread, whose sums more of them would split, and so round, otherwise.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     float(np.ones(3) @ np.ones(3))
    3.0
    """
    with _lock:
        _limits.append(_limits[0] if _limits else blas().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limit = _limits.pop()
            if not _limits:
                limit.restore_original_limits()


@cache
def blas() -> Any:
    """Find the BLAS libraries of this process; that of SciPy is loaded so that it can be found.

    Examples
    --------
    >>> len(blas().info()) > 0
    True
    """
    import scipy.linalg  # noqa: F401, PLC0415 slow to load
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 slow to load

    return ThreadpoolController()
