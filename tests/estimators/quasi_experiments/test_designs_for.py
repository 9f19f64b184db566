"""designs_for: what it says a panel carries is what its designs do, and they refuse with the words that it says."""

from contextlib import suppress
from dataclasses import fields, replace

import numpy as np
import pytest

from iom_causal.errors import InputError, IomCausalError, NotIdentifiedError
from iom_causal.estimators import (
    Ancova,
    DiffInDiff,
    Discontinuity,
    EventStudy,
    InterruptedTimeSeries,
    Matched,
    SteppedWedge,
    SyntheticControl,
    designs_for,
)
from iom_causal.estimators.quasi_experiments.designs_for import COLUMNS, OF_COUNTS, OF_VALUES
from iom_causal.estimators.shared.requirements import QuasiExperiment
from iom_causal.inputs.clusters import unknown
from iom_causal.inputs.comparison import SET_ASIDE
from iom_causal.panel import Panel
from iom_causal.windows import Window

MONTHS = tuple(Window(str(k), 30 * k, 30 * k + 30, post=k >= 0) for k in range(-24, 12))


def two_windows(managed=30, n=80, **settings):
    rng = np.random.default_rng(4)
    rate = rng.gamma(2.0, 2.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) >= managed)
    return Panel.from_arrays(pairs, name="arrests", start=start, **settings)


def months(starts=(24,), n=90):
    rng = np.random.default_rng(5)
    counts = rng.poisson(rng.gamma(2.0, 0.3, n)[:, None] * np.ones(len(MONTHS)))
    start = np.ma.MaskedArray(np.resize(starts, n), mask=np.arange(n) % 3 == 0)
    return Panel.from_arrays(counts, name="arrests", windows=MONTHS, start=start)


PANELS = {
    "two groups": two_windows(),
    "one group": replace(two_windows(), start=None),
    "nobody managed": two_windows(managed=0),
    "scores": replace(two_windows(), kind="score"),
    "months": months(),
    "staggered months": months((20, 24, 28)),
    "managed from the first": months((0,)),
}


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_a_design_that_is_carried_answers_and_another_refuses_with_what_it_lacks(panel):
    options = designs_for(panel)
    for option in options.options:
        if option.carried:
            assert option.design(panel, rng=1).estimand == option.estimand
        else:
            lacking = option.lacking[0]
            with pytest.raises(NotIdentifiedError, match="IOM-E068") as refused:
                option.design(panel, rng=1)
            assert lacking.necessary
            assert lacking.message in str(refused.value)


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_it_counts_nobody(panel):
    doubled = replace(panel, weight=np.full(panel.n, 2))
    assert designs_for(doubled).tidy().equals(designs_for(panel).tidy())


def test_every_design_says_what_must_hold():
    for design in (*OF_COUNTS, *OF_VALUES):
        assert isinstance(design, QuasiExperiment)
        assert design.identification[0].islower()
        assert not design.identification.endswith(".")
        assert 1 <= design.maryland <= 5


def test_its_table_words_and_picture():
    options = designs_for(PANELS["one group"])
    assert list(options.tidy().columns) == list(COLUMNS)
    assert "DiffInDiff(): the data do not carry it" in options.summary()
    assert "lacks: there are no comparison people; bring them" in options.summary()
    assert options.plot().get_yticklabels()[0].get_text() == "DiffInDiff()"
    assert designs_for(PANELS["two groups"]).carried[0] == OF_COUNTS[0]


def test_it_takes_a_panel():
    with pytest.raises(InputError, match="IOM-E035"):
        designs_for([[1, 2]])


