"""Description of designs: what differs is told apart by name, and what does not is the same in every process."""

import dataclasses
import datetime as dt
import functools
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.designs.description import described
from iom_causal.designs.design import Design
from iom_causal.designs.diagnose import diagnose
from iom_causal.errors import SpecError

FACTOR = 2.0


def twice(panel):
    """Use a constant of the module."""
    return FACTOR * float(panel.after.mean()), 1.0


def helped(panel):
    """Use another function of the module."""
    return twice(panel)


def a_design(**changes):
    careers = sim.Careers(people=30, rate=2.0)
    parts = {"model": careers, "estimands": sim.att_ratio, "data": sim.BeforeAfter(), "estimators": iom.RateRatio()}
    return Design(**(parts | changes))


def text(**changes):
    return json.dumps(described({"d": a_design(**changes)}), sort_keys=True)


def answer(function):
    return iom.answer(function, estimand="att_ratio", scale="ratio")


def enclosing(value):
    return lambda _: (value, 1.0)


def test_settings_and_functions_are_told_apart():
    texts = [
        text(),
        text(model=sim.Careers(people=31, rate=2.0)),
        text(estimators=iom.RateRatio(level=0.9)),
        text(estimands=functools.partial(sim.att_ratio, of="events")),
        text(estimators=answer(twice)),
        text(estimators=answer(helped)),
        text(estimators=answer(enclosing(1.0))),
        text(estimators=answer(enclosing(2.0))),
        text(cell=1),
    ]
    assert len(set(texts)) == len(texts)


def test_a_constant_that_a_function_or_its_helper_uses_is_part_of_it(monkeypatch):
    before = [text(estimators=answer(f)) for f in (twice, helped)]
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3.0)
    assert all(text(estimators=answer(f)) != b for f, b in zip((twice, helped), before, strict=True))


def test_values_of_every_kind_are_what_json_holds_and_what_holds_itself_ends():
    class Loop:
        def __init__(self):
            self.me, self.data, self.sizes, self.kind = self, np.arange(3), {3, 1}, int

        def __call__(self, world, *, rng):
            del rng
            return sim.BeforeAfter()(world)

    found = described({"d": a_design(data={"loop": Loop()})})["d"]["data"]["loop"]
    assert found["me"] == "the same again"
    assert found["sizes"] == [1, 3]
    assert found["data"]["array"] == [3]
    assert found["kind"] == {"class": "builtins.int"}


def test_it_is_the_same_in_another_process():
    code = (
        "import json, iom_causal as iom; from iom_causal import simulate as sim\n"
        "from iom_causal.designs.description import described\n"
        "d = iom.Design(sim.Careers(people=30, rate=2.0), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())\n"
        "print(json.dumps(described({'d': d}), sort_keys=True))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == text()


def test_a_study_of_another_design_is_refused_by_name_and_the_same_one_goes_on(tmp_path):
    design, folder = a_design(), tmp_path / "study"
    first = diagnose(design, sims=600, store=folder)
    with pytest.raises(SpecError, match="resume=True"):
        diagnose(design, sims=600, store=folder)
    more = diagnose(design, sims=1200, store=folder, resume=True)
    whole = diagnose(design, sims=1200)
    for name, column in whole.columns.items():
        assert np.array_equal(more.columns[name], column, equal_nan=name != "replicate"), name
        assert np.array_equal(first.columns[name], column[:600], equal_nan=name != "replicate"), name
    other = dataclasses.replace(design, model=sim.Careers(people=31, rate=2.0))
    with pytest.raises(SpecError, match=r"model\.people"):
        diagnose(other, sims=600, store=folder, resume=True)
    with pytest.raises(SpecError, match="seed"):
        diagnose(design, sims=600, seed=2, store=folder, resume=True)


LISTED, HELD, PART = [1, 2], sim.Careers(people=5), functools.partial(sim.att_ratio, of="events")


def listed(_panel):
    """Use values of the module that are no numbers."""
    return float(len(LISTED) + HELD.people + len(PART.keywords)), 1.0


@pytest.mark.parametrize(("name", "value"), [("LISTED", [1, 3]), ("HELD", sim.Careers(people=6)), ("PART", max)])
def test_values_of_every_kind_that_a_function_uses_are_part_of_it(monkeypatch, name, value):
    before = text(estimators=answer(listed))
    monkeypatch.setattr(sys.modules[__name__], name, value)
    assert text(estimators=answer(listed)) != before


class Method:
    """A class of one's own."""

    def __init__(self, share):
        self.share = share

    def estimate(self, _panel):
        """Return its share."""
        return self.share, 1.0


class Slotted:
    """One without a dictionary."""

    __slots__ = ("share",)

    def __init__(self, share):
        self.share = share

    def __call__(self, _panel):
        return self.share, 1.0


def test_methods_slots_times_and_what_calling_does_are_told_apart():
    pairs = [
        (Method(1.0).estimate, Method(2.0).estimate),
        (Slotted(1.0), Slotted(2.0)),
        (functools.partial(twice, dt.timedelta(1)), functools.partial(twice, dt.timedelta(2))),
        (type("Own", (), {"__call__": twice})(), type("Own", (), {"__call__": helped})()),
        (functools.partial(twice, np.arange(3)), functools.partial(twice, np.arange(4))),
        (enclosing(np.arange(3)), enclosing(np.arange(4))),
        (lambda p, k=1.0: (k, p), lambda p, k=2.0: (k, p)),
    ]
    for one, other in pairs:
        assert text(estimators=answer(one)) != text(estimators=answer(other))


def test_sets_in_code_do_not_hang_on_how_text_is_hashed():
    code = (
        "import json, iom_causal as iom; from iom_causal import simulate as sim\n"
        "from iom_causal.designs.description import described\n"
        "def own(panel): return (1.0 if panel.name in {'arrests', 'a', 'b', 'c'} else 2.0), 1.0\n"
        "e = iom.answer(own, estimand='att_ratio', scale='ratio')\n"
        "d = iom.Design(sim.Careers(people=30), sim.att_ratio, sim.BeforeAfter(), e)\n"
        "print(json.dumps(described({'d': d}), sort_keys=True))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(seen) == 1
