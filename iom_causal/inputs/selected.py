"""What the rule by which people were picked has read: their counts in its windows, and their moments."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.weighting import entry_mean, once, there, weighted_sum, weights
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.moments import PairMoments, carried
from iom_causal.numerics.selection.cut_shape import contradicts_cut
from iom_causal.numerics.selection.isotonic import isotonic_shares
from iom_causal.panel import Panel
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]


class Chances(NamedTuple):
    """The chance of being picked at each count, (L,) or (D, L), over counts that are there, (L,).

    `whole` is that with everybody as they are, (L,) or (R, L), where weights are drawn.
    """

    levels: Floats
    chance: Floats
    whole: Floats

    def at(self, count: Floats) -> Floats:
        """Return the chance at each count, (n,) or (R, n): that of the highest level which it reaches."""
        place = np.searchsorted(self.levels, count, side="right")
        steps = np.concatenate([np.zeros((*self.chance.shape[:-1], 1)), self.chance], axis=-1)
        return steps[..., place] if place.ndim == 1 else np.take_along_axis(steps, place, -1)


class Picked(NamedTuple):
    """The managed people with every window before: whom the rule picked, lost to follow-up or not.

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
    chances : Chances or None
        For a rule that fills places, seen among everybody who competed.
    """

    read: Floats
    other: Floats
    after: Floats
    weight: Floats
    followed: Floats
    length: float
    chances: Chances | None = None

    @property
    def mirrored(self) -> "Picked":
        """The people followed up with time running backwards: the window after is the one that was read."""
        before, kept = self.read + self.other, self.followed
        return Picked(self.after, np.zeros_like(self.after), before, kept, kept, 1 / self.length)

    @property
    def people(self) -> Floats:
        """(n,) how often each counts; one for everybody who is there where weights are drawn."""
        return there(self.weight)

    def below(self, rule: Selection) -> bool:
        """Whether somebody has less than a hard cut asks for, so that this window as it is was not what it read."""
        return rule.rule == "at_least" and bool((self.read[..., self.people > 0] < (rule.threshold or 0)).any())

    def unlike(self, rule: Selection) -> bool:
        """Whether this window as it is was not what a hard cut read: somebody has less, or too few stand just above."""
        if rule.rule != "at_least" or rule.threshold is None:
            return False
        return self.below(rule) or bool(contradicts_cut(self.read, self.people, rule.threshold).all())

    def chance(self, counts: Floats, rule: Selection) -> Floats:
        """Return the chance of being picked with these counts.

        Raises
        ------
        InputError
            IOM-E048 for places whose last one is not known.
        SpecError
            IOM-E096 for a rule that lacks its threshold or softness.
        """
        if self.chances is not None:
            return self.chances.at(counts)
        if rule.rule == "top":
            raise InputError("IOM-E048", PLACES)
        return rule.probability(counts)

    def whole_chance(self, rule: Selection) -> Callable[[Floats], Floats]:
        """Return the same as a function of counts, with everybody as they are where weights are drawn."""
        seen = self.chances
        return (lambda counts: self.chance(counts, rule)) if seen is None else seen._replace(chance=seen.whole).at


PLACES = (
    "for a rule that fills places with the highest, the panel needs everybody who competed: people at the last place "
    "share it, and the picked alone do not tell in what proportion; the methods 'linear', 'mirror' and 'none', and "
    "'gamma_poisson' with comparable_mean and shape, do not ask for it"
)
CONTRADICTED = (
    "too few of these people stand just above the threshold for everybody from there on to have been picked, so that "
    "the counts contradict the rule; look at its threshold and at the windows that it reads, or take a method that "
    "does not reason from the cut ('linear', 'mirror', or 'gamma_poisson' with comparable_mean and shape)"
)


def check_rule(picked: Picked, rule: Selection) -> None:
    """Refuse to reason from a rule by which some of these people could not have been picked, or a cut that is not one.

    Raises
    ------
    InputError
        IOM-E048 or IOM-E092.
    NotIdentifiedError
        IOM-E068 when the histogram contradicts a hard cut.
    """
    if not (picked.chance(picked.read, rule)[..., picked.people > 0] > 0).all():
        raise InputError(
            "IOM-E092",
            "not everybody could have been picked by this rule; look at its threshold, the windows that it reads and "
            "its timing",
        )
    if picked.unlike(rule):
        raise NotIdentifiedError("IOM-E068", CONTRADICTED)


def rule_of(selection: Selection | None, data: Panel | Moments) -> Selection:
    """Return the rule that is stated for a what-if, else the panel's own.

    Raises
    ------
    InputError
        IOM-E048 when neither says how people were picked, or they were picked on another variable.
    """
    rule = selection if selection is not None or isinstance(data, Moments) else data.selection
    if rule is None:
        raise InputError(
            "IOM-E048",
            f"{data.name}: nothing says how people were picked; give selection, with its variable, windows, rule and "
            "timing",
        )
    if rule.variable != data.name:
        raise InputError(
            "IOM-E048",
            f"people were picked on {rule.variable!r}, not on {data.name!r}; regression in another outcome needs the "
            "two together",
        )
    return rule


def picked_counts(panel: Panel, rule: Selection) -> Picked:
    """Split the managed people's counts into those that the rule read and the rest.

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E039 when the rule names windows that are not there.
    """
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count; for a score use ScoreRegression")
    people = panel.managed
    outcome = once(people.outcome, 2)
    post = np.array([w.post for w in people.windows])
    weight = weights(people) * ~np.isnan(outcome[..., ~post]).any(-1)
    seen = _windows_read(people, rule, post)
    y = np.nan_to_num(outcome)
    return Picked(
        y[..., seen].sum(-1),
        y[..., ~post & ~seen].sum(-1),
        y[..., post].sum(-1),
        weight,
        weight * ~np.isnan(outcome[..., post]).any(-1),
        _length(people, post),
        chances_seen(panel, np.nan_to_num(once(panel.outcome, 2))[..., seen].sum(-1))
        if rule.rule == "top" and not panel.group.all()
        else None,
    )


def pair_moments(picked: Picked) -> PairMoments:
    """Return weighted means, SDs and correlation of everybody picked, each a number or (D,).

    After is scaled to the length of before, and carried to people lost to follow-up along the line through the others.
    """
    x, y = picked.read + picked.other, picked.after * picked.length
    pairs = _pair_moments(picked.followed, x, y)
    if np.array_equal(picked.weight, picked.followed):
        return pairs
    everybody = _pair_moments(picked.weight, x, x)
    return carried(pairs, everybody.mean_pre, everybody.sd_pre)


def _pair_moments(w: Floats, x: Floats, y: Floats) -> PairMoments:
    n = w.sum(-1)
    m1, m2 = weighted_sum(w, x) / n, weighted_sum(w, y) / n
    scale = n / (n - 1)
    v1 = scale * (weighted_sum(w, x * x) / n - m1**2)
    v2 = scale * (weighted_sum(w, y * y) / n - m2**2)
    cov = scale * (weighted_sum(w, x * y) / n - m1 * m2)
    if not (np.min(v1) > 0 and np.min(v2) > 0):
        raise InputError("IOM-E065", "everybody has the same count in one window, so nothing can be told of regression")
    return PairMoments(*(_plain(v) for v in (m1, np.sqrt(v1), m2, np.sqrt(v2), cov / np.sqrt(v1 * v2))))


def printed_moments(m: Moments) -> PairMoments:
    """Return the printed moments of everybody picked, after scaled to the length of before.

    Where the table prints the mean before of everybody beside that of the people followed up, moments are carried to
    everybody along the line through the people followed up.

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E067 when a figure is not printed.
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
    """Return the mean count before of everybody picked, a number or (D,).

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E067 when it is not printed.
    """
    if data.kind != "count":
        raise InputError("IOM-E066", f"{data.name}: expected a count; for a score use ScoreRegression")
    return entry_mean(data, "regression to the mean")


