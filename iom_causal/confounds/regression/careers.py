"""Career model with drift and desistance: regression to the mean from years of history of a source population."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import histories_read
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.inputs.comparison import source_population
from iom_causal.inputs.weighting import Frozen, once, weights
from iom_causal.moments import Moments
from iom_causal.numerics.kernels.chebyshev import along, along_each
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, Selection, Window
from iom_causal.world import Mechanism

_YEAR_OFF, _GAP = 10, 31
"""Days by which a window of a year may differ from one, and the first window after from the index date."""

DRIFTS = ("own", "comparison", "model")
STATED_ELSEWHERE = "RegressionToMean careers: only for method='desistance' with drift='model'"


@dataclass(frozen=True, kw_only=True)
class CareerLaw:
    """Stated parameters of careers, for selected people without a source population beside them.

    Parameters
    ----------
    rate : float
        Events a year at liberty, at the index date, of an active person of median level; above 0.
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
        """The same in the terms of a `Mechanism`, where the rate is the population's mean."""
        mean = self.rate * float(np.exp((self.own_sd**2 + self.drift_sd**2) / 2))
        rest = {k: getattr(self, k) for k in ("trend", "own_sd", "drift_sd", "return_rate", "desistance")}
        return {"law": "lognormal", "rate": mean, **rest}


@dataclass(frozen=True, kw_only=True)
class DesistingCareers(Method):
    """Maximum likelihood of lognormal levels, rates that drift, and desistance, in a source population's histories.

    The source population is all people in the panel; the managed people are those with a start.

    On a real cohort without any programme it leaves .01 to .03 of the log ratio with the cohort's own drift, and .00
    to -.02 with that of the never-managed (the example `toronto_placebo.py`). Where the decline gains four points more
    each year, own drift leaves .10 to .14 of it to the programme.

    Parameters
    ----------
    desistance : belief, optional
        Chance of stopping for good in a year, inside 0 to 1; by default fitted.
    careers : CareerLaw, optional
        Stated parameters, where there is no source population; with ``drift="model"``.
    drift : {"own", "comparison", "model"}
        The cohort's rate a day at risk goes on as between its own last two periods before, or its change is that of
        the never-managed people, or what the model says. The first two hold trend and ageing as well, so that history
        and ageing do not belong in the same ledger.

    Examples
    --------
    >>> DesistingCareers().also_holds, DesistingCareers(drift="model").also_holds
    (('ageing', 'history', 'desistance'), ('desistance',))
    """

    desistance: Belief | None = None
    careers: CareerLaw | None = None
    drift: str = "own"

    name: ClassVar[str] = "desistance"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice(self.drift, DRIFTS, f"{self.confound} drift")
        if self.careers is not None and self.drift != "model":
            raise SpecError("IOM-E092", STATED_ELSEWHERE)

    @property
    def also_holds(self) -> tuple[str, ...]:
        """Stopping, and with the cohort's own drift trend and ageing too."""
        return ("desistance",) if self.drift == "model" else ("ageing", "history", "desistance")

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log of expected over observed events a day at risk."""
        panel, _ = histories_read(data, selection, self.name)
        return careers_shift(panel, drift=self.drift, stated=self.careers, desistance=theta.get("desistance"))

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the stated parameters of careers; neutral where they are fitted."""
        del windows
        if self.careers is None:
            return Mechanism()
        stop = float(theta.get("desistance", self.careers.desistance))
        return Mechanism(frailty=self.careers.frailty | {"desistance": stop})

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data, theta
        return "rates drift and careers end as in the histories of the whole cohort"


class Histories(NamedTuple):
    """Yearly histories of a source population and what came after; `followed` weighs who was observed after."""

    history: Floats
    years: Floats
    after: Floats
    years_after: Floats
    spans: tuple[tuple[float, float], ...]
    managed: NDArray[np.bool_]
    weight: Floats
    followed: Floats


def careers_shift(panel: Panel, *, drift: str, stated: CareerLaw | None, desistance: Any | None) -> Floats:
    """Return the log of managed people's expected events a day at risk after over those observed before.

    Parameters
    ----------
    panel : Panel
        With at least three windows of a year before, and never-managed people for the source population.
    drift : {"own", "comparison", "model"}
        Where the cohort's own change comes from.
    stated : CareerLaw, optional
        Stated parameters instead of fitted ones.
    desistance : number or ndarray, optional
        Chance of stopping in a year, held at this instead of fitted.
    """
    if panel.outcome.ndim == 3 and panel.outcome.strides[0] != 0:
        return _each_replicate(panel, drift=drift, stated=stated, desistance=desistance)
    histories = yearly_histories(panel if stated is not None else source_population(panel))
    _check(histories, drift, stated)
    if desistance is None:
        return _shift(histories, drift, stated, None)
    stop = np.asarray(desistance, dtype=np.float64)
    if stop.ndim == 0:
        return _shift(histories, drift, stated, float(stop))
    return _over_draws(histories, drift, stated, stop)


