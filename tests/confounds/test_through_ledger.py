"""Every method of every confound through a Ledger, on cohorts made without this package whose truth is known."""

import datetime as dt
from dataclasses import fields

import numpy as np
import pytest

import iom_causal.confounds as room
from iom_causal.confounds import age_curves, ageing, attrition, breach, custody, season
from iom_causal.confounds.regression import careers, pool
from iom_causal.confounds.regression import scores as regression_scores
from iom_causal.confounds.regression import to_mean as rtm
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

LOOSE = 4.0  # standard errors: one world in 16,000 lies beyond by chance
SHARP = 0.06  # a standard error above this tells little
NEAR = 0.1  # further from the truth is wrong whatever the error: the fault that this file keeps out was .26
SHARP_POINTS = 2.0
TAU, POINTS = 0.8, -10.0
YEAR = 365
ONE = (Window("before", -YEAR, 0), Window("after", 0, YEAR, post=True))
DAY = dt.date(2012, 5, 1)


def years(before):
    ago = range(before, 0, -1)
    return (*(Window(f"year {k}", -YEAR * k, -YEAR * (k - 1)) for k in ago), Window("after", 0, YEAR, post=True))


def rule(kind="at_least", threshold=6.0, *, reads="before", softness=None, name="arrests"):
    return Selection(name, (reads,), kind, "at_boundary", threshold=threshold, softness=softness)


def panel(outcome, managed=None, windows=ONE, *, kind="count", name="arrests", days=None, **settings):
    start = None
    if managed is not None:
        start = np.ma.MaskedArray(np.full(len(outcome), len(windows) - 1), mask=~managed)
    days = [w.days for w in windows] if days is None else days
    given = {} if kind == "score" else {"exposure": days}
    return Panel.from_arrays(
        outcome, kind=kind, name=name, windows=windows, start=start, missing="keep", **given, **settings
    )


def picked(rates_before, rates_after, chosen, windows, selection, rng, *, whole):
    """Counts of everybody, of whom the chosen have a programme after; the panel holds all or the chosen."""
    before = rng.poisson(rates_before)
    managed = chosen(before)
    after = rng.poisson(rates_after * np.where(managed, TAU, 1.0))
    outcome = np.column_stack([before, after])
    if whole:
        return panel(outcome, managed, windows, selection=selection)
    return panel(outcome[managed], None, windows, selection=selection)


def chance(selection, rng, noise=0.0):
    """Who is picked on the last window before, by the rule as its docstring says it."""

    def chosen(before):
        read = before[:, -1].astype(float)
        if selection.rule == "soft":
            return rng.random(len(read)) < 1 / (1 + np.exp(-(read - selection.threshold) / selection.softness))
        if selection.rule == "top":
            order = np.lexsort((rng.random(len(read)), -read - noise * rng.standard_normal(len(read))))
            places = np.zeros(len(read), dtype=bool)
            places[order[: int(selection.threshold)]] = True
            return places
        return read >= selection.threshold

    return chosen


def static(selection, *, whole=False, kept=1.0, before=1, size=9000, noise=0.0):
    """Gamma rates of mean 3 and shape 1.2 that stay, or of which a share is drawn anew after."""
    rng = np.random.default_rng(11)
    rate = rng.gamma(1.2, 3.0 / 1.2, size)
    after = np.where(rng.random(size) < kept, rate, rng.gamma(1.2, 3.0 / 1.2, size))
    windows = ONE if before == 1 else years(before)
    rates = np.repeat(rate[:, None], before, axis=1)
    return picked(rates, after, chance(selection, rng, noise), windows, selection, rng, whole=whole), np.log(TAU)


def alike(*, kind="count"):
    """People of two places whom one rule picks; of one place they are managed. Everybody's level moves after."""
    rng = np.random.default_rng(25)
    here = np.arange(12_000) % 2 == 0
    if kind == "score":
        true = rng.normal(300, 60, len(here))
        before, after = (true + 30 * rng.standard_normal((2, len(here)))).round()
        who = before >= 340
        made = np.column_stack([before, after - 12 + POINTS * here])[who]
        return panel(made, here[who], kind="score", selected=True), POINTS
    rate = rng.gamma(1.2, 2.5, len(here))
    before = rng.poisson(rate)
    who = before >= 6
    after = rng.poisson(0.85 * np.where(rng.random(len(rate)) < 0.7, rate, 3.0) * np.where(here, TAU, 1.0))
    return panel(np.column_stack([before, after])[who], here[who], selected=True), np.log(TAU)


