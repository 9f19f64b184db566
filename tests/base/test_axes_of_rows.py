"""Rows of estimates, sets and steps."""

from iom_causal.base import axes, axes_of_rows

ROW = {"estimate": 0.8, "conf_low": 0.7, "conf_high": 0.9, "scale": "ratio"}


def test_what_rounds_to_nothing_has_no_sign():
    ax = axes_of_rows.waterfall([("before", 3.0, True), ("line", 0.2, False), ("other", 0.7, False)], decimals=0)
    assert [t.get_text() for t in ax.texts] == ["3", "0", "+1"]


def test_an_interval_that_tells_nothing_leaves_room_for_those_that_do():
    wide = {**ROW, "conf_low": 0.0, "conf_high": 9e8}
    ax = axes_of_rows.forest([{"label": "one", **ROW}, {"label": "two", **wide}])
    low, high = ax.get_xlim()
    assert ax.get_xscale() == "log"
    assert 0.05 < low < 0.08
    assert 10 < high < 16
    assert [line.get_marker() for line in ax.lines if line.get_marker() in {"<", ">"}] == ["<", ">"]
    differences = axes_of_rows.forest([{"label": "one", **ROW, "scale": "difference"}])
    assert differences.get_xscale() == "linear"
    axes.to_png(ax)


def test_one_value_is_a_mark_where_a_range_is_a_bar():
    ax = axes_of_rows.intervals(["range", "value"], [(0, 1), (2, 2)])
    assert [(line.get_marker(), len(line.get_xdata())) for line in ax.lines] == [("D", 1), ("None", 2)]
    ax = axes_of_rows.forest([{"label": "one", "set_low": 0.5, "set_high": 0.5, "scale": "ratio"}])
    assert ax.lines[0].get_marker() == "D"


def test_a_narrow_set_has_both_its_ends_marked():
    ax = axes_of_rows.forest([{"label": "one", "set_low": 0.63, "set_high": 0.65, "scale": "ratio"}])
    (ends,) = [line for line in ax.lines if line.get_marker() == "|"]
    assert ends.get_xdata().tolist() == [0.63, 0.65]


def test_long_words_of_a_label_are_not_broken():
    ax = axes_of_rows.intervals(["InterruptedTimeSeries(controlled=True)"], [(0, 1)])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["InterruptedTimeSeries(controlled=True)"]
