"""How much work and memory something takes, told without a clock: the same on a slow machine as on a fast one."""

import sys
from collections.abc import Callable
from pathlib import Path

STATUS = Path("/proc/self/status")
"""What Linux tells of a process."""


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


def most_resident() -> float:
    """Return the most GiB that this program has held at once, Arrow's and compiled code's included.

    `resource` does not tell that: a program begins there with the memory of the process that started it.
    """
    (line,) = (line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024**2
