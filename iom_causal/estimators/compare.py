"""Side-by-side table and forest plot of estimates on one scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from iom_causal.base.result import Result
from iom_causal.base.specs import FrozenMap
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import COLUMNS, Estimate, value_text
from iom_causal.estimate.side_by_side import BRACKETS, ModelTable, model_table

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

    def models(self, *, brackets: str = BRACKETS[0], ratios: bool = False, digits: int = 3) -> ModelTable:
        """Return the coefficients side by side, a column a model, to be pasted (Markdown, HTML, CSV, Word).

        Parameters
        ----------
        brackets : {"interval", "std_error"}
            What stands behind a coefficient.
        ratios : bool
            Whether exponentials are shown of coefficients on the log scale.
        digits : int
            Significant digits.

        Raises
        ------
        SpecError
            IOM-E093 for other brackets; IOM-E098 for standard errors of ratios.

        Examples
        --------
        >>> a = Estimate(outcome="y", method="m", estimate=1.5, std_error=0.5, conf_low=0.5, conf_high=2.5, n_used=40)
        >>> print(compare({"first": a, "second": a}).models().to_csv().splitlines()[1])
        after - before,"1.5 [0.5, 2.5]","1.5 [0.5, 2.5]"
        """
        return model_table(self.results, brackets=brackets, ratios=ratios, digits=digits)

    def _repr_html_(self) -> str:
        return self.models().to_html()

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.results)})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw all of them as one forest plot."""
        from iom_causal.base.axes_of_rows import forest  # noqa: PLC0415 matplotlib is slow to load

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
