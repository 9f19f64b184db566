"""Designs to begin with: what is in them, and that their answers miss by what is known."""

import numpy as np
import pytest

from iom_causal.designs import published_design, single_group
from iom_causal.designs.replicates import Replicates
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.published.study import load_published

LOOSE = 4
"""Monte Carlo standard errors; one wrong alarm in sixteen thousand."""


def found(design, sims):
    return Replicates({"d": design}, 3)(np.arange(sims))


@pytest.mark.parametrize("ratio", [1.0, 0.8])
def test_the_published_design_looks_like_the_table_and_misses_by_the_closed_form(ratio):
    design, table = published_design(ratio=ratio), load_published("sleath-brown-2017")["arrests"]
    assert design.model.people == table.n
    columns = found(design, 2000)
    for name, known in (("before", table.mean_pre), ("after", table.mean_post)):
        seen = columns[f"d/seen/one group/{name}"]
        assert seen.mean() == pytest.approx(known, abs=LOOSE * seen.std() / 2000**0.5)
    np.testing.assert_allclose(columns["d/truth/att_ratio"], ratio, rtol=1e-12)
    m = design.model
    np.testing.assert_allclose(
        columns["d/truth/att_difference"], m.treated.mean_post - m.untreated.mean_post, atol=1e-9
    )
    error = columns["d/answer/one group/PairedT/estimate"] - columns["d/truth/att_difference"]
    bias = m.untreated.mean_post - m.untreated.mean_pre
    assert error.mean() == pytest.approx(bias, abs=LOOSE * error.std() / 2000**0.5)
    np.testing.assert_allclose(
        *(columns[f"d/answer/one group/{e}/estimate"] for e in ("RateRatio", "PoissonFixedEffects"))
    )


def test_sizes_and_rates_are_parameters():
    assert published_design(people=50, rates="gamma").model.rates == "gamma"
    assert published_design(people=50).vary({"model.people": [60, 70]}).keys() == {"people=60", "people=70"}
    with pytest.raises(NotIdentifiedError):
        published_design(ratio=0.2)


def test_a_single_group_is_nearer_to_the_truth_with_more_adjustments():
    design = single_group(people=400, ratio=0.85, methods=["robbins_zhang"], draws=200)
    assert design.cell == 1
    columns = found(design, 12)
    errors = {
        name: float(np.log(columns[f"d/answer/one group/{name}/estimate"] / columns["d/truth/att_ratio"]).mean())
        for name in design.estimators
    }
    assert errors["nothing"] < errors["ageing"] < errors["ageing and regression (robbins_zhang)"]
    assert errors["nothing"] < errors["regression (robbins_zhang)"] < errors["ageing and regression (robbins_zhang)"]
    assert abs(errors["ageing and regression (robbins_zhang)"]) < 0.15 < -errors["nothing"]


def test_a_method_is_told_what_the_model_has():
    line = single_group(rate=2.0).estimators["regression (gamma_poisson)"].confounds[0]
    assert line.comparable_mean == pytest.approx(2.0 * 547 / 365.25)
    with pytest.raises(SpecError):
        single_group(methods=["pool"])
