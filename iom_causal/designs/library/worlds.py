"""Worlds of the library's designs: one date or many, months or years, one force or several, each with any confounds."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from iom_causal import confounds as room
from iom_causal.base.specs import FrozenMap, check_choice
from iom_causal.errors import SpecError
from iom_causal.roles import Confound
from iom_causal.simulate import Ages, Careers, Engaged, Enrolment, Programme
from iom_causal.windows import MONTH, Selection, Window

WINDOWS = (Window("earlier", -1094, -547), Window("before", -547, 0), Window("after", 0, 549, post=True))
"""The rule reads the second; the first is what an earlier cohort and a placebo date need."""
PEOPLE_IN_A_CELL = 600_000
"""People of all forces in the worlds that are worked out together: about 300 MB of them."""
FORCE_SD = 0.05
"""Log SD of what happens to one force alone on the index date."""


class _Added(NamedTuple):
    """What a confound of a plausible size adds to a world: lines, and settings of the careers."""

    lines: tuple[Confound, ...]
    settings: Mapping[str, Any] = {}


CONFOUNDS: Mapping[str, _Added] = {
    "ageing": _Added((room.Ageing(curve="scotland-2011"),), {"ages": Ages(mean=30.0, sd=8.57, low=13.0, high=60.0)}),
    "attrition": _Added((room.Attrition(untracked=0.05),)),
    "breach": _Added((room.Breach(after=0.33, unit="per_year"),)),
    "custody": _Added((room.Custody(custody_per_arrest=0.2, stay_years=0.33, free_at_start=1.0),)),
    "desistance": _Added((room.Desistance(hazard=0.06),)),
    "detection": _Added((room.Detection(ratio=0.8),)),
    "engagement": _Added(
        (room.Engagement(engaged_ratio=0.6, other_ratio=1.1),), {"engaged": Engaged(share=0.5, own_ratio=0.6)}
    ),
    "follow-up": _Added((room.FollowUp(ramp_years=0.5, half_life_years=1.0),)),
    "history": _Added((room.History(ratio=0.85),)),
    "part exposure": _Added((room.PartExposure(after=1.0, before=0.2),)),
    "season": _Added((room.Season(amplitude=0.05, index_date=dt.date(2012, 5, 1)),)),
}
"""Confounds of counts by name, each of the size that it has in a bundled scenario."""


RATES: Mapping[str, float] = FrozenMap({"rate": 1.2, "own_sd": 0.7, "drift_sd": 0.4, "return_rate": 0.7})
"""Of the source population: events a year, log SDs of lasting levels and of what drifts, and how fast that returns."""
NOISE = 2.0
"""SD, in events, of what else than the count before decides who is selected."""


def with_confounds(careers: Careers, names: Sequence[str]) -> Careers:
    """Return a world in which the named confounds are all at work together.

    Parameters
    ----------
    careers : Careers
        The world without them.
    names : sequence of str
        Keys of `CONFOUNDS`.

    Raises
    ------
    SpecError
        IOM-E092 for one name that is no list, IOM-E093 for a name that is none.

    Examples
    --------
    >>> [type(line).__name__ for line in with_confounds(Careers(), ["history", "custody"]).confounds]
    ['History', 'Custody']
    """
    if isinstance(names, str):
        raise SpecError("IOM-E092", f"confounds: expected a list of names, such as [{names!r}]")
    for name in names:
        check_choice(name, CONFOUNDS, "confounds")
    added = [CONFOUNDS[name] for name in names]
    settings = {key: value for one in added for key, value in one.settings.items()}
    return replace(careers, confounds=tuple(line for one in added for line in one.lines), **settings)


def most_events(windows: Sequence[Window], *, reads: str = "events") -> Enrolment:
    """Return the rule that fills the places with those who have most in some windows: events, or rates behind them.

    Examples
    --------
    >>> most_events(WINDOWS[1:2]).top_of(50)
    50
    """
    labels = tuple(w.label for w in windows)
    rule = Selection("arrests", labels, "top", "at_boundary")
    return Enrolment(selection=rule, reads=reads, noise=NOISE if reads == "events" else 0.0)


def spans(before: int, after: int, *, months: int = 1) -> tuple[Window, ...]:
    """Return windows of so many months each, so many before and after the index date, one beside the other.

    Examples
    --------
    >>> [(w.label, w.start, w.end) for w in spans(1, 1, months=6)]
    [('-1', -183, 0), ('1', 0, 183)]
    """
    edge = [round(months * k * MONTH) for k in range(-before, after + 1)]
    label = [str(k) for k in (*range(-before, 0), *range(1, after + 1))]
    return tuple(Window(label[k], edge[k], edge[k + 1], post=k >= before) for k in range(before + after))


def comparison_world(
    *, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()
) -> Careers:
    """Careers in two forces, of which one manages those with the most events in the window before.

    Parameters
    ----------
    people : int
        Places, filled from the top.
    pool : int
        The source population of each force.
    ratio : float
        The programme's.
    confounds : sequence of str
        Keys of `CONFOUNDS`, all at work together.

    Examples
    --------
    >>> [type(line).__name__ for line in comparison_world(confounds=["history", "custody"]).confounds]
    ['History', 'Custody']
    """
    careers = Careers(
        people=people,
        pool=pool,
        forces=2,
        force_sd=FORCE_SD,
        windows=WINDOWS,
        programme=Programme(ratio=ratio),
        enrolment=most_events(WINDOWS[1:2]),
        **RATES,
    )
    return with_confounds(careers, confounds)
