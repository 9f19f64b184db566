"""Sample of replicates: what one answer said in each of them, against one estimand, on the scale of analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """Results of one answer over replicates, beside the estimand that it is scored against.

    Arrays are (R,), on the scale of analysis (logs for ratios), NaN where there is none. An answer may be a set: then
    `estimate` is NaN, the set lies between `set_low` and `set_high`, and the interval around it between `low` and
    `high`.

    Parameters
    ----------
    estimate, std_error, low, high, p_value, set_low, set_high : ndarray
        As in `Estimate`. An estimate may be infinite, such as the log of a ratio of 0.
    code : ndarray of int
        0, or the number of the expected error with which the answer failed.
    truth : ndarray
        The estimand in the world of each replicate.
    own : ndarray
        The answer's own target, replicate by replicate: `truth` where it estimates the estimand itself.
    own_pooled : bool
        The own target is one number, the mean of `own` over replicates: the change itself, over all cohorts as they
        were seen. Then `own` holds its linearised values, so that ``estimate - own`` has the right spread.
    null : float
        No effect, on the scale of analysis.
    alpha : float
        Below it a p-value counts as a rejection.
    level : float
        Of the intervals.
    common : ndarray of bool, optional
        Where given, measures of successes are of these replicates alone: see `common_successes`.

    Examples
    --------
    >>> import iom_causal as iom
    >>> sim = iom.simulate
    >>> model = sim.TwoWindowCounts(people=60, rate=1.5, cut=4.0, ratio=0.8)
    >>> design = iom.Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> found = iom.diagnose(design, sims=50, seed=1)
    >>> found.answers[0].sample.estimate.shape
    (50,)
    """

    estimate: Floats
    std_error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    set_low: Floats
    set_high: Floats
    code: NDArray[np.integer]
    truth: Floats
    own: Floats
    own_pooled: bool = False
    null: float = 0.0
    alpha: float = 0.05
    level: float = 0.95
    common: Flags | None = None

    def __post_init__(self) -> None:
        shapes = {name: np.shape(getattr(self, name)) for name in ARRAYS}
        if len(set(shapes.values())) != 1 or len(shapes["code"]) != 1:
            raise InputError("IOM-E037", f"Sample: expected arrays of one number a replicate, got shapes {shapes}")

    @classmethod
    def of(
        cls,
        estimate: ArrayLike,
        truth: ArrayLike,
        *,
        own: ArrayLike | None = None,
        code: ArrayLike = 0,
        own_pooled: bool = False,
        null: float = 0.0,
        alpha: float = 0.05,
        level: float = 0.95,
        **figures: ArrayLike,
    ) -> "Sample":
        """Return a sample in which what is left out is missing, and one number stands for every replicate.

        Examples
        --------
        >>> sample = Sample.of([0.1, -0.2, 0.3], 0.0, std_error=0.15)
        >>> sample.size, sample.truth.tolist(), sample.own is sample.truth
        (3, [0.0, 0.0, 0.0], True)
        """
        size = np.shape(np.atleast_1d(estimate))
        given = {"estimate": estimate, "truth": truth} | figures
        arrays: dict[str, Any] = {
            name: np.broadcast_to(np.asarray(given.get(name, np.nan), np.float64), size)
            for name in ARRAYS
            if name not in {"own", "code"}
        }
        unknown = sorted(figures.keys() - arrays.keys())
        if unknown:
            raise InputError("IOM-E037", f"Sample.of: expected {', '.join(arrays)}, got {', '.join(unknown)}")
        own_target = arrays["truth"] if own is None else np.broadcast_to(np.asarray(own, np.float64), size)
        codes = np.broadcast_to(np.asarray(code, np.int64), size)
        return cls(**arrays, own=own_target, code=codes, own_pooled=own_pooled, null=null, alpha=alpha, level=level)

    @property
    def size(self) -> int:
        """Replicates, the failed ones included."""
        return int(self.code.size)

    @property
    def answered(self) -> Flags:
        """The replicates that measures of successes are of: those in which the answer did not fail."""
        answered = np.asarray(self.code == 0)
        return answered if self.common is None else answered & self.common

    @property
    def sets(self) -> bool:
        """Whether the answers are sets, without a single estimate."""
        return bool(np.isnan(self.estimate[self.answered]).all() and not np.isnan(self.set_low[self.answered]).all())


ARRAYS = (
    *("estimate", "std_error", "low", "high", "p_value", "set_low", "set_high"),
    *("code", "truth", "own"),
)


def common_successes(samples: Mapping[str, Sample]) -> dict[str, Sample]:
    """Restrict samples of the same replicates to those in which none of the answers failed.

    Parameters
    ----------
    samples : mapping of str to Sample
        Of equal size, row by row the same replicates.

    Returns
    -------
    dict of str to Sample
        The same samples, with `common`.

    Raises
    ------
    InputError
        IOM-E037 where they hold different numbers of replicates.

    Notes
    -----
    Answers that fail in hard replicates look better than those that do not, unless both are measured on the same ones.
    `failures` and `coverage_failures_miss` are of all replicates still.

    Examples
    --------
    >>> one, two = Sample.of([1.0, 2.0, 3.0], 0.0, code=[0, 0, 62]), Sample.of([4.0, 5.0, 6.0], 0.0, code=[60, 0, 0])
    >>> common_successes({"one": one, "two": two})["one"].answered.tolist()
    [False, True, False]
    """
    if len({sample.size for sample in samples.values()}) > 1:
        sizes = {name: sample.size for name, sample in samples.items()}
        raise InputError("IOM-E037", f"common_successes: expected samples of the same replicates, got {sizes}")
    common = np.logical_and.reduce([sample.code == 0 for sample in samples.values()])
    return {name: replace(sample, common=common) for name, sample in samples.items()}
