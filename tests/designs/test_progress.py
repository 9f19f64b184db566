"""The line of progress: on a terminal alone, with rate and time left, and gone at the end."""

import io

import pytest

from iom_causal.designs.progress import line, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_rate_counts_what_was_made_and_not_what_was_kept():
    times, out = iter([0.0, 0.0, 10.0, 10.0]), Terminal()
    with progress(stream=out, clock=lambda: next(times)) as tell:
        tell(1_000, 5_000)
        tell(3_000, 5_000)
        shown = [part.strip() for part in out.getvalue().split("\r") if part]
    assert shown == ["1,000 of 5,000 replicates", "3,000 of 5,000 replicates, 200 a second, 10 s left"]
    assert out.getvalue().endswith(" \r")


def test_a_file_gets_nothing():
    out = io.StringIO()
    with progress(stream=out) as tell:
        assert tell is None
    assert out.getvalue() == ""


@pytest.mark.parametrize(("seconds", "left"), [(89, "89 s"), (100, "2 min"), (4_000, "67 min"), (7_200, "2.0 h")])
def test_time_left_is_in_words(seconds, left):
    assert line(1, 1 + seconds, 1, 1.0).endswith(f", {left} left")
