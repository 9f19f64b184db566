"""Decomposition of an observed change into adjustment lines and a remainder, with joint uncertainty."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base import axes_of_rows
from iom_causal.base.formats import percent
from iom_causal.base.setting_paths import get_path, replace_paths
from iom_causal.base.specs import FrozenMap, check_level, refuse_data
from iom_causal.beliefs import ends as belief_ends
from iom_causal.beliefs import theta as beliefs
from iom_causal.confounds import CONFOUNDS
from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate, Line, Part, value_text
from iom_causal.estimate.notes import ALLOWANCE, DAYS_DIFFER, LEFT_OUT, Note
from iom_causal.inputs.lines import (
    REMAINDER,
    JointDraws,
    central_lines,
    check_lines,
    completions,
    corners,
    joint_draws,
    with_remainder,
)
from iom_causal.inputs.moved_lines import CELLS, central_at, moved_lines, wide_at
from iom_causal.inputs.resampling import days_at_risk
from iom_causal.inputs.sample import exposure_words
from iom_causal.inputs.weighting import own_days_differ
from iom_causal.intervals import Draws
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.adjustment.attribution import chained, lmdi
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import Streams, as_generator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]


OF_MEAN_DAYS = Note(
    "days at risk differ between people: the pooled rate moves by itself where they follow from events, as in custody "
    "(Custody takes that out)",
    DAYS_DIFFER,
)
_IN_RATES = (
    "days at risk differ between people: each person's are in the rates, and the line on custody holds only the change "
    "in who was at liberty; "
)
IN_OWN_DAYS = Note(
    f"{_IN_RATES}regression to the mean reads from days, not dates, what custody left of the counts before", DAYS_DIFFER
)
MEAN_DAYS_REGRESS = Note(
    f"{_IN_RATES}regression to the mean takes everybody to have the mean, and where days are lost through events it "
    "takes out too much or too little",
    DAYS_DIFFER,
)


def _own_days(data: Panel | Moments) -> bool:
    """Return whether people have days at liberty of their own, so that rates are per day free already."""
    days = data.managed.exposure if isinstance(data, Panel) else None
    return days is not None and bool((days != days.reshape(-1, days.shape[-1])[0]).any())


@dataclass(frozen=True)
class Ledger:
    """Residual ratio, or difference of a score, after the listed adjustments: the ATT if they are right and complete.

    On the log scale (for a score, in points) the observed change is the sum of one line for each confound, which
    together are the change expected without the programme, and the remainder; what acts in proportion is for a
    score its share of the mean before. The
    remainder estimates the programme's ratio among managed people (the ATT) only if every adjustment is
    right and nothing is left out; the result's assumptions say both.

    Every line is that of all who were selected, for the rule selected the people lost to follow-up as it selected the
    others. The observed change is that of completers, and `Attrition` takes it to all who were selected; a ledger
    without it takes people lost to have changed as completers did, which is right if they were lost at random, and
    wrong where people with higher counts or scores before are lost more often: then a note advises it.

    Sampling and beliefs are propagated together. One draw serves the observed change and every line, because
    lines estimated from the same people move with it: a t distribution with n - 1 degrees of freedom and the
    covariance of the jackknife, worked out at central beliefs. Beliefs enter at full size, unwidened; each has its
    own random stream, so that adding a confound leaves the draws of the others alone. With no line the interval is
    that of `PairedT` for a score, and for a count at least as wide as that of `RateRatio`; both but for the noise of
    so many draws (with 20,000 about 1% of the width).
    A `Range` has no probability: the result is then the set over its ends, with an interval around it. So it is
    where a published table leaves the mean before of completers open: the set runs over all that it allows.

    Parameters
    ----------
    confounds : sequence of confounds
        One a line; stored as a tuple.
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

    reference: ClassVar[str] = (
        "Efron (1981), Biometrika 68, 589-599, on the jackknife; Ang (2004), Energy Policy 32, 1131-1139"
    )
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if isinstance(self.confounds, list):
            object.__setattr__(self, "confounds", tuple(self.confounds))
        if not isinstance(self.confounds, tuple):
            raise SpecError("IOM-E092", f"Ledger: expected a tuple of confounds, got {type(self.confounds).__name__}")
        refuse_data(self)
        check_level(self.level)
        if isinstance(self.draws, bool) or not isinstance(self.draws, int) or self.draws < 100:
            raise SpecError("IOM-E092", "draws: expected a whole number of at least 100")
        check_lines(self.confounds, "Ledger")

    def __call__(self, data: Panel | Moments, *, rng: Rng = None) -> Estimate:
        """Return the remainder as an estimate, its lines as parts.

        Raises
        ------
        InputError
            IOM-E047 on a panel with replicates, IOM-E060 for a single unit, and whatever a confound cannot work out.
        DegenerateDataError
            IOM-E064 when a window has no events, so that no ratio exists; IOM-E065 when all people changed alike.
        """
        return self.with_draws(data, rng=rng)[0]

    def with_draws(self, data: Panel | Moments, *, rng: Rng = None) -> tuple[Estimate, tuple[JointDraws, ...]]:
        """Return the remainder, and the joint draws that it was worked out from: one set for each of `cases`.

        Parameters
        ----------
        data, rng
            As for a call.

        Examples
        --------
        >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
        >>> result, (drawn,) = Ledger(draws=500).with_draws(panel, rng=1)
        >>> drawn.wide.shape
        (500, 1)
        """
        cases = self.cases(data)
        generator, seed = as_generator(rng)
        streams = Streams(int(generator.integers(2**63)), "ledger")
        drawn = [joint_draws(ledger.confounds, subject, streams=streams, size=self.draws) for ledger, subject in cases]
        tables = len({id(subject) for _, subject in cases})
        return self._estimate(cases[0][1], drawn, seed, tables=tables), tuple(drawn)

    @classmethod
    def from_evidence(cls, name: str | Path, *, level: float = LEVEL, draws: int = 20_000) -> Self:
        """Return the ledger of a set of evidence; `load_evidence` gives its sources and reasons.

        Parameters
        ----------
        name : str or Path
            One of `evidence_sets()`, or the path of an [evidence] file of one's own, which ends in ``.toml``.
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

        Where a `Range` or a published table leaves a set it is the remainder in the first of `cases`.

        Parameters
        ----------
        data : Panel or Moments
            As for a call.
        """
        ledger, subject = self.cases(data)[0]
        return float(with_remainder(central_lines(ledger.confounds, subject))[-1])

    def central_at(self, data: Panel | Moments, *fields: str) -> Callable[..., Floats]:
        """Return the central remainder as a function of settings, each a number or an array, broadcast together.

        Only the lines that hold these settings are worked out anew, each over its own settings alone, and several
        values at once where they are beliefs of a confound. Where a confound refuses a value there is NaN. Of a set it
        is the remainder in the first of `cases`.

        Parameters
        ----------
        data : Panel or Moments
            As for a call.
        *fields : str
            Dotted paths of settings of confounds, such as ``"detection.ratio"``.

        Raises
        ------
        SpecError
            IOM-E093 for an unknown path, IOM-E092 for a setting of no line.

        Examples
        --------
        >>> from iom_causal.confounds import Detection, History
        >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
        >>> left = Ledger([Detection(), History(ratio=1.0)]).central_at(panel, "detection.ratio", "history.ratio")
        >>> np.exp(left([[0.8], [1.0]], [0.9, 1.0])).round(3).tolist()  # a row for each ratio of detection
        [[0.617, 0.556], [0.494, 0.444]]
        """
        ledger, subject = self.cases(data)[0]
        moved = moved_lines(self, ledger.confounds, fields, partial(_remade, self, data, 0))
        return central_at(ledger.confounds, subject, moved, fields)

    def interval_at(self, data: Panel | Moments, *fields: str, rng: Rng = None) -> Callable[..., tuple[Floats, Floats]]:
        """Return both ends of the interval as functions of settings, on the log scale (points for a score).

        One set of joint draws serves all values (common random numbers): beliefs that are not moved, and people, have
        the draws that a call with the same `rng` gives them, so that the ends are those of a ledger with these
        values. (Where fewer people were compared than managed, degrees of freedom stay those of the settings as they
        are.) Of a set they are the ends around it.

        Parameters
        ----------
        data, rng
            As for a call.
        *fields : str
            As in `central_at`.
        """
        centre = {field: sum(belief_ends(get_path(self, field))) / 2 for field in fields}
        start = replace_paths(self, centre)
        generator, _ = as_generator(rng)
        streams = Streams(int(generator.integers(2**63)), "ledger")
        parts = []
        for k, (ledger, subject) in enumerate(start.cases(data)):
            drawn = joint_draws(ledger.confounds, subject, streams=streams, size=self.draws)
            moved = moved_lines(start, ledger.confounds, fields, partial(_remade, start, data, k))
            parts.append(wide_at(drawn, subject, moved, fields, streams))
        back, forth = (_same, _same) if data.kind == "score" else (np.exp, np.log)

        def interval(*values: ArrayLike) -> tuple[Floats, Floats]:
            grid = np.broadcast_shapes(*(np.shape(v) for v in values))
            found = np.array([_tails(part(*values), grid, self, back) for part in parts])
            with np.errstate(all="ignore"):
                return forth(found[:, 0].min(0)), forth(found[:, 1].max(0))

        return interval

    def cases(self, data: Panel | Moments) -> tuple[tuple[Self, Panel | Moments], ...]:
        """Return every ledger without ranges and every published table without gaps that this one stands for, in pairs.

        Each `Range` is set to each of its ends, and moments that leave the baseline open are completed by each of
        theirs; the result is the set over the cases. With neither there is one case.

        Examples
        --------
        >>> from iom_causal.beliefs import Range
        >>> from iom_causal.confounds.detection import Detection
        >>> m = Moments.from_summary(n=40, mean_pre=9.0, mean_post=7.0, sd_pre=3.0, sd_post=3.0, r=0.5)
        >>> [ledger.confounds[0].ratio for ledger, _ in Ledger([Detection(ratio=Range(0.8, 1.0))]).cases(m)]
        [0.8, 1.0]
        """
        subjects = completions(data)
        resolved = check_lines(self._resolved(subjects[0]), "Ledger")
        ledgers = [replace(self, confounds=sharp) for sharp in corners(resolved)]
        return tuple((ledger, subject) for subject in subjects for ledger in ledgers)

    def _resolved(self, subject: Panel | Moments) -> tuple[Any, ...]:
        """Return the lines as the data call for, of the managed alone where others would bring in what has a line."""
        stated = {c.line for c in self.confounds}
        resolved = []
        for confound in self.confounds:
            line = confound.resolved(subject)
            brought = set(line.also_holds) - set(confound.also_holds)
            alone = isinstance(subject, Panel) and bool(brought & stated)
            resolved.append(confound.resolved(subject.managed) if alone and isinstance(subject, Panel) else line)
        return tuple(resolved)

    def conditions(self, data: Panel | Moments) -> Mapping[str, str]:
        """Return the identifying assumption of each line, by its name, in the words of a sentence.

        Examples
        --------
        >>> from iom_causal.confounds.detection import Detection
        >>> m = Moments.from_summary(n=40, mean_pre=9.0, mean_post=7.0)
        >>> dict(Ledger([Detection(ratio=0.8)]).conditions(m))
        {'detection': 'the chance that the same conduct is recorded is 0.80 of what it was before'}
        """
        subject = completions(data)[0]
        resolved = self._resolved(subject)
        return FrozenMap({c.line: c.condition(subject, beliefs.central(c)) for c in resolved})

    def _estimate(
        self, subject: Panel | Moments, drawn: Sequence[JointDraws], seed: int | None, *, tables: int
    ) -> Estimate:
        score = subject.kind == "score"
        back = _same if score else np.exp
        wide = [with_remainder(d.wide) for d in drawn]
        with np.errstate(over="ignore"):  # of two people a draw may be beyond all numbers
            points = [float(back(with_remainder(d.central)[-1])) for d in drawn]
            distributions = [Draws(np.asarray(back(w[:, -1]))) for w in wide]
        around = [d.interval(self.level) for d in distributions]
        if not np.isfinite(points).all():
            raise SpecError(
                "IOM-E092", "Ledger: the allowances stated leave a remainder beyond all numbers; check them"
            )
        single = len(points) == 1
        n_input, n_used = _people(subject)
        lowest, highest = (_end(drawn[points.index(f(points))], score=score) for f in (min, max))
        diagnostics = {**lowest, "lines": _lines(drawn, wide, self.level), "from_others": _from_others(drawn)}
        cov = np.cov(with_remainder(drawn[0].values).T)
        return Estimate(
            outcome=subject.name,
            method="ledger",
            estimand=("att_score" if score else "att_ratio") if self.confounds else "descriptive_change",
            term="remainder after the listed allowances",
            scale="points" if score else "ratio",
            estimate=points[0] if single else None,
            std_error=float(np.sqrt(cov[-1, -1])) if single else None,
            std_error_scale="identity" if score else "log",
            conf_low=min(low for low, _ in around),
            conf_high=max(high for _, high in around),
            conf_level=self.level,
            interval="confidence" if single else "bounds",
            set_low=None if single else min(points),
            set_high=None if single else max(points),
            n_input=n_input,
            n_used=n_used,
            exposure=_exposure(subject),
            notes=(
                *self._notes(seed, ranges=len(points) > tables, gaps=tables > 1),
                *_pool_note(drawn),
                *self._advice(subject),
                *self._of_days(subject),
            ),
            assumptions=self._assumptions(subject, lost=n_used < n_input),
            diagnostics=FrozenMap(diagnostics if single else diagnostics | {"other_end": FrozenMap(highest)}),
            parts=_parts(diagnostics["lines"], np.sqrt(np.diag(cov))) if single else (),
            cov=cov if single else None,
            coefficient=REMAINDER,
            law=distributions[0] if single else None,
            spec=self,
        )

    def _notes(self, seed: int | None, *, ranges: bool, gaps: bool) -> tuple[str, ...]:
        sets: tuple[str, ...] = (
            ("the set runs over the ends of the ranges; the interval is around the set",) if ranges else ()
        )
        sets += ("the print leaves the mean before open; the set runs over all that it allows",) if gaps else ()
        made = "from a generator" if seed is None else f"seed {seed}"
        offences = any(c.speaks_of == "offences" for c in self.confounds)
        about = ("with detection allowed for, the remainder speaks of offences",) if offences else ()
        return (*sets, *about, f"{self.draws} joint draws, {made}")

    def _advice(self, subject: Panel | Moments) -> tuple[str, ...]:
        """Return why the data ask for lines that this ledger lacks."""
        covered = {line for c in self.confounds for line in (c.line, *c.also_holds)}
        return tuple(filter(None, (c.advice(subject) for c in CONFOUNDS if c.line not in covered)))

    def _of_days(self, subject: Panel | Moments) -> tuple[str, ...]:
        """Return how days at risk that differ between people are treated."""
        if not own_days_differ(subject):
            return ()
        if "custody" not in {c.line for c in self.confounds}:
            return (OF_MEAN_DAYS,)
        return (MEAN_DAYS_REGRESS if any(c.of_mean_days for c in self.confounds) else IN_OWN_DAYS,)

    def _assumptions(self, subject: Panel | Moments, *, lost: bool) -> tuple[str, ...]:
        covered = {line for c in self.confounds for line in (c.line, *c.also_holds)}
        covered |= ({"custody"} if _own_days(subject) else set()) | (set() if lost else {"attrition"})
        conditions = self.conditions(subject).items()
        left_out = (c for c in CONFOUNDS if c.in_ledger(subject.kind).assumed and c.line not in covered)
        return (
            *(Note(f"the allowance for {line} is right: {text}", ALLOWANCE) for line, text in conditions),
            *(Note(c.assumption_left_out, LEFT_OUT) for c in left_out),
        )

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the waterfall of an estimate that this ledger made: before, lines, expected, remainder, after.

        Each line starts where the one ahead of it ends, so that what is expected is the level before times every line.
        Of a set its two ends are drawn, one above the other, under the set and the interval around it.
        """
        score, both = estimate.scale == "points", ends(estimate)
        unit = "mean points" if score else "per person in a time as long as that observed before"
        ax = axes_of_rows.waterfall(
            *(_steps(end) for end in both), ax=ax, unit=f"{estimate.outcome}, {unit}", decimals=0 if score else 2
        )
        if len(both) > 1:
            ax.set_title(value_text(estimate), fontsize=9)
        return ax


def lines(estimate: Estimate) -> Mapping[str, Line]:
    """Return the lines of a ledger's estimate by name: the observed change, every adjustment and the remainder.

    Examples
    --------
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> round(lines(Ledger(draws=500)(panel, rng=1))["remainder"].low, 3)
    -0.811
    """
    by_name: Mapping[str, Line] = estimate.diagnostics["lines"]
    return by_name


def all_expected(estimate: Estimate) -> bool:
    """Whether all of the observed change, or more of it, was to be expected: a ledger's estimate in every case.

    Examples
    --------
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> all_expected(Ledger(draws=500)(panel, rng=1))
    False
    """
    nothing = 1.0 if estimate.scale == "ratio" else 0.0
    remain = (estimate.set_low, estimate.set_high) if estimate.estimate is None else (estimate.estimate,)
    fell = all(end["after"] < end["before"] for end in ends(estimate))
    return all(value is not None and (value >= nothing if fell else value <= nothing) for value in remain)


def ends(estimate: Estimate) -> tuple[Mapping[str, Any], ...]:
    """Return levels, shares and steps of a ledger’s estimate: once, or of a set at its lowest and highest remainder."""
    lowest = estimate.diagnostics
    return (lowest, lowest["other_end"]) if "other_end" in lowest else (lowest,)


def _steps(end: Mapping[str, Any]) -> list[tuple[str, float, bool]]:
    steps = end["steps"]
    lines = [(name, value, False) for name, value in steps.items() if name != REMAINDER]
    return [
        ("before", end["before"], True),
        *lines,
        ("expected without the programme", end["before"] + sum(v for _, v, _ in lines), True),
        (REMAINDER, steps[REMAINDER], False),
        ("observed after", end["after"], True),
    ]


def _from_others(drawn: Sequence[JointDraws]) -> float:
    """Return the largest share of the variance over the cases that comes of people who were never managed."""
    return max(d.from_others for d in drawn)


def _pool_note(drawn: Sequence[JointDraws]) -> tuple[str, ...]:
    share = round(_from_others(drawn), 1)
    said = f"about {percent(share)} of the variance that is sampling comes of the people who were never managed"
    return (said,) if share else ()


def _same(value: Any) -> Any:
    return value


def _remade(ledger: Ledger, data: Panel | Moments, case: int, values: Mapping[str, float]) -> tuple[Any, ...]:
    """Return the lines of one of the cases at other values of settings."""
    return tuple(replace_paths(ledger, values).cases(data)[case][0].confounds)


def _tails(cells: Callable[[slice], Floats], grid: tuple[int, ...], ledger: Ledger, back: Any) -> Floats:
    """Return the ends of the central interval of the draws of every cell of a grid, (2, ...)."""
    shares = [(1 - ledger.level) / 2, (1 + ledger.level) / 2]
    size, block = int(np.prod(grid)), max(1, CELLS // ledger.draws)
    found = []
    for k in range(0, size, block):
        with np.errstate(all="ignore"):
            found.append(np.quantile(back(cells(slice(k, k + block))), shares, axis=-1))
    return np.concatenate(found, axis=-1).reshape(2, *grid)


def _people(subject: Panel | Moments) -> tuple[int, int]:
    if isinstance(subject, Moments):
        return subject.n_input or subject.n, subject.n
    return subject.managed.n, subject.managed.prepost().n_complete


def _exposure(subject: Panel | Moments) -> str:
    unknown, personal = "taken as equal in both windows", "days at risk of each person"
    return exposure_words(days_at_risk(subject), unknown=unknown, personal=personal)


def _end(drawn: JointDraws, *, score: bool) -> dict[str, Any]:
    """Return the levels on one corner, how much of the change each line is worth, and the steps from line to line."""
    logs = with_remainder(drawn.central)[1:]
    total = float(logs[:-1].sum())
    shares, steps = (logs if score else worth(drawn.before, logs) for worth in (lmdi, chained))
    names = [*drawn.names[1:], REMAINDER]
    return {
        "before": drawn.before,
        "after": drawn.after,
        "expected_after": drawn.before + total if score else drawn.before * float(np.exp(total)),
        "attribution": FrozenMap(dict(zip(names, map(float, shares), strict=True))),
        "steps": FrozenMap(dict(zip(names, map(float, steps), strict=True))),
    }


def _lines(drawn: Sequence[JointDraws], wide: Sequence[Floats], level: float) -> FrozenMap[str, Line]:
    """Return the range of each line over all corners, and its interval; logs of ratios, or points."""
    central = [with_remainder(d.central) for d in drawn]
    tails = [np.quantile(w, [(1 - level) / 2, (1 + level) / 2], axis=0) for w in wide]
    values = np.min(central, 0), np.max(central, 0), np.min(tails, 0)[0], np.max(tails, 0)[1]
    rows = (Line(*map(float, row)) for row in zip(*values, strict=True))
    return FrozenMap(dict(zip([*drawn[0].names, REMAINDER], rows, strict=True)))


def _parts(lines: Mapping[str, Line], errors: Floats) -> tuple[Part, ...]:
    return tuple(
        Part(name, line.low, float(error), conf_low=line.conf_low, conf_high=line.conf_high)
        for (name, line), error in zip(lines.items(), errors, strict=True)
    )
