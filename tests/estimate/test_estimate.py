"""One estimate: its table, equality, intervals, text and pictures, and what is refused."""

import json
import pickle

import numpy as np
import pytest
from scipy import stats

from iom_causal.base.equality import same
from iom_causal.errors import DegenerateDataError, NotIdentifiedError
from iom_causal.estimate import COLUMNS, Estimate, Part
from iom_causal.estimators import RateRatio
from iom_causal.estimators.compare import compare
from iom_causal.intervals import Draws
from iom_causal.panel import Panel
from tests.estimate.example import make
from tests.work import calls


def test_the_table_has_the_fixed_columns():
    assert tuple(make().tidy().columns) == COLUMNS


def test_nan_is_never_a_result():
    with pytest.raises(AssertionError, match="NaN"):
        make(estimate=float("nan"))


def test_the_first_line_says_what_on_whom_and_for_what():
    first = make().summary().splitlines()[0]
    assert first.startswith("arrests, after - before; 187 of 225 people; exposure not used")


def test_a_wider_level_gives_a_wider_interval():
    e = make()
    low, high = e.confidence_interval(0.99)
    assert low < e.confidence_interval(0.9)[0]
    assert high > e.confidence_interval(0.9)[1]
    assert e.confidence_interval() == (-5.0, -1.0)


def test_no_law_no_other_level():
    with pytest.raises(DegenerateDataError, match="nobody changed"):
        make(law=None, conf_low=None, conf_high=None, notes=("nobody changed",)).confidence_interval(0.9)
    with pytest.raises(DegenerateDataError, match=r"only that at level 0\.95 is kept"):
        make(law=None, notes=("3 people were left out",)).confidence_interval(0.9)


def test_terms_read_as_statsmodels_spells_them():
    parts = (Part("post", -0.6, 0.1), Part("age", 0.2, 0.05))
    e = make(parts=parts, cov=np.diag([0.01, 0.0025]), df=None)
    assert e.params["age"] == 0.2
    assert e.bse["post"] == 0.1
    assert e.cov_params().loc["age", "age"] == 0.0025
    assert e.conf_int(0.05).loc["post", "conf_high"] == pytest.approx(-0.6 + 1.959963984540054 * 0.1, rel=1e-12)
    assert list(make().params.index) == ["after - before"]


COLUMNS_AND_MORE = {*COLUMNS, "exposure", "assumptions", "notes", "diagnostics", "parts", "cov", "coefficient"}


MADE_BY = {"law", "spec", "held", "native", "pinned"}


AS_STATSMODELS = {"params", "bse", "pvalues", "conf_int", "cov_params"}


VERBS = {"tidy", "row", "confidence_interval", "summary", "plot", "to_dict", "from_dict"}


OF_PEOPLE = {"people_columns", "free_columns", "solving_columns", "telling_columns", "figure_columns"}


def test_attributes_are_spelt_as_the_columns_or_as_statsmodels_spells_them():
    public = {name for name in dir(make()) if not name.startswith("_")}
    assert public == COLUMNS_AND_MORE | MADE_BY | AS_STATSMODELS | VERBS | OF_PEOPLE


def test_a_ratio_is_tabled_by_its_log():
    pairs = [[3, 1], [4, 2], [9, 3], [0, 2], [5, 1], [6, 2]]
    e = RateRatio()(Panel.from_arrays(pairs))
    name, (before, after) = "log(after / before)", np.sum(pairs, axis=0)
    assert e.params[name] == pytest.approx(np.log(after / before), rel=1e-12)
    ends = e.params[name] + np.array([-1, 1]) * stats.t.isf(0.025, 5) * e.bse[name]
    assert e.conf_int().loc[name].tolist() == pytest.approx(ends.tolist(), rel=1e-12)
    assert e.cov_params().loc[name, name] == pytest.approx(e.std_error**2, rel=1e-12)


