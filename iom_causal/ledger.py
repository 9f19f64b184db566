"""From observed to expected without the programme to what remains, line by line, with uncertainty."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal import draw
from iom_causal import theta as beliefs
from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate, Part
from iom_causal.intervals import Draws
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.attribution import lmdi
from iom_causal.panel import Panel
from iom_causal.roles import Confound, Rng
from iom_causal.specs import FrozenMap, check_level, refuse_data
from iom_causal.streams import Streams, as_generator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]
type Theta = Mapping[str, Any]

BLOCK = 2000
"""Draws worked on together, so that memory does not grow with their number."""
MOST_RANGES = 10
EVERY_CONFOUND: Mapping[str, str] = FrozenMap(
    {
        "regression to the mean": "nobody was picked on a high count that would have fallen anyway",
        "ageing": "people of these ages would not have changed with age",
        "history": "nothing else changed over the same time",
        "season": "the seasons that each window holds made no difference",
        "detection": "the share of offences that leads to an arrest did not change",
        "custody": "time at liberty did not change",
        "breach": "supervision created no arrests",
        "attrition": "people lost to follow-up changed as the others did",
    }
)
"""What is assumed about each line of the one equation when it is left out."""


class Drawn(NamedTuple):
    """Draws of the observed change and of every line, (D,) and (D, K)."""

    observed: Floats
    lines: Floats


@dataclass(frozen=True)
class Ledger:
    """What remains of a change after the listed allowances, if these allowances are right.

    On the log scale (for a score, in points) the observed change is the sum of one line for each
    confound, the change that would have been expected without the programme, and the remainder. The
    remainder estimates the programme's ratio among managed people (the ATT) only if every allowance is
    right and nothing is left out; the result's assumptions say both.

    Sampling and beliefs are propagated together. One set of exponential bootstrap weights serves the
    observed change and every line, because lines estimated from the same people move with it; each
    belief has its own random stream, so that adding a confound leaves the draws of the others alone.
    A `Range` has no probability: the result is then the set over its ends, with an interval around it.

    Parameters
    ----------
    confounds : sequence of confounds
        One a line; kept as a tuple.
    level : float
        Of the interval.
    draws : int
        How many joint draws.

    Examples
    --------
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> round(Ledger(draws=500)(panel, rng=1).estimate, 3)
    0.444
    """

    confounds: Sequence[Any] = ()
    level: float = LEVEL
    draws: int = 20_000

    reference: ClassVar[str] = "Rubin (1981), Ann. Stat. 9, 130-134; Ang (2004), Energy Policy 32, 1131-1139"
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if isinstance(self.confounds, list):
            object.__setattr__(self, "confounds", tuple(self.confounds))
        refuse_data(self)
        check_level(self.level)
        if isinstance(self.draws, bool) or not isinstance(self.draws, int) or self.draws < 100:
            raise SpecError("IOM-E092", "draws: expected a whole number of at least 100")
        for confound in self.confounds:
            if not isinstance(confound, Confound):
                raise SpecError("IOM-E092", f"Ledger: expected confounds, got {type(confound).__name__}")
        names = [c.line for c in self.confounds]
        if len(set(names)) < len(names):
            raise SpecError("IOM-E092", "Ledger: two confounds of one kind; give each line once")
        for confound in self.confounds:
            twice = set(getattr(confound, "also_holds", ())) & set(names)
            if twice:
                both = ", ".join(sorted(twice))
                raise SpecError("IOM-E092", f"Ledger: {confound.line} as set already holds {both}; leave one out")

    def __call__(self, data: Panel | Moments, *, rng: Rng = None) -> Estimate:
        """Return the remainder as an estimate, its lines as parts.

        Raises
        ------
        InputError
            IOM-E047 on a panel with replicates, and whatever a confound cannot work out.
        DegenerateDataError
            IOM-E064 when a window has no events, so that no ratio exists.
        """
        subject = _subject(data)
        told = self._resolved(subject)
        generator, seed = as_generator(rng)
        streams = Streams(int(generator.integers(2**63)), "ledger")
        corners = list(_corners(told))
        central = [_central(told, subject, corner) for corner in corners]
        drawn = [_drawn(told, subject, streams, corner, self.draws) for corner in corners]
        return self._estimate(subject, central, drawn, seed)

    @classmethod
    def from_evidence(cls, name: str, *, level: float = LEVEL, draws: int = 20_000) -> Self:
        """Return the ledger of a named set of evidence; `load_evidence` prints its sources and reasons.

        Parameters
        ----------
        name : str
            One of `evidence_sets()`.
        level, draws
            As in `Ledger`.

        Examples
        --------
        >>> [c.line for c in Ledger.from_evidence("england-wales-2012").confounds]
        ['regression to the mean', 'ageing', 'history']
        """
        return cls(load_evidence(name).confounds, level=level, draws=draws)

    def central(self, data: Panel | Moments) -> float:
        """Return the remainder at central beliefs without draws, on the log scale (points for a score).

        With a `Range` among the beliefs it is the remainder at the first of its ends.
        """
        subject = _subject(data)
        told = self._resolved(subject)
        observed, lines = _central(told, subject, next(_corners(told)))
        return observed - float(lines.sum())

    def _resolved(self, subject: Panel | Moments) -> tuple[Any, ...]:
        """Return the confounds with what they read off the data, such as how people were picked."""
        return tuple(c.resolved(subject) if hasattr(c, "resolved") else c for c in self.confounds)

    def _estimate(
        self,
        subject: Panel | Moments,
        central: Sequence[tuple[float, Floats]],
        drawn: Sequence[Drawn],
        seed: int | None,
    ) -> Estimate:
        score = subject.kind == "score"
        back = _same if score else np.exp
        points = [float(back(observed - lines.sum())) for observed, lines in central]
        remainders = [d.observed - d.lines.sum(-1) for d in drawn]
        laws = [Draws(np.asarray(back(r))) for r in remainders]
        ends = [law.interval(self.level) for law in laws]
        single = len(points) == 1
        n_input, n_used = _people(subject)
        return Estimate(
            outcome=subject.name,
            method="ledger",
            estimand=("att_score" if score else "att_ratio") if self.confounds else "descriptive_change",
            term="remainder after the listed allowances",
            scale="points" if score else "ratio",
            estimate=points[0] if single else None,
            std_error=float(np.std(remainders[0], ddof=1)) if single else None,
            std_error_scale="identity" if score else "log",
            conf_low=min(low for low, _ in ends),
            conf_high=max(high for _, high in ends),
            conf_level=self.level,
            interval="confidence" if single else "bounds",
            set_low=None if single else min(points),
            set_high=None if single else max(points),
            n_input=n_input,
            n_used=n_used,
            exposure=_exposure(subject),
            notes=self._notes(seed, single=single),
            assumptions=self._assumptions(),
            diagnostics=_diagnostics(subject, central, [c.line for c in self.confounds]),
            parts=_parts(central[0], drawn[0], [c.line for c in self.confounds], self.level) if single else (),
            cov=np.cov(np.column_stack([drawn[0].observed, drawn[0].lines, remainders[0]]).T) if single else None,
            law=laws[0] if single else None,
            spec=self,
        )

    def _notes(self, seed: int | None, *, single: bool) -> tuple[str, ...]:
        ranges = () if single else ("the set runs over the ends of the ranges; the interval is around the set",)
        made = "from a generator" if seed is None else f"seed {seed}"
        offences = any(getattr(c, "speaks_of", "") == "offences" for c in self.confounds)
        about = ("with detection allowed for, the remainder speaks of offences",) if offences else ()
        return (*ranges, *about, f"{self.draws} joint draws, {made}")

    def _assumptions(self) -> tuple[str, ...]:
        met = {c.line for c in self.confounds}
        allowed = tuple(f"the allowance for {c.line} is right" for c in self.confounds)
        return allowed + tuple(text for line, text in EVERY_CONFOUND.items() if line not in met)

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the waterfall of an estimate that this ledger made: before, lines, expected, remainder, after."""
        shares = estimate.diagnostics["attribution"]
        lines = [(name, value, False) for name, value in shares.items() if name != REMAINDER]
        steps = [
            ("before", estimate.diagnostics["before"], True),
            *lines,
            ("expected without the programme", estimate.diagnostics["before"] + sum(v for _, v, _ in lines), True),
            (REMAINDER, shares[REMAINDER], False),
            ("observed after", estimate.diagnostics["after"], True),
        ]
        return draw.waterfall(steps, ax, unit=f"{estimate.outcome} per person and window")


