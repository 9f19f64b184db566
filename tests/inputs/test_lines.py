"""Joint draws of an observed change and its lines, against covariances that are known."""

import pickle

import numpy as np
import pytest

from iom_causal.beliefs import LogNormal, Range
from iom_causal.confounds import Ageing, Custody, Detection, History, RegressionToMean, Remission
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.inputs.lines import completions, corners, joint_draws, variant_draws
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.streams import Streams, as_generator

SIZE = 20_000
MONTE_CARLO = 5 / np.sqrt(SIZE)  # five standard errors of a covariance of draws, as a share of the two SDs
SHARE, POOL = 0.3, 220.0
COMES_DOWN = Remission(share=SHARE, population_mean=POOL)


def scores(n=60):
    rng = np.random.default_rng(11)
    before = rng.normal(320, 40, n)
    return Panel.from_arrays(np.stack([before, 0.7 * before + rng.normal(20, 30, n)], axis=-1), kind="score")


def printed(panel):
    return panel.moments()


@pytest.mark.parametrize("made", [lambda p: p, printed], ids=["people", "published table"])
def test_draws_have_the_covariance_of_two_means_of_the_same_people(made):
    # Observed is the mean of after - before, and the line -share * (mean before - pool): both are linear in two means.
    panel = scores()
    loading = np.array([[-1.0, 1.0], [-SHARE, 0.0]])
    expected = loading @ np.cov(panel.outcome.T) @ loading.T / panel.n
    drawn = joint_draws((COMES_DOWN,), made(panel), streams=Streams(1), size=SIZE)
    sd = np.sqrt(np.diag(expected))
    assert np.abs(np.cov(drawn.sampling.T) - expected).max() < (MONTE_CARLO * np.outer(sd, sd)).max()
    assert np.corrcoef(drawn.observed, drawn.line("remission"))[0, 1] == pytest.approx(
        expected[0, 1] / np.prod(sd), abs=MONTE_CARLO
    )
    np.testing.assert_allclose(
        drawn.central, [np.diff(panel.outcome.mean(0))[0], -SHARE * (panel.before.mean() - POOL)], rtol=1e-9
    )


def test_a_belief_adds_its_own_variance_and_goes_with_nothing_that_people_give():
    belief = LogNormal(0.9, 0.1)
    panel = Panel.from_arrays(np.random.default_rng(2).poisson(4.0, (50, 2)), name="arrests")
    drawn = joint_draws((Detection(ratio=belief),), panel, streams=Streams(3), size=SIZE)
    assert (drawn.sampling[:, 1] == 0).all()
    assert drawn.line("detection").std() == pytest.approx(belief.sd, rel=MONTE_CARLO)
    np.testing.assert_array_equal(drawn.line("detection"), np.log(drawn.theta[0]["ratio"]))
    assert np.corrcoef(drawn.observed, drawn.line("detection"))[0, 1] == pytest.approx(0, abs=MONTE_CARLO)


def test_the_ledger_is_made_of_these_draws():
    ledger = Ledger((History(ratio=LogNormal(0.9, 0.05)), Detection(ratio=LogNormal(0.9, 0.1))), draws=500)
    panel = Panel.from_arrays(np.random.default_rng(2).poisson(4.0, (50, 2)), name="arrests")
    found = ledger(panel, rng=7)
    generator, _ = as_generator(7)
    streams = Streams(int(generator.integers(2**63)), "ledger")
    drawn = joint_draws(ledger.confounds, panel, streams=streams, size=500)
    columns = np.column_stack([drawn.observed, drawn.line("history"), drawn.line("detection"), drawn.remainder])
    np.testing.assert_array_equal(found.cov, np.cov(columns.T))
    assert [p.term for p in found.parts] == [*drawn.names, "remainder"]


def test_corners_of_a_range_share_their_draws():
    panel = Panel.from_arrays(np.random.default_rng(2).poisson(4.0, (30, 2)), name="arrests")
    open_ = (Detection(ratio=Range(0.8, 1.0)), History(ratio=LogNormal(0.9, 0.05)))
    low, high = (joint_draws(c, panel, streams=Streams(3), size=100) for c in corners(open_))
    np.testing.assert_array_equal(low.sampling, high.sampling)
    np.testing.assert_array_equal(low.line("history"), high.line("history"))
    np.testing.assert_allclose(high.line("detection") - low.line("detection"), np.log(1 / 0.8))
    assert low != high


def test_it_is_a_frozen_value():
    drawn = joint_draws((COMES_DOWN,), scores(), streams=Streams(1), size=10)
    assert pickle.loads(pickle.dumps(drawn)) == drawn  # noqa: S301 our own bytes
    again = pickle.loads(pickle.dumps(drawn))  # noqa: S301 our own bytes
    for array in (again.central, again.believed, again.sampling, again.widening, *again.theta[0].values()):
        assert not array.flags.writeable
    assert hash(drawn) == hash(joint_draws((COMES_DOWN,), scores(), streams=Streams(1), size=10))
    with pytest.raises(ValueError, match="read-only"):
        drawn.believed[0] = 0
    with pytest.raises(SpecError, match=r"IOM-E093.*observed, remission, got 'history'"):
        drawn.line("history")


