import itertools

import numpy as np
import pytest

from iom_causal.numerics.adjustment.missing import complete_case, worst_and_best
from iom_causal.numerics.sensitivity import missing_bounds as mb

EXACT = 1e-12
NAN = np.nan
BEFORE = np.array([4.0, 2.0, 7.0, NAN, 5.0, NAN])
AFTER = np.array([3.0, NAN, NAN, 1.0, 6.0, NAN])
ONES = np.ones(6)
SUPPORT = (0.0, 8.0)


def bounds(suppose="", support=SUPPORT, worked=mb.difference, weight=ONES, length=1.0):
    found = [
        [
            worked(
                mb.end(BEFORE, AFTER, weight, support, highest=h, suppose=suppose, length=length, unknown=place), weight
            ).value
            for place in mb.places(support, length)
        ]
        for h in (False, True)
    ]
    return min(found[0]), max(found[1])


def filled():
    """Fill the missing values in every way, out of 0, 2, 4, 7 and 8."""
    holes = np.isnan(BEFORE).sum(), np.isnan(AFTER).sum()
    for values in itertools.product((0.0, 2.0, 4.0, 7.0, 8.0), repeat=sum(holes)):
        before, after = BEFORE.copy(), AFTER.copy()
        before[np.isnan(BEFORE)], after[np.isnan(AFTER)] = values[: holes[0]], values[holes[0] :]
        yield before, after


SUPPOSITIONS = {
    "": lambda _before, _after: True,
    "no_rise": lambda before, after: (after <= before)[[1, 2, 5]].all(),
    "no_fall": lambda before, after: (after >= before)[[1, 2, 5]].all(),
}


@pytest.mark.parametrize("suppose", SUPPOSITIONS)
def test_they_are_the_ends_of_every_way_to_fill_in(suppose):
    # The values tried hold the ends of the support, and what those lost after had before.
    changes = [(a.mean() - b.mean(), a.mean() / b.mean()) for b, a in filled() if SUPPOSITIONS[suppose](b, a)]
    assert bounds(suppose) == pytest.approx([min(c[0] for c in changes), max(c[0] for c in changes)], abs=EXACT)
    ratios = np.exp(bounds(suppose, worked=mb.log_ratio))
    assert ratios == pytest.approx([min(c[1] for c in changes), max(c[1] for c in changes)], rel=EXACT)


def test_suppositions_of_means_put_the_mean_of_the_others_in():
    others = np.nanmean(AFTER)
    before = [np.where(np.isnan(BEFORE), end, BEFORE).mean() for end in (8.0, 0.0)]
    assert bounds("no_lower")[0] == pytest.approx(others - before[0], rel=EXACT)
    assert bounds("no_higher")[1] == pytest.approx(others - before[1], rel=EXACT)
    assert bounds("no_lower")[1] == bounds()[1]
    assert bounds("no_higher")[0] == bounds()[0]


def test_they_are_those_of_a_printed_table():
    before, after = np.array([4.0, 2, 7, 5]), np.array([3.0, NAN, 1, 6])
    ends = [
        mb.difference(mb.end(before, after, np.ones(4), SUPPORT, highest=h), np.ones(4)).value for h in (False, True)
    ]
    assert ends == pytest.approx([float(v) for v in worst_and_best(4.5, 10 / 3, 4, 3, SUPPORT)], rel=EXACT)


def test_without_a_hole_they_are_the_change_and_its_error():
    rng = np.random.default_rng(1)
    before, after = rng.normal(size=(2, 30))
    found = mb.difference(mb.end(before, after, np.ones(30), (-9, 9), highest=True), np.ones(30))
    assert found == pytest.approx(complete_case(before, after), rel=EXACT)


def test_the_error_of_a_ratio_is_that_of_the_delta_method():
    rng = np.random.default_rng(2)
    before, after = rng.poisson(5, 50).astype(float), rng.poisson(3, 50).astype(float)
    found = mb.log_ratio(mb.end(before, after, np.ones(50), (0, 9), highest=True), np.ones(50))
    cov = np.cov(before, after) / 50
    slopes = np.array([-1 / before.mean(), 1 / after.mean()])
    assert found.std_error == pytest.approx(np.sqrt(slopes @ cov @ slopes), rel=1e-9)


def test_weights_are_people():
    weight = np.array([1.0, 2, 1, 3, 0, 1])
    rows = np.repeat(np.arange(6), weight.astype(int))
    for suppose in mb.SUPPOSED:
        for highest in (False, True):
            settings = {"highest": highest, "suppose": suppose}
            one = mb.difference(mb.end(BEFORE, AFTER, weight, SUPPORT, **settings), weight)
            ones = np.ones(len(rows))
            other = mb.difference(mb.end(BEFORE[rows], AFTER[rows], ones, SUPPORT, **settings), ones)
            assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("suppose", mb.SUPPOSED)
@pytest.mark.parametrize("worked", [mb.difference, mb.log_ratio])
def test_a_wider_support_never_narrows_and_a_supposition_never_widens(suppose, worked):
    supports = [(1.0, 7.0), (1.0, 8.0), (0.5, 8.0), (0.0, 30.0)]
    found = [bounds(suppose, support, worked) for support in supports]
    for narrow, wide in itertools.pairwise(found):
        assert wide[0] <= narrow[0]
        assert wide[1] >= narrow[1]
    plain = bounds("", (0.5, 8.0), worked)
    assert plain[0] <= found[2][0] <= found[2][1] <= plain[1]


def test_an_unchanged_count_is_that_of_its_time():
    low, high = bounds("no_rise", length=0.5)
    # Of whom 2 and 7 are known before, 1 and 3.5 after are unchanged; who has neither had none.
    after = (3 + 1 + 3.5 + 1 + 6 + 0) / 6
    assert high == pytest.approx(after - 18 / 6, rel=EXACT)
    assert low == bounds()[0]


@pytest.mark.parametrize("suppose", mb.SUPPOSED)
@pytest.mark.parametrize("worked", [mb.difference, mb.log_ratio])
@pytest.mark.parametrize("highest", [False, True])
def test_standard_errors_are_those_of_leaving_one_out(suppose, worked, highest):
    rng = np.random.default_rng(3)
    n = 300
    before = rng.poisson(5, n).astype(float)
    after = rng.poisson(0.4 * before + 1.5).astype(float)
    before[rng.random(n) < 0.1] = NAN
    after[rng.random(n) < 0.3] = NAN

    def found(rows):
        ends = mb.end(before[rows], after[rows], np.ones(len(rows)), (0, 20), highest=highest, suppose=suppose)
        return worked(ends, np.ones(len(rows)))

    every = np.arange(n)
    without = [found(np.delete(every, k)).value for k in every]
    jackknife = np.sqrt((n - 1) * np.var(without))
    assert found(every).std_error == pytest.approx(jackknife, rel=0.01)  # of the second order in 1 / n


@pytest.mark.parametrize(("highest", "suppose", "before"), [(True, "no_rise", 8.0), (False, "no_fall", 2.0)])
def test_what_is_put_in_lies_in_the_support(highest, suppose, before):
    # Twice 8 in twice the time is more than 10, and half of 2 in half the time is less than 2.
    first, second = np.array([before, before]), np.array([5.0, np.nan])
    length = 2.0 if highest else 0.5
    found = mb.end(first, second, np.ones(2), (2.0, 10.0), highest=highest, suppose=suppose, length=length)
    assert found.after == (5.0 + (10.0 if highest else 2.0)) / 2
