"""People by windows as rows, which is what regression libraries want."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError
from iom_causal.inputs.covariates import Design, design_matrix
from iom_causal.inputs.pairs import Frame, unlike_windows
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

LEAST_PEOPLE = 2
EQUAL_WINDOWS = "days at risk are not known: windows are taken to be equally long"


@dataclass(frozen=True, eq=False)
class Rows:
    """One row a person and window, sorted by person.

    Attributes
    ----------
    y, post : ndarray
        (rows,) outcomes, and whether the row is under the programme (1) or not (0).
    person, window : ndarray
        (rows,) whole numbers from 0.
    days : ndarray or None
        (rows,) days at risk.
    design : Design
        The covariates.
    frame : Frame
        Name, people given and notes.
    n : int
        People used.
    kind : str
        The kind of outcome.
    windows : int
        Windows of the panel.
    exposure : str
        The exposure in words.
    """

    y: FloatArray
    post: FloatArray
    person: NDArray[np.int64]
    window: NDArray[np.int64]
    days: FloatArray | None
    design: Design
    frame: Frame
    n: int
    kind: str
    windows: int
    exposure: str

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of `matrix`."""
        return ("intercept", "post", *self.design.names)

    @property
    def matrix(self) -> FloatArray:
        """Intercept, post and covariates."""
        return np.column_stack([np.ones(len(self.y)), self.post, self.design.matrix])

    @property
    def offset(self) -> FloatArray:
        """The log of days at risk, or 0 where they are not known."""
        return np.zeros(len(self.y)) if self.days is None else np.log(self.days)

    def at_risk(self) -> "Rows":
        """Leave out windows without a day at risk: they carry no events and no information."""
        if self.days is None or (self.days > 0).all():
            return self
        keep = self.days > 0
        lost = int((~keep).sum())
        noted = self.frame._replace(notes=(*self.frame.notes, no_days(lost)))
        left, person = np.unique(self.person[keep], return_inverse=True)
        return replace(self.restricted(keep), frame=noted, person=person, n=len(left))

    def restricted(self, keep: NDArray[np.bool_]) -> "Rows":
        """Return the rows for which `keep` holds; `n` stays."""
        return replace(
            self,
            y=self.y[keep],
            post=self.post[keep],
            person=self.person[keep],
            window=self.window[keep],
            days=None if self.days is None else self.days[keep],
            design=Design(self.design.matrix[keep], self.design.names),
        )

    def with_columns(self, post: FloatArray, design: Design) -> "Rows":
        """Return the rows with other regressors."""
        return replace(self, post=post, design=design)

    def labelled(self) -> "pd.DataFrame":
        """Return `matrix` with its names, for libraries that keep them."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame(self.matrix, columns=list(self.names))


def person_rows(
    panel: Panel,
    spec: object,
    *,
    covariates: str = "",
    rates: bool = False,
    incomplete: bool = False,
    all_people: bool = False,
) -> Rows:
    """Lay out a panel without replicates as rows.

    Parameters
    ----------
    panel : Panel
        Its weights must be whole numbers: a person who counts twice becomes two people.
    spec : object
        The estimator, for messages.
    covariates : str
        A formula over the panel's covariates, `age`, and `time` (years from the index date to the middle
        of the window, where windows have dates).
    rates : bool
        Whether the estimator uses the days at risk; otherwise a note says that it does not.
    incomplete : bool
        Whether people who lack a window stay in.
    all_people : bool
        Whether comparison people stay in.

    Raises
    ------
    InputError
        IOM-E035, IOM-E047, IOM-E060 or IOM-E076 for what is not a panel, has replicates, too few people
        or broken weights; the errors of `design_matrix`.
    """
    _check(panel, type(spec).__name__)
    flat = panel if all_people else panel.managed
    counts = _counts(flat, type(spec).__name__)
    known = ~np.isnan(flat.outcome.astype(np.float64))
    stays = (known.any(-1) if incomplete else known.all(-1)) & (counts > 0)
    who = np.repeat(np.arange(flat.n), np.where(stays, counts, 0))
    if len(who) < LEAST_PEOPLE:
        raise InputError(
            "IOM-E060", f"{panel.name}: n={len(who)} people with every window; expected at least {LEAST_PEOPLE}"
        )
    cells = known[who]
    exposure = (
        np.ones(flat.outcome.shape) if flat.exposure is None else np.broadcast_to(flat.exposure, flat.outcome.shape)
    )
    person, window = np.nonzero(cells)
    design = _covariates(covariates, flat, who[person], window, len(who))
    frame = Frame(
        flat.name,
        int(counts.sum()),
        row_notes(panel, flat, counts, known, rates=rates, incomplete=incomplete) + _lone(design, person),
        flat.fixed_by_print,
    )
    return Rows(
        y=flat.outcome[who][cells].astype(np.float64),
        post=flat.treated[who][cells].astype(np.float64),
        person=person,
        window=window,
        days=None if flat.exposure is None else exposure[who][cells],
        design=design,
        frame=frame,
        n=len(who),
        kind=flat.kind,
        windows=len(flat.windows),
        exposure=exposure_words(flat) if rates else "not used",
    )


def no_days(windows: int) -> str:
    """Return the note on windows that carry no information."""
    return f"{windows} windows without a day at risk left out"


def raise_flat(rows: Rows) -> None:
    """Raise the error for changes without variation: nobody changed, or everybody in the same way.

    Raises
    ------
    DegenerateDataError
        IOM-E062 or IOM-E063.
    """
    code, how = ("IOM-E062", "nobody changed") if _nobody_changed(rows) else ("IOM-E063", "everybody changed alike")
    raise DegenerateDataError(code, f"{rows.frame.outcome}: {how}, so there is no standard error")


@contextmanager
def quiet_fit(name: str) -> Iterator[None]:
    """Turn what a library warns about its search into an error, and keep its other warnings from leaking.

    Raises
    ------
    ConvergenceError
        IOM-E080.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (np.linalg.LinAlgError, FloatingPointError, ZeroDivisionError) as error:
            raise ConvergenceError("IOM-E080", f"{name}: the fit broke down: {type(error).__name__}") from error
    failures = [w for w in caught if "onverge" in str(w.message)]
    if failures:
        raise ConvergenceError(
            "IOM-E080", f"{name}: the fit did not converge; check the windows' totals and covariates"
        )


