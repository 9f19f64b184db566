"""Negative controls: a change beside one in which the programme has no part, and calibrated where bias is shared."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import axes_of_rows
from iom_causal.base.formats import bounded, listed, number, percent
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_level, nearest
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError, echo
from iom_causal.estimate import Estimate
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.threats import NAMES, named, others
from iom_causal.intervals import StudentT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.ratios import ratio_influence
from iom_causal.numerics.sensitivity.calibration import Contrast, calibrated_error, covariance
from iom_causal.panel import Panel
from iom_causal.panel.parts import check_common_start
from iom_causal.roles import require_panel

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = (
    "row",
    "outcome",
    "scale",
    "estimate",
    "std_error",
    "std_error_scale",
    "conf_low",
    "conf_high",
    "conf_level",
    "correlation",
    "n_used",
)
REGRESSION = "u1"
"""The register's point on regression to the mean."""
SUPPORTS = (
    "The placebo’s interval holds no change: a null placebo supports that nothing else was at work, and never proves it"
)
MOVED = "The placebo moved, and the programme has no part in it: something else was at work"
RAMP = (
    "the rule by which people were picked reads the later window of this placebo, which was then high by construction: "
    "it shows the rise up to being picked, the opposite of the fall after it, and calibrates nothing"
)
NOT_SHARED = (
    "people were picked by {variable} before, and those of the placebo were not picked so: regression to the mean is "
    "in the change and not in the placebo"
)
ONLY_PLACEBO = (
    "people of the placebo were picked by {variable} before, and those of the change were not: regression to the mean "
    "is in the placebo alone"
)
NOT_IN_BOTH = (
    f"{REGRESSION} cannot be shared by two changes of the same people one after the other: whoever was picked high in "
    "a window comes down after it, and before it went up"
)
UNKNOWN = (
    "how people were picked is not stated: picked by the outcome itself, they change by regression to the mean, which "
    "a placebo shares only where its people were picked in the same way"
)
UNKNOWN_WINDOWS = (
    "how people were picked is not stated: if it was by the later window of this placebo, it shows the opposite of "
    "regression to the mean"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRow:
    """One change with its interval.

    Parameters
    ----------
    outcome : str
        Whose change.
    estimate, std_error, conf_low, conf_high : float
        A ratio with the error of its log, or a difference.
    n_used : int or None
        People; None where an estimate does not say.
    """

    outcome: str
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    n_used: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeControl(Result):
    """A change, its placebo, and the change less the placebo where a shared bias is stated.

    Parameters
    ----------
    change, placebo : ControlRow
        Both as they are.
    calibrated : ControlRow or None
        The ratio over the placebo's, or the difference less it; None where no shared bias is stated.
    scale : {"ratio", "difference"}
        Of all three.
    level : float
        Of the intervals.
    correlation : float
        Of the two estimates.
    same_people : bool
        Whether the correlation is that of people who are in both; else it is taken as stated.
    shares : tuple of str
        Points of the register that are stated to move both alike.
    notes : tuple of str
        What the reader should know.
    """

    people_columns: ClassVar[tuple[str, ...]] = ("n_used",)
    solving_columns: ClassVar[tuple[str, ...]] = ("std_error", "correlation")
    telling_columns: ClassVar[tuple[str, ...]] = ("estimate", "conf_low", "conf_high")
    figure_columns: ClassVar[Mapping[str, str]] = {"conf_level": "setting"}

    change: ControlRow
    placebo: ControlRow
    calibrated: ControlRow | None
    scale: str
    level: float
    correlation: float
    same_people: bool
    shares: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Points of the register that are stated to move both alike."""
        return self.shares

    @property
    def silent_on(self) -> tuple[str, ...]:
        """All other points."""
        return others(self.shares)

    @property
    def placebo_is_null(self) -> bool:
        """Whether the placebo's interval holds no change."""
        nothing = 1.0 if self.scale == "ratio" else 0.0
        return self.placebo.conf_low <= nothing <= self.placebo.conf_high

    def tidy(self) -> "pd.DataFrame":
        """Return a row for the change, one for the placebo and, where there is one, the calibrated change."""
        common = {"scale": self.scale, "conf_level": self.level}
        common |= {"std_error_scale": "log" if self.scale == "ratio" else "identity"}
        rows = {"change": self.change, "placebo": self.placebo, "calibrated": self.calibrated}
        return table(
            (
                common
                | {"row": name, "correlation": self.correlation if name == "calibrated" else None}
                | {key: getattr(row, key) for key in ControlRow.__slots__}
                for name, row in rows.items()
                if row is not None
            ),
            COLUMNS,
        )

    def summary(self) -> str:
        """Return both changes, what is left beside the placebo, and what the placebo does not show."""
        term = "after / before" if self.scale == "ratio" else "after - before"
        first, second = (f"{row.outcome} {_shown(row)}" for row in (self.change, self.placebo))
        level = percent(self.level)
        lines = [f"{term}, with {level} intervals: {first}; placebo {second}.", self._left()]
        lines.append(f"{SUPPORTS if self.placebo_is_null else MOVED}.")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _left(self) -> str:
        if self.calibrated is None:
            return (
                "Which bias the placebo shares is not stated, so that nothing is calibrated by it; state the points of "
                "the register as shares=(...)."
            )
        how = "in the same proportion" if self.scale == "ratio" else "by the same amount"
        known = "of the people in both" if self.same_people else "taken to be so"
        related = f"correlation {bounded(self.correlation, 2)}, {known}"
        return (
            f"If the placebo and {self.change.outcome} were moved {how} by {named(self.shares)}, "
            f"{_shown(self.calibrated)} is what remains beside that ({related}); the placebo tells nothing of what it "
            "does not share."
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the three changes with their intervals."""
        rows = {self.change.outcome: self.change, f"placebo: {self.placebo.outcome}": self.placebo}
        if self.calibrated is not None:
            rows["beside the placebo"] = self.calibrated
        drawn = [
            {"label": label, "estimate": r.estimate, "conf_low": r.conf_low, "conf_high": r.conf_high}
            for label, r in rows.items()
        ]
        return axes_of_rows.forest([row | {"scale": self.scale, "conf_level": self.level} for row in drawn], ax=ax)


@checked
def negative_control(
    data: Panel | Estimate,
    placebo: Panel | Estimate | tuple[str, str],
    *,
    shares: Iterable[str] = (),
    same_people: bool | None = None,
    correlation: float = 0.0,
    level: float = LEVEL,
) -> NegativeControl:
    """Set a change beside a negative control, and calibrate it where a shared bias is stated (Lipsitch et al. 2010).

    The placebo is a change in which the programme has no part: another outcome of the same people, a cohort that was
    never managed (as a panel of its own), or two windows before. The calibrated ratio, that of the change over that of
    the placebo, is right where what moved the placebo moved the change in the same proportion (of a score, by as many
    points), and nothing else moved either. Whether that is so no data tell; it is stated by `shares`, and nothing is
    calibrated without.

    Parameters
    ----------
    data : Panel or Estimate
        Managed people in windows before and after, or a ratio or difference with its standard error.
    placebo : Panel, Estimate or (str, str)
        The same of the negative control; or the labels of two windows before of the panel, the earlier first, whose
        change is then set beside that from the later one to the windows after.
    shares : iterable of str
        Ids of the register that moved both alike, such as ``("c01",)``, other changes over the same period.
    same_people : bool, optional
        Whether the rows of two panels are the same people; by default by ids where both have them.
    correlation : float
        Of the two estimates, where it cannot be told from people in both.
    level : float
        Of the intervals.

    Returns
    -------
    NegativeControl
        Intervals are of Student's t with robust errors (cluster-robust of a ratio), and of the calibrated change with
        the covariance of people who are in both.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 where the rule by which people were selected reads the later window of the placebo, where regression to
        the mean is stated to be shared by two windows before or against the stated rules, or where an estimate is a
        set.
    InputError
        IOM-E098 for changes on different scales, IOM-E048 for windows that are not there, IOM-E037 where the same
        people are not as many, IOM-E035, IOM-E047 or IOM-E060 for what is no panel of several people.
    DegenerateDataError
        IOM-E064 where a window has no events, IOM-E065 where an estimate has no standard error.
    SpecError
        IOM-E093 for points that the register does not have, IOM-E092 for a correlation beyond -1 or 1.

    Examples
    --------
    >>> theft = Panel.from_arrays([[4, 2], [6, 3], [3, 3], [5, 2]], name="theft")
    >>> other = Panel.from_arrays([[4, 3], [5, 5], [3, 3], [8, 7]], name="traffic offences")
    >>> found = negative_control(theft, other, shares=("c01",), same_people=True)
    >>> round(found.change.estimate, 3), round(found.placebo.estimate, 3), round(found.calibrated.estimate, 3)
    (0.556, 0.9, 0.617)
    """
    check_level(level)
    shares = _points(shares)
    if not (math.isfinite(correlation) and -1 <= correlation <= 1):
        raise SpecError("IOM-E092", f"correlation: expected from -1 to 1, got {correlation}")
    of_windows = " to ".join(placebo) if isinstance(placebo, tuple) else ""
    if isinstance(placebo, tuple):
        data, placebo = _by_windows(data, placebo)
        same_people = True
    notes = _rules(data, placebo, shares, unknown=UNKNOWN_WINDOWS if of_windows else UNKNOWN)
    first, second = _read(data), _read(placebo)
    if of_windows and REGRESSION in shares:
        raise NotIdentifiedError("IOM-E068", f"{first.outcome}: {NOT_IN_BOTH}")
    if of_windows:
        second = replace(second, outcome=f"{second.outcome}, {of_windows}")
    if first.scale != second.scale:
        raise InputError(
            "IOM-E098",
            f"negative_control: expected two changes on one scale, got a {first.scale} and a {second.scale}",
        )
    at = _rows_of_both(data, placebo, same_people=same_people)
    if at is not None and first.contrast is not None and second.contrast is not None:
        shared = covariance(first.contrast, second.contrast, at)
    else:
        at, shared = None, correlation * first.std_error * second.std_error
    spread = first.std_error * second.std_error
    calibrated = None
    if shares:
        error = calibrated_error(first.std_error**2, second.std_error**2, shared)
        used = None if at is None else _people_in_both(first, second, at)
        calibrated = _Read(
            first.outcome, first.scale, first.value - second.value, error, min(first.df, second.df), used
        )
    return NegativeControl(
        change=first.row(level),
        placebo=second.row(level),
        calibrated=None if calibrated is None else calibrated.row(level),
        scale=first.scale,
        level=level,
        correlation=shared / spread if spread > 0 else 0.0,
        same_people=at is not None,
        shares=shares,
        notes=notes,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A change on the scale on which it is calibrated, the log of a ratio or a difference."""

    outcome: str
    scale: str
    value: float
    std_error: float
    df: float
    n_used: int | None = None
    contrast: Contrast | None = None

    def row(self, level: float) -> ControlRow:
        log = self.scale == "ratio"
        low, high = StudentT(self.value, self.std_error, self.df, log=log).interval(level)
        estimate = math.exp(self.value) if log else self.value
        return ControlRow(
            outcome=self.outcome,
            estimate=estimate,
            std_error=self.std_error,
            conf_low=low,
            conf_high=high,
            n_used=self.n_used,
        )


def _shown(row: ControlRow) -> str:
    return f"{number(row.estimate, 3)} [{number(row.conf_low, 3)}, {number(row.conf_high, 3)}]"


def _points(shares: Iterable[str]) -> tuple[str, ...]:
    points = (shares,) if isinstance(shares, str) else tuple(shares)
    for key in points:
        if key not in NAMES:
            raise SpecError("IOM-E093", f"shares: {echo(key)} is no point of the register; {nearest(str(key), NAMES)}")
    return points


def _read(data: Panel | Estimate) -> _Read:
    if isinstance(data, Estimate):
        return _of_estimate(data)
    require_panel(data, "negative_control")
    if data.replicates is not None:
        raise InputError("IOM-E047", "negative_control: this panel has replicates; take one with replicate(k)")
    people = paired.replicated(data, uses_exposure=data.kind != "score")
    before, after, weight = (np.broadcast_to(x, people.pairs.shape[:-1])[0] for x in people.filled())
    used = round(float(weight.sum()))
    if used < 2:
        raise InputError("IOM-E060", f"{data.name}: n={used} people with both windows; expected at least 2")
    contrast = _change(data, before, after, weight, people.exposure)
    scale = "difference" if data.kind == "score" else "ratio"
    return _Read(data.name, scale, contrast.value, math.sqrt(contrast.variance), used - 1, used, contrast)


def _change(
    data: Panel,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    weight: NDArray[np.float64],
    exposure: NDArray[np.float64] | None,
) -> Contrast:
    if data.kind == "score":
        change = np.asarray(after, float) - before
        mean = float(weight @ change / weight.sum())
        return Contrast(mean, np.where(weight > 0, change - mean, 0.0) / weight.sum(), weight)
    days = np.broadcast_to(1.0 if exposure is None else exposure, (1, len(before), 2))[0]
    if 0 in (weight @ before, weight @ after):
        raise DegenerateDataError("IOM-E064", f"{data.name}: a window without events has no ratio")
    influence, value = ratio_influence(before, after, days[:, 0], days[:, 1], weight=weight)
    return Contrast(float(value), np.where(weight > 0, influence, 0.0), weight)


def _of_estimate(e: Estimate) -> _Read:
    log = e.scale == "ratio"
    if e.estimate is None:
        raise NotIdentifiedError("IOM-E068", f"negative_control: {e.method} gives no single estimate to calibrate")
    if e.std_error is None or (log and (e.std_error_scale != "log" or e.estimate <= 0)):
        raise DegenerateDataError("IOM-E065", f"negative_control: {e.method} has no standard error to add")
    scale = "ratio" if log else "difference"
    df = math.inf if e.df is None else e.df
    return _Read(e.outcome, scale, math.log(e.estimate) if log else e.estimate, e.std_error, df, e.n_used)


def _rows_of_both(
    data: Panel | Estimate, placebo: Panel | Estimate, *, same_people: bool | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the rows of people who are in both panels, or None where that is not known."""
    if same_people is False or not (isinstance(data, Panel) and isinstance(placebo, Panel)):
        if same_people:
            raise InputError("IOM-E037", "same_people: estimates hold no people; give panels, or their correlation")
        return None
    first, second = data.managed, placebo.managed
    if first.ids is not None and second.ids is not None:
        _, here, there = np.intersect1d(first.ids, second.ids, return_indices=True)
        return None if not len(here) and not same_people else (here.astype(np.int64), there.astype(np.int64))
    if not same_people:
        return None
    if first.n != second.n:
        raise InputError("IOM-E037", f"same_people: expected as many in both panels, got {first.n} and {second.n}")
    rows = np.arange(first.n)
    return rows, rows


def _people_in_both(first: _Read, second: _Read, at: tuple[NDArray[np.int64], NDArray[np.int64]]) -> int | None:
    if first.contrast is None or second.contrast is None:
        return None
    return round(float(np.minimum(first.contrast.weight[at[0]], second.contrast.weight[at[1]]).sum()))


def _by_windows(data: Panel | Estimate, labels: tuple[str, str]) -> tuple[Panel, Panel]:
    """Return the change from the later of two windows before on, and the change from the earlier to the later."""
    if isinstance(data, Estimate):
        raise InputError("IOM-E035", "negative_control: two windows are those of a Panel, got an Estimate")
    require_panel(data, "negative_control")
    check_common_start(data)
    before = [w.label for w in data.windows if not w.post]
    if len(labels) != 2 or not set(labels) <= set(before) or before.index(labels[0]) >= before.index(labels[-1]):
        raise InputError(
            "IOM-E048",
            f"placebo: expected two windows before by their labels, the earlier first, of {listed(map(echo, before))}",
        )
    after = [w.label for w in data.windows if w.post]
    return _only(data, (labels[1],), after), _only(data, (labels[0],), (labels[1],))


def _only(data: Panel, before: Iterable[str], after: Iterable[str]) -> Panel:
    """Return the managed people in some windows, those before as before and those after as after."""
    people, roles = data.managed, {**dict.fromkeys(before, False), **dict.fromkeys(after, True)}
    at = [k for k, w in enumerate(people.windows) if w.label in roles]
    return replace(
        people,
        outcome=people.outcome[..., at],
        windows=tuple(replace(people.windows[k], post=roles[people.windows[k].label]) for k in at),
        exposure=None if people.exposure is None else people.exposure[..., at],
        start=None,
        selected=None,
    )


def _rules(
    data: Panel | Estimate, placebo: Panel | Estimate, shares: tuple[str, ...], *, unknown: str
) -> tuple[str, ...]:
    """Return what the stated rules of selection tell of regression to the mean, or refuse what they contradict."""
    if not (isinstance(data, Panel) and isinstance(placebo, Panel)):
        return (unknown,)
    if _reads(placebo, post=True):
        raise NotIdentifiedError("IOM-E068", f"{placebo.name}: {RAMP}")
    if data.selection is None:
        return (unknown,)
    picked, picked_there = _reads(data, post=False), _reads(placebo, post=False)
    if picked == picked_there:
        return ()
    note = (NOT_SHARED if picked else ONLY_PLACEBO).format(variable=data.selection.variable)
    if REGRESSION in shares:
        raise NotIdentifiedError("IOM-E068", f"{placebo.name}: {REGRESSION} cannot be shared: {note}")
    return (note,)


def _reads(panel: Panel, *, post: bool) -> bool:
    """Whether people were selected by this outcome in a window on that side."""
    rule = panel.selection
    labels = {w.label for w in panel.windows if w.post == post}
    return rule is not None and rule.variable == panel.name and bool(labels & set(rule.windows))
