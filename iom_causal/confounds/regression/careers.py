"""Regression to the mean of careers that drift and end, from several years of history before the index date."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.confounds.regression.counts import along, along_each
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.inputs.weighting import Frozen, once, weights
from iom_causal.panel import Panel
from iom_causal.windows import YEAR

type Floats = NDArray[np.float64]

_YEAR_OFF, _GAP = 10, 31
"""Days by which a window of a year may differ from one, and the first window after from the index date."""

DRIFTS = ("own", "comparison", "model")


@dataclass(frozen=True, kw_only=True)
class CareerLaw:
    """A stated law of careers, for people without an unselected cohort beside them.

    Parameters
    ----------
    rate : float
        Events a year at liberty, at the index date, of an active person of middle level; above 0.
    trend : float
        Change of log rates a year.
    own_sd, drift_sd : float
        SDs of the log of lasting levels, and of the part of the log rate that comes and goes; above 0.
    return_rate : float
        How fast that part is forgotten, a year; above 0.
    desistance : float
        The chance of stopping for good in a year, inside 0 to 1.

    Examples
    --------
    >>> CareerLaw(rate=1.5, own_sd=0.8, drift_sd=0.7, return_rate=0.4, desistance=0.06).trend
    0.0
    """

    rate: float
    own_sd: float
    drift_sd: float
    return_rate: float
    desistance: float
    trend: float = 0.0

    def __post_init__(self) -> None:
        positive = (self.rate, self.own_sd, self.drift_sd, self.return_rate)
        if not (all(np.isfinite(v) and v > 0 for v in positive) and 0 < self.desistance < 1):
            raise SpecError(
                "IOM-E092", "CareerLaw: expected rate, SDs and return_rate above 0, desistance inside 0 to 1"
            )

    @property
    def theta(self) -> Floats:
        """The six parameters on the scales of the fit."""
        logs = np.log([self.rate, self.own_sd, self.drift_sd, self.return_rate])
        odds = np.log(self.desistance / (1 - self.desistance))
        return np.array([logs[0], self.trend, logs[1], logs[2], logs[3], odds])

    @property
    def frailty(self) -> dict[str, Any]:
        """The law in the terms of a `Mechanism`, where the rate is everybody's mean."""
        mean = self.rate * float(np.exp((self.own_sd**2 + self.drift_sd**2) / 2))
        rest = {k: getattr(self, k) for k in ("trend", "own_sd", "drift_sd", "return_rate", "desistance")}
        return {"law": "lognormal", "rate": mean, **rest}


class Careers(NamedTuple):
    """A panel as yearly histories of everybody and what came after; `followed` weighs who was seen after."""

    history: Floats
    years: Floats
    after: Floats
    years_after: Floats
    spans: tuple[tuple[float, float], ...]
    managed: NDArray[np.bool_]
    weight: Floats
    followed: Floats


def careers_shift(panel: Panel, *, drift: str, law: CareerLaw | None, desistance: Any | None) -> Floats:
    """Return the log of expected over seen events a day at risk, for managed people, after over all before.

    Parameters
    ----------
    panel : Panel
        With at least three windows of a year before, and never-managed people for the unselected cohort.
    drift : {"own", "comparison", "model"}
        Where the cohort's own change comes from.
    law : CareerLaw, optional
        Stated instead of fitted.
    desistance : number or ndarray, optional
        Chance of stopping in a year, held at this instead of fitted.
    """
    if panel.outcome.ndim == 3 and panel.outcome.strides[0] != 0:
        return _each_replicate(panel, drift=drift, law=law, desistance=desistance)
    careers = read_careers(panel)
    _check(careers, drift, law)
    if desistance is None:
        return _shift(careers, drift, law, None)
    stop = np.asarray(desistance, dtype=np.float64)
    if stop.ndim == 0:
        return _shift(careers, drift, law, float(stop))
    return _over_draws(careers, drift, law, stop)