REMAINDER = "remainder"


def _corners(confounds: Sequence[Any]) -> Iterator[tuple[Theta, ...]]:
    ends = [list(beliefs.corners(c)) for c in confounds]
    if np.prod([len(e) for e in ends], initial=1) > 2**MOST_RANGES:
        raise SpecError("IOM-E092", f"Ledger: more than {MOST_RANGES} ranges; state some as distributions")
    return iter(product(*ends))


def _central(confounds: Sequence[Any], subject: Panel | Moments, corner: tuple[Theta, ...]) -> tuple[float, Floats]:
    shifts = [c.shift(subject, {**beliefs.central(c), **at}) for c, at in zip(confounds, corner, strict=True)]
    return float(_observed(subject)), np.array([float(s) for s in shifts])


def _drawn(
    confounds: Sequence[Any], subject: Panel | Moments, streams: Streams, corner: tuple[Theta, ...], size: int
) -> Drawn:
    thetas = [
        {**beliefs.draw(c, streams.generator(f"belief: {c.line}"), size), **at}
        for c, at in zip(confounds, corner, strict=True)
    ]
    weights = streams.generator("people")
    observed, lines = np.empty(size), np.empty((size, len(confounds)))
    for start in range(0, size, BLOCK):
        block = slice(start, min(start + BLOCK, size))
        people = _resampled(subject, weights, block.stop - start)
        observed[block] = _observed(people)
        for k, (confound, theta) in enumerate(zip(confounds, thetas, strict=True)):
            part = {name: value[block] if np.ndim(value) else value for name, value in theta.items()}
            lines[block, k] = confound.shift(people, part)
    return Drawn(observed, lines)


