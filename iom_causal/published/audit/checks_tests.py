"""Checks of reported tests against the other reported figures: p-values, df, means, SDs, intervals."""

from collections.abc import Iterator
from math import sqrt

from iom_causal.base import wording
from iom_causal.base.formats import bounded, fixed, outward
from iom_causal.numerics.inference.student_t import t_isf
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.p_values import STATISTICS, TWO_SIDED, p_interval, statistic_for_p
from iom_causal.numerics.printed.paired import implied_correlation, possible_t, sd_of_change
from iom_causal.published.audit.findings import Finding
from iom_causal.published.audit.printed_intervals import (
    contrast_text,
    exactly,
    mean_change,
    t_text,
    whole_number_change,
)
from iom_causal.published.completers import completers_test
from iom_causal.published.printed import Printed, PrintedP, enclose
from iom_causal.published.records import Outcome, PrintedChange, PrintedTest
from iom_causal.published.study import PublishedStudy

_DECISION = 0.05
OTHER_SIDED = "It is the"
"""How a p-value is reconciled that is another one of the same statistic."""


def p_values(study: PublishedStudy) -> Iterator[Finding]:
    """Recompute every reported p-value from its statistic (statcheck)."""
    for subject, test in _tests(study):
        if test.p is not None:
            complete = len(test.df) == STATISTICS[test.statistic]
            yield _p_value(subject, test, test.p) if complete else _no_p(subject, test, test.p)


