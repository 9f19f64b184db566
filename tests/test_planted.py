"""The planted faults: each still applies, and enough of them are noticed."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "planted"
spec = importlib.util.spec_from_file_location("planted_run", HERE / "run.py")
planted = importlib.util.module_from_spec(spec)
spec.loader.exec_module(planted)
FAULTS = planted.faults()


def test_there_are_fifty():
    assert len(FAULTS) == 50


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_a_fault_still_applies_and_its_tests_exist(fault):
    text = (planted.ROOT / fault.file).read_text(encoding="utf-8")
    changed = fault.planted(text)
    assert changed not in {None, text}
    compile(changed, fault.file, "exec")
    files = [word for word in fault.tests.split() if word.endswith(".py")]
    assert files
    assert all((planted.ROOT / name).is_file() for name in files)


def test_a_fault_whose_tests_fail_anyway_is_not_noticed(tmp_path, monkeypatch):
    code = tmp_path / "code.py"
    code.write_text("x = 1\n")
    ended = {"sound": lambda: int("x = 3" in code.read_text()), "red": lambda: 1, "none": lambda: 5, "blind": lambda: 0}
    monkeypatch.setattr(planted, "_tested", lambda tests, _: ended[tests]())
    faults = [planted.Fault(name, name, "code.py", "x = 1\n", "x = 3\n") for name in ended]
    assert [planted.run(fault, tmp_path) for fault in faults] == [
        "noticed",
        "its tests do not pass without it: pytest ended with 1",
        "its tests do not pass without it: pytest ended with 5",
        "not noticed",
    ]
    assert code.read_text() == "x = 1\n"


@pytest.mark.slow
def test_enough_of_them_are_noticed():
    assert planted.main([]) == 0
