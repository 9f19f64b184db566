"""Covariate matrix from the right-hand side of a formula, with its safety and rank checks."""

import keyword
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import nearest
from iom_causal.errors import InputError, SpecError
from iom_causal.numerics.kernels.decimals import constant
from iom_causal.panel import Panel

TRANSFORMS = ("C", "center", "exp", "log", "log1p", "scale", "sqrt")
"""The functions that a formula may call."""

TIME = "time"
MOST_LEVELS = 100
"""A category with more levels is taken for an identifier."""

_TOKEN = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*|`[^`]+`)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+*:()]))")
_RANK = 1e-10  # relative to the largest pivot of columns of unit length

FloatArray = NDArray[np.float64]


class CovariateMatrix(NamedTuple):
    """Covariate columns without an intercept.

    Attributes
    ----------
    matrix : ndarray
        (rows, p).
    names : tuple of str
        The p names, as the formula makes them.
    """

    matrix: FloatArray
    names: tuple[str, ...]


def check_formula(formula: object) -> None:
    """Refuse anything but names, C() and a few transforms, numbers, ``+``, ``-``, ``*`` and ``:``.

    Raises
    ------
    SpecError
        IOM-E091, which lists what is allowed.

    Examples
    --------
    >>> check_formula("age + C(sex):log1p(prior)")
    """
    if not isinstance(formula, str):
        raise SpecError("IOM-E092", f"covariates: expected text such as 'age + C(sex)', got {type(formula).__name__}")
    formula_columns(formula)


def covariate_matrix(
    formula: str, columns: Mapping[str, NDArray[Any]], *, rows: int, people: int | None = None, windows: int = 1
) -> CovariateMatrix:
    """Build the covariate columns of a formula and check that each says something of its own.

    Parameters
    ----------
    formula : str
        A right-hand side; empty for no covariates.
    columns : mapping of str to ndarray
        (rows,) each.
    rows : int
        How many rows there are.
    people : int, optional
        How many people they belong to, which bounds the number of columns; by default `rows`.
    windows : int
        How many rows each person has: one column fewer may be of time alone, beside those of people.

    Returns
    -------
    CovariateMatrix
        Without an intercept: the models have their own.

    Raises
    ------
    SpecError
        IOM-E091 for a formula that could run code.
    InputError
        IOM-E009 for an unknown column, IOM-E034 for missing values, IOM-E033 for infinite ones, IOM-E035 for dates,
        IOM-E071 to IOM-E074 for columns that repeat others, do not vary, or are too many.

    Examples
    --------
    >>> people = {"age": np.array([20.0, 31, 45, 29, 33]), "sex": np.array(["f", "m", "m", "f", "m"])}
    >>> covariate_matrix("age + C(sex)", people, rows=5).names
    ('age', 'C(sex)[T.m]')
    """
    used = formula_columns(formula)
    if not formula.strip():
        return CovariateMatrix(np.empty((rows, 0)), ())
    for name in used:
        _check_column(name, columns, windows)
    made = _expand(formula, {name: columns[name] for name in used})
    _check_columns(made, rows if people is None else people, windows)
    return made


def person_columns(panel: Panel) -> dict[str, NDArray[Any]]:
    """Return the columns of a formula that belong to people, (n,) each: the panel's covariates, and ``age``."""
    own = {} if panel.age is None else {"age": panel.age}
    return {**own, **panel.covariates}


def window_columns(panel: Panel) -> dict[str, NDArray[Any]]:
    """Return the columns that belong to windows, (T,) each: ``time``, years to the middle, where windows have dates.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> windows = (Window("before", -731, 0), Window("after", 0, 731, post=True))
    >>> np.round(window_columns(Panel.from_arrays([[3, 1]], windows=windows))["time"], 2).tolist()
    [-1.0, 1.0]
    """
    middles = [None if w.start is None or w.end is None else (w.start + w.end) / 2 / 365.25 for w in panel.windows]
    return {} if None in middles else {TIME: np.array(middles, dtype=np.float64)}


def check_rank(matrix: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse columns that repeat a combination of the others, naming them.

    Raises
    ------
    InputError
        IOM-E071.
    """
    from scipy.linalg import qr  # noqa: PLC0415 beside its only use

    scaled = matrix / np.maximum(np.linalg.norm(matrix, axis=0), np.finfo(float).tiny)
    triangle, order = qr(scaled, mode="r", pivoting=True)[0:2]
    pivots = np.abs(np.diag(triangle))
    rank = int((pivots > _RANK * pivots.max()).sum())
    if rank < len(names):
        extra = ", ".join(sorted(names[i] for i in order[rank:]))
        raise InputError("IOM-E071", f"covariates: {extra} repeats what the other columns say; leave it out")


def formula_columns(formula: str) -> tuple[str, ...]:
    """Return the columns that a formula names, each once, or refuse it as `check_formula` does.

    Examples
    --------
    >>> formula_columns("age + C(sex):log1p(prior)")
    ('age', 'sex', 'prior')
    """
    # Operands and operators take turns, so that nothing but names, numbers and known calls reaches the library.
    names: list[str] = []
    position, depth, operand_next = 0, 0, True
    text = formula.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unsafe()
        position, name, sign = match.end(), match["name"], match["sign"]
        if sign == "(":
            depth, fits = depth + 1, operand_next
        elif sign == ")":
            depth, fits = depth - 1, not operand_next and depth > 0
        elif sign:
            fits, operand_next = not operand_next or (sign in "+-" and match.start() == 0), True
        else:
            called = name is not None and text[position:].lstrip().startswith("(")
            fits, operand_next = operand_next and _is_operand(name, called=called), called
            names += [name.strip("`")] if name and not called else []
        if not fits:
            raise _unsafe()
    if depth or (text and operand_next):
        raise _unsafe()
    return tuple(dict.fromkeys(names))