N = 80
COVARIATES = {
    "text": np.array([*"abcdefgh"])[np.arange(N) // 2 % 8],
    "text with none": np.where(np.arange(N) < 9, None, np.array([*"abcdefgh"], dtype=object)[np.arange(N) // 2 % 8]),
    "text that is empty": np.array(["", "missing", *"abcdef"])[np.arange(N) // 2 % 8],
    "bool": np.arange(N) // 2 % 3 == 0,
    "missing": np.full(N, np.nan),
    "missing for some": np.where(np.arange(N) < 9, np.nan, np.arange(N) // 2 % 8),
    "missing text": np.full(N, None, dtype=object),
    "constant": np.ones(N),
    "constant text": np.full(N, "a"),
    "dates": np.datetime64("2019-01-01") + np.arange(N) // 2 % 8,
    "replicates": np.arange(3 * N).reshape(3, N) // 2 % 7,
}
NAMING = {"cluster": "x", "unit": "x", "running": "x", "exact": ("x",), "covariates": "x"}
"""Settings that name a covariate."""


def that_name_a_covariate():
    for design in {type(d): d for d in OF_COUNTS}.values():
        names = {f.name for f in fields(design)}
        more = {"by_lot": True} if "by_lot" in names else {"cutoff": 1.0} if "cutoff" in names else {}
        for name in sorted(names & set(NAMING)):
            yield replace(design, **{name: NAMING[name]}, **more)


@pytest.mark.parametrize("covariate", COVARIATES.values(), ids=COVARIATES)
@pytest.mark.parametrize("design", list(that_name_a_covariate()), ids=lambda d: repr(d)[:60])
def test_a_covariate_of_any_kind_is_required_and_read_without_a_bare_error(design, covariate):
    panel = two_windows(managed=40)
    order = np.argsort(np.arange(N) % 2, kind="stable")  # covariates change within both groups
    panel = replace(panel, outcome=np.repeat(panel.outcome[None], 3, axis=0) if covariate.ndim > 1 else panel.outcome)
    panel = replace(panel, covariates={"x": covariate[..., order]})
    designs_for(panel, [design])
    one = panel if panel.replicates is None else panel.replicate(0)
    assert all(r.met or r.message for r in design.requirements(one))
    with suppress(IomCausalError):
        assert design(one, rng=1).estimate is not None


def test_a_cluster_that_is_not_known_is_refused_by_all_alike():
    start = np.ma.MaskedArray(np.where(np.arange(N) % 4 == 0, 1, 2), mask=np.arange(N) % 2 > 0)
    windows = (Window("a", -90, 0), Window("b", 0, 90, post=True), Window("c", 90, 180, post=True))
    y = np.random.default_rng(1).poisson(4, (N, 3))
    for name in ("text with none", "text that is empty", "missing for some"):
        panel = Panel.from_arrays(y, windows=windows, start=start, covariates={"x": COVARIATES[name]})
        for design in (DiffInDiff(cluster="x"), EventStudy(cluster="x"), SteppedWedge(by_lot=True, cluster="x")):
            lacking = designs_for(panel, [design]).options[0].lacking
            assert any("missing for some people" in r.message for r in lacking), design
        padded = replace(panel, weight=np.where(unknown(COVARIATES[name]), 0, 1))
        assert designs_for(padded, [EventStudy(cluster="x")]).carried


WITHOUT = (Discontinuity, InterruptedTimeSeries())
"""Those that compare with whom the rule did not select on purpose, or with a group's own course."""
SET = {
    InterruptedTimeSeries: {"season": 0},
    Matched: {"covariates": "age"},
    SteppedWedge: {"by_lot": True},
    SyntheticControl: {"unit": "force"},
}
COMPARING = [
    replace(design, **SET.get(type(design), {}))
    for design in (*OF_COUNTS, *OF_VALUES)
    if type(design) not in WITHOUT and design not in WITHOUT
]


def whom_the_rule_selected(*, alike=True, known=True, starts=(24,)):
    """People of forces over months: managed by lot in two starts, others selected alike, and the rest, who are low."""
    rng = np.random.default_rng(6)
    kind = np.resize([0, 1, 2, 2], 160)
    counts = rng.poisson(np.where(kind == 2, 0.3, 1.5)[:, None] * np.ones(len(MONTHS)))
    forces = np.where(kind == 0, 0, 1 + np.arange(160) // 8)
    start = np.ma.MaskedArray(np.resize(np.repeat(starts, 4), 160), mask=kind > 0)
    panel = Panel.from_arrays(
        counts,
        name="arrests",
        windows=MONTHS,
        start=start,
        age=rng.normal(30, 8, 160).round(),
        covariates={"force": np.array([f"f{k}" for k in forces])},
        selected=kind < 2 if known else None,
    )
    return panel if alike else panel.where(kind != 1)


@pytest.mark.parametrize("design", COMPARING, ids=repr)
def test_people_known_not_to_be_selected_alike_are_left_out_or_advised_against(design):
    starts = (24, 28) if isinstance(design, SteppedWedge) else (24,)
    both = whom_the_rule_selected(starts=starts)
    e, alone = (design(panel, rng=1) for panel in (both, both.where(~both.rest)))
    assert (e.estimate, e.conf_low, e.set_low) == (alone.estimate, alone.conf_low, alone.set_low)
    assert set(e.notes) - set(alone.notes) == {SET_ASIDE}
    beside = whom_the_rule_selected(alike=False, starts=starts)
    advice = [note for note in design(beside, rng=1).notes if "the rule picked none" in note or "did not pick" in note]
    assert len(advice) == 1


@pytest.mark.parametrize("design", COMPARING, ids=repr)
def test_where_nothing_is_stated_a_design_says_so_or_asks_for_it_otherwise(design):
    starts = (24, 28) if isinstance(design, SteppedWedge) else (24,)
    open_ = whom_the_rule_selected(alike=False, known=False, starts=starts)
    said = any("nothing says how either group was picked" in note for note in design(open_, rng=1).notes)
    assert said is not isinstance(design, (Ancova, SteppedWedge))  # by its identification, and by the stated draw


def test_those_whom_the_rule_did_not_pick_are_in_no_draw():
    one = whom_the_rule_selected(alike=False)
    with pytest.raises(NotIdentifiedError, match="not in the draw"):
        SteppedWedge(by_lot=True)(one, rng=1)
    two = whom_the_rule_selected(alike=False, starts=(24, 28))
    e, alone = (SteppedWedge(by_lot=True)(panel, rng=1) for panel in (two, two.managed))
    assert (e.estimate, e.p_value, e.n_used) == (alone.estimate, alone.p_value, alone.n_used)


def test_an_option_shows_its_design_and_what_is_lacking():
    panel = Panel.from_arrays([[3, 1], [2, 2]], name="arrests")
    shown = {repr(option) for option in designs_for(panel).options}
    assert "DiffInDiff(): lacks comparison people, who were never managed" in shown
    start = np.ma.MaskedArray([1, 1, 0], mask=[0, 0, 1])
    beside = Panel.from_arrays([[3, 1], [2, 2], [4, 3]], start=start)
    assert "DiffInDiff(): carried" in {repr(option) for option in designs_for(beside).options}
    assert "carry the column along (unit=, covariates=)" in str(designs_for(beside, [SyntheticControl(unit="force")]))
