"""The panel: what it takes, what follows from it, and what it refuses."""

import datetime as dt
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

from iom_causal.errors import InputError, IomCausalError
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio
from iom_causal.panel import Panel
from iom_causal.windows import Window

SECRET = 918273645


def wide(**changes):
    columns = {"id": ["a", "b", "c"], "y1": [3, 2, 5], "y2": [1, 2, 0], "age": [20.0, 30.0, 40.0]}
    return pd.DataFrame(columns | changes)


def read(df, **changes):
    return Panel.from_wide(df, **({"unit": "id", "pre": "y1", "post": "y2", "kind": "count"} | changes))


def long(df, **changes):
    settings = {"unit": "id", "period": "when", "outcome": "y", "kind": "count", "post": "post"}
    return Panel.from_long(df, **(settings | changes))


def test_pandas_and_polars_give_the_same_panel():
    assert read(wide()).equals(read(pl.from_pandas(wide())))


def test_days_of_a_row_that_is_not_there_are_missing_as_its_count_is():
    rows = pd.DataFrame({"id": ["a", "a", "b"], "when": ["1", "2", "1"], "n": [3, 1, 2], "days": [300, 350, 365]})
    names = {"unit": "id", "period": "when", "outcome": "n", "exposure": "days"}
    panel = Panel.from_long(rows, **names, post=["2"], kind="count", missing="keep")
    assert np.isnan(panel.outcome[1, 1])
    assert panel.exposure.tolist() == [[300, 350], [365, 0]]


def test_long_and_wide_give_the_same_numbers_whatever_the_row_order():
    df = wide().melt(id_vars=["id", "age"], value_vars=["y1", "y2"], var_name="when", value_name="y")
    df["when"] = df["when"].map({"y1": "pre", "y2": "post"})
    for frame in (df, df.sample(frac=1, random_state=1)):
        panel = long(frame, age="age")
        assert panel.outcome.tolist() == read(wide()).outcome.tolist()
        assert panel.age.tolist() == [20, 30, 40]


def test_label_order_never_decides_what_is_before():
    df = pd.DataFrame({"id": [1, 1], "when": ["after", "before"], "y": [1, 4]})
    assert long(df, post="after").before.tolist() == [4]


def test_the_frame_is_not_changed():
    df = wide()
    copy = df.copy()
    read(df)
    pd.testing.assert_frame_equal(df, copy)


@pytest.mark.parametrize(
    ("df", "changes", "code"),
    [
        (wide(id=["a", "a", "c"]), {}, "IOM-E020"),
        (wide(id=["a", None, "c"]), {}, "IOM-E021"),
        (wide(id=[1.0, 2.0, 3.0]), {}, "IOM-E022"),
        (wide(y1=[3, -SECRET, 5]), {}, "IOM-E030"),
        (wide(y1=[3, SECRET + 0.5, 5]), {}, "IOM-E031"),
        (wide(y1=["3", "1,234", "5"]), {}, "IOM-E031"),
        (wide(y1=["3", "٣", "5"]), {}, "IOM-E031"),
        (wide(y1=[3, 2.0**63, 5]), {}, "IOM-E032"),
        (wide(y1=np.array([3, 2**63, 5], dtype=np.uint64)), {}, "IOM-E032"),
        (wide(y1=[3, np.inf, 5]), {}, "IOM-E033"),
        (wide(y1=[3, np.nan, 5]), {}, "IOM-E034"),
        (wide(y1=["3", "N/K", "5"]), {}, "IOM-E035"),
        (wide(y1=[3, 2, 5]), {"kind": "binary"}, "IOM-E036"),
        (wide(), {"kind": "counts"}, "IOM-E038"),
        (wide(), {"pre": "y9"}, "IOM-E009"),
        (wide().iloc[:0], {}, "IOM-E002"),
        (wide(age=[20, SECRET, 30]), {"age": "age"}, "IOM-E054"),
        (wide(age=[-4, 20, 30]), {"age": "age"}, "IOM-E054"),
        (wide(), {"exposure_pre": 547.0}, "IOM-E043"),
        (wide(), {"exposure_pre": -1.0, "exposure_post": 1.0}, "IOM-E043"),
        (wide(), {"exposure_pre": 0.0, "exposure_post": 1.0}, "IOM-E046"),
        (wide(), {"windows": [Window("a", -10, 5), Window("b", 0, 10, post=True)]}, "IOM-E041"),
        (wide(), {"windows": [Window("a", 0, 5, post=True), Window("b", -10, 0)]}, "IOM-E040"),
        (wide(), {"windows": [Window("a", -10, 0), Window("a", 0, 5, post=True)]}, "IOM-E039"),
        (wide(), {"group": "age"}, "IOM-E036"),
        (wide(g=[1, 0, 0], s=[1, 2, 0]), {"group": "g", "selected": "s"}, "IOM-E036"),
        (wide(g=[1, 0, 0], s=[0, 1, 0]), {"group": "g", "selected": "s"}, "IOM-E036"),
        (wide(), {"selected": True}, "IOM-E048"),
    ],
)
def test_bad_wide_frames(df, changes, code):
    with pytest.raises(IomCausalError) as caught:
        read(df, **changes)
    assert caught.value.code == code
    assert str(SECRET) not in str(caught.value)
    assert "'a'" not in str(caught.value) or changes.get("windows")


