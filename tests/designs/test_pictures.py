"""Pictures of a diagnosis: what they draw are the figures, and their labels lie within them."""

import math

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.base import axes
from iom_causal.designs import pictures
from iom_causal.designs.answers import in_common, names
from iom_causal.designs.design import Design
from iom_causal.errors import SpecError
from tests.designs.answers import STUDIES, answer, design

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
        assert bars[0] == pytest.approx([figure.value - 2 * figure.mcse, figure.value + 2 * figure.mcse])
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
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("model.people", "RMSE, log scale")
    figures = [a.figures["rmse"] for a in found if a.design < "b"]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(max(f.value + 2 * f.mcse for f in figures))
    assert band.min() == pytest.approx(min(f.value - 2 * f.mcse for f in figures))


def test_designs_that_are_equal_but_for_the_setting_are_one_line():
    found, designs = varied()
    ax = pictures.sizes(found[:2], dict(list(designs.items())[:2]), "model.people", "coverage")
    assert [line.get_label() for line in ax.lines if line.get_linestyle() == "-"] == ["a"]
    assert [list(line.get_ydata()) for line in ax.lines if line.get_linestyle() == ":"] == [[0.95, 0.95]]


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
