"""Estimates that a page may give: by release rules, all at one level, and none of counts over unlike time."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from iom_causal.analysis.release import Release, arm
from iom_causal.analysis.results import LedgerUnder, Refusal, Why
from iom_causal.base.decimals import decimals_of
from iom_causal.base.formats import listed, percent
from iom_causal.base.specs import FrozenMap
from iom_causal.data.release.disclosure import nearest, outward, round_unit, set_outward
from iom_causal.data.release.paired import coarsened
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate, Line
from iom_causal.estimate.notes import DAYS_UNUSED, UNLIKE_TIME, of_kind
from iom_causal.estimators import Matched, RiskDifference, SignTest
from iom_causal.estimators.shared.paired_proportions import paired_table
from iom_causal.estimators.shared.requirements import starts_of
from iom_causal.inputs.lines import REMAINDER
from iom_causal.inputs.sample import unlike_time
from iom_causal.ledger import lines as lines_of
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.sensitivity.frontier import Frontier
from iom_causal.sensitivity.tipping import Tipping

SAME = 1e-6
"""Beyond what a search for a tipping value leaves open, and far below what two figures that are rounded differ by."""
FROM_ROUNDED = "from rounded numbers of people"
"""The note of an estimate that is worked out from a coarsened table."""
LEAST_SHARE = 0.01
"""The share of a value of a setting to which it is given at its finest, of people."""
CELLS = ((1, 1), (1, 0), (0, 1), (0, 0))
"""Before and after, in the order of a paired table."""


def of_rounded(make: Callable[..., Estimate], panel: Panel, release: Release, rng: Rng = None) -> Estimate:
    """Estimate as the release rules allow: an estimate of numbers of people alone tells what these are.

    A yes-or-no outcome is estimated from its coarsened paired table, so that no method and no digits tell more.

    Raises
    ------
    InputError
        IOM-E120 where numbers of few people would be told.
    """
    if release.rules is None or not release.guarded or panel.kind != "binary":
        if release.guarded and isinstance(make, SignTest):
            raise _told(panel, "it is worked out from numbers of people alone, which could be solved for")
        return make(panel, rng=rng)
    table = coarsened(paired_table(panel, RiskDifference())[0], release.rules)
    if table is None:
        raise _told(panel, f"fewer than {release.rules.threshold} people could be told of by it")
    pairs = np.repeat(CELLS, [int(cell) for cell in table], axis=0)
    days = panel.managed.prepost().exposure
    days = days if days is None else days.reshape(-1, 2).mean(0)
    e = make(Panel.from_arrays(pairs, kind="binary", name=panel.name, exposure=days), rng=rng)
    whole = panel.managed
    return replace(e, n_input=whole.n, n_used=whole.n_complete, notes=(*e.notes, FROM_ROUNDED))


def as_given(e: Estimate, release: Release) -> Estimate:
    """Return an estimate of people with itself and its limits as they may be given."""
    if not release.guarded:
        return e
    step = release.step(e.estimate, e.scale, e.n_used or 0, arm(e.estimate, e.conf_low, e.conf_high), e.outcome)
    set_low, set_high = outward(e.set_low, e.set_high, step)
    conf_low, conf_high = outward(e.conf_low, e.conf_high, step)
    value = None if e.estimate is None else nearest(e.estimate, step)
    return replace(e, estimate=value, set_low=set_low, set_high=set_high, conf_low=conf_low, conf_high=conf_high)


def ledger_as_given(e: Estimate, release: Release) -> Estimate:
    """Return a ledger of people with every line, level and share as it may be given, each as uncertain as it is.

    An end of a ratio below one step is given as 0, whose log is minus infinity; one value is a step at least.
    """
    if not release.guarded:
        return e
    n, ratio = e.n_used or 0, e.scale == "ratio"

    def given(line: Line) -> Line:
        shown, step = _line_as_given(line, e, release)
        if not ratio:
            return shown
        low, high = (max(v, step) for v in shown[:2]) if shown.low == shown.high else shown[:2]
        return Line(*(math.log(v) if v > 0 else -math.inf for v in (low, high, *shown[2:])))

    def end(of: Mapping[str, Any]) -> dict[str, Any]:
        shown = {
            key: {name: _share(value, lines[name], of, release, e) for name, value in of[key].items()}
            for key in ("attribution", "steps")
        }
        steps = (s for parts in shown.values() for _, s in parts.values())
        step = max(release.step(of["before"], "points", n, math.nan, e.outcome), *steps)
        levels = {side: nearest(of[side], step) for side in ("before", "expected_after", "after")}
        return {
            **of,
            **levels,
            **{key: FrozenMap({name: value for name, (value, _) in parts.items()}) for key, parts in shown.items()},
        }

    lines = e.diagnostics["lines"]
    whole = {name: given(line) for name, line in lines.items()}
    shown = {**end(e.diagnostics), "lines": FrozenMap(whole)}
    if "other_end" in shown:
        shown["other_end"] = FrozenMap(end(shown["other_end"]))
    low, high, conf_low, conf_high = (math.exp(v) if ratio else v for v in whole[REMAINDER])
    alone = e.estimate is not None
    return replace(
        e,
        estimate=low if alone else None,
        set_low=None if alone else low,
        set_high=None if alone else high,
        conf_low=conf_low,
        conf_high=conf_high,
        diagnostics=FrozenMap(shown),
    )


def _natural(line: Line, scale: str) -> Line:
    """Return a line as a ratio, where it is the logarithm of one."""
    return Line(*map(math.exp, line)) if scale == "ratio" else line


def _line_as_given(line: Line, e: Estimate, release: Release) -> tuple[Line, float]:
    """Return a line of a ledger on its own scale as it may be given, as uncertain as it is itself, and the step."""
    shown = _natural(line, e.scale)
    around = max(shown.low - shown.conf_low, shown.conf_high - shown.high)
    most = decimals_of(e.scale, shown)  # as they are printed: beyond that a limit would be rounded again
    step = release.step(shown.low, e.scale, e.n_used or 0, around, e.outcome, most=most)
    ends = set_outward(shown.low, shown.high, step)
    return Line(*ends, *outward(shown.conf_low, shown.conf_high, step)), step


def _share(value: float, line: Line, of: Mapping[str, Any], release: Release, e: Estimate) -> tuple[float, float]:
    """Return the share of a line in the outcome's own unit as it may be given, and the step of it."""
    around = max(line.low - line.conf_low, line.conf_high - line.high)
    level = (of["before"] + of["after"]) / 2 if e.scale == "ratio" else 1.0
    step = release.step(value, "points", e.n_used or 0, around * abs(level), e.outcome)
    return nearest(value, step), step


