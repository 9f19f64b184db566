"""The protocol of results: a table, a few lines of text and a picture."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@runtime_checkable
class Result(Protocol):
    """A result: a table with fixed columns, a few lines of text, a picture, and which columns tell numbers of people.

    A class derives from this one, so that every result shows itself in the same way in a notebook, and whoever lets
    tables out asks the class which columns its rules are about.
    """

    __slots__ = ()

    people_columns: ClassVar[tuple[str, ...]] = ()
    """The columns of the table that count people."""
    free_columns: ClassVar[tuple[str, ...]] = ()
    """The columns of whole numbers that count no people, such as a number of simulations."""
    solving_columns: ClassVar[tuple[str, ...]] = ()
    """The columns of which two, or one and an interval, can be solved for the number of people."""
    telling_columns: ClassVar[tuple[str, ...]] = ()
    """The columns of estimates, which give the number of people away where they have many digits."""
    figure_columns: ClassVar[Mapping[str, str]] = {}
    """The kind of number of every other column: a mean, a ratio, a share, a probability or a setting."""

    @abstractmethod
    def tidy(self) -> "pd.DataFrame":
        """Return a table with fixed columns in snake_case."""
        ...

    @abstractmethod
    def summary(self) -> str:
        """Return a few lines of text."""
        ...

    @abstractmethod
    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw it on `ax`, by default on axes of their own.

        A notebook shows what is returned. A script saves it, by ``result.plot().figure.savefig("figure.png")``, or
        draws on axes of pyplot's, which ``plt.show()`` then shows: ``result.plot(ax=plt.gca())``.
        """
        ...

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"


def table(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> "pd.DataFrame":
    """Return rows as a frame with these columns, also where there are no rows."""
    import pandas as pd  # noqa: PLC0415 slow to load

    return pd.DataFrame(list(rows), columns=list(columns))
