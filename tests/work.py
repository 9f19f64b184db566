"""How much work something is, told without a clock: the same on a slow machine as on a fast one."""

import sys
from collections.abc import Callable


def calls(function: Callable[[], object]) -> int:
    """Count the calls of Python and C functions that a call makes."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return counted
