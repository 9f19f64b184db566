"""Rosenbaum bounds: how strong hidden bias in the order of windows would have to be to account for a change."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import bounded, fixed, number, p_text, percent
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_choice, check_level
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.sample import exposure_words, unlike_time
from iom_causal.inputs.threats import others
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired import ALTERNATIVES
from iom_causal.numerics.sensitivity import rosenbaum as numerics
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STATISTICS = ("signed rank", "sign", "conditional binomial")
GAMMAS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0)
COLUMNS = (
    "outcome",
    "statistic",
    "alternative",
    "gamma",
    "p_low",
    "p_high",
    "scale",
    "estimate_low",
    "estimate_high",
    "conf_low",
    "conf_high",
    "conf_level",
    "gamma_at",
    "n_input",
    "n_used",
    "n_changed",
    "note",
)
LIMITS = (
    "The order of a person’s windows is not drawn by lot: Gamma bounds the odds that {what} falls {where}, person by "
    "person. Regression to the mean, ageing and trends act on everybody who was picked, so that "
    "no Gamma guards against them"
)
PICKED = (
    "people were picked by {variable} of a window before: a larger one there is then so by construction, and no Gamma "
    "bounds its odds"
)
TOO_FEW = "people are too few"
_ONE_SHIFT = "everybody's outcome is moved by the same amount, if it is moved"
_ONE_FACTOR = ("events are Poisson given the person", "everybody's rate is moved by the same factor, if it is moved")


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaRow:
    """What can be said where hidden bias multiplies odds by at most Gamma.

    Parameters
    ----------
    gamma : float
        1 or more.
    p_low, p_high : float
        The least and the largest p-value.
    estimate_low, estimate_high, conf_low, conf_high : float or None
        The least and largest estimate of a common change (of ratio, by a conditional binomial), and the confidence
        interval around both; None where there is none, as `RosenbaumBounds.note` says.
    """

    gamma: float
    p_low: float
    p_high: float
    estimate_low: float | None
    estimate_high: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosenbaumBounds(Result):
    """P-values and intervals at values of Gamma, and the Gamma at which the p-value reaches one less the level.

    Parameters
    ----------
    outcome, statistic, alternative : str
        What was tested, and how.
    level : float
        Confidence level; `gamma_at` is of its complement.
    rows : tuple of GammaRow
        A row a Gamma.
    gamma_at : float
        The Gamma at which the largest p-value is one less the level; 1 where it is as large without bias.
    falls : bool
        Whether the change to account for is a fall, so that the larger value lies before.
    n_input, n_used, n_changed : int
        People given, with both windows, and among them those (of counts of events: with events) that a test is of.
    exact : bool
        Whether p-values are exact.
    notes, assumptions : tuple of str
        What the reader should know, and what intervals rest on.

    Examples
    --------
    >>> panel = Panel.from_arrays([[6, 5], [7, 5], [8, 5], [9, 5], [10, 5], [11, 5]])
    >>> print(rosenbaum_bounds(panel, alternative="less").summary().splitlines()[1])
    Without hidden bias (Gamma 1) p = .016.
    """

    people_columns: ClassVar[tuple[str, ...]] = ("n_input", "n_used", "n_changed")
    solving_columns: ClassVar[tuple[str, ...]] = ("p_low", "p_high", "gamma_at")
    telling_columns: ClassVar[tuple[str, ...]] = ("estimate_low", "estimate_high", "conf_low", "conf_high")
    figure_columns: ClassVar[Mapping[str, str]] = {"gamma": "setting", "conf_level": "setting"}
    speaks_to: ClassVar[tuple[str, ...]] = ("c06",)
    """Points of the register that it speaks to: what moves some people and not others."""
    silent_on: ClassVar[tuple[str, ...]] = others(speaks_to)
    """All other points: what moves everybody, and who is in the data at all, among them."""

    outcome: str
    statistic: str
    alternative: str
    level: float
    rows: tuple[GammaRow, ...]
    gamma_at: float
    falls: bool
    n_input: int
    n_used: int
    n_changed: int
    exact: bool
    exposure: str = "not used"
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def scale(self) -> str:
        """Of estimates and intervals: a difference, or a ratio of rates."""
        return "ratio" if self.statistic == STATISTICS[2] else "difference"

    def tidy(self) -> "pd.DataFrame":
        """Return one row a Gamma."""
        common = {name: getattr(self, name) for name in COLUMNS if name not in GammaRow.__slots__ and name in _FIELDS}
        common |= {"scale": self.scale, "conf_level": self.level}
        own = ({name: getattr(row, name) for name in GammaRow.__slots__} for row in self.rows)
        rows = ({**common, **each, "note": self.note(row)} for each, row in zip(own, self.rows, strict=True))
        return table(rows, COLUMNS)

    def note(self, row: GammaRow) -> str:
        """Say why a row has no estimate, or no limit; empty where it has all."""
        if self.scale == "difference":
            return "" if row.conf_low is not None else f"{TOO_FEW}, so that the interval has no limits"
        if row.estimate_low is None and not row.conf_low:
            return "there are no events, so that no ratio is ruled out and none is estimated"
        return "" if row.conf_high is not None else "there are no events before, so that the ratio has no upper end"

    def summary(self) -> str:
        """Return the p-value without bias, the Gamma that accounts for the change, and what Gamma does not bound."""
        return "\n".join([*self._figures(), f"{self._limits()}.", *(f"note: {note}" for note in self.notes)])

    def _figures(self) -> list[str]:
        who = f"{self.n_used} people, {self.n_changed} of whom {self._of}"
        lines = [f"{self.outcome}: Rosenbaum bounds of the {self.statistic} test, {self.alternative}; {who}"]
        alpha = bounded(1 - self.level, 2)
        first = next((row for row in self.rows if row.gamma == 1), None)
        if first is not None:
            lines.append(f"Without hidden bias (Gamma 1) {p_text(first.p_high)}.")
        if self.gamma_at == 1:
            lines.append(f"p is at {alpha} or above without any hidden bias, so that there is nothing to account for.")
        else:
            lines.append(
                f"Hidden bias accounts for p below {alpha} only if it multiplies the odds that {self._what} "
                f"fell {self._where} by {fixed(self.gamma_at)} or more; what Gamma is in these data is not known."
            )
        lines += [self._interval(row) for row in self.rows if row.gamma in (1, 2)]
        return lines

    def _interval(self, row: GammaRow) -> str:
        what = "common ratio after / before" if self.scale == "ratio" else "common change"
        start, interval = f"Gamma {number(row.gamma)}: {what}", f"{percent(self.level)} interval"
        why = self.note(row)
        if row.estimate_low is None or row.estimate_high is None:
            limit = "" if not row.conf_low else f", {interval} from {number(row.conf_low)}"
            return f"{start} without a value{limit}: {why}."
        low, high = number(row.estimate_low), number(row.estimate_high)
        point = low if low == high else f"from {low} to {high}"
        if row.conf_low is None or row.conf_high is None:
            return f"{start} {point}; {why}."
        return f"{start} {point}, {interval} {number(row.conf_low)} to {number(row.conf_high)}."

    @property
    def _of(self) -> str:
        return "had events" if self.scale == "ratio" else "changed"

    @property
    def _what(self) -> str:
        return "an event" if self.scale == "ratio" else "the larger value"

    @property
    def _where(self) -> str:
        return "before" if self.falls else "after"

    def _limits(self) -> str:
        return LIMITS.format(what=self._what, where=self._where)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the largest p-value over Gamma with the least one below it, and where it reaches one less the level."""
        gamma, low, high = np.array([(r.gamma, r.p_low, r.p_high) for r in self.rows]).T
        ax = axes_of_lines.curve(gamma, high, low=low, high=high, ax=ax)
        axes.mark(ax, y=1 - self.level, text=f"p = {bounded(1 - self.level, 2)}")
        if self.gamma_at > 1:
            axes.mark(ax, x=self.gamma_at, text=f"Gamma {fixed(self.gamma_at)}")
        ax.set_xlabel("Gamma: hidden bias multiplies odds by at most")
        ax.set_ylabel("p-value, least to largest")
        ax.set_ylim(0, 1)
        return ax


