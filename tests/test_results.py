"""Every result type against every clause of the contract: a table, text, a picture, and columns that tell numbers."""

import ast
import pickle
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from iom_causal.analysis import change
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.rehearsal.rehearsal import Rehearsal, Rehearsed
from iom_causal.analysis.sensitivity.specifications import specification_curve
from iom_causal.analysis.sensitivity.what_to_ask import what_to_ask
from iom_causal.analysis.steps import Results
from iom_causal.base.result import Result, table
from iom_causal.bayes import BiasModel, posterior_sweep
from iom_causal.bayes.calibration import SimulatedRanks
from iom_causal.bayes.checks import Convergence, LeaveOneOut, PowerScaling, PredictiveCheck
from iom_causal.beliefs import LogNormal, Range
from iom_causal.confounds import Detection
from iom_causal.data.events.flow import ROLES, Flow, Step
from iom_causal.data.events.quality import Check, DataQuality
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.designs.design import Design
from iom_causal.designs.diagnose import diagnose
from iom_causal.designs.figures import Figure
from iom_causal.designs.sizes import Checked, SampleSize
from iom_causal.estimate import Estimate
from iom_causal.estimators import PairedT, RateRatio, SignFlip, designs_for
from iom_causal.estimators.average_comparisons import AverageComparisons
from iom_causal.estimators.compare import compare
from iom_causal.evaluation import Evaluation, study_curves, study_sensitivity
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.null.calibrate import null_calibration
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.audit.findings import Finding, Findings
from iom_causal.published.audit.folder import AuditedFolder, Verdicts
from iom_causal.published.rebuild.bounds import CountBounds
from iom_causal.published.study import load_published
from iom_causal.report.rehearsed import DressRehearsal
from iom_causal.report.render.page import Page
from iom_causal.roles import batch
from iom_causal.sensitivity.biases import ConfoundingBias
from iom_causal.sensitivity.e_value import EValue
from iom_causal.sensitivity.frontier import frontier
from iom_causal.sensitivity.lee_bounds import lee_bounds
from iom_causal.sensitivity.manski_bounds import manski_bounds
from iom_causal.sensitivity.negative_control import negative_control
from iom_causal.sensitivity.placebo_dates import placebo_dates
from iom_causal.sensitivity.regression_tipping import regression_tipping
from iom_causal.sensitivity.robustness_value import robustness_value
from iom_causal.sensitivity.rosenbaum import rosenbaum_bounds
from iom_causal.sensitivity.selection_plausibility import selection_plausibility
from iom_causal.sensitivity.several_biases import several_biases
from iom_causal.sensitivity.surface import surface
from iom_causal.sensitivity.sweep import sweep
from iom_causal.sensitivity.tipping import Tipping
from iom_causal.sensitivity.volunteer_bounds import volunteer_bounds
from iom_causal.simulate import BeforeAfter, Careers, att_difference, att_ratio
from iom_causal.simulate.calibration.calibrate import Calibrated, Calibration
from iom_causal.simulate.contributions import Contribution, Contributions
from iom_causal.windows import Selection, Window

PACKAGE = Path(__file__).parents[1] / "iom_causal"
ODD = "<b>arrests</b> & more"


def panel():
    return Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1], [2, 3]], name=ODD)


def two_groups():
    start = np.ma.MaskedArray([1] * 6, mask=[False] * 3 + [True] * 3)
    rows = [[5, 2], [3, 1], [4, 4], [6, 1], [2, 3], [1, np.nan]]
    return Panel.from_arrays(rows, start=start, missing="keep", name=ODD)


def moments(n=225):
    return Moments.from_summary(n=n, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name=ODD)


def block():
    return Panel.from_arrays([[[5, 2], [3, 1], [4, 4]], [[1, 1], [2, 2], [3, 3]], [[2, 1], [4, 4], [9, 1]]], name=ODD)


def bounds(low):
    return CountBounds(outcome=ODD, feature="went up", low=low, high=9.0, low_attained=low, high_attained=None, nodes=3)


