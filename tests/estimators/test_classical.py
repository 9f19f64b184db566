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
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import batch

AGREE = 1e-12
ARRESTS = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66}
RISK = {"n": 187, "t": 8.10, "mean_post": 238.61, "sd_post": 174.04, "n_input": 225, "kind": "score", "name": "risk"}


def cohort(n=70, seed=4, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], -1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


def summary_of(panel, use="r"):
    m = panel.moments()
    known = {k: getattr(m, k) for k in ("n", "mean_pre", "sd_pre", "mean_post", "sd_post")}
    return known | ({"r": m.r} if use == "r" else {"t": abs(m.t)})


def figures(e):
    return [getattr(e, k) for k in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")]


def agree(a, b, rel=AGREE):
    for x, y in zip(figures(a), figures(b), strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            assert x == pytest.approx(y, rel=rel)


def test_the_published_t_prints_in_the_papers_contrast():
    paper = PairedT(contrast="before_minus_after").from_summary(**ARRESTS, t=11.64)
    assert (f"{paper.statistic:.2f}", paper.df, paper.term) == ("11.64", 224, "before - after")
    ours = PairedT().from_summary(**ARRESTS, t=11.64)
    assert (f"{ours.statistic:.2f}", ours.term) == ("-11.64", "after - before")
    assert ours.estimate == pytest.approx(-3.23)
    assert ours.p_value == pytest.approx(2 * stats.t.sf(11.64, 224), rel=1e-11)


def test_the_published_effect_sizes():
    printed = {"dz": 0.776, "drm": 0.748, "dav": 0.762, "dav_meansd": 0.768, "glass": 0.680, "r": 0.614}
    for kind, value in printed.items():
        e = EffectSize(kind, contrast="before_minus_after").from_summary(**ARRESTS, t=11.64)
        assert round(e.estimate, 3) == value
    d = EffectSize("dz").from_summary(n=225, t=11.64)
    assert (round(d.conf_low, 3), round(d.conf_high, 3)) == (0.626, 0.924)
    assert "sign is that of the t given" in d.note
    other_way = EffectSize("dz", contrast="before_minus_after").from_summary(n=225, t=11.64)
    assert other_way.estimate == d.estimate  # the t is printed in the direction of the contrast
    assert round(EffectSize("r")(Moments(**RISK)).estimate, 2) == 0.51


def test_the_published_rate_ratio():
    known = {"n": 225, "total_pre": 1539, "sd_pre": 4.75, "total_post": 812, "sd_post": 3.66, "t": 11.64}
    e = RateRatio().from_summary(**known)
    assert e.estimate == pytest.approx(0.5276, abs=5e-5)
    assert (e.conf_low, e.conf_high) == pytest.approx((0.470646, 0.591480), abs=5e-7)
    assert "not known" in e.note
    per_day = RateRatio().from_summary(**known, days_pre=547, days_post=549)
    assert per_day.estimate == pytest.approx(0.52569, abs=5e-6)
    assert per_day.exposure == "547 and 549 days"
    exact = RateRatio(se="conditional").from_summary(n=225, total_pre=1539, total_post=812)
    assert (exact.conf_low, exact.conf_high) == pytest.approx((0.4840192, 0.5748071), abs=5e-8)


def test_a_test_on_part_of_the_people_needs_no_means():
    e = PairedT()(Moments(**RISK))
    assert (e.estimate, e.statistic, e.n_used, e.n_input) == (None, pytest.approx(8.10), 187, 225)
    assert "187 of 225" in e.note
    assert "magnitude" in e.note


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


def test_a_bare_d_is_refused_with_what_each_d_would_be():
    with pytest.raises(SpecError, match=r"IOM-E093.*dz -0\.776.*dav -0\.762.*glass -0\.680"):
        EffectSize("d").from_summary(**ARRESTS, t=11.64)
    with pytest.raises(SpecError, match="IOM-E093"):
        EffectSize("d")(cohort())
    with pytest.raises(SpecError, match="IOM-E093"):
        EffectSize("d_z")


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


def test_bootstrap_intervals_say_how_they_were_made():
    panel = cohort()
    a, b = EffectSize("glass")(panel, rng=3), EffectSize("glass")(panel, rng=3)
    assert figures(a) == figures(b)
    assert "BCa interval from 4000 bootstrap samples of people, seed 3" in a.note
    drawn = EffectSize("rank_biserial")(panel)
    seed = int(drawn.note.rsplit("seed ", 1)[1])
    assert figures(EffectSize("rank_biserial")(panel, rng=seed)) == figures(drawn)
    assert EffectSize("glass", interval="analytic")(panel).estimate == pytest.approx(a.estimate, rel=1e-10)


def test_bootstrap_of_rank_effect_sizes_cannot_leave_their_range():
    fell = Panel.from_arrays([[k + 2, k] for k in range(9)], name="arrests")
    e = EffectSize("rank_biserial")(fell, rng=1)
    assert (e.estimate, e.conf_low, e.conf_high) == (-1.0, -1.0, -1.0)
    assert "BCa is undefined" in e.note


def test_two_people_get_a_test_on_one_degree_of_freedom():
    e = PairedT()(Panel.from_arrays([[3, 1], [5, 4]], name="arrests"))
    assert e.df == 1
    assert "one degree of freedom" in e.note


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


def test_a_window_without_events():
    none_after = RateRatio()(Panel.from_arrays([[4, 0], [3, 0], [5, 0]], name="arrests"))
    p = 1 - 0.025 ** (1 / 12)
    assert (none_after.estimate, none_after.conf_low) == (0.0, 0.0)
    assert none_after.conf_high == pytest.approx(p / (1 - p), rel=1e-11)
    assert none_after.diagnostics["jeffreys_ratio"] == pytest.approx(0.5 / 12.5)
    none_before = RateRatio()(Panel.from_arrays([[0, 4], [0, 3], [0, 5]], name="arrests"))
    assert (none_before.estimate, none_before.conf_high) == (None, None)
    assert none_before.conf_low == pytest.approx((1 - p) / p, rel=1e-11)
    assert "undefined" in none_before.note
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        RateRatio()(Panel.from_arrays([[0, 0], [0, 0]], name="arrests"))


def test_everybody_in_proportion_has_no_standard_error():
    e = RateRatio()(Panel.from_arrays([[4, 2], [8, 4], [2, 1]], name="arrests"))
    assert (e.estimate, e.std_error, e.conf_low) == (pytest.approx(0.5), None, None)
    assert "same proportion" in e.note


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


def test_person_exposure_survives_missing_follow_up_and_weights():
    rng = np.random.default_rng(8)
    personal = rng.integers(200, 549, (40, 2)).astype(float)
    outcome = cohort(40).outcome.astype(float)
    outcome[:5, 1] = np.nan
    kept = RateRatio()(Panel.from_arrays(outcome[5:], exposure=personal[5:], name="arrests"))
    agree(RateRatio()(Panel.from_arrays(outcome, exposure=personal, name="arrests", missing="keep")), kept)
    w = rng.integers(0, 3, 40)
    kept_gaps = {"name": "arrests", "missing": "keep"}
    whole = Panel.from_arrays(np.repeat(outcome, w, 0), exposure=np.repeat(personal, w, 0), **kept_gaps)
    weighted = Panel.from_arrays(outcome, exposure=personal, weight=w, **kept_gaps)
    agree(RateRatio()(weighted), RateRatio()(whole), 1e-10)


def test_a_ratio_of_scores_is_refused():
    with pytest.raises(InputError, match="IOM-E066"):
        RateRatio()(Panel.from_arrays([[300.0, 200.0], [200.0, 100.0]], kind="score", name="risk"))


def test_the_conditional_interval_warns_when_people_differ_more():
    rng = np.random.default_rng(11)
    pairs = rng.negative_binomial(1.0, 0.2, (200, 2))
    e = RateRatio(se="conditional")(Panel.from_arrays(pairs, name="arrests"))
    assert "too narrow" in e.note
    robust, quasi = (RateRatio(se=x)(Panel.from_arrays(pairs, name="arrests")) for x in ("robust", "quasi"))
    assert quasi.std_error == pytest.approx(robust.std_error, rel=0.25)
    assert e.std_error < 0.7 * robust.std_error


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


def test_replicates_are_for_batches():
    block = Panel.from_arrays(np.stack([cohort().outcome] * 2), name="arrests")
    with pytest.raises(InputError, match=r"IOM-E047.*iom\.batch\(PairedT\(\), panel\)"):
        PairedT()(block)


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