def test_repeated_columns():
    df = wide()
    df.columns = ["id", "y1", "y1", "age"]
    with pytest.raises(InputError, match="IOM-E008"):
        read(df)


def test_something_that_is_no_frame():
    with pytest.raises(InputError, match="IOM-E009"):
        read("a.csv")


@pytest.mark.parametrize(
    ("df", "changes", "code"),
    [
        ({"id": [1, 1, 1], "when": ["pre", "post", "post"], "y": [1, 2, 3]}, {}, "IOM-E020"),
        ({"id": [1, 1, 1], "when": ["a", "b", "post"], "y": [1, 2, 3]}, {}, "IOM-E047"),
        ({"id": [1, 1], "when": ["pre", "later"], "y": [1, 2]}, {}, "IOM-E047"),
        ({"id": [1, 2], "when": ["post", "post"], "y": [1, 2]}, {}, "IOM-E047"),
        ({"id": [1, 1, 2], "when": ["pre", "post", "pre"], "y": [1, 2, 3]}, {}, "IOM-E034"),
        (
            {"id": [1, 1], "when": ["pre", "post"], "y": [1, 2], "c": [1, 2]},
            {"covariates": ["c"]},
            "IOM-E039",
        ),
    ],
)
def test_bad_long_frames(df, changes, code):
    with pytest.raises(IomCausalError) as caught:
        long(pd.DataFrame(df), **changes)
    assert caught.value.code == code


def test_a_missing_row_is_missing_and_kept_when_asked():
    df = pd.DataFrame({"id": [1, 1, 2], "when": ["pre", "post", "pre"], "y": [1, 2, 3]})
    panel = long(df, missing="keep")
    assert panel.n == 2
    assert panel.n_complete == 1


def test_text_ids_that_look_alike_stay_apart():
    assert read(wide(id=["001", "1", "01"])).n == 3


def test_small_unsigned_integers_do_not_wrap():
    panel = read(wide(y1=np.array([3, 2, 5], dtype=np.uint8), y2=np.array([5, 2, 0], dtype=np.uint8)))
    assert (panel.after - panel.before).tolist() == [2, 0, -5]


def test_booleans_count_as_0_and_1():
    assert read(wide(y1=[True, False, True])).before.tolist() == [1, 0, 1]


def test_implausible_counts_and_ages_are_noted_not_refused():
    assert "IOM-W130" in read(wide(y1=[3, 10**9, 5])).notes[0]
    assert "IOM-W154" in read(wide(age=[20, 105, 30]), age="age").notes[0]


def test_exposure_may_vary_by_person():
    panel = read(wide(d1=[1.0, 2.0, 3.0]), exposure_pre="d1", exposure_post=5)
    assert panel.exposure.tolist() == [[1, 5], [2, 5], [3, 5]]


def test_exposure_comes_from_the_windows():
    windows = [Window("before", -547, 0), Window("after", 0, 549, post=True)]
    assert read(wide(), windows=windows).exposure.tolist() == [547, 549]
    assert read(wide()).exposure is None


