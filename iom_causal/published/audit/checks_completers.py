"""Bounds for paired tests on completers whose own baseline is not reported."""

from collections.abc import Iterator
from math import sqrt

from iom_causal.base.formats import bounded, fixed, outward
from iom_causal.errors import InfeasibleError
from iom_causal.numerics.printed.completers import (
    CompleterBounds,
    CompletersTest,
    completer_bounds,
    correlation_if_alike,
)
from iom_causal.published.audit.findings import Finding
from iom_causal.published.audit.printed_intervals import neighbour, t_text
from iom_causal.published.completers import completers_test
from iom_causal.published.records import Outcome
from iom_causal.published.study import PublishedStudy


def partial_tests(study: PublishedStudy) -> Iterator[Finding]:
    """Bound the completers' change where the baseline is reported for all people only."""
    for outcome in study.outcomes:
        printed = completers_test(outcome, study.contrast)
        if printed is not None:
            yield _bounded(study, outcome, printed)


def _bounded(study: PublishedStudy, outcome: Outcome, printed: CompletersTest) -> Finding:
    lost = printed.n_all - printed.n
    claimed = f"{t_text(outcome)} on {printed.n} of {printed.n_all}"
    try:
        bounds = completer_bounds(printed)
    except InfeasibleError:
        return Finding(
            id=f"completers:{outcome.name}",
            check="a test on completers",
            subject=outcome.name,
            verdict="inconsistent",
            claimed=claimed,
            computed="no baseline",
            sentence=f"No baseline of the {printed.n} completers agrees with {t_text(outcome)} and what is printed.",
            reconcile="Another t, n, SD or range would make them agree.",
            neighbour=neighbour(study, "u3"),
        )
    return Finding(
        id=f"completers:{outcome.name}",
        check="a test on completers",
        subject=outcome.name,
        verdict="uninformative",
        claimed=claimed,
        computed=_figures(bounds),
        sentence=_sentence(outcome, printed, bounds),
        why=f"The baseline of the {printed.n} is not printed, and the {lost} without follow-up leave this much room.",
        neighbour=neighbour(study, "u3"),
    )


def _figures(bounds: CompleterBounds) -> str:
    mean, change = bounds.mean_before, abs(bounds.change)
    moved = "fall" if bounds.change.high < 0 else "rise" if bounds.change.low > 0 else "change"
    return (
        f"baseline about {fixed(mean.low, 0)} to {fixed(mean.high, 0)}, "
        f"{moved} {fixed(change.low, 0)} to {fixed(change.high, 0)}"
    )


def _sentence(outcome: Outcome, printed: CompletersTest, bounds: CompleterBounds) -> str:
    middle = (printed.mean_all.low + printed.mean_all.high - printed.mean_after.low - printed.mean_after.high) / 2
    t = (printed.t.low + printed.t.high) / 2
    r = outward(bounds.correlation.low, bounds.correlation.high, 3, lead=False)
    return (
        f"{t_text(outcome)} is on the {printed.n} people followed up, while the mean before is of all {printed.n_all}: "
        f"their difference, {fixed(abs(middle))}, subtracts different people. The figures bound the "
        f"{printed.n} as follows: {_figures(bounds)}, correlation {r}. Whatever it is, the change is "
        f"{bounded(t / sqrt(printed.n))} SDs of the change; had the {printed.n} resembled all {printed.n_all}, "
        f"the correlation would be {bounded(correlation_if_alike(printed))}."
    )
