"""Joint draws of an observed change and of the adjustments that it is held against, over beliefs and sampling."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.equality import same
from iom_causal.base.specs import FrozenMap, got
from iom_causal.beliefs import theta as beliefs
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.inputs.resampling import STEP, levels, observed_change, sampled, units
from iom_causal.moments import Moments
from iom_causal.numerics.plain import plain_number
from iom_causal.panel import Panel
from iom_causal.roles import Confound, require_panel
from iom_causal.streams import Seed, Streams, as_streams

type Floats = NDArray[np.float64]

MOST_RANGES = 10
LEAST_DRAWS = 2
"""One draw does not tell how anything varies."""
NO_SPREAD = 1e-12
"""A standard error below this share of the mean is what rounding leaves of none."""
OBSERVED, REMAINDER = "observed", "remainder"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointDraws:
    """Joint draws of the observed change of an outcome and of each adjustment line, on one corner of the ranges.

    Columns are the observed change and then the lines: logs of ratios after over before, or points of a score. One
    set of weights of people, or of published moments, moves the observed change and every line together, so that
    their covariance is that of figures worked out from the same people.

    Attributes
    ----------
    confounds : tuple of confound
        One a line; every `Range` is set to one of its ends, which makes the corner.
    before, after : float
        Mean outcome in both windows, after at the exposure before.
    central : ndarray
        (K + 1,) at central beliefs and on the data as they are.
    believed : ndarray
        (D, K + 1) on the data as they are, at beliefs drawn at random.
    sampling : ndarray
        (D, K + 1) deviations under resampling at central beliefs, normal with the jackknife's covariance.
    widening : ndarray
        (D,) factors that turn the deviations into those of a t distribution.
    theta : tuple of mapping
        The draws of each confound's beliefs, (D,) by name.
    from_others : float
        Share of the remainder's variance under resampling that comes of people who were never managed, 0 to 1.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> from iom_causal.beliefs import LogNormal
    >>> from iom_causal.streams import Streams
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> drawn = joint_draws((Detection(ratio=LogNormal(0.9, 0.05)),), panel, streams=Streams(1), size=2000)
    >>> drawn.names, drawn.values.shape, [round(float(v), 2) for v in drawn.central]
    (('observed', 'detection'), (2000, 2), [-0.81, -0.11])
    >>> round(float(drawn.line("detection").std()), 2), round(float(np.exp(drawn.remainder.mean())), 1)
    (0.05, 0.5)
    """

    confounds: tuple[Any, ...]
    before: float
    after: float
    central: Floats
    believed: Floats
    sampling: Floats
    widening: Floats
    theta: tuple[Mapping[str, Floats], ...]
    from_others: float = 0.0

    def __post_init__(self) -> None:
        self._freeze()

    def __setstate__(self, state: list[Any]) -> None:
        for field, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)
        self._freeze()

    def _freeze(self) -> None:
        drawn = [array for theta in self.theta for array in theta.values()]
        for array in (self.central, self.believed, self.sampling, self.widening, *drawn):
            array.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __hash__(self) -> int:
        return hash((self.confounds, self.central.tobytes(), self.believed.shape))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return (OBSERVED, *(c.line for c in self.confounds))

    @property
    def values(self) -> Floats:
        """Draws over beliefs and sampling, (D, K + 1); their covariance is that of the standard errors."""
        return self.believed + self.sampling

    @property
    def wide(self) -> Floats:
        """The same with sampling as a t distribution, (D, K + 1), for intervals."""
        return self.believed + self.widening[:, None] * self.sampling

    @property
    def observed(self) -> Floats:
        """Draws of the observed change, (D,)."""
        return self.values[:, 0]

    def line(self, name: str) -> Floats:
        """Return the draws of a line, (D,).

        Raises
        ------
        SpecError
            IOM-E093 for a line that is not there.
        """
        if name not in self.names:
            raise SpecError("IOM-E093", f"lines: expected one of {', '.join(self.names)}, got {name!r}")
        return self.values[:, self.names.index(name)]

    @property
    def remainder(self) -> Floats:
        """Draws of the observed change less every line, (D,)."""
        return with_remainder(self.values)[:, -1]


def joint_draws(confounds: Sequence[Any], subject: Panel | Moments, *, streams: Seed, size: int) -> JointDraws:
    """Joint draws of the observed change and every adjustment line, by a jackknife of people or parametric draws.

    Beliefs are drawn by the name of their line: corners of the same ranges, and ledgers that share a line, share the
    draws of its beliefs to the byte. People are drawn by one name: ledgers with other lines share the draws of sampling
    too, up to rounding in the last digit, which sums over more columns may move.

    Parameters
    ----------
    confounds : sequence of confound
        Without a `Range`; `corners` makes them so.
    subject : Panel or Moments
        Without replicates; moments that leave nothing open.
    streams : Streams, Generator, int or None
        Named random streams, or what makes them.
    size : int
        How many draws, D, at least 2.

    Raises
    ------
    SpecError
        IOM-E092 for a size below 2, for what is no confound, for a line given twice, and for beliefs that reach values
        at which their line is beyond all numbers.
    InputError
        IOM-E035 for what is neither panel nor moments, IOM-E047 for a panel with replicates, IOM-E060 with too few
        units, and whatever a confound cannot work out.
    DegenerateDataError
        IOM-E064 when a window has no events; IOM-E065 when everybody changed alike.
    """
    size, streams = plain_number(size), as_streams(streams)
    if isinstance(size, bool) or not isinstance(size, int) or size < LEAST_DRAWS:
        raise SpecError("IOM-E092", f"size: expected a whole number of draws, at least {LEAST_DRAWS}, got {got(size)}")
    return _joint_draws(check_lines(confounds, "joint_draws"), subject, streams, size)


def variant_draws(
    confounds: Sequence[Any], variants: Sequence[Any], subject: Panel | Moments, *, streams: Seed, size: int
) -> Iterator[JointDraws]:
    """Yield the joint draws with each variant of one more line in turn, all from one set of weights of people.

    Each is what `joint_draws` returns for the confounds and that variant, up to rounding in the last digit.

    Parameters
    ----------
    confounds : sequence of confound
        The lines that stay.
    variants : sequence of confound
        Of one line, which is the last column.
    subject, streams, size
        As in `joint_draws`.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> found = variant_draws((), [Detection(ratio=r) for r in (0.8, 1.0)], panel, streams=1, size=100)
    >>> [round(float(drawn.central[1]), 2) for drawn in found]
    [-0.22, 0.0]
    """
    for variant in variants:
        check_lines((*confounds, variant), "variant_draws")
    stay, streams = len(confounds) + 1, as_streams(streams)
    if isinstance(subject, Panel) and not subject.group.all():  # each has degrees of freedom of its own
        yield from (_joint_draws((*confounds, variant), subject, streams, size) for variant in variants)
        return
    every = _joint_draws((*confounds, *variants), subject, streams, size)
    for k, variant in enumerate(variants, stay):
        columns = [*range(stay), k]
        yield replace(
            every,
            confounds=(*confounds, variant),
            central=every.central[columns],
            believed=every.believed[:, columns],
            sampling=every.sampling[:, columns],
            theta=(*every.theta[: stay - 1], every.theta[k - 1]),
        )


def _joint_draws(confounds: tuple[Any, ...], subject: Panel | Moments, streams: Streams, size: int) -> JointDraws:
    if not isinstance(subject, Moments):
        require_panel(subject, "joint_draws", or_moments=True)
    if isinstance(subject, Panel) and subject.replicates is not None:
        raise InputError(
            "IOM-E047", f"joint_draws: this panel has {subject.replicates} replicates; take one with replicate(k)"
        )
    units(subject)
    central = central_lines(confounds, subject)
    theta = tuple(drawn_beliefs(c, streams, size) for c in confounds)
    believed = [np.broadcast_to(believed_line(c, subject, t), size) for c, t in zip(confounds, theta, strict=True)]
    moves, widening, others = sampled(subject, lambda s: central_lines(confounds, s), streams.generator("people"), size)
    before, after = (float(v) for v in levels(subject))
    least = NO_SPREAD if isinstance(subject, Panel) else NO_SPREAD / STEP  # of moments, by differences over a step
    if np.std(moves[:, 0]) <= least * max(1.0, before):
        raise DegenerateDataError(
            "IOM-E065", f"{subject.name}: everybody changed alike, so the people do not tell how the change varies"
        )
    return JointDraws(
        confounds=confounds,
        before=before,
        after=after,
        central=central,
        believed=np.stack([np.broadcast_to(observed_change(subject), size), *believed], axis=-1),
        sampling=moves,
        widening=widening,
        theta=theta,
        from_others=_share_of_remainder(others, moves),
    )


def _share_of_remainder(others: Floats, moves: Floats) -> float:
    """Return the share of the remainder's variance that comes of the others, from the covariance of the columns."""
    signs = np.where(np.arange(len(others)) == 0, 1.0, -1.0)
    whole = float(with_remainder(moves)[:, -1].var())
    return min(1.0, float(signs @ others @ signs) / whole) if whole > 0 else 0.0


