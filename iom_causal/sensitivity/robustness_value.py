"""Robustness values: what an omitted variable would have to explain to take an estimate away, beside what others do."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from scipy.special import stdtrit

from iom_causal.base import axes
from iom_causal.base.formats import number, percent
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_choice, check_level
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.threats import others
from iom_causal.numerics import LEVEL
from iom_causal.numerics.sensitivity import robustness as rb
from iom_causal.panel import Panel
from iom_causal.sensitivity.contrasts import CONTRASTS, GROUPS, SPEAKS_TO, WINDOWS, contrast_of
from iom_causal.sensitivity.managed_regression import CHANGE, OUTCOMES, managed_regression

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NAME = "robustness_value"


class Benchmark(NamedTuple):
    """The estimate beside an omitted variable so many times as strong as observed covariates.

    All but the first two are None where no such variable exists.
    """

    name: str
    times: float
    treatment: float | None = None
    outcome: float | None = None
    estimate: float | None = None
    std_error: float | None = None
    t: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessValue(Result):
    """Robustness values of a coefficient of least squares, and benchmarks.

    Parameters
    ----------
    name : str
        Of the outcome.
    estimate, std_error : float or None
        The coefficient and its standard error; None where t alone is known.
    t, df : float
        Its t, and the degrees of freedom.
    share : float
        Of the estimate that is to be taken away.
    level : float
        Of the intervals.
    contrast : {"windows", "groups"}
        What the coefficient contrasts.
    value : float
        The partial R squared, with the treatment and with the outcome alike, that takes that share away.
    interval_value : float
        The same for the interval to reach what is left.
    partial_r2 : float
        Of the outcome with the treatment: what an omitted variable that explains all the rest of the outcome would have
        to explain of the treatment to take all of the estimate away.
    benchmarks : tuple of Benchmark
        By name and strength.
    notes : tuple of str
        What a reader should know.
    """

    solving_columns: ClassVar[tuple[str, ...]] = ("df", "statistic", "std_error")
    telling_columns: ClassVar[tuple[str, ...]] = ("estimate", "conf_low", "conf_high")
    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("times", "share", "conf_level"), "setting"),
        **dict.fromkeys(("value", "interval_value", "partial_r2", "r2_treatment", "r2_outcome"), "share"),
    }

    name: str
    estimate: float | None
    std_error: float | None
    t: float
    df: float
    share: float
    level: float
    contrast: str
    value: float
    interval_value: float
    partial_r2: float
    benchmarks: tuple[Benchmark, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Points of the register that it is about."""
        return SPEAKS_TO[self.contrast]

    @property
    def silent_on(self) -> tuple[str, ...]:
        """Points of the register on which it is silent."""
        return others(self.speaks_to)

    def adjusted(self, treatment: float, outcome: float) -> Benchmark:
        """Return the estimate with an omitted variable of these partial R squared in the regression.

        Without an estimate that is known, it is in standard errors of the estimate.

        Parameters
        ----------
        treatment, outcome : float
            Partial R squared with the treatment, below 1, and with the outcome given the treatment; from 0.

        Raises
        ------
        SpecError
            IOM-E092 outside these limits.

        Examples
        --------
        >>> round(robustness_value(4.18445, df=783, estimate=0.0973158).adjusted(0.00916429, 0.12464092).estimate, 4)
        0.0752
        """
        if not (0 <= treatment < 1 and 0 <= outcome <= 1):
            raise SpecError(
                "IOM-E092", f"{NAME}: expected partial R squared from 0 to 1, got {treatment} and {outcome}"
            )
        return self.beside("", 1.0, treatment, outcome)

    def beside(self, name: str, times: float, treatment: float, outcome: float) -> Benchmark:
        """Return `adjusted` as a benchmark of this name and strength."""
        centre, error = (self.t, 1.0) if self.estimate is None else (self.estimate, self.std_error)
        moved = [float(v) for v in rb.adjusted(centre, error or 0.0, self.df, treatment, outcome)]
        room = float(stdtrit(self.df - 1, (1 + self.level) / 2)) * moved[1]
        t = moved[2] if math.isfinite(moved[2]) else None
        return Benchmark(name, times, treatment, outcome, moved[0], moved[1], t, moved[0] - room, moved[0] + room)

    def tidy(self) -> "pd.DataFrame":
        """Return the estimate as it is, and one row a benchmark and strength."""
        head = {
            "value": self.value,
            "interval_value": self.interval_value,
            "partial_r2": self.partial_r2,
            "share": self.share,
            "df": self.df,
            "conf_level": self.level,
        }
        room = None if self.std_error is None else float(stdtrit(self.df, (1 + self.level) / 2)) * self.std_error
        ends = (None, None) if self.estimate is None or room is None else (self.estimate - room, self.estimate + room)
        first = Benchmark("", 0.0, 0.0, 0.0, self.estimate, self.std_error, self.t, *ends)
        rows = [
            {
                "benchmark": b.name,
                "times": b.times,
                "r2_treatment": b.treatment,
                "r2_outcome": b.outcome,
                "estimate": b.estimate,
                "std_error": b.std_error,
                "statistic": b.t,
                "conf_low": b.conf_low,
                "conf_high": b.conf_high,
                **head,
            }
            for b in (first, *self.benchmarks)
        ]
        return table(rows, rows[0])

    def summary(self) -> str:
        """Return the sentences, then a line a benchmark.

        Examples
        --------
        >>> print(robustness_value(11.64, df=224).summary().partition(". ")[0])
        To take away all of the estimate, something that nobody measured would have to explain 53.2% of what is left \
of both the contrast of windows and the outcome; 47.0% for the 95% interval to reach 0
        """
        all_of = "all" if self.share == 1 else percent(self.share)
        left = "0" if self.share == 1 else "what is left then"
        reached = (
            f"its {self.level:.0%} interval reaches {left} as it is"
            if self.interval_value == 0
            else f"{percent(self.interval_value, 1)} for the {self.level:.0%} interval to reach {left}"
        )
        said = (
            f"To take away {all_of} of the estimate, something that nobody measured would have to explain "
            f"{percent(self.value, 1)} of what is left of both the contrast of {self.contrast} and the outcome; "
            f"{reached}. If it explained all that is left of the outcome, {percent(self.partial_r2, 1)} of the "
            f"contrast would do for all of the estimate. {_LIMITS[self.contrast]}"
        )
        return "\n".join([said, *(_line(b) for b in self.benchmarks), *(f"note: {note}" for note in self.notes)])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw contours of the estimate over the two partial R squared, the benchmarks, and where nothing is left."""
        ax = axes.new_axes(height=4.8) if ax is None else ax
        points = [b for b in self.benchmarks if b.treatment is not None and b.outcome is not None]
        most = min(0.99, max([0.1, 1.4 * self.value, *(1.2 * max(b.treatment or 0, b.outcome or 0) for b in points)]))
        grid = np.linspace(0.0, most, 81)
        centre, error = (self.t, 1.0) if self.estimate is None else (self.estimate, self.std_error or 0.0)
        over = rb.adjusted(centre, error, self.df, grid[None, :], grid[:, None]).estimate
        if np.ptp(over) > 0:
            drawn = ax.contour(grid, grid, over, levels=8, colors=axes.MUTED, linewidths=1)
            ax.clabel(drawn, fontsize=7, fmt=lambda v: number(v, 3))
            rest = centre * (1 - self.share)
            if over.min() < rest < over.max():
                ax.contour(grid, grid, over, levels=[rest], colors=axes.ACCENT, linewidths=2)
        ax.plot([self.value], [self.value], "o", color=axes.ACCENT, ms=6)
        for b in points:
            at = (b.treatment or 0.0, b.outcome or 0.0)
            ax.plot(*at, "D", color=axes.INK, ms=5)
            axes.name_dot(ax, at, f"{number(b.times)} × {b.name}")
        ax.set_xlim(-0.02 * most, most)
        ax.set_ylim(-0.02 * most, most)
        ax.set_xlabel(f"partial R² with the contrast of {self.contrast}")
        ax.set_ylabel("partial R² with the outcome")
        return ax


_LIMITS = {
    WINDOWS: (
        "What came to everybody alike between the windows (ageing, regression to the mean, a reform for all) is the "
        "contrast of windows itself, explains all of it and is not excluded by this number; it speaks of what came to "
        "some people and not to others."
    ),
    GROUPS: (
        "It speaks of what differs between the groups and of what came to one of them alone, each as one more column "
        "of the regression; ageing, and regression to the mean where groups were picked unlike, are changes to be "
        "expected and are to be estimated."
    ),
}


def _line(b: Benchmark) -> str:
    of = f"as strong as {b.name}" if b.times == 1 else f"{number(b.times)} times as strong as {b.name}"
    if b.treatment is None or b.outcome is None or b.estimate is None:
        return f"{of}: nothing can be, for it would explain all of the contrast"
    ends = f" [{number(b.conf_low or 0.0)}, {number(b.conf_high or 0.0)}]"
    return (
        f"{of} ({percent(b.treatment, 1)} of the contrast, {percent(b.outcome, 1)} of the outcome): "
        f"{number(b.estimate)}{ends} would be left"
    )


@checked
def robustness_value(
    result: Estimate | Panel | float,
    *,
    df: float | None = None,
    estimate: float | None = None,
    share: float = 1.0,
    level: float = LEVEL,
    contrast: str | None = None,
    outcome: str = CHANGE,
    covariates: str = "",
    benchmarks: Mapping[str, str | tuple[float, float]] | Iterable[str] = (),
    times: Sequence[float] = (1.0, 2.0, 3.0),
) -> RobustnessValue:
    """Compute robustness values of a coefficient of least squares (Cinelli & Hazlett 2020), and benchmarks.

    The bias of a coefficient from an omitted variable Z is ``se sqrt(df) sqrt(R2_Y R2_D / (1 - R2_D))``, with the
    partial R squared of Z with the treatment D, and with the outcome Y given D. The robustness value is the R squared
    of both at which the bias is the estimate. This is algebra, exact for least squares with the usual standard error;
    of a paired t it is that of the regression with a mean for each person. With a robust standard error, or of a log
    ratio, it is an approximation at best: ratios are refused.

    Of a contrast of windows it tells little. A cause that came to everybody alike is the contrast itself, and no cause
    of that kind has an R squared below 1; see `several_biases`, and a ledger, for these. Nor are a person's age and sex
    a benchmark of it: they are the same in both windows. Benchmarks need people to compare with: there, "as strong as
    age and sex together" is what these explain of who is managed, and of the outcome. A line of a ledger makes no
    benchmark either, for what it measures has an R squared of 1 with the windows; how strong a cause that does as much
    would have to be is ``share=line / estimate``.

    Parameters
    ----------
    result : Estimate, Panel or float
        A difference with its t and degrees of freedom; a panel with comparison people, on which the outcome is
        regressed on being managed and the covariates; or a t.
    df, estimate : float, optional
        Degrees of freedom, and the coefficient, of a t given as a number.
    share : float
        Of the estimate that is to be taken away.
    level : float
        Of the interval.
    contrast : {"windows", "groups"}, optional
        Of what a t given as a number is; by default of windows. Of an estimate its design or estimand says it.
    outcome : {"change", "after"}
        Of a panel: the change, or the outcome after with the one before as a covariate, called ``before``.
    covariates : str
        Of a panel: a formula over its covariates and ``age``.
    benchmarks : mapping or iterable of str
        By name, formulas of some of the covariates, as ``{"age and sex": "age + sex"}``; or the two partial R squared,
        with the treatment and with the outcome. By themselves, formulas are their own names.
    times : sequence of float
        How many times as strong.

    Returns
    -------
    RobustnessValue
        The values and the benchmarks.

    Raises
    ------
    InputError
        IOM-E066 for an estimate that is no difference with a t and degrees of freedom; IOM-E009 for a benchmark that is
        none of the covariates; IOM-E060 for too few people; those of covariates.
    NotIdentifiedError
        IOM-E068 for a panel without comparison people.
    DegenerateDataError
        IOM-E065 where covariates tell who is managed, or the fit leaves nothing over.
    SpecError
        IOM-E092 or IOM-E093 for a setting outside its bounds, or one that the result does not take.

    References
    ----------
    Cinelli & Hazlett (2020), Making sense of sensitivity: extending omitted variable bias, J. R. Stat. Soc. B 82,
    39-67.

    Examples
    --------
    >>> found = robustness_value(4.18445, df=783, estimate=0.0973158)
    >>> round(found.value, 4), round(found.interval_value, 4), round(found.partial_r2, 4)
    (0.1388, 0.0763, 0.0219)
    """
    _check(share, level, contrast, outcome, times)
    known = _named(benchmarks)
    if isinstance(result, Panel):
        if df is not None or estimate is not None or contrast is not None:
            raise SpecError("IOM-E092", f"{NAME}: df, estimate and contrast are those of a panel's own regression")
        given, pairs, notes = _of_panel(result, outcome, covariates, known)
        bare = _bare(given, result.name, share, level, GROUPS)
        return replace(bare, benchmarks=tuple(_benchmarks(bare, pairs, times)), notes=notes)
    if covariates or any(isinstance(value, str) for value in known.values()):
        raise SpecError("IOM-E092", f"{NAME}: covariates, and benchmarks by formula, need a panel; state partial R2")
    if isinstance(result, Estimate):
        if df is not None or estimate is not None or contrast is not None:
            raise SpecError("IOM-E092", f"{NAME}: an estimate brings its own df, estimate and contrast")
        bare = _bare(_read(result), result.outcome, share, level, contrast_of(result))
    else:
        bare = _bare(_numbers(result, df, estimate), "outcome", share, level, contrast or WINDOWS)
    return replace(bare, benchmarks=tuple(_benchmarks(bare, known, times)))


class _Given(NamedTuple):
    estimate: float | None
    std_error: float | None
    t: float
    df: float


def _check(share: float, level: float, contrast: str | None, outcome: str, times: Sequence[float]) -> None:
    check_level(level)
    check_choice(outcome, OUTCOMES, "outcome")
    if contrast is not None:
        check_choice(contrast, CONTRASTS, "contrast")
    if not (0 < share < math.inf) or not len(times) or not all(0 < k < math.inf for k in times):
        raise SpecError("IOM-E092", f"{NAME}: expected a share and times above 0, got {share} and {times}")


def _read(result: Estimate) -> _Given:
    if result.scale != "difference" or None in {result.estimate, result.std_error, result.statistic, result.df}:
        raise InputError(
            "IOM-E066",
            f"{NAME}: expected a difference with its t and degrees of freedom, got {result.method} on the scale "
            f"{result.scale!r}",
            "of a ratio see e_value and several_biases",
        )
    return _checked(_Given(result.estimate, result.std_error, result.statistic or 0.0, result.df or 0.0))


def _numbers(t: float, df: float | None, estimate: float | None) -> _Given:
    if df is None:
        raise SpecError("IOM-E092", f"{NAME}: df: expected the degrees of freedom of this t")
    if estimate is not None and not (math.isfinite(estimate) and t * estimate >= 0 and (t == 0) == (estimate == 0)):
        raise SpecError("IOM-E092", f"{NAME}: expected an estimate with the sign of its t, got {estimate} and {t}")
    error = None if estimate is None or t == 0 else estimate / t
    return _checked(_Given(None if error is None else estimate, error, t, df))


def _checked(given: _Given) -> _Given:
    if not (math.isfinite(given.t) and 1 < given.df < math.inf):
        raise SpecError("IOM-E092", f"{NAME}: expected a finite t and more than 1 degree of freedom, got {given[2:]}")
    return given


def _of_panel(
    panel: Panel, outcome: str, covariates: str, known: Mapping[str, str | tuple[float, float]]
) -> tuple[_Given, dict[str, str | tuple[float, float]], tuple[str, ...]]:
    formulas = {name: value for name, value in known.items() if isinstance(value, str)}
    fit, notes = managed_regression(panel, outcome, covariates, formulas, name=NAME)
    observed = dict(zip(formulas, zip(fit.treatment.tolist(), fit.outcome.tolist(), strict=True), strict=True))
    given = _Given(fit.estimate, fit.std_error, fit.estimate / fit.std_error, float(fit.df))
    return given, {**known, **observed}, notes


def _bare(given: _Given, name: str, share: float, level: float, contrast: str) -> RobustnessValue:
    return RobustnessValue(
        name=name,
        **given._asdict(),
        share=share,
        level=level,
        contrast=contrast,
        value=float(rb.robustness_value(given.t, given.df, share=share)),
        interval_value=float(rb.robustness_value(given.t, given.df, share=share, level=level)),
        partial_r2=float(rb.partial_r2(given.t, given.df)),
    )


def _benchmarks(
    bare: RobustnessValue, pairs: Mapping[str, str | tuple[float, float]], times: Sequence[float]
) -> Iterator[Benchmark]:
    for label, pair in pairs.items():
        treatment, outcome = (float(value) for value in pair)
        if not (0 <= treatment < 1 and 0 <= outcome < 1):
            raise SpecError("IOM-E092", f"{NAME}: {label}: expected partial R squared from 0 to below 1")
        strengths = rb.benchmark(treatment, outcome, times)
        for k, d, y in zip(times, strengths.treatment.tolist(), strengths.outcome.tolist(), strict=True):
            yield Benchmark(label, k) if math.isnan(d) else bare.beside(label, k, d, y)


def _named(
    benchmarks: Mapping[str, str | tuple[float, float]] | Iterable[str],
) -> dict[str, str | tuple[float, float]]:
    if isinstance(benchmarks, Mapping):
        return dict(benchmarks)
    if isinstance(benchmarks, str):
        return {benchmarks: benchmarks}
    return {name: name for name in benchmarks}
