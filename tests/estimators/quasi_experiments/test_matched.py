"""Matched against the paired t test, DiffInDiff on the matched, closed forms, and parallel trends given covariates."""

import math
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimators import DiffInDiff, Matched, PairedT
from iom_causal.estimators.shared import matched_people
from iom_causal.estimators.shared.matched_people import BEFORE, match
from iom_causal.inputs.sample import RATE_DAYS
from iom_causal.numerics.comparison.matching_bias import mean_given_count
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.windows import Selection

EXACT = 1e-9
SAME = 1e-12
FLAKE = 1e-4
PROGRAMME = 0.75


def beside(managed, n):
    return np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) >= managed)


def world(rng, replicates, managed, others, *, apart=0.6, trend=0.3, **settings):
    """People whose rates and trends hang on x and sex, which differ by group; trends given these are parallel."""
    n = managed + others
    treated = np.arange(n) < managed
    x = rng.normal(size=(replicates, n)) + apart * treated
    sex = rng.random((replicates, n)) < np.where(treated, 0.8, 0.6)
    rate = rng.gamma(2.0, 1.0, (replicates, n)) * np.exp(0.3 * x + 0.3 * sex + np.where(treated, 0.4, 0.0))
    after = np.exp(-0.1 + trend * x - 0.2 * sex) * np.where(treated, PROGRAMME, 1.0) * rng.gamma(5.0, 0.2, rate.shape)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate * after)], axis=-1)
    return Panel.from_arrays(
        pairs, name="arrests", start=beside(managed, n), covariates={"x": x, "sex": sex}, **settings
    )


def one(managed=30, others=70, seed=3, **settings):
    return world(np.random.default_rng(seed), 1, managed, others, **settings).replicate(0)


def in_pairs():
    """Managed people and others in order, one match each by an exact covariate of its own."""
    rng = np.random.default_rng(6)
    pairs = rng.poisson(4.0, (40, 2))
    return Panel.from_arrays(pairs, name="arrests", start=beside(20, 40), covariates={"key": np.tile(np.arange(20), 2)})


def test_the_caliper_is_in_standard_deviations_of_the_logit_pooled_over_both_groups():
    managed, others = np.array([0.0, 1.0, 5.0, 8.0]), np.array([0.5, 1.2, 1.9, 2.0, 2.4, 3.0, 9.0])
    x = np.concatenate([managed, others])
    panel = Panel.from_arrays(np.ones((11, 2), dtype=int), start=beside(4, 11), covariates={"x": x})
    people = Matched(covariates="x")._people(panel)
    score = match(people, caliper=None, most=1, ratio=False).score
    slope = np.polyfit(x, score.logit[0], 1)[0]  # the logit is a line in x
    pooled = abs(slope) * np.sqrt((managed.var(ddof=1) + others.var(ddof=1)) / 2)
    assert matched_people._farthest(score.logit, people, 0.3) == pytest.approx([0.3 * pooled], rel=1e-7)


def test_the_difference_is_the_paired_t_test_over_matched_sets():
    panel = in_pairs()
    e = Matched(exact=("key",), contrast="difference")(panel)
    change = (panel.after - panel.before).astype(float)
    theirs = stats.ttest_rel(change[:20], change[20:])
    assert (e.estimate, e.statistic, e.df, e.p_value) == pytest.approx(
        ((change[:20] - change[20:]).mean(), theirs.statistic, 19, theirs.pvalue), rel=EXACT
    )
    assert (e.conf_low, e.conf_high) == pytest.approx(theirs.confidence_interval(0.95), rel=EXACT)
    assert (e.n_used, e.estimand, e.scale) == (40, "att_difference", "difference")


@pytest.mark.parametrize("own_days", [False, True])
def test_the_ratio_has_the_jackknife_over_matched_sets(own_days):
    panel = in_pairs()
    days = np.random.default_rng(2).integers(100, 365, (40, 2)).astype(float)
    panel = replace(panel, exposure=days) if own_days else panel
    e = Matched(exact=("key",))(panel)
    without = [DiffInDiff()(panel.where(np.arange(40) % 20 != k)) for k in range(20)]
    logs = np.log([d.estimate for d in without])
    assert e.estimate == pytest.approx(DiffInDiff()(panel).estimate, rel=EXACT)
    assert e.std_error == pytest.approx(math.sqrt(((logs - logs.mean()) ** 2).sum() * 19 / 20), rel=EXACT)
    half = stats.t.ppf(0.975, 19) * e.std_error
    assert math.log(e.conf_high) == pytest.approx(math.log(e.estimate) + half, rel=EXACT)
    assert (e.estimand, e.std_error_scale) == ("att_ratio", "log")
    assert e.confidence_interval(0.8)[0] > e.conf_low