def degrees_of_freedom(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the degrees of freedom of each paired t with the reported number of people."""
    for outcome in study.outcomes:
        test = outcome.test
        if test is None or test.statistic != "t" or not test.df:
            continue
        printed = [w.n.count for w in (outcome.before, outcome.after) if w.n is not None]
        n = test.n.count if test.n is not None else min(printed, default=study.sample.n.count)
        df = test.df[0].count
        yield Finding(
            id=f"degrees-of-freedom:{outcome.name}",
            check="degrees of freedom",
            subject=outcome.name,
            verdict="consistent" if df == n - 1 else "inconsistent",
            claimed=f"df = {df}",
            computed=f"n - 1 = {n - 1}",
            sentence=f"A paired t on {n} people has {n - 1} degrees of freedom; {df} is printed.",
            reconcile="" if df == n - 1 else f"{df} would belong to {df + 1} pairs.",
        )


def directions(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the sign of each reported t with the direction of the means."""
    for outcome in study.outcomes:
        change = mean_change(outcome)
        if outcome.test is None or outcome.test.statistic != "t" or change is None or change.holds(0.0):
            continue
        yield _direction(study, outcome, outcome.test, falls=change.high < 0)


def moments(study: PublishedStudy) -> Iterator[Finding]:
    """Compare each paired t with the reported means and SDs, and derive the correlation that it implies."""
    for outcome in study.outcomes:
        if outcome.test is None or outcome.test.statistic != "t":
            continue
        change, s1, s2 = mean_change(outcome), outcome.before.sd, outcome.after.sd
        if change is None or s1 is None or s2 is None:
            if completers_test(outcome, study.contrast) is None:
                yield _no_moments(outcome)
        else:
            yield _moments(outcome, outcome.test, change, enclose(s1), enclose(s2))


def intervals(study: PublishedStudy) -> Iterator[Finding]:
    """Compare a reported interval of the mean change with the interval that t gives."""
    for outcome in study.outcomes:
        test, change = outcome.test, outcome.change
        if test is not None and test.statistic == "t" and test.df and change is not None and change.low and change.high:
            yield _interval(outcome, test, change.low, change.high)


def _tests(study: PublishedStudy) -> Iterator[tuple[str, PrintedTest]]:
    yield from ((o.name, o.test) for o in study.outcomes if o.test is not None)
    yield from ((t.name or f"test {k}", t) for k, t in enumerate(study.tests, start=1))


def _p_value(subject: str, test: PrintedTest, printed: PrintedP) -> Finding:
    df, tails = tuple(d.value for d in test.df), test.tails.count
    p = p_interval(test.statistic, enclose(test.value), df, tails=tails)
    far = _other_tail(test, p) if tails == 1 else None
    turned = far is not None and not p.meets(enclose(printed)) and far.meets(enclose(printed))
    agrees = (turned or p.meets(enclose(printed))) and (printed.relation != "=" or printed.number.exact > 0)
    label = f"{test.statistic}({', '.join(d.text for d in test.df)})" if test.df else test.statistic
    sided = "" if test.statistic not in TWO_SIDED else " one-sided" if tails == 1 else " two-sided"
    shown = _p_shown(far if turned and far is not None else p)
    tail = " for a test of the other direction" if turned else ""
    crossed = "" if agrees or _same_side(p, printed) else f" The two lie on different sides of {bounded(_DECISION, 2)}."
    verb = "agrees" if agrees else "does not match"
    reconcile = "" if agrees else _reconcile_p(test, printed, p, df)
    return Finding(
        id=f"p-value:{subject}",
        check="p-value",
        subject=subject,
        verdict="consistent" if agrees else "inconsistent",
        claimed=printed.text,
        computed=shown,
        sentence=(
            f"{label} = {test.value.text} gives{sided} {shown}{tail}; {wording.quote(printed.text)} {verb}.{crossed}"
        ),
        reconcile=reconcile,
        reconcilable=reconcile.startswith(OTHER_SIDED),
    )


def _other_tail(test: PrintedTest, p: Interval) -> Interval | None:
    """Return the one-sided p-values of the same statistic where the test is of the other direction."""
    return Interval(1 - p.high, 1 - p.low) if test.statistic in TWO_SIDED else None


def _no_p(subject: str, test: PrintedTest, printed: PrintedP) -> Finding:
    return Finding(
        id=f"p-value:{subject}",
        check="p-value",
        subject=subject,
        verdict="uninformative",
        claimed=printed.text,
        computed="",
        sentence=f"{wording.quote(printed.text)} cannot be recomputed from {test.statistic} = {test.value.text}.",
        why="Its degrees of freedom are not printed.",
    )


def _p_shown(p: Interval) -> str:
    if p.high < 0.001:
        return "p < .001"
    low, high = (bounded(end, 4) for end in (p.low, p.high))
    return f"p = {low}" if low == high else f"p from {low} to {high}"


def _same_side(p: Interval, printed: PrintedP) -> bool:
    return (p.high < _DECISION) == (enclose(printed).high <= _DECISION) or p.holds(_DECISION)


def _reconcile_p(test: PrintedTest, printed: PrintedP, p: Interval, df: tuple[float, ...]) -> str:
    if printed.number.exact == 0:
        return "No p-value is 0; software prints .000 for p < .0005, and “p < .001” would agree."
    if test.statistic in TWO_SIDED:
        other = 1 if test.tails.count == 2 else 2
        if p_interval(test.statistic, enclose(test.value), df, tails=other).meets(enclose(printed)):
            return f"{OTHER_SIDED} {'one' if other == 1 else 'two'}-sided p-value of the same statistic."
        far = _other_tail(test, p_interval(test.statistic, enclose(test.value), df, tails=1))
        if far is not None and far.meets(enclose(printed)):
            return f"{OTHER_SIDED} one-sided p-value of the same statistic for a test of the other direction."
    needed = statistic_for_p(test.statistic, printed.number.value, df)
    if needed is None:
        return f"The statistic printed would agree with {_p_shown(p)}."
    return f"A t of about {fixed(needed)} would give it, or {_p_shown(p)} would agree with the t printed."


def _direction(study: PublishedStudy, outcome: Outcome, test: PrintedTest, *, falls: bool) -> Finding:
    expected = falls == (study.contrast == "before_minus_after")
    agrees = (test.value.exact > 0) == expected
    moved = "fell" if falls else "rose"
    after_before = fixed(-abs(test.value.value) if falls else abs(test.value.value), test.value.decimals)
    return Finding(
        id=f"direction:{outcome.name}",
        check="direction of t",
        subject=outcome.name,
        verdict="consistent" if agrees else "inconsistent",
        claimed=f"t = {test.value.text}",
        computed=f"the mean {moved}; after minus before t is {after_before}",
        sentence=(
            f"t is printed as {test.value.text} in the contrast {contrast_text(study)}, and the mean {moved}; "
            f"after minus before, the same t is {after_before}."
        ),
        reconcile="" if agrees else "The other contrast, or the other sign, would make them agree.",
        reconcilable=not agrees,
    )


def _no_moments(outcome: Outcome) -> Finding:
    return Finding(
        id=f"moments:{outcome.name}",
        check="t against means and SDs",
        subject=outcome.name,
        verdict="uninformative",
        claimed=t_text(outcome),
        computed="",
        sentence=f"{t_text(outcome)} cannot be set against the printed means and SDs.",
        why="They are not printed for the people in the test, so no correlation is implied.",
    )


def _moments(outcome: Outcome, test: PrintedTest, change: Interval, s1: Interval, s2: Interval) -> Finding:
    n = outcome.pairs or 0
    t, allowed = abs(enclose(test.value)), possible_t(change, s1, s2, n)
    agrees = t.meets(allowed)
    computed = f"t from {outward(allowed.low, allowed.high, 1)}"
    sentence = f"The printed means and SDs leave t {computed[2:]} open, by the correlation of the windows"
    if agrees and t.low > 0:
        implied, detail = _implied(outcome, t, change, s1, s2)
        computed, sentence = implied, f"{sentence}; {t_text(outcome)} needs {detail}"
    return Finding(
        id=f"moments:{outcome.name}",
        check="t against means and SDs",
        subject=outcome.name,
        verdict="consistent" if agrees else "inconsistent",
        claimed=t_text(outcome),
        computed=computed,
        sentence=f"{sentence}.",
        reconcile="" if agrees else "Another n, mean or SD, or a t inside that range, would make them agree.",
    )


def _implied(outcome: Outcome, t: Interval, change: Interval, s1: Interval, s2: Interval) -> tuple[str, str]:
    n = outcome.pairs or 0
    sd = sd_of_change(change, t, n)
    r = outward(*_ends(implied_correlation(s1, s2, sd)), 3, lead=False)
    whole = whole_number_change(outcome)
    narrower = ""
    if whole is not None and not whole.holds(0.0):
        tight = implied_correlation(s1, s2, sd_of_change(whole, t, n))
        narrower = f" ({outward(*_ends(tight), 3, lead=False)} with whole-number totals)"
    spread = outward(sd.low, sd.high)
    return f"correlation {r}", f"a correlation of {r}{narrower} and an SD of the change of {spread}"


def _ends(r: Interval) -> tuple[float, float]:
    return max(-1.0, r.low), min(1.0, r.high)


def _interval(outcome: Outcome, test: PrintedTest, low: Printed, high: Printed) -> Finding:
    change = outcome.change or PrintedChange(mean=low)
    level, printed = f"{change.level.text}%", f"{low.text} and {high.text}"
    critical = float(t_isf((1 - change.level.value / 100) / 2, test.df[0].count))
    margin = abs(enclose(change.mean)) / abs(enclose(test.value)) * exactly(critical)
    ends = enclose(change.mean) - margin, enclose(change.mean) + margin
    agrees = ends[0].meets(enclose(low)) and ends[1].meets(enclose(high))
    same = (low.exact > 0 or high.exact < 0) == (abs(test.value.value) > critical)
    shown = [outward(end.low, end.high) for end in ends]
    expected = f"{shown[0]} for the lower end and {shown[1]} for the upper"
    return Finding(
        id=f"interval:{outcome.name}",
        check="interval against t",
        subject=outcome.name,
        verdict="consistent" if agrees else "inconsistent",
        claimed=f"{level} interval {low.text} to {high.text}",
        computed=expected,
        sentence=(
            f"A change of {change.mean.text} with {t_text(outcome)} gives {expected}; printed are {printed}. "
            f"Interval and p-value {'agree' if same else 'do not agree'} on whether 0 is inside."
        ),
        reconcile="" if agrees else _reconcile_interval(change, (high.value - low.value) / 2, critical, test),
    )


def _reconcile_interval(change: PrintedChange, half: float, critical: float, test: PrintedTest) -> str:
    if half <= 0:
        return "The ends of the interval in rising order would make them agree."
    t, sd = abs(change.mean.value) / half * critical, half * sqrt(test.df[0].count + 1) / critical
    return f"The printed interval belongs to t of about {fixed(t)}, an SD of the change of {fixed(sd)}."
