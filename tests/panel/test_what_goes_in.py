"""What people hand to the package: frames, arrays with gaps, a study by its file; and what a panel shows of itself."""

import dataclasses
import os

import numpy as np
import pandas as pd
import polars as pl
import pytest

import iom_causal as iom
from iom_causal import estimators
from iom_causal.analysis.study_people import read_people
from iom_causal.base import axes
from iom_causal.base.specs import digest
from iom_causal.errors import InputError, SpecError
from iom_causal.numerics.inference.student_t import t_isf
from iom_causal.protocol.study import load_study

FRAME = {"id": ["a", "b", "c"], "pre": [4, 2, 6], "post": [1, 2, 3]}
WIDE, ARRAYS = r"Panel\.from_wide\(df", r"Panel\.from_arrays\("
HANDED = [
    (pd.DataFrame(FRAME), WIDE),
    (pl.DataFrame(FRAME), WIDE),
    (np.ones((3, 2)), ARRAYS),
    ([[1, 2], [3, 4]], ARRAYS),
]
CALLABLE = [n for n in estimators.__all__ if dataclasses.is_dataclass(getattr(estimators, n))]


def _made(name: str):
    kind = getattr(estimators, name)
    return kind(-1, 1) if name == "Equivalence" else kind()


@pytest.mark.parametrize("name", [n for n in CALLABLE if callable(_made(n))])
@pytest.mark.parametrize(("data", "call"), HANDED, ids=["pandas", "polars", "array", "list"])
def test_a_frame_in_place_of_a_panel_is_told_how_to_make_one(name, data, call) -> None:
    with pytest.raises(InputError, match=f"IOM-E035: .*; make one by {call}"):
        _made(name)(data)
    with pytest.raises(SpecError, match=rf"IOM-E097: .*write {name}\(\)\(panel\) with panel = {call}"):
        getattr(estimators, name)(data)


@pytest.mark.parametrize(("data", "call"), HANDED[:3], ids=["pandas", "polars", "array"])
def test_so_is_one_in_place_of_what_a_ledger_or_a_calibration_takes(data, call) -> None:
    ledger = iom.Ledger([iom.Detection(ratio=0.9)])
    for use in (
        ledger,
        lambda x: iom.tipping(ledger, x, "detection.ratio"),
        lambda x: iom.batch(iom.PairedT(), x),
        iom.null_calibration,
    ):
        with pytest.raises(InputError, match=f"IOM-E035: .*{call}"):
            use(data)
    cohort = iom.Cohort({"arrests": iom.Panel.from_arrays([[1, 2], [3, 4]], name="arrests")})
    with pytest.raises(InputError, match="take one outcome of it by its name"):
        iom.PairedT()(cohort)


def test_arrays_with_gaps_are_refused_unless_they_are_kept() -> None:
    gaps = [[1.0, np.nan], [2.0, 3.0], [4.0, 1.0]]
    with pytest.raises(InputError, match=r'IOM-E034: score: 1 value is missing; missing = "keep"'):
        iom.Panel.from_arrays(gaps, kind="score", name="score")
    kept = iom.Panel.from_arrays(gaps, kind="score", missing="keep")
    assert (kept.n, kept.n_complete) == (3, 2)
    with pytest.raises(SpecError, match="IOM-E092: missing"):
        iom.Panel.from_arrays(gaps, kind="score", missing="drop")


def _panel() -> iom.Panel:
    rng = np.random.default_rng(1)
    days = np.column_stack([rng.integers(300, 600, 40), rng.integers(100, 300, 40)]).astype(float)
    counts = rng.poisson(days * [0.02, 0.01])
    start = np.ma.MaskedArray(np.ones(40, int), mask=np.arange(40) >= 30)
    return iom.Panel.from_arrays(counts, exposure=days, start=start, name="arrests <b>")


