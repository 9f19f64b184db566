"""Requirements of a design at a cut: a number, and a cut that decides who is managed, with values on either side."""

import numpy as np

from iom_causal.estimators.shared.requirements import Requirement, named_covariates
from iom_causal.numerics.comparison.discontinuity import LEAST_VALUES
from iom_causal.panel import Panel


def running_variable(panel: Panel, running: str) -> tuple[Requirement, ...]:
    """Require a running variable that holds numbers."""
    named = named_covariates(panel, *([running] if running else []), what="running variable", setting="running")
    if not named.met:
        return (named,)
    values = panel.covariates[running]
    met = values.dtype.kind in "biuf" and not np.isnan(values).all()
    numbers = Requirement(
        needs="a running variable of numbers",
        met=met,
        found=f"{running!r} {'holds' if met else 'does not hold'} numbers",
        advice="" if met else "name the score that decided, read as numbers",
        in_code="" if met else "running=",
    )
    return named, numbers


def stated_cut(cutoff: float | None) -> Requirement:
    """Require a cut."""
    return Requirement(
        needs="a cut",
        met=cutoff is not None,
        found="no cut is stated" if cutoff is None else "a cut is stated",
        advice="say from which value on people were managed" if cutoff is None else "",
        in_code="cutoff=" if cutoff is None else "",
    )


def stated_curvature(*, stated: bool) -> Requirement:
    """Advise a bound of the second derivative: the rule of thumb in its place is wide."""
    return Requirement(
        needs="a bound of how far the mean outcome bends along the score",
        met=stated,
        found="a bound is stated" if stated else "no bound of how far the mean outcome bends along the score is stated",
        advice=""
        if stated
        else (
            "the rule of thumb in its place gave intervals four times as wide in simulated studies; state by how much "
            "its slope may change from one point of the score to the next"
        ),
        in_code="" if stated else "curvature=",
        necessary=False,
    )


def decided_by_cut(panel: Panel, running: str, cutoff: float) -> Requirement:
    """Require that everybody at or above the cut is managed, and nobody below it."""
    values = np.asarray(panel.covariates[running], dtype=np.float64)
    counts = np.ones(panel.n) if panel.weight is None else panel.weight
    other = ((values >= float(cutoff)) != panel.group) & ~np.isnan(values) & (counts > 0)
    met = not other.any()
    return Requirement(
        needs="a cut that decides who is managed",
        met=met,
        found="the cut decides who is managed"
        if met
        else "some people below the cut are managed, or some at or above it are not, so that the jump is not the "
        "programme's",
        advice=""
        if met
        else "state the cut that was used; or take all at or above it as managed, for what being eligible does",
    )


def values_beside_cut(values: int, where: str, *, rule: bool) -> tuple[Requirement, Requirement]:
    """Require values of the running variable on a side of the cut: two for a line, five for the rule of thumb."""
    return (
        Requirement(
            needs="two values of the running variable on either side",
            met=values > 1,
            found=f"there are fewer than two {where}",
            advice="bring people farther from the cut, or widen the bandwidth",
        ),
        Requirement(
            needs="five values of the running variable on either side, for the rule of thumb",
            met=not rule or values >= LEAST_VALUES,
            found=f"there are fewer than five {where}, for the rule of thumb",
            advice="state by how much the slope of the mean may change from one point to the next",
            in_code="curvature=",
        ),
    )
