"""What the counts of never-managed people say of who they are: others, or the managed again."""

from collections.abc import Iterator

import numpy as np

from iom_causal.data.reading.columns import Fact
from iom_causal.errors import InputError
from iom_causal.inputs.selected import windows_read
from iom_causal.inputs.weighting import weights
from iom_causal.numerics.selection.repeated_rows import repeated_rows_p_value
from iom_causal.panel import Panel
from iom_causal.windows import Selection

BY_CHANCE = 0.001
"""Below this chance of people of their own having all the counts of the managed, they are the managed again."""
AGAIN = (
    "for every managed person there is one with the same counts in every window among the people who were not managed, "
    "as other people would not have; they are the managed again, who would show a programme to have done nothing: "
    "leave them out there"
)
PERHAPS_AGAIN = (
    "managed people, for each of whom one with the same counts is among those who were not managed: if these are the "
    "managed again, leave them out there"
)
AS_HIGH = (
    "people who were not managed with as many as the cut, from which on everybody was picked as the study says: places "
    "were few, or they are not people whom this rule could pick, or they are the managed again"
)


def facts_of_others(panel: Panel, rule: Selection) -> Iterator[Fact]:
    """Test never-managed people for being the managed again, and count those whom a stated cut would have selected.

    Parameters
    ----------
    panel : Panel
        Of the count that the rule reads, with managed and never-managed people; of any other nothing is yielded.
    rule : Selection
        As the study states it.

    Raises
    ------
    InputError
        IOM-E020 where they hold all rows of the managed, as no people of their own would.
    """
    if panel.kind != "count" or panel.group.all() or not panel.group.any():
        return
    counts, weight = panel.outcome.astype(np.float64), weights(panel)
    complete = ~np.isnan(counts).any(axis=1) & (weight > 0)
    ours, theirs = complete & panel.group, complete & ~panel.group
    if not (ours.any() and theirs.any()):
        return
    chance = repeated_rows_p_value(counts[ours], weight[ours], counts[theirs], weight[theirs])
    if chance < BY_CHANCE:
        raise InputError("IOM-E020", f"{panel.name}: {AGAIN}")
    if chance < 1:
        yield Fact(PERHAPS_AGAIN, round(float(weight[ours].sum())))
    if rule.rule == "at_least" and rule.timing in {"at_boundary", "within_pre"} and rule.threshold is not None:
        read = windows_read(panel, rule, np.array([w.post for w in panel.windows]))
        as_high = theirs & ~panel.alike & (counts[:, read].sum(axis=1) >= rule.threshold)
        if as_high.any():
            yield Fact(AS_HIGH, round(float(weight[as_high].sum())))
