import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from iom_causal.base.schema import build
from iom_causal.errors import ConvergenceError, InfeasibleError, InputError, SpecError
from iom_causal.numerics.printed.reconstruction import MEASURES
from iom_causal.published.rebuild.ranges import chain_table, range_over, ranges
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import PublishedStudy, load_published

DRAWS = 40
NOTED = {  # 95% ranges over three base measures from an independent prototype of the same sampler
    "zero before": (1, 19),
    "zero after": (20, 55),
    "went down": (158, 180),
    "went up": (28, 46),
}
TAIL = 4  # people: Monte Carlo error of an extreme percentile of 60 draws a measure


@pytest.fixture(scope="module")
def paper():
    return load_published("sleath-brown-2017")


@pytest.fixture(scope="module")
def cohorts(paper):
    return reconstruct(paper, draws=3 * DRAWS, rng=20)


def rounded(square, places, rule):
    """The square root of a fraction as it prints, by 60-digit decimals and a named rounding rule."""
    with localcontext(prec=60):
        root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
        return str(root.quantize(Decimal(1).scaleb(-places), rounding=rule))


def printed(values, rule):
    """Mean and SD of whole numbers as two decimals."""
    numbers = [int(v) for v in values]
    n, total, squares = len(numbers), sum(numbers), sum(v * v for v in numbers)
    return (
        rounded(Fraction(total, n) ** 2, 2, rule),
        rounded(Fraction(n * squares - total * total, n * (n - 1)), 2, rule),
    )


def printed_t(before, after, rule):
    change = [int(b) - int(a) for a, b in zip(before, after, strict=True)]
    n, total, squares = len(change), sum(change), sum(d * d for d in change)
    return rounded(Fraction((n - 1) * total * total, n * squares - total * total), 2, rule)


@pytest.mark.parametrize("rule", [ROUND_HALF_UP, ROUND_HALF_EVEN])
def test_every_cohort_prints_the_papers_table(cohorts, rule):
    arrests, risk = cohorts["arrests"].outcome, cohorts["risk"].outcome
    for k in range(arrests.shape[0]):
        before, after = arrests[k].T
        assert printed(before, rule) == ("6.84", "4.75")
        assert printed(after, rule) == ("3.61", "3.66")
        assert printed_t(before, after, rule) == "11.64"
        assert (before.min(), before.max(), after.min(), after.max()) == (0, 23, 0, 15)
        first, second = risk[k].T
        followed = ~np.isnan(second)
        assert followed.sum() == 187
        assert printed(first, rule) == ("328.89", "142.71")
        assert printed(second[followed], rule) == ("238.61", "174.04")
        assert printed_t(first[followed], second[followed], rule) == "8.10"
        assert second[followed].mean() < first[followed].mean()
        assert (first.min(), first.max()) == (220, 1100)
        assert (np.nanmin(second), np.nanmax(second)) == (20, 900)
        assert not (first % 20).any()
        assert not (second[followed] % 20).any()
        assert printed(cohorts["arrests"].age[k], rule) == ("30.43", "8.09")


def test_scipy_computes_the_printed_t(paper):
    arrests = reconstruct(paper, rng=3)["arrests"]
    assert f"{stats.ttest_rel(arrests.before, arrests.after).statistic:.2f}" == "11.64"


def test_people_are_those_the_paper_describes(cohorts):
    for panel in cohorts.values():
        assert panel.synthetic
        assert any("these are not the people" in note for note in panel.notes)
        assert any("joined at random" in note for note in panel.notes)
        assert any(note.startswith("risk: the print does not say who") for note in panel.notes)
        assert (panel.age.min(), panel.age.max()) == (13, 60)
        for k in (0, -1):
            sex = dict(zip(*np.unique(panel.covariates["sex"][k], return_counts=True), strict=True))
            assert sex == {"female": 36, "male": 189}
            counts = np.unique(panel.covariates["ethnicity"][k], return_counts=True)
            assert dict(zip(*counts, strict=True)) == {
                "White European": 192,
                "Afro-Caribbean": 21,
                "Asian": 11,
                "missing": 1,
            }
    assert np.array_equal(cohorts["arrests"].covariates["sex"], cohorts["risk"].covariates["sex"])