def test_what_can_have_no_draws_is_refused_with_the_name_of_the_caller():
    with pytest.raises(InputError, match="IOM-E047: BiasModel: "):
        completions(Panel.from_arrays(np.ones((2, 3, 2))), "BiasModel")
    with pytest.raises(SpecError, match="IOM-E092: BiasModel: more than 10 ranges"):
        list(corners([Detection(ratio=Range(0.8, 1.0))] * 11, "BiasModel"))
    with pytest.raises(InputError, match="IOM-E060"):
        joint_draws((), Moments.from_summary(n=2, mean_pre=2.0, mean_post=1.0), streams=Streams(1), size=10)


def arrests(shape=(50, 2)):
    return Panel.from_arrays(np.random.default_rng(2).poisson(4.0, shape), name="arrests")


@pytest.mark.parametrize("size", [0, -1, 1, 10.0, True, None, "10"])
def test_a_size_that_draws_nothing_is_refused(size):
    with pytest.raises(SpecError, match="IOM-E092: size: expected a whole number of draws, at least 2"):
        joint_draws((), arrests(), streams=Streams(1), size=size)


@pytest.mark.parametrize(
    ("confounds", "said"),
    [
        (Detection, "a tuple of confounds"),
        (Detection(), "a tuple of confounds"),
        ((Detection,), "the class Detection, not one made of it"),
        ((0.8,), "got 0.8"),
        ((Detection(ratio=0.9), Detection(ratio=0.8)), "give each line once"),
    ],
)
def test_what_are_no_lines_is_refused(confounds, said):
    with pytest.raises(SpecError, match=f"IOM-E092: joint_draws: .*{said}"):
        joint_draws(confounds, arrests(), streams=Streams(1), size=10)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (np.ones((3, 2)), "IOM-E035: joint_draws: expected a Panel or Moments, got ndarray"),
        (arrests((4, 50, 2)), "IOM-E047: joint_draws: this panel has 4 replicates"),
    ],
    ids=["array", "replicates"],
)
def test_what_is_no_subject_is_refused(subject, said):
    with pytest.raises(InputError, match=said):
        joint_draws((), subject, streams=Streams(1), size=10)


def test_streams_may_be_a_seed_and_are_nothing_else():
    one, two = (joint_draws((), arrests(), streams=1, size=np.int64(10)) for _ in range(2))
    assert one == two
    with pytest.raises(SpecError, match="IOM-E092: rng: "):
        joint_draws((), arrests(), streams="1", size=10)


@pytest.mark.parametrize("n", [50, 2500], ids=["one by one", "in groups"])
def test_ledgers_that_share_a_line_share_beliefs_to_the_byte_and_sampling_to_rounding(n):
    kinds = Detection(ratio=LogNormal(0.9, 0.1)), History(ratio=LogNormal(0.9, 0.05))
    none, one, both = (joint_draws(kinds[:k], arrests((n, 2)), streams=Streams(1), size=100) for k in range(3))
    assert one.theta[0]["ratio"].tobytes() == both.theta[0]["ratio"].tobytes()
    for other in (one, both):
        np.testing.assert_allclose(other.sampling[:, 0], none.sampling[:, 0], rtol=0, atol=1e-14)


def test_variants_that_compare_have_the_widening_and_the_share_of_others_that_each_has_alone():
    rng = np.random.default_rng(2)
    rate, managed = rng.gamma(2, 3, 120), np.arange(120) < 100
    outcome = np.stack([rng.poisson(rate) + 2, rng.poisson(0.8 * rate)], 1)
    start = np.ma.MaskedArray(np.ones(120, dtype=int), mask=~managed)
    people = Panel.from_arrays(outcome, name="arrests", start=start, selected=True)
    variants = [RegressionToMean(method=method) for method in ("comparison", "none")]
    found = list(variant_draws((), variants, people, streams=Streams(1), size=50))
    for variant, drawn in zip(variants, found, strict=True):
        alone = joint_draws((variant,), people, streams=Streams(1), size=50)
        assert drawn.wide == pytest.approx(alone.wide, rel=1e-9)
        assert drawn.from_others == pytest.approx(alone.from_others)
    assert found[0].from_others > 0.5 > found[1].from_others


def test_variants_of_a_line_share_the_draws_of_all_others_and_each_is_what_it_is_alone():
    history, beliefs = History(ratio=LogNormal(0.9, 0.05)), [Detection(ratio=LogNormal(m, 0.1)) for m in (0.7, 0.9)]
    found = list(variant_draws((history,), beliefs, arrests(), streams=Streams(3), size=50))
    for variant, drawn in zip(beliefs, found, strict=True):
        alone = joint_draws((history, variant), arrests(), streams=Streams(3), size=50)
        assert drawn.confounds == alone.confounds
        assert drawn.wide == pytest.approx(alone.wide, rel=1e-9)
        assert [t.keys() for t in drawn.theta] == [t.keys() for t in alone.theta]
        assert all((a[key] == b[key]).all() for a, b in zip(drawn.theta, alone.theta, strict=True) for key in a)
    with pytest.raises(SpecError, match="IOM-E092"):
        list(variant_draws((beliefs[0],), beliefs, arrests(), streams=Streams(3), size=50))


@pytest.mark.parametrize("empty", [0, 1])
def test_a_window_without_events_is_refused_before_any_line_is_worked_out(empty, recwarn):
    outcome = np.full((6, 2), 3.0)
    outcome[:, empty] = 0
    panel = Panel.from_arrays(outcome, age=np.full(6, 25.0), exposure=np.arange(200.0, 320.0, 10).reshape(6, 2))
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        joint_draws([Ageing(), Custody()], panel, streams=1, size=100)
    assert not recwarn.list
