"""Counts before and after of managed people, and of the source population where a panel has it, as rows of a model."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.bayes.shared.exposure import UNIT
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.comparison import without_alike
from iom_causal.inputs.observations import Observations, observe
from iom_causal.inputs.sample import EQUAL_WINDOWS, Notes, left_out
from iom_causal.inputs.selected import PLACES, check_rule, selected_counts, windows_read
from iom_causal.numerics.posterior.selected_pairs import PairRows, Rates, held
from iom_causal.panel import Panel
from iom_causal.panel.parts import check_common_start
from iom_causal.roles import require_panel
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]

ON_RATES = (
    "people were picked on the rate behind their counts, so that a count does not say how they were picked",
    "take RegressionToMean(method='pool') or a rule that reads the count",
)
WHEN = (
    (
        "people were picked on what was recorded after the index date, or at a time that is not known, and this model "
        "holds only of people who were picked on what was recorded before"
    ),
    "state the timing 'at_boundary' or 'within_pre' where that is so",
)
OWN_DAYS = (
    "without people who were never managed the model needs the same days at risk before for everybody",
    "leave days at risk out, or add never-managed people (group=, start masked, or SourcePopulation.beside)",
)
OTHER_WINDOWS = "windows before that the rule does not read are not used"


HIGHEST = 20
"""How many of the others, those with the highest counts, show what follows counts as high."""


class SelectedPeople(NamedTuple):
    """Rows of a model of selected people.

    Attributes
    ----------
    rows : PairRows
        Distinct rows; of managed people alone where there is no source population.
    place : ndarray
        (n,) the row of each person of the panel, -1 of people who are not used.
    pool : bool
        Whether never-managed people are among them.
    probability : ndarray or None
        (C,) selection probability by count before, from 0, where the rule states it; else it is a parameter.
    n_input, n_used : int
        Managed people given and used.
    others : int
        Never-managed people used.
    exposure : str
        Days at risk in words.
    notes : tuple of str
        What a reader should know of them.
    """

    rows: PairRows
    place: NDArray[np.int64]
    pool: bool
    probability: Floats | None
    n_input: int
    n_used: int
    others: int
    exposure: str
    notes: Notes

    @property
    def counts(self) -> Floats:
        """(C,) counts before that may have selection probabilities of their own."""
        return held(self.rows.before.max()) if self.probability is None else np.arange(float(self.probability.size))

    @property
    def beyond(self) -> float:
        """Share of managed people above the count that so many as `HIGHEST` of the others reach; 1 without others."""
        rows, others = self.rows, self.rows.weight * (1 - self.rows.managed)
        if others.sum() < HIGHEST:
            return 1.0
        order = np.argsort(-rows.before, kind="stable")
        reached = rows.before[order][np.searchsorted(np.cumsum(others[order]), HIGHEST)]
        mine = rows.weight * rows.managed
        return float(mine @ (rows.before > reached) / mine.sum())

    @property
    def time(self) -> float:
        """Length of the window before of managed people, on average, in the rows' unit."""
        weight = self.rows.weight * self.rows.managed
        return float(weight @ self.rows.time_before / weight.sum())

    def in_window(self, at: Rates) -> Rates:
        """Return rates for a window of that length in place of one of a unit's."""
        return at._replace(log_mean=at.log_mean + np.log(self.time))

    @property
    def place_before(self) -> NDArray[np.int64]:
        """(U,) which of `counts` each row has before; the last for more."""
        return np.asarray(np.minimum(self.rows.before, self.counts[-1]), dtype=np.int64)


