"""The comparison group as a line of a ledger: a difference in differences, with its own variance."""

from dataclasses import replace

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.confounds import Detection, History
from iom_causal.confounds.regression import Auto, ComparisonGroup, ComparisonScores
from iom_causal.confounds.regression.comparison_group import NOBODY_ALIKE, NONE_ALIKE
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.lines import joint_draws
from iom_causal.panel import Panel
from iom_causal.windows import Selection

RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0)
LINE = iom.RegressionToMean(method="comparison")
DRAWS = 20_000
IN_DRAWS = 0.03  # standard errors and widths from so many draws are within this share


def people(managed=80, others=60, *, kind="count", selected=True, rng=1, days=365):
    generator = np.random.default_rng(rng)
    group = np.arange(managed + others) < managed
    rate = generator.gamma(3.0, 2.0, len(group))
    y = generator.poisson(np.stack([rate + 3, rate * np.where(group, 0.8, 1.0)], axis=1)).astype(float)
    if kind == "score":
        y = 300 + 10 * y
    start = np.ma.MaskedArray(np.ones(len(group), dtype=int), mask=~group)
    given = {} if kind == "score" else {"exposure": [365, days]}
    return Panel.from_arrays(y, kind=kind, name="arrests", start=start, selected=selected, selection=RULE, **given)


@pytest.mark.parametrize(("managed", "others"), [(80, 60), (80, 12), (12, 80)])
def test_with_this_line_alone_a_ledger_is_a_difference_in_differences(managed, others):
    panel = people(managed, others, days=180)
    ledger, contrast = iom.Ledger([LINE], draws=DRAWS)(panel, rng=1), iom.DiffInDiff()(panel)
    assert ledger.estimate == pytest.approx(contrast.estimate, rel=1e-9)
    assert ledger.std_error == pytest.approx(contrast.std_error, rel=2 * IN_DRAWS)
    width, wanted = (np.log(e.conf_high / e.conf_low) for e in (ledger, contrast))
    assert width == pytest.approx(wanted, rel=2 * IN_DRAWS)


def test_a_score_is_compared_in_points():
    panel = people(kind="score")
    ledger = iom.Ledger([iom.ScoreRegression(method="comparison")], draws=DRAWS)(panel, rng=1)
    contrast = iom.DiffInDiff(contrast="difference")(panel)
    assert ledger.estimate == pytest.approx(contrast.estimate, rel=1e-9)
    assert ledger.std_error == pytest.approx(contrast.std_error, rel=IN_DRAWS)


def test_what_happens_to_the_managed_alone_is_a_line_beside_it_and_what_happens_to_all_is_in_it():
    panel = people()
    both = iom.Ledger([LINE, Detection(ratio=0.9)], draws=200)(panel, rng=1)
    assert both.estimate == pytest.approx(iom.DiffInDiff()(panel).estimate / 0.9, rel=1e-9)
    for also in (History(ratio=0.9), iom.Desistance(hazard=0.05)):
        with pytest.raises(SpecError, match="already holds"):
            iom.Ledger([LINE, also])
    with pytest.raises(SpecError, match="already holds history"):
        iom.Ledger([iom.ScoreRegression(method="comparison"), History(ratio=0.9)])


def test_the_rest_of_the_source_population_is_no_part_of_it():
    panel = people(80, 120)
    stated = np.ma.MaskedArray(np.arange(200) < 140)
    mixed = replace(panel, selected=stated)
    assert LINE.shift(mixed, {}) == LINE.shift(mixed.where(~mixed.rest), {})
    assert LINE.shift(mixed, {}) != LINE.shift(panel, {})
    drawn = joint_draws((LINE,), mixed, streams=1, size=DRAWS)
    alone = joint_draws((LINE,), mixed.where(~mixed.rest), streams=1, size=DRAWS)
    assert drawn.remainder.std() == pytest.approx(alone.remainder.std(), rel=IN_DRAWS)


def test_who_lacks_such_people_is_told():
    with pytest.raises(InputError) as lacking:
        LINE.shift(people().managed, {})
    assert NOBODY_ALIKE in str(lacking.value)
    with pytest.raises(InputError) as unlike:
        LINE.shift(people(selected=False), {})
    assert NONE_ALIKE in str(unlike.value)
    assert LINE.shift(people(selected=None), {}) == LINE.shift(people(), {})


def test_it_needs_no_rule_and_the_default_takes_it_where_no_table_can_be_made():
    panel = replace(people(), selection=None)
    assert LINE.resolved(panel) is LINE
    assert iom.ScoreRegression(method="comparison").resolved(people(kind="score")).selection is None
    assert Auto().chosen(people(80, 12), RULE) == ComparisonGroup()
    assert Auto().chosen(people(80, 12, selected=None), RULE) != ComparisonGroup()
    assert ComparisonScores().also_holds == ComparisonGroup().also_holds
    assert "picked alike" in iom.Ledger([LINE]).conditions(panel)["regression to the mean"]
