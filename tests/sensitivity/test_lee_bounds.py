import numpy as np
import pytest

from iom_causal.base.wording import violations
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import DiffInDiff
from iom_causal.panel import Panel
from iom_causal.sensitivity.lee_bounds import lee_bounds

NAN = float("nan")


def people(seed=1, n=80, lost=(0.1, 0.4), **settings):
    rng = np.random.default_rng(seed)
    managed = np.arange(n) < n // 2
    pairs = rng.poisson([6.0, 4.0], (n, 2)).astype(float)
    pairs[rng.random(n) < np.where(managed, *lost), 1] = NAN
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=~managed)
    return Panel.from_arrays(pairs, start=start, missing="keep", name="arrests", **settings)


def test_without_a_comparison_arm_there_are_none():
    panel = Panel.from_arrays([[3, 1], [2, 2]], name="arrests")
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*Lee bounds require a control arm"):
        lee_bounds(panel)


def test_everybody_followed_up_is_the_difference_in_differences():
    panel = people(lost=(0.0, 0.0))
    found = lee_bounds(panel)
    fit = DiffInDiff(contrast="difference")(panel)
    assert found.set_low == pytest.approx(fit.estimate, rel=1e-12)
    assert found.set_high == pytest.approx(fit.estimate, rel=1e-12)
    assert found.trimmed == 0
    assert "so that nobody is cut off" in found.summary()


def test_the_outcome_after_can_be_compared_as_it_is():
    panel = people()
    found = lee_bounds(panel, outcome="after")
    after = panel.outcome[:, 1]
    managed, others = (np.sort(after[who & ~np.isnan(after)]) for who in (panel.group, ~panel.group))
    mass = len(others) / 40 * 40
    assert found.set_low == pytest.approx(managed[: int(mass)].mean() - others.mean())
    assert found.term == "managed - comparison, after"


def test_windows_of_other_lengths_are_compared_by_rates():
    found = lee_bounds(people(exposure=[730, 365]))
    assert found.term.endswith("after - before, a person and 18 months")
    same = lee_bounds(people(exposure=[365, 365]))
    assert found.set_low != same.set_low


def test_people_selected_alike_alone_are_compared():
    rng = np.random.default_rng(3)
    pairs = rng.poisson(4, (30, 2))
    start = np.ma.MaskedArray(np.ones(30, dtype=int), mask=np.arange(30) >= 10)
    alike = np.arange(30) < 20
    panel = Panel.from_arrays(pairs, start=start, selected=np.ma.MaskedArray(alike), name="arrests")
    found = lee_bounds(panel)
    assert found.n == (10, 10)
    assert any("set aside" in note for note in found.notes)


def test_its_interval_holds_the_bounds_and_its_sentence_what_must_hold():
    found = lee_bounds(people())
    assert found.conf_low < found.set_low < found.set_high < found.conf_high
    assert found.followed[0] > found.followed[1]
    said = found.summary()
    assert not violations(said)
    assert "gives nobody a lower chance of a follow-up" in said
    assert "gives nobody a higher chance" in lee_bounds(people(lost=(0.4, 0.1))).summary()
    wider = lee_bounds(people(), level=0.99)
    assert wider.conf_low < found.conf_low


def test_what_is_refused():
    with pytest.raises(SpecError, match="IOM-E093"):
        lee_bounds(people(), outcome="before")
    with pytest.raises(SpecError, match="IOM-E092"):
        lee_bounds(people(), level=1.0)
    with pytest.raises(InputError, match="IOM-E060"):
        lee_bounds(people(n=4, lost=(0.0, 1.0)))
    block = Panel.from_arrays(np.ones((2, 4, 2)), start=np.ma.MaskedArray([1, 1, 1, 1], mask=[0, 0, 1, 1]))
    with pytest.raises(InputError, match="IOM-E047"):
        lee_bounds(block)
