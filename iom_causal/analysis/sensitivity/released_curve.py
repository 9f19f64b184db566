"""Specification curves of people as they may be given: no combination of answers tells more than one of them does."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from iom_causal.analysis.release import Release
from iom_causal.analysis.sensitivity.default_choices import ACTS_ON_ALL, LOST
from iom_causal.data.release.disclosure import nearest, outward, round_unit
from iom_causal.errors import InputError
from iom_causal.sensitivity.specification_curve import Specification, SpecificationCurve

FEW = "IOM-E120"
TOO_FEW = "fewer people than may be told of"
WITHOUT_BASE = "it is given only beside the same without allowances for age and trend, which is not"

type Chosen = tuple[str, ...]


def curve_as_given(curve: SpecificationCurve, release: Release) -> SpecificationCurve:
    """Return a curve of people as it may be given.

    Allowances for age and trend are known to whoever knows the curves and the date: an answer that is rounded after
    each of them would be known within the part of a step that all roundings leave. So each answer without them is
    rounded once, as the remainder of a ledger is, and what they make of it follows from the rounded one. Answers of a
    few people more or fewer are refused, and so are those of too few.

    Parameters
    ----------
    curve : SpecificationCurve
        Of default choices, whose first level of age and trend is none.
    release : Release
        Where it does not guard figures the curve stays as it is.
    """
    if not release.guarded:
        return curve
    rows = {row.chosen: row for row in _of_one_size(curve, release)}
    steps = {chosen: _step(row, curve, release) for chosen, row in rows.items() if row.ends is not None}
    return replace(curve, rows=tuple(_given(row, rows, steps, curve, release) for row in rows.values()))


def _of_one_size(curve: SpecificationCurve, release: Release) -> Iterator[Specification]:
    """Yield the rows, refusing answers of too few people and of a few people more or fewer than those before."""
    sizes: list[int] = []
    for row in curve.rows:
        n = row.n_used or 0
        why = "" if row.code else TOO_FEW if not release.enough(n) else _nested(sizes, n, release)
        if row.code:
            yield replace(row, refused=release.note(row.refused))
        elif why:
            yield _refused(row, why)
        else:
            sizes += [] if n in sizes else [n]
            yield row


def _nested(sizes: Sequence[int], n: int, release: Release) -> str:
    """Return why figures of `n` people are not given beside those of others; empty where they are."""
    if release.rules is None:
        return ""
    try:
        for size in sizes:
            release.rules.check_nested(size, n)
    except InputError as error:
        return error.plain
    return ""


def _refused(row: Specification, why: str) -> Specification:
    return Specification(chosen=row.chosen, code=FEW, refused=why)


def _base(chosen: Chosen, curve: SpecificationCurve) -> Chosen:
    """Return the same choices without allowances for age and trend."""
    named = zip(curve.levels.items(), chosen, strict=True)
    return tuple(labels[0] if name in ACTS_ON_ALL else label for (name, labels), label in named)


def _step(row: Specification, curve: SpecificationCurve, release: Release) -> float:
    """Return the step of an answer: that of a ledger's remainder, coarser where answers differ by the share lost."""
    low, high = row.ends or (math.nan, math.nan)
    around = max(low - (row.conf_low or low), (row.conf_high or high) - high) if row.conf_low is not None else math.nan
    n = row.n_used or 0
    step = release.step(low, curve.scale, n, around, curve.outcome)
    if LOST not in curve.levels or release.rules is None:
        return step
    largest = max(abs(end) for r in curve.answered for end in r.ends or ())
    return max(step, round_unit(release.rules.rounding * largest / max(release.rounded(n), 1)))


def _given(
    row: Specification,
    rows: Mapping[Chosen, Specification],
    steps: Mapping[Chosen, float],
    curve: SpecificationCurve,
    release: Release,
) -> Specification:
    if row.ends is None:
        return row
    base = rows[_base(row.chosen, curve)]
    if base.ends is None:
        return _refused(row, WITHOUT_BASE)
    ratio, step = curve.scale == "ratio", steps[base.chosen]
    change = row.ends[0] / base.ends[0] if ratio else row.ends[0] - base.ends[0]
    moved = nearest(change, release.step(change, curve.scale, row.n_used or 0, outcome=curve.outcome))

    def given(value: float | None) -> float | None:
        if value is None:
            return None
        return max(value, step) * moved if ratio else value + moved

    low, high = outward(base.set_low, base.set_high, step)
    conf_low, conf_high = outward(base.conf_low, base.conf_high, step)
    return replace(
        row,
        estimate=given(None if base.estimate is None else nearest(base.estimate, step)),
        conf_low=given(conf_low),
        conf_high=given(conf_high),
        set_low=given(low),
        set_high=given(high),
    )
