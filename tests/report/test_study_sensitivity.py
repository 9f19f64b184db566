"""What is said of a study whose settings are moved."""

import pytest

from iom_causal.base.wording import violations
from iom_causal.evaluation import study_sensitivity
from tests.analysis.sensitivity.two_windows import STUDY, written


@pytest.fixture(scope="module")
def arrests():
    return study_sensitivity("sleath-brown-2017", outcome="arrests")


def test_its_sentences_keep_the_rules_and_name_three_sets(arrests):
    text = arrests.summary()
    assert violations(text) == ()
    assert text.startswith("The ratio of arrests that remains, if these allowances are right, rests on beliefs")
    assert text.count("nothing would remain with") == 4  # each set of the paper states beliefs


def test_a_set_that_allows_for_no_regression_to_the_mean_says_so(tmp_path, arrests):
    """Picked people fall by themselves, and a remainder that holds this fall is said to hold it."""
    own = written(tmp_path)
    own.write_text("\n".join(line for line in STUDY.splitlines() if not line.startswith("selection")))
    plain = study_sensitivity(own).summary()
    assert "nothing is taken out for regression to the mean (u1)" in plain
    assert violations(plain) == ()
    ledgers = [m.under.tried.confounds for m in arrests.moved["arrests"]]
    without = sum(not any("u1" in c.ids and c.adjusts for c in confounds) for confounds in ledgers)
    assert arrests.summary().count("nothing is taken out for regression") == without < len(ledgers)
