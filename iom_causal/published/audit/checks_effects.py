"""Checks of reported effect sizes: their kind, their label, and their order on one scale."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from iom_causal.base import wording
from iom_causal.base.formats import bounded, fixed, listed
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.paired import cohen_labels, effect_sizes, scale_of
from iom_causal.published.audit.findings import Finding
from iom_causal.published.audit.printed_intervals import mean_change, t_text
from iom_causal.published.printed import enclose
from iom_causal.published.records import Outcome, PrintedEffectSize
from iom_causal.published.study import PublishedStudy

_DIRECT = ("r", "r_squared", "dz", "drm", "dav", "dav_meansd", "glass_pre", "glass_post")
KIND, ONE_SCALE = "kind of effect size", "effect sizes on one scale"
ABOUT_KINDS = (KIND, ONE_SCALE)
"""Checks after which test, means and direction stand as they are."""
_ANY_D = ("dz", "drm", "dav", "dav_meansd", "glass_pre", "glass_post", "d_two_groups")


@dataclass(frozen=True, slots=True)
class ReportedEffect:
    """Reported effect size, with its recomputed value under every kind that it may be.

    Parameters
    ----------
    outcome : Outcome
        The outcome.
    printed : PrintedEffectSize
        As reported.
    kinds : dict of str to Interval
        Recomputed effect sizes by kind.
    """

    outcome: Outcome
    printed: PrintedEffectSize
    kinds: dict[str, Interval]

    @property
    def matching(self) -> tuple[str, ...]:
        """The kinds whose recomputed value is consistent with the report."""
        value = abs(enclose(self.printed.value))
        return tuple(kind for kind, interval in self.kinds.items() if interval.meets(value))

    @property
    def claimed(self) -> tuple[str, ...]:
        """The kinds that the symbol may stand for."""
        return _ANY_D if self.printed.symbol == "d" else (self.printed.symbol,)

    @property
    def as_claimed(self) -> bool:
        """Whether the reported value is of the kind that its symbol names."""
        return any(kind in self.claimed for kind in self.matching)

    @property
    def own(self) -> str:
        """The kind to judge the label on: what the symbol says, a matching one first."""
        return next((kind for kind in self.matching if kind in self.claimed), self.claimed[0])


def reported_effects(study: PublishedStudy) -> Iterator[ReportedEffect]:
    """Yield every reported effect size of a paired t."""
    for outcome in study.outcomes:
        test, n = outcome.test, outcome.pairs
        if test is None or test.effect_size is None or test.statistic != "t" or n is None:
            continue
        if enclose(test.value).holds(0.0):
            continue
        yield ReportedEffect(outcome, test.effect_size, _kinds(outcome, enclose(test.value), n))


def effect_kinds(study: PublishedStudy) -> Iterator[Finding]:
    """Identify the kind of each reported effect size by recomputation from t."""
    for effect in reported_effects(study):
        yield _kind(effect)


def effect_orders(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the order of outcomes on one scale, r from t, with their reported order."""
    effects = [e for e in reported_effects(study) if e.printed.symbol in {"r", "r_squared"}]
    for first, second in pairwise(effects):
        if first.printed.symbol == second.printed.symbol:
            yield _order(first, second)


def _kinds(outcome: Outcome, t: Interval, n: int) -> dict[str, Interval]:
    change = mean_change(outcome)
    s1, s2 = outcome.before.sd, outcome.after.sd
    if change is None or s1 is None or s2 is None:
        return effect_sizes(t, n)
    return effect_sizes(t, n, change=change, s1=enclose(s1), s2=enclose(s2))


def shown(effect: ReportedEffect, kind: str) -> str:
    """Return the recomputed value of a kind, at the figures as reported."""
    interval = effect.kinds[kind]
    style = fixed if scale_of(kind) == "d" else bounded
    return style((interval.low + interval.high) / 2, 3)


def _kind(effect: ReportedEffect) -> Finding:
    outcome, printed = effect.outcome, effect.printed
    known = [kind for kind in effect.claimed if kind in effect.kinds]
    agrees, matching = effect.as_claimed, list(effect.matching)
    if not known:
        return _unknown_kind(effect)
    own = effect.own
    symbol = wording.kind_name(printed.symbol)
    figures = [
        f"{wording.kind_name(kind)} {shown(effect, kind)}" for kind in [*matching[:1], own] if kind in effect.kinds
    ]
    return Finding(
        id=f"effect-size-kind:{outcome.name}",
        check=KIND,
        subject=outcome.name,
        verdict="consistent" if agrees else "inconsistent",
        claimed=f"{printed.symbol} = {printed.value.text}",
        computed="; ".join(dict.fromkeys(figures)),
        sentence=_kind_sentence(effect, own, symbol),
        reconcile="" if agrees else _reconcile_kind(effect, symbol),
        reconcilable=not agrees and bool(effect.matching),
        neighbour="" if agrees else wording.UNAFFECTED,
    )


