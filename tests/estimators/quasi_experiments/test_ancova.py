"""Analysis of covariance against R, on the published moments of a small trial and on made-up counts."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimators.paired_t import PairedT
from iom_causal.estimators.quasi_experiments.ancova import Ancova
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.windows import YEAR

R = json.loads((Path(__file__).parents[2] / "reference" / "r" / "ancova.json").read_text(encoding="utf-8"))
FITTED = 1e-10  # least squares from moments with fifteen digits
MAXIMUM = 1e-8  # two searches for one maximum
NEARLY_CANCELLED = 1e-3  # the library's sandwich is a small difference of large variances


def people_with(n, mean_pre, mean_post, sd_pre, sd_post, r, seed):
    """Make pairs that have exactly these moments; least squares knows nothing else of them."""
    draws = np.random.default_rng(seed).standard_normal((n, 2))
    draws -= draws.mean(axis=0)
    white = draws @ np.linalg.inv(np.linalg.cholesky(np.cov(draws.T))).T
    cov = np.array([[sd_pre**2, r * sd_pre * sd_post], [r * sd_pre * sd_post, sd_post**2]])
    return white @ np.linalg.cholesky(cov).T + [mean_pre, mean_post]


def trial():
    """Three arms; comparison people are the controls, and a covariate marks the family arm."""
    arms = {arm: people_with(**moments, seed=k) for k, (arm, moments) in enumerate(R["groups"].items())}
    sizes = {arm: len(pairs) for arm, pairs in arms.items()}
    labels = np.repeat(list(sizes), list(sizes.values()))
    start = np.ma.MaskedArray(np.ones(len(labels), dtype=int), mask=labels == "Cont")
    pairs, family = np.vstack(list(arms.values())), (labels == "FT").astype(float)
    return Panel.from_arrays(pairs, kind="score", start=start, covariates={"family": family, "arm": labels})


def test_it_gives_the_published_fit_of_the_trial():
    result = Ancova(covariates="family", se="model")(trial())
    coefficients, errors = R["gaussian"]["coefficients"], R["gaussian"]["std_errors"]
    assert (result.estimate, result.std_error) == pytest.approx(
        (coefficients["TreatCBT"], errors["TreatCBT"]), rel=FITTED
    )
    assert result.diagnostics["slope"] == pytest.approx(coefficients["Prewt"], rel=FITTED)
    family = result.params["managed"] + result.params["family"]
    assert family == pytest.approx(coefficients["TreatFT"], rel=FITTED)
    assert round(result.estimate, 4) == 4.0971
    assert round(result.std_error, 4) == 1.8935
    assert result.df == R["gaussian"]["df"]


def test_one_arm_alone_tells_another_story():
    panel = trial()
    for arm, expected in R["paired"].items():
        alone = Panel.from_arrays(panel.outcome[panel.covariates["arm"] == arm], kind="score")
        result = PairedT()(alone)
        assert (result.statistic, result.p_value) == pytest.approx((expected["t"], expected["p"]), rel=1e-9)


@pytest.mark.parametrize(("se", "key"), [("robust", "robust_se"), ("model", "model_se")])
def test_the_poisson_form_gives_what_r_gives(se, key):
    made = R["poisson"]
    days = np.stack([np.full(60, YEAR), made["days"]], axis=-1)  # the count before is taken as that of a year
    start = np.ma.MaskedArray(np.ones(60, dtype=int), mask=np.array(made["managed"]) == 0)
    panel = Panel.from_arrays(np.stack([made["before"], made["after"]], -1), exposure=days, start=start)
    result = Ancova("poisson", se=se)(panel)
    assert result.params.tolist() == pytest.approx(made["coefficients"], rel=MAXIMUM)
    assert result.bse.tolist() == pytest.approx(made[key], rel=MAXIMUM)
    assert result.estimate == pytest.approx(np.exp(made["coefficients"][1]), rel=MAXIMUM)
    assert result.estimand == "att_ratio"


def test_it_states_what_it_assumes():
    result = Ancova()(trial())
    assert result.estimand == "att_score"
    assert any("without the programme" in text for text in result.assumptions)
    assert "46 managed and 26 comparison people" in result.note


@pytest.mark.parametrize("mask", [False, True])
def test_one_group_alone_is_not_identified(mask):
    start = np.ma.MaskedArray([1] * 4, mask=[mask] * 4)
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*Ancova: there are no (comparison|managed) people"):
        Ancova()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 4]], start=start))


def test_a_single_comparison_person_is_too_few():
    start = np.ma.MaskedArray([1] * 4, mask=[False, False, False, True])
    with pytest.raises(InputError, match="IOM-E060"):
        Ancova()(Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 4]], start=start))


def compared(pairs):
    n = len(pairs)
    return Panel.from_arrays(pairs, start=np.ma.MaskedArray([1] * n, mask=np.arange(n) >= n // 2))


def test_degenerate_outcomes_get_their_errors():
    same = [[1, 2], [2, 2], [3, 2], [4, 2], [5, 2], [6, 2]]
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        Ancova()(compared(same))
    with pytest.raises(DegenerateDataError, match="IOM-E070"):
        Ancova("poisson")(compared([[1, 0], [2, 0], [3, 0], [4, 2], [5, 1], [6, 2]]))
    with pytest.raises(InputError, match="IOM-E071"):
        Ancova()(compared([[3, 1], [3, 2], [3, 0], [3, 2], [3, 1], [3, 5]]))
    with pytest.raises(InputError, match="IOM-E066"):
        Ancova("poisson")(trial())


def on_the_fit(weighted):
    """Managed people, and those who were like them before, all lie on the fit; the others decide the slope alone."""
    if weighted:
        pairs, weight, managed = [[1, 4], [1, 3], [3, 1], [3, 3]], [2.0, 2, 1, 2], 1
    else:
        pairs, weight, managed = [[1, 4], [1, 4], [1, 3], [1, 3], [3, 1], [3, 3]], None, 2
    start = np.ma.MaskedArray([1] * len(pairs), mask=np.arange(len(pairs)) >= managed)
    return Panel.from_arrays([pairs] * 2, weight=weight and np.array(weight), start=start)


@pytest.mark.parametrize("times", [1, 7, 0.1, 1e4])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_an_error_that_rests_on_rounding_is_refused_alone_and_in_a_batch(family, weighted, times):
    panel = on_the_fit(weighted)
    panel = replace(panel, outcome=panel.outcome * times, kind="count" if times in {1, 7, 1e4} else "amount")
    for run in (batch, batch_by_loop):
        assert run(Ancova(family), panel).code.tolist() == [65, 65]
    with pytest.raises(DegenerateDataError, match="lie on the fit"):
        Ancova(family)(panel.replicate(0))
    assert Ancova(family, se="model")(panel.replicate(0)).std_error > 0


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_a_small_error_that_the_data_do_tell_is_kept(family):
    panel = on_the_fit(weighted=False)
    outcome = panel.outcome * 10_000
    outcome[:, 0, 1] += 1
    near = replace(panel, outcome=outcome)
    kernel, loop = (run(Ancova(family), near) for run in (batch, batch_by_loop))
    assert kernel.code.tolist() == loop.code.tolist() == [0, 0]
    assert kernel.std_error == pytest.approx(loop.std_error, rel=NEARLY_CANCELLED)
