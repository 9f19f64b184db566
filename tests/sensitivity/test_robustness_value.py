from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from iom_causal.base.wording import violations
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import DiffInDiff, PairedT, RateRatio
from iom_causal.panel import Panel
from iom_causal.sensitivity.robustness_value import robustness_value

EXACT = 1e-9  # algebra of least squares, to rounding
FIVE_DIGITS = 1e-5  # what is printed


def people(n=120, seed=1, **settings):
    rng = np.random.default_rng(seed)
    sex, age = rng.integers(0, 2, n), rng.uniform(18, 50, n)
    managed = rng.random(n) < 0.2 + 0.3 * sex
    before = rng.poisson(4 + sex)
    after = rng.poisson(3 + sex + 0.02 * age)
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=~managed)
    return Panel.from_arrays(
        np.column_stack([before, after]),
        start=start,
        age=age,
        covariates={"sex": np.where(sex == 1, "f", "m"), "score": rng.normal(size=n)},
        name="arrests",
        **settings,
    )


def test_the_seed():
    found = robustness_value(11.64, df=224)
    assert (found.value, found.interval_value) == pytest.approx((0.532031, 0.470086), abs=FIVE_DIGITS)
    assert found.contrast == "windows"
    assert not violations(found.summary())


def test_a_paired_t_is_the_regression_with_a_mean_for_each_person():
    rng = np.random.default_rng(2)
    panel = Panel.from_arrays(rng.poisson([5.0, 3.0], (40, 2)), name="arrests")
    fit = PairedT()(panel)
    found = robustness_value(fit)
    stacked = panel.outcome.ravel().astype(float)
    dummies = np.repeat(np.eye(40), 2, axis=0)
    model = sm.OLS(stacked, np.column_stack([np.tile([0.0, 1.0], 40), dummies])).fit()
    assert (model.tvalues[0], model.df_resid) == pytest.approx((found.t, found.df), rel=EXACT)
    assert found.value == pytest.approx(robustness_value(model.tvalues[0], df=model.df_resid).value, rel=EXACT)


@pytest.mark.parametrize("outcome", ["change", "after"])
def test_benchmarks_of_a_panel_are_those_of_its_regression(outcome):
    panel = people()
    found = robustness_value(
        panel,
        covariates="age + sex",
        outcome=outcome,
        benchmarks={"age and sex": "age + sex", "sex": "sex"},
        times=(1, 2),
    )
    frame = [panel.group.astype(float), panel.age, (panel.covariates["sex"] == "m").astype(float)]
    y = panel.outcome.astype(float)
    y, more = (y[:, 1] - y[:, 0], []) if outcome == "change" else (y[:, 1], [y[:, 0]])
    model = sm.OLS(y, sm.add_constant(np.column_stack([*frame, *more]))).fit()
    assert (found.estimate, found.std_error, found.t, found.df) == pytest.approx(
        (model.params[1], model.bse[1], model.tvalues[1], model.df_resid), rel=EXACT
    )
    without = sm.OLS(y, sm.add_constant(np.column_stack([frame[0], *more]))).fit()
    treatment = sm.OLS(frame[0], sm.add_constant(np.column_stack([*frame[1:], *more]))).fit()
    bare = sm.OLS(frame[0], np.column_stack([np.ones(len(y)), *more])).fit()
    r2 = (1 - treatment.ssr / bare.ssr, 1 - model.ssr / without.ssr)
    same = robustness_value(found.t, df=found.df, estimate=found.estimate, benchmarks={"age and sex": r2}, times=(1, 2))
    assert [b.name for b in found.benchmarks] == ["age and sex", "age and sex", "sex", "sex"]
    for mine, theirs in zip(found.benchmarks[:2], same.benchmarks, strict=True):
        assert mine[2:] == pytest.approx(theirs[2:], rel=1e-7)  # R squared of a few percent, to rounding
    assert found.contrast == "groups"
    assert "2 times as strong as age and sex" in found.summary()
    assert not violations(found.summary())


@pytest.mark.parametrize("covariates", ["", "age"])
def test_a_panel_needs_no_formula_among_its_benchmarks(covariates):
    bare = robustness_value(people(), covariates=covariates)
    beside = robustness_value(people(), covariates=covariates, benchmarks={"stated": (0.1, 0.2)}, times=(1.0,))
    assert (bare.benchmarks, bare.value) == ((), beside.value)
    assert (beside.benchmarks[0].treatment, beside.benchmarks[0].outcome) != (None, None)


def test_the_outcome_before_can_be_a_benchmark():
    found = robustness_value(people(), outcome="after", benchmarks=["before"], times=[1])
    assert found.benchmarks[0].name == "before"
    assert found.benchmarks[0].outcome > 0


