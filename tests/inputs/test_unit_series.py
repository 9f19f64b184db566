"""Series of units: means, rates, weights, and who is left out."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.inputs.unit_series import donor_units, unit_series
from iom_causal.panel import Panel
from iom_causal.windows import Window

WINDOWS = [Window("a", -60, -30), Window("b", -30, 0), Window("c", 0, 30, post=True)]
FORCE = np.array(["A", "A", "A", "B", "B", "C"])
Y = np.array([[4, 2, 1], [6, 2, 3], [9, 9, 9], [1, 2, 3], [3, 4, 5], [7, 7, 7]])


def forces(**settings):
    start = np.ma.MaskedArray([2] * 6, mask=[False, False, True, True, True, True])
    return Panel.from_arrays(Y, windows=WINDOWS, start=start, covariates={"force": FORCE}, **settings)


def test_means_by_unit_and_who_stands_beside_managed_people():
    series = unit_series(forces(), "force")
    assert series.treated.tolist() == [5, 2, 2]
    assert series.names == ("B", "C")
    assert series.donors.tolist() == [[2, 3, 4], [7, 7, 7]]
    assert series.people == 5
    assert series.notes[0].startswith("1 people left out")
    assert "few people" in series.notes[1]


def test_days_at_risk_make_rates_at_the_managed_peoples_days():
    days = np.full((6, 3), 30.0)
    days[3] = 15.0
    series = unit_series(replace(forces(), exposure=days), "force")
    assert series.treated.tolist() == [5, 2, 2]
    assert series.donors[0] == pytest.approx(np.array([4, 6, 8]) / 45 * 30)
    assert series.donors[1] == pytest.approx([7, 7, 7])


def test_weights_repeat_people():
    weighed = unit_series(forces(weight=[1, 2, 1, 3, 1, 1]), "force")
    rows = [0, 1, 1, 2, 3, 3, 3, 4, 5]
    start = np.ma.MaskedArray([2] * 9, mask=np.array(rows) >= 2)
    long = Panel.from_arrays(Y[rows], windows=WINDOWS, start=start, covariates={"force": FORCE[rows]})
    written_out = unit_series(long, "force")
    assert weighed.treated == pytest.approx(written_out.treated)
    assert weighed.donors == pytest.approx(written_out.donors)
    assert weighed.people == written_out.people


def test_missing_windows_are_of_those_observed_and_an_empty_one_drops_its_unit():
    y = Y.astype(float)
    y[3, 1] = y[5, 2] = np.nan
    series = unit_series(replace(forces(), outcome=y), "force")
    assert series.names == ("B",)
    assert series.donors.tolist() == [[2, 4, 4]]
    assert series.notes[-1].startswith("people who lack windows")
    assert "lack windows" not in " ".join(unit_series(forces(), "force").notes)
    y[:2, 0] = np.nan
    with pytest.raises(InputError, match="IOM-E046"):
        unit_series(replace(forces(), outcome=y), "force")


def test_numbers_and_unknown_names():
    panel = replace(forces(), covariates={"force": np.array([0, 0, 0, 1, 1, np.nan])})
    assert donor_units(panel, "force") == ("force 1",)
    unknown = replace(forces(), covariates={"force": np.array(["A", "A", "", "B", "B", "missing"])})
    assert donor_units(unknown, "force") == ("B",)


def test_scores_are_averaged_whatever_the_days():
    panel = replace(forces(), kind="score", exposure=np.full((6, 3), 30.0))
    assert unit_series(panel, "force").donors.tolist() == [[2, 3, 4], [7, 7, 7]]


def test_a_managed_row_of_no_weight_takes_no_unit_from_the_donors():
    start = np.ma.MaskedArray([1] * 5, mask=[False, False, True, True, True])
    panel = Panel.from_arrays(
        [[3, 1], [9, 9], [2, 2], [1, 0], [2, 1]],
        start=start,
        weight=np.array([1, 0, 1, 1, 1]),
        covariates={"force": np.array([*"ABBBC"])},
    )
    assert donor_units(panel, "force") == ("B", "C")
    assert unit_series(panel, "force").donors.tolist() == [[1.5, 1.0], [2.0, 1.0]]
