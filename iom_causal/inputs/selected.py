"""Pre-period counts of the selected sample that the selection rule used, their moments, and selection probabilities."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.comparison import without_alike
from iom_causal.inputs.sample import time_at_risk
from iom_causal.inputs.weighting import calendar_days, entry_mean, once, there, weights
from iom_causal.moments import Moments
from iom_causal.numerics.inference.weighted_moments import weighted_moments
from iom_causal.numerics.pairs.moments import PairMoments, carried
from iom_causal.numerics.selection.cut_shape import contradicts_cut
from iom_causal.numerics.selection.isotonic import isotonic_shares
from iom_causal.panel import Panel
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]

LEAST_LASTING = 0.7
"""Least share of selected people's rates taken to last to another window where nothing shows it: in Toronto, over two
years without a programme, .71 to .73 of what lasting rates give came."""
RISEN = 1.1
"""Everybody's rise before the index date from which the managed are taken to be there out of proportion."""


class SelectionCurve(NamedTuple):
    """Isotonic selection probability by count, a step function over the observed counts.

    Attributes
    ----------
    levels : ndarray
        (L,) observed counts, in order.
    probability : ndarray
        (L,) or (D, L) the probability from each level on.
    unweighted : ndarray
        (L,) or (R, L) the same with each person counted once, where weights are drawn.
    """

    levels: Floats
    probability: Floats
    unweighted: Floats

    def at(self, count: Floats) -> Floats:
        """Return the selection probability at each count, (n,) or (R, n): that of the highest level it reaches."""
        place = np.searchsorted(self.levels, count, side="right")
        steps = np.concatenate([np.zeros((*self.probability.shape[:-1], 1)), self.probability], axis=-1)
        return steps[..., place] if place.ndim == 1 else np.take_along_axis(steps, place, -1)


class Reached(NamedTuple):
    """How many comparison people a stated cut would have selected, by their weights, and how many there are."""

    selected: int
    people: int


class SelectedCounts(NamedTuple):
    """Counts of the selected sample: managed people with every window before, lost to follow-up or not.

    Attributes
    ----------
    read : ndarray
        (n,) or (D, n) counts in the windows that the rule read.
    other : ndarray
        Counts in other windows before; 0 when there are none.
    after : ndarray
        Counts after; 0 for people lost to follow-up.
    weight : ndarray
        (n,) or (D, n), 0 for people with a window before missing.
    followed : ndarray
        The same, 0 for people with any window missing.
    length : float
        Time at risk before over time at risk after.
    curve : SelectionCurve or None
        For a rule that fills places, estimated in the source population.
    days : ndarray or None
        (n, 2, 2) or (D, n, 2, 2) of each person's own: in the windows that the rule read and after, lost and at
        liberty; None where days at risk are everybody's.
    """

    read: Floats
    other: Floats
    after: Floats
    weight: Floats
    followed: Floats
    length: float
    curve: SelectionCurve | None = None
    days: Floats | None = None

    @property
    def mirrored(self) -> "SelectedCounts":
        """The people followed up with time reversed: the window after is the one that the rule read."""
        before, followed = self.read + self.other, self.followed
        days = None if self.days is None else self.days[..., ::-1, :]
        return SelectedCounts(
            self.after, np.zeros_like(self.after), before, followed, followed, 1 / self.length, days=days
        )

    @property
    def people(self) -> Floats:
        """(n,) how often each counts; one for each with a weight where weights are drawn."""
        return there(self.weight)

    def replicate(self, k: int) -> "SelectedCounts":
        """Return the k-th replicate."""
        curve = self.curve
        return SelectedCounts(
            self.read[k],
            self.other[k],
            self.after[k],
            self.weight if self.weight.ndim == 1 else self.weight[k],
            self.followed if self.followed.ndim == 1 else self.followed[k],
            self.length,
            None if curve is None else SelectionCurve(curve.levels, curve.probability[k], curve.unweighted[k]),
            self.days if self.days is None or self.days.ndim == 3 else self.days[k],
        )

    def below(self, rule: Selection) -> bool:
        """Whether a count lies below the threshold, so that the rule did not read this window as it stands."""
        return rule.rule == "at_least" and bool((self.read[..., self.people > 0] < (rule.threshold or 0)).any())

    def contradicts(self, rule: Selection) -> bool:
        """Whether the histogram contradicts a threshold rule: somebody lies below it, or too few just above."""
        if rule.rule != "at_least" or rule.threshold is None:
            return False
        return self.below(rule) or bool(contradicts_cut(self.read, self.people, rule.threshold).all())

    def probability(self, counts: Floats, rule: Selection) -> Floats:
        """Return the selection probability at these counts.

        Raises
        ------
        InputError
            IOM-E048 for places whose last one is not known.
        SpecError
            IOM-E096 for a rule that lacks its threshold or softness.
        """
        if self.curve is not None:
            return self.curve.at(counts)
        if rule.rule == "top":
            raise InputError("IOM-E048", *PLACES)
        return rule.probability(counts)

    def unweighted_probability(self, rule: Selection) -> Callable[[Floats], Floats]:
        """Return the same as a function of counts, with each person counted once where weights are drawn."""
        curve = self.curve
        if curve is None:
            return lambda counts: self.probability(counts, rule)
        return curve._replace(probability=curve.unweighted).at


