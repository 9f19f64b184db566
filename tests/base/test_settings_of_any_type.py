"""Whatever is given as a setting, it is taken or refused with a code, and what is refused is told."""

import datetime as dt
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import iom_causal as iom
from iom_causal import confounds, estimators, simulate
from iom_causal.confounds import regression
from iom_causal.errors import IomCausalError, SpecError
from tests.confounds.test_confound_contract import SPECS as CONFOUNDS
from tests.test_contract import OTHERS, SPECS

GIVEN = {
    "str": "x",
    "bytes": b"x",
    "class": dict,
    "None": None,
    "NaN": float("nan"),
    "inf": float("inf"),
    "Decimal": Decimal("0.5"),
    "NA": pd.NA,
    "NaT": pd.NaT,
    "Series": pd.Series([1.0, 2.0]),
    "array": np.array([1.0, 2.0]),
    "date": dt.date(2020, 1, 1),
    "timedelta": dt.timedelta(days=3),
    "list": [1, "a"],
    "dict": {"a": 1},
    "complex": 1j,
    "object": object(),
}
NOUNS = (
    iom.Window("a", -3, 0),
    iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0),
    iom.Moments(n=10, mean_pre=3.0, sd_pre=2.0, mean_post=2.0, sd_post=2.0, r=0.4),
    *(iom.Range(1, 2), iom.Normal(1, 2), iom.LogNormal(1, 2), iom.Uniform(1, 2)),
    iom.Estimate(outcome="y", method="m", estimate=1.0),
)


def _made():
    """Return one of every public class of settings: as the contracts make it, or by default."""
    made = {type(spec): spec for spec in (*SPECS, *OTHERS, *CONFOUNDS, *NOUNS)}
    for module in (iom, confounds, regression, estimators, simulate):
        for name in module.__all__:
            kind = getattr(module, name)
            if isinstance(kind, type) and is_dataclass(kind) and kind not in made:
                try:
                    made[kind] = kind()
                except TypeError:  # a class of results, or of data: their doors are below
                    continue
    return tuple(made.values())


@pytest.mark.parametrize("spec", _made(), ids=lambda spec: type(spec).__name__)
def test_a_setting_of_any_type_is_taken_or_refused_with_a_code(spec):
    if isinstance(spec, iom.Estimate):
        return
    for field in fields(spec):
        for value in GIVEN.values():
            try:
                replace(spec, **{field.name: value})
            except IomCausalError:
                continue


NUMBERS = ("bytes", "class", "NaN", "Decimal", "NA", "NaT", "Series", "date", "timedelta", "list", "complex", "str")


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_number_is_no_figure(name):
    for make in (
        lambda v: iom.EffectSize("dz").from_summary(n=225, t=v),
        lambda v: iom.EffectSize("dz").from_summary(n=v, t=2.0),
        lambda v: iom.Moments.from_summary(n=20, mean_pre=3.0, n_input=v),
        lambda v: replace(NOUNS[1], threshold=v),
        lambda v: iom.Window("a", v, 0),
        lambda v: iom.Panel.from_arrays([[1, 2], [3, 4]], windows=v),
        lambda v: iom.batch(v, iom.Panel.from_arrays([[1, 2], [3, 4]])),
        lambda v: iom.Ledger([v]),
    ):
        with pytest.raises(IomCausalError):
            make(GIVEN[name])


@pytest.mark.parametrize("name", [n for n in NUMBERS if n not in ("Decimal", "Series")])  # two numbers are days
def test_what_is_no_number_is_no_exposure(name):
    days = GIVEN[name]
    with pytest.raises(IomCausalError):
        iom.Panel.from_arrays([[1, 2], [3, 4]], exposure=days)
    with pytest.raises(IomCausalError):
        iom.Panel.from_wide(FRAME, unit="u", pre="a", post="b", kind="count", exposure_pre=days, exposure_post=days)


FRAME = pd.DataFrame({"u": ["p", "q"], "a": [3, 1], "b": [2, 1]})
PANEL = iom.Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")


def test_a_refusal_says_what_it_got():
    with pytest.raises(IomCausalError, match=r"IOM-E067: Moments n: expected a whole number, got str"):
        iom.EffectSize("dz").from_summary(n="225", t="-11.64")
    with pytest.raises(SpecError, match=r"Ledger: expected confounds, such as History\(\), got the class History"):
        iom.Ledger([iom.History])
    with pytest.raises(SpecError, match=r"such as RateRatio\(\), got the class RateRatio, not one made of it"):
        iom.batch(iom.RateRatio, PANEL)
    with pytest.raises(SpecError, match=r"such as RateRatio\(\), got list"):
        iom.batch([iom.RateRatio()], PANEL)
    with pytest.raises(IomCausalError, match="IOM-E043: exposure: expected days at risk as numbers"):
        iom.Panel.from_arrays(PANEL.outcome, exposure=dt.timedelta(days=365))
    with pytest.raises(SpecError, match=r"IOM-E092: windows: expected \(Window.*, got str"):
        iom.Panel.from_arrays(PANEL.outcome, windows="before")


def test_one_label_stands_for_itself_and_a_list_is_a_tuple():
    one, several = replace(NOUNS[1], windows="before"), replace(NOUNS[1], windows=["before"])
    assert one == several == NOUNS[1]


def test_a_date_in_a_window_is_told_that_days_are_wanted_and_so_is_who_needs_them():
    for change in ({"start": dt.date(2020, 1, 1), "end": dt.date(2021, 1, 1)}, {"end": pd.Timestamp("2020-01-01")}):
        with pytest.raises(IomCausalError, match=r"IOM-E042: .*whole days from the index date, such as start=-365"):
            iom.Window("before", **change)
    with pytest.raises(IomCausalError, match=r"IOM-E048: .*start and end; expected whole days from the index date"):
        iom.Ledger([iom.Ageing()])(replace(PANEL, age=np.full(4, 30.0)), rng=1)
