"""Sensitivity of a score's mean change to what people without a later score are taken to have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, readable, staggered
from iom_causal.cohort import Cohort
from iom_causal.confounds.attrition import Attrition
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.missing import MeanChange
from iom_causal.streams import Streams


@dataclass(frozen=True, slots=True)
class Lost:
    """What people lost to follow-up could do to the change of all, from published moments.

    Parameters
    ----------
    outcome : str
        The score.
    n, n_followed : int
        All people, and those followed up.
    tipping_mean : float
        The mean after of those lost at which all together did not change.
    support : tuple of float
        Smallest and largest score.
    bounds : tuple of float
        The mean change of all with every score lost at one end of the support, and at the other.
    """

    outcome: str
    n: int
    n_followed: int
    tipping_mean: float
    support: tuple[float, float]
    bounds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Missing:
    """What missing scores leave open.

    Parameters
    ----------
    by_method : mapping of str to mapping of str to MeanChange
        For every score of people that some lack, the mean change of all under each way of treating the missing.
    lost : Lost or None
        Of the first score of a published table.
    """

    by_method: Mapping[str, Mapping[str, MeanChange]] = field(default_factory=dict)
    lost: Lost | None = None


def run(subject: Subject, effort: Effort) -> Missing:
    """Work out what missing scores leave open."""
    if subject.cohort is not None:
        return Missing(by_method=_by_method(subject, subject.cohort, effort))
    moments = next((readable(subject, o.name) for o in subject.outcomes if o.kind == "score"), None)
    return Missing(lost=_lost(moments) if isinstance(moments, Moments) else None)


def _by_method(subject: Subject, cohort: Cohort, effort: Effort) -> dict[str, Mapping[str, MeanChange]]:
    found: dict[str, Mapping[str, MeanChange]] = {}
    enough = subject.release.enough
    for name, panel in cohort.items():
        if panel.kind != "score" or staggered(subject, name):
            continue
        two = panel.managed.prepost()
        lost = two.n - two.n_complete
        if lost and enough(lost) and enough(two.n_complete):
            rng = Streams(effort.seed, subject.citation).generator(f"{name}: missing")
            found[name] = Attrition().by_method(two, rng=rng)
    return found


def _lost(m: Moments) -> Lost | None:
    if m.completions()[0].mean_change is None or m.n_input in {None, m.n}:
        return None
    if m.range_pre is None or m.range_post is None:
        return None
    support = min(m.range_pre[0], m.range_post[0]), max(m.range_pre[1], m.range_post[1])
    tipping = Attrition().tipping_mean(m)
    return Lost(m.name, m.n_input or m.n, m.n, tipping, support, Attrition().bounds(m, support))