PLACES = (
    (
        "for a rule that fills places with the highest, the panel needs everybody who competed: people at the last "
        "place share it, and the picked alone do not tell in what proportion"
    ),
    "the methods 'linear', 'mirror' and 'none', and 'gamma_poisson' with comparable_mean and shape, do not ask for it",
)
CONTRADICTED = (
    (
        "too few of these people stand just above the threshold for everybody from there on to have been picked, so "
        "that the counts contradict the rule; look at its threshold and at the windows that it reads"
    ),
    "or take a method that needs no cut ('linear', 'mirror', or 'gamma_poisson' with comparable_mean and shape)",
)


def check_rule(selected: SelectedCounts, rule: Selection) -> None:
    """Refuse a rule that gives a selected person no probability, or a threshold that the histogram contradicts.

    Raises
    ------
    InputError
        IOM-E048 or IOM-E092.
    NotIdentifiedError
        IOM-E068 when the histogram contradicts a hard cut.
    """
    if not (selected.probability(selected.read, rule)[..., selected.people > 0] > 0).all():
        raise InputError(
            "IOM-E092",
            "not everybody could have been picked by this rule; look at its threshold, the windows that it reads and "
            "its timing",
        )
    if selected.contradicts(rule):
        raise NotIdentifiedError("IOM-E068", *CONTRADICTED)


def rule_of(selection: Selection | None, data: Panel | Moments) -> Selection:
    """Return the selection rule: the stated one, else the panel's own.

    Raises
    ------
    InputError
        IOM-E048 when neither says how people were selected, or they were selected on another variable.
    """
    rule = selection if selection is not None or isinstance(data, Moments) else data.selection
    if rule is None:
        raise InputError(
            "IOM-E048",
            f"{data.name}: nothing says how people were picked",
            "give selection, with its variable, windows, rule and timing",
        )
    if rule.variable != data.name:
        raise InputError(
            "IOM-E048",
            f"people were picked on {rule.variable!r}, not on {data.name!r}; regression in another outcome needs the "
            "two together",
        )
    return rule


def selected_counts(panel: Panel, rule: Selection) -> SelectedCounts:
    """Return the selected sample's counts, those before split into what the rule read and the rest.

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E039 when the rule names windows that are not there.
    """
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count; for a score use ScoreRegression")
    people, competed = panel.managed, without_alike(panel)
    outcome = once(people.outcome, 2)
    post = np.array([w.post for w in people.windows])
    weight = weights(people) * ~np.isnan(outcome[..., ~post]).any(-1)
    read = windows_read(people, rule, post)
    followed = weight * ~np.isnan(outcome[..., post]).any(-1)
    y = np.nan_to_num(outcome)
    return SelectedCounts(
        y[..., read].sum(-1),
        y[..., ~post & ~read].sum(-1),
        y[..., post].sum(-1),
        weight,
        followed,
        _length(people, post, followed),
        selection_curve(competed, once(competed.outcome, 2)[..., read].sum(-1))
        if rule.rule == "top" and not competed.group.all()
        else None,
        _own_days(people, read, post),
    )


def _own_days(people: Panel, read: NDArray[np.bool_], post: NDArray[np.bool_]) -> Floats | None:
    """Return the days that each person lost and was at liberty, in the windows that the rule read and after."""
    if people.exposure is None or people.exposure.ndim == 1:
        return None
    free = once(people.exposure, 2)
    lost = np.maximum(calendar_days(people) - free, 0.0)
    return np.stack([np.stack([d[..., w].sum(-1) for d in (lost, free)], axis=-1) for w in (read, post)], axis=-2)


