import itertools

import numpy as np
import pytest

from iom_causal.base.schema import build
from iom_causal.errors import InfeasibleError, UnknownNameError
from iom_causal.published.rebuild.bounds import CountBounds, count_bounds
from iom_causal.published.rebuild.change_patterns import FEATURES, feature
from iom_causal.published.rebuild.constraints import outcome_target
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import PublishedStudy, load_published


def describes(values, unit):
    return {
        "n": str(len(values)),
        "mean": f"{values.mean() * unit:.2f}",
        "sd": f"{values.std(ddof=1) * unit:.2f}",
        "low": str(values.min() * unit),
        "high": str(values.max() * unit),
        "unit": str(unit),
    }


def print_of(x, y, unit=1):
    """A study that prints what these pairs have; the first people are followed."""
    change = y - x[: y.size]
    t = abs(change.mean()) / change.std(ddof=1) * np.sqrt(y.size)
    outcome = {
        "name": "contacts",
        "kind": "count",
        "before": describes(x, unit),
        "after": describes(y, unit),
        "test": {"statistic": "t", "value": f"{t:.1f}", "df": [str(y.size - 1)]},
    }
    table = {
        "title": "invented",
        "citation": "invented",
        "source_version": "invented",
        "sample": {"n": str(x.size)},
        "outcomes": [outcome],
    }
    return build(PublishedStudy, table, "published")


def enumerated(study):
    """Every table of pairs that prints the study, as arrays (cohorts, people) in grid units, by brute force."""
    target = outcome_target(study, study.outcomes[0])
    n, m = target.before.n, target.after.n
    xs = range(target.before.low, target.before.high + 1)
    ys = range(target.after.low, target.after.high + 1)
    found = []
    for pairs in itertools.combinations_with_replacement(list(itertools.product(xs, ys)), m):
        for lost in itertools.combinations_with_replacement(xs, n - m):
            x = np.array([p[0] for p in pairs] + list(lost))
            y = np.array([p[1] for p in pairs])
            if not target.misses(x, y):
                found.append((x, y))
    return found


SMALL = {
    "six people": (np.array([3, 3, 2, 1, 2, 0]), np.array([0, 1, 2, 0, 1, 0]), 1),
    "five people, no fall in three": (np.array([3, 2, 1, 0, 2]), np.array([0, 2, 2, 0, 1]), 1),
    "lost follow-up": (np.array([2, 2, 0, 1, 3, 3]), np.array([0, 1, 0, 2]), 1),
    "a coarse grid, lost follow-up": (np.array([4, 3, 2, 1, 0]), np.array([1, 0, 2, 0]), 20),
    "people followed rise": (np.array([3, 1, 2, 1, 0]), np.array([2, 4, 3, 3, 2]), 1),
}


@pytest.mark.parametrize("case", SMALL)
def test_limits_are_those_of_all_tables(case):
    x, y, unit = SMALL[case]
    study = print_of(x, y, unit)
    tables = enumerated(study)
    assert len(tables) > 1
    for name, has in FEATURES.items():
        counts = [int(has(a[: b.size], b).sum()) for a, b in tables]
        if name == "zero before":
            counts = [int((a == 0).sum()) for a, _ in tables]
        limits = count_bounds(study, "contacts", name)
        assert (limits.low, limits.high) == (min(counts), max(counts)), name
        assert limits.exact


def test_the_papers_limits_are_attained_and_hold_every_draw():
    paper = load_published("sleath-brown-2017")
    arrests = reconstruct(paper, draws=6, rng=1)["arrests"]
    limits = count_bounds(paper, "arrests", "went down")
    drawn = feature("went down")(arrests.before, arrests.after).sum(axis=-1)
    assert limits.exact
    assert (limits.low, limits.high) == (86, 224)
    assert limits.low <= drawn.min() <= drawn.max() <= limits.high
    assert "both attained" in str(limits)


@pytest.mark.slow
def test_limits_on_the_risk_score_are_attained_too():
    limits = count_bounds(load_published("sleath-brown-2017"), "risk", "went down")
    assert limits.exact
    assert (limits.low, limits.high) == (49, 187)


def test_features_of_ones_own_are_counted():
    limits = count_bounds(load_published("template"), "contacts", lambda before, _: before >= 8)
    assert 0 <= limits.low <= limits.high <= 40
    assert limits.feature == "<lambda>"
    halved = count_bounds(load_published("template"), "contacts", lambda before, after: 2 * after <= before)
    assert halved.exact


def test_where_a_search_stops_early_the_limits_still_hold_and_are_the_same_again():
    paper = load_published("sleath-brown-2017")
    none, again, full = (count_bounds(paper, "arrests", "went up", nodes=n) for n in (0, 0, 100))
    assert (none.low_attained, none.high_attained, none.nodes) == (None, None, 0)
    assert none == again
    assert none.low <= full.low
    assert full.high <= none.high
    assert full.exact
    assert 2 <= full.nodes <= 100


def test_what_was_not_reached_is_said():
    limits = CountBounds(outcome="a", feature="f", low=1, high=9, low_attained=2, high_attained=9, nodes=4)
    assert not limits.exact
    assert "found only from 2 to 9" in str(limits)
    unknown = CountBounds(outcome="a", feature="f", low=1, high=9, low_attained=None, high_attained=9, nodes=4)
    assert "no cohort was found" in str(unknown)
    assert limits.to_dict()["exact"] is False


def test_without_any_table_there_are_no_limits():
    study = print_of(np.array([0, 0, 3]), np.array([4, 1, 1]))
    object.__setattr__(study.outcomes[0].test, "value", type(study.outcomes[0].before.mean)("1.00"))
    with pytest.raises(InfeasibleError, match="together"):
        count_bounds(study, "contacts", "went up")


def test_an_unknown_feature_is_refused():
    with pytest.raises(UnknownNameError, match="went down"):
        count_bounds(load_published("template"), "contacts", "went dwn")
