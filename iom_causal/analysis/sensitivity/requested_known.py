"""What is known of the selected people of a study, reported moments or people, and what is not and may be asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from iom_causal.analysis.sensitivity.requested_models import RECORDS, Line
from iom_causal.base.specs import FrozenMap, check_choice
from iom_causal.confounds.ageing import Ageing
from iom_causal.errors import InputError
from iom_causal.inputs.sample import LEAST_PEOPLE
from iom_causal.moments import Moments
from iom_causal.null.observed import Observed, by_rule, observe, require_on_count
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy
from iom_causal.roles import require_panel

AGES, AGE_SD = (25.0, 35.0), 8.0
"""Mean ages between which managed people lie where none is printed, and the SD."""
OFFSETS = (-1.5, 3.0)
"""Years from a recorded age that is not that at entry to the one at the index date."""
GUESSES: Mapping[str, tuple[float, ...]] = FrozenMap(
    {"r": (0.2, 0.4, 0.6), "sd_pre": (0.5, 0.8), "sd_post": (0.7, 1.2)}
)
"""Values tried where a figure is not printed: correlations, and SDs over means."""
TOLD = FrozenMap({"r": "correlation", "sd_pre": "sd_before", "sd_post": "sd_after"})
OF_PEOPLE = ("correlation", "sd_before", "sd_after", "none_before", "none_after", "many_before", "many_after")
"""Statistics that a file of people holds."""
OF_LIST = ("pool_mean", "pool_size", "list_after")
"""Statistics that people who were not managed give."""


class Known(NamedTuple):
    """What is known of the people.

    Attributes
    ----------
    tables : tuple of Observed
        One where the figures are complete, else one for each way in which they may be.
    statistics : frozenset of str
        Those that are known.
    records : tuple of float
        Lengths of the record that the rule may have read.
    ageing : Line or None
        By how much ageing may differ from its middle, where the ages at entry are not known.
    """

    tables: tuple[Observed, ...]
    statistics: frozenset[str]
    records: tuple[float, ...] = RECORDS
    ageing: Line | None = None


def read(data: PublishedStudy | Moments | Panel, outcome: str | None = None) -> Known:
    """Read which figures are known of a study, reported moments or people, and complete them where some are not."""
    if isinstance(data, PublishedStudy):
        counts = [o.name for o in data.outcomes if o.kind == "count"]
        if outcome is None and not counts:
            raise InputError("IOM-E066", "expected a count among the printed outcomes, got none")
        moments, at_entry = data[outcome or counts[0]], not data.sample.age_at
        return _by_rule(_of_print(moments, at_entry=at_entry), data, moments)
    if not isinstance(data, Moments):
        require_panel(data, "what_to_ask", or_moments=True)
    if outcome is not None:
        check_choice(outcome, [data.name], "outcome")
    n = data.n if isinstance(data, Moments) else data.managed.n_complete
    if n < LEAST_PEOPLE:
        raise InputError("IOM-E060", f"{data.name}: what_to_ask: expected at least {LEAST_PEOPLE} people, got {n}")
    return _of_print(data, at_entry=True) if isinstance(data, Moments) else _of_people(data)


def _by_rule(known: Known, study: PublishedStudy, moments: Moments) -> Known:
    """Return what is known of a print that states its rule: that, and by it the record that was read and the cut."""
    rule = study.rule
    if rule is None:
        return known
    require_on_count(rule, moments.name)
    before = moments.windows[0]
    records = (1.0,) if rule.windows == (before.label,) else RECORDS
    tables = known.tables if len(known.tables) > 1 else tuple(by_rule(table, study) for table in known.tables)
    return known._replace(tables=tables, statistics=known.statistics | {"rule"}, records=records)


def _of_people(panel: Panel) -> Known:
    observed = observe(panel)
    there = set(OF_PEOPLE)
    days = panel.managed.exposure
    if days is not None and bool((days != days.reshape(-1, days.shape[-1])[0]).any()):
        there.add("custody_days")
    if bool(panel.rest.any()):
        there.update(OF_LIST)
    if panel.selection is not None:
        there.add("rule")
    if panel.age is not None:
        there.add("age_at_entry")
    ageing = None if panel.age is not None else _of_unknown_ages(panel.prepost().moments())
    return Known((observed,), frozenset(there), RECORDS if panel.selection is None else (1.0,), ageing)


def _of_print(m: Moments, *, at_entry: bool) -> Known:
    before, after = m.require("mean_pre", "mean_post", purpose="what to ask")
    absent = [name for name in GUESSES if getattr(m, name) is None]
    there = {TOLD[name] for name in GUESSES if name not in absent}
    if m.range_pre is not None and m.range_pre[0] > 0:
        there.add("none_before")
    if m.range_post is not None and m.range_post[0] > 0:
        there.add("none_after")
    ageing = _of_unknown_ages(m) if m.age_mean is None or m.age_sd is None else None if at_entry else _of_other_ages(m)
    if ageing is None:
        there.add("age_at_entry")
    scale = {"r": 1.0, "sd_pre": before, "sd_post": after}
    tried = product(*([scale[name] * value for value in GUESSES[name]] for name in absent))
    tables = tuple(observe(_completed(m, dict(zip(absent, values, strict=True)))) for values in tried)
    return Known(tables, frozenset(there), ageing=ageing)


def _completed(m: Moments, values: Mapping[str, float]) -> Moments:
    """Return moments with values in place of what is not printed."""
    figures = {name: values.get(name, getattr(m, name)) for name in GUESSES}
    return replace(m, r=figures["r"], sd_pre=figures["sd_pre"], sd_post=figures["sd_post"])


def _of_unknown_ages(m: Moments) -> Line | None:
    """Return how far ageing may be from its middle where no ages are printed; None without dates of the windows."""
    return _of_ageing([replace(m, age_mean=age, age_sd=AGE_SD, age_range=None) for age in AGES], (0.0,))


def _of_other_ages(m: Moments) -> Line | None:
    """Return the same where the ages are those at another time than entry."""
    return _of_ageing([m], OFFSETS)


def _of_ageing(tables: Sequence[Moments], offsets: Sequence[float]) -> Line | None:
    if any(m.exposure is None for m in tables):
        return None
    curve = Ageing()
    theta = {"strength": 1.0, "between": 0.0}
    shifts = [float(np.asarray(curve.shift(m, theta | {"age_offset": at}))) for m in tables for at in offsets]
    half = (max(shifts) - min(shifts)) / 2
    return Line(-half, half)
