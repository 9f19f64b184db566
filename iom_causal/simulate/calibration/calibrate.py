"""Simulated method of moments: worlds calibrated to a published table around an exact two-window fit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit, logit, ndtr

from iom_causal.base.formats import fixed, percent
from iom_causal.base.result import Result
from iom_causal.base.setting_paths import label
from iom_causal.errors import ConvergenceError, InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.moment_matching import fit_at_ratio
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.pairs.rate_models import SelectionFit
from iom_causal.roles import Rng
from iom_causal.simulate.calibration.checks import Check, checks
from iom_causal.simulate.calibration.scores import FITTED, ScoreFit, fit_score
from iom_causal.simulate.careers import Careers
from iom_causal.streams import Streams, as_generator
from iom_causal.windows import YEAR, Selection, Window
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

NAMES = ("mean before", "SD before", "mean after", "SD after", "correlation")
STEPS, FARTHEST, ROUNDS, CLOSE, CACHED = np.array([0.08, 0.08, 0.5, 0.08, 0.08]), 3.0, 12, 0.25, 3
"""Steps of the slopes and farthest step of all on log scales, rounds, sampling errors that are near, pools kept."""
POOL = 1000
"""People of one replicate of the pool; how many replicates there are decides how many people a fit sees."""
TRIED = ((0.0, 0.0), (0.3, 0.5), (-0.3, -0.5), (0.15, 1.0))
"""Further starts where a search ends far off: moves of the log spread and of the logit of the lasting share."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Calibrated:
    """One world that reproduces the table, with the ratio that was put in.

    Parameters
    ----------
    ratio : float
        The programme's ratio in it.
    careers : Careers
        The world.
    pool_share, pool_mean : float
        Share of its pool that is selected, and the pool's mean count in the window before.
    fitted : tuple of float
        Means, SDs and correlation of its selected people, in a pool of people whom the search has not seen.
    misses : tuple of float
        Those less reported, in sampling errors of a cohort of this size.
    miss_errors : tuple of float
        Their Monte Carlo standard errors, the pools of search and description being finite: a search fits the
        chance of its own people, so that fresh ones miss by about this much though the world were exact.
    checks : tuple of Check
        What was reported and not fitted.
    score : ScoreFit or None
        The score that was fitted, where one was reported; it is in `careers` too.
    """

    ratio: float
    careers: Careers
    pool_share: float
    pool_mean: float
    fitted: tuple[float, ...]
    misses: tuple[float, ...]
    miss_errors: tuple[float, ...]
    checks: tuple[Check, ...]
    score: ScoreFit | None = None

    @property
    def distance(self) -> float:
        """The sum of squared misses: about that of their errors where the world is exact."""
        return float(np.sum(np.square(self.misses)))

    def __repr__(self) -> str:
        return f"Calibrated(ratio={self.ratio:g}, pool_share={self.pool_share:.2g}, distance={self.distance:.2g})"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Calibration(Result):
    """Worlds along an identified set of ratios, all of which reproduce the table.

    Parameters
    ----------
    moments : Moments
        What was reported.
    worlds : tuple of Calibrated
        One a ratio.
    seed : int or None
        Of the search.
    """

    moments: Moments
    worlds: tuple[Calibrated, ...]
    seed: int | None

    def tidy(self) -> "pd.DataFrame":
        """Return one row a world: ratio, pool, misses and how far it is."""
        import pandas as pd  # noqa: PLC0415 slow to load

        rows = [
            {"ratio": w.ratio, "pool_share": w.pool_share, "pool_mean": w.pool_mean}
            | {"distance": w.distance, "distance_error": float(np.sum(np.square(w.miss_errors)))}
            | dict(zip(NAMES, w.fitted, strict=True))
            | {check.name: check.at_most for check in w.checks}
            | _of_score(w.score)
            for w in self.worlds
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Return the distance of each world from the published figures, one line a ratio."""
        head = f"{self.moments.name}: {len(self.worlds)} worlds, each fitted to {len(NAMES)} published figures"
        lines = [
            f"ratio {fixed(w.ratio)}: {percent(w.pool_share)} of everybody picked, mean of everybody "
            f"{fixed(w.pool_mean)}; off by {fixed(w.distance)} in squared sampling errors"
            for w in self.worlds
        ]
        return "\n".join([head, *lines])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how far each world is from the published figures, over its ratio."""
        from iom_causal.base import axes_of_lines  # noqa: PLC0415 matplotlib is slow to load

        ax = axes_of_lines.curve([w.ratio for w in self.worlds], [w.distance for w in self.worlds], ax=ax)
        ax.set_xlabel("ratio of the programme")
        ax.set_ylabel("off by, in squared sampling errors")
        ax.set_ylim(bottom=0)
        return ax

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"Calibration({self.moments.name!r}, {len(self.worlds)} worlds)"


def calibrate(
    data: Moments,
    careers: Careers,
    *,
    score: Moments | None = None,
    ratios: Sequence[float] = (1.0,),
    rng: Rng = None,
    pools: int = 400,
    sims: int = 200,
) -> Calibration:
    """Fit worlds to five reported moments, one for each programme ratio, and check what else is reported.

    Right as a set of worlds that cannot be told apart by the published table: five parameters (rate, spread, lasting
    share of the spread, cut and noise of the rule) meet five moments, so that a close fit for a ratio of 1 is no
    evidence of no effect, and neither is one for .8. Everything else in `careers` stays as it is: custody, ageing,
    trend, score. The search starts from the exact fit of the two-window model and goes by least squares on moments of a
    pool whose people are weighted by their chance of being selected, with common random numbers; where it ends far off
    it starts again elsewhere. The description of a world is of people whom the search has not seen.

    A reported score is fitted in each of these worlds afterwards, as people are selected on events: base, lasting
    differences, error, drift and share that drops out meet mean and SD before, t, mean after and how many lack a later
    score. The drift is all that moved the score and is not events: nothing reported tells it from what the programme
    did to the score itself, nor what became of those without a later one, so that points an event, points for the rate,
    what dropping out depends on and `Attrition` stay as `careers` states them, and are to be varied there.

    Parameters
    ----------
    data : Moments
        Reported moments of a count, with n; ranges are checked where they are reported.
    careers : Careers
        The world without its five parameters; ``return_rate`` says how fast the drifting part is forgotten.
    score : Moments, optional
        Reported moments of a score of the same people; `careers` says then what is known of it. Its SD after and its
        ranges are checked.
    ratios : sequence of float
        The programme's ratio in each world.
    rng : Generator, int or None
        The seed.
    pools : int
        Thousands of people in a fit.
    sims : int
        Cohorts of n people for sampling errors and checks.

    Raises
    ------
    InputError
        IOM-E067 when moments are lacking.
    ConvergenceError
        IOM-E080 when no search comes near; the message holds how near the best came.

    References
    ----------
    McFadden (1989), Econometrica 57, 995-1026.

    Examples
    --------
    >>> import iom_causal as iom
    >>> table = iom.load_published("template")["contacts"]
    >>> found = calibrate(table, Careers(people=table.n), rng=1, pools=40, sims=20)
    >>> [world.ratio for world in found.worlds]
    [1.0]
    """
    reported = _reported(data)
    if not ratios or min(ratios) <= 0:
        raise SpecError("IOM-E092", "calibrate: expected ratios above 0")
    if score is not None and any(label(confound) == "score_regression" for confound in careers.confounds):
        raise SpecError("IOM-E092", "calibrate: the error of the score is fitted here; leave ScoreRegression out")
    generator, seed = as_generator(rng)
    base = int(generator.integers(2**63))
    streams, fresh = Streams(base, "calibrate"), Streams(base, "calibrate, told")
    worlds, start = [], None
    for ratio in ratios:
        search = _Search(data, reported, careers, float(ratio), streams, pools)
        point = search.run(start)
        start = point
        worlds.append(replace(search, streams=fresh, lived={}).described(point, sims, score, streams))
    return Calibration(moments=data, worlds=tuple(worlds), seed=seed)


class _Point(NamedTuple):
    """Logs of the yearly rate and of the whole log SD, logit of its lasting share, logs of cut and noise."""

    log_rate: float
    log_spread: float
    lasting: float
    log_cut: float
    log_noise: float


@dataclass(frozen=True)
class _Search:
    data: Moments
    reported: PairMoments
    careers: Careers
    ratio: float
    streams: Streams
    pools: int
    lived: dict[tuple[float, ...], Floats] = field(default_factory=dict)

    def run(self, start: _Point | None) -> _Point:
        """Search from the two-window fit or from a world nearby, and from elsewhere where that ends far off."""
        first = np.array(self._first() if start is None else start)
        best, least = first, np.full(5, np.inf)
        for spread, lasting in TRIED:
            point, left = self._search(first + np.array([0.0, spread, lasting, 0.0, 0.0]))
            if np.abs(left).max() < np.abs(least).max():
                best, least = point, left
            if np.abs(least).max() <= CLOSE:
                return _Point(*best)
        worst = int(np.abs(least).argmax())
        raise ConvergenceError(
            "IOM-E080",
            f"no world with a ratio of {self.ratio:g} came near the print; the {NAMES[worst]} stayed "
            f"{abs(least[worst]):.2f} sampling errors away",
        )

    def _search(self, first: Floats) -> tuple[Floats, Floats]:
        """Go by least squares on misses in sampling errors from one point, and return the last and its misses."""
        scale = _sampling_errors(self.reported, self.data.n)

        def misses(steps: Floats) -> Floats:
            point = _Point(*(first + steps - 1))
            return np.asarray((np.array(self._moments(point)[1]) - np.array(self.reported)) / scale)

        # Steps are counted from 1, so that the slopes are taken over steps of one size for all five.
        bounds = (np.full(5, 1 - FARTHEST), np.full(5, 1 + FARTHEST))
        found = least_squares(
            misses,
            np.ones(5),
            jac="3-point",
            diff_step=STEPS,
            bounds=bounds,
            x_scale=0.1,
            ftol=1e-5,
            xtol=1e-4,
            max_nfev=ROUNDS,
        )
        return first + found.x - 1, np.asarray(found.fun)

    def described(self, point: _Point, sims: int, score: Moments | None, seen: Streams) -> Calibrated:
        """Describe the fitted world, and check cohorts of it against what was not fitted."""
        spec, fit = self._world(point), None
        if score is not None:
            streams = (seen, self.streams)
            fit = fit_score(score, self._population(point), lambda c: _chances(c, point), streams, self.pools)
            spec = replace(spec, score=fit.score, drop_out=fit.drop_out)
        share, fitted = self._moments(point)
        scale = _sampling_errors(self.reported, self.data.n)
        misses = (np.array(fitted) - np.array(self.reported)) / scale
        # The search and the description have as many people each, so that the chance of both is in a miss.
        errors = np.sqrt(2) * _pool_errors(self.lived[point[:3]], point) / scale
        pool = self._pool(point).untreated.expected[..., 0]
        return Calibrated(
            ratio=self.ratio,
            careers=spec,
            pool_share=share,
            pool_mean=float(pool.mean()),
            fitted=tuple(float(v) for v in fitted),
            misses=tuple(float(v) for v in misses),
            miss_errors=tuple(float(v) for v in errors),
            checks=tuple(checks(self.data, score, spec, self.streams, sims)),
            score=fit,
        )

    def _first(self) -> _Point:
        fit: SelectionFit = fit_at_ratio(self.reported, min(max(self.ratio, 0.7), 1.2))
        years = (_before(self.careers.windows).days or 0) / YEAR
        lasting = float(np.clip(fit.correlation, 0.05, 0.9))
        rule = np.log(fit.cut), np.log(fit.softness)
        return _Point(np.log(fit.mean / years), np.log(fit.spread), logit(lasting), *rule)

    def _spec(self, point: _Point) -> Careers:
        spread, share = np.exp(point.log_spread), expit(point.lasting)
        return replace(
            self.careers,
            rate=float(np.exp(point.log_rate)),
            own_sd=float(spread * np.sqrt(share)),
            drift_sd=float(spread * np.sqrt(1 - share)),
            programme=replace(self.careers.programme, ratio=self.ratio),
        )

    def _world(self, point: _Point) -> Careers:
        read = _before(self.careers.windows).label
        rule = Selection(self.data.name, (read,), "at_least", "at_boundary", threshold=float(np.exp(point.log_cut)))
        entry = self.careers.enrolment
        selective = replace(entry, selection=rule, reads="events", noise=float(np.exp(point.log_noise)))
        return replace(self._spec(point), people=self.data.n, enrolment=selective)

    def _pool(self, point: _Point) -> World:
        return replace(self._population(point), score=None, drop_out=None).batch(self.pools, rng=self.streams)

    def _population(self, point: _Point) -> Careers:
        unselected = replace(self.careers.enrolment, selection=None, noise=0.0, reads="events")
        return replace(self._spec(point), people=POOL, pool=None, enrolment=unselected)

    def _moments(self, point: _Point) -> tuple[float, PairMoments]:
        """Return share and moments of the selected; people are simulated anew only where their rates have moved."""
        rates = point[:3]
        if rates not in self.lived:
            while len(self.lived) >= CACHED:
                self.lived.pop(next(iter(self.lived)))
            self.lived[rates] = _counts(self._pool(point))
        return _selected_moments(self.lived[rates], point)


def _reported(data: Moments) -> PairMoments:
    if data.kind != "count":
        raise InputError("IOM-E066", f"{data.name}: expected a count; a score has no rate behind it")
    r = data.r
    if r is None:
        raise InputError("IOM-E067", f"{data.name}: expected the correlation, or a t from which it follows")
    values = data.require("mean_pre", "sd_pre", "mean_post", "sd_post", purpose="calibrate")
    return PairMoments._make(float(v) for v in (*values, r))


def _before(windows: tuple[Window, ...]) -> Window:
    before = [w for w in windows if not w.post]
    if len(before) != 1 or len(windows) != 2:
        raise SpecError("IOM-E047", "calibrate: expected one window before and one after the index date")
    return before[0]


def _counts(world: World) -> Floats:
    """Return (N, 2) counts of all people as if all were managed."""
    return np.asarray(world.treated.events.reshape(-1, 2), dtype=np.float64)


def _chances(counts: Floats, point: _Point) -> Floats:
    return np.asarray(ndtr((counts[:, 0] - np.exp(point.log_cut)) / np.exp(point.log_noise)))


def _selected_moments(counts: Floats, point: _Point) -> tuple[float, PairMoments]:
    weight = _chances(counts, point)
    share = weight.mean()
    weight = weight / weight.sum()
    mean = weight @ counts
    centred = counts - mean
    cov = (centred * weight[:, None]).T @ centred
    sd = np.sqrt(np.diag(cov))
    return float(share), PairMoments(mean[0], sd[0], mean[1], sd[1], cov[0, 1] / (sd[0] * sd[1]))


def _pool_errors(counts: Floats, point: _Point) -> Floats:
    """Return the Monte Carlo errors of the five moments of a pool, by their influence functions."""
    weight, (_, m) = _chances(counts, point), _selected_moments(counts, point)
    u, v = (counts - np.array([m.mean_pre, m.mean_post])).T / np.array([[m.sd_pre], [m.sd_post]])
    lies = [m.sd_pre * u, m.sd_pre * (u**2 - 1) / 2, m.sd_post * v, m.sd_post * (v**2 - 1) / 2]
    lies.append(u * v - m.r * (u**2 + v**2) / 2)
    return np.asarray(np.sqrt(((weight * np.stack(lies)) ** 2).sum(1)) / weight.sum())


def _sampling_errors(m: PairMoments, n: int) -> Floats:
    """Return about how far five moments of a cohort fall from those of its world: normal theory."""
    root = np.sqrt(n)
    return np.asarray(np.array([m.sd_pre, m.sd_pre / 2**0.5, m.sd_post, m.sd_post / 2**0.5, 1 - m.r**2]) / root)


def _of_score(fit: ScoreFit | None) -> dict[str, float]:
    """Return the settings of a score and the figures that it was fitted to, for a row of the table."""
    if fit is None:
        return {}
    settings = {f"score {name}": float(getattr(fit.score, name)) for name in FITTED}
    lost = {} if fit.drop_out is None else {"drop-out share": fit.drop_out.share}
    return settings | lost | {f"score {name}": value for name, value in fit.fitted.items()}