def test_women_and_men_do_not_differ_on_any_outcome(cohorts):
    for panel in cohorts.values():
        values = panel.outcome.astype(float)
        for k in range(0, values.shape[0], 10):
            women = panel.covariates["sex"][k] == "female"
            for column in (values[k, :, 0], values[k, :, 1], values[k, :, 1] - values[k, :, 0]):
                p = stats.ttest_ind(column[women], column[~women], nan_policy="omit").pvalue
                assert p > 0.05


def test_one_cohort_has_no_replicate_axis_and_one_draw_has(paper):
    assert reconstruct(paper, rng=1)["arrests"].outcome.shape == (225, 2)
    one = reconstruct(paper, rng=1, draws=1)
    assert one["arrests"].outcome.shape == (1, 225, 2)
    assert one["risk"].covariates["sex"].shape == (1, 225)


def test_kinds_and_windows_are_the_studys(paper):
    cohort = reconstruct(paper, rng=1)
    assert cohort["arrests"].outcome.dtype == np.int64
    assert cohort["arrests"].exposure.tolist() == [547, 549]
    assert cohort["risk"].kind == "score"
    assert cohort["risk"].n_complete == 187


def test_the_seed_decides_and_is_kept(paper):
    first, second, other = (reconstruct(paper, rng=seed) for seed in (5, 5, 6))
    assert np.array_equal(first["arrests"].outcome, second["arrests"].outcome)
    assert np.array_equal(first["risk"].covariates["sex"], second["risk"].covariates["sex"])
    assert not np.array_equal(first["arrests"].outcome, other["arrests"].outcome)
    assert first.diagnostics["seed"] == 5
    assert isinstance(reconstruct(paper).diagnostics["seed"], int)


def test_ranges_over_the_base_measures_are_those_noted(cohorts):
    table = ranges(cohorts, "arrests")
    spans = table[table["measure"] == "all"].set_index("feature")
    for name, (low, high) in NOTED.items():
        assert low - TAIL <= spans.loc[name, "low"] <= low + 2 * TAIL
        assert high - 2 * TAIL <= spans.loc[name, "high"] <= high + TAIL


def test_base_measures_disagree_on_people_without_arrests(cohorts):
    table = ranges(cohorts, "arrests", ["zero after"]).set_index("measure")
    assert table.loc["multinomial", "high"] < table.loc["uniform", "high"]


def test_what_the_print_fixes_has_no_range(cohorts):
    arrests = cohorts["arrests"]
    change = arrests.after - arrests.before
    t = change.mean(axis=1) / change.std(axis=1, ddof=1) * math.sqrt(225)
    low, high = range_over(cohorts, t)["all"]
    assert -11.645 <= low <= high <= -11.635


def test_chains_report_how_they_fared(cohorts):
    table = chain_table(cohorts)
    assert set(table["measure"]) == set(MEASURES)
    arrests = table[table["outcome"] == "arrests"]
    assert (arrests["chains"] == 4).all()
    assert (arrests["draws"] == DRAWS).all()
    assert arrests["r_hat"].max() < 1.3  # ten draws a chain
    assert (arrests["ess"] > 8).all()
    assert ((arrests["acceptance"] > 0.05) & (arrests["feasible"] > 0.05)).all()
    assert cohorts.diagnostics["measure"].count("uniform") == DRAWS


def test_one_measure_may_be_named(paper):
    cohort = reconstruct(paper, draws=2, measure="multinomial", rng=1)
    assert cohort.diagnostics["measure"] == ("multinomial", "multinomial")


def test_the_invented_study_is_rebuilt_too():
    cohort = reconstruct(load_published("template"), rng=1)
    assert printed(cohort["contacts"].before, ROUND_HALF_UP) == ("4.25", "2.10")
    assert set(np.unique(cohort["employed"].outcome)) <= {0, 1}
    assert any(note.startswith("employed: no paired t") for note in cohort["employed"].notes)


def study(n="30", **changes):
    outcome = {
        "name": "contacts",
        "kind": "count",
        "before": {"n": "30", "mean": "4.00", "sd": "2.00", "low": "0", "high": "9"},
        "after": {"n": "30", "mean": "3.00", "sd": "2.00", "low": "0", "high": "8"},
        "test": {"statistic": "t", "value": "2.98", "df": ["29"]},
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        table = outcome
        for key in parents:
            table = table[key]
        if value is None:
            table.pop(last)
        else:
            table[last] = value
    table = {
        "title": "invented",
        "citation": "invented",
        "source_version": "invented",
        "sample": {"n": n},
        "outcomes": [outcome],
    }
    return build(PublishedStudy, table, "published")


def test_a_table_without_contradiction_is_rebuilt():
    assert reconstruct(study(), rng=1)["contacts"].outcome.sum(axis=0).tolist() == [120, 90]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"before__mean": "4.01"}, "the mean"),
        ({"after__mean": "9.00"}, "the range"),
        ({"before__sd": "6.00"}, "the SD"),
        ({"test__value": "1.00"}, "the paired t: with the printed"),
        ({"test__value": "3.00"}, "the paired t: no whole-number changes"),
    ],
)
def test_the_first_constraint_that_empties_is_named(changes, constraint):
    with pytest.raises(InfeasibleError, match=f"first to fail is {constraint}") as caught:
        reconstruct(study(**changes), rng=1)
    assert caught.value.code == "IOM-E110"


