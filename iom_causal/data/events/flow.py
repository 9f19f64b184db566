"""Flow of people, events and spells from the tables to a panel: what each rule excludes, counted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from iom_causal.base.formats import fixed
from iom_causal.base.result import Result, table
from iom_causal.base.specs import EMPTY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = ("table", "step", "role", "n")
TABLES = ("people", "events", "custody")
ROLES = ("all", "excluded", "used", "of which")


class Step(NamedTuple):
    """One line of a flow.

    Attributes
    ----------
    table : {"people", "events", "custody"}
        What is counted.
    what : str
        In words.
    role : {"all", "excluded", "used", "of which"}
        What there was, what was left out and why, what was used, and what is notable among these.
    number : int
        How many.
    """

    table: str
    what: str
    role: str
    number: int


@dataclass(frozen=True, slots=True)
class Flow(Result):
    """Flow chart of people, events and spells, each exclusion with its number.

    Of each table, all are those excluded and those used; a row is excluded for the first reason that applies.

    Parameters
    ----------
    steps : tuple of Step
        In order.
    most : mapping
        By table, how many of its rows are one person's at most, where that is known.

    Examples
    --------
    >>> flow = Flow((Step("events", "rows in the log", "all", 9), Step("events", "counted", "used", 9)))
    >>> print(flow)
    events
      9  rows in the log
      9  counted
    """

    people_columns: ClassVar[tuple[str, ...]] = ("n",)

    steps: tuple[Step, ...]
    most: Mapping[str, int] = EMPTY

    def number(self, table: str, what: str) -> int:
        """Return the number of a step, 0 where no row was of it."""
        return sum(step.number for step in self.steps if (step.table, step.what) == (table, what))

    def tidy(self) -> "pd.DataFrame":
        """Return a table with a row a step: ``table``, ``step``, ``role`` and ``n``."""
        return table(
            (dict(zip(COLUMNS, (s.table, s.what, s.role, s.number), strict=True)) for s in self.steps), COLUMNS
        )

    def summary(self) -> str:
        """Return the lines of the flow, those excluded with a minus."""
        lines = []
        for name in TABLES:
            of_table = [s for s in self.steps if s.table == name]
            if of_table:
                lines += [name, *_aligned(of_table)]
        return "\n".join(lines)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw a flow chart: what there was, what was excluded and why, and what was used, a column a table."""
        return self.chart(lambda number: fixed(number, 0), ax)

    def chart(self, given: Callable[[int], str], ax: "Axes | None" = None) -> "Axes":
        """Draw the flow chart with numbers as a rule of release gives them."""
        from iom_causal.base.axes_of_flows import flow_chart  # noqa: PLC0415 matplotlib is slow to load

        used = ("used", "of which")
        tables = [name for name in TABLES if any(s.table == name for s in self.steps)]
        return flow_chart(
            {
                name: tuple(self._lines(name, given, *roles) for roles in (("all",), ("excluded",), used))
                for name in tables
            },
            ax,
        )

    def _lines(self, name: str, given: Callable[[int], str], *roles: str) -> list[tuple[str, str]]:
        return [(_words(s), given(s.number)) for s in self.steps if s.table == name and s.role in roles]


def _words(step: Step) -> str:
    return f"of which {step.what}" if step.role == "of which" else step.what


def _aligned(steps: Iterable[Step]) -> list[str]:
    shown = [(("-" if s.role == "excluded" else "") + fixed(s.number, 0), s) for s in steps]
    wide = max(len(number) for number, _ in shown)
    return [f"  {number:>{wide}}  {_words(s)}" for number, s in shown]
