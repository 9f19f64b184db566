"""Models that have the same observed figures, as curves along which every unprinted statistic moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.sensitivity.requested_statistics import (
    MANY,
    STATISTICS,
    Model,
    Taken,
    drifted,
    regressed,
    shares,
)
from iom_causal.base.specs import FrozenMap
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.null.calibrate import KindOfRates, identified_sets
from iom_causal.null.fitting import MomentMatch
from iom_causal.null.observed import Observed
from iom_causal.numerics.pairs.rate_models import SelectionFit
from iom_causal.numerics.sensitivity.expected_width import expected_width, widths_when_known

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

RECORDS = (1.0, 2.0, 4.0, inf)
"""Lengths of the record that a rule may have read, in windows before; infinite for the rate itself."""
LASTING, LASTING_OR_NOT = ((True, 1.0),), ((True, 0.5), (False, 0.5))
"""Whether a rate that a rule read lasts, or moves as the population's does, and with which part of the weight."""
COARSE = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3)
"""Ratios at which models are looked for where printed figures are incomplete."""
TRUTHS = 3
"""At how many places of a line's range it may truly be, ends included."""


@dataclass(frozen=True, slots=True)
class Line:
    """A change without the programme that acts on everybody alike, as the logs of the ends of its ratio.

    Parameters
    ----------
    low, high : float
        The ends.
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        """How far apart they are."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Models in segments of curves, straight between neighbours.

    Parameters
    ----------
    value : ndarray
        (N, 2) log ratio of everybody's mean, after over before, with all lines in it, at both ends of each segment.
    weight : ndarray
        (N,) of each segment.
    statistics : mapping of str to ndarray
        (N, 2) of each statistic.
    tolerance : mapping of str to ndarray
        (N,) by how much a known one may differ from that of the truth; infinite where a model tells nothing of it.
    lines : mapping of str to Line
        What else may have changed, by name.
    exact : bool
        Whether every model has the figures exactly; else they are those that the figures do not reject.
    """

    value: Floats
    weight: Floats
    statistics: Mapping[str, Floats]
    tolerance: Mapping[str, Floats]
    lines: Mapping[str, Line]
    exact: bool = True

    @property
    def ends(self) -> tuple[float, float]:
        """Logs of the lowest and the highest ratio of the programme that is left today."""
        low, high = (sum(end) for end in zip(*((v.low, v.high) for v in self.lines.values()), strict=True))
        return float(self.value.min() - high), float(self.value.max() - low)

    def widths(self, known: Sequence[str]) -> Floats:
        """Width of the identified set of the programme's log ratio, were each segment the truth, (N, P).

        Parameters
        ----------
        known : sequence of str
            Names of the statistics that are known beside what is printed. Where a known one tells a line, P places of
            that line are tried as the truth; else P is 1.
        """
        told = {STATISTICS[name].line: name for name in known if STATISTICS[name].line}
        alone = [name for name in known if not STATISTICS[name].line]
        given, bounds = [self.statistics[name] for name in alone], [self.tolerance[name] for name in alone]
        stays = [self._stays(name) for name in alone]
        moving = next((line for line, name in told.items() if np.ptp(self.statistics[name]) > 0), "")
        rest = self._rest({line: name for line, name in told.items() if line != moving}, moving)
        base = self._set(self.value, given, bounds, bounds, stays) + rest
        if not moving:
            return base[:, None]
        places = [self._told(moving, told[moving], base, given, bounds, stays, rest, at) for at in _PLACES]
        return np.stack(places, -1)

    def _stays(self, name: str) -> Flags:
        """Return which models no value of a statistic rules out.

        Those that tell nothing of it; and of one of the source population those of a longer record, for they have the
        means of the people alone, with the population that a rule on one window would need.
        """
        silent = np.isinf(self.tolerance[name])
        return silent | (self.statistics["rule"][:, 0] < 1) if STATISTICS[name].of_pool else silent

    def _rest(self, told: Mapping[str, str], moving: str) -> Floats:
        """Return the width that lines add: all of it, or what a statistic that tells one leaves, by the truth."""
        rest = np.zeros(len(self.value))
        for line, ends in self.lines.items():
            if line != moving:
                rest += np.minimum(2 * self.tolerance[told[line]], ends.width) if line in told else ends.width
        return rest

    def _told(
        self,
        name: str,
        by: str,
        base: Floats,
        given: list[Floats],
        bounds: list[Floats],
        stays: list[Flags],
        rest: Floats,
        at: float,
    ) -> Floats:
        """Return the width with a line known up to what models differ in of the statistic that tells it.

        The statistic is the line and, in logs, what a model adds to it; a model is left where that difference lies in
        the line's range. The narrowest of three sets that hold the true value counts, so that nothing widens; the first
        holds it only where every model tells what it adds.
        """
        line, own, off = self.lines[name], self.statistics[by], self.tolerance[by]
        below, above = [*bounds, (1 - at) * line.width + off], [*bounds, at * line.width + off]
        left = [*stays, self._stays(by)]
        narrowed = self._set(self.value + own, [*given, own], below, above, left) + rest + 2 * off
        narrowed += np.inf if np.isinf(off).any() else 0.0
        held = self._set(self.value, [*given, own], below, above, left) + rest + line.width
        return np.minimum(np.minimum(narrowed, held), base + line.width)

    def _set(
        self, value: Floats, given: list[Floats], below: list[Floats], above: list[Floats], stays: list[Flags]
    ) -> Floats:
        size = len(value)
        statistics = np.array(given).reshape(len(given), size, 2)
        flags = np.array(stays, dtype=np.bool_).reshape(len(given), size)
        less, more = (np.array(b).reshape(len(b), size) for b in (below, above))
        return widths_when_known(value, statistics, less, more, flags)

    def expected(self, known: Sequence[str]) -> float:
        """Return the expected width once these statistics are known, over the models that may be true."""
        return expected_width(self.widths(known).mean(-1), self.weight)


_PLACES = tuple(np.linspace(0.0, 1.0, TRUTHS).tolist())


def models_of(
    tables: Sequence[Observed],
    lines: Mapping[str, Line],
    *,
    records: Sequence[float],
    course: float,
    noise: float,
    level: float,
) -> Models:
    """Return the models that have the observed figures, over every table that these leave possible.

    Parameters
    ----------
    tables : sequence of Observed
        One where the figures are complete, else one for each way in which they may be completed.
    lines : mapping of str to Line
        What else may have changed without the programme.
    records : sequence of float
        Lengths of the record that the rule may have read.
    course : float
        How much the log mean of an earlier window may differ from what it is where rates are stationary.
    noise : float
        How many standard errors a statistic may be off.
    level : float
        At which figures reject a model, where none has them exactly.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no model has them.
    """
    curves, why, whole, exact = [], [], len(tables) == 1, True
    for observed in tables:
        found, excluded = identified_sets(observed, ratios=None if whole else COARSE, level=level, nearly=whole)
        why += excluded
        exact &= all(isinstance(kind.fitting, MomentMatch) for kind in found)
        for kind in found:
            try:
                shapes = _shapes(observed, kind)
                curves += [
                    _curve(observed, kind, shapes, Rule(record, lasts, weight), course, noise)
                    for record in records
                    for lasts, weight in (LASTING_OR_NOT if record == inf else LASTING)
                ]
            except InputError as error:  # the tail of these models is too long for a table
                why.append(error.message)
    if not curves:
        raise NotIdentifiedError("IOM-E068", "; ".join(dict.fromkeys(why)))
    segments = [segment for curve in curves for segment in curve]
    return Models(
        value=np.array([s.value for s in segments]),
        weight=np.array([s.weight for s in segments]),
        statistics=FrozenMap({k: np.array([[e[k].value for e in s.ends] for s in segments]) for k in STATISTICS}),
        tolerance=FrozenMap({k: np.array([max(e[k].tolerance for e in s.ends) for s in segments]) for k in STATISTICS}),
        lines=FrozenMap(lines),
        exact=exact,
    )


class Rule(NamedTuple):
    """What a rule read, and how much such rules weigh.

    Attributes
    ----------
    record : float
        How many windows; infinite for the rate itself.
    lasts : bool
        Whether a rate that was read lasts.
    weight : float
        Beside those of a record of another length.
    """

    record: float
    lasts: bool
    weight: float


class _Shape(NamedTuple):
    """Share of the selected with no event and with many, before and after."""

    before: tuple[float, float]
    after: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Segment:
    value: tuple[float, float]
    weight: float
    ends: tuple[Mapping[str, Taken], Mapping[str, Taken]]


def _shapes(observed: Observed, kind: KindOfRates) -> list[_Shape]:
    """Return what the law of the selected people's counts is in each model of one kind.

    Raises
    ------
    InputError
        When the tail of one is too long for a table.
    """
    many = [np.ceil(MANY * mean) for mean in (observed.moments.mean_pre, observed.moments.mean_post)]
    laws = (fit.joint_pmf().pmf for fit in kind.fits)
    return [_Shape(shares(law.sum(1), many[0]), shares(law.sum(0), many[1])) for law in laws]


def _curve(
    observed: Observed, kind: KindOfRates, shapes: Sequence[_Shape], rule: Rule, course: float, noise: float
) -> list[_Segment]:
    """Return the segments of one kind of rates under a rule that read a record of one length.

    The weight is even along the log ratio of the models whose rule read the window alone, and that of the rule in all.
    """
    after = observed.moments.mean_post / kind.length
    models = [_model(observed, fit, shape, rule, noise) for fit, shape in zip(kind.fits, shapes, strict=True)]
    values = [log(after / m.expected) for m in models]
    taken = [{name: _taken(name, m, course) for name in STATISTICS} for m in models]
    along = np.array([log(fit.ratio) for fit in kind.fits])
    if len(models) == 1:
        return [_Segment((values[0], values[0]), rule.weight, (taken[0], taken[0]))]
    parts = zip(pairwise(values), (rule.weight * np.diff(along) / np.ptp(along)).tolist(), pairwise(taken), strict=True)
    return [_Segment(*part) for part in parts]


def _model(observed: Observed, fit: SelectionFit, shape: _Shape, rule: Rule, noise: float) -> Model:
    m = observed.moments
    return Model(
        fit=fit,
        observed=m,
        n=observed.n,
        record=rule.record,
        lasts=rule.lasts,
        expected=(
            regressed(fit.mean, m.mean_pre, m.mean_post / fit.ratio, rule.record)
            if rule.lasts
            else drifted(fit, m.mean_pre)
        ),
        none=(shape.before[0], shape.after[0]),
        many=(shape.before[1], shape.after[1]),
        noise=noise,
    )


def _taken(name: str, model: Model, course: float) -> Taken:
    own = STATISTICS[name].taken(model)
    return own._replace(tolerance=own.tolerance + course / 2) if name == "earlier_mean" else own
