"""Tests of accounts of selection by the windows that the rule did not read: on the count, on the rate, or on a run-up.

People selected on a count have more in the windows that were read than their rates give, and what their rates give in
the others; people selected on their rate have as much in both. Less than even a rule on the count makes of the others
is a run-up: Ashenfelter's (1978) dip turned over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.comparison import without_alike
from iom_causal.inputs.resampling import jackknife
from iom_causal.inputs.sample import LEAST_PEOPLE
from iom_causal.inputs.selected import rule_of
from iom_causal.inputs.weighting import once, weights
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.panel.parts import check_common_start
from iom_causal.roles import require_panel
from iom_causal.sensitivity.selection_accounts import COUNT, RATE, Expected, History, accounts, has_others
from iom_causal.sensitivity.selection_result import Account, Band, Chosen, SelectionPlausibility
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]

BANDS = 5
"""Groups of counts for each of which the share selected is given."""
SEED = 1
"""Of the groups in which many people are cut by the jackknife."""

LACKING = (
    "expected a window before that the rule did not read, or people who were never managed: the windows that it read "
    "do not tell by themselves what it went by"
)
LATE = (
    "expected a rule that read windows before the index date: what it made of the windows before is not known where "
    "it may have read the window after"
)


@checked
def selection_plausibility(
    panel: Panel, *, selection: Selection | None = None, background: float = 1.0, level: float = LEVEL
) -> SelectionPlausibility:
    """Test accounts of selection by what the managed people did in the windows before that the rule did not read.

    Each account expects a mean count of those windows, and the p-value is that of the distance of the observed one,
    by a t test with the joint jackknife of managed and never-managed people.

    * On the count, lasting rates: Robbins and Zhang's equivalent counts, whatever the distribution of rates, times the
      change of the never-managed people's rates.
    * On the count, drifting rates: the regression of those windows on what was read among never-managed people, for
      rates of any kind. Beneath a cut from which on everybody is managed, nobody else has such counts: the regression
      is then read with time reversed, from a window not read to an equally long one that was read, in everybody, so
      that the panel must hold the source population; so are the two accounts below. Where neither can be had, or
      everybody's counts rose by more than a tenth (as where only a part of the others are there), down to
      `LEAST_LASTING` of the first account.
    * On the rate, lasting rates: as much as in the windows that were read, times never-managed people's change.
    * On the rate, drifting rates: the regression of rates on rates among never-managed people, whose slope is that of
      counts free of chance; without them down to `LEAST_LASTING` of what was read.

    Less than any of these is a run-up. Without never-managed people drifting rates make picking on the rate look like
    picking on the count, and only picking on lasting rates, or a run-up, stands out.

    With every window before read, only the share selected by count is given.

    Parameters
    ----------
    panel : Panel
        Of counts; with never-managed people, if there are any.
    selection : Selection, optional
        The selection rule; by default the panel's. Where neither states one and there are never-managed people, or it
        is on the rate, the last window before is taken as what was read.
    background : float
        Mean of the windows not read over that of those read, for reasons other than selection; where no never-managed
        people tell it.
    level : float
        Of the intervals.

    Raises
    ------
    InputError
        IOM-E035, IOM-E066 or IOM-E047 for what is no panel of counts without replicates and with one start, IOM-E048
        for a rule that is not known or read something else, or where there is neither a window that was not read nor a
        source population, IOM-E060 with fewer than two managed people who have every window before, IOM-E046 where
        none of them was at risk in one.
    NotIdentifiedError
        IOM-E068 for a rule that may have read the window after, or that the counts contradict.
    DegenerateDataError
        IOM-E064 where everybody is exactly at the threshold.

    Notes
    -----
    In simulated worlds (3 events a window of two years on average; rates gamma or lognormal that last, lognormal that
    drift with an SD of .6 on the log scale, gamma that drift so and stop at 8% a year; 1,000 never-managed people) the
    right account is set aside at the level of .95 in 0 to 8% of 100 cohorts. The verdict was right, of 60 and of 225
    people,

    * softly on the count: in 68 to 92 and 84 to 100% where rates last, 28 to 35 and 27 to 46% where they drift; by a
      cut, with the source population on the panel, in 94 to 98 and 96 to 98%, 65 to 69 and 90%;
    * on the rate: in 45 to 74 and 70 to 89% where rates last, 0 to 17 and 5 to 51% where they drift;
    * on a rise of about three events: in all.

    Nearly all others were ``open``; another verdict came in at most 9%. Without never-managed people picking on the
    count was ``open`` in 95 to 99%, picking on lasting rates was seen in 52 to 71 and 94 to 99%, and the rise in 59 and
    98%: with 60 people it was taken for picking on the count otherwise. With time reversed too much is expected where
    people stop, by 2% at 8% a year.

    In wilder worlds (1.5 events a year on average, 40 cohorts each) the right account was set aside more often: in 28%
    where lognormal rates of log SD 1 drift and people were picked on them or softly on the count, in 17% with a few
    very prolific people; where careers begin no account fits in nearly half.

    References
    ----------
    Ashenfelter (1978), Review of Economics and Statistics 60, 47-57. Robbins & Zhang (1988), PNAS 85, 3670-3672.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> rng = np.random.default_rng(1)
    >>> counts = rng.poisson(rng.gamma(1.5, 2.0, 3000)[:, None], (3000, 3))
    >>> windows = (Window("earlier"), Window("before"), Window("after", post=True))
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=6)
    >>> people = counts[counts[:, 1] >= 6]
    >>> panel = Panel.from_arrays(people, windows=windows, selection=rule, name="arrests")
    >>> found = selection_plausibility(panel)
    >>> found.verdict, found.verdict_if_lasting
    ('open', 'count')
    """
    require_panel(panel, "selection_plausibility")
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count, got a {panel.kind}")
    if panel.replicates is not None:
        raise InputError("IOM-E047", "selection_plausibility: this panel has replicates; take one with replicate(k)")
    check_common_start(panel)
    people = _with_windows_before(without_alike(panel))
    rule, on = _rule(selection, people)
    h = History.of(people, rule)
    if not (h.theirs @ h.days > 0).all():
        raise InputError(
            "IOM-E046", f"{panel.name}: in one window before no managed person was at risk for a single day"
        )
    if h.read.all() and not has_others(h):
        raise InputError("IOM-E048", f"{panel.name}: {LACKING}")
    expected = accounts(people, rule, background)
    figures = _Figures.of(people, rule, expected)
    others = has_others(h)
    return SelectionPlausibility(
        outcome=panel.name,
        n=round(float(h.theirs.sum())),
        n_others=round(float(h.others.sum())),
        windows=tuple(w.label for w in people.windows if not w.post),
        read=tuple(bool(r) for r in h.read),
        on=on,
        length=None if people.exposure is None else figures.length,
        mean=figures.means,
        low=figures.limits(level)[0],
        high=figures.limits(level)[1],
        total=figures.total,
        accounts=tuple(figures.account(k) for k in range(len(expected))),
        chosen=_chosen(h, *figures.difference) if others else None,
        level=level,
    )


@dataclass(frozen=True, eq=False)
class _Figures:
    """Means and expectations with their joint jackknife errors.

    Attributes
    ----------
    history : History
        Of the people.
    expected : tuple of Expected
        The accounts.
    events : tuple of (ndarray, ndarray)
        Lowest and highest expected events of each account, (U,).
    length : float
        Days of the length at which means are given.
    value, error : ndarray
        The results of `_results` and their standard errors.
    """

    history: History
    expected: tuple[Expected, ...]
    events: tuple[tuple[Floats, Floats], ...]
    length: float
    value: Floats
    error: Floats

    @classmethod
    def of(cls, people: Panel, rule: Selection, expected: tuple[Expected, ...]) -> "_Figures":
        h = History.of(people, rule)
        length = float((h.theirs * h.time).sum() / h.theirs.sum() / h.read.sum())
        results = partial(_results, rule=rule, expected=expected, length=length)
        effects = jackknife(people, results, np.random.default_rng(SEED))
        events = tuple(e.events(people) for e in expected)
        return cls(h, expected, events, length, results(people), np.sqrt((effects**2).sum(0)))

    @property
    def degrees(self) -> float:
        return max(float(self.history.theirs.sum()) - 1, 1.0)

    @property
    def means(self) -> tuple[float, ...]:
        return _plain(self.value[: len(self.history.read)])

    @property
    def total(self) -> float:
        h = self.history
        days = (h.theirs @ h.other_days).sum()
        return float((h.theirs @ h.other_counts).sum() / days * self.length) if days else float("nan")

    def limits(self, level: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        half = -stdtrit(self.degrees, (1 - level) / 2) * self.error[: len(self.history.read)]
        means = np.array(self.means)
        return _plain(means - half), _plain(means + half)

    def account(self, k: int) -> Account:
        h, at = self.history, len(self.history.read) + 2 * k
        days = h.theirs @ h.other_days
        ends = []
        for events in self.events[k]:
            each = np.full(len(h.read), np.nan)
            each[~h.read] = events / days * self.length
            ends.append((_plain(each), float(events.sum() / days.sum() * self.length)))
        above_low, below_high = self.value[at], self.value[at + 1]
        p = 1.0
        if below_high > 0 or above_low < 0:
            place = at + 1 if below_high > 0 else at
            p = self._p_value(place)
        return Account(
            on=self.expected[k].on,
            rates=self.expected[k].rates,
            basis=self.expected[k].basis,
            low=ends[0][0],
            high=ends[1][0],
            total_low=ends[0][1],
            total_high=ends[1][1],
            p_value=p,
        )

    @property
    def difference(self) -> tuple[float, float]:
        """Managed less never-managed in what was read, with its p-value."""
        return float(self.value[-1]), self._p_value(-1)

    def _p_value(self, place: int) -> float:
        away, error = abs(float(self.value[place])), float(self.error[place])
        return float(2 * stdtr(self.degrees, -away / error)) if error > 0 else float(away == 0)


def _results(panel: Panel, rule: Selection, expected: Sequence[Expected], length: float) -> Floats:
    """Return (K,) or (R, K): the mean of each window, the distance of each account's ends, and managed less others."""
    h = History.of(panel, rule)
    means = (h.theirs @ h.counts) / (h.theirs @ h.days) * length
    days = (h.theirs @ h.other_days).sum(-1)
    seen = (h.theirs @ h.other_counts).sum(-1)
    ends = [end for e in expected for end in e.events(panel)]
    columns = [(seen - end.sum(-1)) / days * length for end in ends]
    if has_others(h):
        columns.append(_rate(h, h.theirs) * length - _rate(h, h.others) * length)
    return np.concatenate([means, *(c[..., None] for c in columns)], axis=-1)


