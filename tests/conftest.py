"""What all tests share: settings that no slow machine breaks, and evaluations that many tests read."""

import os
import pickle

import pytest
from hypothesis import settings

# No example has a deadline: a slow machine is no fault.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

# What a machine says of its terminal, or of being a builder, is not what a test is about: those that are say so.
for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
    os.environ.pop(name, None)
os.environ["TERM"] = "xterm"


def once_a_run(tmp_path_factory, name, make):
    """Make something in the worker that first needs it, and read it in the others."""
    base = tmp_path_factory.getbasetemp()
    file = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"{name}.pickle"
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(make()))
        part.replace(file)
    return pickle.loads(file.read_bytes())  # noqa: S301 our own bytes


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    """The paper, evaluated as the demo does."""
    from iom_causal.evaluation import evaluate

    return once_a_run(tmp_path_factory, "paper", lambda: evaluate("sleath-brown-2017"))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The invented print, evaluated as a first look."""
    from iom_causal.evaluation import evaluate

    return once_a_run(tmp_path_factory, "template", lambda: evaluate("template", quick=True))


@pytest.fixture
def without_null_calibration(monkeypatch):
    """Refuse the null calibration, nearly all of the work of an evaluation, where a test looks at something else.

    The step that holds it still runs, and says why there is none.
    """
    from iom_causal.analysis import null
    from iom_causal.errors import NotIdentifiedError

    def refused(*_args, **_settings):
        raise NotIdentifiedError("IOM-E068", "left out of this test")

    monkeypatch.setattr(null, "null_calibration", refused)
