"""Formulas of covariates: what is allowed, what is refused, and the columns they make."""

import numpy as np
import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.estimators import LinearMixed, PoissonGLM
from iom_causal.inputs.covariates import check_formula, covariate_matrix
from iom_causal.panel import Panel
from iom_causal.windows import Window

AGE = np.array([20.0, 31, 45, 22, 23, 40, 27, 36])
SEX = np.array(list("fmmfmfmf"))
COLUMNS = {"age": AGE, "sex": SEX, "area code": np.arange(8) % 3}


def made(formula, **extra):
    return covariate_matrix(formula, {**COLUMNS, **extra}, rows=8)


def test_columns_are_those_of_the_formula():
    design = made("log(age) + sex + C(`area code`)")
    assert design.names == ("log(age)", "sex[T.m]", "C(`area code`)[T.1]", "C(`area code`)[T.2]")
    code = np.arange(8) % 3
    assert np.array_equal(design.matrix, np.column_stack([np.log(AGE), SEX == "m", code == 1, code == 2]))


def test_interactions_multiply():
    design = made("age * sex")
    assert np.array_equal(design.matrix[:, 2], AGE * (SEX == "m"))


def test_nothing_makes_no_columns():
    assert made("").matrix.shape == (8, 0)


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "I(age)",
        "age.real",
        "age[0]",
        "Q('age')",
        "age; sex",
        "age if sex else age",
        "{age}",
        "np.log(age)",
        "eval(age)",
        "age ~ sex",
        "log(age",
        "age)",
        "lambda: 1",
        "C(sex, Treatment)",
        "`age`.real",
        "@age",
        "age | sex",
        "age ** 2",
        "age sex",
        "age +",
        "age ++ sex",
        "log()",
        "sex(age)",
    ],
)
def test_formulas_that_could_run_code_are_refused(formula):
    with pytest.raises(SpecError, match="IOM-E091"):
        covariate_matrix(formula, COLUMNS, rows=8)


def test_a_formula_is_checked_when_it_is_written():
    with pytest.raises(SpecError, match="IOM-E091"):
        PoissonGLM(covariates="__import__('os').getcwd()")
    with pytest.raises(SpecError, match="IOM-E092"):
        check_formula(3)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("ago", r"IOM-E009.*did you mean 'age'"),
        ("age + twice", "IOM-E071.*repeats"),
        ("age + C(sex) - 1", "IOM-E071"),
        ("one", "IOM-E072.*one"),
        ("lost", "IOM-E034.*missing in 2 rows"),
        ("log(zero)", "IOM-E033"),
        ("many", "IOM-E073.*101 levels"),
        ("born", "IOM-E035.*holds dates"),
        ("C(age)", "IOM-E074"),
    ],
)
def test_columns_that_say_nothing_of_their_own_are_refused(formula, code):
    extra = {
        "twice": 2 * AGE + 1,
        "one": np.ones(8),
        "lost": np.where(AGE > 35, np.nan, AGE)[[0, 1, 2, 5, 0, 1, 0, 1]],
        "zero": AGE - 20,
        "born": np.datetime64("1990-01-01") + np.arange(8),
        "many": np.array([f"v{k}" for k in range(101)]),
    }
    with pytest.raises(InputError, match=code):
        made(formula, **extra)


def test_people_are_counted_once_of_whom_a_covariate_is_missing_in_every_window():
    lost = np.where(np.arange(40) < 6, np.nan, np.arange(40) % 7)
    panel = Panel.from_arrays(np.random.default_rng(1).poisson(3, (40, 2)), covariates={"lost": lost})
    for spec in (PoissonGLM(covariates="lost"), LinearMixed(covariates="lost")):
        with pytest.raises(InputError, match=r"IOM-E034.*'lost' is missing for 6 people"):
            spec(panel)


def test_no_message_holds_a_persons_value():
    secret = np.array([19.77, np.nan, 45, 22, 23, 40, 27, 36])
    with pytest.raises(InputError) as caught:
        made("secret", secret=secret)
    assert "19.77" not in str(caught.value)


def test_time_is_years_to_the_middle_of_each_window():
    windows = [Window("a", -730, -365), Window("b", -365, 0), Window("c", 0, 365, post=True)]
    counts = np.random.default_rng(1).poisson(4, (30, 3))
    result = PoissonGLM(covariates="time")(Panel.from_arrays(counts, windows=windows))
    column = np.asarray(result.native.model.exog)[:3, 2]
    assert column == pytest.approx(np.array([-547.5, -182.5, 182.5]) / 365.25, rel=1e-12)


def test_time_repeats_post_where_there_are_two_windows():
    windows = [Window("b", -547, 0), Window("c", 0, 549, post=True)]
    panel = Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3], [2, 1]], windows=windows)
    with pytest.raises(InputError, match="IOM-E071"):
        PoissonGLM(covariates="time")(panel)


def test_a_level_with_one_person_is_said():
    counts = np.random.default_rng(1).poisson(4, (30, 2))
    few = Panel.from_arrays(counts, covariates={"area": np.array(["a"] * 29 + ["b"])})
    more = Panel.from_arrays(counts, covariates={"area": np.array(["a"] * 28 + ["b"] * 2)})
    assert "a level with one person" in PoissonGLM(covariates="area")(few).note
    assert "a level with one person" not in PoissonGLM(covariates="area")(more).note