def _is_operand(name: str | None, *, called: bool) -> bool:
    return name is None or (name in TRANSFORMS if called else not keyword.iskeyword(name))


def _unsafe() -> SpecError:
    allowed = ", ".join(TRANSFORMS)
    return SpecError(
        "IOM-E091", f"covariates: expected column names joined by +, -, * and :, numbers, and calls of {allowed} only"
    )


def _check_column(name: str, columns: Mapping[str, NDArray[Any]], windows: int) -> None:
    import pandas as pd  # noqa: PLC0415 slow to load

    if name not in columns:
        hint = nearest(name, columns) if columns else "the panel carries no covariates"
        raise InputError("IOM-E009", f"covariates: the panel has no column {name!r}; {hint}")
    values = columns[name]
    missing = int(np.asarray(pd.isna(values)).sum())
    if missing:
        people, rest = divmod(missing, windows)
        where = f"in {counted(missing, '[row|rows]')}"
        if windows > 1 and not rest:
            where = f"for {counted(people, '[person|people]')}"
        raise InputError("IOM-E034", f"covariates: {name!r} is missing {where}; fill it in, or leave people out")
    if values.dtype.kind in "mM":
        raise InputError("IOM-E035", f"covariates: {name!r} holds dates; turn them into numbers, such as years")
    if values.dtype.kind in "fiu":
        return
    levels = len({str(v) for v in values})
    if levels > MOST_LEVELS:
        raise InputError("IOM-E073", f"covariates: {name!r} has {levels} levels; expected at most {MOST_LEVELS}")


def _expand(formula: str, columns: Mapping[str, NDArray[Any]]) -> CovariateMatrix:
    import pandas as pd  # noqa: PLC0415 slow to load
    from formulaic import model_matrix  # noqa: PLC0415 slow to load
    from formulaic.errors import FormulaicError  # noqa: PLC0415 slow to load

    functions = {name: getattr(np, name) for name in ("exp", "log", "log1p", "sqrt")}
    frame = pd.DataFrame(dict(columns)) if columns else pd.DataFrame(index=range(1))
    try:
        with np.errstate(all="ignore"):
            made = model_matrix(formula, frame, context=functions, na_action="ignore", output="pandas")
    except (FormulaicError, SyntaxError) as error:
        raise SpecError("IOM-E091", f"covariates: the formula cannot be read: {type(error).__name__}") from error
    columns_made = [name for name in made.columns if name != "Intercept"]
    return CovariateMatrix(made[columns_made].to_numpy(dtype=np.float64), tuple(str(name) for name in columns_made))


def _check_columns(made: CovariateMatrix, people: int, windows: int) -> None:
    matrix, names = made
    if not np.isfinite(matrix).all():
        bad = ", ".join(n for n, c in zip(names, matrix.T, strict=True) if not np.isfinite(c).all())
        raise InputError("IOM-E033", f"covariates: {bad} is not finite everywhere, such as the log of 0")
    same = [n for n, c in zip(names, matrix.T, strict=True) if constant(c)]
    if same:
        raise InputError("IOM-E072", f"covariates: {', '.join(same)} is the same for everybody; leave it out")
    if len(names) + 2 >= people + windows - 1:
        raise InputError("IOM-E074", f"covariates: {len(names)} columns for {people} people; name fewer covariates")
    check_rank(np.column_stack([np.ones(len(matrix)), matrix]), ("the intercept", *names))