_FIELDS = frozenset(RosenbaumBounds.__dataclass_fields__)


@checked
def rosenbaum_bounds(
    data: Panel | Moments,
    statistic: str = STATISTICS[0],
    *,
    gammas: Sequence[float] = GAMMAS,
    alternative: str = "two-sided",
    level: float = LEVEL,
) -> RosenbaumBounds:
    """Bound the p-value and the interval of a paired change under hidden bias (Rosenbaum 2002, chapter 4).

    Without bias a changed person's change is as likely a rise as a fall, over windows that are equally long; under bias
    of at most Gamma the odds lie anywhere from 1 / Gamma to Gamma, and each person's may differ. It is right for
    independent people and for causes that move some of them and not others. The order of windows is not drawn by lot
    within a person, so that Gamma is no protection against what moves everybody who was selected: regression to the
    mean, ageing, trends.

    Parameters
    ----------
    data : Panel
        People in two windows; comparison people are set aside. Moments of a published table are refused.
    statistic : {"signed rank", "sign", "conditional binomial"}
        Of changes: ranks of their sizes, with ties as they are, or their signs alone (McNemar's test of a binary
        outcome); people without a change are left out, and a note says how many. Or of counts: events before and after
        given each person's total, with their days at risk, where bias multiplies the odds that an event lies before.
    gammas : sequence of float
        Values of Gamma, each 1 or more.
    alternative : {"two-sided", "less", "greater"}
        "less" tests for a fall. Two-sided p-values are twice the smaller one, at most 1.
    level : float
        Confidence level of intervals; `gamma_at` is the Gamma at which the largest p-value is one less it.

    Returns
    -------
    RosenbaumBounds
        P-values are exact up to 500 people who changed, and for counts up to 5,000 events where people's windows differ
        in how their days compare; else they are by the normal distribution. Estimates and intervals are of a change (of
        a ratio, from a conditional binomial) common to all: by pairwise means of changes (Hodges-Lehmann), or medians.

    Raises
    ------
    InputError
        IOM-E067 for a published table, IOM-E035 for what is no panel, IOM-E047 with replicates, IOM-E066 where a
        conditional binomial is asked of anything but counts, or ranks or signs over windows of unlike length, IOM-E060
        with fewer than two people in both windows, IOM-E076 for weights that are not whole.
    SpecError
        IOM-E093 for another statistic or alternative, IOM-E092 for a Gamma below 1, or none.

    Examples
    --------
    >>> panel = Panel.from_arrays([[9, 2], [7, 3], [5, 1], [8, 4], [6, 6], [7, 1], [4, 3], [9, 5]], name="arrests")
    >>> bounds = rosenbaum_bounds(panel, alternative="less")
    >>> round(bounds.gamma_at, 3), bounds.n_changed
    (1.872, 7)
    """
    gammas = _checked(gammas)
    check_choice(statistic, STATISTICS, "statistic")
    check_choice(alternative, ALTERNATIVES, "alternative")
    check_level(level)
    of_events = statistic == STATISTICS[2]
    panel = _panel(data)
    people = paired.replicated(panel, uses_exposure=of_events)
    found = _events(people, gammas, level) if of_events else _changes(people, statistic, gammas, level)
    bounds = [numerics.p_bounds(found.statistic, gamma, alternative) for gamma in gammas]
    rows = zip(gammas, bounds, found.estimates, strict=True)
    return RosenbaumBounds(
        outcome=people.sample.outcome,
        statistic=statistic,
        alternative=alternative,
        level=level,
        rows=tuple(GammaRow(gamma=g, p_low=p[0], p_high=p[1], **_named(ends)) for g, p, ends in rows),
        gamma_at=numerics.gamma_at(found.statistic, alternative, 1 - level),
        falls=_falls(found.statistic, alternative),
        n_input=people.sample.n_input,
        n_used=found.n_used,
        n_changed=found.n_changed,
        exact=found.statistic.exact,
        exposure=found.exposure,
        notes=(*people.sample.notes, *found.notes, *_selected(panel)),
        assumptions=("people are independent of one another", *found.assumptions),
    )