def check_lines(confounds: Sequence[Any], name: str) -> tuple[Confound, ...]:
    """Return the confounds of adjustment lines as a tuple, refusing what is none and a line that is there twice.

    Raises
    ------
    SpecError
        IOM-E092, with the `name` of the caller.

    Examples
    --------
    >>> check_lines([0.8], "Ledger")
    Traceback (most recent call last):
        ...
    iom_causal.errors.SpecError: IOM-E092: Ledger: expected confounds, such as History(), got 0.8
    """
    if not isinstance(confounds, (tuple, list)):
        raise SpecError("IOM-E092", f"{name}: expected a tuple of confounds, got {type(confounds).__name__}")
    for confound in confounds:
        if isinstance(confound, type) or not isinstance(confound, Confound):
            raise SpecError("IOM-E092", f"{name}: expected confounds, such as History(), got {got(confound)}")
    names = [c.line for c in confounds]
    if len(set(names)) < len(names):
        raise SpecError("IOM-E092", f"{name}: two confounds of one kind; give each line once")
    for confound in confounds:
        twice = set(confound.also_holds) & set(names)
        if twice:
            both = ", ".join(sorted(twice))
            raise SpecError("IOM-E092", f"{name}: {confound.line} as set already holds {both}; leave one out")
    return tuple(confounds)


