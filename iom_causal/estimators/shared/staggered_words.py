"""Words of estimates from staggered starts: what is taken for granted, and who is in the effect."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import fixed
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError
from iom_causal.estimators.shared.staggered_fits import StaggeredFit
from iom_causal.inputs.staggered import StaggeredPeople
from iom_causal.numerics.comparison.staggered import LEAST_UNITS, unit_counts

FEW = 5
"""People (or clusters) of a start below which its effects are called rough."""
SHARPER = 0.75
"""Standard error from all windows before over that from one, up to which a note tells of it."""

AVERAGED = {
    "simple": "over all managed windows",
    "event": "mean over windows since the start",
    "group": "mean over starts",
    "calendar": "mean over calendar windows",
}

_ASSUMPTIONS = (
    "people {} are independent of one another",
    (
        "without the programme, people of each start would have changed since {} by the same {} as those they are "
        "compared with"
    ),
    "nobody's outcome changed {}because the start was coming",
    "who started when did not depend on the outcome {}, so that regression to the mean is the same in all",
)


def assumptions(*, cluster: str, ratio: bool, anticipation: int, pooled: bool) -> tuple[str, ...]:
    """Return what must hold, in words; `pooled` where all windows before are the base.

    Examples
    --------
    >>> assumptions(cluster="", ratio=True, anticipation=0, pooled=True)[1][:73]
    'without the programme, people of each start would have changed since all '
    """
    among = f"of one {cluster} may be alike, and those of several" if cluster else ""
    early = f"more than {anticipation} windows before, " if anticipation else ""
    since = "all windows before it together" if pooled else "the window before it"
    said = ((among,), (since, "ratio" if ratio else "amount"), (early,), ("before" if pooled else "just before",))
    return tuple(text.format(*words).replace("  ", " ") for text, words in zip(_ASSUMPTIONS, said, strict=True))


def notes(people: StaggeredPeople, fit: StaggeredFit, k: int, cluster: str) -> tuple[str, ...]:
    """Return who starts when in a replicate, who is left out, and whose effects are rough."""
    windows = people.people.outcome.shape[-1]
    counts = np.rint(unit_counts(people.people._replace(cluster=None), len(people.starts))[k])
    units = unit_counts(people.people, len(people.starts))[k]
    treated = (people.starts < windows) & (counts > 0)
    used = np.unique(fit.cells.own[fit.managed])
    alone = int((treated & (units < LEAST_UNITS)).sum())
    few = int((units[used] < FEW).sum())
    unit = "cluster" if cluster else "person"
    last = _without_comparison(people.starts[treated], fit, windows)
    absent = int(np.isnan(fit.effects.value[k, 1:]).sum())
    said = {
        f"{round(counts[treated].sum())} people start at {int(treated.sum())} windows, and "
        f"{round(counts[~treated].sum())} never do": True,
        f"{int(people.aside[k])} people managed from so early on that no window lies before are left out": bool(
            people.aside[k]
        ),
        f"{alone} starts of one {unit} are compared with, and have no effect of their own: one change has no "
        "standard error": alone,
        f"{few} starts have fewer than {FEW} {'clusters' if cluster else 'people'}, so that the standard "
        "errors of their effects are rough": few,
        f"of the windows since each start, {last} have nobody left to compare with and are not in the effect": last,
        f"{absent} terms of the path have no events, and so no ratio": absent,
        "days at risk are not known: they are taken to change by the same ratio in all groups": (
            fit.ratio and people.block.days is None
        ),
    }
    return tuple(text for text, true in said.items() if true)


def refusal(fit: StaggeredFit, k: int, name: str, cluster: str) -> IomCausalError | None:
    """Return why a replicate has no overall effect; None where it has one."""
    if not fit.managed.any():
        return InputError(
            "IOM-E060",
            f"{name}: EventStudy: expected at least {LEAST_UNITS} {'clusters' if cluster else 'people'} of one start "
            f"with every window, and {LEAST_UNITS} to compare them with",
        )
    if np.isnan(fit.effects.value[k, 0]):
        return DegenerateDataError(
            "IOM-E064",
            f"{name}: a window that the ratio needs has no events, among those who start or the people they are "
            'compared with; put windows together, or EventStudy(contrast="difference") compares mean changes',
        )
    if np.isnan(fit.effects.df[k, 0]):
        return DegenerateDataError(
            "IOM-E065", f"{name}: people do not differ in their change, so there is no standard error"
        )
    return None


def sharper(relative: float) -> tuple[str, ...]:
    """Return a note where all windows before, as base, would give a much smaller standard error.

    Examples
    --------
    >>> sharper(0.9), len(sharper(0.5))
    ((), 1)
    """
    if not relative <= SHARPER:
        return ()
    return (
        (
            f'from all windows before together, EventStudy(base="every"), the standard error is {fixed(relative)} '
            "times that from one window; without the programme groups must then go alike through all of them"
        ),
    )


def _without_comparison(starts: NDArray[np.int64], fit: StaggeredFit, windows: int) -> int:
    """Return how many managed windows, of all starts, have nobody to be compared with."""
    treated = int((windows - starts).sum())
    return treated - int(np.isin(fit.cells.starts[fit.cells.own[fit.managed]], starts).sum())