@checked
def amplify(gamma: float, strength: ArrayLike) -> NDArray[np.float64]:
    """Split Gamma into two strengths of one hidden cause (Rosenbaum & Silber 2009): return the second, given the first.

    A cause that multiplies the odds of the order of windows by `strength`, and the odds that the larger value lies
    where it does by what is returned, is worth bias of Gamma: ``Gamma = (L D + 1) / (L + D)``.

    Parameters
    ----------
    gamma : float
        Above 1.
    strength : array_like
        Of the cause on the one, above Gamma each.

    Raises
    ------
    SpecError
        IOM-E092 for a Gamma of 1 or below, or a strength that is not above it.

    Examples
    --------
    >>> amplify(3.5, [4, 6, 8, 11]).tolist()
    [26.0, 8.0, 6.0, 5.0]
    """
    given = np.asarray(strength, dtype=np.float64)
    if not (math.isfinite(gamma) and gamma > 1):
        raise SpecError("IOM-E092", f"amplify: expected a Gamma above 1, got {gamma}")
    if not (np.isfinite(given) & (given > gamma)).all():
        raise SpecError(
            "IOM-E092", f"amplify: expected strengths above Gamma, which is {gamma}: one alone makes no less"
        )
    return numerics.amplified(gamma, given)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Read:
    """The statistic of a panel's people, with its estimates: lowest, highest, and limits of each Gamma."""

    statistic: numerics.SignedRanks | numerics.Split | numerics.OwnSplits
    estimates: list[tuple[float, float, float, float]]
    n_used: int
    n_changed: int
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]
    exposure: str = "not used"


def _panel(data: Panel | Moments) -> Panel:
    """Return a panel of one set of people, or refuse what is none."""
    if isinstance(data, Moments):
        raise InputError(
            "IOM-E067",
            f"{data.name}: rosenbaum_bounds needs the people; a published table does not tell who changed, and by how "
            "much. Give a Panel of them",
        )
    require_panel(data, "rosenbaum_bounds")
    if data.replicates is not None:
        raise InputError("IOM-E047", "rosenbaum_bounds: this panel has replicates; take one with replicate(k)")
    return data