def test_no_interval_at_another_level_is_told_and_not_nan():
    bounds = make(estimate=None, std_error=None, set_low=-4.0, set_high=-2.0, law=None, interval="bounds")
    assert bounds.conf_int().iloc[0].tolist() == [-5.0, -1.0]
    for wanted in (lambda: bounds.conf_int(0.1), bounds.cov_params):
        with pytest.raises(DegenerateDataError, match="IOM-E065"):
            wanted()


def test_a_set_has_no_coefficient_and_says_where_its_ends_are():
    bounds = make(estimate=None, std_error=None, set_low=-4.0, set_high=-2.0, law=None, interval="bounds")
    for wanted in ("params", "bse", "pvalues"):
        with pytest.raises(NotIdentifiedError, match=r"IOM-E068.* read set_low and set_high"):
            getattr(bounds, wanted)


def test_set_and_interval_are_each_named_wherever_a_set_is_shown():
    both = make(estimate=None, std_error=None, set_low=-4.0, set_high=-2.0, law=None, interval="bounds")
    told = "set [-4, -2], 95% interval around it [-5, -1]"
    assert told in repr(both)
    assert told in both._repr_html_()
    assert told in both.summary()
    assert "(95%" not in both.summary()
    assert told in compare({"a": both}).summary()
    legend = both.plot().get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["set", "95% interval"]
    alone = make(estimate=None, std_error=None, set_low=-4.0, set_high=-2.0, conf_low=None, conf_high=None, law=None)
    assert repr(alone).endswith("set [-4, -2])")
    assert make().plot().get_legend() is None


def test_coefficients_have_standard_errors_in_the_summary():
    parts = (Part("post", -0.6, 0.1), Part("age", 0.2))
    logs = make(scale="ratio", std_error_scale="log", parts=parts, cov=np.diag([0.01, 0.0]), coefficient="post")
    assert "coefficients, on the log scale:\npost: -0.6 (SE 0.1)\nage: 0.2" in logs.summary()
    assert "log" not in make(parts=parts, cov=np.diag([0.01, 0.0])).summary()
    assert "post: -0.6 (SE of the log 0.1)" in make(scale="ratio", std_error_scale="log", parts=parts).summary()


def test_equality_goes_into_arrays_and_leaves_the_library_s_object_out():
    a, b = (make(cov=np.array([[1.0, np.nan]]), law=Draws(np.arange(3.0)), held=object()) for _ in range(2))
    assert a == b
    assert hash(a) == hash(b)
    assert a != make(cov=np.array([[1.0, 2.0]]), law=Draws(np.arange(3.0)))
    assert Draws(np.arange(3.0)) != Draws(np.arange(4.0))
    assert same((1, [np.ma.MaskedArray([1, 2], [True, False])]), (1, [np.ma.MaskedArray([7, 2], [True, False])]))
    assert not same({"y": np.arange(2)}, {"y": np.arange(2.0)})


def test_a_result_survives_json_and_pickle():
    e = make(diagnostics={"phi": np.float64(1.78)}, notes=("a", "b"), parts=(Part("post", 1.0),))
    again = Estimate.from_dict(json.loads(json.dumps(e.to_dict())))
    assert again.row() == e.row()
    assert again.note == "a; b"
    assert pickle.loads(pickle.dumps(e)).row() == e.row()  # noqa: S301 our own bytes


def test_html_is_escaped():
    assert "<script>" not in make(outcome="<script>")._repr_html_()


def test_a_bare_estimate_is_cheap():
    assert calls(make) < 50  # five; a frame or an array built too early makes hundreds


def test_a_fitted_object_may_be_made_when_it_is_first_asked_for():
    class Later:
        asked = 0

        def made(self):
            self.asked += 1
            return "the fit"

    later = Later()
    e = make(held=later)
    assert later.asked == 0
    assert e.native == "the fit"
    assert later.asked == 1
    assert make(held="a fit").native == "a fit"
    assert make().native is None
