"""HonestTrends on the path of an event study: ends by the numerics, limits, refusals, pictures, and coverage."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.estimators import DiffInDiff, EventStudy, HonestTrends
from iom_causal.estimators.shared.event_path import event_path
from iom_causal.numerics.comparison import honest_trends as ht
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Window

EXACT = 1e-9
POINTWISE = EventStudy(aggregate="event", bands="pointwise")


def months(before, after):
    return [Window(str(k), 91 * k, 91 * k + 91, post=k >= 0) for k in range(-before, after)]


def people(rng, *, before=4, after=3, n=120, ratio=0.6, drift=0.0, starts=None):
    """Counts of two groups; managed ones drift by so much a window, on the log scale."""
    managed = np.arange(n) < n // 2
    starts = np.full(n, before) if starts is None else starts
    window = np.arange(before + after)
    mean = rng.gamma(4.0, 1.5, (n, 1)) * np.exp(np.where(managed[:, None], drift * window, 0.0))
    mean = np.where(managed[:, None] & (window >= starts[:, None]), ratio * mean, mean)
    start = np.ma.MaskedArray(starts, mask=~managed)
    return Panel.from_arrays(rng.poisson(mean), windows=months(before, after), start=start, name="arrests")


def path_of(panel, weights, study=POINTWISE):
    e = study(panel)
    path = event_path(e)
    wider = stats.t.ppf(0.975, path.df) / stats.norm.ppf(0.975)
    return ht.PathEstimate(path.values, path.cov * wider**2, np.array(weights))


@pytest.mark.parametrize("target", ["average", "first"])
@pytest.mark.parametrize(("restriction", "bound"), [("relative", 0.5), ("smoothness", 0.02)])
def test_ends_are_those_of_the_path(restriction, bound, target):
    panel = people(np.random.default_rng(2))
    e = HonestTrends(restriction=restriction, bound=bound, target=target)(panel)
    path = path_of(panel, np.full(3, 1 / 3) if target == "average" else [1.0, 0, 0])
    method = ht.relative_interval if restriction == "relative" else ht.smoothness_interval
    wanted = np.exp(method(path, bound, 0.95))
    assert (e.set_low, e.set_high, e.conf_low, e.conf_high) == pytest.approx(tuple(wanted), rel=EXACT)
    assert (e.estimate, e.interval, e.estimand) == (None, "bounds", "att_ratio")
    assert e.diagnostics["parallel"] == pytest.approx(np.exp(path.value), rel=EXACT)


def test_with_two_windows_before_and_one_after_parallel_trends_are_the_event_study():
    panel = people(np.random.default_rng(3), before=2, after=1)
    e, study = HonestTrends(bound=0)(panel), POINTWISE(panel)
    assert (e.set_low, e.conf_low, e.conf_high) == pytest.approx(
        (study.estimate, study.conf_low, study.conf_high), rel=1e-8
    )


def test_linear_trends_take_a_drift_away():
    """With a bound of 0 the set is a point, near the programme's ratio, where parallel trends are off by the drift."""
    panel = people(np.random.default_rng(5), n=4_000, drift=0.1)
    linear = HonestTrends(restriction="smoothness", bound=0, target="first")(panel)
    assert linear.set_low == pytest.approx(linear.set_high, rel=EXACT)
    assert linear.conf_low < 0.6 < linear.conf_high
    assert POINTWISE(panel).conf_low > 0.6
    assert HonestTrends(target="first")(panel).conf_low < 0.6 < HonestTrends(target="first")(panel).conf_high


def test_the_breakdown_value_is_where_the_interval_reaches_nothing():
    panel = people(np.random.default_rng(2))
    for spec in (HonestTrends(), HonestTrends(restriction="smoothness", bound=0.01)):
        found = spec(panel)
        at = replace(spec, bound=found.diagnostics["breakdown"])(panel)
        assert at.conf_high == pytest.approx(1.0, rel=1e-6)
        assert "contains 1 (no effect) from a bound of" in found.note
    same = HonestTrends()(people(np.random.default_rng(2), ratio=1.0))
    assert same.diagnostics["breakdown"] == 0
    assert "even under parallel trends" in same.note


