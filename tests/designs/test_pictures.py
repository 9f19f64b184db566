"""Pictures of a diagnosis: what they draw are the figures, and their labels lie within them."""

import itertools
import math

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.base import axes
from iom_causal.designs import pictures
from iom_causal.designs.answers import in_common, names
from iom_causal.designs.design import Design
from iom_causal.errors import SpecError
from tests.designs.answers import STUDIES, answer, design, spread

TEXT = "before and after, each person’s own days known"


def uneven(label="one", truth=1.0):
    """Estimates whose logs are even from -1 to 0."""
    return answer(label, estimates=np.exp(np.linspace(-1.0, 0.0, STUDIES)), truth=truth)


def lines(ax, colour):
    return [line for line in ax.lines if line.get_color() == colour]


def test_the_forest_has_the_mean_the_middle_and_the_truth():
    ax = pictures.forest([uneven("one"), uneven("two", truth=0.8)])
    dots = sorted(line.get_xdata()[0] for line in lines(ax, axes.INK))
    assert dots == pytest.approx([math.exp(-0.5)] * 2)
    low, high = lines(ax, axes.MUTED)[0].get_xdata()
    assert (math.log(low), math.log(high)) == pytest.approx((-0.975, -0.025), abs=0.003)
    assert sorted(line.get_xdata()[0] for line in lines(ax, axes.STEEL)) == pytest.approx([0.8, 1.0])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["two", "one"]


def test_one_truth_for_all_is_one_line():
    ax = pictures.forest([uneven("one"), uneven("two")])
    (line,) = lines(ax, axes.STEEL)
    assert list(line.get_xdata()) == [1.0, 1.0]
    assert list(line.get_ydata()) == [0, 1]


def test_estimates_without_limit_reach_to_0_and_do_not_hide_the_rest():
    row = pictures.forest_row(answer(estimates=np.where(np.arange(STUDIES) < 40, 0.0, 0.7)))
    assert row["conf_low"] == 0.0
    assert row["estimate"] == pytest.approx(0.7)


def test_a_set_has_a_bar_from_its_mean_lower_to_its_mean_upper_end():
    found = answer(estimates=np.full(STUDIES, np.nan), low=-0.5, high=0.4, set_low=-0.4, set_high=-0.3)
    row = pictures.forest_row(found)
    assert row["estimate"] is None
    assert (row["set_low"], row["set_high"]) == pytest.approx((math.exp(-0.4), math.exp(-0.3)))


def test_answers_on_another_scale_than_the_first_are_left_to_a_picture_of_their_own():
    found = [uneven("one"), answer("two", scale="difference", ratio=-2.0, truth=0.0)]
    for draw in (pictures.forest, pictures.panels):
        assert [t.get_text() for t in draw(found).get_yticklabels()] == ["one"]


def panels_of(found):
    return pictures.panels(found).get_figure().axes


def dots_and_bars(ax):
    return [
        (float(c.lines[0].get_xdata()[0]), [seg[:, 0].tolist() for bar in c.lines[2] for seg in bar.get_segments()])
        for c in ax.containers
    ]


def test_panels_have_distance_coverage_and_power_with_twice_their_simulation_error():
    found = uneven()
    distance, coverage, power = panels_of([found])
    for ax, name in ((distance, "distance"), (coverage, "coverage"), (power, "power")):
        figure = found.figures[name]
        value, bars = dots_and_bars(ax)[-1]
        assert value == pytest.approx(figure.value)
        low, high = figure.value - 2 * figure.mcse, figure.value + 2 * figure.mcse
        assert bars[0] == pytest.approx([low, min(high, 1.0)])
    assert [list(ax.lines[0].get_xdata()) for ax in (distance, coverage, power)] == [[0.0] * 2, [0.95] * 2, [0.05] * 2]
    assert coverage.get_xlim() == power.get_xlim() == (-0.05, 1.05)


def test_power_has_no_line_where_a_programme_does_something():
    *_, power = panels_of([uneven(truth=0.8), uneven("two")])
    assert len(power.containers) == 2
    assert not [line for line in power.lines if line.get_linestyle() == ":"]


