"""The corpus of bad inputs: for each of its 84 entries what comes of it, here or in the test that holds it.

Entries 1 to 58 are tables of people; most are rows of `tests/data/files/test_bad_files.py`. The others are windows,
custody, statistics on data that are degenerate, names, paths, formulas and settings.
"""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import iom_causal as iom
from iom_causal.base.names import check_name
from iom_causal.base.output import csv_text, write
from iom_causal.data.extract_parts import ExtractWindow
from iom_causal.errors import IomCausalError
from iom_causal.protocol.design import load_design
from iom_causal.protocol.study import load_study
from tests.data.files import test_bad_files

RNG = np.random.default_rng(20)
ROWS, FALL = np.arange(12) + 1, RNG.poisson(2, (60, 2))
NOUGHT = np.zeros(12, dtype=int)


def panel(before, after, kind="count", **parts):
    return iom.Panel.from_arrays(np.column_stack([before, after]), kind=kind, name="arrests", **parts)


def with_covariates(**covariates):
    return panel(*FALL.T, covariates=covariates)


def many_people(levels):
    return panel(*np.tile(FALL, (levels // 60, 1)).T, covariates={"x": [f"l{k}" for k in range(levels)]})


def compared(force):
    start = np.ma.masked_equal(np.repeat([1, 0], 30), 0)
    return panel(*FALL.T, start=start, selected=np.ones(60), covariates={"force": force})


def mixed(formula, **covariates):
    return iom.PoissonMixed(covariates=formula)(with_covariates(**covariates))


def noise(people=60):
    return np.sin(np.arange(people))


def separated():
    """Nobody who is of the group has an event."""
    of = np.repeat([0.0, 1.0], 30)
    counts = (FALL + 1) * of[:, None].astype(int)
    return iom.PoissonMixed(covariates="x")(panel(*counts.T, covariates={"x": of}))


def design(folder, line):
    text = (Path(iom.__file__).parent / "designs" / "template.toml").read_text(encoding="utf-8")
    key = line.split(" = ")[0]
    file = folder / "design.toml"
    file.write_text(re.sub(rf"(?m)^{key} = .*$", line, text), encoding="utf-8")
    return load_design(file)


def settings(folder, text, name="study.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_study(folder / name)


YAML = "study: !!python/object/apply:os.system ['true']\n"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"

OUTSIDE = ("sims = 0", "sims = -5", "seed = -1", 'seed = "abc"')
MANY = {f"x{k}": noise() ** (k + 1) for k in range(60)}
FIRST, MIDDLE, LAST = dt.date(2019, 1, 1), dt.date(2020, 1, 1), dt.date(2021, 1, 1)
YEARS = (
    ExtractWindow(label="before", start=FIRST, end=MIDDLE),
    ExtractWindow(label="after", start=MIDDLE, end=LAST, post=True),
)


def with_spells(*spells):
    """Two people with an arrest each, of whom the first has spells in custody."""
    people = pd.DataFrame({"id": ["a", "b"]})
    events = pd.DataFrame({"id": ["a", "b"], "date": [dt.date(2019, 5, 1)] * 2})
    custody = pd.DataFrame([("a", *spell) for spell in spells], columns=["id", "start", "end"])
    return iom.panel_from_events(people, events, custody, windows=YEARS, index_date=MIDDLE, extracted=LAST)


REFUSED = [
    ("44", "IOM-E045", lambda _: with_spells((dt.date(2019, 3, 1), dt.date(2019, 2, 1)))),
    ("56", "IOM-E060", lambda _: iom.PairedT()(panel([3], [2]))),
    ("59 difference", "IOM-E062", lambda _: iom.PairedT()(panel(NOUGHT, NOUGHT))),
    ("59 ratio", "IOM-E064", lambda _: iom.RateRatio()(panel(NOUGHT, NOUGHT))),
    ("60", "IOM-E063", lambda _: iom.PairedT()(panel(ROWS, ROWS - 1))),
    ("61", "IOM-E063", lambda _: iom.PairedT()(panel(ROWS * 0.1, ROWS * 0.1 + 0.1 + ROWS * 2.0**-55, "score"))),
    ("62", "IOM-E062", lambda _: iom.PairedT()(panel(ROWS, ROWS))),
    ("67", "IOM-E068", lambda _: separated()),
    ("68", "IOM-E071", lambda _: mixed("x + y", x=noise(), y=noise())),
    ("69", "IOM-E072", lambda _: mixed("x", x=np.ones(60))),
    ("71", "IOM-E073", lambda _: iom.PoissonMixed(covariates="x")(many_people(3_000))),
    ("72", "IOM-E074", lambda _: mixed("+".join(MANY), **MANY)),
    ("73", "IOM-E068", lambda _: iom.DiffInDiff(cluster="force")(compared(["one"] * 60))),
    *(
        (f"76 {name}", "IOM-E076", lambda _, w=weight: panel(*FALL.T, weight=w))
        for name, weight in {"negative": [-1.0] + [1.0] * 59, "none": [0.0] * 60, "NaN": [np.nan] + [1.0] * 59}.items()
    ),
    *(
        (f"80 {n}", "IOM-E090", lambda folder, n=n: write(folder / "out", {n: "x"}, {}, "w"))
        for n in ("../../etc/x", "/abs", "CON", "a\0b", "x" * 300)
    ),
    ("80 outcome", "IOM-E090", lambda _: check_name("../x", "outcome")),
    ("81 import", "IOM-E091", lambda _: iom.PoissonMixed(covariates="__import__('os').system('true')")),
    ("81 class", "IOM-E091", lambda _: iom.PoissonMixed(covariates="I(x.__class__)")),
    *((f"82 level {v}", "IOM-E092", lambda _, v=v: iom.PairedT(level=v)) for v in (0, 1.2)),
    *((f"82 {line}", "IOM-E092", lambda f, line=line: design(f, line)) for line in OUTSIDE),
    ("83", "IOM-E093", lambda folder: design(folder, "sims = 10\nn_sim = 10")),
    ("84", "IOM-E094", lambda folder: settings(folder, YAML)),
    ("84 bomb", "IOM-E094", lambda folder: settings(folder, BOMB)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "call"), [row[1:] for row in REFUSED], ids=[ascii(row[0])[:40] for row in REFUSED])
def test_what_has_no_answer_is_refused_with_its_code(tmp_path, code, call):
    with pytest.raises(IomCausalError) as caught:
        call(tmp_path)
    assert caught.value.code == code, str(caught.value)
    assert not list(tmp_path.rglob("x"))


def test_83_the_nearest_key_is_named(tmp_path):
    with pytest.raises(IomCausalError, match="did you mean 'sims'"):
        design(tmp_path, "sims = 10\nsim = 10")


def test_43_a_day_in_two_spells_counts_once_and_is_noted():
    made = with_spells((dt.date(2019, 3, 1), dt.date(2019, 3, 11)), (dt.date(2019, 3, 6), dt.date(2019, 3, 21)))
    assert made.exposure.tolist() == [[345, 366], [365, 366]]
    assert any("IOM-W140" in note for note in made.notes)


def test_46_a_spell_without_an_end_runs_to_the_day_of_the_extract_and_is_noted():
    made = with_spells((dt.date(2020, 12, 22), None))
    assert made.exposure.tolist() == [[365, 356], [365, 366]]
    assert any("IOM-W142" in note for note in made.notes)


def test_51_days_on_which_clocks_change_are_days():
    made = with_spells((dt.date(2019, 3, 30), dt.date(2019, 4, 1)), (dt.date(2019, 10, 26), dt.date(2019, 10, 28)))
    assert made.exposure.tolist() == [[361, 366], [365, 366]]


def test_57_two_people_are_noted():
    estimate = iom.PairedT()(panel([3, 1], [2, 2]))
    assert (estimate.df, estimate.p_value) == (1, pytest.approx(1))
    assert "one degree of freedom" in estimate.notes[0]


def test_60_a_ratio_that_is_the_same_for_everybody_has_no_error():
    estimate = iom.RateRatio()(panel(3 * ROWS, 2 * ROWS))
    assert estimate.estimate == pytest.approx(2 / 3)
    assert any("no standard error" in note for note in estimate.notes)


def test_63_and_64_few_people_who_change_have_an_exact_p():
    for before, after in ((1, 0), (0, 0)):
        made = iom.McNemar()(panel(NOUGHT + np.eye(12, dtype=int)[0] * before, NOUGHT + after, "binary"))
        assert made.p_value == 1


def test_65_and_66_without_events_in_a_window_the_limit_is_exact():
    none_after = iom.RateRatio()(panel(ROWS, NOUGHT))
    assert none_after.estimate == 0
    assert 0 < none_after.conf_high < np.inf
    none_before = iom.RateRatio()(panel(NOUGHT, ROWS))
    assert none_before.estimate is None
    assert 0 < none_before.conf_low < np.inf


def test_70_a_level_of_one_person_is_no_group_to_compare():
    with pytest.raises(IomCausalError, match="IOM-E060"):
        iom.Heterogeneity(by="x")(with_covariates(x=["b"] + ["a"] * 59))


def test_74_people_who_vary_no_more_than_chance_are_noted():
    made = iom.PoissonMixed()(panel(*np.random.default_rng(3).binomial(8, 0.25, (400, 2)).T))
    assert any("frailty's variance is 0" in note for note in made.notes)


@pytest.mark.parametrize("scale", [2.0**600, 2.0**-600, 1e-300])
def test_75_a_scale_changes_no_test(scale):
    plain, scaled = (iom.PairedT()(panel(*FALL.T * by, "score")) for by in (1.0, scale))
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-12)


def test_77_what_a_spreadsheet_would_run_leaves_as_text():
    for name in ('=HYPERLINK("http://x")', "@SUM(1)", "-1+cmd|' /C calc'!A0", "\tx", "\uff1dx"):
        assert csv_text(pd.DataFrame({"what": [name]})).splitlines()[1].lstrip('"').startswith("'")
    assert csv_text(pd.DataFrame({"what": [-0.3]})).splitlines()[1] == "-0.3"


def numbers(text):
    """The entries that the name of a test or of a row says it is of."""
    found = re.match(r"(?:test_)?(\d+)(?:_(and|to)_(\d+))?", text)
    return () if found is None else range(int(found[1]), int(found[3] or found[1]) + 1)


def test_every_entry_has_its_row():
    rows = (*REFUSED, *test_bad_files.REFUSED, *test_bad_files.WINDOWS, *test_bad_files.SAME)
    held = [str(row[0]) for row in rows] + [*globals(), *vars(test_bad_files)]
    assert {k for name in held for k in numbers(name)} == set(range(1, 85))
