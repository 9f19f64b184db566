"""What the result of an interrupted time series says beside its figures."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

from iom_causal.base.specs import FrozenMap
from iom_causal.beliefs import Normal
from iom_causal.estimate import Estimate
from iom_causal.estimate.notes import TOO_NARROW, Note
from iom_causal.inputs.series import Series, selected_words
from iom_causal.panel import Panel

JOINT, FORECAST = "joint", "forecast"
NONE, AR1, RANDOM_WALK = "none", "ar1", "random_walk"
DISPERSED = 1.5
"""A Pearson dispersion of the totals above which a Poisson interval says that it is too narrow."""


class SeriesSpec(Protocol):
    """The settings of an interrupted time series that its words speak of."""

    @property
    def compare(self) -> str:
        """Jointly fitted or forecast."""
        ...

    @property
    def family(self) -> str:
        """Of a window's total."""
        ...

    @property
    def autocorrelation(self) -> str:
        """Of the log rate about the trend."""
        ...

    @property
    def season(self) -> int:
        """How many harmonics."""
        ...

    @property
    def trend(self) -> Normal | float:
        """Prior, or a stated value."""
        ...

    @property
    def level(self) -> float:
        """Of the interval."""
        ...


PRIOR_OF: Mapping[str, str] = FrozenMap(
    {
        "baseline": "the log of the events a person in 548 days, at the index date",
        "trend": "the log change of the rate in a year",
        "change": "the log of the ratio at the index date",
        "slope_change": "the log change in a year after the index date, beside the trend",
        "cosine_1": "each wave of the seasons, on the log scale",
        "spread": "the SD of a window's rate about what is expected, as a share of it",
        "innovation": "the SD of a step of the log rate from window to window",
        "persistence": "the share of the distance from the trend that lasts a window",
    }
)
"""What each prior is of."""
IN_WORDS: Mapping[str, str] = FrozenMap(
    {
        "poisson": "Poisson",
        "negative_binomial": "negative binomial",
        NONE: "",
        AR1: " about a first-order autoregression",
        RANDOM_WALK: " about a random walk",
        JOINT: "jointly fitted",
        FORECAST: "forecast from the windows before",
    }
)
OTHER: Mapping[str, str] = FrozenMap(
    {
        JOINT: "compare='forecast' fits the windows before alone, where no change after can bend the trend",
        FORECAST: "compare='joint' fits all windows, where trend and change are told apart by their form alone",
    }
)
"""What the other comparison does."""


def words(spec: SeriesSpec, panel: Panel, series: Series, sampler: str, figures: Mapping[str, Any]) -> Estimate:
    """Return what the result says beside its figures."""
    forecast = spec.compare == FORECAST
    form = f"{IN_WORDS[spec.family]}{IN_WORDS[spec.autocorrelation]}"
    return Estimate(
        outcome=series.sample.outcome,
        method=f"interrupted time series, {IN_WORDS[spec.compare]}, {form}, by {sampler}",
        term="observed / forecast" if forecast else "expected with the change / without",
        scale="ratio",
        conf_level=spec.level,
        n_input=series.sample.n_input,
        n_used=round(series.people),
        exposure=series.exposure_words,
        notes=(
            *series.sample.notes,
            *filter(None, [selected_words(panel)]),
            *_fit_notes(spec, figures),
            OTHER[spec.compare],
        ),
        assumptions=_assumptions(spec),
        diagnostics=FrozenMap(figures),
        pinned=series.sample.pinned(),
        spec=spec,
    )


def _assumptions(spec: SeriesSpec) -> tuple[str, ...]:
    seasons = " and the same seasons" if spec.season else ""
    trend = "trend before" if isinstance(spec.trend, Normal) else f"stated trend of {spec.trend:g} a year"
    spread = "no other spread than chance" if spec.family == "poisson" else "a spread that is alike in all windows"
    return (
        f"without the programme the rate would have gone on along the {trend}{seasons}",
        "nothing else changed at the index date, those at risk included",
        f"totals of windows have {spread}" + ("" if spec.autocorrelation != NONE else ", and do not hang together"),
    )


def _fit_notes(spec: SeriesSpec, figures: Mapping[str, Any]) -> tuple[str, ...]:
    notes: list[str] = []
    if spec.autocorrelation != NONE and spec.compare == JOINT:
        after, prior = figures["change_sd"]
        notes.append(
            f"a wandering rate can take up a change: the SD of the log ratio at the index date is {after:.2g}, "
            f"before the data {prior:.2g}"
        )
    fitted = sum(figures["windows"]) if spec.compare == JOINT else figures["windows"][0]
    lag = figures.get("autocorrelation", 0.0)
    if lag > 2 / math.sqrt(fitted):
        notes.append(
            Note(f"too narrow: windows next to one another hang together ({lag:.2f}); take autocorrelation", TOO_NARROW)
        )
    if spec.family == "poisson" and figures.get("dispersion", 0.0) > DISPERSED:
        notes.append(
            Note(f"too narrow: totals vary {figures['dispersion']:.1f} times as much as chance alone", TOO_NARROW)
        )
    return tuple(notes)
