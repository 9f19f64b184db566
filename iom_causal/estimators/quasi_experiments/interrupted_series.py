"""Interrupted time series: totals after the start against the trend before, gone on."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, check_types, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators.shared.coefficients import Coefficients
from iom_causal.estimators.shared.count_results import quantile
from iom_causal.estimators.shared.requirements import (
    ONE_GROUP,
    Requirement,
    both_groups,
    counts_or_amounts,
    from_start,
    one_start,
    require,
    selected_alike,
    what_passes,
    windows_after,
    windows_before,
)
from iom_causal.estimators.shared.series_columns import coefficient_columns, effect_columns, refuse_fit, sound
from iom_causal.estimators.shared.series_totals import SeriesTotals, series_totals
from iom_causal.estimators.shared.series_words import (
    assumptions,
    continuation,
    interval_notes,
    ljung_box_p,
    residual_lags,
    unselected,
)
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.series import LEAST_BEFORE, Calendar, calendar_of, selected_on
from iom_causal.intervals import StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.serial_errors import autocorrelations
from iom_causal.numerics.comparison.series_effects import (
    ERRORS,
    Segments,
    SeriesEffect,
    placebo_breaks,
    segments,
    series_effect,
)
from iom_causal.numerics.posterior.series import harmonics
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one, require_panel
from iom_causal.streams import Seed
from iom_causal.windows import YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

FAMILIES = ("poisson", "negative_binomial")


@dataclass(frozen=True)
class InterruptedTimeSeries:
    """Interrupted time series: totals after the start against the trend before, gone on.

    Segmented log-linear regression of totals (of counts or amounts) over people in equal windows, with person-time as
    exposure: a trend, and from the start on a change of level and of slope. The ratio is of the totals after, over
    those expected there without the change. It is right where the rate would have gone on along its trend (and
    seasons), and nothing else changed at the start. Where people were selected at a high count it would not: the run-up
    to selection is taken for the trend, and what comes back of itself for an effect. Level 2 of 5 on the Maryland
    Scientific Methods Scale, and 3 beside comparison people.

    With ``controlled`` the series is that of managed people's share of both groups' totals in each window: whatever
    changes both rates alike there, seasons included, cancels, and the trend is that of the ratio of their rates.

    Parameters
    ----------
    family : {"poisson", "negative_binomial"}
        Of a window's total, which weighs windows; controlled totals are binomial, as Poisson ones are given their sum.
    season : int
        How many harmonics of the calendar year; 0 is none, and 5 are nearly a level for each month.
    slope : bool
        Whether the trend changes too, and not the level alone.
    controlled : bool
        Whether comparison people are compared with; otherwise they are set aside.
    se : {"hac", "quasi", "model"}
        Consistent for spread and for what lasts from window to window, corrected for short series; the model's with
        the dispersion of the totals; or the model's.
    level : float
        Confidence level of the t interval.

    Notes
    -----
    The totals are those of the same people, so that what they lastingly are like cancels and the interval is about the
    ratio of these people. The HAC interval (Newey & West) has its variance corrected, and Satterthwaite's degrees of
    freedom, under first-order autoregression. In simulated series of 24 to 60 windows that hang together by 0, .3 and
    .5 it holds the ratio at 95% in 92 to 96% of them, and at .7 in 91%; a note says so where they seem to.

    `diagnostics` has the dispersion, the residuals' autocorrelations with the test of Ljung & Box, and the share of
    breaks that never were, at windows before the start, with as small a p-value as the start's (``placebo_p``).

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> rng = np.random.default_rng(1)
    >>> windows = [Window(f"{k}", 30 * k, 30 * k + 30, post=k >= 0) for k in range(-24, 12)]
    >>> rates = np.where([w.post for w in windows], 0.25, 0.4)
    >>> panel = Panel.from_arrays(rng.poisson(rates, (200, 36)), windows=windows, name="arrests")
    >>> e = InterruptedTimeSeries()(panel)
    >>> round(e.estimate, 3), round(e.conf_low, 3), round(e.conf_high, 3), e.estimand
    (0.622, 0.523, 0.739, 'att_ratio')
    """

    family: str = "poisson"
    season: int = 0
    slope: bool = True
    controlled: bool = False
    se: str = "hac"
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiol. 46, 348-355; Wagner et al. (2002), J. Clin. Pharm. "
        "Ther. 27, 299-309; Newey & West (1987), Econometrica 55, 703-708; Bell & McCaffrey (2002), Survey Methodology "
        "28, 169-181"
    )
    symmetric: ClassVar[bool] = False
    uses_incomplete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.family, FAMILIES, "InterruptedTimeSeries family")
        check_choice(self.se, ERRORS, "InterruptedTimeSeries se")
        check_level(self.level)
        if self.season < 0:
            raise SpecError("IOM-E092", "InterruptedTimeSeries season: expected 0 or more harmonics")
        if self.controlled and self.family != "poisson":
            raise SpecError("IOM-E092", "InterruptedTimeSeries: controlled totals are binomial; leave family out")

    @property
    def identification(self) -> str:
        """What must hold for the estimate to be the programme's effect."""
        what, nothing = continuation(controlled=self.controlled)
        return f"without the programme {what} would have gone on along its trend before, and {nothing} when it began"

    @property
    def maryland(self) -> int:
        """Level on the Maryland Scientific Methods Scale."""
        return 3 if self.controlled else ONE_GROUP

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates: no effect where the trend before is known not to last."""
        return "descriptive_change" if selected_on(panel) and not self.controlled else "att_ratio"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: equal windows, a year of them before, one start, and what it is set to."""
        found = (
            counts_or_amounts(panel),
            *both_groups(panel)[: 1 + self.controlled],
            one_start(panel),
            what_passes("windows of one length, with their dates", lambda: calendar_of(panel, "a series")),
            windows_before(panel, LEAST_BEFORE, why="a trend needs a year of months at least: bring earlier windows"),
            windows_after(panel, 1 + self.slope, why="bring later ones, or leave the slope out", in_code="slope=False"),
        )
        if self.season and all(r.met for r in found):
            calendar = calendar_of(from_start(panel), "a series")
            needs = "one index date, and a year of windows on both sides"
            found += (what_passes(needs, lambda: calendar.check_season(self.season)),)
        return (*found, selected_alike(panel) if self.controlled else unselected(panel))

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from a panel of equal windows.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 for fewer than 12 windows before, too few after, windows of unlike length or without dates, unlike
            starts, seasons with less than a year of windows on a side, or no comparison people for a controlled series.
        InputError
            IOM-E066 for what are no counts or amounts, or for a model's variance of amounts; IOM-E060 with fewer than
            two people; IOM-E046 where nobody was observed in a window; IOM-E076 for weights that are no whole numbers.
        DegenerateDataError
            IOM-E064 without events on a side; IOM-E065 where totals lie on the fit.
        ConvergenceError
            IOM-E080.
        """
        del rng
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        read = self._read(panel)
        _refuse(read, panel.name)
        found = self._effect(read)
        refuse_fit(found, panel.name)
        base = self._words(panel, read)
        columns = effect_columns(found, self.level)
        figures: dict[str, Any] = {name: _defined(column[0]) for name, column in columns.items()}
        log_ratio, error, df = (float(v[0]) for v in (found.horizon.log_ratio, found.std_error, found.df))
        parts = Coefficients(found.by.names, found.fit.values[0], found.cov[0], df).parts(self.level)
        return replace(
            base,
            **figures,
            n_used=round(float(read.used[0])),
            notes=read.stated[0] + interval_notes(read, found, self.se)[0],
            diagnostics=FrozenMap(self._figures(read, found)),
            parts=parts,
            cov=found.cov[0],
            law=StudentT(log_ratio, error, df, log=True),
        )

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate every replicate of a panel at once; those without a result one by one."""
        try:
            read = self._read(panel)
        except IomCausalError:  # what no replicate has is each replicate's own error
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        ordinary = read.ordinary
        if not ordinary.any():
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        served = read.at(np.where(ordinary, np.arange(len(ordinary)), int(np.argmax(ordinary))))
        found = self._effect(served)
        base, figures = self._words(panel, read), effect_columns(found, self.level)
        many = Estimates.worded(
            base,
            numbers=numbers,
            n_input=read.given,
            n_used=np.rint(served.used),
            parts=FrozenMap(coefficient_columns(found, self.level)),
            cov=found.cov,
            notes=tuple((*a, *b) for a, b in zip(read.stated, interval_notes(served, found, self.se), strict=True)),
            **figures,
        )
        odd = ~ordinary | ~sound(found)
        return many.overlaid(one_by_one(self, panel, np.flatnonzero(odd)))

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw each window's total, the fit, and what is expected after the start without a change, with its band.

        Beside comparison people, their rate in the managed people's time at risk.

        Raises
        ------
        InputError
            IOM-E048 for one of many replicates, which holds no series.
        """
        from iom_causal.base.axes_of_designs import series  # noqa: PLC0415 matplotlib is slow to load

        kept = estimate.diagnostics
        if "years" not in kept:
            raise InputError("IOM-E048", "InterruptedTimeSeries: this result holds no series; estimate anew to draw it")
        return series(
            kept["years"],
            kept["observed"],
            kept["fitted"],
            np.array(kept["without"]),
            start=kept["start"],
            comparison=kept.get("comparison"),
            unit=f"{estimate.outcome}, all people, each window",
            level=estimate.conf_level,
            ax=ax,
        )

    def _read(self, panel: Panel) -> SeriesTotals:
        if panel.kind not in ("count", "amount"):
            raise InputError("IOM-E066", f"{panel.name}: InterruptedTimeSeries needs counts, got a {panel.kind}")
        if panel.kind == "amount" and (self.se == "model" or self.family != "poisson"):
            raise InputError(
                "IOM-E066", f"{panel.name}: amounts have no variance that a model gives; write InterruptedTimeSeries()"
            )
        noted = require(panel.name, type(self).__name__, self.requirements(panel))
        people = compared(panel) if self.controlled else panel
        return series_totals(from_start(people), self, controlled=self.controlled, advice=noted)

    def _segments(self, calendar: Calendar) -> Segments:
        return segments(calendar.middle, calendar.start, slope=self.slope, waves=self._waves(calendar))

    def _waves(self, calendar: Calendar) -> Floats | None:
        return harmonics(calendar.phase(), self.season) if self.season else None

    def _effect(self, read: SeriesTotals) -> SeriesEffect:
        return series_effect(
            self._segments(read.managed),
            read.managed.events,
            read.offset,
            family=self._family,
            trials=read.trials,
            errors=self.se,
        )

    @property
    def _family(self) -> str:
        return "binomial" if self.controlled else self.family

    def _words(self, panel: Panel, read: SeriesTotals) -> Estimate:
        sample = read.managed.sample
        names = {"hac": "HAC errors", "quasi": "errors with its dispersion", "model": "the model's errors"}
        form = {"binomial": "binomial beside comparison people", "poisson": "Poisson"}
        return Estimate(
            outcome=sample.outcome,
            method=f"interrupted time series, {form.get(self._family, 'negative binomial')}, {names[self.se]}",
            estimand=self.estimand(panel),
            term="after / trend gone on",
            scale="ratio",
            std_error_scale="log",
            conf_level=self.level,
            n_input=int(np.max(read.given)),
            exposure=read.managed.exposure_words,
            notes=read.notes,
            assumptions=assumptions(panel, controlled=self.controlled, season=self.season > 0, errors=self.se),
            coefficient=None if self.slope else "level",
            spec=self,
            pinned=sample.pinned(),
        )

    def _figures(self, read: SeriesTotals, found: SeriesEffect) -> dict[str, Any]:
        managed, post = read.managed, read.managed.post
        lags = autocorrelations(found.fit.pearson, residual_lags(len(post)))
        figures: dict[str, Any] = {
            "windows": (int((~post).sum()), int(post.sum())),
            "dispersion": float(found.dispersion[0]),
            "persistence": float(found.persistence[0]),
            "autocorrelations": tuple(lags[0].tolist()),
            "ljung_box_p": float(ljung_box_p(found.fit.pearson)[0]),
            **self._placebos(read, found),
            "start": managed.start,
            "years": tuple(managed.middle.tolist()),
            "observed": tuple(managed.events[0].tolist()),
            "fitted": tuple(found.fit.mean[0].tolist()),
            "without": tuple(map(tuple, self._without(read, found).tolist())),
        }
        if self.family == "negative_binomial":
            figures["spread"] = float(found.fit.spread[0])
        if read.comparison is not None:
            rate = read.comparison.events[0] / read.comparison.exposure[0]
            figures["comparison"] = tuple((rate * managed.exposure[0]).tolist())
        return figures

    def _without(self, read: SeriesTotals, found: SeriesEffect) -> Floats:
        """Return what is expected in each window without the change, with limits for its mean, (T, 3)."""
        x, base = found.by.x, found.by.base
        steep = 1.0 if read.comparison is None else (found.fit.slope / found.fit.mean)[0][:, None]
        gradient = base if read.comparison is None else steep * x - (x - base)
        error = np.sqrt(np.maximum(np.einsum("mp,pq,mq->m", gradient, found.cov[0], gradient), 0.0))
        half = float(quantile(found.df, self.level)[0]) * error
        middle = found.horizon.without[0]
        return np.column_stack([middle * np.exp(-half), middle, middle * np.exp(half)])

    def _placebos(self, read: SeriesTotals, found: SeriesEffect) -> dict[str, Any]:
        before = read.managed.before
        pre = ~read.managed.post
        many = placebo_breaks(
            before.middle,
            before.span[:, 0] / YEAR,
            before.events[0],
            read.offset[0, pre],
            longest=int(read.managed.post.sum()),
            slope=self.slope,
            waves=self._waves(before),
            family=self._family,
            trials=None if read.trials is None else read.trials[0, pre],
            errors=self.se,
        )
        whole = np.zeros(0, dtype=np.bool_) if many is None else sound(many)
        if many is None or not whole.any():
            return {"placebo_dates": 0}
        p = effect_columns(many, self.level)["p_value"][whole]
        own = float(effect_columns(found, self.level)["p_value"][0])
        return {
            "placebo_dates": int(whole.sum()),
            "placebo_p": (1 + int((p <= own).sum())) / (1 + int(whole.sum())),
            "placebo_ratios": tuple(np.exp(many.horizon.log_ratio[whole]).tolist()),
        }


def _refuse(read: SeriesTotals, name: str) -> None:
    """Refuse a panel without replicates that is not ordinary, for the reason why."""
    if read.ordinary[0]:
        return
    for series in read.every:
        series.at(0).refuse(name, InterruptedTimeSeries.__name__)
    raise DegenerateDataError("IOM-E064", f"{name}: no events after, so there is no ratio to the trend before")


def _defined(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