def test_events_without_a_day_at_risk_are_refused():
    with pytest.raises(InputError, match="IOM-E043"):
        Panel.from_arrays([[1, 1], [0, 0]], exposure=[[0.0, 5.0], [5.0, 5.0]])


def test_arrays_cannot_be_written_to_even_after_pickling():
    panel = read(wide(), age="age", covariates=["age"])
    again = pickle.loads(pickle.dumps(panel))  # noqa: S301 our own bytes
    assert again.equals(panel)
    for p in (panel, again):
        for array in (p.outcome, p.age, p.covariates["age"], p.ids):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = array[1]


def test_the_given_array_is_copied():
    block = np.array([[1, 2], [3, 4]])
    panel = Panel.from_arrays(block)
    block[0, 0] = 9
    assert panel.before.tolist() == [1, 3]


@pytest.mark.parametrize("shape", [(4,), (2, 3), (1, 1, 4, 2)])
def test_shapes_that_are_no_panel(shape):
    with pytest.raises(InputError, match="IOM-E037"):
        Panel.from_arrays(np.zeros(shape, dtype=int))


@pytest.mark.parametrize("weight", [[1, -1], [0, 0], [1, np.nan]])
def test_weights_that_are_no_weights(weight):
    with pytest.raises(InputError, match="IOM-E076"):
        Panel.from_arrays([[1, 2], [3, 4]], weight=weight)


def test_comparison_people_are_kept_apart():
    panel = read(wide(g=[1, 0, 1]), group="g")
    assert panel.group.tolist() == [True, False, True]
    assert panel.managed.n == 2
    assert panel.managed.managed.equals(panel.managed)
    again = pickle.loads(pickle.dumps(panel))  # noqa: S301 our own bytes
    assert again.equals(panel)


@pytest.mark.parametrize(
    ("selected", "alike"),
    [
        ([1, 1, np.nan], [False, True, False]),
        ([np.nan, 0, 1], [False, False, True]),
        (True, [False, True, True]),
        (False, [False, False, False]),
        (None, [False, False, False]),
    ],
)
def test_comparison_people_are_of_two_kinds_where_that_is_said(selected, alike):
    df = wide(g=[1, 0, 0], **({"s": selected} if isinstance(selected, list) else {}))
    named = "s" if isinstance(selected, list) else selected
    panel = read(df, group="g", selected=named)
    assert panel.alike.tolist() == alike
    assert panel.rest.tolist() == [False, *(not a for a in alike[1:])]
    start = panel.start
    given = np.ma.masked_invalid(selected) if isinstance(selected, list) else selected
    again = Panel.from_arrays(panel.outcome, start=start, selected=given)
    assert again.alike.tolist() == alike
    tall = df.melt(
        id_vars=["id", "g", *(["s"] if "s" in df else [])], value_vars=["y1", "y2"], var_name="when", value_name="y"
    )
    tall["when"] = tall["when"].map({"y1": "pre", "y2": "post"})
    assert long(tall, group="g", selected=named).alike.tolist() == alike
    assert panel.where(np.array([True, False, True])).alike.tolist() == [alike[0], alike[2]]
    assert pickle.loads(pickle.dumps(panel)).equals(panel)  # noqa: S301 our own bytes


def test_nobody_left():
    with pytest.raises(InputError, match="IOM-E061"):
        read(wide()).where(np.zeros(3, dtype=bool))


def test_several_windows_collapse_to_two():
    windows = [Window("a", -4, -2), Window("b", -2, 0), Window("c", 0, 2, post=True)]
    panel = Panel.from_arrays([[1, 2, 3], [4, 5, 6]], windows=windows)
    two = panel.prepost()
    assert two.outcome.tolist() == [[3, 3], [9, 6]]
    assert two.exposure.tolist() == [4, 2]
    assert (two.windows[0].start, two.windows[0].end) == (-4, 0)
    assert Panel.from_arrays([[1.0, 2, 3]], kind="score", windows=windows).before.tolist() == [1.5]


