"""The one result type: what was estimated, how, on whom, and what it assumes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from iom_causal.base.equality import same
from iom_causal.base.formats import number
from iom_causal.base.result import Result
from iom_causal.base.specs import FrozenMap, to_dict
from iom_causal.estimate import terms as table
from iom_causal.estimate.fields import COLUMNS, ESTIMANDS, FIGURES, PEOPLE, SOLVING, TELLING, EstimateFields, Line, Part
from iom_causal.numerics import ALPHA

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@runtime_checkable
class Drawn(Protocol):
    """An estimator with a picture of its own."""

    def draw(self, estimate: "Estimate", ax: "Axes | None" = None) -> "Axes":
        """Draw an estimate that it made, on `ax`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Estimate(EstimateFields, Result):
    """One estimate with everything needed to read it; it keeps no data.

    Changes are after minus before and ratios after over before: a fall is negative, or below 1.
    What is undefined is None with a note, never NaN. Attributes and columns have the same names.

    There are two scales. `estimate`, `conf_low`, `conf_high` and the set are on the natural one, a ratio where `scale`
    says so. What statsmodels names - `params`, `bse`, `pvalues`, `conf_int`, `cov_params` - and `std_error` are on the
    scale that `std_error_scale` names: logs for a ratio, so that ``exp(params)`` is a ratio; their index is then called
    "log scale", and the estimate ``log(after / before)``. A set has an interval, and no `params`.

    Two results are equal when they hold the same, `native` apart, which belongs to another library.

    Parameters
    ----------
    outcome, method : str
        What was measured, and how the change was estimated.
    estimand : str
        A key of `ESTIMANDS`.
    term : str
        The contrast, such as ``"after - before"``.
    scale : str
        One of `SCALES`.
    estimate, std_error, statistic, df, p_value : float or None
        The usual; for a ratio `std_error` is that of the log, and `std_error_scale` says so.
    conf_low, conf_high, conf_level, interval : float, float, float, str
        The interval, its level and what kind it is (`INTERVALS`).
    set_low, set_high : float or None
        An identified set, in which case `estimate` is None.
    n_input, n_used : int
        People given and people used.
    exposure : str
        The exposure used, in words.
    notes, assumptions : tuple of str
        What the reader should know, and what must hold for the estimand.
    diagnostics : mapping
        Named figures that say whether the method was right here.
    parts, cov : tuple of Part, ndarray
        The terms of a fit with several. With a covariance they are its coefficients, on the scale `std_error_scale`;
        without, other figures beside the estimate, each on its own natural scale.
    coefficient : str or None
        Which of the coefficients the estimate is; None where it is no single one.
    law : SamplingDistribution or None
        The sampling distribution behind the interval.
    spec : object
        The estimator that made it.
    held : object
        What `native` returns, the fitted object of the library that made it, or a `Deferred` that makes it.
    pinned : bool or None
        On rebuilt people: whether the published table alone determines it.

    Examples
    --------
    >>> Estimate(outcome="arrests", method="example", term="after - before", estimate=-3.2, n_used=9).estimate
    -3.2
    """

    people_columns: ClassVar[tuple[str, ...]] = PEOPLE
    solving_columns: ClassVar[tuple[str, ...]] = SOLVING
    telling_columns: ClassVar[tuple[str, ...]] = TELLING
    figure_columns: ClassVar[Mapping[str, str]] = FIGURES

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in COLUMNS))

    def row(self) -> dict[str, Any]:
        """Return the columns of the table as a dictionary."""
        return {name: getattr(self, name) for name in COLUMNS}

    def tidy(self) -> "pd.DataFrame":
        """Return a table of one row with the columns `COLUMNS`."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame([self.row()], columns=list(COLUMNS))

    @property
    def params(self) -> "pd.Series[float]":
        """The coefficients, by term, on the scale `std_error_scale`.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 where the answer is a set.
        """
        return table.series(self, "estimate")

    @property
    def bse(self) -> "pd.Series[float]":
        """The coefficients' standard errors.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 where the answer is a set.
        """
        return table.series(self, "std_error")

    @property
    def pvalues(self) -> "pd.Series[float]":
        """The coefficients' p-values.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 where the answer is a set.
        """
        return table.series(self, "p_value")

    def conf_int(self, alpha: float = ALPHA) -> "pd.DataFrame":
        """Return the coefficients' intervals at level ``1 - alpha``, on the scale `std_error_scale`.

        That of the estimate is its own interval (for a ratio, the logs of its ends); the others are those of the
        fit, or at another level those of their standard errors.
        """
        return table.intervals(self, alpha)

    def cov_params(self) -> "pd.DataFrame":
        """Return the covariance of the coefficients.

        Raises
        ------
        DegenerateDataError
            IOM-E065 where there is not even a standard error.
        """
        return table.covariance(self)

    def summary(self) -> str:
        """Return the result in a few lines; the first says what, on whom and for which estimand."""
        return "\n".join(_summary_lines(self))

    def __repr__(self) -> str:
        return f"Estimate({self.method!r}, {self.outcome!r}, {self.term}: {value_text(self)})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the estimate or the set, and the interval, on `ax`, or the picture that its estimator has for it.

        To save it: ``estimate.plot().figure.savefig("figure.png")``. For ``plt.show()`` give ``ax=plt.gca()``.
        """
        if isinstance(self.spec, Drawn):
            return self.spec.draw(self, ax)
        from iom_causal.base.axes_of_rows import forest  # noqa: PLC0415 matplotlib is slow to load

        return forest([self.row() | {"label": f"{self.method}"}], ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, without `native` and `law`."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        for name in ("held", "law"):
            plain.pop(name)
        plain["parts"] = [p._asdict() for p in self.parts]
        plain["spec"] = None if self.spec is None else to_dict(self.spec)
        return {key: _plain(value) for key, value in plain.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Estimate":
        """Rebuild a result from `to_dict`; `spec` stays a dictionary, and notes are text without their kinds.

        Without `spec`, `native` and `law` it does not equal the result that it is of; their `to_dict` are equal.
        """
        fields = dict(values)
        for name in ("notes", "assumptions"):
            fields[name] = tuple(fields.get(name, ()))
        fields["parts"] = tuple(Part(**p) for p in fields.get("parts", ()))
        if fields.get("cov") is not None:
            fields["cov"] = np.array(fields["cov"], dtype=np.float64)
        diagnostics = dict(fields.get("diagnostics", {}))
        if "lines" in diagnostics:
            diagnostics["lines"] = FrozenMap({name: Line(**line) for name, line in diagnostics["lines"].items()})
        fields["diagnostics"] = FrozenMap(diagnostics)
        return cls(**fields)


def _plain(value: Any) -> Any:
    if isinstance(value, (str, np.generic)):
        return str(value) if isinstance(value, str) else value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (Mapping, Line)):
        named = value._asdict() if isinstance(value, Line) else value
        return {str(k): _plain(v) for k, v in named.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return value


def value_text(e: Estimate) -> str:
    """Return an estimate with its interval, or its set and the interval around that, as text."""
    if e.set_low is not None:
        around = (
            "" if e.conf_low is None else f", {e.conf_level:.0%} interval around it {_ends(e.conf_low, e.conf_high)}"
        )
        return f"set {_ends(e.set_low, e.set_high)}{around}"
    if e.estimate is None:
        return "undefined"
    ends = "" if e.conf_low is None else f" {_ends(e.conf_low, e.conf_high)}"
    return number(e.estimate) + ends


def _ends(low: float | None, high: float | None) -> str:
    return "[" + ", ".join("-" if end is None else number(end) for end in (low, high)) + "]"


def _summary_lines(e: Estimate) -> list[str]:
    people = f"{e.n_used} of {e.n_input} people" if e.n_input != e.n_used else f"{e.n_used} people"
    bare = e.conf_low is not None and e.set_low is None  # that of a set is named beside it
    lines = [
        f"{e.outcome}, {e.term}; {people}; exposure {e.exposure}; {ESTIMANDS.get(e.estimand, e.estimand)}",
        f"{e.method}: {value_text(e)}" + (f" ({e.conf_level:.0%} {e.interval})" if bare else ""),
    ]
    if e.statistic is not None:
        df = "" if e.df is None else f"({number(e.df)})"
        p = "" if e.p_value is None else f", p = {number(e.p_value)}"
        lines.append(f"statistic{df} = {number(e.statistic)}{p}")
    lines += _part_lines(e)
    if e.pinned is not None:
        lines.append("pinned by the printed numbers" if e.pinned else "not pinned: differs between rebuilt cohorts")
    lines += [f"note: {note}" for note in e.notes]
    lines += [f"assumes: {text}" for text in e.assumptions]
    return lines


def _part_lines(e: Estimate) -> list[str]:
    logs = e.std_error_scale == "log"
    fitted = e.cov is not None
    error = "SE of the log" if logs and not fitted else "SE"
    head = ["coefficients, on the log scale:"] if e.parts and logs and fitted else []
    shown = [(p, "" if p.std_error is None else f" ({error} {number(p.std_error)})") for p in e.parts]
    return head + [f"{p.term}: {number(p.estimate)}{bracket}" for p, bracket in shown]
