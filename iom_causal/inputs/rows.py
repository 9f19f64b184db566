"""Long layout of a panel: a row a person and window, for regression libraries."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError
from iom_causal.estimate.notes import COMPLETENESS, Note
from iom_causal.inputs.covariates import CovariateMatrix, covariate_matrix, person_columns, window_columns
from iom_causal.inputs.observations import Observations, observe, refuse_replicates
from iom_causal.inputs.sample import EQUAL_WINDOWS, LEAST_PEOPLE, Notes, SampleAccount, left_out, unused_days
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]


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
    covariates : CovariateMatrix
        The covariates.
    sample : SampleAccount
        The account of the people.
    n : int
        People used.
    kind : str
        The kind of outcome.
    windows : int
        Windows of the panel.
    exposure : str
        The exposure in words.
    regressor : str
        The name of the column `post`.
    """

    y: FloatArray
    post: FloatArray
    person: NDArray[np.int64]
    window: NDArray[np.int64]
    days: FloatArray | None
    covariates: CovariateMatrix
    sample: SampleAccount
    n: int
    kind: str
    windows: int
    exposure: str
    regressor: str = "post"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of `matrix`."""
        return ("intercept", self.regressor, *self.covariates.names)

    @property
    def matrix(self) -> FloatArray:
        """Intercept, post and covariates."""
        return np.column_stack([np.ones(len(self.y)), self.post, self.covariates.matrix])

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
        noted = self.sample._replace(notes=(*self.sample.notes, no_days(lost)))
        left, person = np.unique(self.person[keep], return_inverse=True)
        return replace(self.restricted(keep), sample=noted, person=person, n=len(left))

    def restricted(self, keep: NDArray[np.bool_]) -> "Rows":
        """Return the rows for which `keep` holds; `n` stays."""
        return replace(
            self,
            y=self.y[keep],
            post=self.post[keep],
            person=self.person[keep],
            window=self.window[keep],
            days=None if self.days is None else self.days[keep],
            covariates=CovariateMatrix(self.covariates.matrix[keep], self.covariates.names),
        )

    def with_columns(self, post: FloatArray, covariates: CovariateMatrix, regressor: str) -> "Rows":
        """Return the rows with other regressors, the first of another name."""
        return replace(self, post=post, covariates=covariates, regressor=regressor)

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
    comparison: bool = False,
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
    comparison : bool
        Whether comparison people stay in.

    Raises
    ------
    InputError
        IOM-E035, IOM-E047, IOM-E060 or IOM-E076 for what is not a panel, has replicates, too few people
        or broken weights; the errors of `covariate_matrix`.
    """
    name = type(spec).__name__
    require_panel(panel, name)
    refuse_replicates(panel, spec)
    seen = observe(panel, comparison=comparison)
    people, known = seen.people, seen.observed[0]
    counts = _counts(people, name)
    stays = (known.any(-1) if incomplete else known.all(-1)) & (counts > 0)
    who = np.repeat(np.arange(people.n), np.where(stays, counts, 0))
    if len(who) < LEAST_PEOPLE:
        raise InputError(
            "IOM-E060", f"{panel.name}: n={len(who)} people with every window; expected at least {LEAST_PEOPLE}"
        )
    cells = known[who]
    person, window = np.nonzero(cells)
    matrix = _covariates(covariates, people, who[person], window, len(who))
    sample = sample_of_rows(seen, rates=rates, incomplete=incomplete)
    days = None if people.exposure is None else np.broadcast_to(people.exposure, people.outcome.shape)
    return Rows(
        y=people.outcome[who][cells].astype(np.float64),
        post=people.treated[who][cells].astype(np.float64),
        person=person,
        window=window,
        days=None if days is None else days[who][cells],
        covariates=matrix,
        sample=sample._replace(notes=sample.notes + _lone(matrix, person)),
        n=len(who),
        kind=people.kind,
        windows=len(people.windows),
        exposure=seen.exposure if rates else "not used",
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
    raise DegenerateDataError(code, f"{rows.sample.outcome}: {how}, so there is no standard error")


@contextmanager
def quiet_fit(name: str) -> Iterator[None]:
    """Context in which a library's warnings on its search are an error, and its other warnings do not leak.

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


def _counts(panel: Panel, name: str) -> NDArray[np.int64]:
    if panel.weight is None:
        return np.ones(panel.n, dtype=np.int64)
    if (panel.weight != np.rint(panel.weight)).any():
        raise InputError(
            "IOM-E076", f"{name}: expected weights that are whole numbers of people; use RateRatio or PairedT"
        )
    return panel.weight.astype(np.int64)


def _covariates(
    formula: str, panel: Panel, who: NDArray[np.int64], window: NDArray[np.int64], people: int
) -> CovariateMatrix:
    columns = {name: value[window] for name, value in window_columns(panel).items()}
    columns |= {name: value[who] for name, value in person_columns(panel).items()}
    return covariate_matrix(formula, columns, rows=len(window), people=people, windows=len(panel.windows))


def sample_of_rows(seen: Observations, *, rates: bool, incomplete: bool = False) -> SampleAccount:
    """Return the account of a sample by windows: who lacks one, and which days are used.

    Parameters
    ----------
    seen : Observations
        The people.
    rates, incomplete : bool
        As in `person_rows`.
    """
    days = seen.people.exposure
    every = "both windows" if len(seen.people.windows) == 2 else "every window"
    if rates:
        last: Notes = (EQUAL_WINDOWS,) if days is None else ()
    else:
        last = unused_days(days, seen.people.kind)

    def missing(given: int, whole: int, part: int) -> Notes:
        if incomplete and part:
            text = f"{whole} of {given} people have {every}; {part} with some windows inform the fit as well"
            return (Note(text, COMPLETENESS),)
        return left_out(whole, given, every)

    there = (seen.observed.all(-1), seen.observed.any(-1))
    whole, some = (np.rint((seen.weight * who).sum(-1)).astype(np.int64) for who in there)
    return seen.sample(missing, whole, some - whole, last=last)


def _lone(matrix: CovariateMatrix, person: NDArray[np.int64]) -> tuple[str, ...]:
    for column in matrix.matrix.T:
        sides = [np.unique(person[column == value]).size for value in np.unique(column)[:3]]
        if len(sides) == 2 and min(sides) == 1:
            return ("a covariate has a level with one person, whose coefficient has no honest standard error",)
    return ()


def _nobody_changed(rows: Rows) -> bool:
    low, high = np.full(rows.n, np.inf), np.full(rows.n, -np.inf)
    np.minimum.at(low, rows.person, rows.y)
    np.maximum.at(high, rows.person, rows.y)
    return bool((low == high).all())