def read_careers(panel: Panel) -> Careers:
    """Read yearly histories, days at risk and people's weights from a panel.

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E047 for windows that are not yearly, fewer than three, or far
        from the index date, IOM-E048 for windows without dates.
    """
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count; for a score use ScoreRegression")
    spans = _spans(panel)
    outcome = once(panel.outcome, 2)
    post = np.array([w.post for w in panel.windows])
    weight = weights(panel) * ~np.isnan(outcome[:, ~post]).any(-1)
    followed = weight * ~np.isnan(outcome[:, post]).any(-1)
    y = np.nan_to_num(outcome)
    days = np.array([w.days for w in panel.windows]) if panel.exposure is None else panel.exposure
    years = np.broadcast_to(once(days, 2) if days.ndim > 2 else days.astype(np.float64), y.shape) / YEAR
    return Careers(
        y[:, ~post], years[:, ~post], y[:, post], years[:, post], spans, panel.group, weight, followed
    )  # fmt: skip


def _spans(panel: Panel) -> tuple[tuple[float, float], ...]:
    if any(w.days is None for w in panel.windows):
        raise InputError("IOM-E048", "careers need dated windows: give each its start and end in days")
    before = [w for w in panel.windows if not w.post]
    after = [w for w in panel.windows if w.post]
    yearly = all(abs((w.days or 0) - YEAR) <= _YEAR_OFF for w in before)
    near = abs(before[-1].end or 0) <= _GAP and abs(after[0].start or 0) <= _GAP
    if len(before) < 3 or not yearly or not near:
        raise InputError(
            "IOM-E047",
            f"careers need at least three windows of a year before, up to the index date; got {len(before)} windows of "
            f"{', '.join(str(w.days) for w in before)} days",
        )
    return tuple(((w.start or 0) / YEAR, (w.end or 0) / YEAR) for w in after)


def _check(careers: Careers, drift: str, law: CareerLaw | None) -> None:
    if law is None and careers.managed.all():
        raise InputError(
            "IOM-E048",
            "careers are fitted to an unselected cohort, but everybody here is managed: add the people from whom they "
            "were picked (with start masked), or state careers=CareerLaw(...)",
        )
    if drift == "own" and careers.history.shape[1] < 2 * _years_after(careers):
        raise InputError(
            "IOM-E047", f"the cohort's own drift needs {2 * _years_after(careers)} years before, as long twice as after"
        )
    if drift != "model" and law is not None:
        raise InputError("IOM-E048", "a stated law of careers holds its own drift: use drift='model' with it")


def _years_after(careers: Careers) -> int:
    return max(1, round(careers.spans[-1][1] - careers.spans[0][0]))


class _Told(NamedTuple):
    """Each person's expected events after, how they move with the parameters, and how people move those."""

    expected: Floats
    slopes: Floats
    influence: Floats


def _shift(careers: Careers, drift: str, law: CareerLaw | None, stop: float | None) -> Floats:
    base = careers.weight if careers.weight.ndim == 1 else np.ones(careers.weight.shape[-1])
    base = base * (careers.weight.reshape(-1, base.size).max(0) > 0)
    told = _told(careers, law, stop, base)
    w = careers.weight
    mine = w * careers.managed
    expected, to_theta = _log_sum(mine, told)
    adjust, also = _drift(careers, drift, told)
    before = (mine @ careers.history.sum(1)) / (mine @ careers.years.sum(1))
    if not np.all(before > 0):
        raise DegenerateDataError("IOM-E064", "managed people have no events before, so the ratio has no logarithm")
    moved = np.zeros(()) if w.ndim == 1 else ((w - base) @ told.influence * (to_theta + also)).sum(-1)
    after_time = np.log(mine @ careers.years_after.sum(1))
    return np.asarray(expected + adjust + moved - after_time - np.log(before))


def _log_sum(weight: Floats, told: _Told) -> tuple[Floats, Floats]:
    total = weight @ told.expected
    return np.log(total), (weight @ told.slopes) / np.asarray(total)[..., None]


