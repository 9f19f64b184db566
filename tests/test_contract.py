"""Every estimator against every clause of the contract."""

import copy
import pickle
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from functools import cache

import numpy as np
import pytest

import iom_causal.estimators as room
from docs import facts
from iom_causal import bayes, beliefs
from iom_causal.beliefs import LogNormal, Normal, Range
from iom_causal.confounds import Detection
from iom_causal.errors import DegenerateDataError, IomCausalError, NotIdentifiedError, SpecError
from iom_causal.estimate import COLUMNS, ESTIMANDS, INTERVALS, SCALES, Estimate
from iom_causal.estimate.estimates import NUMBERS
from iom_causal.intervals import StudentT
from iom_causal.ledger import Ledger
from iom_causal.numerics.inference.effect_sizes import KINDS
from iom_causal.panel import Panel
from iom_causal.roles import Answer, Batched, Estimator, answer, batch, batch_by_loop
from iom_causal.streams import Streams
from iom_causal.windows import Window

SPECS = [
    room.PairedT(),
    room.PairedT(contrast="before_minus_after"),
    room.PairedT(alternative="less", level=0.9),
    room.Wilcoxon(),
    room.Wilcoxon(zeros="pratt"),
    room.SignTest(),
    room.SignFlip(),
    room.RateRatio(),
    room.RateRatio(se="conditional"),
    room.RateRatio(se="quasi"),
    room.Equivalence(low=-1.0, high=1.0),
    room.BayesFactor(),
    room.PoissonGLM(),
    room.GEE(),
    room.GEE(family="negative_binomial", working="independence", level=0.9),
    room.LinearMixed(),
    room.LinearMixed(variances="by_window"),
    room.PanelOLS(),
    room.RandomEffects(),
    *[room.EffectSize(kind) for kind in KINDS],
    room.PoissonFixedEffects(),
    *[room.PoissonMixed(mixing=mixing) for mixing in ("gamma", "lognormal", "bivariate")],
    room.NegativeBinomialMixed(),
    bayes.PrePostCounts(),
    bayes.PrePostCounts(log_ratio=Normal(-0.2, 0.2), level=0.9),
]
"""What takes counts of the people of `cohort`; of Bayesian models see tests/bayes/test_models.py too."""
NAMES = vars(beliefs) | vars(bayes) | vars(room)


def pooled(panel):
    if not panel.before.any():
        raise DegenerateDataError("IOM-E064", "no events")
    return float(panel.after.sum() / panel.before.sum()), 0.1


COMPARED = [
    *(room.Ancova(), room.Ancova(family="poisson", level=0.9), room.PanelOLS(time_effects=True)),
    *(room.DiffInDiff(), room.DiffInDiff(contrast="difference", level=0.9)),
    *(room.DiffInDiff(cluster="district", se="wild"), room.DiffInDiff(se="cr3", people="all")),
    *(room.Matched(covariates="age"), room.Matched(exact=("sex",), contrast="difference", on_outcome_before=True)),
    *(
        room.SteppedWedge(by_lot=True, draws=199),
        room.SteppedWedge(by_lot=True, contrast="difference", draws=99, level=0.9),
    ),
    *(room.EventStudy(), room.EventStudy(contrast="difference", aggregate="group", level=0.9)),
    room.Discontinuity(running="score", cutoff=0, curvature=0.1),
]
"""What needs comparison people."""
BINARY = [room.McNemar(), room.RiskDifference()]
SCORES = [bayes.PrePostScores()]
SERIAL = [
    bayes.MonthlySeries(family="poisson"),
    *(room.InterruptedTimeSeries(), room.InterruptedTimeSeries(slope=False, se="quasi", level=0.9)),
    *(room.InterruptedTimeSeries(controlled=True), room.InterruptedTimeSeries(family="negative_binomial", se="model")),
]
"""What needs many windows."""
UNITS = [
    room.SyntheticControl(unit="district"),
    room.SyntheticControl(unit="district", contrast="difference", level=0.5),
]
"""What needs many windows and units."""
TRENDS = [room.HonestTrends(), room.HonestTrends(restriction="smoothness", bound=0.02, target="first", level=0.9)]
"""What needs windows before and comparison people."""
OTHERS = [
    *COMPARED,
    *BINARY,
    room.Heterogeneity(by="sex"),
    room.Heterogeneity(by="sex", scale="difference"),
    room.Heterogeneity(by="district"),
    room.LevelDifference(by="sex", window="after", scale="difference"),
    room.LevelDifference(by="district"),
    room.PoissonGLM(covariates="age"),
    room.PoissonMixed(mixing="bivariate", ratio="conditional"),
    *SERIAL,
    *UNITS,
    *TRENDS,
    *SCORES,
    Ledger(draws=200),
    Ledger((Detection(ratio=LogNormal(0.9, 0.1)),), draws=200, level=0.9),
    Ledger((Detection(ratio=Range(0.8, 1.0)),), draws=200),
    bayes.BiasModel((Detection(ratio=LogNormal(0.9, 0.1)),), draws=200, level=0.9),
    bayes.BiasModel((Detection(ratio=Range(0.8, 1.0)),), draws=200),
    bayes.SelectionModel(method="importance"),
    answer(pooled, estimand="descriptive_change", scale="ratio"),
]
"""What needs other data than `cohort`, or is no estimator of the room."""
OTHER_DATA = {type(s).__name__ for s in OTHERS} | {
    "JointOutcomes"
}  # more of them in tests/estimators/test_other_data.py
EXACT = 1e-9  # sums in another order lose a few digits
FITTED = 1e-6  # an optimum is found to the square root of the precision of its likelihood
SAMPLED = {"bootstrap"}