def test_several_matches_count_as_one_together():
    pairs = [[4, 2], [6, 1], [2, 2], [4, 3], [3, 3], [9, 9]]
    panel = Panel.from_arrays(
        pairs, name="arrests", start=beside(2, 6), covariates={"key": np.array([0, 1, 0, 0, 1, 2])}
    )
    e = Matched(exact=("key",), ratio=2, contrast="difference")(panel)
    sets = [-2 - (0 - 1) / 2, -5 - 0]
    assert e.estimate == pytest.approx(np.mean(sets), rel=SAME)
    assert e.std_error == pytest.approx(np.std(sets, ddof=1) / math.sqrt(2), rel=SAME)
    assert e.n_used == 5
    assert "2 managed and 3 comparison people in 2 matched sets" in e.note


def test_who_has_no_match_and_what_stays_unlike_is_said():
    e = Matched(exact=("sex",), covariates="x")(one())
    assert "no match, so that the estimate is of the others" in e.note
    table = e.diagnostics
    assert table["covariates"] == ("x", BEFORE)
    assert abs(table["difference_after"][0]) < 0.1 < abs(table["difference_before"][0])
    far = Matched(covariates="x", caliper=None)(one(others=32, apart=1.5))
    assert "after matching, x still differs by more than 0.1 SD" in far.note
    ax = e.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == [BEFORE, "x"]


def test_a_score_has_a_difference_and_no_ratio():
    panel = one()
    scores = replace(panel, outcome=panel.outcome.astype(float), kind="score")
    assert Matched(covariates="x", contrast="difference")(scores).estimand == "att_score"
    with pytest.raises(InputError, match=r"IOM-E066.*contrast="):
        Matched(covariates="x")(scores)


def test_what_cannot_be_matched_is_refused_alone_and_in_a_batch():
    panel = one()
    separate = replace(panel, covariates={"x": panel.group * 1.0})
    alone = replace(panel, covariates={"x": np.arange(panel.n)})
    twice = replace(panel, covariates={"x": panel.before})
    same = replace(panel, covariates={"x": np.ones(panel.n)})
    lacking = replace(panel, covariates={"x": np.where(np.arange(panel.n) == 3, np.nan, 1.0 * np.arange(panel.n))})
    spec = Matched(covariates="x")
    refused = {
        "IOM-E070.*tell managed from comparison people": (spec, separate, DegenerateDataError),
        "IOM-E068.*no managed person has a match": (Matched(exact=("x",)), alone, NotIdentifiedError),
        "IOM-E068.*no covariate y": (Matched(covariates="y"), panel, NotIdentifiedError),
        "IOM-E068.*no covariate is named": (Matched(), panel, NotIdentifiedError),
        "IOM-E068.*no comparison people": (spec, replace(panel, start=None), NotIdentifiedError),
        "IOM-E071": (replace(spec, on_outcome_before=True), twice, InputError),
        "IOM-E072": (spec, same, InputError),
        "IOM-E034.*covariates": (spec, lacking, InputError),
        "IOM-E076": (spec, replace(panel, weight=np.full(panel.n, 0.5)), InputError),
    }
    for words, (estimator, bad, kind) in refused.items():
        with pytest.raises(kind, match=words):
            estimator(bad)
        found = batch(estimator, replace(bad, outcome=np.stack([bad.outcome] * 2)))
        assert found.code.tolist() == [int(words[5:8])] * 2
    with pytest.raises(InputError, match=r"IOM-E047.*iom\.batch"):
        spec(replace(panel, outcome=panel.outcome[None]))


@pytest.mark.parametrize("gap", [np.nan, "", "missing"])
def test_people_of_whom_a_trait_is_not_known_match_nobody(gap):
    panel = in_pairs()
    key = panel.covariates["key"].astype(float if gap != gap else "U9").copy()  # noqa: PLR0124 not a number
    first, second = (np.flatnonzero(panel.group == side)[0] for side in (True, False))
    assert key[first] == key[second]
    key[[first, second]] = gap
    known = np.delete(np.arange(panel.n), [first, second])
    found = Matched(exact=("key",))(replace(panel, covariates={"key": key}))
    alone = Matched(exact=("key",))(panel.where(np.isin(np.arange(panel.n), known)))
    assert (found.estimate, found.n_used) == (alone.estimate, alone.n_used)
    assert found.n_input == alone.n_input + 2


