"""Changes at placebo dates, the change that they lead one to expect without a programme, and the real one beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iom_causal.base import axes
from iom_causal.base.formats import counted, fixed, outward, p_text, percent
from iom_causal.base.result import Result, table
from iom_causal.inputs.threats import others

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = (
    "outcome",
    "date",
    "days",
    "role",
    "people",
    "ratio",
    "std_error",
    "conf_low",
    "conf_high",
    "conf_level",
    "expected",
    "expected_low",
    "expected_high",
    "p_value",
    "p_lower",
)
PLACEBO, REAL = "placebo", "real"
SELECTED, PEOPLE, SERIES = "selected", "people", "series"
SPEAKS = {SELECTED: ("c02", "c05", "c06", "u1"), PEOPLE: ("c02", "c05", "c06"), SERIES: ("c02",)}
"""Points of the register whose part in a change earlier dates show: what goes on at any date."""


class DatedChange(NamedTuple):
    """Change at one date.

    Attributes
    ----------
    label : str
        The first window after it.
    days : int or None
        Days from the index date to it; None where windows have no dates.
    people : float
        People taken in; expected, where the rule takes them with a probability.
    ratio : float
        Rate after over rate before.
    std_error : float
        Of its log.
    low, high : float
        Its interval, for sampling alone.
    """

    label: str
    days: int | None
    people: float
    ratio: float
    std_error: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class PlaceboDates(Result):
    """Changes at placebo dates beside the real one.

    Parameters
    ----------
    outcome : str
        Its name.
    of : {"selected", "people", "series"}
        Whether a rule selected people at each date, or these are all people or one series without any selection.
    dates : tuple of DatedChange
        Earlier dates, the first one first, at which nobody was managed.
    real : DatedChange
        Of the managed people.
    expected, low, high : float
        Ratio expected at the real date without a programme, and its predictive interval.
    p_value, p_lower : float
        Predictive: of a ratio as far from what is expected, either way; and of one as low.
    detectable : float
        The smallest fall, as a ratio beyond the one that is expected, that would have been outside the interval with
        the probability `power`.
    power : float
        That probability.
    between : float
        Posterior mean of the SD of the log ratio between dates, over and above sampling.
    prior : float
        Scale of its half-normal prior.
    level : float
        Of the intervals.
    notes : tuple of str
        What a reader should know.
    """

    outcome: str
    of: str
    dates: tuple[DatedChange, ...]
    real: DatedChange
    expected: float
    low: float
    high: float
    p_value: float
    p_lower: float
    detectable: float
    power: float
    between: float
    prior: float
    level: float
    notes: tuple[str, ...] = ()

    people_columns: ClassVar[tuple[str, ...]] = ("people",)
    free_columns: ClassVar[tuple[str, ...]] = ("days",)
    solving_columns: ClassVar[tuple[str, ...]] = ("std_error", "conf_low", "conf_high", "expected_low", "expected_high")
    telling_columns: ClassVar[tuple[str, ...]] = ("ratio", "expected")
    figure_columns: ClassVar[Mapping[str, str]] = {
        "conf_level": "setting",
        "p_value": "probability",
        "p_lower": "probability",
    }

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Ids of the points of the register whose part in the change earlier dates show."""
        return SPEAKS[self.of]

    @property
    def silent_on(self) -> tuple[str, ...]:
        """Ids of all others; no earlier date shows what begins with the programme or at its date."""
        return others(self.speaks_to)

    @property
    def remainder(self) -> float:
        """The real ratio over the one that is expected without a programme."""
        return self.real.ratio / self.expected

    @property
    def remainder_interval(self) -> tuple[float, float]:
        """Its interval, from the predictive one."""
        return self.real.ratio / self.high, self.real.ratio / self.low

    @property
    def outside(self) -> bool:
        """Whether the real change lies outside the predictive interval."""
        return not self.low <= self.real.ratio <= self.high

    def tidy(self) -> "pd.DataFrame":
        """Return a row a date, the real one last, with what is expected there."""
        return table(self._rows(), COLUMNS)

    def _rows(self) -> Sequence[Mapping[str, object]]:
        there = {
            "expected": self.expected,
            "expected_low": self.low,
            "expected_high": self.high,
            "p_value": self.p_value,
            "p_lower": self.p_lower,
        }
        nothing = dict.fromkeys(there, np.nan)
        return [
            {
                "outcome": self.outcome,
                "date": d.label,
                "days": d.days,
                "role": role,
                "people": d.people,
                "ratio": d.ratio,
                "std_error": d.std_error,
                "conf_low": d.low,
                "conf_high": d.high,
                "conf_level": self.level,
                **figures,
            }
            for role, figures, several in ((PLACEBO, nothing, self.dates), (REAL, there, (self.real,)))
            for d in several
        ]

    def summary(self) -> str:
        """Return what earlier dates show, where the real change lies, and how small a change would have stood out."""
        return "\n".join([*self._figures, *self.notes])

    @property
    def _figures(self) -> tuple[str, ...]:
        ratios = [d.ratio for d in self.dates]
        who = {
            SELECTED: "the same rule, at {} when nobody was managed, was followed by ratios from {} to {}",
            PEOPLE: "the same people, at {} when nobody was managed, had ratios from {} to {}",
            SERIES: "the same series, at {} without the programme, had ratios from {} to {}",
        }[self.of]
        seen = who.format(counted(len(ratios), "earlier [date|dates]"), fixed(min(ratios)), fixed(max(ratios)))
        expected = (
            f"Without the programme they lead one to expect {fixed(self.expected)} at the real date "
            f"({outward(self.low, self.high)}, {self.level:.0%} predictive interval); observed: "
            f"{fixed(self.real.ratio)} ({p_text(self.p_value)} either way; of a ratio as low {p_text(self.p_lower)})."
        )
        return (f"{self.outcome}: {seen}.", expected, self.sentence, self.assurance, _LIMITS[self.of])

    @property
    def sentence(self) -> str:
        """Where the real change lies, in words.

        Examples
        --------
        >>> one = DatedChange("2012", None, 200.0, 0.55, 0.08, 0.47, 0.64)
        >>> found = PlaceboDates(
        ...     outcome="arrests",
        ...     of="selected",
        ...     dates=(one, one, one),
        ...     real=one._replace(ratio=0.53),
        ...     expected=0.55,
        ...     low=0.41,
        ...     high=0.73,
        ...     p_value=0.79,
        ...     p_lower=0.39,
        ...     detectable=0.67,
        ...     power=0.8,
        ...     between=0.07,
        ...     prior=0.1,
        ...     level=0.95,
        ... )
        >>> print(found.sentence[:98])
        The change at the real date is one that people picked by this rule show without a programme too: t
        """
        if self.outside:
            side = "below" if self.real.ratio < self.low else "above"
            return (
                f"The change at the real date lies {side} what earlier dates lead one to expect: the remainder after "
                f"this allowance is {fixed(self.remainder)} ({outward(*self.remainder_interval)}), if the allowance "
                f"for {_WHAT[self.of]} is right; whatever else began at that date is in it."
            )
        return (
            f"The change at the real date is one that {_WHOSE[self.of]} show without a programme too: these data do "
            "not settle whether the programme changed anything, and this should not be taken to mean that the "
            "programme fails to change anything."
        )

    @property
    def assurance(self) -> str:
        """How large a fall would have stood out, in words."""
        return (
            f"A fall to {fixed(self.detectable)} of what there would have been otherwise, by "
            f"{percent(1 - self.detectable)}, would have been outside that interval with a probability of about "
            f"{percent(self.power)}{_LESS_OFTEN[self.of]}, one to {fixed(self.low / self.expected)} less often than "
            "not, and smaller ones less often still."
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the ratio at each date with its interval, and at the real date the predictive interval beside it."""
        ax = axes.new_axes() if ax is None else ax
        every = (*self.dates, self.real)
        known = all(d.days is not None for d in every)
        x = np.array([(d.days or 0) / _YEAR if known else float(k) for k, d in enumerate(every)])
        ratio, low, high = (np.array([getattr(d, name) for d in every]) for name in ("ratio", "low", "high"))
        ax.axhspan(self.low, self.high, color=axes.BAND, lw=0, label=f"{self.level:.0%} expected without the programme")
        ax.axhline(self.expected, color=axes.MUTED, lw=1, ls=":")
        for colour, which, name in (
            (axes.INK, slice(-1), "earlier dates"),
            (axes.ACCENT, slice(-1, None), "real date"),
        ):
            ends = np.array([ratio - low, high - ratio])[:, which]
            ax.errorbar(x[which], ratio[which], yerr=ends, fmt="o", color=colour, ms=6, lw=1.6, label=name)
        ax.axhline(1.0, color=axes.MUTED, lw=1)
        ax.set_ylim(0.95 * min(low.min(), self.low), 1.05 * max(high.max(), self.high, 1.0))
        axes.ratios_upwards(ax)
        if known:
            ax.set_xlabel("years from the index date")
        else:
            axes.label_windows(ax, [d.label for d in every])
        ax.set_ylabel(f"{self.outcome}: rate after over rate before")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, frameon=False, fontsize=8)
        return ax


_YEAR = 365.25
_WHAT = {
    SELECTED: "what this rule met at earlier dates",
    PEOPLE: "what these people went through at earlier dates",
    SERIES: "how the series went at earlier dates",
}
_WHOSE = {
    SELECTED: "people picked by this rule",
    PEOPLE: "these people",
    SERIES: "changes of this series",
}
_LESS_OFTEN = {
    SELECTED: " (where people stop for good, less often: in simulated pools of that kind 71%, where 80% had been said)",
    PEOPLE: "",
    SERIES: "",
}
_OTHERS = "Other changes that began with the real date (recording, custody, other services) no earlier date shows."
_AGE = "Everybody was younger at earlier dates, and ageing by then is taken for ageing now."
_POOL = "Earlier dates stand for this one only if everybody is here from whom people were picked."
_LIMITS = {SELECTED: f"{_POOL} {_AGE} {_OTHERS}", PEOPLE: f"{_AGE} {_OTHERS}", SERIES: _OTHERS}