def test_figures_that_only_together_exclude_every_table_are_proved_to():
    # Only 0, 0, 3 and 1, 1, 4 print these means, SDs and ranges; their squared changes sum to 3 or 21, but a
    # t of 1.00 needs 9, which a correlation of one half would give.
    small = study(
        n="3",
        before={"n": "3", "mean": "1.00", "sd": "1.73", "low": "0", "high": "3"},
        after={"n": "3", "mean": "2.00", "sd": "1.73", "low": "1", "high": "4"},
        test={"statistic": "t", "value": "1.00", "df": ["2"]},
    )
    with pytest.raises(InfeasibleError, match="together") as caught:
        reconstruct(small, rng=1, budget=20_000)
    assert isinstance(caught.value.__context__, ConvergenceError)


def test_nothing_found_in_the_budget_is_not_called_infeasible(paper):
    with pytest.raises(ConvergenceError, match="does not show that none exist") as caught:
        reconstruct(paper, rng=1, budget=2000)
    assert caught.value.code == "IOM-E111"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"before__sd": None}, "a mean and an SD"),
        ({"after__n": "31", "test": None}, "other losses"),
        ({"before__n": "28", "after__n": "28", "test__df": ["27"]}, "for all 30 people"),
        ({"kind": "score", "before__high": "9.5"}, "grid of 1"),
    ],
)
def test_what_is_not_printed_is_asked_for(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        reconstruct(study(**changes), rng=1)
    assert caught.value.code == "IOM-E112"


@pytest.mark.parametrize("settings", [{"draws": 0}, {"draws": True}, {"measure": "flat"}, {"budget": 0}])
def test_settings_out_of_bounds_are_refused(settings):
    with pytest.raises(SpecError):
        reconstruct(study(), rng=1, **settings)


def test_a_cohort_of_other_origin_has_no_diagnostics(paper):
    cohort = reconstruct(paper, rng=1)
    object.__setattr__(cohort, "diagnostics", {})
    with pytest.raises(InputError, match="IOM-E048"):
        chain_table(cohort)


def test_ranges_need_one_value_a_cohort(cohorts):
    with pytest.raises(InputError, match="IOM-E037"):
        range_over(cohorts, [1.0])


WIDE_SCORE = """
[published]
title = "A score of one point steps"
citation = "Nobody (2020)"
source_version = "invented"
programme = "supervision"
people = "managed people"
invented = true
comparison_group = false

[published.sample]
n = "187"

[[published.outcomes]]
name = "risk"
kind = "score"
before = { n = "187", mean = "328.89", sd = "142.71", low = "20", high = "1100" }
after = { n = "187", mean = "266.22", sd = "131.72", AFTER }
test = { statistic = "t", value = "8.10", df = ["186"] }
"""
FEW_PROPOSALS = 1_500_000
"""Proposals that reached every draw of every measure below with room to spare; 20 million reached none before."""


@pytest.mark.parametrize("after", ['low = "20", high = "900"', 'unit = "1"'], ids=["both ranges", "one range"])
def test_a_score_in_points_is_rebuilt_as_quickly_as_one_in_twenties(tmp_path, after):
    file = tmp_path / "study.toml"
    file.write_text(WIDE_SCORE.replace("AFTER", after), encoding="utf-8")
    cohort = reconstruct(load_published(file), draws=12, rng=1, budget=FEW_PROPOSALS)
    risk = cohort["risk"].outcome
    assert {f"{row.mean():.2f}" for row in risk[..., 0]} == {"328.89"}
    assert {f"{row.std(ddof=1):.2f}" for row in risk[..., 1]} == {"131.72"}
    assert (risk[..., 0].min(1) == 20).all()
    assert (risk[..., 0].max(1) == 1100).all()