def _checked(gammas: Any) -> tuple[float, ...]:
    try:
        given = tuple(float(gamma) for gamma in np.atleast_1d(np.asarray(gammas, dtype=np.float64)).ravel())
    except (TypeError, ValueError):
        given = ()
    if not given or not all(math.isfinite(gamma) and gamma >= 1 for gamma in given):
        raise SpecError("IOM-E092", f"gammas: expected numbers of 1 or more, got {echo(gammas)}")
    return given


def _changes(people: paired.PairedOutcomes, statistic: str, gammas: tuple[float, ...], level: float) -> _Read:
    """Read ranks or signs of changes."""
    longer = unlike_time(people.exposure, people.kind)
    if longer:
        raise InputError(
            "IOM-E066",
            f"{people.sample.outcome}: a {statistic} needs windows that are equally long, in which a rise is as likely "
            f"as a fall without bias; {longer[0].partition(':')[0]}",
            'of counts, statistic="conditional binomial", which has the days at risk',
        )
    change, weight, n = paired.changes(people, paired.CONTRASTS[0])
    counts = np.ones(len(change), np.int64) if weight is None else weight
    ranks = statistic == STATISTICS[0]
    found = numerics.signed_ranks(change, counts) if ranks else numerics.signs(change, counts)
    middles = numerics.shifts(change, counts, ranks=ranks)
    same = int(counts[change == 0].sum())
    notes: tuple[str, ...] = (f"{same} people without a change are left out of the p-values",) if same else ()
    if same == n:
        notes += ("nobody changed, so p is 1",)
    if not found.exact:
        notes += ("p-values are by the normal distribution",)
    return _Read(
        statistic=found,
        estimates=[(*numerics.point_bounds(middles, g), *numerics.limits(middles, g, level)) for g in gammas],
        n_used=n,
        n_changed=n - same,
        notes=notes,
        assumptions=(_ONE_SHIFT,),
    )


def _events(people: paired.PairedOutcomes, gammas: tuple[float, ...], level: float) -> _Read:
    """Read events before and after, given each person's total."""
    sample = people.sample
    if people.kind != "count":
        raise InputError("IOM-E066", f"{sample.outcome}: a {STATISTICS[2]} needs counts, got kind {people.kind}")
    _, _, n = paired.changes(people, paired.CONTRASTS[0])
    before, after, days = _counted(people)
    found = numerics.splits(before, after, days)
    ratio = numerics.common_ratio(found, level)
    notes: tuple[str, ...] = () if found.exact else ("p-values and intervals are by the normal distribution",)
    if people.exposure is None:
        notes += ("days at risk are not known: windows are taken to be equally long",)
    if 0 in (before.sum(), after.sum()):
        notes += ("a window has no events, so that the ratio has no estimate, or its interval one end alone",)
    ends = [(ratio.estimate / g, ratio.estimate * g, ratio.low / g, ratio.high * g) for g in gammas]
    events = before + after > 0
    return _Read(
        statistic=found,
        estimates=ends,
        n_used=n,
        n_changed=int(events.sum()),
        notes=notes,
        assumptions=_ONE_FACTOR,
        exposure=exposure_words(people.exposure),
    )


def _counted(people: paired.PairedOutcomes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return events before and after and days after over before, a row a person as often as the person counts."""
    before, after, weight = people.filled()
    times = np.broadcast_to(weight, before.shape).astype(np.int64).ravel()
    days = (
        np.ones((*before.shape, 2)) if people.exposure is None else np.broadcast_to(people.exposure, (*before.shape, 2))
    )
    first, last = (np.repeat(days[..., k].ravel(), times) for k in (0, 1))
    counted = (np.repeat(x.ravel(), times).astype(np.int64) for x in (before, after))
    return (*counted, last / first)


def _named(ends: tuple[float, float, float, float]) -> dict[str, float | None]:
    names = ("estimate_low", "estimate_high", "conf_low", "conf_high")
    return dict(zip(names, map(paired.defined, ends), strict=True))


def _falls(statistic: numerics.Statistic, alternative: str) -> bool:
    less, greater = statistic.tails(1.0)
    return alternative == "less" or (alternative == "two-sided" and less <= greater)


def _selected(panel: Panel) -> tuple[str, ...]:
    """Return the note that bias is not bounded where the rule reads a window before of this outcome."""
    rule = panel.selection
    before = {window.label for window in panel.windows if not window.post}
    if rule is None or rule.variable != panel.name or not before & set(rule.windows):
        return ()
    return (PICKED.format(variable=rule.variable),)