def lateness(rule: Selection, stated: Belief | None) -> float:
    """Return the share of the picking that read the window after: what is stated, else what the timing says.

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
            "when people were picked is not known: take bounds, as RegressionToMean(...).resolved(data) does with "
            "late=Range(0, 1), or state the timing",
        )
    return 1.0 if rule.timing == "within_post" else 0.0


def spread(shift: Any, theta: Theta, data: Panel | Moments) -> float | Floats:
    """Return a shift as a number, or once for each draw and replicate."""
    size = data.replicates if isinstance(data, Panel) else None
    draws = (np.shape(v) for v in theta.values())
    shape = np.broadcast_shapes(np.shape(shift), () if size is None else (size,), *draws)
    return float(shift) if shape == () else np.broadcast_to(np.asarray(shift, dtype=np.float64), shape)


def timed(rule: Selection, theta: Theta) -> str:
    """Say when people were picked."""
    if "late" in theta or rule.timing == "unknown":
        return "at a time that is not known,"
    return (
        "on what was recorded after the index date,"
        if rule.timing == "within_post"
        else "on what was recorded before the index date,"
    )


def _windows_read(panel: Panel, rule: Selection, post: NDArray[np.bool_]) -> NDArray[np.bool_]:
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


def chances_seen(panel: Panel, history: Floats) -> Chances:
    """Return the share of people who are managed at each count, made never to fall with it.

    Whatever else played a part (ties, people who refused, a second opinion), this is what the rule did.

    Parameters
    ----------
    panel : Panel
        Everybody who competed, with weights.
    history : ndarray
        (n,) or (R, n), what the rule read.
    """
    if history.ndim > 1:
        each = [chances_seen(panel.replicate(k), counts) for k, counts in enumerate(history)]
        levels = np.unique(history)
        chance = np.array([found.at(levels) for found in each])
        return Chances(levels, chance, chance)
    weight, managed = weights(panel), panel.group
    some = there(weight) > 0
    levels, place = np.unique(history[some], return_inverse=True)
    member = np.eye(len(levels))[place]

    def shares(w: Floats) -> Floats:
        return isotonic_shares((w * managed)[..., some] @ member, w[..., some] @ member)

    chance = shares(weight)
    return Chances(levels, chance, chance if weight.ndim == 1 else shares(there(weight)))


def _length(panel: Panel, post: NDArray[np.bool_]) -> float:
    if panel.exposure is None:
        return 1.0
    days = once(panel.exposure, 2) if panel.exposure.ndim > 1 else panel.exposure
    return float(days[..., ~post].sum() / days[..., post].sum())


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value