def _same(value: Any) -> Any:
    return value


def _subject(data: Panel | Moments) -> Panel | Moments:
    if isinstance(data, Moments):
        data.require("n", purpose="Ledger")
        return data
    if not isinstance(data, Panel):
        raise InputError("IOM-E035", f"Ledger: expected a Panel or Moments, got {type(data).__name__}")
    if data.replicates is not None:
        raise InputError("IOM-E047", "Ledger: this panel has replicates; write iom.batch(ledger, panel)")
    return data.managed


def _people(subject: Panel | Moments) -> tuple[int, int]:
    if isinstance(subject, Moments):
        return subject.n_input or subject.n, subject.n
    return subject.n, subject.prepost().n_complete


def _exposure(subject: Panel | Moments) -> str:
    days = _days(subject)
    if days is None:
        return "taken as equal in both windows"
    if days.ndim > 1:
        return "days at risk of each person"
    return f"{days[0]:g} and {days[1]:g} days"


def _days(subject: Panel | Moments) -> Floats | None:
    if isinstance(subject, Moments):
        return None if subject.exposure is None else np.array(subject.exposure)
    return subject.prepost().exposure


def _observed(subject: Panel | Moments) -> Any:
    """Return the log ratio per day at risk, or the mean change of a score; (D,) where people are resampled."""
    before, after = _levels(subject)
    if subject.kind == "score":
        return after - before
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(after) - np.log(before)
    if not np.isfinite(change).all():
        raise DegenerateDataError("IOM-E064", f"{subject.name}: a window without events has no ratio")
    return change


def _levels(subject: Panel | Moments) -> tuple[Floats, Floats]:
    """Return the mean before, and the mean after at the exposure before."""
    if isinstance(subject, Moments):
        before, after = (np.asarray(v) for v in subject.require("mean_pre", "mean_post", purpose="Ledger"))
        days = None if subject.kind == "score" else subject.exposure
        return before, after if days is None else after * (days[0] / days[1])
    two = subject.prepost()
    outcome = _shared(two.outcome)
    there = ~np.isnan(outcome).any(-1) if outcome.dtype.kind == "f" else np.ones(outcome.shape[:-1], dtype=np.bool_)
    weight = there * (1.0 if two.weight is None else two.weight)
    totals = _sum(weight, np.nan_to_num(outcome.astype(np.float64)))
    people = weight.sum(-1)
    if two.exposure is None or two.kind == "score":
        return totals[..., 0] / people, totals[..., 1] / people
    days_at_risk = _sum(weight, np.broadcast_to(_shared(two.exposure), outcome.shape))
    scale = days_at_risk[..., 0] / people
    return totals[..., 0] / people, totals[..., 1] / days_at_risk[..., 1] * scale