def test_differences_are_on_their_own_scale():
    panel = people(np.random.default_rng(2))
    e = HonestTrends(contrast="difference", bound=0.5)(panel)
    wanted = ht.relative_interval(
        path_of(panel, np.full(3, 1 / 3), replace(POINTWISE, contrast="difference")), 0.5, 0.95
    )
    assert (e.set_low, e.conf_high) == pytest.approx((wanted.set_low, wanted.high), rel=EXACT)
    assert (e.estimand, e.scale) == ("att_difference", "difference")


def test_windows_of_anticipation_are_neither_before_nor_in_the_effect():
    panel = people(np.random.default_rng(2), before=5)
    study = EventStudy(aggregate="event", anticipation=1, bands="pointwise")
    e = HonestTrends(anticipation=1, bound=0.5)(panel)
    assert e.diagnostics["weights"] == (0.0, *[pytest.approx(1 / 3)] * 3)
    wanted = ht.relative_interval(path_of(panel, [0.0, 1 / 3, 1 / 3, 1 / 3], study), 0.5, 0.95)
    assert (np.log(e.conf_low), np.log(e.conf_high)) == pytest.approx((wanted.low, wanted.high), rel=EXACT)


def test_people_of_several_starts():
    starts = np.where(np.arange(120) < 30, 3, 5)
    e = HonestTrends()(people(np.random.default_rng(4), before=5, starts=starts))
    assert e.set_low < e.set_high
    assert e.conf_low < e.set_low


def test_what_tells_nothing_before_is_refused():
    panel = people(np.random.default_rng(2), before=1)
    with pytest.raises(
        NotIdentifiedError, match="IOM-E068: arrests: HonestTrends: 1 window lies before the last start"
    ):
        HonestTrends()(panel)
    alone = panel.where(panel.group)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        HonestTrends()(alone)
    assert not HonestTrends().requirements(panel)[-1].met


@pytest.mark.parametrize(
    "settings",
    [
        {"restriction": "smoothness"},
        {"bound": -1},
        {"bound": float("nan")},
        {"target": "last"},
        {"contrast": "log"},
        {"anticipation": -1},
    ],
)
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(SpecError):
        HonestTrends(**settings)


def test_more_windows_than_people_tell_apart_are_refused_in_words():
    panel = people(np.random.default_rng(2), before=12, after=6, n=12)
    with pytest.raises(Exception, match="IOM-E06"):
        HonestTrends()(panel)


def test_over_replicates_it_is_itself_and_pictures_draw():
    rng = np.random.default_rng(9)
    panels = [people(rng) for _ in range(3)]
    found = batch(HonestTrends(), replace(panels[0], outcome=np.array([p.outcome for p in panels])))
    assert found.set_low == pytest.approx([HonestTrends()(p).set_low for p in panels], rel=EXACT)
    for spec in (HonestTrends(), HonestTrends(restriction="smoothness", bound=0.05)):
        ax = spec(panels[0]).plot()
        assert {"interval", "set", "parallel trends"} <= {text.get_text() for text in ax.get_legend().get_texts()}


def test_it_holds_the_ratio_where_trends_drift_as_before():
    """A steady drift makes steps after as large as before: a bound of 1 holds the ratio, and parallel trends do not."""
    rng = np.random.default_rng(20121101)
    held, naive, replicates = 0, 0, 60
    for _ in range(replicates):
        panel = people(rng, drift=0.15)
        e = HonestTrends()(panel)
        d = DiffInDiff()(panel)
        held += e.conf_low <= 0.6 <= e.conf_high
        naive += d.conf_low <= 0.6 <= d.conf_high
    assert held >= stats.binom.ppf(5e-5, replicates, 0.95)
    assert naive < 0.5 * replicates