def _drift(careers: Careers, drift: str, told: _Told) -> tuple[Floats, Floats]:
    """Return the log of the cohort's change over what the model gives it, with its slopes in the parameters."""
    if drift == "model":
        return np.zeros(()), np.zeros(6)
    w = careers.weight if drift == "own" else careers.followed * ~careers.managed
    expected, to_theta = _log_sum(w, told)
    if drift == "comparison":
        seen = w @ careers.after.sum(1)
    else:
        r = _years_after(careers)
        last, earlier = w @ careers.history[:, -r:].sum(1), w @ careers.history[:, -2 * r : -r].sum(1)
        length = (careers.spans[-1][1] - careers.spans[0][0]) / r
        seen = last * (last / np.maximum(earlier, 1e-300)) * length
    if not np.all(np.isfinite(seen) & (np.asarray(seen) > 0)):
        raise DegenerateDataError("IOM-E064", "the cohort has no events from which to take its drift")
    return np.log(seen) - expected, -to_theta


def _told(careers: Careers, law: CareerLaw | None, stop: float | None, weight: Floats) -> _Told:
    frozen = (Frozen(v) for v in (careers.history, careers.years, careers.years_after, weight))
    return _fitted(*frozen, careers.spans, law, stop)


def _overlap(spans: tuple[tuple[float, float], ...], ahead: int) -> Floats:
    """Return the share of each window after that lies in each year ahead, (windows, years)."""
    share = np.array([[max(0.0, min(end, h + 1) - max(start, h)) for h in range(ahead)] for start, end in spans])
    return np.asarray(share / share.sum(1, keepdims=True))


@lru_cache(maxsize=16)
def _fitted(
    history: Frozen,
    years: Frozen,
    years_after: Frozen,
    weight: Frozen,
    spans: tuple[tuple[float, float], ...],
    law: CareerLaw | None,
    stop: float | None,
) -> _Told:
    """Fit, or take the stated law to people's histories, and forecast; kept for a ledger's next block."""
    from iom_causal.numerics.selection import career_model as fits  # noqa: PLC0415 compiled code is slow to load

    known = fits.make_history(history.values, years.values, weight.values)
    fit = fits.fit_careers(known, stop=stop) if law is None else _stated(known, law, stop)
    ahead = int(np.ceil(spans[-1][1] - 1e-9))
    time = np.maximum(years_after.values, fits.LEAST_EXPOSURE) @ _overlap(spans, ahead)
    slopes = np.einsum("nh,nhp->np", time, fits.forecast_slopes(fit, known, ahead))
    return _Told((time * fits.forecast(fit, ahead)).sum(1), slopes, fit.influence)


def _stated(known: Any, law: CareerLaw, stop: float | None) -> Any:
    from iom_causal.numerics.selection import career_model as fits  # noqa: PLC0415 compiled code is slow to load

    theta = law.theta
    if stop is not None:
        theta[5] = np.log(stop / (1 - stop))
    nothing = np.zeros((len(known.counts), 6))
    return fits.CareerFit(theta, np.zeros(6, dtype=np.bool_), nothing, 0.0, fits.person_terms(known, theta)[2])


def _over_draws(careers: Careers, drift: str, law: CareerLaw | None, stop: Floats) -> Floats:
    """Evaluate at few chances of stopping and lay a smooth curve through them, replicate by replicate."""

    def at(chance: float) -> Floats:
        return np.atleast_1d(_shift(careers, drift, law, chance))

    if careers.weight.ndim == 1:
        return np.asarray(along(at, stop)[..., 0])
    return along_each(at, stop)


def _each_replicate(panel: Panel, *, drift: str, law: CareerLaw | None, desistance: Any | None) -> Floats:
    shifts = []
    for k in range(panel.replicates or 0):
        stop = desistance if desistance is None or np.ndim(desistance) == 0 else desistance[k]
        shifts.append(float(careers_shift(panel.replicate(k), drift=drift, law=law, desistance=stop)))
    return np.array(shifts)