@pytest.mark.parametrize("replicates", [None, 2])
def test_treated_is_every_window_from_the_start_on(replicates):
    rng = np.random.default_rng(5)
    windows = tuple(Window(f"w{t}", 100 * t - 200, 100 * t - 100, post=t >= 2) for t in range(5))
    first, never = rng.integers(0, 5, 30), rng.random(30) < 0.3
    outcome = rng.poisson(2.0, (30, 5) if replicates is None else (replicates, 30, 5))
    start = np.ma.MaskedArray(first, mask=never)
    panel = Panel.from_arrays(outcome, windows=windows, start=start)
    by_hand = [[not never[i] and t >= first[i] for t in range(5)] for i in range(30)]
    assert panel.treated.tolist() == by_hand
    assert (panel.treated.any(-1) == panel.group).all()
    assert panel.managed.treated.tolist() == [row for row, out in zip(by_hand, never, strict=True) if not out]
    with pytest.raises(ValueError, match="read-only"):
        panel.treated[0, 0] = True


@pytest.mark.parametrize("start", [[1, 2], [-1, 1], [1.0, np.nan], [1, 0.5]])
def test_a_start_is_one_of_the_windows(start):
    with pytest.raises(InputError, match="IOM-E047"):
        Panel.from_arrays([[1, 2], [4, 5]], start=start)


def test_without_starts_all_are_treated_in_the_windows_after():
    windows = (Window("a", -2, -1), Window("b", -1, 0), Window("c", 0, 1, post=True))
    panel = Panel.from_arrays([[1, 2, 3], [4, 5, 6]], windows=windows)
    assert panel.treated.tolist() == [[False, False, True]] * 2
    assert panel.prepost().treated.tolist() == [[False, True]] * 2


def test_staggered_starts_have_no_common_before():
    windows = [Window("a"), Window("b", post=True), Window("c", post=True)]
    panel = Panel.from_arrays([[1, 2, 3], [4, 5, 6]], windows=windows, start=[1, 2])
    with pytest.raises(InputError, match="IOM-E047"):
        panel.prepost()


@pytest.mark.parametrize("starts", [[0, 1], [0, 0]])
def test_of_two_windows_too_the_one_before_is_before_everybodys_start(starts):
    panel = Panel.from_arrays([[3, 1], [2, 2]], start=starts)
    with pytest.raises(InputError, match="IOM-E047"):
        panel.prepost()
    assert Panel.from_arrays([[3, 1], [2, 2]], start=[1, 1]).prepost().before.tolist() == [3, 2]


def test_moments_agree_with_numpy():
    y = np.array([[3, 1], [2, 2], [5, 0], [7, 7]])
    m = Panel.from_arrays(y, age=[20, 30, 40, 50]).moments()
    d = y[:, 1] - y[:, 0]
    assert m.t == pytest.approx(d.mean() / (d.std(ddof=1) / 2), rel=1e-13)  # rounding of a few operations
    assert m.r == pytest.approx(np.corrcoef(y.T)[0, 1], rel=1e-13)
    assert (m.n, m.range_pre, m.age_mean) == (4, (2.0, 7.0), 35.0)


def test_weights_count_people_in_moments():
    y = np.array([[3, 1], [2, 2], [5, 0]])
    weighted = Panel.from_arrays(y, weight=[2, 1, 3]).moments()
    repeated = Panel.from_arrays(np.repeat(y, [2, 1, 3], axis=0)).moments()
    assert weighted.n == repeated.n
    assert weighted.t == pytest.approx(repeated.t, rel=1e-13)
    halves = Panel.from_arrays(np.repeat(y, 2, axis=0), weight=np.repeat([1.0, 0.5, 1.5], 2)).moments()
    assert (halves.n, halves.sd_pre) == (weighted.n, pytest.approx(weighted.sd_pre, rel=1e-13))


@pytest.mark.parametrize(("weight", "given", "used"), [([10, 20, 10], 40, 30), ([1.3, 0.7, 0.8], 3, 2), (None, 3, 2)])
def test_weights_count_people_given_as_those_with_both_windows(weight, given, used):
    y = np.array([[3, 1], [2, 2], [5, np.nan]])
    m = Panel.from_arrays(y, weight=weight, missing="keep").moments()
    assert (m.n_input, m.n) == (given, used)