def drawn_beliefs(confound: Confound, streams: Streams, size: int) -> Mapping[str, Floats]:
    """Return draws of a line's beliefs, by the stream that its name has in every ledger, (D,) by field."""
    return FrozenMap(beliefs.draw(confound, streams.generator(f"belief: {confound.line}"), size))


def believed_line(confound: Confound, subject: Panel | Moments, theta: Mapping[str, Floats]) -> Floats:
    """Return a line on the data as they are at drawn beliefs, a number or (D,).

    Raises
    ------
    SpecError
        IOM-E092 where they reach values at which it is beyond all numbers.
    """
    with np.errstate(all="ignore"):  # refused below
        line = np.asarray(confound.shift(subject, theta))
    if not np.isfinite(line).all():
        raise SpecError(
            "IOM-E092",
            f"{confound.line}: its beliefs reach values at which the line is beyond all numbers; state narrower ones",
        )
    return line


def central_lines(confounds: Sequence[Any], subject: Panel | Moments) -> Floats:
    """Return the observed change and every line at central beliefs, (K + 1,); (R, K + 1) with replicates."""
    observed = observed_change(subject)  # before the lines: it refuses a window without events
    shifts = [c.shift(subject, beliefs.central(c)) for c in confounds]
    return np.stack(np.broadcast_arrays(observed, *shifts), axis=-1)


def with_remainder(columns: Floats) -> Floats:
    """Return observed and lines, (..., K + 1), with the remainder as another column.

    Examples
    --------
    >>> with_remainder(np.array([-5.0, -1.0, -2.0])).tolist()
    [-5.0, -1.0, -2.0, -2.0]
    """
    return np.concatenate([columns, columns[..., :1] - columns[..., 1:].sum(-1, keepdims=True)], axis=-1)


def corners(confounds: Sequence[Any], name: str = "Ledger") -> Iterator[tuple[Any, ...]]:
    """Yield the confounds with every `Range` set to each of its ends, in all combinations.

    Raises
    ------
    SpecError
        IOM-E092 for more ranges than can be enumerated.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> from iom_causal.confounds.detection import Detection
    >>> [c.ratio for (c,) in corners([Detection(ratio=Range(0.8, 1.0))])]
    [0.8, 1.0]
    """
    ends = [list(beliefs.corners(c)) for c in confounds]
    if np.prod([len(e) for e in ends], initial=1) > 2**MOST_RANGES:
        raise SpecError("IOM-E092", f"{name}: more than {MOST_RANGES} ranges; state some as distributions")
    for corner in product(*ends):
        yield tuple(replace(c, **at) if at else c for c, at in zip(confounds, corner, strict=True))


def completions(data: Panel | Moments, name: str = "Ledger") -> tuple[Panel | Moments, ...]:
    """Return the data as they are, or moments that leave the baseline open completed by each end.

    Raises
    ------
    InputError
        IOM-E035 for anything else; IOM-E047 for a panel with replicates.
    """
    if isinstance(data, Moments):
        data.require("n", purpose=name)
        return data.completions()
    require_panel(data, name, or_moments=True)
    if data.replicates is not None:
        raise InputError("IOM-E047", f"{name}: this panel has replicates; write iom.batch({name.lower()}, panel)")
    return (data,)