def on_the_rate():
    rng = np.random.default_rng(12)
    rate = rng.gamma(1.2, 2.5, 9000)
    made = picked(rate[:, None], rate, lambda _: rate >= 6, ONE, rule("soft", softness=1.0), rng, whole=False)
    return made, np.log(TAU)


def at_an_event():
    """Picked at one event, which happens to people in proportion to their rate and is counted before."""
    rng = np.random.default_rng(24)
    rate = rng.gamma(2.2, 2.5, 3000)  # gamma rates of shape 1.2, each in proportion to itself
    return panel(np.stack([rng.poisson(rate) + 1, rng.poisson(TAU * rate)], axis=1), selection=rule()), np.log(TAU)


def drifting(size, spans, rng, *, own=0.7, moving=0.7, back=0.4, rate=1.5, stop=0.0):
    """Lognormal levels and rates that come and go, constant within a year; (size, spans), the last year after."""
    level = own * rng.standard_normal(size)
    state, logs, alive = moving * rng.standard_normal(size), [], np.ones(size, dtype=bool)
    for _ in range(spans):
        logs.append(np.where(alive, rate * np.exp(level + state), 0.0))
        state = state * np.exp(-back) + moving * np.sqrt(1 - np.exp(-2 * back)) * rng.standard_normal(size)
        alive &= rng.random(size) > stop
    return np.stack(logs, axis=1)


def histories(*, size, threshold, stop=0.0, whole=True, before=4):
    rng = np.random.default_rng(13)
    rates = drifting(size, before + 1, rng, stop=stop)
    selection = rule(threshold=threshold, reads="year 1")
    made = picked(
        rates[:, :-1], rates[:, -1], chance(selection, rng), years(before), selection, rng, whole=whole
    )  # fmt: skip
    return made, np.log(TAU)


def ended():
    return histories(size=3000, threshold=4.0, stop=0.08)


def soft_lognormal():
    """Lognormal rates of mean 2 that drift, picked by a probit of the count."""
    rng = np.random.default_rng(14)
    z = rng.standard_normal((2, 60_000))
    logs = 0.9 * np.stack([z[0], 0.8 * z[0] + 0.6 * z[1]], axis=1) - 0.405
    rates = 2.0 * np.exp(logs)
    selection = rule("soft", 8.0, softness=1.5)
    made = picked(
        rates[:, :1], rates[:, 1], lambda b: b[:, 0] + 3 * rng.standard_normal(len(b)) > 8, ONE, selection, rng,
        whole=False,
    )  # fmt: skip
    return made, np.log(TAU)


def changed(factor, *, size=4000, mean=8.0, windows=ONE, **settings):
    """People with gamma rates whose expectation after is a factor of that before, times the programme."""
    rng = np.random.default_rng(15)
    rate = rng.gamma(2.0, mean / 2, size)
    days = np.array([w.days for w in windows]) / YEAR
    outcome = np.stack([rng.poisson(rate * days[0]), rng.poisson(rate * factor * TAU * days[1])], axis=1)
    return panel(outcome, None, windows, index_date=DAY, **settings), np.log(TAU)


def ageing_people(*, alike=False):
    """Rates that fall by 5% a year below 30 and 10% above, over 548 days, where `alike` the same before for all."""
    rng = np.random.default_rng(16)
    ages = rng.uniform(20, 45, 4000)
    windows = (Window("before", -548, 0), Window("after", 0, 548, post=True))
    moments = (np.arange(200) + 0.5) / 200 * 548 / 365.25

    def mean_rate(sign):
        at = ages[:, None] + sign * moments
        return np.exp(-0.05 * np.minimum(at - 20, 10) - 0.10 * np.maximum(at - 30, 0)).mean(1)

    before, after = mean_rate(-1), mean_rate(1)
    scale = 12 / before if alike else np.full(4000, 12.0)
    outcome = np.stack([rng.poisson(scale * before), rng.poisson(scale * after * TAU)], axis=1)
    return panel(outcome, None, windows, age=ages), np.log(TAU)


PIECES = age_curves.Piecewise(((18.0, np.exp(0.1)), (30.0, np.exp(-0.5)), (60.0, np.exp(-3.5))))


