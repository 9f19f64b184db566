"""Accounts of selection of every count, by the windows before that the rule did not read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.data.release.disclosure import nearest, set_outward
from iom_causal.errors import IomCausalError
from iom_causal.panel import Panel
from iom_causal.sensitivity.selection_plausibility import selection_plausibility
from iom_causal.sensitivity.selection_result import Account, Band, Chosen, SelectionPlausibility


@dataclass(frozen=True, slots=True)
class Plausibility:
    """Accounts of selection.

    Parameters
    ----------
    views : tuple of SelectionPlausibility
        One a count of people of which they can be worked out, as it may be given.
    """

    views: tuple[SelectionPlausibility, ...] = ()


def run(subject: Subject, _effort: Effort) -> Plausibility:
    """Test accounts of selection of every count that has what they need; of a published table there is none."""
    views = []
    for outcome in subject.outcomes:
        if subject.voice != "people" or outcome.kind != "count":
            continue
        try:
            data = subject.data(outcome.name)
            if isinstance(data, Panel) and enough(subject, data):
                views.append(_released(selection_plausibility(data), subject.release))
        except IomCausalError:  # the section stands only where it can be worked out
            continue
    return Plausibility(tuple(views))


def _released(found: SelectionPlausibility, release: Release) -> SelectionPlausibility:
    """Return accounts as they may be given: a mean by the rule beside that of all would tell who is at the cut."""
    if not release.guarded:
        return found
    n, largest = found.n, max(found.mean)
    half = max(high - low for low, high in zip(found.low, found.high, strict=True)) / 2
    step = release.step(largest, "difference", n, half, found.outcome)

    coarse = release.coarse_step(largest, n)
    low, high = _ends(found.low, found.high, step)

    def mean(value: float) -> float:
        return nearest(value, step)

    def account(a: Account) -> Account:
        low, high = _ends(a.low, a.high, coarse)
        total_low, total_high = set_outward(a.total_low, a.total_high, coarse)
        p_value = release.p_value(a.p_value)
        return replace(a, low=low, high=high, total_low=total_low, total_high=total_high, p_value=p_value)

    return replace(
        found,
        n=release.rounded(n),
        n_others=release.rounded(found.n_others) if release.enough(found.n_others) else 0,
        mean=tuple(map(mean, found.mean)),
        low=low,
        high=high,
        total=mean(found.total),
        accounts=tuple(map(account, found.accounts)),
        chosen=None if found.chosen is None else _released_shares(found.chosen, release, step),
    )


def _ends(low: Sequence[float], high: Sequence[float], step: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return ends of several sets in steps, outward; those of windows that an account does not expect are NaN."""
    each = [set_outward(*ends, step) for ends in zip(low, high, strict=True)]
    return tuple(below for below, _ in each), tuple(above for _, above in each)


def _released_shares(chosen: Chosen, release: Release, step: float) -> Chosen:
    bands = tuple(Band(b.low, 0, _share(b, release)) for b in chosen.bands)
    p_value = release.p_value(chosen.p_value)
    return replace(chosen, difference=nearest(chosen.difference, step), p_value=p_value, bands=bands)


def _share(band: Band, release: Release) -> float:
    try:
        return float(release.share_and_sd(band.share, band.people)[0])
    except ValueError:  # withheld
        return float("nan")
