"""Check of the lengths of windows against those that the names of columns state."""

from iom_causal.base.formats import fixed
from iom_causal.data.extracts import Extract
from iom_causal.data.guesses.period_names import DISTANCE, plain, side_of
from iom_causal.errors import SpecError, echo
from iom_causal.windows import MONTH

UNLIKE = 0.05
"""Share of a window by which a length that a name states may be off: 365 days are 12 months."""


def check_stated(extract: Extract) -> None:
    """Refuse windows before and after whose columns state other lengths.

    Raises
    ------
    SpecError
        IOM-E096.
    """
    if extract.layout != "wide" or [w.post for w in extract.windows] != [False, True]:
        return
    lengths = [w.days for w in extract.spans]
    for outcome in extract.outcomes:
        stated = [_stated(name, post=w.post) for name, w in zip(outcome.columns, extract.windows, strict=False)]
        if len(stated) != len(lengths) or None in stated:
            continue
        meant = [stated[0], stated[0]] if extract.equal_windows else lengths
        for name, says, days in zip(outcome.columns, stated, meant, strict=True):
            if says is not None and days is not None and abs(says - days) > UNLIKE * days:
                raise SpecError(
                    "IOM-E096",
                    f"outcome {echo(outcome.name)}: column {echo(name)} is of {_months(says)} months by its name, and "
                    f"by windows of {_months(days)}; give the windows their lengths (months = {_months(says)}), and "
                    "outcomes over other windows a study file of their own; or, if the name is wrong, mend it",
                )


def _stated(name: str, *, post: bool) -> float | None:
    """Return the days that a name states on its side; None where it does not."""
    found = DISTANCE(plain(name)) if side_of(name) is post else None
    period = None if found is None else found[1]
    if period is None:
        return None
    return period.days if period.months is None else period.months * MONTH


def _months(days: float) -> str:
    months = days / MONTH
    return fixed(months, 0 if abs(months - round(months)) < UNLIKE else 1)
