"""Completers' tests: outcomes whose baseline is reported for all people and whose test is on those followed up."""

from iom_causal.numerics.printed.completers import CompletersTest
from iom_causal.published.printed import enclose
from iom_causal.published.records import Outcome


def completers_test(outcome: Outcome, contrast: str) -> CompletersTest | None:
    """Return the reported figures of a completers' test, or None if the outcome has another form.

    Parameters
    ----------
    outcome : Outcome
        One outcome of a study.
    contrast : str
        The direction of the study's reported t.
    """
    before, after, test, n = outcome.before, outcome.after, outcome.test, outcome.pairs
    if before.n is None or before.n.count == n or n is None or after.n is None or after.n.count != n:
        return None
    if test is None or test.statistic != "t" or not 2 <= n < before.n.count or enclose(test.value).holds(0.0):
        return None
    if before.mean is None or before.sd is None or after.mean is None or after.sd is None:
        return None
    if before.low is None or before.high is None:
        return None
    return CompletersTest(
        n_all=before.n.count,
        n=n,
        mean_all=enclose(before.mean),
        sd_all=enclose(before.sd),
        mean_after=enclose(after.mean),
        sd_after=enclose(after.sd),
        t=abs(enclose(test.value)),
        lowest=before.low.value,
        highest=before.high.value,
        falls=(test.value.exact > 0) == (contrast == "before_minus_after"),
    )
