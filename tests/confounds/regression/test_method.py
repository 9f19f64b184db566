"""The methods for regression to the mean as values, and the flat settings of the lines that take them."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from iom_causal.base.setting_paths import get_path, replace_path
from iom_causal.base.specs import digest
from iom_causal.beliefs import LogNormal, Range
from iom_causal.beliefs.theta import belief_fields
from iom_causal.confounds import regression as room
from iom_causal.confounds.evidence import made
from iom_causal.confounds.regression import scores, to_mean
from iom_causal.confounds.regression.method import Method
from iom_causal.errors import SpecError
from iom_causal.windows import Selection

LAW = room.CareerLaw(rate=1.5, own_sd=0.7, drift_sd=0.6, return_rate=0.5, desistance=0.08)
RULE = Selection("arrests", ("before",), "at_least", "unknown", threshold=3)
LINES = {line: module.METHODS for line, module in ((room.RegressionToMean, to_mean), (room.ScoreRegression, scores))}
VALUES = (
    room.Auto(),
    room.Auto(comparable_mean=3.0, persistence=0.7),
    room.Pool(),
    room.Pool(drift="none"),
    room.ComparisonGroup(),
    room.ComparisonScores(),
    room.RobbinsZhang(),
    room.RobbinsZhang(comparable_mean=Range(2.0, 3.0), persistence=0.8, late=0.5),
    room.Linear(comparable_mean=LogNormal(2.2, 0.1)),
    room.Linear(comparable_mean=2.2, slope=0.4),
    room.GammaPoisson(comparable_mean=3.0, shape=1.2),
    room.Lognormal(comparable_mean=1.65),
    room.DesistingCareers(drift="model", careers=LAW, desistance=0.1),
    room.EarlierRule(),
    room.Mirror(),
    room.OwnHistory(),
    room.LatentRate(),
    room.LatentRate(persistence=Range(0.8, 1.0)),
    room.AtEvent(events=LogNormal(1.0, 0.35)),
    room.AtCut(sem=30.0, grid=20.0, bin_width=5.0),
    room.NormalScores(reliability=Range(0.7, 0.9)),
)


def line_of(value):
    return getattr(room, value.confound)


def settings(value):
    return {f.name: getattr(value, f.name) for f in fields(value)}


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_method_and_its_flat_settings_are_one_line(value):
    line = line_of(value)
    spec = line.of(value)
    assert spec == line(method=value.name, **settings(value))
    assert digest(spec) == digest(line(method=value.name, **settings(value)))
    assert spec.model == value
    assert belief_fields(spec) == tuple(f.name for f in fields(line) if f.name in belief_fields(value))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_method_is_a_frozen_value_that_prints_as_its_constructor(value):
    assert eval(repr(value), vars(room) | {"LogNormal": LogNormal, "Range": Range}) == value  # noqa: S307 our own text
    assert hash(value) == hash(replace(value))
    with pytest.raises(FrozenInstanceError):
        value.late = 1.0


def test_every_method_is_listed_and_its_settings_are_those_of_its_line():
    methods = {kind for kind in vars(room).values() if isinstance(kind, type) and issubclass(kind, Method)}
    assert methods == {type(value) for value in VALUES} == {kind for of in LINES.values() for kind in of.values()}
    for line, of in LINES.items():
        own = {f.name: f.type for f in fields(line)}
        used = {f.name for kind in of.values() for f in fields(kind)}
        assert used == own.keys() - {"method", "selection"}
        assert all(kind.confound == line.__name__ and kind.name == name for name, kind in of.items())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: room.Linear(comparable_mean=-1.0), "IOM-E092: Linear comparable_mean: expected a number above 0"),
        (lambda: room.Linear(comparable_mean=None), "IOM-E092: Linear comparable_mean"),
        (lambda: room.GammaPoisson(comparable_mean=1.0), "IOM-E096: .*method 'gamma_poisson' needs shape"),
        (lambda: room.GammaPoisson(persistence=0.5), "IOM-E096: .*method 'gamma_poisson' needs comparable_mean"),
        (lambda: room.DesistingCareers(careers=LAW), "IOM-E092: RegressionToMean careers: only for"),
        (lambda: room.DesistingCareers(drift="up"), "IOM-E093: RegressionToMean drift"),
        (lambda: room.Pool(drift="model"), "IOM-E093: RegressionToMean drift"),
        (lambda: room.RegressionToMean(drift="own"), "IOM-E092: RegressionToMean method 'auto' does not use drift"),
        (lambda: room.AtCut(sem=1.0, grid=-1.0), "IOM-E092: ScoreRegression: expected a grid"),
        (lambda: room.RegressionToMean.of(room.AtCut(sem=1.0)), r"IOM-E092: RegressionToMean\.of: expected one of its"),
        (lambda: room.RegressionToMean.of(room.Linear), "IOM-E092: .*got the class Linear"),
        (
            lambda: room.RegressionToMean(method="none", slope=0.5, shape=1.0),
            "IOM-E092: RegressionToMean method 'none' does not use shape, slope",
        ),
        (lambda: room.RegressionToMean(method="at_event"), "IOM-E096: RegressionToMean method 'at_event' needs events"),
        (lambda: room.ScoreRegression(sem=1.0, reliability=0.5), "IOM-E092: .*'at_cut' does not use reliability"),
    ],
)
def test_what_a_method_does_not_take_is_refused_in_one_wording(make, message):
    with pytest.raises(SpecError, match=message):
        make()


def test_settings_are_read_varied_and_found_by_their_flat_names():
    spec = made(room.RegressionToMean, {"method": "linear", "comparable_mean": 5}, "study")
    assert spec == room.RegressionToMean.of(room.Linear(comparable_mean=5.0))
    assert replace(spec, comparable_mean=2.0).model == room.Linear(comparable_mean=2.0)
    path = "regression_to_mean.comparable_mean"
    assert get_path((spec,), path) == 5
    assert replace_path((spec,), path, 2.0)[0].model == room.Linear(comparable_mean=2.0)
    assert room.RegressionToMean.of(room.RobbinsZhang(), selection=RULE).late == Range(0.0, 1.0)
    assert room.RegressionToMean.of(room.Mirror(), selection=RULE).late is None
