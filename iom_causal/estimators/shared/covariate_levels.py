"""Estimates of the levels of a covariate beside one another: Welch's contrast of two, the spread between more."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import nearest
from iom_causal.errors import InputError
from iom_causal.estimate.notes import COMPLETENESS, Note
from iom_causal.inputs.clusters import unknown
from iom_causal.intervals import StudentT
from iom_causal.numerics.inference.pooling import heterogeneity_q, q_profile, reml_variance
from iom_causal.numerics.inference.student_t import t_two_sided
from iom_causal.numerics.inference.two_sample import welch_df
from iom_causal.numerics.kernels.decimals import settled
from iom_causal.panel import Panel

MOST_LEVELS = 12
NOT_KNOWN = ""
"""In place of the level of people of whom it is not known: it is none of the levels."""


class Levels(NamedTuple):
    """Independent estimates of the levels of a covariate; the reference, which has most people, comes first.

    Attributes
    ----------
    by : str
        The covariate.
    labels : tuple of str
        The levels: the reference, then the rest by name.
    values, variances, dfs : ndarray
        (L,) each; of logs where `log` is true.
    log : bool
        Whether they are logs.
    """

    by: str
    labels: tuple[str, ...]
    values: NDArray[np.float64]
    variances: NDArray[np.float64]
    dfs: NDArray[np.float64]
    log: bool

    def shown(self, value: float) -> float:
        """Return a value on its natural scale."""
        return math.exp(value) if self.log else value

    def difference(self, first: int, second: int) -> tuple[float, float, float]:
        """Return the second level less the first, its standard error and Welch's degrees of freedom."""
        v, df = self.variances, self.dfs
        se = math.sqrt(v[first] + v[second])
        return (
            float(self.values[second] - self.values[first]),
            se,
            float(welch_df(v[first], df[first], v[second], df[second])),
        )

    def columns(self, level: float) -> dict[str, Any]:
        """Return the columns of an `Estimate`: the contrast of two levels, or the spread between more."""
        return _contrast(self, level) if len(self.labels) == 2 else _spread(self, level)


def level_labels(panel: Panel, by: str, method: str) -> NDArray[np.str_]:
    """Return the level of each person, (n,): NOT_KNOWN where it is missing, or text that is empty or says so.

    Raises
    ------
    InputError
        IOM-E009 for an unknown covariate.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [4, 0]], covariates={"sex": ["m", "f", "missing"]})
    >>> level_labels(panel, "sex", "").tolist()
    ['m', 'f', '']
    """
    if by not in panel.covariates:
        hint = nearest(by, panel.covariates) if panel.covariates else "the panel carries no covariates"
        raise InputError("IOM-E009", f"{method}: the panel has no covariate {by!r}; {hint}")
    values = panel.covariates[by]
    labels = [str(value) for value in settled(values).tolist()]
    return np.where(unknown(values), NOT_KNOWN, np.array(labels, dtype=np.str_))


def not_known(people: float, by: str) -> tuple[Note, ...]:
    """Return the note on people left out because their level is not known.

    Examples
    --------
    >>> not_known(1, "sex"), not_known(0, "sex")
    (("1 person of whom 'sex' is not known left out",), ())
    """
    said = counted(round(people), "[person|people]")
    return (Note(f"{said} of whom {by!r} is not known left out", COMPLETENESS),) if people else ()


def ordered_levels(labels: NDArray[np.str_], weight: NDArray[Any] | None, by: str) -> list[str]:
    """Return the levels, that with most people first and then by name, or refuse too few or too many.

    Raises
    ------
    InputError
        IOM-E072 with one level, IOM-E073 with too many.

    Examples
    --------
    >>> ordered_levels(np.array(["f", "m", "m", "a"]), None, "sex")
    ['m', 'a', 'f']
    """
    names, place = np.unique(labels, return_inverse=True)
    people = np.bincount(place, weight)
    if not 2 <= len(names) <= MOST_LEVELS:
        raise InputError(
            "IOM-E072" if len(names) < 2 else "IOM-E073",
            f"{by!r} has {len(names)} levels; expected 2 to {MOST_LEVELS}, numbers put into bands",
        )
    reference = str(names[np.argmax(people)])
    return [reference, *(str(name) for name in names if name != reference)]


def _contrast(levels: Levels, level: float) -> dict[str, Any]:
    centre, se, df = levels.difference(0, 1)
    law = StudentT(centre, se, df, log=levels.log)
    low, high = law.interval(level)
    sign = "/" if levels.log else "-"
    return {
        "term": f"{levels.by}: {levels.labels[1]} {sign} {levels.labels[0]}",
        "estimate": levels.shown(centre),
        "std_error": se,
        "statistic": centre / se,
        "df": df,
        "p_value": float(t_two_sided(centre / se, df)),
        "conf_low": low,
        "conf_high": high,
        "law": law,
    }


def _spread(levels: Levels, level: float) -> dict[str, Any]:
    q, p = heterogeneity_q(levels.values, levels.variances)
    low, high = (math.sqrt(x) for x in q_profile(levels.values, levels.variances, level))
    return {
        "term": f"{levels.by}: standard deviation between levels" + (", as a factor" if levels.log else ""),
        "estimate": levels.shown(math.sqrt(reml_variance(levels.values, levels.variances))),
        "statistic": q,
        "df": len(levels.values) - 1.0,
        "p_value": p,
        "conf_low": levels.shown(low),
        "conf_high": levels.shown(high),
    }
