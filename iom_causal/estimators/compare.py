"""Side-by-side table and forest plot of estimates on one scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from iom_causal.base.result import Result
from iom_causal.base.specs import FrozenMap
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import COLUMNS, Estimate, value_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """Side-by-side estimates on one scale; `compare` makes it."""

    results: Mapping[str, Estimate]

    people_columns: ClassVar[tuple[str, ...]] = Estimate.people_columns
    solving_columns: ClassVar[tuple[str, ...]] = Estimate.solving_columns
    telling_columns: ClassVar[tuple[str, ...]] = Estimate.telling_columns
    figure_columns: ClassVar[Mapping[str, str]] = Estimate.figure_columns

    def tidy(self) -> "pd.DataFrame":
        """Return one row an estimate, `label` first."""
        import pandas as pd  # noqa: PLC0415 slow to load

        rows = [{"label": label, **e.row()} for label, e in self.results.items()]
        return pd.DataFrame(rows, columns=["label", *COLUMNS])

    def summary(self) -> str:
        """Return the table as text."""
        width = max(len(label) for label in self.results)
        return "\n".join(f"{label:<{width}}  {value_text(e)}  ({e.method})" for label, e in self.results.items())

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.results)})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw all of them as one forest plot."""
        from iom_causal.base.axes import forest  # noqa: PLC0415 matplotlib is slow to load

        return forest([{"label": label, **e.row()} for label, e in self.results.items()], ax=ax)


def compare(results: Mapping[str, Any]) -> Comparison:
    """Line up estimates that are on one scale in one table and one forest plot.

    Parameters
    ----------
    results : mapping of str to Estimate
        By label.

    Raises
    ------
    SpecError
        IOM-E098 when they are on different scales; IOM-E096 when there are none.
    InputError
        IOM-E035 when they are not by label, or one of them is not an `Estimate`.

    Examples
    --------
    >>> a = Estimate(outcome="y", method="m", estimate=1.0)
    >>> print(compare({"first": a}))
    first  1  (m)
    """
    if not results:
        raise SpecError("IOM-E096", "compare: give at least one result, by label")
    given: object = results
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise InputError("IOM-E035", f'compare: expected results by label, such as {{"first": result}}, got a {kind}')
    for label, result in results.items():
        if not isinstance(result, Estimate):
            kind = type(result).__name__
            raise InputError("IOM-E035", f"compare: expected an Estimate for {label!r}, got {kind}")
    scales = {e.scale for e in results.values()}
    if len(scales) > 1:
        raise SpecError("IOM-E098", f"compare: different scales ({', '.join(sorted(scales))}) cannot be lined up")
    return Comparison(FrozenMap(results))
