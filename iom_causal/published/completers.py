"""Outcomes whose baseline is printed for everybody and whose test is on the people followed up."""

from iom_causal.numerics.printed.completers import PartialPrint
from iom_causal.published.printed import enclose
from iom_causal.published.records import Outcome


def partial_print(outcome: Outcome, contrast: str) -> PartialPrint | None:
    """Return the figures of a partially printed test, or None if the outcome is not of that form.

    Parameters
    ----------
    outcome : Outcome
        One outcome of a study.
    contrast : str
        The direction of the study's printed t.
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
    return PartialPrint(
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
