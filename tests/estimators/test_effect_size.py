"""EffectSize: published values of every kind, and its bootstrap intervals."""

import pytest

from iom_causal.errors import SpecError
from iom_causal.estimators import (
    EffectSize,
)
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from tests.estimators.one_group import ARRESTS, RISK, cohort, figures


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


def test_a_bare_d_is_refused_with_what_each_d_would_be():
    with pytest.raises(SpecError, match=r"IOM-E093.*dz -0\.776.*dav -0\.762.*glass -0\.680"):
        EffectSize("d").from_summary(**ARRESTS, t=11.64)
    with pytest.raises(SpecError, match="IOM-E093"):
        EffectSize("d")(cohort())
    with pytest.raises(SpecError, match="IOM-E093"):
        EffectSize("d_z")


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
