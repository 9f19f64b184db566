"""ScoreError as a line of a ledger: drift, overlap with counts, measurement error."""

import numpy as np
import pytest

from iom_causal.beliefs import theta as th
from iom_causal.confounds import ScoreError
from iom_causal.errors import InputError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Window

WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))


def scores(n=60, kind="score"):
    rng = np.random.default_rng(8)
    before = rng.integers(100, 600, n).astype(float)
    after = np.round(40 + 0.6 * before + rng.normal(0, 40, n))
    after[before > 480] = np.nan
    return Panel.from_arrays(
        np.stack([before, after], axis=-1), kind=kind, windows=WINDOWS, name="risk", missing="keep"
    )


def line(spec, data):
    return float(spec.shift(data, th.central(spec)))


def test_drift_runs_from_middle_to_middle_of_the_windows():
    spec = ScoreError(drift_per_year=-10.0)
    assert line(spec, scores()) == pytest.approx(-10 * 548 / 365.25)
    assert line(spec, scores(kind="count")) == 0


def test_overlap_with_arrests_is_points_times_their_change():
    spec = ScoreError(points_per_event=8.0, events_change=-3.23)
    assert line(spec, scores()) == pytest.approx(-25.84)


def test_drift_without_dates_is_refused():
    panel = Panel.from_arrays([[1, 2], [3, 2]], kind="score")
    with pytest.raises(InputError):
        line(ScoreError(drift_per_year=-1.0), panel)
    assert line(ScoreError(), panel) == 0


def test_reliable_change_counts_complete_people_only():
    panel = scores()
    found = ScoreError().reliable_change(panel, 0.8)
    assert len(found.per_error) == panel.n_complete
    assert float(sum(found.counts[:3])) == panel.n_complete
    adjusted = ScoreError().reliable_change(panel, 0.8, method="speer")
    assert not np.allclose(found.per_error, adjusted.per_error)


def test_measurement_error_follows_from_reliability_and_the_sd_before():
    m = Moments.from_summary(n=187, mean_pre=320.0, sd_pre=140.0, mean_post=240.0, kind="score")
    assert ScoreError().standard_error(m, 0.75) == pytest.approx(70.0)
    assert ScoreError().least_reliability(scores()) == pytest.approx(scores().moments().r)