def test_the_picture_of_a_panel_is_levels_by_window_with_their_intervals() -> None:
    panel = _panel()
    ax = panel.plot()
    managed, compared = (line.get_ydata() for line in ax.lines[:2])
    for line, who in ((managed, panel.group), (compared, ~panel.group)):
        rates = panel.outcome[who].sum(0) / panel.exposure[who].sum(0) * 365.25
        assert line.tolist() == pytest.approx(rates.tolist())
    # The interval is that of a ratio estimator: a mean of residuals over mean days.
    y, days = panel.outcome[panel.group], panel.exposure[panel.group] / 365.25
    residual = y - y.sum(0) / days.sum(0) * days
    half = t_isf(0.025, 29) * residual.std(0, ddof=1) / np.sqrt(30) / days.mean(0)
    drawn = np.array([segment[:, 1] for segment in ax.collections[0].get_segments()])
    assert (drawn[:, 1] - drawn[:, 0]).tolist() == pytest.approx((2 * half).tolist())
    assert ax.get_ylabel() == "arrests <b>, a year at risk"
    assert all(len(line.get_ydata()) == 2 for line in ax.lines)  # levels and the line between, never people
    own = axes.new_axes()
    assert panel.plot(own) is own


def test_a_window_twice_as_long_with_twice_the_events_is_at_the_same_level() -> None:
    short = iom.Panel.from_arrays([[3, 2], [5, 1], [4, 6]], exposure=[100.0, 100.0])
    long = iom.Panel.from_arrays([[3, 4], [5, 2], [4, 12]], exposure=[100.0, 200.0])
    one, other = (p.plot().lines[0].get_ydata() for p in (short, long))
    assert one.tolist() == pytest.approx(other.tolist())


@pytest.mark.parametrize(("kind", "what"), [("score", "mean"), ("binary", "share"), ("count", "mean of a person")])
def test_without_days_levels_are_means(kind, what) -> None:
    values = [[1, 0], [1, 1], [0, 0]]
    ax = iom.Panel.from_arrays(values, kind=kind, name="x", weight=[2, 1, 1]).plot()
    assert ax.lines[0].get_ydata().tolist() == pytest.approx([0.75, 0.25])
    assert ax.get_ylabel() == f"x, {what}"


def test_a_panel_of_replicates_has_no_one_picture() -> None:
    panel = iom.Panel.from_arrays(np.ones((3, 4, 2), int))
    with pytest.raises(InputError, match=r"replicate\(0\)"):
        panel.plot()
    assert "3 replicates" in panel._repr_html_()


def test_a_notebook_shows_means_and_nobodys_values() -> None:
    panel = iom.Panel.from_arrays([[731, 0], [4, 1], [5, 2]], name="<i>arrests", ids=["ann", "ben", "cat"])
    shown = panel._repr_html_()
    assert "246.7" in shown
    assert "&lt;i&gt;arrests" in shown
    assert not [told for told in ("731", "ann", "<i>") if told in shown]


STUDY = """
[study]
title = "Ours"
[study.extract]
file = "people.csv"
id = "urn"
equal_windows = true
[[study.extract.windows]]
label = "before"
[[study.extract.windows]]
label = "after"
post = true
[[study.extract.outcomes]]
name = "arrests"
kind = "count"
columns = ["pre", "post"]
"""


def test_people_lie_beside_their_study_wherever_python_runs(tmp_path, monkeypatch) -> None:
    folder, elsewhere = tmp_path / "ours", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "people.csv").write_text("urn,pre,post\n" + "".join(f"u{k},{k % 5},{k % 3}\n" for k in range(30)))
    monkeypatch.chdir(elsewhere)
    study = load_study(folder / "study.toml")
    for given in (study, dataclasses.replace(study, seed=2), folder / "study.toml", str(folder / "study.toml")):
        assert read_people(given).cohort.n == 30
    assert read_people(study, folder).cohort.n == 30
    os.chdir(folder)
    moved = load_study("study.toml")
    assert (moved == study, digest(moved) == digest(study), moved.to_toml() == study.to_toml()) == (True, True, True)
    assert "folder" not in study.to_toml()
    (folder / "study.toml").write_text(STUDY.replace("[study.ex", 'folder = "x"\n[study.ex', 1), encoding="utf-8")
    with pytest.raises(SpecError, match="IOM-E093: study: unknown key 'folder'"):
        load_study("study.toml")