def test_one_set_with_all_events_has_no_error():
    panel = in_pairs()
    outcome = np.zeros((40, 2), dtype=int)
    outcome[:, 0], outcome[[0, 20], 1] = 1, 3
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        Matched(exact=("key",))(replace(panel, outcome=outcome))
    outcome[20, 1] = 0
    with pytest.raises(DegenerateDataError, match=r"IOM-E064.*matched comparison people have no events after"):
        Matched(exact=("key",))(replace(panel, outcome=outcome))


def test_a_weight_stands_for_so_many_people():
    panel = one()
    weight = np.random.default_rng(1).integers(0, 3, panel.n)
    who = np.repeat(np.arange(panel.n), weight)
    written_out = Panel.from_arrays(
        panel.outcome[who], name="arrests", start=panel.start[who], covariates={"x": panel.covariates["x"][who]}
    )
    found, wanted = (Matched(covariates="x")(p) for p in (replace(panel, weight=weight), written_out))
    assert (found.estimate, found.std_error, found.n_used) == (wanted.estimate, wanted.std_error, wanted.n_used)


SPECS = [
    Matched(exact=("sex",), covariates="x"),
    Matched(covariates="x + sex", on_outcome_before=True, ratio=2, contrast="difference"),
    Matched(covariates="log1p(x * x) + C(sex)", caliper=None),
    Matched(exact=("sex",)),
]


@pytest.mark.parametrize("spec", SPECS, ids=repr)
@pytest.mark.parametrize("own_days", [False, True])
def test_replicates_with_padding_and_missing_windows_are_the_people_alone(spec, own_days):
    rng = np.random.default_rng(21)
    panel = world(rng, 6, 25, 50)
    outcome = panel.outcome.astype(float)
    outcome[rng.random(outcome.shape) < 0.05] = np.nan
    x = panel.covariates["x"].copy()
    x[3, 7], x[4] = np.nan, 1.0
    days = rng.integers(200, 500, outcome.shape).astype(float) if own_days else None
    many = Panel.from_arrays(
        outcome,
        name="arrests",
        start=panel.start,
        weight=(rng.random((6, 75)) < 0.9).astype(int),
        exposure=days,
        covariates={"x": x, "sex": panel.covariates["sex"]},
        missing="keep",
    )
    found, loop = batch(spec, many), batch_by_loop(spec, many)
    assert found.code.tolist() == loop.code.tolist()
    assert found.notes == loop.notes
    assert found.n_used.tolist() == loop.n_used.tolist()
    for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(found, name), getattr(loop, name), rtol=EXACT, err_msg=name)


def two_populations(rng, replicates, managed, others, *, means, shapes):
    """Gamma-Poisson people of two populations whose rates last, with a trend common to both and no programme."""
    n = managed + others
    treated = np.arange(n) < managed
    mean, shape = (np.where(treated, *two) for two in (means, shapes))
    rate = rng.gamma(shape, mean / shape, (replicates, n))
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.9 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", start=beside(managed, n))


@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_matching_on_the_outcome_before_brings_regression_to_the_mean_back_as_the_closed_form_says(contrast):
    rng = np.random.default_rng(crc32(f"before-{contrast}".encode()))
    means, shapes = (6.0, 3.0), (2.0, 1.5)
    spec = Matched(on_outcome_before=True, caliper=0.01, contrast=contrast)
    found = batch(spec, two_populations(rng, 120, 150, 3000, means=means, shapes=shapes))
    # nearly every managed person has a match with the same count, so that matches have 6 before as well
    matched = mean_given_count(6.0, means[1], shapes[1])
    expected = math.log(6.0 / matched) if contrast == "ratio" else 0.9 * 6.0 - 6.0 - (0.9 * float(matched) - 6.0)
    values = np.log(found.estimate) if contrast == "ratio" else found.estimate
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - expected) <= 4 * error + 0.01 * abs(expected)
    assert abs(expected) > 10 * error  # and there is none without matching
    plain = batch(DiffInDiff(contrast="ratio"), two_populations(rng, 120, 150, 3000, means=means, shapes=shapes))
    logs = np.log(plain.estimate)
    assert abs(logs.mean()) <= 4 * logs.std(ddof=1) / math.sqrt(len(logs)) + 0.002


