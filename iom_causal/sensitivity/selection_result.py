"""Accounts of selection beside the managed people's mean counts by window, and which of them are plausible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import fixed, p_text
from iom_causal.base.result import Result, table
from iom_causal.sensitivity.selection_accounts import COUNT, LASTING, RATE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = (
    "outcome",
    "account",
    "rates",
    "basis",
    "window",
    "read",
    "mean_low",
    "mean_high",
    "conf_low",
    "conf_high",
    "conf_level",
    "p_value",
)
PICKED = "picked on the"
ALL, READ = "all not read", "all read"
UNRELATED = "neither"
"""The account of selection that has nothing to do with the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one account of selection expects of the windows that the rule did not read.

    Parameters
    ----------
    on : {"count", "rate"}
        What people were selected on.
    rates : {"lasting", "drifting"}
        Whether each person's rate is the same in all windows, but for a change of everybody's.
    basis : str
        From what it is worked out: ``own counts``, ``others`` (never-managed people), ``everybody``, ``earlier
        windows`` (everybody's), ``change of others``, ``change of everybody``, ``background`` or ``belief``.
    low, high : tuple of float
        Expected mean count of each window, NaN of those that were read; alike where the account is one value.
    total_low, total_high : float
        The same over all windows that were not read.
    p_value : float
        Two-sided, of so large a distance of the observed mean from the nearer end; 1 between them.
    """

    on: str
    rates: str
    basis: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    total_low: float
    total_high: float
    p_value: float


class Band(NamedTuple):
    """Share selected of the people whose count is from `low` on and below the next band."""

    low: float
    people: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who was selected of the source population, by what the rule read.

    Parameters
    ----------
    difference : float
        Mean count of the managed less that of the never-managed.
    p_value : float
        Two-sided, of so large a difference where selection has nothing to do with the count.
    at_cut : bool
        Whether everybody from some count on is managed, and nobody below.
    bands : tuple of Band
        The source population in order of the count.
    """

    difference: float
    p_value: float
    at_cut: bool
    bands: tuple[Band, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class SelectionPlausibility(Result):
    """Accounts of selection beside the managed people's mean counts by window.

    Parameters
    ----------
    outcome : str
        Its name.
    n : int
        Managed people with every window before.
    n_others : int
        Never-managed people with every window before.
    windows : tuple of str
        The windows before.
    read : tuple of bool
        Which of them the rule read.
    on : {"count", "rate", ""}
        What the rule states that people were selected on, if there is one.
    length : float or None
        Days of the length at which means are given, that of a window that was read; None where days are not known.
    mean, low, high : tuple of float
        The managed people's mean count of each window at that length, and its interval.
    total : float
        The same over all windows that were not read; NaN where there are none.
    accounts : tuple of Account
        None where every window before was read.
    chosen : Chosen or None
        None without never-managed people.
    level : float
        Of the interval; an account is set aside where its p-value is below ``1 - level``.
    """

    outcome: str
    n: int
    n_others: int
    windows: tuple[str, ...]
    read: tuple[bool, ...]
    on: str
    length: float | None
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    total: float
    accounts: tuple[Account, ...]
    chosen: Chosen | None
    level: float

    solving_columns: ClassVar[tuple[str, ...]] = ("conf_low", "conf_high")
    figure_columns: ClassVar[Mapping[str, str]] = {"mean_low": "mean", "mean_high": "mean", "conf_level": "setting"}

    @property
    def stated(self) -> bool:
        """Whether the rule states which windows were read; else the last one is taken."""
        return self.on == COUNT

    @property
    def alpha(self) -> float:
        """One less the level, without the error that floats add: p-values may be given as ends of bands."""
        return round(1 - self.level, 12)

    @property
    def plausible(self) -> tuple[Account, ...]:
        """Accounts that the windows not read do not contradict."""
        return tuple(a for a in self.accounts if a.p_value >= self.alpha)

    @property
    def verdict(self) -> str:
        """What these windows speak for: ``count``, ``rate``, ``run-up``, ``none``, or ``open`` between the two first.

        Empty where every window before was read.
        """
        return self._among(self.accounts)

    @property
    def contradiction(self) -> str:
        """The verdict where no account of what the rule states is plausible; empty otherwise."""
        verdict = self.verdict
        settled = ("", "open", self.on) if self.on else ("", "open", COUNT, RATE)
        return "" if verdict in settled else verdict

    @property
    def verdict_if_lasting(self) -> str:
        """The same where rates are known to last."""
        return self._among(tuple(a for a in self.accounts if a.rates == LASTING))

    def _among(self, accounts: tuple[Account, ...]) -> str:
        on = {a.on for a in accounts if a in self.plausible}
        if len(on) == 1 or not accounts:
            return "".join(on)
        if on:
            return "open"
        return "run-up" if self.total < min(a.total_low for a in accounts) else "none"

    @property
    def run_up(self) -> float | None:
        """Observed mean of the windows not read over the least that any account expects, where that is the verdict."""
        return self.total / min(a.total_low for a in self.accounts) if self.verdict == "run-up" else None

    def tidy(self) -> "pd.DataFrame":
        """Return the observed and expected means, a row a window and account."""
        return table(self._rows(), COLUMNS)

    def _rows(self) -> Sequence[Mapping[str, object]]:
        common = {"outcome": self.outcome, "conf_level": self.level}
        observed = zip(self.windows, self.read, self.mean, self.low, self.high, strict=True)
        rows = [
            {**common, "account": "observed", "window": w, "read": r, "mean_low": m, "mean_high": m}
            | {"conf_low": low, "conf_high": high}
            for w, r, m, low, high in observed
        ]
        for a in self.accounts:
            each = zip(self.windows, self.read, a.low, a.high, strict=True)
            ends = [(w, low, high, None) for w, read, low, high in each if not read]
            rows += [
                {
                    **common,
                    "account": a.on,
                    "rates": a.rates,
                    "basis": a.basis,
                    "window": w,
                    "read": False,
                    "p_value": p,
                }
                | {"mean_low": low, "mean_high": high}
                for w, low, high, p in [*ends, (ALL, a.total_low, a.total_high, a.p_value)]
            ]
        if self.chosen is not None:
            rows.append({**common, "account": UNRELATED, "window": READ, "read": True, "p_value": self.chosen.p_value})
        return rows

    def summary(self) -> str:
        """Return the means, the accounts with their p-values, and what they speak for."""
        windows = ", ".join(
            f"{w} {fixed(m)}{' (read)' if r else ''}"
            for w, m, r in zip(self.windows, self.mean, self.read, strict=True)
        )
        lines = [f"{self.outcome}: how {self.n} managed people were selected", f"mean count: {windows}"]
        for a in self.accounts:
            ends = (
                fixed(a.total_low) if a.total_low == a.total_high else f"{fixed(a.total_low)} to {fixed(a.total_high)}"
            )
            lines.append(
                f"selected on the {a.on}, {a.rates} rates: {ends} in the windows not read, {p_text(a.p_value)}"
            )
        if self.accounts:
            lines.append(f"observed there: {fixed(self.total)}; speaks for: {self.verdict}")
        if self.chosen is not None:
            c = self.chosen
            cut = "; everybody from some count on is managed, and nobody below" if c.at_cut else ""
            lines.append(
                f"managed less never-managed in what was read: {fixed(c.difference)}, {p_text(c.p_value)}{cut}"
            )
        return "\n".join(lines)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the mean of each window with what each account expects beside it; without these, the share selected."""
        if not self.accounts and self.chosen is not None:
            return _drawn_shares(self.chosen, self.outcome, ax)
        return _drawn_windows(self, ax)


def _drawn_windows(found: SelectionPlausibility, ax: "Axes | None") -> "Axes":
    expected = {
        f"{PICKED} {a.on}, rates that {'last' if a.rates == LASTING else 'drift'}": np.column_stack([a.low, a.high])
        for a in found.accounts
    }
    unit = "per window" if found.length is None else f"per {found.length:.0f} days"
    return axes_of_lines.expected_levels(
        [f"{w} (read)" if r else w for w, r in zip(found.windows, found.read, strict=True)],
        np.column_stack([found.mean, found.low, found.high]),
        expected,
        unit=f"{found.outcome} a person, {unit}",
        ax=ax,
    )


def _drawn_shares(chosen: Chosen, outcome: str, ax: "Axes | None") -> "Axes":
    bands = [b for b in chosen.bands if not np.isnan(b.share)]
    ax = axes.new_axes() if ax is None else ax
    ax.plot([b.low for b in bands], [b.share for b in bands], "o-", color=axes.INK, lw=1, ms=6)
    ax.set_ylim(0, 1.05)
    ax.set_xlabel(f"{outcome} in what the rule read, from")
    ax.set_ylabel("share managed")
    return ax