def stopping():
    """Careers that end at .1 a year from the index date on, lived day by day."""
    rng = np.random.default_rng(17)
    rate, life = rng.gamma(2.0, 4.0, 4000), rng.exponential(10.0, 4000)
    outcome = np.stack([rng.poisson(rate), rng.poisson(rate * TAU * np.minimum(life, 1.0))], axis=1)
    return panel(outcome), np.log(TAU)


def seasons(shape):
    """Half a year before, from November on, and half a year after: amplitude .2 either way."""
    windows = (Window("before", -181, 0), Window("after", 0, 184, post=True))

    def mean(window):
        days = [DAY + dt.timedelta(days=d) for d in range(window.start, window.end)]
        if shape == "half-year":
            return np.mean([1.2 if 5 <= d.month <= 10 else 0.8 for d in days])
        turns = [(d - dt.date(2012, 8, 1)).days / 365.25 for d in days]
        return np.mean([1 + 0.2 * np.cos(2 * np.pi * t) for t in turns])

    factor = mean(windows[1]) / mean(windows[0])
    return changed(factor, windows=windows, mean=16.0)


EXTRA = 8.0 * TAU / 9
"""Arrests a year that supervision alone creates: a tenth of all after."""


def created():
    rng = np.random.default_rng(18)
    rate = rng.gamma(2.0, 4.0, 4000)
    outcome = np.stack([rng.poisson(rate), rng.poisson(rate * TAU) + rng.poisson(EXTRA, 4000)], axis=1)
    return panel(outcome), np.log(TAU)


def liberty(*, known=True, truth=TAU):
    """Free for nine tenths of the time before and six tenths after, whatever the rate."""
    rng = np.random.default_rng(19)
    rate = rng.gamma(2.0, 6.0, 4000)
    free = np.stack([rng.uniform(0.8, 1.0, 4000), rng.uniform(0.4, 0.8, 4000)], axis=1)
    outcome = rng.poisson(rate[:, None] * free * [1, TAU])
    made = panel(outcome, days=free * YEAR) if known else panel(outcome)
    return made, np.log(truth)


def locked_up():
    """One rate for all; an arrest leads to custody with chance .2 for .3 of a year, from the long run before.

    The programme does nothing: with fewer arrests there would be less custody, which is part of what it does.
    """
    rng = np.random.default_rng(20)
    rate, people, steps = 4.0, 10_000, 200
    settled, counts = rng.random(people) < 1 / (1 + rate * 0.2 * 0.3), []
    for free in (settled, np.ones(people, dtype=bool)):
        total = np.zeros(people, dtype=int)
        for _ in range(steps):
            arrested = free & (rng.random(people) < rate / steps)
            total += arrested
            free = np.where(free, ~(arrested & (rng.random(people) < 0.2)), rng.random(people) < 1 / 0.3 / steps)  # noqa: PLW2901 the state
        counts.append(total)
    return panel(np.stack(counts, axis=1)), 0.0


def scores(change, *, keep=None, name="risk", sd=60.0, error=30.0, mean=300.0, size=20_000, lost=None, **settings):
    rng = np.random.default_rng(21)
    true = mean + sd * rng.standard_normal(size)
    before = true + error * rng.standard_normal(size)
    after = true + change(before) + POINTS + error * rng.standard_normal(size)
    kept = np.ones(size, dtype=bool) if keep is None else keep(before)
    outcome = np.stack([before, after], axis=1)[kept]
    if lost is not None:
        outcome[lost(outcome, rng), 1] = np.nan
    return panel(outcome, kind="score", name=name, **settings)


def above(**settings):
    selection = rule(threshold=360.0, name="risk")
    return scores(still, keep=lambda x: x >= 360, selection=selection, **settings), POINTS


def still(before):
    return np.zeros_like(before)


def a_fifth(outcome, rng):
    return rng.random(len(outcome)) < 0.2


def more_often_high(outcome, rng):
    return rng.random(len(outcome)) < np.clip((outcome[:, 0] - 200) / 400, 0.05, 0.8)


def stayed():
    """Those who are lost stayed where they were before: everybody's change is that of the others, in part."""
    rng = np.random.default_rng(22)
    before = 300 + 60 * rng.standard_normal(20_000)
    lost = rng.random(20_000) < 0.2
    after = np.where(lost, np.nan, before + POINTS / 0.8 + 30 * rng.standard_normal(20_000))
    return panel(np.stack([before, after], 1), kind="score", name="risk"), POINTS


