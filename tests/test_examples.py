"""Every example runs, and the one on real arrests gives the published estimates."""

import importlib.util
import re
from pathlib import Path

import pytest

from iom_causal.base.wording import violations
from iom_causal.confounds.register import REGISTER

ROOT = Path(__file__).parents[1]
OF_THE_REGISTER = {ROOT / point.example for point in REGISTER.values()}
"""These have tests of their own."""
EXAMPLES = sorted(set((ROOT / "examples").rglob("*.py")) - OF_THE_REGISTER)


def load(path):
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("without_null_calibration")  # of an evaluation; an example about it calls it by itself
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_it_runs_and_says_something(path, capsys):
    load(path).main()
    assert len(capsys.readouterr().out.splitlines()) > 5


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in EXAMPLES if p.parent.name == "bayes"], ids=lambda p: p.stem)
def test_pictures_of_posteriors_are_saved(path, tmp_path):
    from matplotlib.image import imread

    load(path).main(str(tmp_path))
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) >= 4
    assert all(imread(picture)[..., :3].std() > 0.05 for picture in pictures)  # none is blank
    assert list(tmp_path.glob("*.nc"))


def test_real_arrests_give_the_published_estimates():
    example = load(next(p for p in EXAMPLES if p.stem == "arrests_1986"))
    found = example.fits()
    names = ("intercept", *example.COVARIATES)
    estimates = {name: round(float(found["pooled"].theta[0, k]), 4) for k, name in enumerate(names)}
    assert {name: estimates[name] for name in example.PUBLISHED} == example.PUBLISHED
    assert round(float(found["pooled"].log_lik[0]), 2) == example.PUBLISHED_LOG_LIKELIHOOD
    assert round(float(found["gamma"].log_lik[0]), 2) == -2157.63


def test_picking_alone_makes_the_fall_and_the_allowance_takes_it_back():
    import iom_causal as iom

    example = load(next(p for p in EXAMPLES if p.stem == "your_own_people"))
    rule = iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    panel = iom.Panel.from_wide(
        example.invented(), unit="id", pre="arrests_before", post="arrests_after", kind="count", selection=rule
    )
    plain = iom.RateRatio()(panel)
    allowed = iom.Ledger([iom.RegressionToMean(method="robbins_zhang")])(panel, rng=1)
    assert plain.conf_high < 0.95
    assert allowed.conf_low < 1 < allowed.conf_high


def test_a_fall_in_ones_own_table_is_calibrated_too(capsys):
    example = load(next(p for p in EXAMPLES if p.stem == "would_this_fall_happen_anyway"))
    example.main(str(Path(__file__).parents[1] / "iom_causal" / "published" / "studies" / "template.toml"))
    said = capsys.readouterr().out
    assert "because of many contacts before" in said
    assert "cannot tell these from worlds with an effect" in said


def test_cleaning_the_records_of_a_simulated_force_gives_the_truth(capsys):
    example = load(next(p for p in EXAMPLES if p.stem == "synthetic_extract"))
    totals = example.cleaned(example.extract())
    found, truth = (totals.xs(where, level=1) for where in ("after cleaning", "in truth"))
    assert found.equals(truth)
    handed_over = totals.xs("rows handed over", level=1).to_numpy()
    assert (handed_over > truth.loc[["arrests and attendances"]].to_numpy()).all()
    example.main()
    assert violations(capsys.readouterr().out) == ()


def test_the_figures_that_their_page_gives_are_those_of_the_example(capsys):
    load(next(p for p in EXAMPLES if p.stem == "comparison_cohort")).main()
    lines = capsys.readouterr().out.splitlines()
    figures = [line.split()[-1].lstrip("0") for line in lines if not line.startswith("placebo")]
    page = (ROOT / "docs" / "howto" / "simulate_worlds.md").read_text(encoding="utf-8")
    sentence = page[page.index("`examples/comparison_cohort.py` shows") :].partition("\n\n")[0]
    assert re.findall(r"\.\d\d\b", sentence) == figures


def test_a_file_in_the_columns_of_the_toronto_data_is_read(tmp_path):
    example = load(next(p for p in EXAMPLES if p.stem == "toronto_placebo"))
    people = example.invented(30)
    people.drop(columns="days").to_csv(tmp_path / "contacts.csv", index=False)
    assert example.read(str(tmp_path / "contacts.csv")).equals(people)
    panel = example.Cohort(people, at_risk=True).placebo(24, 3, example.HISTORY)
    assert [w.label for w in panel.windows] == [str(age) for age in range(18, 26)]
    assert (panel.group == (panel.outcome[:, 4:6].sum(1) >= 3)).all()
