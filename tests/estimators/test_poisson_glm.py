"""Poisson regression with covariates against R."""

import json
from pathlib import Path

import numpy as np
import pytest

from iom_causal.estimators.gee import GEE
from iom_causal.estimators.poisson_glm import PoissonGLM
from iom_causal.panel import Panel

R = json.loads((Path(__file__).parents[1] / "reference" / "r" / "poisson_glm.json").read_text(encoding="utf-8"))
MAXIMUM = 1e-8  # two searches for one maximum


def panel():
    return Panel.from_arrays(
        np.stack([R["before"], R["after"]], axis=-1),
        exposure=np.array(R["days"], dtype=float),
        age=np.array(R["age"], dtype=float),
        covariates={"sex": np.array(R["sex"])},
    )


@pytest.mark.parametrize(
    "spec", [PoissonGLM("age + sex"), GEE(working="independence", covariates="age + sex")], ids=repr
)
def test_it_gives_what_r_gives(spec):
    result = spec(panel())
    assert result.params.tolist() == pytest.approx(R["coefficients"], rel=MAXIMUM)
    assert result.bse.tolist() == pytest.approx(R["std_errors"], rel=MAXIMUM)
    assert result.cov_params().loc["post", "age"] == pytest.approx(R["covariance_post_age"], rel=1e-6)


def test_the_dispersion_is_pearsons():
    assert PoissonGLM("age + sex")(panel()).diagnostics["dispersion"] == pytest.approx(R["dispersion"], rel=MAXIMUM)


def test_intervals_of_the_terms_come_from_the_same_law():
    result = PoissonGLM("age + sex")(panel())
    table = result.conf_int()
    assert np.exp(table.loc["post"]).tolist() == pytest.approx([result.conf_low, result.conf_high], rel=1e-10)
    part = {p.term: p for p in result.parts}["age"]
    assert table.loc["age"].tolist() == pytest.approx([part.conf_low, part.conf_high], rel=1e-10)
