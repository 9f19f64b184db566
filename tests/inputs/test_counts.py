import numpy as np
import pytest

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.estimators import PoissonFixedEffects, PoissonMixed
from iom_causal.inputs.counts import count_data
from iom_causal.numerics.mixed.shared import fit_shared
from iom_causal.panel import Panel
from iom_causal.windows import Window

FITTED = 1e-7  # an optimum is found to the square root of the precision of its likelihood
N = 24
WINDOWS = tuple(Window(f"w{t}", 365 * t - 730, 365 * t - 365, post=t >= 2) for t in range(4))
NEVER = np.arange(N) % 3 == 0


def panel(starts=2, *, replicates=3, windows=WINDOWS, missing=(), **settings):
    rng = np.random.default_rng(11)
    y = rng.poisson(4.0, (replicates, N, len(windows))).astype(float)
    for person, window in missing:
        y[:, person, window] = np.nan
    start = np.ma.MaskedArray(np.broadcast_to(starts, N), mask=NEVER)
    return Panel.from_arrays(y, name="arrests", windows=windows, start=start, missing="keep", **settings)


def test_comparison_people_are_untreated_rows_of_every_replicate():
    data = count_data(panel(), PoissonMixed(), "managed + C(window)", comparison=True)
    assert data.y.shape == (3, N, 4)
    assert data.names[:3] == ("intercept", "post", "managed")
    assert data.treated.tolist() == [[0, 0, 0, 0] if never else [0, 0, 1, 1] for never in NEVER]
    assert (data.x[..., 1] == data.treated).all()
    assert (data.x[..., 2] == ~NEVER[:, None]).all()
    assert data.group.tolist() == (~NEVER).tolist()
    assert data.sample.notes == ()
    by_hand = [(data.y[r] * (data.treated == 1)).sum() for r in range(3)]
    assert data.totals[1].tolist() == by_hand


def test_without_comparison_people_they_are_set_aside():
    data = count_data(panel(), PoissonMixed(), "")
    assert data.y.shape == (3, N - NEVER.sum(), 2)
    assert data.treated.tolist() == [0, 1]
    assert data.sample.notes == (f"{NEVER.sum()} comparison people set aside",)


def test_starts_of_each_person_are_read_with_comparison_people_alone():
    starts = np.where(np.arange(N) % 2, 1, 3)
    given = panel(starts)
    data = count_data(given, PoissonMixed(), "C(window)", comparison=True)
    assert data.treated.tolist() == given.treated.astype(int).tolist()
    with pytest.raises(InputError, match="IOM-E047"):
        count_data(given, PoissonMixed(), "")
    with pytest.raises(InputError, match="IOM-E047"):
        count_data(Panel.from_arrays([[3, 1], [2, 2], [4, 1]], start=[0, 1, 1]), PoissonMixed(), "")


def test_windows_are_added_up_only_where_nobody_tells_them_apart():
    starts = np.where(np.arange(N) % 2, 2, 3)
    data = count_data(panel(starts), PoissonMixed(), "", comparison=True)
    assert data.y.shape == (3, N, 3)
    assert data.exposure.tolist() == [730.0, 365.0, 365.0]
    apart = count_data(panel(starts), PoissonMixed(), "", comparison=True, collapse=False)
    assert data.y[..., 0].tolist() == apart.y[..., :2].sum(-1).tolist()


def test_both_sides_of_comparison_people_are_those_of_the_windows():
    lost = [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]  # 0 is never managed; neither 0 nor 1 has a window after
    given = panel(missing=lost)
    data = count_data(given, PoissonFixedEffects(), "C(window)", comparison=True, both_sides=True)
    assert np.flatnonzero(data.weight.max(0) == 0).tolist() == [0, 1]
    assert data.sample.notes == (f"{N - 2} of {N} people have windows on both sides; 2 left out",)


def test_a_kernel_over_replicates_gives_the_difference_in_differences_of_logs():
    two = (Window("before", -365, 0), Window("after", 0, 365, post=True))
    given = panel(1, windows=two)
    data = count_data(given, PoissonFixedEffects(), "C(window)", comparison=True, both_sides=True)
    fit = fit_shared(data.y, data.exposure, data.x[..., 1:], "fixed", weight=data.weight)
    totals = np.log([given.outcome[:, who].sum(1) for who in (~NEVER, NEVER)])
    by_hand = np.diff(totals, axis=-1)[..., 0]
    assert fit.theta[:, 0] == pytest.approx(by_hand[0] - by_hand[1], rel=FITTED)


def test_effects_of_time_absorb_the_change_where_all_start_together():
    everybody = panel().managed
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        count_data(everybody, PoissonFixedEffects(), "C(window)", comparison=True)


def test_weights_of_replicates_count_people():
    weight = np.random.default_rng(2).integers(0, 3, (3, N)).astype(float)
    data = count_data(panel(weight=weight), PoissonMixed(), "", comparison=True)
    assert data.people.tolist() == weight.sum(-1).tolist()
    assert data.sample.everyone.tolist() == weight.sum(-1).tolist()


def test_a_covariate_named_post_is_not_taken_for_the_programme():
    odd = np.arange(N) % 2
    outcome = panel().outcome[0]
    named = Panel.from_arrays(outcome, windows=WINDOWS, covariates={"post": odd, "sex": odd})
    data = count_data(named, PoissonMixed(), "sex + post:sex")
    assert np.unique(data.x[..., 1].reshape(named.n, -1), axis=0).tolist() == [[0.0, 1.0]]