def under_as_given(under: LedgerUnder, release: Release) -> LedgerUnder:
    """Return a ledger of people with its lines, tipping values and frontier as they may be given, each rounded once."""
    f = under.frontier
    return replace(
        under,
        result=ledger_as_given(under.result, release),
        tips=tuple(tip_as_given(tip, under.result, release) for tip in under.tips),
        frontier=frontier_as_given(f, under.result, release) if isinstance(f, Frontier) else f,
    )


def tip_as_given(tip: Tipping, e: Estimate, release: Release) -> Tipping:
    """Return a tipping value in proportion as finely as the remainder of its ledger may be given.

    Where a setting multiplies the outcome, it leaves nothing at the remainder itself: one figure, which is given alike.
    """
    if not release.guarded:
        return tip
    line = lines_of(e)[REMAINDER]
    same = tuple(dict.fromkeys(_natural(line, e.scale)[:2]))
    if len(same) == len(tip.ends) and np.allclose(same, tip.ends, rtol=SAME, atol=0.0):
        given = _line_as_given(line, e, release)[0][: len(same)]
    elif len(tip.ends) > 1:
        low, high = tip.ends
        given = outward(low, low, finely(low, e, release))[0], outward(high, high, finely(high, e, release))[1]
    else:
        given = tuple(as_finely(end, e, release) for end in tip.ends)
    if tip.set_low is not None:
        return replace(tip, value=None, set_low=given[0], set_high=given[-1])
    return replace(tip, value=given[0]) if given else tip


def frontier_as_given(found: Frontier, e: Estimate, release: Release) -> Frontier:
    """Return a frontier with the values of its settings as finely as the remainder of its ledger may be given."""
    if not release.guarded or found.values is None or found.scores is None:
        return found
    values = tuple(as_finely(value, e, release) for value in found.values)
    return replace(found, values=values, scores=tuple(round(score, 1) for score in found.scores), left=None)