def _shared(block: NDArray[Any]) -> NDArray[Any]:
    """Return one replicate of a block that was only repeated, so that people are gone through once."""
    return block[0] if block.ndim == 3 and block.strides[0] == 0 else block


def _sum(weight: Floats, values: Floats) -> Floats:
    """Return weighted totals over people, (T,) or (D, T)."""
    if values.ndim == 2:
        return np.stack([weight @ np.ascontiguousarray(column) for column in values.T], axis=-1)
    return np.asarray(np.einsum("...n,...nt->...t", weight, values))


def _resampled(subject: Panel | Moments, rng: np.random.Generator, size: int) -> Panel | Moments:
    """Return the people under exponential weights (the Bayesian bootstrap), or moments drawn from their law."""
    if isinstance(subject, Moments):
        return _drawn_moments(subject, rng, size)
    weight = rng.standard_exponential((size, subject.n))
    if subject.weight is not None:
        weight = rng.standard_gamma(subject.weight.astype(np.float64), (size, subject.n))
    values = {f: getattr(subject, f) for f in ("kind", "windows", "name", "index_date", "age", "covariates", "ids")}
    exposure = subject.exposure
    if exposure is not None and exposure.ndim == 2:
        exposure = np.broadcast_to(exposure, (size, *exposure.shape))
    return Panel._trusted(  # noqa: SLF001 the arrays were made here
        **values,
        outcome=np.broadcast_to(subject.outcome, (size, *subject.outcome.shape)),
        exposure=exposure,
        weight=weight,
        start=subject.start,
        selection=subject.selection,
        synthetic=subject.synthetic,
    )


def _drawn_moments(m: Moments, rng: np.random.Generator, size: int) -> Moments:
    """Draw means and covariances from their sampling law under normality (Bartlett's decomposition)."""
    s1, s2, r = m.require("sd_pre", "sd_post", "r", purpose="Ledger")
    before, after = m.require("mean_pre", "mean_post", purpose="Ledger")
    root = np.linalg.cholesky(np.array([[s1 * s1, r * s1 * s2], [r * s1 * s2, s2 * s2]]))
    shift = rng.standard_normal((size, 2)) @ root.T / np.sqrt(m.n)
    wishart = np.zeros((size, 2, 2))
    wishart[:, 0, 0] = np.sqrt(rng.chisquare(m.n - 1, size))
    wishart[:, 1, 1] = np.sqrt(rng.chisquare(m.n - 2, size))
    wishart[:, 1, 0] = rng.standard_normal(size)
    half = root @ wishart / np.sqrt(m.n - 1)
    cov = half @ half.transpose(0, 2, 1)
    sd_pre, sd_post = np.sqrt(cov[:, 0, 0]), np.sqrt(cov[:, 1, 1])
    return m.with_arrays(
        mean_pre=before + shift[:, 0],
        mean_post=after + shift[:, 1],
        sd_pre=sd_pre,
        sd_post=sd_post,
        r=cov[:, 0, 1] / (sd_pre * sd_post),
    )


def _diagnostics(
    subject: Panel | Moments, central: Sequence[tuple[float, Floats]], names: Sequence[str]
) -> FrozenMap[str, Any]:
    before, after = (float(v) for v in _levels(subject))
    observed, lines = central[0]
    logs = np.append(lines, observed - lines.sum())
    worth = logs if subject.kind == "score" else lmdi(before, logs)
    shares = dict(zip([*names, REMAINDER], (float(v) for v in worth), strict=True))
    expected = before + lines.sum() if subject.kind == "score" else before * np.exp(lines.sum())
    return FrozenMap(
        {"before": before, "after": after, "expected_after": float(expected), "attribution": FrozenMap(shares)}
    )


def _parts(central: tuple[float, Floats], drawn: Drawn, names: Sequence[str], level: float) -> tuple[Part, ...]:
    observed, lines = central
    points = [observed, *lines, observed - lines.sum()]
    columns = [drawn.observed, *drawn.lines.T, drawn.observed - drawn.lines.sum(-1)]
    tails = [(1 - level) / 2, (1 + level) / 2]
    return tuple(
        Part(
            name,
            float(point),
            float(np.std(column, ddof=1)),
            conf_low=float(np.quantile(column, tails[0])),
            conf_high=float(np.quantile(column, tails[1])),
        )
        for name, point, column in zip(["observed", *names, REMAINDER], points, columns, strict=True)
    )
