"""What the pages for who comes from pandas, pingouin, R or statsmodels call the same number is the same number."""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import iom_causal as iom

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "docs" / "peers"
R = json.loads((HERE / "r" / "peers.json").read_text(encoding="utf-8"))
PINGOUIN = json.loads((HERE / "pingouin" / "peers.json").read_text(encoding="utf-8"))
EXACT = 1e-9
FITTED = 1e-6  # optima of two programs, each to its own tolerance

before, after = np.array(R["before"]), np.array(R["after"])
low, change = np.array(R["low"], dtype=float), np.array(R["change"])
wide = pd.DataFrame({"id": range(len(before)), "pre": before, "post": after, "managed": R["managed"]})
wide["sex"] = np.where(wide["managed"] == 1, "f", "m")
columns = {"unit": "id", "pre": "pre", "post": "post", "kind": "count", "name": "arrests"}
PANELS = {
    "counts": iom.Panel.from_wide(wide, **columns, covariates=["sex"]),
    "scores": iom.Panel.from_arrays(np.column_stack([low, low + change]), kind="score", name="risk"),
    "yes or no": iom.Panel.from_arrays(np.column_stack([before, after]) >= 7, kind="binary", name="seven or more"),
    "compared": iom.Panel.from_wide(wide, **columns, group="managed", selected=True),
}


def made(line, panel):
    """Return the result of what stands on a page, on people of one kind."""
    return eval(line, {"iom": iom, "bound": 5.5})(PANELS[panel])  # noqa: S307 our own pages


def parts(*names):
    return lambda e: [getattr(e, name) for name in names]


RATIO, ERROR = parts("estimate"), parts("estimate", "std_error")
OF_R = [
    ("t.test", "iom.PairedT()", "counts", parts("estimate", "p_value", "conf_low", "conf_high"), EXACT),
    ("wilcox.test", "iom.Wilcoxon()", "scores", parts("estimate", "p_value"), EXACT),
    ("binom.test", "iom.SignTest()", "counts", parts("p_value"), EXACT),
    ("poisson.test", 'iom.RateRatio(se="conditional")', "counts", parts("estimate", "conf_low", "conf_high"), EXACT),
    ("mcnemar.test", 'iom.McNemar(test="chi_square")', "yes or no", parts("p_value"), EXACT),
    ("vcovCL", "iom.PoissonGLM()", "counts", ERROR, EXACT),
    ("glm_id", "iom.PoissonFixedEffects()", "counts", RATIO, EXACT),
    ("geeglm", "iom.GEE()", "counts", RATIO, EXACT),
    ("glmer", 'iom.PoissonMixed(mixing="lognormal", se="model")', "counts", ERROR, FITTED),
    ("lmer", "iom.LinearMixed()", "counts", ERROR, FITTED),
    ("vcovHC", "iom.Ancova()", "compared", ERROR, EXACT),
    ("welch", 'iom.DiffInDiff(contrast="difference")', "compared", ERROR, EXACT),
]
OF_PINGOUIN = [
    ("ttest", "iom.PairedT()", "counts", parts("statistic", "p_value"), EXACT),
    ("cohen", 'iom.EffectSize("dav")', "counts", RATIO, EXACT),
    ("tost", "iom.Equivalence(-bound, bound)", "counts", parts("p_value"), EXACT),
    ("chi2_mcnemar", "iom.McNemar()", "yes or no", parts("p_value"), EXACT),
    ("rm_anova", "iom.LinearMixed()", "counts", lambda e: e.statistic**2, EXACT),
    ("rm_anova", "iom.PanelOLS()", "counts", lambda e: e.statistic**2, EXACT),
    ("ancova", 'iom.Ancova(se="model")', "compared", lambda e: e.statistic**2, EXACT),
    ("mixed_anova", 'iom.DiffInDiff(contrast="difference")', "compared", lambda e: e.statistic**2, EXACT),
]
CASES = [("r", R, *case) for case in OF_R] + [("pingouin", PINGOUIN, *case) for case in OF_PINGOUIN]


@pytest.mark.parametrize(("page", "stored", "peer", "line", "panel", "of", "allowed"), CASES)
def test_a_marked_line_gives_the_same_number(page, stored, peer, line, panel, of, allowed):
    assert np.ravel(of(made(line, panel))) == pytest.approx(np.ravel(stored["values"][peer]), rel=allowed)
    assert f"`{line}(panel)`" in " ".join(marked(page))


def marked(page):
    """Return the lines of a page's table that say that they were run."""
    return re.findall(r"^\| .+ \| ✓ \| .*\|$", (PAGES / f"{page}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_what_takes_two_results_or_a_printed_figure_gives_the_same_number():
    values = PINGOUIN["values"]
    ranks = [made("iom.Wilcoxon()", "scores").p_value, made('iom.EffectSize("rank_biserial")', "scores").estimate]
    assert ranks == pytest.approx(values["wilcoxon"], rel=EXACT)
    factor = iom.BayesFactor(prior_scale=0.707).from_summary(n=225, t=-11.64).diagnostics["bf10"]
    assert factor == pytest.approx(values["BF10"], rel=EXACT)
    level = iom.LevelDifference(by="sex", scale="difference")(PANELS["counts"])
    assert [abs(level.statistic), level.p_value] == pytest.approx(np.abs(values["welch"]), rel=EXACT)
    assert float(iom.paired_power(20, 0.5)) == pytest.approx(values["power_ttest"], rel=EXACT)
    for size in (values["sample_size"], R["values"]["power.t.test"]):
        assert iom.paired_sample_size(0.5) == np.ceil(size)


BY_HAND = {"wilcoxon(x, y)", "bayesfactor_ttest", "ttest` of two groups", "power_ttest", "power.t.test"}
"""Marked lines of the test above, by what stands on them."""


@pytest.mark.parametrize(("page", "cases"), [("r", OF_R), ("pingouin", OF_PINGOUIN)])
def test_every_marked_line_was_run(page, cases):
    held = {f"`{line}(panel)`" for _, line, *_ in cases} | BY_HAND
    lines = marked(page)
    assert len(lines) >= 10
    assert not [line for line in lines if not any(code in line for code in held)]


def run(name):
    """Run the cells of a page, and return what they made."""
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    names = {}
    with warnings.catch_warnings():
        for cell in re.findall(r"```{code-cell} ipython3\n(?::tags: [^\n]*\n)?(.*?)```", page, flags=re.DOTALL):
            exec(compile(cell, name, "exec"), names)  # noqa: S102 our own page
    return names


def test_what_pandas_gives_by_hand_is_what_is_read_here():
    names = run("pandas")
    assert len(names["rows"]) == 7
    for there, _, by_hand, here in names["rows"]:
        np.testing.assert_allclose(np.asarray(here, dtype=float), by_hand, rtol=1e-12, err_msg=there)
    assert names["each"].mean() > names["total"].pct_change()["after"]
    assert names["left"].conf_low < 1 < names["left"].conf_high  # nothing was done to these people


def test_the_table_of_statsmodels_holds_the_same_numbers_but_where_it_says_so():
    names = run("statsmodels")
    there, here = ({row[0]: row[k] for row in names["rows"]} for k in (2, 3))
    assert len(there) == 10
    apart = {peer for peer, value in there.items() if here[peer] != pytest.approx(value, rel=FITTED)}
    assert apart == {"ConditionalPoisson", "TTestPower.solve_power"}
    assert here["TTestPower.solve_power"] == np.ceil(there["TTestPower.solve_power"])