def histories(*, managed):
    windows = (Window("earlier"), Window("before"), Window("after", post=True))
    start = np.ma.MaskedArray(np.full(40, 2), mask=np.arange(40) >= managed)
    counts = np.array([[k % 4, 6 + k % 5 if k < managed else k % 3, 2] for k in range(40)])
    rule = Selection(ODD, ("before",), "at_least", "at_boundary", threshold=6)
    return Panel.from_arrays(counts, windows=windows, start=start, selection=rule, name=ODD)


def yearly(*, people):
    windows = [Window(f"{k}", 365 * k, 365 * (k + 1), post=k >= 0) for k in range(-6, 1)]
    counts = np.random.default_rng(1).poisson(4, (60, 7))
    if people == 1:
        return Panel.from_arrays(counts.sum(0)[None], windows=windows, name=ODD)
    start = np.ma.MaskedArray(np.full(60, 6), mask=counts[:, 5] < 5)
    rule = Selection(ODD, ("-1",), "at_least", "at_boundary", threshold=5)
    return Panel.from_arrays(counts, windows=windows, start=start, selection=rule, name=ODD)


def world(ratio):
    figures = (6.8, 4.7, 3.6, 3.7, 0.5)
    return Calibrated(
        ratio=ratio,
        careers=Careers(people=10),
        pool_share=0.1,
        pool_mean=2.0,
        fitted=figures,
        misses=(0.1,) * 5,
        miss_errors=(0.02,) * 5,
        checks=(),
    )


def findings(verdict):
    row = Finding(
        id="n:a",
        check="n",
        subject=ODD,
        verdict=verdict,
        claimed="1",
        computed="2",
        sentence="One is printed.",
        why="few" if verdict == "uninformative" else "",
        reconcile="two" if verdict == "inconsistent" else "",
    )
    return Findings((row,), title=ODD)


def evaluation(*estimates):
    page = Page(title=ODD, subtitle="", synthetic=False, lead=("One.",), can_say=(), cannot_say=(), sections=())
    results = Results({change.run: change.Change(estimates=estimates)})
    return Evaluation(subject=PublishedTable(study=load_published("template")), results=results, page=page, seed=1)


MARKED = {"outcome": ODD, "method": "a check", "notes": ("look at it",)}


def predictive(replicated):
    replicated = {"highest before": np.arange(9.0)} | replicated
    return PredictiveCheck(**MARKED, given="posterior", observed=dict.fromkeys(replicated, 3.0), replicated=replicated)


def a_design(*estimators):
    return Design(
        Careers(people=10, rate=2.0), [att_ratio, att_difference], {"<b>one & only": BeforeAfter()}, list(estimators)
    )


def a_size(n):
    figure = Figure(-0.1, 0.01, np.zeros(2), 2)
    return SampleSize(
        answer=ODD,
        measure="rmse",
        target=0.1,
        n=n,
        first=90,
        by="scaling a pilot",
        bias=figure,
        reason="too far" if n == np.inf else "",
        checked=() if n == np.inf else (Checked(90, 0.1, 0.01),),
    )


def a_rehearsal(*worlds):
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("before", "after"))
    windows = tuple(ExtractWindow(label=label, post=label == "after") for label in outcome.columns)
    study = Study(title=ODD, extract=Extract(file="people.csv", id="id", outcomes=(outcome,), windows=windows))
    rows = tuple(
        Rehearsed(
            world=w,
            about=w,
            outcome=ODD,
            kind="count",
            scale="ratio",
            worlds=4,
            said={"open": 3, "fall remains": 1},
            truth=1.0,
            observed=0.6,
            fell=4,
        )
        for w in worlds
    )
    return DressRehearsal(found=Rehearsal(study=study, people=200, seed=1, rate=2.0, rows=rows))


