import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.paired import (
    cohen_labels,
    effect_sizes,
    implied_correlation,
    possible_t,
    scale_of,
    sd_of_change,
)

FLOATS = 1e-12  # two orders of the same operations


def around(value, half=0.005):
    return Interval(value - half, value + half)


def test_the_paper_by_hand():
    change = Interval(3.605, 3.615) - Interval(6.835, 6.845)
    t = around(11.64)
    sd = sd_of_change(change, t, 225)
    assert (sd.low, sd.high) == pytest.approx((3.22 * 15 / 11.645, 3.24 * 15 / 11.635), rel=FLOATS)
    r = implied_correlation(around(4.75), around(3.66), sd)
    assert (round(r.low, 4), round(r.high, 4)) == (0.5312, 0.5405)


@pytest.mark.parametrize("s", [(4.75, 3.66), (1.0, 1.05), (3.0, 5.0), (2.85, 5.0), (5.0, 2.85)])
def test_correlation_encloses_and_is_tight(s):
    # A grid of the box, its faces included: the enclosure may not cut it, nor be wider than its step.
    s1, s2, sd = around(s[0], 0.05), around(s[1], 0.05), around(4.0, 0.05)
    a, b, d = np.meshgrid(*(np.linspace(i.low, i.high, 201) for i in (s1, s2, sd)), sparse=True)
    r = (a**2 + b**2 - d**2) / (2 * a * b)
    found = implied_correlation(s1, s2, sd)
    assert found.low <= r.min()
    assert r.max() <= found.high
    assert (found.low, found.high) == pytest.approx((r.min(), r.max()), abs=1e-5)  # the step of the grid


def test_possible_t_is_reached_by_data():
    rng = np.random.default_rng(3)
    x = rng.poisson(5, 40)
    for order in (np.argsort(x), np.argsort(-x), rng.permutation(40)):
        y = np.sort(rng.poisson(3, 40))[np.argsort(order)]
        d = y - x
        t = abs(d.mean()) / d.std(ddof=1) * np.sqrt(40)
        exact = [Interval(v, v) for v in (d.mean(), x.std(ddof=1), y.std(ddof=1))]
        found = possible_t(*exact, 40)
        assert found.low <= t <= found.high


def test_equal_spreads_leave_t_unbounded():
    assert possible_t(around(1.0), around(2.0), around(2.0), 30).high == float("inf")


def test_effect_sizes_of_data():
    rng = np.random.default_rng(4)
    x, y = rng.normal(5, 2, 30), rng.normal(4, 3, 30)
    d = y - x
    m, s1, s2, sd, r = d.mean(), x.std(ddof=1), y.std(ddof=1), d.std(ddof=1), np.corrcoef(x, y)[0, 1]
    t = m / sd * np.sqrt(30)
    exact = {k: Interval(v, v) for k, v in {"change": m, "s1": s1, "s2": s2}.items()}
    found = effect_sizes(Interval(t, t), 30, **exact)
    expected = {
        "r": np.sqrt(t**2 / (t**2 + 29)),
        "r_squared": t**2 / (t**2 + 29),
        "dz": abs(m) / sd,
        "drm": abs(m) / sd * np.sqrt(2 * (1 - r)),
        "dav": abs(m) / np.sqrt((s1**2 + s2**2) / 2),
        "dav_meansd": abs(m) / ((s1 + s2) / 2),
        "glass_pre": abs(m) / s1,
        "glass_post": abs(m) / s2,
        "d_two_groups": 2 * abs(t) / np.sqrt(29),
    }
    for kind, value in expected.items():
        assert (found[kind].low, found[kind].high) == pytest.approx((value, value), rel=1e-9)
        if kind in {"dz", "drm", "dav", "dav_meansd", "glass_pre", "glass_post"}:
            assert found[f"r_from_{kind}"].low == pytest.approx(value / np.sqrt(value**2 + 4), rel=1e-9)


def test_effect_sizes_enclose_every_rounding():
    rng = np.random.default_rng(5)
    change, s1, s2, t = around(-3.23, 0.01), around(4.75), around(3.66), around(11.64)
    found = effect_sizes(t, 225, change=change, s1=s1, s2=s2)
    for m, a, b, x in rng.uniform(-1, 1, (2000, 4)) * [0.01, 0.005, 0.005, 0.005] + [-3.23, 4.75, 3.66, 11.64]:
        sd = abs(m) * 15 / x
        r = (a * a + b * b - sd * sd) / (2 * a * b)
        assert found["drm"].holds(abs(m) / sd * np.sqrt(2 * (1 - r)))
        assert found["dav"].holds(abs(m) / np.sqrt((a * a + b * b) / 2))
        assert found["glass_post"].holds(abs(m) / b)


def test_without_moments_only_what_rests_on_t():
    assert set(effect_sizes(around(8.1), 187)) == {"r", "r_squared", "dz", "d_two_groups", "r_from_dz"}


def test_the_headline():
    arrests, risk = effect_sizes(around(11.64), 225), effect_sizes(around(8.10), 187)
    assert (round(arrests["r"].low, 4), round(arrests["r"].high, 4)) == (0.6138, 0.6141)
    assert (round(arrests["r_squared"].low, 4), round(arrests["r_squared"].high, 4)) == (0.3767, 0.3771)
    assert round(risk["r"].low, 4) <= 0.5106 <= round(risk["r"].high, 4)
    assert arrests["r"].low > risk["r"].high


@pytest.mark.parametrize(
    ("value", "scale", "labels"),
    [
        (0.05, "r", ("negligible",)),
        (0.1, "r", ("small",)),
        (0.38, "r", ("medium",)),
        (0.5, "r", ("large",)),
        (-0.614, "r", ("large",)),
        (0.377, "r_squared", ("large",)),
        (0.06, "r_squared", ("medium",)),
        (0.46, "d", ("small",)),
        (0.8, "d", ("large",)),
    ],
)
def test_labels(value, scale, labels):
    assert cohen_labels(Interval(value, value), scale) == labels


def test_an_interval_over_a_limit_has_both_labels():
    assert cohen_labels(Interval(0.495, 0.505), "r") == ("medium", "large")


def test_scales():
    assert [scale_of(k) for k in ("r", "r_squared", "dz", "r_from_dz")] == ["r", "r_squared", "d", "r"]
    with pytest.raises(InputError, match="IOM-E101"):
        cohen_labels(Interval(0, 1), "odds")
