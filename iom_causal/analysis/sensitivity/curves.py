"""Specification curves of a study: the first count and the first score under every combination of choices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iom_causal.analysis.ledgers import shows_change
from iom_causal.analysis.results import Refusal
from iom_causal.analysis.sensitivity.asked import asked_outcomes
from iom_causal.analysis.sensitivity.released_curve import curve_as_given
from iom_causal.analysis.sensitivity.specifications import specification_curve
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Named, Subject, enough, readable
from iom_causal.errors import InputError, IomCausalError
from iom_causal.sensitivity.specification_curve import COLUMNS, SpecificationCurve

if TYPE_CHECKING:
    import pandas as pd

WHAT = "what other choices would have given"
FIRST = (("count",), ("score",))
"""Kinds of outcome of which the first has a curve."""
LEAST = 2
"""Answers of which a curve is made."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Specification curves.

    Parameters
    ----------
    curves : tuple of SpecificationCurve
        One an outcome, as it may be given.
    refusals : tuple of Refusal
        Why there is none of an outcome.
    """

    curves: tuple[SpecificationCurve, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def table(self) -> "pd.DataFrame":
        """Return every combination of every curve; a choice that an outcome does not have is empty in its rows."""
        import pandas as pd  # noqa: PLC0415 slow to load

        tables = [curve.tidy() for curve in self.curves]
        choices = dict.fromkeys(name for each in tables for name in each.columns if name not in ("outcome", *COLUMNS))
        rows = [row for each in tables for row in each.to_dict("records")]
        return pd.DataFrame(rows, columns=["outcome", *choices, *COLUMNS])


def run(subject: Subject, _effort: Effort) -> Curves:
    """Work out the default choices of the first count and of the first score; no draws are made."""
    return curves_of(subject, asked_outcomes(subject, first=FIRST))


def curves_of(subject: Subject, outcomes: Sequence[Named]) -> Curves:
    """Return the curve of each outcome that shows a change, or why there is none."""
    found = [each for outcome in outcomes for each in _of_outcome(subject, outcome)]
    return Curves(
        tuple(each for each in found if isinstance(each, SpecificationCurve)),
        tuple(each for each in found if isinstance(each, Refusal)),
    )


def _of_outcome(subject: Subject, outcome: Named) -> Iterator[SpecificationCurve | Refusal]:
    data = readable(subject, outcome.name)
    if data is None or not enough(subject, data) or not shows_change(data):
        return
    try:
        curve = curve_as_given(specification_curve(data), subject.release)
    except IomCausalError as error:
        yield Refusal(outcome.name, WHAT, error)
        return
    if len(curve.answered) >= LEAST:
        yield curve
        return
    refused = [row for row in curve.rows if row.code]
    yield from (Refusal(outcome.name, WHAT, InputError(row.code, row.refused)) for row in refused[-1:])