def _rate(h: History, weight: Floats) -> Floats:
    return np.asarray((weight * h.count).sum(-1) / (weight * h.time).sum(-1))


def _plain(values: Floats) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _chosen(h: History, difference: float, p_value: float) -> Chosen:
    count = h.count[h.weight > 0]
    lows = np.unique([0.0, *np.ceil(np.quantile(count, np.arange(1, BANDS) / BANDS, method="higher"))])
    band = np.searchsorted(lows, h.count, side="right") - 1
    people, managed = (np.bincount(band, w, len(lows)) for w in (h.weight, h.theirs))
    return Chosen(
        difference=difference,
        p_value=p_value,
        at_cut=bool(h.count[h.theirs > 0].min() > h.count[h.others > 0].max()),
        bands=tuple(
            Band(float(low), round(float(n)), float(m / n))
            for low, n, m in zip(lows, people, managed, strict=True)
            if n
        ),
    )


def _rule(selection: Selection | None, people: Panel) -> tuple[Selection, str]:
    """Return the rule and what it is on; where that is no count, one that read the last window before.

    Raises
    ------
    InputError
        IOM-E048 for a rule that is not known, or read something else.
    NotIdentifiedError
        IOM-E068 for one that may have read the window after.
    """
    last = Selection(people.name, tuple(w.label for w in people.windows if not w.post)[-1:], "soft", "at_boundary")
    if selection is None and people.selection is None and not people.group.all():
        return last, ""
    rule = rule_of(selection, people)
    if rule.timing in ("within_post", "unknown"):
        raise NotIdentifiedError("IOM-E068", f"{people.name}: {LATE}")
    return (last, RATE) if rule.rule == "rate" else (rule, COUNT)


def _with_windows_before(panel: Panel) -> Panel:
    """Return the people who have every window before.

    Raises
    ------
    InputError
        IOM-E060 with fewer than two managed among them.
    """
    post = np.array([w.post for w in panel.windows])
    keep = ~np.isnan(once(panel.outcome, 2)[:, ~post]).any(-1)
    managed = int((keep & panel.group & (weights(panel) > 0)).sum())
    if managed < LEAST_PEOPLE:
        raise InputError(
            "IOM-E060",
            f"{panel.name}: n={managed} managed people with every window before; expected at least {LEAST_PEOPLE}",
        )
    return panel if keep.all() else panel.where(keep)