def untracked():
    """A tenth moved away, where nobody looked."""
    rng = np.random.default_rng(23)
    rate = rng.gamma(2.0, 4.0, 4000)
    outcome = np.stack([rng.poisson(rate), rng.poisson(rate * TAU) * (rng.random(4000) > 0.1)], axis=1)
    return panel(outcome), np.log(TAU)


_RTM, _LAST = room.RegressionToMean, rule(reads="year 1")
_STATIC = _RTM(method="robbins_zhang")

# name: (the line, how its world is made)
WORLDS = {
    "picked at a cut": (_STATIC, lambda: static(rule())),
    "picked at a cut, others in the file": (_STATIC, lambda: static(rule(), whole=True)),
    "picked softly": (_STATIC, lambda: static(rule("soft", 7.0, softness=1.5))),
    "picked as the 800 highest": (_STATIC, lambda: static(rule("top", 800), whole=True, size=6000)),
    "picked as the 800 highest by two opinions": (
        _STATIC, lambda: static(rule("top", 800), whole=True, size=6000, noise=2.0),
    ),
    "as high as others, who were not managed": (
        _RTM(method="pool"), lambda: static(rule("soft", 7.0, softness=1.5), whole=True, kept=0.6, size=20_000),
    ),
    "as high as others, by default": (_RTM(), lambda: static(rule("top", 800), whole=True, size=6000, noise=3.0)),
    "nobody else as high, an earlier year": (
        _RTM(method="pool"), lambda: static(_LAST, whole=True, before=2, size=9000),
    ),
    "nobody else as high, as an earlier year": (
        _RTM(method="pool", drift="own"), lambda: static(_LAST, whole=True, before=2, size=9000),
    ),
    "nobody else as high, the time after left out": (
        _RTM(method="pool", drift="none"), lambda: static(_LAST, whole=True, before=2, size=9000),
    ),
    "levels that last in part": (_RTM(comparable_mean=3.0, persistence=0.6), lambda: static(rule(), kept=0.6)),
    "linear": (_RTM(method="linear", comparable_mean=3.0), lambda: static(rule(), size=20_000)),
    "gamma, stated": (_RTM(method="gamma_poisson", comparable_mean=3.0, shape=1.2), lambda: static(rule())),
    "gamma, fitted": (_RTM(method="gamma_poisson"), lambda: static(rule())),
    "lognormal": (_RTM(method="lognormal", comparable_mean=2.0), soft_lognormal),
    "earlier rule": (_RTM(method="earlier_rule"), lambda: static(_LAST, whole=True, before=2, size=6000)),
    "earlier rule, the highest": (
        _RTM(method="earlier_rule"), lambda: static(rule("top", 800, reads="year 1"), whole=True, before=2, size=6000),
    ),
    "mirror": (_RTM(method="mirror"), lambda: static(_LAST, before=2)),
    "selected alike": (_RTM(method="comparison"), alike),
    "scores selected alike": (room.ScoreRegression(method="comparison"), lambda: alike(kind="score")),
    "none": (_RTM(method="none"), on_the_rate),
    "at an event": (_RTM(method="at_event", events=1.0), at_an_event),
    "own history": (_RTM(method="own_history"), lambda: histories(size=12_000, threshold=5.0, whole=False)),
    "careers, own drift": (_RTM(method="desistance", drift="own"), ended),
    "careers, drift of the others": (_RTM(method="desistance", drift="comparison"), ended),
    "careers, drift of the model": (_RTM(method="desistance", drift="model"), ended),
    "ageing": (room.Ageing(curve=PIECES), ageing_people),
    "ageing by outcome": (room.Ageing(curve=PIECES, weighting="outcome"), ageing_people),
    "ageing by rate": (room.Ageing(curve=PIECES, weighting="rate"), ageing_people),
    "ageing by people": (room.Ageing(curve=PIECES, weighting="people"), lambda: ageing_people(alike=True)),
    "desistance": (room.Desistance(hazard=0.1 * YEAR / 365.25), stopping),
    "history": (room.History(ratio=0.85), lambda: changed(0.85)),
    "season": (room.Season(amplitude=0.2), lambda: seasons("half-year")),
    "season, cosine": (room.Season(amplitude=0.2, shape="cosine"), lambda: seasons("cosine")),
    "detection": (room.Detection(ratio=0.8, false_post=0.1), lambda: changed(0.8 / 0.9)),
    "breach, share": (room.Breach(after=0.1), created),
    "breach, a year": (room.Breach(after=EXTRA * 365.25 / YEAR, unit="per_year"), created),
    "days known, rate while free": (room.Custody(), liberty),
    "days known, rate while free by time": (room.Custody(weighting="time"), liberty),
    "days known, total": (room.Custody(target="total"), lambda: liberty(truth=TAU * 2 / 3)),
    "days unknown, rate while free": (room.Custody(ratio=2 / 3), lambda: liberty(known=False)),
    "days unknown, total": (room.Custody(target="total"), lambda: liberty(known=False, truth=TAU * 2 / 3)),
    "custody from arrests": (room.Custody(custody_per_arrest=0.2, stay_years=0.3), locked_up),
    "engagement": (room.Engagement(), lambda: changed(1.0)),
    "follow-up": (room.FollowUp(half_life_years=1.0), lambda: changed(1.0)),
    "part exposure": (room.PartExposure(after=0.6), lambda: changed(1.0)),
    "score at the cut": (room.ScoreRegression(sem=30.0, bin_width=4.0), lambda: above(size=60_000)),
    "score, normal": (room.ScoreRegression(method="normal", reliability=0.8), above),
    "score that drifts": (
        room.ScoreError(drift_per_year=-15.0), lambda: (scores(lambda _: -15.0 * YEAR / 365.25), POINTS),
    ),
    "a score that everybody's fell by": (room.History(ratio=0.9), lambda: (scores(lambda _: -30.0), POINTS)),
    "a score that passes": (
        room.Remission(per_month=1.5), lambda: (scores(lambda _: -1.5 * 12 * YEAR / 365.25), POINTS),
    ),
    "a score that comes back in part": (room.Remission(share=0.2, population_mean=300.0), above),
    "lost given the score": (room.Attrition(), lambda: (scores(still, lost=more_often_high), POINTS)),
    "lost by chance": (room.Attrition(handling="complete"), lambda: (scores(still, lost=a_fifth), POINTS)),
    "lost and unchanged": (room.Attrition(handling="unchanged"), stayed),
    "nobody looked": (room.Attrition(handling="complete", untracked=0.1), untracked),
}  # fmt: skip
SLOW = {"lognormal", "own history", "careers, drift of the others", "careers, drift of the model"}