SOFT_SET = Ledger((Detection(ratio=Range(0.8, 1.0)),), draws=200)
MADE = {
    "Estimate": lambda: (PairedT()(panel()), SignFlip()(panel(), rng=1)),
    "Estimate of a ledger": lambda: (Ledger(draws=200)(panel(), rng=1), SOFT_SET(panel(), rng=1)),
    "Estimates": lambda: (batch(PairedT(), block()), batch(SOFT_SET, block(), rng=1)),
    "Comparison": lambda: (
        compare({"one": PairedT()(panel())}),
        compare({"t": PairedT()(panel()), "flip": SignFlip()(panel(), rng=1)}),
    ),
    "DesignOptions": lambda: (designs_for(panel()), designs_for(histories(managed=12))),
    "AverageComparisons": lambda: (
        AverageComparisons(RateRatio()(panel()), PairedT()(panel())),
        AverageComparisons(None, PairedT()(panel())),
    ),
    "AuditedFolder": lambda: (
        AuditedFolder((Verdicts(paper=f"{ODD}.toml", checks=3, consistent=1, inconsistent=1, not_checked=1),)),
        AuditedFolder((Verdicts(paper="one.toml"), Verdicts(paper="two.toml", not_read=ODD))),
    ),
    "Findings": lambda: (findings("inconsistent"), findings("uninformative")),
    "NullCalibration": lambda: (
        null_calibration(moments(), rng=1, sims=100, ratios=(0.66, 0.8)),
        null_calibration(moments(90), rng=1, sims=100, ratios=(0.7,)),
    ),
    "PlaceboDates": lambda: (
        placebo_dates(yearly(people=60)),
        placebo_dates(yearly(people=1)),
    ),
    "RegressionTipping": lambda: (regression_tipping(moments()), regression_tipping(moments(90))),
    "Request": lambda: (what_to_ask(moments()), what_to_ask(moments(90))),
    "SelectionPlausibility": lambda: (
        selection_plausibility(histories(managed=15)),
        selection_plausibility(histories(managed=40)),
    ),
    "CountBounds": lambda: (bounds(0.0), bounds(4.0)),
    "Tipping": lambda: (
        Tipping("detection.ratio", 0.53, 1.0, (0.02, 50.0), 0.53),
        Tipping("history.ratio", None, 1.0, (0.5, 2.0), 0.53, 0.6, 2.0, in_some_cases=True),
    ),
    "NegativeControl": lambda: (
        negative_control(panel(), panel(), shares=("c01",), same_people=True),
        negative_control(PairedT()(panel()), PairedT()(panel())),
    ),
    "SpecificationCurve": lambda: (
        specification_curve(panel(), choices={"detection": {"same": None, "less": Detection(ratio=0.9)}}),
        specification_curve(moments(), choices={"detection": {"less": Detection(ratio=Range(0.8, 0.9))}}),
    ),
    "RosenbaumBounds": lambda: (
        rosenbaum_bounds(panel(), gammas=(1, 2, 3)),
        rosenbaum_bounds(panel(), "conditional binomial", alternative="less"),
    ),
    "StudySensitivity": lambda: tuple(
        study_sensitivity("template", swept=swept) for swept in ({}, {"detection.ratio": (0.5, 1.0)})
    ),
    "StudyCurves": lambda: (study_curves("template"), study_curves("sleath-brown-2017", outcome="arrests")),
    "EValue": lambda: (EValue(3.2, 2.77), EValue(1.0, None)),
    "SeveralBiases": lambda: (several_biases(0.5, high=0.8), several_biases(1.0, biases=[ConfoundingBias()])),
    "RobustnessValue": lambda: (
        robustness_value(-4.0, df=50, estimate=-2.0, benchmarks={ODD: (0.05, 0.1), "all": (0.6, 0.1)}),
        robustness_value(0.0, df=5),
    ),
    "ManskiBounds": lambda: (
        manski_bounds(panel(), support=(0, 9)),
        manski_bounds(moments(90), support=(0, 60)),
    ),
    "LeeBounds": lambda: (
        lee_bounds(two_groups()),
        lee_bounds(two_groups(), outcome="after"),
    ),
    "VolunteerBounds": lambda: (volunteer_bounds(positive=6, n=10), volunteer_bounds(positive=0, n=1, odds=(1, 1))),
    "Calibration": lambda: (
        Calibration(moments=moments(), worlds=(world(0.8), world(1.0)), seed=1),
        Calibration(moments=moments(), worlds=(world(1.0),), seed=None),
    ),
    "Evaluation": lambda: (evaluation(PairedT()(panel()), RateRatio()(panel())), evaluation(PairedT()(panel()))),
    "Sweep": lambda: (
        sweep(Ledger([Detection()], draws=200), panel(), "detection.ratio", (0.4, 1.0), points=5),
        sweep(PairedT(), panel(), "level", (0.8, 0.9), points=2, interval=False),
    ),
    "Surface": lambda: tuple(
        surface(
            Ledger([Detection()], draws=200),
            panel(),
            {"detection.ratio": (0.4, 1.0), "detection.false_post": (0.0, 0.3)},
            points=4,
            interval=asked,
        )
        for asked in (True, False)
    ),
    "Frontier": lambda: tuple(
        frontier(Ledger([Detection(ratio=LogNormal(0.9, sd))]), moments()) for sd in (0.2, 0.001)
    ),
    "PosteriorSweep": lambda: tuple(
        posterior_sweep(
            BiasModel((Detection(),), draws=200), moments(), "detection.ratio", low=low, high=1.0, points=3, rng=1
        )
        for low in (0.3, 0.9)
    ),
    "PredictiveCheck": lambda: (predictive({}), predictive({"zeros before": np.arange(9.0)})),
    "LeaveOneOut": lambda: tuple(
        LeaveOneOut(**MARKED, elpd=-9.5, std_error=1.2, p=2.0, pareto_k=np.array(k), highest_k=0.7, native=None)
        for k in ([0.1, 0.2], [0.1, 0.9])
    ),
    "PowerScaling": lambda: tuple(
        PowerScaling(**MARKED, prior={"log_ratio": v}, likelihood={"log_ratio": 0.1}, threshold=0.05)
        for v in (0.01, 0.2)
    ),
    "Convergence": lambda: (
        Convergence(**MARKED, sampler="nutpie", figures={"r_hat": 1.02, "ess_bulk": 500.0}),
        Convergence(**MARKED, sampler="importance", figures={"pareto_k": 0.2, "effective_draws": 900.0}),
    ),
    "SimulatedRanks": lambda: tuple(
        SimulatedRanks(
            model="example",
            given="prior",
            quantities=("theta",),
            ranks=ranks,
            pit=(ranks + 0.5) / 100,
            draws=99,
            code=np.zeros(len(ranks), dtype=int),
        )
        for ranks in (np.arange(100)[:, None], np.zeros((100, 1), dtype=int))
    ),
    "Drawn": lambda: (a_design(RateRatio()).draw(1), a_design(RateRatio(), PairedT()).draw(1)),
    "Diagnosis": lambda: tuple(
        diagnose(design, sims=4) for design in (a_design(RateRatio()), a_design(RateRatio(), PairedT()))
    ),
    "DressRehearsal": lambda: (a_rehearsal("picking alone"), a_rehearsal("picking alone", "half off")),
    "SampleSize": lambda: (a_size(90), a_size(np.inf)),
    "Contributions": lambda: (
        Contributions({"history": Contribution("history", -0.2, -0.21, 0.01)}),
        Contributions({n: Contribution(n, 0.1, 0.1, 0.0) for n in ("ageing", "detection")}),
    ),
    "Flow": lambda: (
        Flow((Step("people", ODD, "all", 9), Step("people", "used", "used", 9))),
        Flow(tuple(Step("events", role, role, k) for k, role in enumerate(ROLES))),
    ),
    "DataQuality": lambda: (
        DataQuality(checks=(Check("events", ODD, 1, 9, odd=True),), months=(("2019-01", 9),)),
        DataQuality(checks=(Check("people", "odd", 0, 0),)),
    ),
}
SHARED = "Check"
"""What results of one kind share; it has no table of its own."""
NAMED_AS_PRINTED = {"Calibration"}
"""Whose table names figures as the published table does."""
ENDS_OF_NUMBERS_OF_PEOPLE = {"CountBounds"}
"""Whose ends are of no set of values that may remain."""