def test_replicates():
    panel = Panel.from_arrays(np.arange(12).reshape(3, 2, 2), age=[[1, 2], [3, 4], [5, 6]])
    assert panel.replicates == 3
    assert panel.replicate(1).outcome.tolist() == [[4, 5], [6, 7]]
    assert panel.replicate(1).age.tolist() == [3, 4]
    with pytest.raises(InputError, match="IOM-E047"):
        panel.moments()
    with pytest.raises(InputError, match="IOM-E047"):
        panel.replicate(3)


def test_trusted_panels_equal_checked_ones():
    block = np.array([[1, 2], [3, 4]])
    assert Panel._trusted(outcome=block.copy()).equals(Panel.from_arrays(block))


def test_frames_go_out_as_they_came_in():
    panel = read(wide(), age="age", covariates=["age"])
    out = panel.to_wide()
    assert out["y1_before"].tolist() == [3, 2, 5]
    assert len(panel.to_long()) == 6
    assert list(panel.describe()["mean"]) == [pytest.approx(10 / 3), 1.0]


def test_a_repr_shows_shape_only():
    panel = read(wide(y1=[SECRET, 2, 3]))
    assert str(SECRET) not in repr(panel)


def test_index_dates():
    assert Panel.from_arrays([[1, 2]], index_date=dt.date(2012, 5, 1)).index_date == dt.date(2012, 5, 1)


def test_days_at_risk_are_those_of_the_people_with_a_value():
    values = np.array([[3.0, 2.0], [4.0, np.nan], [5.0, 1.0]])
    panel = Panel.from_arrays(values, kind="score", exposure=np.array([365.0, 200.0]), missing="keep")
    assert list(panel.describe()["days"]) == [3 * 365.0, 2 * 200.0]


@pytest.mark.parametrize("kind", ["count", "amount", "binary"])
def test_sums_over_more_windows_before_than_after_need_their_lengths(kind):
    windows = (Window("a"), Window("b"), Window("c", post=True))
    values = [[1, 0, 1], [0, 1, 1]]
    with pytest.raises(InputError, match=r"IOM-E048: outcome: expected as many windows before as after .* got 2 and 1"):
        Panel.from_arrays(values, kind=kind, windows=windows).prepost()
    assert Panel.from_arrays(values, kind=kind, windows=windows, exposure=365).prepost().exposure.tolist() == [730, 365]
    dated = (Window("a", -730, -365), Window("b", -365, 0), Window("c", 0, 365, post=True))
    assert Panel.from_arrays(values, kind=kind, windows=dated).prepost().exposure.tolist() == [730, 365]
    assert Panel.from_arrays(values, kind="score", windows=windows).before.tolist() == [0.5, 0.5]
    even = (Window("a"), Window("b"), Window("c", post=True), Window("d", post=True))
    assert Panel.from_arrays([[1, 0, 1, 1]], kind="count", windows=even).prepost().after.tolist() == [2]


def staggered(**more):
    windows = [Window(f"w{t}", 100 * (t - 2), 100 * (t - 1), post=t > 1) for t in range(4)]
    start = np.ma.MaskedArray([2, 3, 0, 0], mask=[0, 0, 1, 1])
    settings = {"name": "arrests", "windows": windows, "start": start, "age": [20, 30, 40, 50]} | more
    return Panel.from_arrays(np.arange(16).reshape(4, 4), covariates={"sex": ["f", "m", "f", "m"]}, **settings)


def test_a_long_frame_says_who_was_managed_when_and_reads_back():
    panel = staggered(
        selected=np.ma.MaskedArray([1, 1, 1, 0], mask=[0, 0, 0, 1]), exposure=100.0 - np.arange(16).reshape(4, 4)
    )
    frame = panel.to_long()
    assert frame["treated"].to_numpy().reshape(4, 4).T.tolist() == panel.treated.astype(int).tolist()
    assert frame["post"].tolist() == [0] * 8 + [1] * 8
    assert frame["window"].tolist() == [w.label for w in panel.windows for _ in range(4)]
    back = Panel.from_long(
        frame.sample(frac=1, random_state=1),
        unit="unit",
        period="position",
        outcome="arrests",
        kind="count",
        post=[2, 3],
        exposure="exposure",
        age="age",
        start="start",
        selected="selected",
        covariates=["sex"],
        windows=panel.windows,
    )
    assert back.to_long().equals(frame)
    for name in ("outcome", "exposure", "start", "selected", "age"):
        assert np.ma.allequal(getattr(back, name), getattr(panel, name)), name


