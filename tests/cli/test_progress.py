"""Progress: on a terminal, in one line no wider than it, without a colour; nowhere else."""

import io
import os
import subprocess
import sys

import pytest

from iom_causal.base import terminal_line
from iom_causal.cli.progress import steps

TOLD = """
import itertools
from iom_causal.cli.progress import steps
times = itertools.count(0, 10)
with steps(4, clock=lambda: next(times)) as tell:
    tell("evaluating 40 worlds: one kind and another of people")
    tell("evaluating 40 worlds: b")
    tell("note: look at this")
    tell("evaluating 40 worlds: c")
"""


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def by_hand(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def shown(total, messages):
    out, times = Terminal(), iter(range(0, 1_000, 10))
    with steps(total, stream=out, clock=lambda: next(times)) as tell:
        for message in messages:
            tell(message)
    assert out.getvalue().endswith("\r")
    return [part.strip() for part in out.getvalue().split("\r") if part.strip()]


def test_time_left_is_shown_where_steps_are_alike_and_only_there():
    assert shown(4, "abc") == ["0 of 4 done: a", "1 of 4 done, 30 s left: b", "2 of 4 done, 20 s left: c"]
    assert shown(0, "abc") == ["a", "10 s so far: b", "20 s so far: c"]


def test_a_note_stays_and_is_no_step():
    assert shown(2, ["a", "note: n", "b"]) == ["0 of 2 done: a", "note: n", "1 of 2 done, 10 s left: b"]
    out = io.StringIO()
    with steps(stream=out) as tell:
        tell("a")
        tell("note: n")
    assert out.getvalue() == "note: n\n"


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_a_log_of_a_build_and_a_terminal_that_cannot_go_back_get_nothing(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert not terminal_line.is_watched(Terminal())


@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo-terminals here")
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
def test_on_a_narrow_terminal_it_is_one_line_without_codes(environment):
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    subprocess.run([sys.executable, "-c", TOLD], stderr=theirs, check=True, env=os.environ | environment)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    lines = [part for part in said.replace("\n", "\r").split("\r") if part.strip()]
    assert [line.strip() for line in lines] == [
        "0 of 4 done: evaluating 40 worlds: one",
        "1 of 4 done, 30 s left: evaluating 40 w",
        "note: look at this",
        "2 of 4 done, 20 s left: evaluating 40 w",
    ]
    assert max(map(len, lines)) < 40
    assert "\x1b" not in said


def test_a_pipe_gets_notes_alone_and_no_codes():
    done = subprocess.run([sys.executable, "-c", TOLD], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"note: look at this" + os.linesep.encode())