@cache
def made(name):
    return MADE[name]()


@pytest.fixture(params=MADE)
def pair(request):
    return made(request.param)


def test_every_class_with_a_table_of_its_own_is_a_result_and_is_here():
    classes = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name != "Result"
    ]
    with_table = {c.name for c in classes if any(isinstance(f, ast.FunctionDef) and f.name == "tidy" for f in c.body)}
    family = {"Result", SHARED}
    derived = {c.name for c in classes if any(isinstance(b, ast.Name) and b.id in family for b in c.bases)}
    assert with_table == derived - {SHARED} == {type(result).__name__ for name in MADE for result in made(name)}


def test_the_ends_of_a_set_are_called_as_those_of_an_estimate(pair):
    if type(pair[0]).__name__ not in ENDS_OF_NUMBERS_OF_PEOPLE:
        assert {"low", "high"}.isdisjoint(pair[0].tidy().columns)


def test_its_table_has_fixed_columns_in_snake_case(pair):
    first, second = (result.tidy() for result in pair)
    assert list(first.columns) == list(second.columns)
    assert len(first) > 0
    if type(pair[0]).__name__ not in NAMED_AS_PRINTED:
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in first.columns)
    assert first.equals(pair[0].tidy())


def test_its_text_says_something_and_is_what_a_notebook_shows_with_nothing_of_it_read_as_markup(pair):
    for result in pair:
        assert isinstance(result, Result)
        assert result.summary().strip()
        assert result.summary() == result.summary()
        shown = result._repr_html_()
        assert "<b>" not in shown
        assert shown.startswith(("<pre>", "<table>"))
        if ODD in result.summary():
            assert "&lt;b&gt;arrests&lt;/b&gt; &amp; more" in shown


