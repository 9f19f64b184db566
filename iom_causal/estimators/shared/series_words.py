"""What the result of an interrupted time series says beside its figures."""

import math

import numpy as np
from numpy.typing import NDArray

from iom_causal.estimate.notes import TOO_NARROW, Note
from iom_causal.estimators.shared.requirements import Requirement
from iom_causal.estimators.shared.series_totals import SeriesTotals
from iom_causal.inputs.series import selected_on, selected_words
from iom_causal.numerics.comparison.serial_errors import autocorrelations, ljung_box
from iom_causal.numerics.comparison.series_effects import SeriesEffect
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]

DISPERSED = 1.5
"""Dispersion of totals from which an interval with the model's variance is too narrow."""
STRONG = 0.6
"""First-order autocorrelation from which short series make the corrected interval too narrow too."""
LAGS = 8
"""The most lags of the test of Ljung & Box."""
SUSPECT = 0.05
"""P-value of that test below which autocorrelation is said."""

_SPREAD = {
    "hac": "what a window shares with those before it fades within a few of them",
    "quasi": "totals of windows have a spread that is alike in all of them, and do not hang together",
    "model": "totals of windows have no other spread than the model's, and do not hang together",
}
_UNSELECTED = "people were not selected at a high count in the windows before"
_COMPARED = (
    "comparison people were not managed, and nothing of the programme reached them",
    "both groups were selected alike, so that regression to the mean is the same in both",
)


def continuation(*, controlled: bool) -> tuple[str, str]:
    """Return what goes on along its trend, and what else may not change, in words."""
    if controlled:
        return "the ratio of managed to comparison people's rates", "nothing else changed for one of the groups alone"
    return "the rate", "nothing else changed"


def assumptions(panel: Panel, *, controlled: bool, season: bool, errors: str) -> tuple[str, ...]:
    """Return the assumptions of an interrupted time series; how people were selected is one where nothing says it."""
    unknown = () if selected_on(panel) is not None else (_UNSELECTED,)
    what, nothing = continuation(controlled=controlled)
    seasons = " and the same seasons" if season else ""
    return (
        f"without the programme {what} would have gone on along the trend before{seasons}",
        f"{nothing} when the programme began, those at risk included",
        *(_COMPARED if controlled else unknown),
        _SPREAD[errors],
    )


def unselected(panel: Panel) -> Requirement:
    """Advise people who were not selected by the count of which the series is."""
    said = selected_words(panel)
    return Requirement(
        needs="people who were selected by something other than this count",
        met=not said,
        found=said or "people were selected by something other than this count",
        necessary=False,
    )


def interval_notes(totals: SeriesTotals, found: SeriesEffect, errors: str) -> list[tuple[str, ...]]:
    """Return what a reader should know of the people and of the interval of each replicate, (R,)."""
    chance = ljung_box_p(found.fit.pearson)
    figures = zip(found.persistence, found.autocorrelation, chance, found.dispersion, strict=True)
    windows = totals.managed.events.shape[1]
    doubts = [_doubts(errors, windows, *(float(v) for v in row)) for row in figures]
    if totals.comparison is None:
        return doubts
    people = zip(totals.managed.people, totals.comparison.people, strict=True)
    groups = [f"{round(a)} managed and {round(b)} comparison people" for a, b in people]
    return [(both, *notes) for both, notes in zip(groups, doubts, strict=True)]


def ljung_box_p(residuals: Floats) -> Floats:
    """Return the p-value of Ljung & Box's test of residuals (R, M) at up to `LAGS` lags, (R,)."""
    windows = residuals.shape[1]
    return ljung_box(autocorrelations(residuals, residual_lags(windows)), windows)


def residual_lags(windows: int) -> int:
    """Return the lags at which residuals of so many windows are tested."""
    return min(LAGS, windows // 4)


def _doubts(
    errors: str, windows: int, persistence: float, lag: float, chance: float, dispersion: float
) -> tuple[str, ...]:
    notes: list[str] = []
    if errors == "hac" and persistence > STRONG:
        notes.append(
            Note(
                f"too narrow: windows next to one another hang together strongly ({persistence:.2f}), which "
                f"{windows} windows show too little of",
                TOO_NARROW,
            )
        )
    elif errors == "hac" and chance < SUSPECT:
        notes.append(f"windows hang together ({lag:.2f} with the one before), which the interval allows for")
    if errors != "hac" and (lag > 2 / math.sqrt(windows) or chance < SUSPECT):
        notes.append(
            Note(f'too narrow: windows next to one another hang together ({lag:.2f}); take se="hac"', TOO_NARROW)
        )
    if errors == "model" and dispersion > DISPERSED:
        notes.append(Note(f"too narrow: totals vary {dispersion:.1f} times as much as the model has it", TOO_NARROW))
    return tuple(notes)