def test_a_ring_is_the_bias_against_the_own_target_of_what_states_the_change_itself():
    found = uneven()
    ring, dot = dots_and_bars(panels_of([found])[0])
    assert ring[0] == pytest.approx(found.figures["bias"].value)
    assert dot[0] == pytest.approx(found.figures["distance"].value)
    assert len(panels_of([answer(read_as="")])[0].containers) == 1


def touching(labels):
    boxes = sorted((t.get_window_extent() for t in labels if t.get_text()), key=lambda box: box.x0)
    return [one for one, other in itertools.pairwise(boxes) if one.x1 + 2 > other.x0]


@pytest.mark.parametrize("far", [0.0003, 0.02, 0.27, 0.31, 3.0, 12.0, 600.0])
def test_labels_of_panels_do_not_touch_and_the_ring_is_named_in_the_picture(far):
    found = [answer("one", estimates=np.full(STUDIES, math.exp(-far))), answer("people just below, as many")]
    first = pictures.panels(found)
    figure = first.get_figure()
    figure.draw_without_rendering()
    for ax in figure.axes:
        shown = [t for t in ax.get_xticklabels() if ax.bbox.x0 - 9 < t.get_window_extent().x0 < ax.bbox.x1 + 9]
        assert len(shown) > 1
        assert touching(shown) == []
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == list(pictures.DOT_AND_RING)
    assert pictures.panels([answer(read_as="")]).get_figure().legends == []


def test_the_scale_of_a_panel_is_that_of_the_table():
    distance, *_ = panels_of([uneven()])
    assert distance.get_xlabel() == f"distance, {uneven().rows()[0]['scale']}"
    other, *_ = panels_of([answer(scale="difference", ratio=-2.0, truth=0.0)])
    assert other.get_xlabel() == "distance, difference"


def varied():
    designs = {f"{name}, people={n}": design(people=n) for name in ("a", "b") for n in (200, 50)}
    spreads = {label: 0.1 + 0.1 * k for k, label in enumerate(designs)}
    found = [
        answer(label, estimates=np.exp(np.random.default_rng(1).normal(0, size, STUDIES)))
        for label, size in spreads.items()
    ]
    return found, designs