def selected_people(panel: Panel, name: str) -> SelectedPeople:
    """Read a panel of counts without replicates.

    Parameters
    ----------
    panel : Panel
        Of managed people, with or without others.
    name : str
        The model's, for messages.

    Raises
    ------
    InputError
        IOM-E035 or IOM-E066 for what is no panel of counts, IOM-E048 for a rule that reads another outcome, places
        without those who competed, or days of people's own without a source population; IOM-E061 with nobody managed;
        IOM-E047 where managed people start at different windows.
    NotIdentifiedError
        IOM-E068 for a rule that does not read the count before, or that the counts contradict.
    """
    require_panel(panel, name)
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: {name} needs counts, got a {panel.kind}")
    panel = without_alike(panel)
    mine, rule, pool = panel.managed, panel.selection, not bool(panel.group.all())
    _check(panel, rule, pool=pool)
    check_common_start(mine)
    seen = observe(panel, comparison=True)
    post = np.array([w.post for w in panel.windows])
    read = ~post if rule is None else windows_read(panel, rule, post)
    y, known = np.nan_to_num(seen.outcome[0].astype(np.float64)), seen.observed[0]
    if len(known) != len(y) or known.shape != y.shape:
        known = np.broadcast_to(known, y.shape)
    days = np.ones(y.shape) if panel.exposure is None else np.broadcast_to(panel.exposure, y.shape)
    weight = seen.weight[0] * known[:, read].all(1)
    followed = known[:, post].all(1)
    first, second = days[:, read].sum(1), days[:, post].sum(1) * followed
    if panel.exposure is None:
        first, second = np.ones(len(y)), followed.astype(np.float64)
    unit = 1.0 if panel.exposure is None else UNIT
    if not (weight * followed)[panel.group].sum() > 0:
        raise InputError("IOM-E061", f"{panel.name}: no managed person has a window before and one after")
    used = weight > 0
    columns = [
        y[:, read].sum(1),
        y[:, post].sum(1) * followed,
        first / unit,
        second / unit,
        panel.group.astype(np.float64),
    ]
    if not pool and np.ptp(first[used]) > 0:
        raise InputError("IOM-E048", f"{panel.name}: {OWN_DAYS[0]}", OWN_DAYS[1])
    distinct, place = np.unique(np.array(columns)[:, used], axis=1, return_inverse=True)
    where = np.full(len(y), -1)
    where[used] = place.ravel()
    rows = PairRows(*distinct, np.bincount(place.ravel(), weight[used]))  # type: ignore[call-arg]
    given, kept = (round(float(w[panel.group].sum())) for w in (seen.weight[0], weight))
    others = round(float(weight[~panel.group].sum()))
    return SelectedPeople(
        rows,
        where,
        pool,
        _stated(rows, rule, pool=pool),
        given,
        kept,
        others,
        seen.exposure,
        _notes(seen, mine, rule, kept, given, weight * ~followed, unread=bool((~post & ~read).any())),
    )


def _check(panel: Panel, rule: Selection | None, *, pool: bool) -> None:
    if rule is None:
        return
    if rule.variable != panel.name:
        raise InputError(
            "IOM-E048",
            f"people were picked on {rule.variable!r}, not on {panel.name!r}; regression in another outcome needs the "
            "two together",
        )
    if rule.rule == "rate":
        raise NotIdentifiedError("IOM-E068", *ON_RATES)
    if rule.timing not in ("at_boundary", "within_pre"):
        raise NotIdentifiedError("IOM-E068", *WHEN)
    if not pool:
        if rule.rule == "top":
            raise InputError("IOM-E048", *PLACES)
        check_rule(selected_counts(panel, rule), rule)


def _stated(rows: PairRows, rule: Selection | None, *, pool: bool) -> Floats | None:
    """Return the stated rule's probabilities by count, unless it has none or people here contradict them."""
    if rule is None or rule.rule == "top" or rule.threshold is None:
        return None
    most = max(float(rows.before.max()), rule.threshold)
    probability = rule.probability(held(most))
    mine = probability[rows.before.astype(np.int64)]
    own = np.where(rows.managed > 0, mine, 1 - mine)
    return probability if not pool or (own > 0).all() else None


def _notes(
    seen: Observations, mine: Panel, rule: Selection | None, used: int, given: int, lost: Floats, *, unread: bool
) -> Notes:
    notes = seen.stated + left_out(used, given, "the windows before")
    gone = round(float(lost.sum()))
    if gone:
        notes += (f"{gone} people without a window after inform the rates before alone",)
    if unread and rule is not None:
        notes += (OTHER_WINDOWS,)
    return notes + ((EQUAL_WINDOWS,) if mine.exposure is None else ())
