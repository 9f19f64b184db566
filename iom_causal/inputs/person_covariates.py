"""Covariate columns of people, over replicates."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import nearest
from iom_causal.errors import InputError
from iom_causal.inputs.clusters import unknown
from iom_causal.inputs.covariates import covariate_matrix, person_columns
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]
type Booleans = NDArray[np.bool_]

_PLAIN = re.compile(r"\s*\w+\s*(\+\s*\w+\s*)*")


class PersonCovariates(NamedTuple):
    """Covariate columns of people, without an intercept.

    Attributes
    ----------
    matrix : ndarray
        (R, n, p); 0 for people who do not count.
    names : tuple of str
        The p names.
    sound : ndarray
        (R,) whether a replicate has all of them; one that has not says why when it is read alone.
    """

    matrix: Floats
    names: tuple[str, ...]
    sound: Booleans

    def with_column(self, name: str, values: Floats, there: Booleans) -> "PersonCovariates":
        """Return the same with one more, (R, n)."""
        column = np.where(there, values, 0.0)[..., None]
        return PersonCovariates(np.concatenate([self.matrix, column], axis=-1), (*self.names, name), self.sound)


def person_covariates(panel: Panel, formula: str, there: Booleans) -> PersonCovariates:
    """Read the covariates of a formula for the people who count.

    Parameters
    ----------
    panel : Panel
        With or without replicates.
    formula : str
        A right-hand side over its covariates and ``age``; empty for none.
    there : ndarray
        (R, n) who counts; one row without replicates.

    Raises
    ------
    InputError
        Those of `covariate_matrix`, of a panel without replicates; with replicates a column that there is not.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [5, 0], [1, 1], [2, 3]], age=[20.0, 31, 45, 29, 33])
    >>> person_covariates(panel, "age", np.arange(5)[None] != 2).matrix[0, :, 0].tolist()
    [20.0, 31.0, 0.0, 29.0, 33.0]
    """
    columns = person_columns(panel)
    if panel.replicates is None:
        return _alone(formula, columns, there)
    if not formula.strip():
        return PersonCovariates(np.zeros((*there.shape, 0)), (), np.ones(len(there), dtype=np.bool_))
    names = [name.strip() for name in formula.split("+")]
    if _PLAIN.fullmatch(formula) and all(n in columns and columns[n].dtype.kind in "biuf" for n in names):
        wide = [np.broadcast_to(columns[name].astype(np.float64), there.shape) for name in dict.fromkeys(names)]
        matrix = np.where(there[..., None], np.stack(wide, axis=-1), 0.0)
        sound = np.isfinite(matrix).all((1, 2)) & (there.sum(-1) > len(wide) + 2)
        return PersonCovariates(np.where(sound[:, None, None], matrix, 0.0), tuple(dict.fromkeys(names)), sound)
    return _each(formula, columns, there)


def strata_columns(panel: Panel, names: tuple[str, ...], there: Booleans, where: str) -> list[NDArray[np.int64]]:
    """Return covariates that must agree, (R, n) each, as whole numbers that are the same where they are.

    Of whom one is not known (missing, or text that is empty or says so) has a number of his own: he agrees with nobody.

    Raises
    ------
    InputError
        IOM-E009 for a column that there is not.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1]] * 4, covariates={"sex": np.array(["m", "f", "missing", "missing"])})
    >>> strata_columns(panel, ("sex",), np.ones((1, 4), dtype=bool), "exact")[0].tolist()
    [[1, 0, 5, 6]]
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    columns, found = person_columns(panel), []
    for name in names:
        if name not in columns:
            hint = nearest(name, columns) if columns else "the panel carries no covariates"
            raise InputError("IOM-E009", f"{where}: the panel has no column {name!r}; {hint}")
        values = np.broadcast_to(columns[name], there.shape)
        codes = pd.factorize(values.ravel(), sort=True)[0].reshape(there.shape).astype(np.int64)
        alone = codes.max(initial=0) + 1 + np.arange(there.shape[-1])
        found.append(np.where(unknown(values), alone, codes))
    return found


def _alone(formula: str, columns: dict[str, NDArray[np.generic]], there: Booleans) -> PersonCovariates:
    who = there[0]
    made = covariate_matrix(formula, {name: value[who] for name, value in columns.items()}, rows=int(who.sum()))
    matrix = np.zeros((1, len(who), len(made.names)))
    matrix[0, who] = made.matrix
    return PersonCovariates(matrix, made.names, np.ones(1, dtype=np.bool_))


def _each(formula: str, columns: dict[str, NDArray[np.generic]], there: Booleans) -> PersonCovariates:
    """Read each replicate by itself; one that has other columns than the first, or too few, is not sound."""
    made: list[PersonCovariates | None] = []
    common = all(value.ndim == 1 for value in columns.values())
    known: dict[bytes, PersonCovariates | None] = {}
    for k, who in enumerate(there):
        key = who.tobytes() if common else str(k).encode()
        if key not in known:
            own = {name: value if value.ndim == 1 else value[k] for name, value in columns.items()}
            try:
                known[key] = _alone(formula, own, who[None])
            except InputError:
                known[key] = None
        made.append(known[key])
    first = next((one for one in made if one is not None), None)
    if first is None:
        raise InputError("IOM-E009", f"covariates: no replicate has the columns of {formula!r}")
    sound = np.array([one is not None and one.names == first.names for one in made])
    rows = [
        one.matrix[0] if one is not None and own else np.zeros_like(first.matrix[0])
        for one, own in zip(made, sound, strict=True)
    ]
    return PersonCovariates(np.stack(rows), first.names, sound)
