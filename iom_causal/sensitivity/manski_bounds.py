"""Manski bounds: the change of all people where some have no follow-up and nothing is supposed of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import axes, axes_of_rows
from iom_causal.base.formats import counted, number
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_choice, check_level
from iom_causal.base.wording import not_settled
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.observations import Observations, observe
from iom_causal.inputs.sample import ADDING, LEAST_PEOPLE, per_rate_days, rate_days, unused_days
from iom_causal.inputs.threats import others
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.adjustment.identified_sets import imbens_manski
from iom_causal.numerics.adjustment.missing import worst_and_best
from iom_causal.numerics.sensitivity import missing_bounds as mb
from iom_causal.panel import Panel

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NAME = "manski_bounds"
DIFFERENCE, RATIO = "difference", "ratio"
SCALES = (DIFFERENCE, RATIO)
_SUPPOSED: Mapping[str, str] = {
    mb.NONE: "",
    mb.NO_RISE: ", and none of them rose from what they had before",
    mb.NO_FALL: ", and none of them fell from what they had before",
    mb.NO_HIGHER: ", and their mean is no higher than that of the others",
    mb.NO_LOWER: ", and their mean is no lower than that of the others",
}

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManskiBounds(Result):
    """Bounds of the change of all people, followed up or not.

    Parameters
    ----------
    name, term : str
        Of the outcome, and the contrast.
    scale : {"difference", "ratio"}
        Of the bounds.
    set_low, set_high : float
        The bounds.
    conf_low, conf_high : float or None
        The interval that holds the change wherever in the bounds it is; None from a published table.
    conf_level : float
        Its level.
    support : (float, float)
        Where missing values can lie.
    suppose : str
        What is supposed of people without a follow-up.
    n, n_missing : int
        All people, and those who lack a value.
    notes : tuple of str
        What a reader should know.
    """

    people_columns: ClassVar[tuple[str, ...]] = ("n_input", "n_missing")
    telling_columns: ClassVar[tuple[str, ...]] = ("set_low", "set_high", "conf_low", "conf_high")
    figure_columns: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("support_low", "support_high", "conf_level"), "setting"
    )
    speaks_to: ClassVar[tuple[str, ...]] = ("u3",)
    silent_on: ClassVar[tuple[str, ...]] = others(("u3",))

    name: str
    term: str
    scale: str
    set_low: float
    set_high: float
    conf_low: float | None
    conf_high: float | None
    conf_level: float
    support: tuple[float, float]
    suppose: str
    n: int
    n_missing: int
    notes: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the interval, or else the bounds, lie on one side of no change."""
        low = self.set_low if self.conf_low is None else self.conf_low
        high = self.set_high if self.conf_high is None else self.conf_high
        return self._one_side(low, high)

    def _one_side(self, low: float, high: float) -> bool:
        return not low <= (1.0 if self.scale == RATIO else 0.0) <= high

    def tidy(self) -> "pd.DataFrame":
        """Return one row: the bounds, their interval, and what they rest on."""
        row = {
            "outcome": self.name,
            "term": self.term,
            "scale": self.scale,
            "set_low": self.set_low,
            "set_high": self.set_high,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "conf_level": self.conf_level,
            "support_low": self.support[0],
            "support_high": self.support[1],
            "suppose": self.suppose,
            "n_input": self.n,
            "n_missing": self.n_missing,
        }
        return table([row], row)

    def summary(self) -> str:
        """Return the sentences.

        Examples
        --------
        >>> m = Moments.from_summary(n=187, mean_post=238.61, n_input=225, mean_pre_input=328.89, kind="score")
        >>> print(manski_bounds(m, support=(20, 1100)).summary().partition(": these")[0])
        outcome, after - before: -127.2 to 55.2 among all 225 people, of whom 38 lack a value, if each value lacking \
lies anywhere from 20 to 1100
        """
        interval = ""
        if self.conf_low is not None and self.conf_high is not None:
            interval = f" ({self.conf_level:.0%} interval {number(self.conf_low)} to {number(self.conf_high)})"
        low, high = (number(end) for end in self.support)
        direction = "rose" if self.set_low > (1.0 if self.scale == RATIO else 0.0) else "fell"
        if self.n_missing == 0:
            ends = number(self.set_low)
            among = f"among all {self.n:,} people, none of whom lacks a value"
            settled = f"the mean of all {direction}."
        else:
            ends = f"{number(self.set_low)} to {number(self.set_high)}"
            lack = counted(self.n_missing, "[lacks|lack] a value")
            among = (
                f"among all {self.n:,} people, of whom {lack}, if each value lacking lies anywhere from {low} to {high}"
            )
            among, settled = among + _SUPPOSED[self.suppose], f"the mean of all {direction}, wherever these values lie."
        open_question = not_settled("whether the mean of all people rose or fell", "bring it down")
        said = settled if self.settled else open_question.replace("These", "these", 1)
        if not self.settled and self._one_side(self.set_low, self.set_high):  # the bounds do, their interval does not
            own = settled.replace("of all", "of these people").removesuffix(".")
            said = f"{own}; of all such people {said.replace('the mean of all people', 'it')}"
        found = f"{self.name}, {self.term}: {ends}{interval} {among}: {said}"
        return "\n".join([found, *(f"note: {note}" for note in self.notes)])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the bounds within their interval."""
        known = self.conf_low is not None and self.conf_high is not None
        around = (self.conf_low or 0.0, self.conf_high or 0.0) if known else (self.set_low, self.set_high)
        ax = axes_of_rows.intervals([self.name], [around], ax, inner=[(self.set_low, self.set_high)])
        ax.axvline(1.0 if self.scale == RATIO else 0.0, color=axes.MUTED, lw=1, ls=":")
        ax.set_xlabel(self.term)
        return ax


@checked
def manski_bounds(
    panel: Panel | Moments,
    *,
    support: tuple[float, float] | None = None,
    scale: str | None = None,
    suppose: str = "",
    level: float = LEVEL,
) -> ManskiBounds:
    """Compute worst-case bounds of the change among all people where some lack a value (Manski 1990).

    The estimand is the difference, or the ratio, of the means after and before of all people, those without a
    follow-up included. Nothing is supposed of a value that is missing, before or after, but where it can lie. The
    bounds are sharp; the interval (Imbens & Manski 2004) holds the change at its level wherever in them it is.

    A supposition narrows them, and is as good as the reasons for it.

    Parameters
    ----------
    panel : Panel or Moments
        People, of whom comparison people are set aside; or a published table, which gives the bounds of a difference
        without an interval.
    support : (float, float), optional
        The least and the greatest value that a missing one can have; 0 and 1 for a binary outcome.
    scale : {"difference", "ratio"}, optional
        By default a ratio of rates for counts and amounts, and else a difference.
    suppose : {"", "no_rise", "no_fall", "no_higher", "no_lower"}
        Of people without a follow-up: nothing; that none of them rose, or none fell, from what they had before; that
        their mean is no higher, or no lower, than that of people followed up (Manski & Pepper 2000).
    level : float
        Of the interval.

    Returns
    -------
    ManskiBounds
        The bounds, and the interval.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a support that is none, or lacks, or a setting outside its bounds.
    InputError
        IOM-E092 where values that were observed lie outside the support; IOM-E060 with fewer than two people followed
        up; IOM-E066 for a ratio of scores, or of a published table; IOM-E047 for a panel with replicates; IOM-E067 for
        a table without the means, that before being of all people.
    DegenerateDataError
        IOM-E064 for a ratio where nothing may have been there before, or nothing can have been after.

    References
    ----------
    Manski (1990), Nonparametric bounds on treatment effects, Am. Econ. Rev. 80, 319-323; Manski & Pepper (2000),
    Econometrica 68, 997-1010; Imbens & Manski (2004), Econometrica 72, 1845-1857.

    Examples
    --------
    >>> rows = [[1, 1.5], [2, 2], [3, 2], [4, 3.5], [8, float("nan")]]
    >>> panel = Panel.from_arrays(rows, kind="score", missing="keep")
    >>> found = manski_bounds(panel, support=(0, 10))
    >>> round(found.set_low, 2), round(found.set_high, 2), round(found.conf_low, 2), round(found.conf_high, 2)
    (-1.8, 0.2, -4.41, 1.06)
    >>> round(manski_bounds(panel, support=(0, 10), suppose="no_rise").set_high, 2)
    -0.2
    """
    check_level(level)
    check_choice(suppose, mb.SUPPOSED, "suppose")
    scale = scale or (RATIO if panel.kind in ADDING and isinstance(panel, Panel) else DIFFERENCE)
    check_choice(scale, SCALES, "scale")
    within = _support(support, panel.kind)
    if scale == RATIO and (panel.kind == "score" or isinstance(panel, Moments)):
        raise InputError("IOM-E066", f"{panel.name}: {NAME}: a ratio needs people, and values of which 0 means none")
    if isinstance(panel, Moments):
        return _of_table(panel, within, suppose, level)
    return _of_people(panel, within, scale, suppose, level)


def _support(support: tuple[float, float] | None, kind: str) -> tuple[float, float]:
    if support is None and kind == "binary":
        return 0.0, 1.0
    if support is None:
        raise SpecError("IOM-E092", f"{NAME}: support: expected the least and the greatest value that can be")
    low, high = (float(end) for end in support)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise SpecError("IOM-E092", f"{NAME}: support: expected low <= high, finite, got {low} and {high}")
    if kind != "score" and low < 0:
        raise SpecError("IOM-E092", f"{NAME}: support: expected 0 or more, as a {kind} is, got {low} for the least")
    return low, high


def _of_table(m: Moments, support: tuple[float, float], suppose: str, level: float) -> ManskiBounds:
    if suppose in {mb.NO_RISE, mb.NO_FALL}:
        raise InputError("IOM-E066", f"{m.name}: {NAME}: what each person had before is not in a published table")
    name = "mean_pre" if m.mean_pre_input is None and m.n_input in {None, m.n} else "mean_pre_input"
    before, after = m.require(name, "mean_post", purpose=NAME)
    _within(before, support, m.name)
    _within(after, support, m.name)
    n = m.n_input or m.n
    low, high = (float(end) for end in worst_and_best(before, after, n, m.n, support))
    if suppose == mb.NO_HIGHER:
        high = after - before
    if suppose == mb.NO_LOWER:
        low = after - before
    return ManskiBounds(
        name=m.name,
        term="after - before",
        scale=DIFFERENCE,
        set_low=low,
        set_high=high,
        conf_low=None,
        conf_high=None,
        conf_level=level,
        support=support,
        suppose=suppose,
        n=n,
        n_missing=n - m.n,
        notes=("from printed figures, which give no interval",),
    )


def _of_people(panel: Panel, support: tuple[float, float], scale: str, suppose: str, level: float) -> ManskiBounds:
    if panel.replicates is not None:
        raise InputError("IOM-E047", f"{NAME}: expected a panel without replicates, got {panel.replicates}")
    seen = observe(panel, two=True)
    weight = seen.weight[0]
    counts = weight > 0
    pairs, weight = seen.outcome[0].astype(np.float64)[counts], weight[counts]
    missing = np.isnan(pairs)
    if min(float(weight[~missing[:, side]].sum()) for side in (0, 1)) < LEAST_PEOPLE:
        raise InputError("IOM-E060", f"{panel.name}: {NAME}: expected at least 2 people with a value, before and after")
    _within(float(np.nanmin(pairs)), support, panel.name)
    _within(float(np.nanmax(pairs)), support, panel.name)
    days, notes = _days(seen)
    length = 1.0 if days is None else days[1] / days[0]
    first, last = pairs.T
    both_ways = [
        [
            mb.end(first, last, weight, support, highest=highest, suppose=suppose, length=length, unknown=place)
            for place in mb.places(support, length)
        ]
        for highest in (False, True)
    ]
    unit = None if scale == RATIO or days is None else rate_days(np.array(days), panel.kind)
    units = (1.0, 1.0)
    if days is not None and (unit is not None or scale == RATIO):
        units = (days[0] / (unit or 1.0), days[1] / (unit or 1.0))
    if scale == RATIO and any(end.before <= 0 for ends in both_ways for end in ends):
        raise DegenerateDataError(
            "IOM-E064", f"{panel.name}: {NAME}: the mean before may be 0, so that the ratio has no upper end"
        )
    if scale == RATIO and all(end.after == 0 for end in both_ways[1]):
        raise DegenerateDataError("IOM-E064", f"{panel.name}: {NAME}: nothing can have been there after")
    worked = mb.log_ratio if scale == RATIO else mb.difference
    lowest, highest = ([worked(end, weight, units=units) for end in ends] for ends in both_ways)
    low, high = min(lowest, key=lambda bound: bound.value), max(highest, key=lambda bound: bound.value)
    set_low, set_high = low.value, max(low.value, high.value)
    interval = imbens_manski(set_low, set_high, low.std_error, high.std_error, level=level)
    shown = [math.exp(v) if scale == RATIO else v for v in (set_low, set_high, *interval)]
    return ManskiBounds(
        name=panel.name,
        term="after / before" if scale == RATIO else f"after - before{per_rate_days(unit)}",
        scale=scale,
        set_low=shown[0],
        set_high=shown[1],
        conf_low=shown[2],
        conf_high=shown[3],
        conf_level=level,
        support=support,
        suppose=suppose,
        n=round(float(weight.sum())),
        n_missing=round(float(weight[missing.any(-1)].sum())),
        notes=(*seen.notes, *notes),
    )


def _days(seen: Observations) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    # Those common to all; each person's own are not used.
    people = seen.people
    if people.exposure is None or people.kind not in ADDING:
        return None, ()
    if people.exposure.ndim > 1:
        return None, unused_days(people.exposure, people.kind)
    return (float(people.exposure[0]), float(people.exposure[1])), ()


def _within(value: float, support: tuple[float, float], name: str) -> None:
    if not support[0] <= value <= support[1]:
        raise InputError(
            "IOM-E092", f"{name}: {NAME}: values that were observed lie outside the support; state a wider one"
        )