CHOICES = {
    (room.RegressionToMean, "method"): rtm.METHODS,
    (room.RegressionToMean, "drift"): {*careers.DRIFTS, *pool.DRIFTS},
    (room.ScoreRegression, "method"): regression_scores.METHODS,
    (room.Ageing, "weighting"): ageing.WEIGHTINGS,
    (room.Attrition, "handling"): attrition.HANDLINGS,
    (room.Breach, "unit"): breach.UNITS,
    (room.Custody, "target"): custody.TARGETS,
    (room.Custody, "weighting"): custody.WEIGHTINGS,
    (room.Season, "shape"): season.SHAPES,
}
NO_METHODS = {"curve", "family", "series"}  # which table is read, not what is done with it


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in WORLDS])
def test_what_remains_is_the_programme(name):
    line, world = WORLDS[name]
    made, truth = world()
    result = Ledger([line], draws=400)(made, rng=1)
    score = made.kind == "score"
    remainder = result.estimate if score else np.log(result.estimate)
    assert result.std_error < (SHARP_POINTS if score else SHARP)
    assert abs(remainder - truth) < LOOSE * result.std_error
    assert score or abs(remainder - truth) < NEAR


def test_every_confound_and_every_method_has_a_world():
    lines = [line for line, _ in WORLDS.values()]
    assert {type(line).__name__ for line in lines} == set(room.__all__)
    for (kind, field), choices in CHOICES.items():
        assert {getattr(line, field) for line in lines if isinstance(line, kind)} >= set(choices), (kind, field)
    rooms = [getattr(room, name) for name in room.__all__]
    texts = {(kind, f.name) for kind in rooms for f in fields(kind) if f.type is str}
    assert {pair for pair in texts if pair[1] not in NO_METHODS} <= set(CHOICES)