def test_the_note_gives_what_matching_on_the_outcome_before_makes():
    rng = np.random.default_rng(9)
    panel = two_populations(rng, 1, 800, 4000, means=(6.0, 3.0), shapes=(2.0, 1.5)).replicate(0)
    note = Matched(on_outcome_before=True)(panel).note
    assert "brings regression to the mean back" in note
    told = float(note.split("matching on it makes a ratio of ")[1].split()[0])
    assert told == pytest.approx(1.2, abs=0.05)
    assert "regression to the mean" not in Matched(exact=("sex",))(one()).note
    half = replace(panel, exposure=np.array([365.0, 182.5]))
    note = Matched(on_outcome_before=True, contrast="difference")(half).note
    told = float(note.split("matching on it makes a difference of ")[1].split()[0])
    to_rates = RATE_DAYS / 365
    assert told == pytest.approx((6.0 - float(mean_given_count(6.0, 3.0, 1.5))) * to_rates, abs=0.3 * to_rates)
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4.0)
    assert "without any programme" not in Matched(on_outcome_before=True)(replace(panel, selection=rule)).note
    scores = replace(panel, outcome=panel.outcome.astype(float), kind="score")
    assert "without any programme" not in Matched(on_outcome_before=True, contrast="difference")(scores).note


def test_selected_on_the_outcome_before_from_one_population_matching_takes_regression_to_the_mean_out():
    rng = np.random.default_rng(12)
    rate = rng.gamma(1.5, 2.0, (60, 4000))
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    chance = 0.5 * (pairs[..., 0] >= 5)
    order = np.argsort(-(rng.random(chance.shape) < chance).astype(int), axis=-1, kind="stable")[:, :2500]
    people = np.take_along_axis(pairs, order[..., None], axis=1)
    panel = Panel.from_arrays(people, start=beside(250, 2500), name="arrests")
    plain, matched = (batch(s, panel) for s in (DiffInDiff(), Matched(on_outcome_before=True, caliper=0.05)))
    logs = np.log(matched.estimate)
    assert np.log(plain.estimate).mean() < -0.15
    assert abs(logs.mean()) <= 4 * logs.std(ddof=1) / math.sqrt(len(logs)) + 0.01


def assert_covers(spec, replicates, blocks, *sizes, **settings):
    rng = np.random.default_rng(crc32(f"{spec}-{sizes}".encode()))
    inside = answered = 0
    for _ in range(blocks):
        found = batch(spec, world(rng, replicates // blocks, *sizes, **settings))
        answered += int((found.code == 0).sum())
        inside += int(((found.conf_low <= PROGRAMME) & (found.conf_high >= PROGRAMME)).sum())
    assert answered > 0.98 * replicates
    assert stats.binom.ppf(FLAKE / 2, answered, 0.93) <= inside <= stats.binom.isf(FLAKE / 2, answered, 0.97)
    return inside / answered


def test_its_interval_covers_where_trends_are_parallel_given_covariates():
    share = assert_covers(Matched(exact=("sex",), covariates="x"), 1000, 1, 60, 150)
    assert 0.92 < share < 0.98
    rng = np.random.default_rng(8)
    plain = batch(DiffInDiff(), world(rng, 1000, 60, 150))
    assert np.log(plain.estimate / PROGRAMME).mean() > 0.1  # without matching, trends are not parallel


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(20, 20), (20, 60), (100, 200)], ids=str)
@pytest.mark.parametrize("spec", [SPECS[0], Matched(covariates="x + sex", ratio=2)], ids=repr)
def test_its_interval_covers_in_ten_thousand_studies(spec, sizes):
    assert 0.93 <= assert_covers(spec, 10_000, 10, *sizes) <= 0.97


def test_the_paired_t_test_of_a_score_matched_on_itself():
    panel = in_pairs()
    scores = replace(panel, outcome=panel.outcome.astype(float), kind="score")
    e = Matched(exact=("key",), contrast="difference")(scores)
    change = scores.outcome[:, 1] - scores.outcome[:, 0]
    alone = PairedT()(Panel.from_arrays(np.stack([change[20:], change[:20]], axis=-1), kind="score"))
    assert (e.estimate, e.std_error, e.df) == pytest.approx((alone.estimate, alone.std_error, alone.df), rel=EXACT)