def test_a_curve_goes_through_the_measure_at_each_setting_in_order():
    found, designs = varied()
    designs |= {
        label: Design(d.model, d.estimands, d.data, iom.PoissonFixedEffects())
        for label, d in designs.items()
        if label < "b"
    }
    ax = pictures.sizes(found, designs, "model.people")
    drawn = {line.get_label(): line for line in ax.lines}
    assert drawn.keys() == {"a", "b"}
    at = {a.design: a.figures["rmse"].value for a in found}
    for name, line in drawn.items():
        assert list(line.get_xdata()) == [50, 200]
        assert list(line.get_ydata()) == pytest.approx([at[f"{name}, people=50"], at[f"{name}, people=200"]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("model.people", "RMSE, log ratio")
    figures = [a.figures["rmse"] for a in found if a.design < "b"]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(max(f.value + 2 * f.mcse for f in figures))
    assert band.min() == pytest.approx(min(f.value - 2 * f.mcse for f in figures))


def test_designs_that_are_equal_but_for_the_setting_are_one_line():
    found, designs = varied()
    ax = pictures.sizes(found[:2], dict(list(designs.items())[:2]), "model.people", "coverage")
    assert [line.get_label() for line in ax.lines if line.get_linestyle() == "-"] == ["a"]
    assert [list(line.get_ydata()) for line in ax.lines if line.get_linestyle() == ":"] == [[0.95, 0.95]]


def curves(designs, path, measure="rmse"):
    found = [answer(label, estimates=spread(0.5)) for label in designs]
    return pictures.sizes(found, designs, path, measure)


def named_lines(ax):
    return [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]


def test_a_line_is_not_called_by_the_value_that_it_is_drawn_along():
    base = design(people=50)
    assert named_lines(curves(base.vary({"model.ratio": [1.0, 0.8]}), "model.ratio")) == ["method on seen"]
    both = base.vary({"model.ratio": [1.0, 0.8], "model.people": [50, 60]})
    assert named_lines(curves(both, "model.ratio")) == ["people=50", "people=60"]
    lone = {"people=50": base, "people=90": design(people=90), "people=90, other": design(people=90, reliability=0.5)}
    assert named_lines(curves(lone, "model.people")) == ["method on seen", "other"]
    called = {f"{name}{n}": design(people=n, ratio=r) for name, r in (("a", 1.0), ("b", 0.8)) for n in (50, 90)}
    names_of = named_lines(curves(called, "model.people"))
    assert names_of == ["method on seen (a50 to a90)", "method on seen (b50 to b90)"]


def test_lines_are_told_apart_and_their_handles_are_long_enough():
    ax = curves(
        design().vary({"model.people": [50, 90], "model.ratio": [n / 20 for n in range(1, 15)]}), "model.people"
    )
    looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(looks) == len(ax.lines) == 14
    assert ax.get_legend().handlelength >= 4


def test_shares_and_their_bands_stay_within_0_and_1():
    ax = curves(design().vary({"model.people": [50, 90]}), "model.people", "power")
    assert 0 <= ax.get_ylim()[0] < ax.get_ylim()[1] <= 1
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert 0 <= band.min() < band.max() <= 1
    *_, power = panels_of([uneven()])
    assert dots_and_bars(power)[0][1][0][1] <= 1


def test_what_was_not_varied_is_not_drawn_along_and_nothing_is_no_picture():
    found, designs = varied()
    with pytest.raises(
        SpecError, match=r"model.ratio: expected a setting with several values.* it is 1 in every design"
    ):
        pictures.sizes(found, designs, "model.ratio")
    for draw in (pictures.forest, pictures.panels, lambda none: pictures.sizes(none, designs, "model.people")):
        with pytest.raises(SpecError, match="expected an answer to draw"):
            draw([])


def test_a_curve_asks_for_a_setting_of_numbers_and_a_measure_that_there_is():
    found, designs = varied()
    with pytest.raises(SpecError, match="did you mean 'people'"):
        pictures.sizes(found, designs, "model.peple")
    with pytest.raises(SpecError, match="expected a setting that is a number"):
        pictures.sizes(found, designs, "model.rates")
    with pytest.raises(SpecError, match="did you mean 'coverage'"):
        pictures.sizes(found, designs, "model.people", "coverge")
    assert pictures.has_numbers(designs, "model.people")
    assert not pictures.has_numbers(designs, "model.rate")


def test_answers_are_called_by_what_tells_them_apart():
    one, two = answer("a"), answer("b")
    assert list(names([one, two]).values()) == ["a", "b"]
    assert list(names([one]).values()) == ["method"]
    assert in_common(["a, people=50: x", "b, people=50: x"]) == "people=50, x"


@pytest.mark.parametrize("save", [axes.to_png, axes.to_svg])
@pytest.mark.parametrize(
    "draw",
    [
        pictures.forest,
        pictures.panels,
        lambda found: pictures.sizes(
            found, {a.design: design(people=50 + n) for n, a in enumerate(found)}, "model.people"
        ),
    ],
)
def test_long_labels_lie_within_the_picture(draw, save):
    ax = draw([uneven(f"{TEXT} and {TEXT} {n}") for n in range(4)])
    save(ax)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    shown = [*ax.get_yticklabels(), ax.xaxis.label, *(ax.get_legend().get_texts() if ax.get_legend() else [])]
    for box in (label.get_window_extent() for label in shown if label.get_text()):
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.x1 + 1
        assert box.y0 >= -1


def test_a_picture_is_the_same_each_time():
    assert axes.to_svg(pictures.panels([uneven()])) == axes.to_svg(pictures.panels([uneven()]))


def test_a_forest_says_its_scale():
    ax = pictures.forest([answer(scale="difference", ratio=-2.0, truth=0.0)])
    assert ax.get_xlabel() == "difference"