def test_weights_are_people():
    panel = people(60)
    twice = replace(panel, weight=np.full(60, 2))
    rows = np.repeat(np.arange(60), 2)
    again = Panel.from_arrays(
        panel.outcome[rows],
        start=panel.start[rows],
        age=panel.age[rows],
        covariates={key: value[rows] for key, value in panel.covariates.items()},
        name="arrests",
    )
    settings = {"covariates": "age", "benchmarks": ["age"]}
    one, other = robustness_value(twice, **settings), robustness_value(again, **settings)
    assert (one.value, one.benchmarks) == (other.value, other.benchmarks)


def test_at_its_values_nothing_is_left():
    found = robustness_value(4.18445, df=783, estimate=0.0973158)
    assert found.adjusted(found.value, found.value).estimate == pytest.approx(0.0, abs=1e-12)
    assert found.adjusted(found.interval_value, found.interval_value).conf_low == pytest.approx(0.0, abs=1e-12)
    assert found.adjusted(found.partial_r2, 1.0).estimate == pytest.approx(0.0, abs=1e-12)
    half = robustness_value(4.18445, df=783, estimate=0.0973158, share=0.5)
    assert half.adjusted(half.value, half.value).estimate == pytest.approx(0.0973158 / 2)


def test_a_fall_is_taken_away_as_a_rise_is():
    fall, rise = (robustness_value(t, df=50, estimate=t / 10, benchmarks={"x": (0.1, 0.1)}) for t in (-4.0, 4.0))
    assert (fall.value, fall.interval_value) == (rise.value, rise.interval_value)
    assert [b.estimate for b in fall.benchmarks] == [-b.estimate for b in rise.benchmarks]


def test_a_benchmark_that_cannot_be_says_why():
    found = robustness_value(4.0, df=50, benchmarks={"the cut": (0.6, 0.1)}, times=[1])
    assert found.benchmarks[0].estimate is None
    assert "nothing can be" in found.summary()
    assert found.tidy()["estimate"].isna().all()
    assert found.plot() is not None


@pytest.mark.parametrize("found", [robustness_value(300.0, df=5), robustness_value(-3.0, df=40, share=0.4)])
def test_where_the_share_is_gone_is_drawn_if_it_is_in_the_picture(found):
    drawn = [c for c in found.plot().collections if len(c.get_paths())]
    assert len(drawn) == (2 if found.value < 0.99 else 1)


def test_an_estimate_says_what_it_contrasts():
    panel = people()
    groups = robustness_value(DiffInDiff(contrast="difference")(panel))
    windows = robustness_value(PairedT()(panel))
    assert (groups.contrast, windows.contrast) == ("groups", "windows")
    assert "c02" in groups.speaks_to
    assert windows.speaks_to == ("c01",)
    assert "is not excluded by this number" in windows.summary()
    for found in (groups, windows):
        assert set(found.speaks_to) | set(found.silent_on) <= set(REGISTER)
        assert {"u1", "c05"} <= set(found.silent_on)
        assert not violations(found.summary())


def test_people_alone_are_no_benchmark_of_a_contrast_of_windows():
    panel = Panel.from_arrays([[3, 1], [2, 2], [5, 0]], age=[20.0, 31, 45], name="arrests")
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*the same in both windows"):
        robustness_value(panel, covariates="age", benchmarks=["age"])


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: robustness_value(RateRatio()(people())), InputError),
        (lambda: robustness_value(2.0), SpecError),
        (lambda: robustness_value(2.0, df=1), SpecError),
        (lambda: robustness_value(float("nan"), df=9), SpecError),
        (lambda: robustness_value(2.0, df=9, estimate=-1.0), SpecError),
        (lambda: robustness_value(2.0, df=9, share=0.0), SpecError),
        (lambda: robustness_value(2.0, df=9, times=()), SpecError),
        (lambda: robustness_value(2.0, df=9, contrast="people"), SpecError),
        (lambda: robustness_value(2.0, df=9, benchmarks=["age"]), SpecError),
        (lambda: robustness_value(2.0, df=9, benchmarks={"age": (0.1, 1.0)}), SpecError),
        (lambda: robustness_value(2.0, df=9).adjusted(1.0, 0.1), SpecError),
        (lambda: robustness_value(people(), df=9), SpecError),
        (lambda: robustness_value(PairedT()(people()), df=9), SpecError),
        (lambda: robustness_value(people(), covariates="age", benchmarks=["sex"]), InputError),
        (lambda: robustness_value(people(), benchmarks=["before"]), InputError),
        (lambda: robustness_value(people(5, seed=3), covariates="age"), InputError),
    ],
)
def test_what_is_refused(call, error):
    with pytest.raises(error, match="IOM-E0"):
        call()
