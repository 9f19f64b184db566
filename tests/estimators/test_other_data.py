"""The contract for the estimators that need comparison people, a covariate or a yes-or-no outcome."""

import pickle
from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from iom_causal.errors import IomCausalError, SpecError
from iom_causal.estimate import COLUMNS, ESTIMANDS, INTERVALS, SCALES, Estimate
from iom_causal.estimators.heterogeneity import Heterogeneity
from iom_causal.estimators.mcnemar import McNemar
from iom_causal.estimators.quasi_experiments.ancova import Ancova
from iom_causal.estimators.risk_difference import RiskDifference
from iom_causal.panel import Panel
from iom_causal.roles import Estimator, batch

ALL = {cls.__name__: cls for cls in (Ancova, Heterogeneity, McNemar, RiskDifference)}
SPECS = [
    Ancova(),
    Ancova("poisson", covariates="sex", level=0.9),
    Ancova(se="model"),
    Heterogeneity(),
    Heterogeneity(scale="difference", margin=2.0),
    Heterogeneity("area"),
    McNemar(),
    McNemar("mid_p"),
    McNemar("chi_square"),
    RiskDifference(),
    RiskDifference("newcombe", level=0.8),
]
EXACT = 1e-9  # sums in another order lose a few digits


def cohort(spec, *, outcome=None, order=None, weight=None, ids=None):
    rng = np.random.default_rng(20121101)
    rate = rng.gamma(2.0, 3.0, 60)
    made = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1) if outcome is None else outcome
    binary = isinstance(spec, (McNemar, RiskDifference))
    made = (made > 5).astype(int) if binary and outcome is None else made
    order = np.arange(60) if order is None else order
    start = np.ma.MaskedArray(np.ones(60, dtype=int), mask=np.arange(60) % 3 == 0)
    return Panel.from_arrays(
        made[order],
        kind="binary" if binary else "count",
        name="arrests",
        weight=weight,
        ids=ids,
        start=start[order] if isinstance(spec, Ancova) else None,
        covariates={
            "sex": np.array(list("fm"))[np.arange(60) % 2][order],
            "area": np.array(list("abcd"))[np.arange(60) % 4][order],
        },
    )


def numbers(result):
    names = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
    return np.array([np.nan if getattr(result, n) is None else getattr(result, n) for n in names])


@pytest.fixture(params=SPECS, ids=repr)
def spec(request):
    return request.param


def test_it_is_a_frozen_value(spec):
    assert is_dataclass(spec)
    assert isinstance(spec, Estimator)
    assert hash(spec) == hash(type(spec)(**{f.name: getattr(spec, f.name) for f in fields(spec)}))
    assert eval(repr(spec), dict(ALL)) == spec  # noqa: S307 our own repr
    assert pickle.loads(pickle.dumps(spec)) == spec  # noqa: S301 our own bytes
    with pytest.raises(FrozenInstanceError):
        spec.level = 0.5


def test_its_result_has_the_fixed_columns_and_known_words(spec):
    result = spec(cohort(spec), rng=1)
    assert tuple(result.tidy().columns) == COLUMNS
    assert result.estimand in ESTIMANDS
    assert result.scale in SCALES
    assert result.interval in INTERVALS
    assert (result.outcome, result.spec, result.n_input) == ("arrests", spec, 60)
    assert result.assumptions
    assert type(spec).reference
    assert result.pinned is None


def test_the_panel_is_not_changed(spec):
    panel, copy = cohort(spec), cohort(spec)
    spec(panel)
    assert panel.equals(copy)


def test_its_result_pickles_and_survives_a_dictionary(spec):
    result = spec(cohort(spec))
    assert pickle.loads(pickle.dumps(result)).row() == result.row()  # noqa: S301 our own bytes
    assert Estimate.from_dict(result.to_dict()).row() == result.row()


def test_a_wider_level_gives_a_wider_interval(spec):
    result = spec(cohort(spec))
    if result.law is None:
        assert result.notes
        return
    narrow, wide = result.confidence_interval(0.7), result.confidence_interval(0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert result.law.interval(result.conf_level) == pytest.approx((result.conf_low, result.conf_high), rel=EXACT)


def test_row_order_and_labels_change_nothing(spec):
    order = np.random.default_rng(1).permutation(60)
    other = cohort(spec, order=order, ids=np.array([f"p{i}" for i in range(60)]))
    assert numbers(spec(other)) == pytest.approx(numbers(spec(cohort(spec))), rel=EXACT, nan_ok=True)


def test_weights_repeat_people(spec):
    weight = 1 + np.arange(60) % 2
    weighted, repeated = cohort(spec, weight=weight), cohort(spec, order=np.repeat(np.arange(60), weight))
    assert numbers(spec(weighted)) == pytest.approx(numbers(spec(repeated)), rel=EXACT, nan_ok=True)


def test_data_in_the_constructor_get_the_call_to_write(spec):
    with pytest.raises(SpecError, match=rf"IOM-E097.*{type(spec).__name__}\(\)\(panel\)"):
        type(spec)(cohort(spec))


@pytest.mark.parametrize("pairs", [[0, 0], [1, 1], [0, 1], [1, 0]])
def test_degenerate_data_get_a_defined_value_or_a_typed_error(spec, pairs):
    try:
        result = spec(cohort(spec, outcome=np.tile(pairs, (60, 1))))
    except IomCausalError:
        return
    if result.estimate is None or result.conf_low is None:
        assert result.notes


def test_a_batch_equals_one_at_a_time(spec):
    panel = cohort(spec)
    block = Panel.from_arrays(
        np.stack([panel.outcome] * 2), kind=panel.kind, name="arrests", start=panel.start, covariates=panel.covariates
    )
    many = batch(spec, block, rng=1)
    assert many.estimate == pytest.approx(spec(panel).estimate, rel=EXACT)
    assert (many.code == 0).all()