def windows_read(panel: Panel, rule: Selection, post: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which windows the rule reads, (T,).

    Raises
    ------
    InputError
        IOM-E039 for windows that are not there.
    """
    if rule.rule == "rate":
        return np.asarray(~post)
    labels = [w.label for w in panel.windows]
    named = np.isin(labels, rule.windows) & ~post
    if all(label in labels for label in rule.windows) and (named.any() or rule.timing == "within_post"):
        return named if named.any() else ~post
    if rule.windows == ("before",):
        return np.asarray(~post)
    raise InputError(
        "IOM-E039", f"the rule reads {', '.join(rule.windows)}, but the windows before are called "
        f"{', '.join(label for label, after in zip(labels, post, strict=True) if not after)}"
    )  # fmt: skip


def selected_by_count(panel: Panel) -> bool:
    """Whether a hard cut or places by this very count before are stated, and the counts do not contradict them.

    Places are kept where nobody who was not managed stands above a managed person, but for ties.

    Examples
    --------
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> panel = Panel.from_arrays([[3, 1], [4, 3], [6, 4]], name="arrests", selection=rule)
    >>> selected_by_count(panel), selected_by_count(Panel.from_arrays([[3, 1], [4, 3], [6, 4]], name="arrests"))
    (True, False)
    """
    rule = panel.selection
    if panel.kind != "count" or rule is None or rule.variable != panel.name:
        return False
    if rule.timing not in ("at_boundary", "within_pre"):
        return False
    if rule.rule == "top":
        return _places_kept(panel, rule)
    return rule.rule == "at_least" and not selected_counts(panel, rule).contradicts(rule)


def contradicts_its_cut(panel: Panel) -> bool:
    """Whether too few people stand just above the cut on this count by which they are said to have entered.

    Of a cut that was read before the end of the window, counts of all of it tell nothing.

    Examples
    --------
    >>> def people(threshold):
    ...     rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=threshold)
    ...     return Panel.from_arrays([[5, 2], [6, 3], [7, 4], [8, 1]] * 20, name="arrests", selection=rule)
    >>> contradicts_its_cut(people(5)), contradicts_its_cut(people(3))
    (False, True)
    """
    rule = panel.selection
    if panel.kind != "count" or rule is None or (rule.variable, rule.timing) != (panel.name, "at_boundary"):
        return False
    return selected_counts(panel, rule).contradicts(rule)


def reached(panel: Panel) -> Reached | None:
    """Return how many comparison people the stated cut would have selected; None where no cut on this count is stated.

    Examples
    --------
    >>> from iom_causal.windows import Selection
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, True, True])
    >>> reached(Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start, name="arrests", selection=rule))
    Reached(selected=1, people=2)
    """
    rule = panel.selection
    if rule is None or rule.rule != "at_least" or rule.threshold is None or rule.variable != panel.name:
        return None
    if rule.timing not in {"at_boundary", "within_pre"} or panel.kind != "count":
        return None
    read = windows_read(panel, rule, np.array([w.post for w in panel.windows]))
    counts = once(panel.outcome, 2)[..., read].astype(np.float64).sum(-1)
    weight = weights(panel) * ~panel.group * ~np.isnan(counts)
    high = np.max((weight * (np.nan_to_num(counts) >= rule.threshold)).sum(-1))
    return Reached(round(float(high)), round(float(np.max(weight.sum(-1)))))


def _places_kept(panel: Panel, rule: Selection) -> bool:
    post = np.array([w.post for w in panel.windows])
    counts = once(panel.outcome, 2)[:, windows_read(panel, rule, post)].sum(-1)
    there = ~np.isnan(counts) & (weights(panel) > 0)
    mine, theirs = counts[there & panel.group], counts[there & panel.rest]
    return bool(mine.size and theirs.size and theirs.max() <= mine.min())


def pair_moments(selected: SelectedCounts) -> PairMoments:
    """Return weighted means, SDs and correlation of the selected sample, each a number or (D,).

    After is scaled to the length of before, and carried to people lost to follow-up along the regression line.
    """
    x, y = selected.read + selected.other, selected.after * selected.length
    pairs = _pair_moments(selected.followed, x, y)
    if np.array_equal(selected.weight, selected.followed):
        return pairs
    entered = _pair_moments(selected.weight, x, x)
    return carried(pairs, entered.mean_pre, entered.sd_pre)


def _pair_moments(w: Floats, x: Floats, y: Floats) -> PairMoments:
    m = weighted_moments(w, x, y)
    if not (np.min(m.sd_pre) > 0 and np.min(m.sd_post) > 0):
        raise InputError("IOM-E065", "everybody has the same count in one window, so nothing can be told of regression")
    return PairMoments(*(_plain(v) for v in (m.mean_pre, m.sd_pre, m.mean_post, m.sd_post, m.r)))


def reported_moments(m: Moments) -> PairMoments:
    """Return the reported moments of the selected sample, after scaled to the length of before.

    Where the table reports the mean before of all who entered beside that of the people followed up, moments are
    carried to all of them along the regression line.

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E067 when a figure is not reported.
    """
    if m.kind != "count":
        raise InputError("IOM-E066", f"{m.name}: expected a count; for a score use ScoreRegression")
    names = ("mean_pre", "sd_pre", "mean_post", "sd_post", "r")
    m1, s1, m2, s2, r = m.require(*names, purpose="regression to the mean")
    length = 1.0 if m.exposure is None else m.exposure[0] / m.exposure[1]
    pairs = PairMoments(m1, s1, m2 * length, s2 * length, r)
    if m.mean_pre_input is None:
        return pairs
    return carried(pairs, m.mean_pre_input, s1 if m.sd_pre_input is None else m.sd_pre_input)


def mean_before(data: Panel | Moments) -> Any:
    """Return the mean count before of the selected sample, a number or (D,).

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E067 when it is not reported.
    """
    if data.kind != "count":
        raise InputError("IOM-E066", f"{data.name}: expected a count; for a score use ScoreRegression")
    return entry_mean(data, "regression to the mean")


def lateness(rule: Selection, stated: Belief | None) -> float:
    """Return the share of the selection that read the window after: what is stated, else what the timing says.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when the timing is unknown and nothing is stated, so that there are bounds and no value.
    """
    if isinstance(stated, (int, float)):
        return float(stated)
    if rule.timing == "unknown" or stated is not None:
        raise NotIdentifiedError(
            "IOM-E068",
            "when people were picked is not known",
            "take bounds, as RegressionToMean(...).resolved(data) does with late=Range(0, 1), or state the timing",
        )
    return 1.0 if rule.timing == "within_post" else 0.0


def broadcast(shift: Any, theta: Theta, data: Panel | Moments) -> float | Floats:
    """Return a shift as a number, or once for each draw and replicate."""
    size = data.replicates if isinstance(data, Panel) else None
    draws = (np.shape(v) for v in theta.values())
    shape = np.broadcast_shapes(np.shape(shift), () if size is None else (size,), *draws)
    return float(shift) if shape == () else np.broadcast_to(np.asarray(shift, dtype=np.float64), shape)


def timed(rule: Selection, theta: Theta) -> str:
    """Return when people were selected, in the words of a sentence."""
    if "late" in theta or rule.timing == "unknown":
        return "at a time that is not known,"
    return (
        "on what was recorded after the index date,"
        if rule.timing == "within_post"
        else "on what was recorded before the index date,"
    )


def selection_curve(panel: Panel, history: Floats) -> SelectionCurve:
    """Isotonic regression of being managed on the count, in the source population.

    Whatever else played a part (ties, refusals, a second opinion), this is the probability that the rule realised.

    Parameters
    ----------
    panel : Panel
        The source population, with weights.
    history : ndarray
        (n,) or (R, n), what the rule read; people of whom it is not known (NaN) are left out.
    """
    if history.ndim > 1:
        each = [selection_curve(panel.replicate(k), counts) for k, counts in enumerate(history)]
        levels = np.unique(history[~np.isnan(history)])
        probability = np.array([curve.at(levels) for curve in each])
        return SelectionCurve(levels, probability, probability)
    weight, managed = weights(panel), panel.group
    present = (there(weight) > 0) & ~np.isnan(history)
    levels, place = np.unique(history[present], return_inverse=True)
    member = np.eye(len(levels))[place]

    def shares(w: Floats) -> Floats:
        return isotonic_shares((w * managed)[..., present] @ member, w[..., present] @ member)

    probability = shares(weight)
    return SelectionCurve(levels, probability, probability if weight.ndim == 1 else shares(there(weight)))


def _length(panel: Panel, post: NDArray[np.bool_], followed: Floats) -> float:
    """Return time at risk before over that after, of the people followed up, as often as they count in the data."""
    if panel.exposure is None:
        return 1.0
    days = once(panel.exposure, 2) if panel.exposure.ndim > 1 else panel.exposure
    sides = np.stack([days[..., ~post].sum(-1), days[..., post].sum(-1)], axis=-1)
    weight = there(followed)
    before, after = time_at_risk(sides, np.broadcast_to(weight, sides.shape[:-1]) if sides.ndim > 1 else weight)
    return float(before.sum() / after.sum())


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value
