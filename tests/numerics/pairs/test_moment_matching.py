import numpy as np
import pytest
from scipy.special import ndtr

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.numerics.pairs import lognormal, moments
from iom_causal.numerics.pairs import moment_matching as ls

PRINTED = moments.PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
CLOSE = 0.005
"""Of parameters found from moments printed with two decimals elsewhere rounded otherwise, relative."""


@pytest.mark.parametrize(
    ("ratio", "mean", "log_sd", "correlation", "cut", "softness", "share"),
    [
        (1.0, 1.50, 0.744, 0.756, 12.57, 3.98, 0.008),
        (0.95, 1.619, 0.755, 0.765, 11.80, 3.93, 0.0135),
        (0.90, 1.77, 0.768, 0.775, 10.90, 3.85, 0.023),
    ],
)
def test_no_programme_prints_the_paper(ratio, mean, log_sd, correlation, cut, softness, share):
    fit = ls.fit_at_ratio(PRINTED, ratio)
    assert fit.exact
    assert fit.moments == pytest.approx(PRINTED, rel=1e-9)  # a square root of the search's tolerance
    found = (fit.mean, fit.spread, fit.correlation, fit.cut, fit.softness)
    assert found == pytest.approx((mean, log_sd, correlation, cut, softness), rel=CLOSE)
    assert fit.share == pytest.approx(share, abs=0.0006)


def test_the_moments_are_those_of_people():
    rng = np.random.default_rng(41)
    size = 4_000_000
    z, e = rng.normal(size=(2, size))
    first = 1.5 * np.exp(0.75 * z - 0.28125)
    second = 1.5 * np.exp(0.75 * (0.7 * z + np.sqrt(0.51) * e) - 0.28125)
    y1, y2 = rng.poisson(first), rng.poisson(0.9 * second)
    w = ndtr((y1 - 6) / 2.5)
    share, told, _ = lognormal.selected_moments(1.5, 0.75, 0.7, 6.0, 2.5, 0.9)
    cov = np.cov(y1, y2, aweights=w)
    sds = np.sqrt(np.diag(cov))
    seen = [np.average(y1, weights=w), sds[0], np.average(y2, weights=w), sds[1], cov[0, 1] / sds.prod()]
    assert w.mean() == pytest.approx(share, rel=0.005)  # simulation noise
    assert told == pytest.approx(seen, rel=0.01)


def test_the_pool_share_is_the_lever():
    fits = ls.fits_at_ratios(PRINTED, [0.66, 0.7, 0.8, 1.0, 1.3])
    assert all(f.exact for f in fits)
    assert [f.share for f in fits] == pytest.approx([0.35, 0.22, 0.07, 0.008, 0.0006], rel=0.1)
    assert np.all(np.diff([f.mean for f in fits]) < 0)


def test_below_two_thirds_this_family_has_no_fit():
    fits = ls.fits_at_ratios(PRINTED, [0.6, 0.65, 0.7])
    assert [f.exact for f in fits] == [False, False, True]
    assert fits[0].distance > 0.01
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        ls.fit_at_mean(PRINTED, 4.4)


def test_a_known_mean_gives_the_ratio_on_the_ridge():
    for target in ls.fits_at_ratios(PRINTED, [0.75, 0.95, 1.1]):
        fit = ls.fit_at_mean(PRINTED, target.mean)
        assert fit.ratio == pytest.approx(target.ratio, rel=1e-7)  # two searches


def test_slopes_of_the_ratio_in_the_moments():
    fit = ls.fit_at_mean(PRINTED, 1.6)
    slopes = ls.ratio_slopes(fit)
    step = 1e-4
    for j, slope in enumerate(slopes):
        ends = [list(PRINTED), list(PRINTED)]
        ends[0][j] += step
        ends[1][j] -= step
        up, down = (np.log(ls.fit_at_mean(moments.PairMoments(*e), 1.6).ratio) for e in ends)
        assert slope == pytest.approx((up - down) / (2 * step), rel=1e-4)  # central difference


def test_what_is_refused():
    with pytest.raises(InputError, match="IOM-E092"):
        ls.fit_at_ratio(PRINTED, 0.0)
    with pytest.raises(InputError, match="IOM-E092"):
        ls.fit_at_ratio(PRINTED._replace(r=1.0))
    with pytest.raises(InputError, match="IOM-E092"):
        ls.fit_at_ratio(PRINTED._replace(mean_pre=90.0))