def as_finely(value: float, e: Estimate, release: Release) -> float:
    """Return a value of a setting in proportion as finely as the remainder of its ledger may be given."""
    return nearest(value, finely(value, e, release)) if release.guarded and value else value


def finely(value: float, e: Estimate, release: Release) -> float:
    """Return the unit of a value of a setting that is in proportion as fine as the remainder of its ledger."""
    line = lines_of(e)[REMAINDER]
    around = max(line.low - line.conf_low, line.conf_high - line.high)
    moved = release.moved(e.scale, e.n_used or 0, e.outcome) * around
    share = moved if e.scale == "ratio" else moved / max(abs(line.low), abs(line.high), moved)
    return round_unit(abs(value) * min(1.0, max(share, LEAST_SHARE))) if value else 1.0


def at_one_level(estimates: Iterable[Estimate], release: Release) -> tuple[tuple[Estimate, ...], tuple[Refusal, ...]]:
    """Split the estimates of an outcome into those at the level of its first, and refusals of others.

    Half the widths of two intervals of one mean, at two levels, are solved for the number of people.
    """
    levels: dict[str, float] = {}
    given, refused = [], []
    for e in estimates:
        level = e.conf_level if e.conf_low is None else levels.setdefault(e.outcome, e.conf_level)
        if not release.guarded or e.conf_level == level:
            given.append(e)
            continue
        why = (
            f"{e.outcome}: its interval is at {percent(e.conf_level)} and that of another estimate at "
            f"{percent(level)}; from both the number of people could be solved for, so that one level is given"
        )
        refused.append(Refusal(e.outcome, e.method, InputError("IOM-E120", why)))
    return tuple(given), tuple(refused)


def at_one_size(estimates: Iterable[Estimate], release: Release) -> tuple[tuple[Estimate, ...], tuple[Refusal, ...]]:
    """Split the estimates of an outcome into those to give, and refusals of those of a few people more or fewer.

    Subtracted from one another they would tell about the few. Matched people are weighted, each pair by its own.
    """
    sizes: dict[str, list[int]] = {}
    given, refused = [], []
    for e in estimates:
        try:
            if release.rules is not None and e.n_used is not None and not isinstance(e.spec, Matched):
                for n in sizes.setdefault(e.outcome, []):
                    release.rules.check_nested(n, e.n_used)
                sizes[e.outcome].append(e.n_used)
        except InputError as error:
            refused.append(Refusal(e.outcome, e.method, InputError(error.code, f"{e.outcome}: {error.message}")))
        else:
            given.append(e)
    return tuple(given), tuple(refused)


def unlike_days(data: Panel | Moments) -> bool:
    """Whether managed or comparison people were at risk for unlike time before and after, by days of their own."""
    if isinstance(data, Moments) or data.kind == "score" or data.exposure is None:
        return False
    starts = starts_of(data)
    if len(starts) != 1 or starts[0] == 0:
        return False
    days = np.broadcast_to(data.exposure, data.outcome.shape)
    each = (data.group & data.complete, ~data.group & data.complete)
    groups = (days[..., who, :] for who in each if who.any())
    sides = (np.add.reduceat(group, [0, starts[0]], axis=-1) for group in groups)
    return any(unlike_time(side, data.kind) for side in sides)


def by_rates(
    estimates: Iterable[Estimate], own_days: Collection[str]
) -> tuple[tuple[Estimate, ...], tuple[Refusal, ...]]:
    """Split estimates into those to show, and a refusal an outcome of those that compare counts over unlike time.

    Parameters
    ----------
    estimates : iterable of Estimate
        In order.
    own_days : collection of str
        Outcomes of whose people the days at risk are unlike, so that to leave them unused is to compare counts.
    """
    given, refused = [], dict[str, list[str]]()
    for e in estimates:
        if of_kind(e.notes, UNLIKE_TIME) or (e.outcome in own_days and of_kind(e.notes, DAYS_UNUSED)):
            refused.setdefault(e.outcome, []).append(e.method)
        else:
            given.append(e)
    return tuple(given), tuple(Refusal(name, listed(methods), why=Why.UNLIKE_TIME) for name, methods in refused.items())


def _told(panel: Panel, why: str) -> InputError:
    return InputError("IOM-E120", f"{panel.name}: {why}")