def test_a_wide_frame_says_who_was_managed_and_reads_back():
    panel = staggered(selected=False)
    frame = panel.to_wide()
    assert frame["start"].fillna("never").tolist() == ["w2", "w3", "never", "never"]
    assert frame["managed"].tolist() == [1, 1, 0, 0]
    assert frame["selected"].tolist() == [1, 1, 0, 0]
    assert "days_w0" not in frame
    named = {f"arrests_{w.label}": w.label for w in panel.windows}
    back = Panel.from_wide(
        frame.rename(columns=named),
        unit="unit",
        pre=["w0", "w1"],
        post=["w2", "w3"],
        kind="count",
        start="start",
        selected="selected",
        age="age",
        covariates=["sex"],
        windows=panel.windows,
        name="arrests",
    )
    assert back.to_wide().equals(frame)
    given = Panel.from_arrays([[3, 1], [2, 2]], exposure=[[365.0, 300.0], [365.0, 10.0]])
    assert given.to_wide()["days_after"].tolist() == [300.0, 10.0]


def test_frames_of_replicates_have_each_value_beside_its_person():
    panel = Panel.from_arrays(np.arange(12).reshape(2, 3, 2), start=np.ma.MaskedArray([1, 1, 0], mask=[0, 0, 1]))
    frame = panel.to_long().sort_values(["replicate", "unit", "position"])
    assert frame["outcome"].tolist() == list(range(12))
    assert frame["treated"].tolist() == [0, 1, 0, 1, 0, 0] * 2
    assert frame["start"].isna().tolist() == [False, False, False, False, True, True] * 2


def test_a_covariate_takes_no_column_of_the_frame():
    panel = Panel.from_arrays([[3, 1], [2, 2]], covariates={"treated": [7, 8], "unit": ["a", "b"]})
    frame = panel.to_long()
    assert frame["treated"].tolist() == [0, 0, 1, 1]
    assert frame["covariate_treated"].tolist() == [7, 8, 7, 8]
    assert frame["covariate_unit"].tolist() == ["a", "b"] * 2


def test_no_day_at_risk_on_a_side_is_no_observation_and_some_days_are():
    windows = [*(Window(f"b{k}", 100 * k, 100 * k + 100) for k in (-2, -1)), Window("after", 0, 200, post=True)]
    days = [[100, 100, 200], [100, 0, 200], [0, 0, 200], [100, 100, 0]]
    panel = Panel.from_arrays([[1, 2, 3], [4, 0, 5], [0, 0, 6], [7, 8, 0]], windows=windows, exposure=days)
    missing = np.isnan(panel.outcome)
    assert missing.tolist() == [[False] * 3, [False] * 3, [True, True, False], [False, False, True]]
    assert panel.n_complete == 2
    assert panel.prepost().moments().n == 2
    for spec in (RateRatio(), PoissonFixedEffects(), PairedT()):
        assert spec(panel).n_used == 2
    assert Panel.from_arrays(panel.outcome, kind="score", missing="keep", exposure=days, windows=windows).n == 4


def test_a_side_is_each_persons_own_where_starts_differ():
    windows = [Window("a", -100, 0), Window("b", 0, 100, post=True), Window("c", 100, 200, post=True)]
    start = np.ma.MaskedArray([1, 2, 0], mask=[False, False, True])
    days = [[100, 0, 100], [0, 0, 100], [0, 100, 100]]
    panel = Panel.from_arrays([[1, 0, 2], [0, 0, 3], [0, 4, 5]], windows=windows, exposure=days, start=start)
    np.testing.assert_array_equal(panel.outcome, [[1, 0, 2], [np.nan, np.nan, 3], [np.nan, 4, 5]])