def cohort(seed=20121101, n=60, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


MONTHS = tuple(Window(str(k), 30 * k, 30 * k + 30, post=k >= 0) for k in range(-14, 8))


def in_months(rng, rate):
    return rng.poisson(rate[..., None] * np.where([w.post for w in MONTHS], 0.6, 1.0))


def in_units(rng, n):
    start = np.ma.MaskedArray(np.full(n, 14), mask=np.arange(n) % 6 > 0)
    made = {"windows": MONTHS, "start": start, "covariates": {"district": np.arange(n) % 6}}
    return Panel.from_arrays(in_months(rng, rng.gamma(2.0, 0.3, n)), name="arrests", **made)


def in_quarters(rng, n):
    start = np.ma.MaskedArray(np.full(n, 3), mask=np.arange(n) % 2 > 0)
    windows = tuple(Window(str(k), 91 * k, 91 * k + 91, post=k >= 0) for k in range(-3, 2))
    return Panel.from_arrays(rng.poisson(4.0, (n, 5)), name="arrests", windows=windows, start=start)


def people_for(spec, n=60):
    rng = np.random.default_rng(7)
    covariates = {"sex": np.array(["m", "f"])[rng.integers(0, 2, n)], "district": np.arange(n) % 3}
    covariates["score"] = (n // 2 - 1 - np.arange(n)) // 3  # from 0 on, the managed people of COMPARED
    known = cohort(n=n, age=rng.uniform(18, 60, n), covariates=covariates)
    if spec in BINARY:
        return replace(known, outcome=np.minimum(known.outcome, 1) ^ (rng.random((n, 2)) < 0.3), kind="binary")
    if spec in SCORES:
        return replace(known, kind="score")
    if spec in SERIAL:
        controlled = isinstance(spec, room.InterruptedTimeSeries) and spec.controlled
        start = np.ma.MaskedArray(np.full(n, 14), mask=np.arange(n) >= n // 2) if controlled else None
        return Panel.from_arrays(in_months(rng, rng.gamma(2.0, 0.3, n)), name="arrests", windows=MONTHS, start=start)
    if spec in (*UNITS, *TRENDS):
        return in_units(rng, n) if spec in UNITS else in_quarters(rng, n)
    if spec in COMPARED:
        return replace(known, start=np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) >= n // 2))
    return known


def values(result):
    names = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
    return np.array([np.nan if getattr(result, n) is None else getattr(result, n) for n in names], dtype=float)


@pytest.fixture(params=SPECS, ids=repr)
def spec(request):
    return request.param


def test_every_estimator_of_the_room_is_here():
    public = {name for name in room.__all__ if isinstance(NAMES[name], type)}
    public |= {name for name in bayes.__all__ if "reference" in vars(NAMES[name])}
    here = {type(s).__name__ for s in SPECS}
    missing = public - here - OTHER_DATA
    assert not missing, f"not under contract: {missing}"


def test_it_is_a_frozen_value(spec):
    assert is_dataclass(spec)
    assert isinstance(spec, Estimator)
    assert hash(spec) == hash(type(spec)(**{f.name: getattr(spec, f.name) for f in fields(spec)}))
    with pytest.raises(FrozenInstanceError):
        spec.level = 0.5


def test_its_repr_evaluates_back(spec):
    assert eval(repr(spec), NAMES) == spec  # noqa: S307 our own repr


def test_it_pickles(spec):
    assert pickle.loads(pickle.dumps(spec)) == spec  # noqa: S301 our own bytes


def test_its_result_has_the_fixed_columns_and_known_words(spec):
    result = spec(cohort(), rng=1)
    assert isinstance(result, Estimate)
    assert tuple(result.tidy().columns) == COLUMNS
    assert result.estimand in ESTIMANDS
    assert result.scale in SCALES
    assert result.interval in INTERVALS
    assert result.outcome == "arrests"
    assert result.spec == spec
    assert result.n_input == 60
    assert type(spec).reference
    assert isinstance(spec.symmetric, bool)


def test_its_assumptions_are_stated(spec):
    assert spec(cohort(), rng=1).assumptions


def test_the_panel_is_not_changed(spec):
    panel, copy = cohort(), cohort()
    spec(panel, rng=1)
    assert panel.equals(copy)


def test_the_same_rng_gives_the_same_result(spec):
    assert spec(cohort(), rng=5).to_dict() == spec(cohort(), rng=5).to_dict()


def test_its_result_pickles_and_survives_a_dictionary(spec):
    result = spec(cohort(), rng=1)
    assert pickle.loads(pickle.dumps(result)).row() == result.row()  # noqa: S301 our own bytes
    assert Estimate.from_dict(result.to_dict()).row() == result.row()


def test_a_wider_level_gives_a_wider_interval(spec):
    result = spec(cohort(), rng=1)
    if result.conf_low is None:
        assert result.interval == "none" or result.notes
        return
    if result.law is None:  # at another level it is worked out anew
        again = (replace(spec, level=level)(cohort(), rng=1) for level in (0.8, 0.99))
        narrow, wide = ((e.conf_low, e.conf_high) for e in again)
    else:
        narrow, wide = result.confidence_interval(0.8), result.confidence_interval(0.99)
    assert wide[0] < narrow[0]
    assert narrow[1] < wide[1]


def test_the_law_gives_the_interval_that_is_shown(spec):
    result = spec(cohort(), rng=1)
    if result.law is not None and result.conf_low is not None and getattr(spec, "level", 0.95) == result.conf_level:
        assert result.law.interval(result.conf_level) == pytest.approx((result.conf_low, result.conf_high), rel=EXACT)


def test_row_order_and_labels_change_nothing(spec):
    panel = cohort(ids=np.arange(60))
    order = np.random.default_rng(1).permutation(60)
    other = Panel.from_arrays(panel.outcome[order], name="arrests", ids=np.array([f"p{i}" for i in range(60)]))
    assert values(spec(other, rng=1)) == pytest.approx(values(spec(panel, rng=1)), rel=EXACT, nan_ok=True)


def test_weights_repeat_people(spec):
    panel = cohort()
    unique, counts = np.unique(panel.outcome, axis=0, return_counts=True)
    collapsed = Panel.from_arrays(unique, weight=counts, name="arrests")
    a, b = spec(collapsed, rng=1), spec(panel, rng=1)
    assert a.n_input == b.n_input
    assert values(a) == pytest.approx(values(b), rel=EXACT, nan_ok=True)


def test_swapping_the_windows_flips_signs_and_inverts_ratios(spec):
    if not spec.symmetric:
        return
    panel = cohort()
    exact = FITTED if hasattr(spec, "nodes") else EXACT
    swapped = Panel.from_arrays(panel.outcome[:, ::-1], name="arrests")
    a, b = spec(panel, rng=1), spec(swapped, rng=1)
    if a.scale == "ratio":
        assert b.estimate == pytest.approx(1 / a.estimate, rel=exact)
        assert (1 / b.conf_high, 1 / b.conf_low) == pytest.approx((a.conf_low, a.conf_high), rel=exact)
    elif a.scale == "probability":
        assert b.estimate == pytest.approx(1 - a.estimate, rel=exact)
    else:
        assert b.estimate == pytest.approx(-a.estimate, rel=exact)


UNLIKE = (Window("before", -1500, -1135), Window("after", 0, 365, post=True))
TWICE_AS_LONG = (Window("before", -1500, -1135), Window("after", 0, 730, post=True))


def people_in(windows, own, factor=1):
    """People with days of their own, or everybody's, and so many times the events after."""
    days = np.array([w.days for w in windows], dtype=float)
    outcome, share = cohort().outcome * [1, factor], np.linspace(0.5, 1.0, 60)
    return Panel.from_arrays(
        outcome,
        name="arrests",
        windows=windows,
        exposure=share[:, None] * days if own else days,
        start=np.ma.MaskedArray(np.ones(60, dtype=int), mask=np.arange(60) % 3 == 0),
        covariates={"sex": np.array(list("fm"))[np.arange(60) % 2]},
    )


RATIOS = (
    *(room.RateRatio, room.PoissonGLM, room.GEE, room.PoissonFixedEffects),
    *(room.PoissonMixed, room.NegativeBinomialMixed),
)
RATES = [
    *(s for s in SPECS if isinstance(s, RATIOS)),
    *(
        room.PoissonMixed(covariates="sex"),
        room.GEE(covariates="sex"),
        room.Heterogeneity(by="sex"),
        room.Ancova("poisson"),
        room.DiffInDiff(),
        room.EventStudy(),
        room.SteppedWedge(by_lot=True, draws=199),
    ),
]
LONGER_BEFORE = (Window("before", -1865, -1135), Window("after", 0, 365, post=True))
LIMITS = 1e-8  # an error that is found by numerical slopes
# Twice the events of one window only are no draw from the law of these, whose ratio weighs people by it.
WEIGHED = {"PoissonMixed(mixing='bivariate'", "NegativeBinomialMixed(", "GEE(family='negative_binomial'"}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("rates", RATES, ids=repr)
def test_the_same_events_in_twice_the_days_are_half_the_rate(rates, own):
    a, b = (rates(people_in(windows, own), rng=1) for windows in (UNLIKE, TWICE_AS_LONG))
    if isinstance(
        rates, (room.Heterogeneity, room.Ancova, room.DiffInDiff, room.EventStudy, room.SteppedWedge)
    ):  # compares two groups in the same windows
        assert b.estimate == pytest.approx(a.estimate, rel=EXACT)
        if isinstance(rates, room.Heterogeneity):
            assert [2 * p.estimate for p in b.parts] == pytest.approx([p.estimate for p in a.parts], rel=EXACT)
        return
    ends = [(r.estimate, r.conf_low, r.conf_high) for r in (a, b)]
    assert [2 * x for x in ends[1]] == pytest.approx(ends[0], rel=LIMITS)
    assert b.std_error == pytest.approx(a.std_error, rel=LIMITS)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("rates", [r for r in RATES if not repr(r).startswith(tuple(WEIGHED))], ids=repr)
def test_nor_does_a_longer_window_before(rates, own):
    longer = people_in(LONGER_BEFORE, own)
    longer = replace(longer, outcome=longer.outcome * [2, 1])
    both = [people_in(UNLIKE, own), longer]
    one, two = (rates(panel, rng=1) for panel in both)
    assert two.estimate == pytest.approx(one.estimate, rel=FITTED)
    if isinstance(rates, Batched):
        assert batch(rates, replace(longer, outcome=longer.outcome[None])).estimate == pytest.approx(
            [one.estimate], rel=FITTED
        )


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("rates", [r for r in RATES if not repr(r).startswith(tuple(WEIGHED))], ids=repr)
def test_a_window_twice_as_long_with_twice_the_events_changes_no_ratio(rates, own):
    a = rates(people_in(UNLIKE, own), rng=1)
    b = rates(people_in(TWICE_AS_LONG, own, factor=2), rng=1)
    assert b.estimate == pytest.approx(a.estimate, rel=FITTED)


@pytest.mark.parametrize("se", ["robust", "conditional"])
def test_print_of_a_window_twice_as_long_with_twice_the_events_changes_no_ratio(se):
    a, b = (
        room.RateRatio(se=se)(people_in(windows, own=False, factor=k).moments())
        for windows, k in ((UNLIKE, 1), (TWICE_AS_LONG, 2))
    )
    assert b.estimate == pytest.approx(a.estimate, rel=EXACT)
    if se == "robust":  # of Poisson counts more tell more
        assert (b.conf_low, b.conf_high, b.std_error) == pytest.approx(
            (a.conf_low, a.conf_high, a.std_error), rel=EXACT
        )


def test_what_compares_counts_in_windows_of_unlike_length_says_so(spec):
    told = "the windows have 365 and 730 days: counts over unlike lengths of time are compared here, and not rates"
    rates = "after / before" in spec(people_in(UNLIKE, own=False), rng=1).term or isinstance(spec, room.Heterogeneity)
    assert (told in spec(people_in(TWICE_AS_LONG, own=False), rng=1).notes) == (not rates)
    assert told not in spec(people_in(UNLIKE, own=False), rng=1).notes


def test_windows_of_unlike_length_are_told_of_more_than_two_and_of_no_score():
    days = [365, 365, 730]
    windows = (Window("a", -730, -365), Window("b", -365, 0), Window("c", 0, 730, post=True))
    y = np.random.default_rng(1).poisson(4, (30, 3))
    assert "365 to 730 days" in room.LinearMixed()(Panel.from_arrays(y, windows=windows, exposure=days)).note
    for spec in (room.LinearMixed(), room.PairedT()):
        scores = Panel.from_arrays(y + 0.0, kind="score", windows=windows, exposure=days)
        assert "compared" not in spec(scores).note


def test_data_in_the_constructor_get_the_call_to_write(spec):
    name = type(spec).__name__
    for data in (cohort(), cohort().outcome, cohort().to_frame()):
        with pytest.raises(SpecError, match=rf"IOM-E097.*{name}\(\)\(panel\)"):
            type(spec)(data)


def test_too_little_data_gets_the_typed_error(spec):
    with pytest.raises(IomCausalError):
        spec(Panel.from_arrays(np.zeros((1, 2), dtype=int), name="arrests"), rng=1)


@pytest.mark.parametrize(
    "pairs",
    [
        [[0, 0]] * 5,
        [[3, 3]] * 5,
        [[5, 3]] * 5,
        [[0, 2], [0, 1], [0, 3]],
        [[2, 0], [1, 0], [3, 0]],
        [[1, 2], [2, 1]],
    ],
)
def test_degenerate_data_get_a_defined_value_or_a_typed_error(spec, pairs):
    try:
        result = spec(Panel.from_arrays(pairs, name="arrests"), rng=1)
    except IomCausalError:
        return
    if result.estimate is None or result.conf_low is None:
        assert result.notes or result.interval == "none"


def test_comparison_people_are_set_aside_and_it_says_so(spec):
    panel = cohort()
    start = np.ma.MaskedArray(np.ones(60, dtype=int), mask=np.arange(60) >= 50)
    both = Panel.from_arrays(panel.outcome, name="arrests", start=start)
    managed = Panel.from_arrays(panel.outcome[:50], name="arrests")
    result = spec(both, rng=1)
    assert values(result) == pytest.approx(values(spec(managed, rng=1)), rel=EXACT, nan_ok=True)
    assert "10 comparison people" in result.note


def test_missing_follow_up_is_counted_and_said(spec):
    outcome = cohort().outcome.astype(float)
    outcome[:7, 1] = np.nan
    result = spec(Panel.from_arrays(outcome, name="arrests", missing="keep"), rng=1)
    assert "53 of 60" in result.note
    if getattr(spec, "uses_incomplete", False):
        assert (result.n_input, result.n_used) == (60, 60)
        return
    assert (result.n_input, result.n_used) == (60, 53)
    assert values(result) == pytest.approx(values(spec(Panel.from_arrays(outcome[7:].astype(int)), rng=1)), nan_ok=True)


def test_results_on_rebuilt_people_say_whether_they_are_pinned(spec):
    rebuilt = replace(cohort(synthetic=True), fixed_by_table=("before", "after", "t"))
    assert spec(rebuilt, rng=1).pinned in {True, False}
    assert spec(replace(rebuilt, fixed_by_table=()), rng=1).pinned is False
    assert spec(cohort(synthetic=True), rng=1).pinned is None


@pytest.fixture(params=SPECS + OTHERS, ids=repr)
def any_spec(request):
    return request.param


def natural(value, scale):
    return np.exp(value) if scale == "log" else value


def its_term(e):
    return f"log({e.term})" if e.scale == "ratio" else e.term


OF_SEVERAL = {
    room.PoissonMixed(mixing="bivariate"),
    *(s for s in SERIAL if getattr(s, "slope", True)),
}  # their ratio is a function of several coefficients


@cache
def answered(spec):
    return spec(people_for(spec), rng=3)


def test_what_statsmodels_names_is_on_the_scale_of_the_standard_error(any_spec):
    assert_one_scale(answered(any_spec), any_spec)


def test_its_page_names_its_estimand(any_spec):
    assert answered(any_spec).estimand in facts.ESTIMANDS.get(type(any_spec).__name__, (facts.CHANGE,))


def assert_one_scale(e, any_spec):
    alpha = 1 - e.conf_level
    table, scale = e.conf_int(alpha), e.std_error_scale
    assert scale == ("log" if e.scale == "ratio" else "identity")
    if e.estimate is None and e.set_low is not None:
        assert natural(table.loc[its_term(e)].to_numpy(), scale) == pytest.approx([e.conf_low, e.conf_high], rel=EXACT)
        for name in ("params", "bse", "pvalues"):
            with pytest.raises(NotIdentifiedError, match="IOM-E068"):
                getattr(e, name)
        return
    assert list(table.index) == list(e.params.index) == list(e.bse.index) == list(e.pvalues.index)
    assert list(table.columns) == ["conf_low", "conf_high"]
    for shown in (table, e.params, e.bse, e.pvalues):
        assert shown.index.name == ("log scale" if scale == "log" else None)
    if any_spec in OF_SEVERAL:
        assert e.coefficient is None
        return
    name = e.coefficient if e.cov is not None else its_term(e)
    found = {"estimate": e.params, "conf_low": table["conf_low"], "conf_high": table["conf_high"]}
    for column, shown in found.items():
        wanted = np.nan if getattr(e, column) is None else getattr(e, column)
        assert natural(shown[name], scale) == pytest.approx(wanted, rel=EXACT, nan_ok=True)
    for column, shown in {"std_error": e.bse, "p_value": e.pvalues}.items():
        wanted = np.nan if getattr(e, column) is None else getattr(e, column)
        assert shown[name] == pytest.approx(wanted, rel=EXACT, nan_ok=True)
    if e.std_error is not None:
        assert np.sqrt(np.diag(e.cov_params())) == pytest.approx(e.bse.to_numpy(), rel=EXACT)


def test_another_level_of_the_table_is_that_of_the_estimate(any_spec):
    e = answered(any_spec)
    if e.law is None or any_spec in OF_SEVERAL:
        return
    name = e.coefficient if e.cov is not None else its_term(e)
    ends = natural(e.conf_int(0.4).loc[name].to_numpy(), e.std_error_scale)
    assert ends == pytest.approx(e.confidence_interval(0.6), rel=EXACT)


def test_equal_calls_copies_and_pickles_are_equal(any_spec):
    e = answered(any_spec)
    again = [any_spec(people_for(any_spec), rng=3), copy.copy(e), copy.deepcopy(e), pickle.loads(pickle.dumps(e))]  # noqa: S301
    assert [e == other for other in again] == [True] * 4
    assert {hash(other) for other in again} == {hash(e)}
    assert e != replace(e, n_used=e.n_used + 1)
    if e.law is not None:
        assert e != replace(e, law=None)
    assert e != 3


NUMBERED = [4, 0, 7]


def replicates_for(spec):
    """Three replicates of the same people, the last without a single event."""
    one = people_for(spec, n=30)
    rng = np.random.default_rng(11)
    rate = rng.gamma(2.0, 3.0, (3, one.n))
    if spec in TRENDS:
        outcome = rng.poisson(rate[..., None], (3, one.n, 5))
    elif spec in (*SERIAL, *UNITS):
        outcome = in_months(rng, rate / 10)
    else:
        outcome = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    outcome[2] = 0
    return replace(one, outcome=np.minimum(outcome, 1) if one.kind == "binary" else outcome)


@cache
def batched(spec):
    return batch(spec, replicates_for(spec), rng=Streams(3), numbers=NUMBERED)


def replicates_of_many_kinds(spec):
    """Return replicates with a side empty, one proportion for all, nobody changed, few events, more than chance."""
    one = people_for(spec, n=30)
    rng = np.random.default_rng(11)
    rate = rng.gamma(1.5, 3.0, (8, one.n))
    if spec in SERIAL:
        outcome = in_months(rng, rate / 10)
        outcome[1, :, 14:], outcome[2, :, :14], outcome[3], outcome[4, 1:] = 0, 0, 0, 0
        outcome[5] = outcome[5, :1] = 1
        outcome[6] *= np.arange(22) % 2 + 1
        return replace(one, outcome=outcome)
    outcome = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    outcome[1, :, 1], outcome[2, :, 0], outcome[3], outcome[6, 2:] = 0, 0, 0, 0
    outcome[4, :, 0], outcome[5, :, 0] = 2 * outcome[4, :, 1], outcome[5, :, 1]
    outcome[7] = rng.poisson(rate[7][:, None] * rng.gamma(0.7, 1 / 0.7, (one.n, 2)))
    return replace(one, outcome=np.minimum(outcome, 1) if one.kind == "binary" else outcome)


@pytest.mark.parametrize("spec", [s for s in [*SPECS, *OTHERS] if isinstance(s, Batched)], ids=repr)
def test_a_replicate_of_a_batch_is_told_what_it_is_told_alone(spec):
    panel = replicates_of_many_kinds(spec)
    many = batch(spec, panel, rng=Streams(3))
    for k in np.flatnonzero(many.code == 0):
        assert many[k].notes == spec(panel.replicate(k), rng=Streams(3).generator("batch", k)).notes


SEEN = ("n_input", "n_used", "code", "interval", "numbers")
TABLED = 1e-12  # p-values of many statistics at once come from series, and sums of a block are in another order


def assert_same_replicates(ours, theirs, at=slice(None), rtol=EXACT):
    for name in SEEN:
        assert getattr(ours, name).tolist() == getattr(theirs, name)[at].tolist(), name
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name)[at], rtol=rtol, err_msg=name)
    lacking = np.full((6, len(theirs)), np.nan)
    for term in {*ours.parts, *theirs.parts}:
        wanted = np.array(theirs.parts.get(term, lacking))[:, at]
        found = ours.parts.get(term, lacking[:, : len(ours)])
        np.testing.assert_allclose(found, wanted, rtol=rtol, atol=rtol, err_msg=term)


def test_a_replicate_does_not_depend_on_its_block(any_spec):
    panel, whole = replicates_for(any_spec), batched(any_spec)
    assert whole.numbers.tolist() == NUMBERED
    for at in ([0], [1, 2]):
        some = replace(panel, outcome=panel.outcome[at])
        found = batch(any_spec, some, rng=Streams(3), numbers=np.array(NUMBERED)[at])
        assert_same_replicates(found, whole, at, rtol=TABLED)


def test_a_kernel_gives_what_a_loop_gives(any_spec):
    if not isinstance(any_spec, Batched):
        return
    loop = batch_by_loop(any_spec, replicates_for(any_spec), rng=Streams(3), numbers=NUMBERED)
    assert_same_replicates(batched(any_spec), loop, rtol=FITTED if hasattr(any_spec, "nodes") else EXACT)
    words = ["replicate", "outcome", "method", "estimand", "term", "scale", "std_error_scale", "conf_level", "interval"]
    assert batched(any_spec).tidy()[words].equals(loop.tidy()[words])
    with pytest.raises(SpecError, match="IOM-E092"):
        any_spec.batch(replicates_for(any_spec), numbers=[0, 1])


def alone(spec, k):
    try:
        return spec(replicates_for(spec).replicate(k), rng=Streams(3).generator("batch", NUMBERED[k]))
    except IomCausalError as error:
        return error


def test_a_batch_holds_each_answer_its_sets_and_parts_and_every_error_as_a_code(any_spec):
    many = batched(any_spec)
    for k in range(len(many)):
        one = alone(any_spec, k)
        if isinstance(one, IomCausalError):
            assert many.code[k] == one.number
            with pytest.raises(IomCausalError, match=one.code):
                many[k]
            continue
        found = many[k]
        for name in NUMBERS:
            wanted = np.nan if getattr(one, name) is None else getattr(one, name)
            assert (np.nan if getattr(found, name) is None else getattr(found, name)) == pytest.approx(
                wanted, rel=FITTED, nan_ok=True
            )
        assert [p.term for p in found.parts] == [p.term for p in one.parts]
    shown = many.tidy()[["set_low", "set_high"]].notna().all(axis=1)
    assert shown.tolist() == (many.interval == "bounds").tolist()


def test_a_replicate_of_a_batch_stands_on_the_scales_of_a_single_call(any_spec):
    many = batched(any_spec)
    for k in np.flatnonzero(many.code == 0):
        found, one = many[int(k)], alone(any_spec, int(k))
        assert_one_scale(found, any_spec)
        rough = {"rel": FITTED, "abs": FITTED, "nan_ok": True}
        named = ("params", "bse", "pvalues") if one.set_low is None else ()
        for name in named:
            assert getattr(found, name).index.equals(getattr(one, name).index)
            assert getattr(found, name).tolist() == pytest.approx(getattr(one, name).tolist(), **rough), name
        assert (found.cov is None) == (one.cov is None)
        if one.cov is not None:
            np.testing.assert_allclose(found.cov, one.cov, rtol=FITTED, atol=FITTED * np.diag(one.cov).max())
        heads = ["on the log scale" in e.summary() for e in (found, one)]
        assert heads[0] == heads[1]
        if isinstance(one.law, StudentT):
            assert found.confidence_interval(0.6) == pytest.approx(one.confidence_interval(0.6), rel=FITTED)
        elif one.conf_low is not None:
            with pytest.raises(DegenerateDataError, match=f"only that at level {one.conf_level} is kept"):
                found.confidence_interval(0.6)


def test_a_result_from_a_dictionary_stands_on_the_same_scales(any_spec):
    one = answered(any_spec)
    found = Estimate.from_dict(one.to_dict())
    assert found.to_dict() == one.to_dict()
    assert found.summary() == one.summary()
    if one.set_low is None:
        assert found.params.equals(one.params)
        assert found.bse.equals(one.bse)


def test_a_replicate_without_enough_people_is_its_own_code_alone(any_spec):
    if not isinstance(any_spec, Batched):
        return
    panel = replicates_for(any_spec)
    outcome, weight = panel.outcome.astype(float), np.ones(panel.outcome.shape[:2])
    outcome[0, 3, 1] = outcome[1, :, 1] = np.nan
    outcome[2] = panel.outcome[0]
    weight[2] = np.isin(np.arange(panel.n), [0, panel.n - 1] if panel.start is not None else [0])
    poor = replace(panel, outcome=outcome, weight=weight)
    kernel, loop = batch(any_spec, poor, rng=1), batch_by_loop(any_spec, poor, rng=1)
    assert_same_replicates(kernel, loop, rtol=FITTED if hasattr(any_spec, "nodes") else EXACT)
    assert kernel.code[0] == 0
    assert kernel.code[2] > 0
    assert kernel.tidy()["note"][0] == loop.tidy()["note"][0]


def test_a_replicate_in_which_no_managed_person_counts_is_its_own_code_alone(any_spec):
    panel = replicates_for(any_spec)
    managed = np.arange(panel.n) < panel.n // 2 if panel.start is None else panel.group
    weight = np.ones(panel.outcome.shape[:2])
    weight[1, managed] = 0
    first = [w.post for w in panel.windows].index(True)
    padded = replace(panel, weight=weight, start=np.ma.MaskedArray(np.full(panel.n, first), mask=~managed))
    many, loop = (run(any_spec, padded, rng=1, numbers=NUMBERED) for run in (batch, batch_by_loop))
    assert_same_replicates(many, loop, rtol=FITTED if hasattr(any_spec, "nodes") else EXACT)
    assert many.code[0] == 0
    assert (many.code[1] > 0) == (not isinstance(any_spec, Answer))  # a function may ask everybody
    assert many.notes[1] == loop.notes[1]
    last = replace(padded, outcome=panel.outcome[1], weight=weight[1])
    assert batch(any_spec, last, rng=1).code.tolist() == [many.code[1]]


def test_an_answer_where_people_of_one_group_change_all_alike_has_an_interval(any_spec):
    panel = replicates_for(any_spec)
    if panel.start is None or panel.kind != "count":
        return
    outcome = panel.outcome.copy()
    outcome[:2, :, 0] += 1
    outcome[0, panel.group], outcome[1, ~panel.group] = 2, 2
    many = batch(any_spec, replace(panel, outcome=outcome), rng=Streams(3), numbers=NUMBERED)
    answered = (many.code == 0) & ~np.isnan(many.estimate) & (many.interval != "none")
    for name in ("p_value", "conf_low", "conf_high"):
        assert not np.isnan(getattr(many, name)[answered]).any(), name
    for k in np.flatnonzero(many.code == 0):
        many[k].summary()


def test_people_who_count_in_part_are_not_said_to_be_left_out(any_spec):
    panel = people_for(any_spec)
    with suppress(IomCausalError):
        assert "left out" not in any_spec(replace(panel, weight=np.full(panel.n, 0.5)), rng=1).note


def test_a_block_in_which_nothing_can_be_answered_is_a_block_of_codes(any_spec):
    nothing = replicates_for(any_spec)
    if isinstance(alone(any_spec, 2), IomCausalError):
        many = batch(any_spec, replace(nothing, outcome=nothing.outcome[[2]]), rng=1)
        assert many.code.tolist() == [batched(any_spec).code[2]]
        assert "1 without a result (IOM-E" in repr(many)
