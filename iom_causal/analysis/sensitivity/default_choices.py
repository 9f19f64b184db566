"""Choices that an evaluation makes anyway: of windows, exposure, adjustments and more, with the values defended."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from iom_causal.confounds import Ageing, Attrition, History, RegressionToMean, ScoreRegression
from iom_causal.confounds.history import series_names
from iom_causal.estimators import PoissonFixedEffects
from iom_causal.inputs.weighting import own_days_differ
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

type Data = Panel | Moments

CURVES: Mapping[str, str] = {f"scotland-{year}": f"Scotland, {year}" for year in (1990, 2000, 2011)}
"""Curves of rates by age, of three eras, in words."""
TRENDS: Mapping[str, str] = {
    "arrests-england-wales": "arrests, England and Wales",
    "recorded-crime-england-wales": "recorded crime, England and Wales",
}
"""National series in words."""
NOT_ALLOWED_FOR = "not allowed for"
AGE, TREND, LOST = "age curve", "trend", "people without a follow-up"
ACTS_ON_ALL = (AGE, TREND)
"""Choices of lines that are worked out of ages and dates, whatever was counted."""
MEANS = (0.25, 0.35, 0.5)
"""Means of the source population, over that of the people before, of a published table."""
RELIABILITIES = (0.95, 0.9, 0.8)
"""Of a score."""
AT_THE_CUT: Mapping[str, float] = {"": 1.0, ", many at the cut": 3.0}
"""People at the cut of a published table, over those of scores that thin out evenly above it."""
DRIFT = 0.8
"""Persistence of rates that drift."""


def default_choices(data: Data) -> dict[str, dict[str, Any]]:
    """Return the choices that an evaluation of these data makes anyway, each with the values that people defend.

    Windows before and after where there are several, whose days at risk where people have their own and by which
    estimator then, the curve of rates by age where ages are known, the trend where dates are, what people without a
    follow-up are taken to be, and how people were picked: of a count on their rate (where no rule is stated that reads
    the count), or on the count with rates that last or drift (of a published table by the share of their mean that the
    source population has), or as others show; of a score how much of it is chance, read
    at the cut of a published table where no normal population has such scores.

    Examples
    --------
    >>> rows = [[5, 4, 2], [3, 4, 1], [4, 2, 4]]
    >>> from iom_causal.windows import Window
    >>> windows = (Window("y1", -730, -365), Window("y2", -365, 0), Window("after", 0, 365, post=True))
    >>> {name: list(labels) for name, labels in default_choices(Panel.from_arrays(rows, windows=windows)).items()}
    {'windows before': ['all', 'the last'], 'how people were picked': ['on their rate', 'on the count, rates last', \
'on the count, rates drift']}
    """
    of_score = data.kind == "score"
    parts = [_windows(data), {} if of_score else _exposure(data), {} if of_score else _age_and_trend(data)]
    parts += [_missing(data), _picked_by_score(data) if of_score else _picked(data)]
    return {name: labels for part in parts for name, labels in part.items() if len(labels) > 1}


def _windows(data: Data) -> dict[str, dict[str, Any]]:
    if isinstance(data, Moments):
        return {}
    before, after = ([w.label for w in data.windows if w.post == post] for post in (False, True))
    found: dict[str, dict[str, Any]] = {}
    if len(before) > 1:
        found["windows before"] = {"all": None, "the last": Only((*before[-1:], *after))}
    if len(after) > 1:
        found["windows after"] = {"all": None, "the first": Only((*before, *after[:1]))}
    return found


@dataclass(frozen=True)
class Only:
    """A function of a panel: the same in some of its windows.

    Examples
    --------
    >>> len(Only(("before", "after"))(Panel.from_arrays([[3, 1], [2, 2]])).windows)
    2
    """

    labels: tuple[str, ...]

    def __call__(self, data: Data) -> Data:
        """Return the panel in these windows and those that were kept before, where others were left out already."""
        if isinstance(data, Moments):
            return data
        at = [k for k, w in enumerate(data.windows) if w.label in self.labels]
        start = data.start
        if start is not None:
            first = np.searchsorted(at, np.ma.getdata(start))
            start = np.ma.MaskedArray(first, mask=np.ma.getmaskarray(start))
        return replace(
            data,
            outcome=data.outcome[..., at],
            windows=tuple(data.windows[k] for k in at),
            exposure=None if data.exposure is None else data.exposure[..., at],
            start=start,
        )


def windows_days(data: Data) -> Data:
    """Return a panel with the days of its windows as everybody's days at risk.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2]], exposure=[[9, 9], [9, 5]])
    >>> windows_days(panel).exposure is None
    True
    """
    return data if isinstance(data, Moments) else replace(data, exposure=None)


def _exposure(data: Data) -> dict[str, dict[str, Any]]:
    if not own_days_differ(data):
        return {}
    return {
        "days at risk": {"each person's": None, "the windows'": windows_days},
        "estimator": {"pooled rates": None, "within person": PoissonFixedEffects()},
    }


def _age_and_trend(data: Data) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    ages = data.age_mean is not None if isinstance(data, Moments) else data.age is not None
    if ages and all(w.days is not None for w in data.windows):
        found[AGE] = {NOT_ALLOWED_FOR: None} | {label: Ageing(curve=name) for name, label in CURVES.items()}
    if data.index_date is not None:
        series = {TRENDS.get(name, name): History(series=name) for name in series_names()}
        found[TREND] = {NOT_ALLOWED_FOR: None} | series
    return found


def _missing(data: Data) -> dict[str, dict[str, Any]]:
    if isinstance(data, Moments):
        lost = data.n_input not in (None, data.n)
    else:
        two = data.managed
        lost = bool((~two.complete).any())
    if not lost:
        return {}
    rules = {"as the others": None, "as predicted": Attrition(), "unchanged": Attrition(handling="unchanged")}
    return {LOST: rules}


def _picked(data: Data) -> dict[str, dict[str, Any]]:
    name = "how people were picked"
    found: dict[str, Any] = {"on their rate": RegressionToMean(method="none")}
    if isinstance(data, Moments):
        rule = Selection(data.name, (data.windows[0].label,), "soft", "at_boundary")
        if data.mean_pre is not None:
            for share in MEANS:
                line = RegressionToMean(method="linear", comparable_mean=share * data.mean_pre, selection=rule)
                found[f"on the count, whole list averages {share:.0%}"] = line
        return {name: found}
    if data.selection is not None and data.selection.variable == data.name and data.selection.rule != "rate":
        del found["on their rate"]  # the rule says otherwise
    lasting = RegressionToMean(method="robbins_zhang")
    found |= {"on the count, rates last": lasting, "on the count, rates drift": replace(lasting, persistence=DRIFT)}
    if not data.group.all():
        found["as the never-managed show"] = RegressionToMean(method="pool")
    if data.alike.any():
        found["as others picked alike show"] = RegressionToMean(method="comparison")
    return {name: found}


def _picked_by_score(data: Data) -> dict[str, dict[str, Any]]:
    found: dict[str, Any] = {"without chance": None}
    if isinstance(data, Moments):
        found |= _picked_at_lowest(data)
    else:
        found |= {
            f"reliability {value:g}": ScoreRegression(method="normal", reliability=value) for value in RELIABILITIES
        }
        if data.alike.any():
            found["as others picked alike show"] = ScoreRegression(method="comparison")
    return {"how much of a score is chance": found}


def _picked_at_lowest(m: Moments) -> dict[str, Any]:
    """Return the choices of a published table whose people were picked at the lowest score that is printed.

    Where no normal population has such scores (their SD is above their mean excess), the density at the cut is that of
    scores that thin out evenly, one over the mean excess, or several times that; the error is that of the reliability
    at the printed SD.
    """
    if m.range_pre is None:
        return {}
    cut = m.range_pre[0]
    rule = Selection(m.name, (m.windows[0].label,), "at_least", "at_boundary", threshold=cut)
    mean, sd = (m.mean_pre, m.sd_pre) if m.mean_pre is not None else (m.mean_pre_input, m.sd_pre_input)
    if mean is None or sd is None or not 0 < mean - cut <= sd:
        return {
            f"reliability {value:g}": ScoreRegression(method="normal", reliability=value, selection=rule)
            for value in RELIABILITIES
        }
    return {
        f"reliability {value:g}{label}": ScoreRegression(
            sem=sd * math.sqrt(1 - value), edge_density=times / (mean - cut), selection=rule
        )
        for label, times in AT_THE_CUT.items()
        for value in RELIABILITIES
    }