def yearly_histories(panel: Panel) -> Histories:
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
    return Histories(
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


def _check(histories: Histories, drift: str, stated: CareerLaw | None) -> None:
    if stated is None and histories.managed.all():
        raise InputError(
            "IOM-E048",
            "careers are fitted to an unselected cohort, but everybody here is managed: add the people from whom they "
            "were picked (with start masked), or state careers=CareerLaw(...)",
        )
    if drift == "own" and histories.history.shape[1] < 2 * _years_after(histories):
        raise InputError(
            "IOM-E047",
            f"the cohort's own drift needs {2 * _years_after(histories)} years before, as long twice as after",
        )
    if drift != "model" and stated is not None:
        raise InputError("IOM-E048", "a stated law of careers holds its own drift: use drift='model' with it")


def _years_after(histories: Histories) -> int:
    return max(1, round(histories.spans[-1][1] - histories.spans[0][0]))


class _Forecast(NamedTuple):
    """Expected events after of each person, their slopes in the parameters, and people's influence on those."""

    expected: Floats
    slopes: Floats
    influence: Floats


def _shift(histories: Histories, drift: str, stated: CareerLaw | None, stop: float | None) -> Floats:
    base = histories.weight if histories.weight.ndim == 1 else np.ones(histories.weight.shape[-1])
    base = base * (histories.weight.reshape(-1, base.size).max(0) > 0)
    forecast = _forecast(histories, stated, stop, base)
    w = histories.weight
    mine = w * histories.managed
    expected, to_theta = _log_sum(mine, forecast)
    adjust, also = _drift(histories, drift, forecast)
    before = (mine @ histories.history.sum(1)) / (mine @ histories.years.sum(1))
    if not np.all(before > 0):
        raise DegenerateDataError("IOM-E064", "managed people have no events before, so the ratio has no logarithm")
    moved = np.zeros(()) if w.ndim == 1 else ((w - base) @ forecast.influence * (to_theta + also)).sum(-1)
    after_time = np.log(mine @ histories.years_after.sum(1))
    return np.asarray(expected + adjust + moved - after_time - np.log(before))


def _log_sum(weight: Floats, forecast: _Forecast) -> tuple[Floats, Floats]:
    total = weight @ forecast.expected
    return np.log(total), (weight @ forecast.slopes) / np.asarray(total)[..., None]


def _drift(histories: Histories, drift: str, forecast: _Forecast) -> tuple[Floats, Floats]:
    """Return the log of the cohort's change over what the model gives it, with its slopes in the parameters."""
    if drift == "model":
        return np.zeros(()), np.zeros(6)
    w = histories.weight if drift == "own" else histories.followed * ~histories.managed
    expected, to_theta = _log_sum(w, forecast)
    if drift == "comparison":
        observed = w @ histories.after.sum(1)
    else:
        observed = _carried_on(histories) * (w @ histories.years_after.sum(1))
    if not np.all(np.isfinite(observed) & (np.asarray(observed) > 0)):
        raise DegenerateDataError("IOM-E064", "the cohort has no events from which to take its drift")
    return np.log(observed) - expected, -to_theta


def _carried_on(histories: Histories) -> Floats:
    """Return the cohort's log-linear trend through its last two periods before, at the middle of the time after.

    Per year at risk. Two periods and no more: a trend through six years takes a sixth off the error of what remains
    where careers are straight, and twice as much bias where they bend.
    """
    w, r = histories.weight, _years_after(histories)
    last, earlier = (
        (w @ histories.history[:, period].sum(1)) / (w @ histories.years[:, period].sum(1))
        for period in (slice(-r, None), slice(-2 * r, -r))
    )
    middle = (histories.spans[0][0] + histories.spans[-1][1]) / 2
    return np.asarray(last * (last / np.maximum(earlier, 1e-300)) ** (0.5 + middle / r))


def _forecast(histories: Histories, stated: CareerLaw | None, stop: float | None, weight: Floats) -> _Forecast:
    frozen = (Frozen(v) for v in (histories.history, histories.years, histories.years_after, weight))
    return _fitted(*frozen, histories.spans, stated, stop)


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
    stated: CareerLaw | None,
    stop: float | None,
) -> _Forecast:
    """Fit the career model to people's histories, or take the stated one, and forecast; cached for the next block."""
    from iom_causal.numerics.selection import career_model as fits  # noqa: PLC0415 compiled code is slow to load

    known = fits.make_history(history.values, years.values, weight.values)
    fit = fits.fit_careers(known, stop=stop) if stated is None else _at_stated(known, stated, stop)
    ahead = int(np.ceil(spans[-1][1] - 1e-9))
    time = np.maximum(years_after.values, fits.LEAST_EXPOSURE) @ _overlap(spans, ahead)
    slopes = np.einsum("nh,nhp->np", time, fits.forecast_slopes(fit, known, ahead))
    return _Forecast((time * fits.forecast(fit, ahead)).sum(1), slopes, fit.influence)


def _at_stated(known: Any, stated: CareerLaw, stop: float | None) -> Any:
    from iom_causal.numerics.selection import career_model as fits  # noqa: PLC0415 compiled code is slow to load

    theta = stated.theta
    if stop is not None:
        theta[5] = np.log(stop / (1 - stop))
    nothing = np.zeros((len(known.counts), 6))
    return fits.CareerFit(theta, np.zeros(6, dtype=np.bool_), nothing, 0.0, fits.person_terms(known, theta)[2])


def _over_draws(histories: Histories, drift: str, stated: CareerLaw | None, stop: Floats) -> Floats:
    """Evaluate at few chances of stopping and lay a smooth curve through them, replicate by replicate."""

    def at(chance: float) -> Floats:
        return np.atleast_1d(_shift(histories, drift, stated, chance))

    if histories.weight.ndim == 1:
        return np.asarray(along(at, stop)[..., 0])
    return along_each(at, stop)


def _each_replicate(panel: Panel, *, drift: str, stated: CareerLaw | None, desistance: Any | None) -> Floats:
    shifts = []
    for k in range(panel.replicates or 0):
        stop = desistance if desistance is None or np.ndim(desistance) == 0 else desistance[k]
        shifts.append(float(careers_shift(panel.replicate(k), drift=drift, stated=stated, desistance=stop)))
    return np.array(shifts)