def _kind_sentence(effect: ReportedEffect, own: str, symbol: str) -> str:
    value, test, matching = effect.printed.value.text, t_text(effect.outcome), effect.matching
    if effect.as_claimed:
        others = listed(wording.kind_name(kind) for kind in matching if kind != own)
        also = f" Rounding does not tell it from {others}." if others else ""
        return f"The printed {value} equals {wording.kind_name(own)} for {test} ({shown(effect, own)}).{also}"
    if not matching:
        tried = f"none of {len(effect.kinds)} kinds for {test}"
        return f"The printed {value} matches {tried}; {symbol} would be {shown(effect, own)}."
    names = listed((f"{wording.kind_name(k)} for {test} ({shown(effect, k)})" for k in matching), "or")
    return f"The printed {value} equals {names}; {symbol} itself would be {shown(effect, own)}."


def _reconcile_kind(effect: ReportedEffect, symbol: str) -> str:
    if effect.matching:
        names = listed((wording.kind_name(k) for k in effect.matching), "or")
        return f"Read as {names}, the printed figure agrees with the test."
    own = effect.own
    return f"{symbol} = {shown(effect, own)}, or another t or n, would make them agree."


def _unknown_kind(effect: ReportedEffect) -> Finding:
    printed = effect.printed
    return Finding(
        id=f"effect-size-kind:{effect.outcome.name}",
        check=KIND,
        subject=effect.outcome.name,
        verdict="uninformative",
        claimed=f"{printed.symbol} = {printed.value.text}",
        computed="; ".join(
            f"{wording.kind_name(kind)} {shown(effect, kind)}" for kind in effect.kinds if kind in _DIRECT
        ),
        sentence=f"{printed.symbol} = {printed.value.text} cannot be recomputed from what is printed.",
        why="This kind needs figures that are not printed for the people in the test.",
    )


def _order(first: ReportedEffect, second: ReportedEffect) -> Finding:
    both = (first, second)
    larger = _larger(first.kinds["r"], second.kinds["r"])
    printed = _larger(*(abs(enclose(e.printed.value)) for e in both))
    agrees = larger is None or printed is None or larger == printed
    which = "rounding leaves their order open"
    if larger is not None:
        which = f"the change in {both[larger].outcome.name} is the larger of the two, as point values"
    subject = f"{first.outcome.name} and {second.outcome.name}"
    figures = listed(f"{e.outcome.name} {shown(e, 'r')}" for e in both)
    claimed = listed(f"{e.outcome.name} {e.printed.value.text}" for e in both)
    return Finding(
        id=f"effect-size-order:{subject}",
        check=ONE_SCALE,
        subject=subject,
        verdict="consistent" if agrees else "inconsistent",
        claimed=claimed,
        computed=f"r: {figures}",
        sentence=f"On one scale, r from t, the outcomes give {figures}: {which}. Printed are {claimed}.",
        reconcile="" if agrees else _reconcile_order(first, second),
        reconcilable=not agrees and all(effect.matching for effect in both),
        neighbour="" if agrees else "Both tests, their p-values and their directions are unaffected.",
    )


def _larger(first: Interval, second: Interval) -> int | None:
    return None if first.meets(second) else int(second.low > first.high)


def _reconcile_order(first: ReportedEffect, second: ReportedEffect) -> str:
    names = [wording.kind_name(e.matching[0]) if e.matching else "an unknown kind" for e in (first, second)]
    kinds = f"{first.outcome.name} as {names[0]} and {second.outcome.name} as {names[1]}"
    return f"The two prints are of different kinds ({kinds}); on one kind their order is the other way."


def label_verdict(effect: ReportedEffect) -> tuple[bool, str]:
    """Return whether the reported label fits the effect size that the symbol names, and the figures.

    Thresholds are Cohen's (1988) for the scale; a label fits if any value inside the rounding interval has it.
    """
    kind = effect.own
    value = effect.kinds.get(kind, abs(enclose(effect.printed.value)))
    labels = cohen_labels(value, scale_of(kind))
    fits = effect.printed.label.lower() in labels
    figure = shown(effect, kind) if kind in effect.kinds else effect.printed.value.text
    return fits, f"{wording.kind_name(kind)} is {figure}, {listed(labels, 'or')} by Cohen’s limits"
