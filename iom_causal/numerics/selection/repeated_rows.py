"""Poisson test of whether one sample's rows stand in another sample again."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrc

type Floats = NDArray[np.float64]


def repeated_rows_p_value(rows: Floats, weight: Floats, others: Floats, other_weight: Floats) -> float:
    """Poisson chance that another sample of its own holds every row of this one at least as often.

    A row that it holds w times is one of which w are expected there, which errs towards a large chance: of rows that
    stand in the other sample by having been copied it is at most .64 for each kind of row.

    Parameters
    ----------
    rows, others : ndarray
        (n, T) and (m, T) values, a row a person.
    weight, other_weight : ndarray
        (n,) and (m,) how many people a row stands for.

    Returns
    -------
    float
        1 where a row of the sample is absent from the other, or is there less often.

    Examples
    --------
    >>> rows = np.array([[k, 1.0] for k in range(20)])
    >>> repeated_rows_p_value(rows, np.ones(20), rows, np.ones(20)) < 0.001
    True
    >>> repeated_rows_p_value(rows, np.ones(20), rows[1:], np.ones(19))
    1.0
    """
    kinds, kind = np.unique(np.concatenate([rows, others]), axis=0, return_inverse=True)
    here, there = (
        np.bincount(of, w, minlength=len(kinds))
        for of, w in ((kind[: len(rows)], weight), (kind[len(rows) :], other_weight))
    )
    wanted = here > 0
    if (there < here)[wanted].any():
        return 1.0
    return float(np.exp(np.log(pdtrc(here[wanted] - 1, there[wanted])).sum()))
