"""What all tests share: settings that no slow machine breaks, and evaluations that many tests read."""

import pytest
from hypothesis import settings

# No example has a deadline: a slow machine is no fault.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep a file with one worker, so that its fixtures are made once; files that share more name a group."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def paper():
    """The paper, evaluated as the demo does."""
    from iom_causal.evaluation import evaluate

    return evaluate("sleath-brown-2017")


@pytest.fixture(scope="session")
def template():
    """The invented print, evaluated as a first look."""
    from iom_causal.evaluation import evaluate

    return evaluate("template", quick=True)


@pytest.fixture
def without_null_calibration(monkeypatch):
    """Refuse the null calibration, nearly all of the work of an evaluation, where a test looks at something else.

    The step that holds it still runs, and says why there is none.
    """
    from iom_causal.errors import NotIdentifiedError
    from iom_causal.report import own_steps, steps

    def refused(*_args, **_settings):
        raise NotIdentifiedError("IOM-E068", "left out of this test")

    for module in (steps, own_steps):
        monkeypatch.setattr(module, "null_calibration", refused)