def _check(panel: Panel, name: str) -> None:
    require_panel(panel, name)
    if panel.replicates is not None:
        raise InputError(
            "IOM-E047", f"{name}: this panel has {panel.replicates} replicates; write iom.batch({name}(), panel)"
        )


def _counts(panel: Panel, name: str) -> NDArray[np.int64]:
    if panel.weight is None:
        return np.ones(panel.n, dtype=np.int64)
    if (panel.weight != np.rint(panel.weight)).any():
        raise InputError(
            "IOM-E076", f"{name}: expected weights that are whole numbers of people; use RateRatio or PairedT"
        )
    return panel.weight.astype(np.int64)


def _covariates(formula: str, panel: Panel, who: NDArray[np.int64], window: NDArray[np.int64], people: int) -> Design:
    columns: dict[str, NDArray[Any]] = {name: value[who] for name, value in panel.covariates.items()}
    if panel.age is not None:
        columns.setdefault("age", panel.age[who])
    middles = [None if w.start is None or w.end is None else (w.start + w.end) / 2 / 365.25 for w in panel.windows]
    if None not in middles:
        columns.setdefault("time", np.array(middles, dtype=np.float64)[window])
    return design_matrix(formula, columns, rows=len(window), people=people)


def row_notes(
    panel: Panel,
    flat: Panel,
    counts: NDArray[np.int64],
    known: NDArray[np.bool_],
    *,
    rates: bool,
    incomplete: bool = False,
) -> tuple[str, ...]:
    """Return what a reader should know of the people: who was set aside or left out, and which days are used.

    Parameters
    ----------
    panel, flat : Panel
        All people, and those who are asked for.
    counts, known : ndarray
        (n,) how often each of them counts, and (n, T) which windows are there.
    rates, incomplete : bool
        As in `person_rows`.
    """
    notes = panel.notes
    if panel.n > flat.n:
        notes += (f"{panel.n - flat.n} comparison people set aside",)
    given, whole, part = (int(counts[k].sum()) for k in (slice(None), known.all(-1), known.any(-1)))
    side = "both windows" if len(flat.windows) == 2 else "every window"
    if incomplete and part > whole:
        notes += (f"{whole} of {given} people have {side}; {part - whole} with some windows inform the fit as well",)
    elif whole < given:
        notes += (f"{whole} of {given} people have {side}; {given - whole} left out",)
    if rates and flat.exposure is None:
        notes += (EQUAL_WINDOWS,)
    if not rates and flat.exposure is not None:
        notes += ("days at risk were given and are not used", *unlike_windows(flat))
    return notes


def _lone(design: Design, person: NDArray[np.int64]) -> tuple[str, ...]:
    for column in design.matrix.T:
        sides = [np.unique(person[column == value]).size for value in np.unique(column)[:3]]
        if len(sides) == 2 and min(sides) == 1:
            return ("a covariate has a level with one person, whose coefficient has no honest standard error",)
    return ()


def exposure_words(panel: Panel) -> str:
    """Return the exposure in words."""
    if panel.exposure is None:
        return "not known"
    if panel.exposure.ndim == 1 and len(panel.windows) == 2:
        return f"{panel.exposure[0]:g} and {panel.exposure[1]:g} days"
    return "each window's days" if panel.exposure.ndim == 1 else "each person's days at risk"


def _nobody_changed(rows: Rows) -> bool:
    low, high = np.full(rows.n, np.inf), np.full(rows.n, -np.inf)
    np.minimum.at(low, rows.person, rows.y)
    np.maximum.at(high, rows.person, rows.y)
    return bool((low == high).all())