def test_it_is_drawn_on_the_axes_that_are_given_or_on_its_own(pair):
    for result in pair:
        ax = Picture().add_subplot()
        before = len(ax.get_children())
        assert result.plot(ax) is ax
        assert len(ax.get_children()) > before
        own = result.plot()
        assert isinstance(own, Axes)
        assert own is not ax


def test_the_columns_that_tell_numbers_of_people_are_columns_of_its_table(pair):
    for result in pair:
        kind = type(result)
        declared = (*kind.people_columns, *kind.free_columns, *kind.solving_columns, *kind.telling_columns)
        assert len(set(declared)) == len(declared)
        assert set(declared) <= set(result.tidy().columns)


@pytest.mark.parametrize("name", ["Estimate", "Tipping", "EValue", "CountBounds", "Contributions"])
def test_it_survives_a_pickle(name):
    for result in made(name):
        again = pickle.loads(pickle.dumps(result))  # noqa: S301 our own bytes
        assert again == result
        assert type(again) is type(result)


def test_results_of_estimates_declare_the_same_columns():
    for name in ("Estimates", "Comparison", "AverageComparisons"):
        kind = type(made(name)[0])
        assert kind.people_columns == Estimate.people_columns == ("n_input", "n_used")
        assert kind.solving_columns == Estimate.solving_columns
        assert kind.telling_columns == Estimate.telling_columns


def test_an_estimate_keeps_its_slots():
    assert not hasattr(made("Estimate")[0], "__dict__")


def test_a_result_without_one_of_the_three_cannot_be_made():
    class NoPicture(Result):
        def tidy(self):
            return table([], ["one"])

        def summary(self):
            return "one"

    with pytest.raises(TypeError, match="abstract method 'plot'"):
        NoPicture()


def test_the_text_of_a_batch_counts_replicates_without_a_result():
    some = made("Estimates")[0]
    assert some.summary().splitlines()[0].endswith("3 replicates, 1 without a result (IOM-E062)")
    assert some.summary().splitlines()[1].startswith("estimates from ")


def test_a_pair_of_strengths_on_the_curve_of_an_e_value_explains_as_much_as_the_even_pair():
    e = EValue(3.2, 2.77)
    x, y = e.plot().lines[0].get_data()
    bias = e.estimate**2 / (2 * e.estimate - 1)
    assert (x * y / (x + y - 1))[y > 1] == pytest.approx(bias, rel=1e-9)
