"""The estimators of one group before and after: printed figures, degenerate people, and what they say."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, SpecError
from iom_causal.estimators import (
    BayesFactor,
    EffectSize,
    Equivalence,
    PairedT,
    RateRatio,
    SignFlip,
    SignTest,
    Wilcoxon,
)
from iom_causal.panel import Panel
from iom_causal.roles import batch
from tests.estimators.one_group import AGREE, ARRESTS, agree, cohort


def summary_of(panel, use="r"):
    m = panel.moments()
    known = {k: getattr(m, k) for k in ("n", "mean_pre", "sd_pre", "mean_post", "sd_post")}
    return known | ({"r": m.r} if use == "r" else {"t": abs(m.t)})


@pytest.mark.parametrize("use", ["r", "t"])
@pytest.mark.parametrize(
    "spec",
    [
        PairedT(),
        PairedT(contrast="before_minus_after", level=0.9),
        Equivalence(-1, 1),
        RateRatio(),
        *[
            EffectSize(k, interval="analytic")
            for k in ("dz", "hedges", "drm", "dav", "dav_meansd", "glass", "r", "cles")
        ],
    ],
    ids=repr,
)
def test_people_and_their_summary_agree(spec, use):
    panel = cohort()
    agree(spec(panel), spec.from_summary(**summary_of(panel, use)), rel=1e-11 if use == "t" else AGREE)


def test_other_summaries_agree_with_people():
    panel = cohort(exposure=(547.0, 549.0))
    t = abs(PairedT()(panel).statistic)
    bayes = BayesFactor().from_summary(n=panel.n, t=t)
    assert bayes.estimate == pytest.approx(BayesFactor()(panel).estimate, rel=AGREE)
    exact = RateRatio(se="conditional").from_summary(
        n=panel.n, total_pre=panel.before.sum(), total_post=panel.after.sum(), days_pre=547, days_post=549
    )
    agree(exact, RateRatio(se="conditional")(panel))
    agree(RateRatio()(panel.moments()), RateRatio().from_summary(**summary_of(panel)), rel=1e-11)


def test_a_panels_moments_do_for_the_panel():
    panel = cohort()
    for spec in (PairedT(), EffectSize("dz"), EffectSize("r"), RateRatio(), BayesFactor(), Equivalence(-1, 1)):
        agree(spec(panel.moments()), spec(panel), rel=1e-11)


def test_tests_are_those_of_scipy():
    panel = cohort()
    after, before = panel.after, panel.before
    for alternative in ("two-sided", "less", "greater"):
        theirs = stats.ttest_rel(after, before, alternative=alternative).pvalue
        assert PairedT(alternative=alternative)(panel).p_value == pytest.approx(theirs, rel=1e-11)
    moved = after != before
    fell, rose = int((after < before).sum()), int((after > before).sum())
    assert SignTest()(panel).p_value == pytest.approx(stats.binomtest(rose, int(moved.sum())).pvalue, rel=1e-11)
    assert dict(SignTest()(panel).diagnostics) == {"rose": rose, "fell": fell, "same": int((~moved).sum())}


def test_reversed_contrast_reverses_one_sided_tests():
    panel = cohort()
    for one in (PairedT, Wilcoxon, SignTest, SignFlip):
        down = one(alternative="less")(panel)
        up = one(alternative="greater", contrast="before_minus_after")(panel)
        assert up.p_value == pytest.approx(down.p_value, rel=1e-9)
        assert up.estimate == pytest.approx(-down.estimate)


def test_settings_are_checked():
    for bad in (
        lambda: PairedT(level=1.0),
        lambda: PairedT(contrast="up"),
        lambda: Wilcoxon(zeros="split"),
        lambda: RateRatio(se="naive"),
        Equivalence,
        lambda: Equivalence(1, -1),
        lambda: SignFlip(draws=0),
        lambda: EffectSize("dz", draws=1.5),
        lambda: EffectSize("rank_biserial", interval="analytic"),
        lambda: BayesFactor(prior_scale=0.0),
    ):
        with pytest.raises(SpecError):
            bad()


@pytest.mark.parametrize(
    "spec", [PairedT(), RateRatio(), Wilcoxon(), SignTest(), SignFlip(), EffectSize("r")], ids=repr
)
def test_one_person_is_too_few(spec):
    with pytest.raises(InputError, match="IOM-E060"):
        spec(Panel.from_arrays([[3, 1]], name="arrests"))


@pytest.mark.parametrize(("pairs", "code"), [([[0, 0]] * 4, 62), ([[3, 3], [5, 5]], 62), ([[5, 3], [7, 5]], 63)])
@pytest.mark.parametrize("spec", [PairedT(), EffectSize("dz"), BayesFactor(), Equivalence(-1, 1)], ids=repr)
def test_changes_without_spread_have_no_t(spec, pairs, code):
    panel = Panel.from_arrays(pairs, name="arrests")
    with pytest.raises(DegenerateDataError, match=f"IOM-E0{code}"):
        spec(panel)
    if hasattr(spec, "batch"):
        assert batch(spec, panel).code.tolist() == [code]


def test_nobody_changed_gives_a_p_of_one():
    panel = Panel.from_arrays([[3, 3], [5, 5], [0, 0]], name="arrests")
    for spec in (Wilcoxon(), SignTest(), SignFlip()):
        e = spec(panel)
        assert e.p_value == 1.0
        assert "nobody changed" in e.note


def test_exposure_changes_rates_and_is_said():
    plain, days = cohort(), cohort(exposure=(547.0, 549.0))
    a, b = RateRatio()(plain), RateRatio()(days)
    assert b.estimate == pytest.approx(a.estimate * 547 / 549, rel=AGREE)
    assert b.exposure == "547 and 549 days"
    assert a.exposure == "not known"
    assert "not used" in PairedT()(days).note
    personal = np.column_stack([np.full(70, 500.0), np.linspace(100, 500, 70)])
    c = RateRatio()(cohort(exposure=personal))
    expected = (plain.after.sum() / personal[:, 1].sum()) / (plain.before.sum() / personal[:, 0].sum())
    assert c.estimate == pytest.approx(expected, rel=AGREE)
    assert c.exposure == "each person's days at risk"


@pytest.mark.parametrize(
    "spec",
    [PairedT(), PairedT(alternative="less"), *[RateRatio(se=x) for x in ("robust", "conditional", "quasi")]]
    + [EffectSize(k) for k in ("dz", "hedges", "r", "r_squared")]
    + [EffectSize(k, interval="analytic") for k in ("drm", "dav", "glass", "cles")],
    ids=repr,
)
def test_a_kernel_gives_each_replicate_what_it_gets_alone(spec):
    panels = [cohort(40, seed=k) for k in range(5)]
    block = Panel.from_arrays(np.stack([p.outcome for p in panels]), name="arrests")
    many = batch(spec, block)
    for k, panel in enumerate(panels):
        agree(many[k], spec(panel), rel=AGREE)
        assert many[k].n_used == 40


def test_laws_give_draws_that_match_their_intervals():
    panel = cohort()
    for spec in (PairedT(), RateRatio(), RateRatio(se="conditional"), EffectSize("dz"), EffectSize("cles")):
        e = spec(panel, rng=1)
        draws = e.law.sample(np.random.default_rng(2), 20_000)
        width = e.conf_high - e.conf_low
        assert np.quantile(draws, [0.025, 0.975]) == pytest.approx([e.conf_low, e.conf_high], abs=0.06 * width)


def test_units_do_not_matter():
    scores = np.random.default_rng(5).normal(300, 90, (50, 2))
    for power in (600, -600):
        scaled = Panel.from_arrays(scores * 2.0**power, kind="score", name="risk")
        plain = Panel.from_arrays(scores, kind="score", name="risk")
        assert PairedT()(scaled).statistic == pytest.approx(PairedT()(plain).statistic, rel=AGREE)
        for kind in ("dz", "r"):
            agree(EffectSize(kind)(scaled), EffectSize(kind)(plain), rel=1e-11)


def test_what_print_cannot_tell_is_refused():
    for call in (
        lambda: RateRatio(se="quasi").from_summary(**ARRESTS, t=11.64),
        lambda: EffectSize("rank_biserial").from_summary(**ARRESTS, t=11.64),
        lambda: EffectSize("glass").from_summary(n=225, t=11.64),
        lambda: RateRatio().from_summary(n=225, mean_pre=6.84, mean_post=3.61),
        lambda: RateRatio().from_summary(**ARRESTS, t=11.64, days_pre=547),
    ):
        with pytest.raises(IomCausalError, match="IOM-E067"):
            call()
