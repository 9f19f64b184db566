"""Simulation of offending careers with both potential outcomes, enrolment included."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.setting_paths import label
from iom_causal.base.specs import check_types, refuse_data
from iom_causal.beliefs import theta as beliefs
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.numerics.careers import kernel
from iom_causal.numerics.careers.parameters import record
from iom_causal.numerics.careers.rates import scratch
from iom_causal.numerics.kernels.counter_rng import person_uniforms
from iom_causal.roles import Confound, Rng
from iom_causal.simulate.career_fields import CareerFields
from iom_causal.simulate.month_tables import KernelInput, build
from iom_causal.simulate.replicates import one_of, stacked
from iom_causal.simulate.settings import (
    OLDEST,
    check,
)
from iom_causal.streams import Streams, as_generator, replicates_asked
from iom_causal.windows import check_windows
from iom_causal.world import Course, World

type Floats = NDArray[np.float64]

PATIENCE = 20_000
"""The most people drawn for one place; a rule that takes fewer than one in so many is refused with what it took."""
BLOCK = 500
LOOKED_AT = 1_000
_RECORDED, _FOLLOWED = 40, 41


@dataclass(frozen=True, kw_only=True)
class Careers(CareerFields):
    """A world of offending careers: called with a seed, it gives people with and without the programme.

    Right where a programme takes in people from a source population by some rule, and the question is what would have
    been seen had it done nothing. Month by month a lasting level, a drifting log rate, a curve by age, a calendar,
    pauses, excitation, custody and stopping for good make a person's rate, and events come from it. The
    confounds are those of the ledger, each through its own `mechanism`; the kernel knows none of them. Both courses
    are lived from one set of random numbers, so that all before entry is the same to the bit.

    Detection and events that supervision creates belong to management: they change for people who have entered, and
    stay as they were for the whole population else. Trend, season, ageing and stopping happen to all.

    Parameters
    ----------
    people : int
        Places in the programme. Without `pool`, people are drawn until all are filled, and only those selected are
        retained. A rule ``top`` takes as many, or, where its threshold is higher, more than enter.
    pool : int, optional
        How many people each force has; all are retained, so that comparison cohorts can be chosen among them.
    windows : tuple of Window
        With dates; months are their length cut evenly. Events between windows happen and are not seen.
    rate : belief
        Mean events a year at liberty in the source population, on the index date, before what `ages`,
        `pauses`, stopping and the confounds take from it or add.
    own_sd, shape : belief
        Spread of lasting levels: lognormal with this log SD, or gamma with this shape where it is given.
    drift_sd, return_rate : belief
        Log SD of the part of the rate that comes and goes, and how fast it is forgotten, a year.
    trend : belief
        Change of the log rate a year, common to all.
    desistance : belief
        Chance of stopping for good in a year, from the first window on.
    persistence : belief
        The chance that a level lasts beyond the index date; else it is drawn anew (the linear form of memory).
    trajectories, pauses, excitation, ages, engaged, score, drop_out
        See their classes; None or empty leaves them out.
    women : float
        Share of women.
    confounds : tuple of confounds
        As in a `Ledger`; beliefs that are distributions are drawn once a replicate, ranges are refused.
    programme : Programme
        What it does.
    enrolment : Enrolment
        Who gets in.
    forces, force_sd : int, float
        Forces with a pool of `pool` people each, of which only the first has the programme, and the log SD of what
        happens to one force alone on the index date.
    index_date : date, optional
        The day that windows are counted from.
    burn_in_months : int
        Months lived before the first window, for custody, excitation and score to settle.

    Raises
    ------
    SpecError
        IOM-E092 for a setting outside its bounds, IOM-E093 for a window that the rule cannot read.
    DegenerateDataError
        IOM-E061 from a call, when nobody is selected; the message holds how many people were tried.

    Notes
    -----
    Truths are in `World` as expected counts given each person's own history (Rao-Blackwell), which have less noise
    than events. The difference of two courses of one person depends on how they are coupled, and is no estimand.

    References
    ----------
    Maltz & Pollock (1980), Operations Research 28, 547-572; Blumstein, Cohen & Farrington (1988), Criminology 26,
    1-35; Ross (2013), Simulation, ch. 11 (thinning and time change).

    Examples
    --------
    >>> from iom_causal.simulate import Enrolment
    >>> from iom_causal.windows import Selection
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    >>> world = Careers(people=50, rate=1.0, own_sd=0.8, enrolment=Enrolment(selection=rule))(1)
    >>> world
    World(50 people, 2 windows)
    >>> bool((world.untreated.events[:, 0] >= 4).all())
    True
    """

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_windows(self.windows)
        _check(self)

    def __call__(self, rng: Rng = None) -> World:
        """Return one world, without a replicate axis."""
        return self.for_replay(rng)[0]

    def for_replay(self, rng: Rng = None) -> tuple[World, NDArray[np.uint64], NDArray[np.int64], KernelInput]:
        """Return one world with what replays it: random keys and numbers of its people, and the kernel's input."""
        streams = _streams(rng)
        keys = streams.keys("careers", 0)
        shown, given = self._settled or self._built(self._thetas(streams, np.arange(1)), 0)
        out = self._live(keys, given, 1)
        world = one_of(self._world(keys, out, given, shown))
        return world, np.repeat(keys, out.number.shape[1]), np.maximum(out.number[0], 0), given

    def batch(self, replicates: int | Sequence[int], *, rng: Rng | Streams = None, threads: int = 1) -> World:
        """Return many worlds at once, along a leading replicate axis.

        Parameters
        ----------
        replicates : int or sequence of int
            How many, or which numbers: the world of a number is the same in every block that holds it.
        rng : Generator, int, Streams or None
            The seed of all of them.
        threads : int
            How many to work with; they change nothing but the time.
        """
        numbers = replicates_asked(replicates, type(self).__name__)
        check(self, threads >= 1, "at least one thread")
        streams = _streams(rng)
        keys = streams.keys("careers", numbers)
        if self._settled is not None:
            shown, given = self._settled
            return replace(self._world(keys, self._live(keys, given, threads), given, shown), numbers=numbers)
        worlds, theta = [], self._thetas(streams, numbers)
        for k in range(numbers.size):
            shown, given = self._built(theta, k)
            worlds.append(self._world(keys[k : k + 1], self._live(keys[k : k + 1], given, 1), given, shown))
        return replace(stacked(worlds), numbers=numbers, theta=theta)

    def blocks(self, sims: int, *, rng: Rng | Streams = None, size: int = BLOCK, threads: int = 1) -> Iterator[World]:
        """Go through many worlds in blocks, so that memory does not grow with their number."""
        check(self, size >= 1, "blocks with a size of at least 1")
        streams = _streams(rng)
        for start in range(0, sims, size):
            yield self.batch(range(start, min(start + size, sims)), rng=streams, threads=threads)

    @cached_property
    def _settled(self) -> tuple[dict[str, float], KernelInput] | None:
        """The values and tables of every replicate where no belief is a distribution, else None."""
        if any(beliefs.distributed(source) for source in self._sources().values()):
            return None
        return self._built(self._thetas(Streams(0), np.arange(1)), 0)

    def _built(self, theta: Mapping[str, Floats], replicate: int) -> tuple[dict[str, float], KernelInput]:
        shown = {name: float(value[replicate]) for name, value in theta.items()}
        return shown, build(self, shown)

    def _thetas(self, streams: Streams, numbers: NDArray[np.int64]) -> dict[str, Floats]:
        """Draw every belief once a replicate, each from its own stream, by dotted path."""
        found: dict[str, Floats] = {}
        for prefix, source in self._sources().items():
            if beliefs.corners(source) != ({},):
                raise SpecError("IOM-E092", f"{prefix or 'Careers'}: a Range has no probability; state a distribution")
            if beliefs.distributed(source):
                rows = [
                    beliefs.draw(source, streams.generator(f"belief: {prefix}", int(number)), 1) for number in numbers
                ]
                found |= {prefix + name: np.array([float(row[name][0]) for row in rows]) for name in rows[0]}
            else:
                known = beliefs.central(source)
                found |= {prefix + name: np.full(numbers.size, value) for name, value in known.items()}
        return found

    def _sources(self) -> dict[str, Any]:
        return {"": self, "programme.": self.programme} | {f"{label(c)}.": c for c in self.confounds}

    def _live(self, keys: NDArray[np.uint64], given: KernelInput, threads: int) -> kernel.Courses:
        places = self.people if self.pool is None else self.pool * self.forces
        tries = self.people * PATIENCE if self.pool is None else places
        out = kernel.courses(keys.size, places, len(self.windows), scored=self.score is not None)

        def work(rows: slice) -> None:
            mine, room = kernel.Courses._make(a[rows] for a in out), scratch(given.window.size)
            kernel.live(
                keys[rows], tries, self.pool is not None, given.same, record(given.law), given.tables, room, mine
            )

        cuts = np.linspace(0, keys.size, min(threads, keys.size) + 1).astype(int)
        if len(cuts) == 2:
            work(slice(None))
            return out
        with ThreadPoolExecutor(len(cuts) - 1) as pool:
            list(pool.map(work, [slice(a, b) for a, b in itertools.pairwise(cuts)]))
        return out

    def _world(
        self,
        keys: NDArray[np.uint64],
        out: kernel.Courses,
        given: KernelInput,
        shown: Mapping[str, Any],
    ) -> World:
        force = out.number % self.forces if self.forces > 1 else np.zeros_like(out.number)
        selected = self._selected(out, force)
        first = selected & (force == 0)
        self._refuse_few(first.sum(-1), keys, out, given)
        managed = first if self.pool is None else first & (np.cumsum(first, axis=-1) <= self.people)
        courses = [self._follow(keys, out, self._course(out, arm), given) for arm in (0, 1)]
        recorded = self._recorded(keys, out, given)
        return World(
            windows=self.windows,
            untreated=courses[0],
            treated=courses[1],
            selected=selected,
            managed=managed,
            start=self._start(given, out.entry),
            value=out.value,
            age=out.age,
            covariates=self._covariates(out, force),
            recorded=recorded,
            in_extract=None if given.law.absent == 0 else (out.kind & 4) == 0,
            drawn=out.drawn,
            places=None if self.pool is None else min(self.people, self._top or self.people),
            filled=managed.sum(-1),
            selection=self.enrolment.rule_for(self.people),
            noise=float(self.enrolment.noise),
            reads=self._rereads,
            index_date=self.index_date,
            name=self.name,
            score_name=self.score_name,
            theta=shown,
        )

    @property
    def _top(self) -> int | None:
        """How many people a rule ``top`` takes, else None."""
        return self.enrolment.top_of(self.people)

    @property
    def _rereads(self) -> str | None:
        alone = self.engaged is None or self.engaged.others_join == 1 or self.enrolment.reads == "rate"
        return self.enrolment.rereads if alone else None

    def _refuse_few(
        self, selected: NDArray[np.int64], keys: NDArray[np.uint64], out: kernel.Courses, given: KernelInput
    ) -> None:
        """Refuse a cohort of nobody, and one whose places could not be filled from as many people as anybody draws."""
        wanted, worst = 1 if self.pool is not None else self.people, int(selected.argmin())
        if selected[worst] >= wanted:
            return
        found = (
            f"{int(selected[worst]):,} of {wanted:,} places could be filled" if selected[worst] else "nobody was picked"
        )
        raise DegenerateDataError(
            "IOM-E061",
            f"Careers: {found} among {int(out.drawn[worst]):,} people drawn{self._reached(keys[:1], given)}; lower the "
            "threshold, or raise the rate or the pool",
        )

    def _reached(self, keys: NDArray[np.uint64], given: KernelInput) -> str:
        """Report the highest values that the rule reads among the first people."""
        rule = self.enrolment.selection
        if rule is None:
            return ""
        out = kernel.courses(1, LOOKED_AT, len(self.windows), scored=self.score is not None)
        room = scratch(given.window.size)
        kernel.live(keys, LOOKED_AT, True, given.same, record(given.law), given.tables, room, out)  # noqa: FBT003 compiled
        return f", where the rule asks for {rule.threshold:g} and {LOOKED_AT:,} of them reach {out.value.max():g}"

    def _selected(self, out: kernel.Courses, force: NDArray[np.int64]) -> NDArray[np.bool_]:
        places = self._top
        if places is None:
            return out.selected
        selected = np.zeros_like(out.selected)
        for f in range(self.forces):
            value = np.where((force == f) & out.selected, out.value, -np.inf)
            chosen, order = np.zeros_like(selected), np.argsort(-value, axis=-1, kind="stable")[:, :places]
            np.put_along_axis(chosen, order, values=True, axis=-1)
            selected |= chosen & np.isfinite(value)
        return selected

    def _course(self, out: kernel.Courses, arm: int) -> Course:
        return Course(
            events=out.events[:, arm],
            expected=out.expected[:, arm],
            offences=out.offences[:, arm],
            exposure=out.exposure[:, arm],
            score=out.score[:, arm] if self.score is not None else None,
        )

    def _start(self, given: KernelInput, entry: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first window that ends after each person's month of entry; the number of windows for never."""
        months = given.law.origin + np.arange(given.tables.steps.max() + 1)
        return np.asarray(np.searchsorted(given.tables.spans[:, 1], months, side="right")[entry])

    def _covariates(self, out: kernel.Courses, force: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        covariates: dict[str, NDArray[Any]] = {}
        if self.women > 0:
            covariates["woman"] = (out.kind >> 1) & 1
        if self.engaged is not None:
            covariates["engaged"] = out.kind & 1
        if len(self.trajectories) > 1:
            covariates["trajectory"] = out.kind >> 3
        if self.forces > 1:
            covariates["force"] = force
        if len(self.enrolment.entry_months) > 1:
            covariates["entry_months"] = out.entry
        return covariates

    def _recorded(self, keys: NDArray[np.uint64], out: kernel.Courses, given: KernelInput) -> NDArray[np.bool_] | None:
        """Mark the people tracked after."""
        untracked = (given.mechanism.drop_out or {}).get("untracked")
        return person_uniforms(keys, out.number, _RECORDED) >= untracked if untracked else None

    def _follow(self, keys: NDArray[np.uint64], out: kernel.Courses, course: Course, given: KernelInput) -> Course:
        """Return a course with whose score after is known on it."""
        drop_out, score = self.drop_out, course.score
        if drop_out is None or score is None or self.score is None:
            return course
        post = np.array([w.post for w in self.windows])
        lost = drop_out.chance(score[..., ~post][..., -1] - self.score.base, course.events[..., post].sum(-1))
        followed = person_uniforms(keys, out.number, _FOLLOWED) >= lost
        delta = (given.mechanism.drop_out or {}).get("delta", 0.0)
        if delta:
            unseen = self.score.on_grid(score[..., post] + delta)
            score[..., post] = np.where(followed[..., None], score[..., post], unseen)
        return replace(course, followed=followed)


def _check(spec: Careers) -> None:
    bounds = dict.fromkeys(("rate", "return_rate", "shape"), beliefs.POSITIVE)
    bounds |= dict.fromkeys(("own_sd", "drift_sd"), beliefs.AT_LEAST_ZERO)
    bounds |= {"desistance": beliefs.SHARE_BELOW_ONE, "persistence": beliefs.SHARE, "trend": beliefs.ANY}
    beliefs.check_beliefs(spec, bounds)
    check(spec, spec.people >= 1 and 0 <= spec.burn_in_months <= 12 * OLDEST, "people, and burn_in_months up to a life")
    check(spec, spec.pool is None or spec.pool >= spec.people, "a pool of at least as many as there are places")
    check(spec, 0 <= spec.women <= 1 and spec.force_sd >= 0, "a share of women in [0, 1] and a force_sd of at least 0")
    check(spec, {w.post for w in spec.windows} == {False, True}, "a window before the index date, and one after it")
    check(spec, spec.forces == 1 or (spec.forces > 1 and spec.pool is not None), "a pool where there are more forces")
    top = spec.enrolment.top_of(spec.people)
    check(spec, top is None or spec.pool is not None, "a pool where the rule takes the top of it")
    check(
        spec,
        top is None or spec.people <= top,
        f"people of at most {top}, the threshold of a rule that takes the top, got {spec.people:,}; leave "
        "enrolment.selection.threshold out, and the rule takes as many as there are places",
    )
    check(spec, spec.enrolment.reads != "score" or spec.score is not None, "a score where the rule reads it")
    check(spec, spec.drop_out is None or spec.score is not None, "a score where its follow-up drops out")
    if spec.trajectories:
        check(spec, abs(sum(t.share for t in spec.trajectories) - 1) < 1e-9, "trajectories whose shares add up to 1")
        check(spec, sum(t.share * t.level for t in spec.trajectories) > 0, "a trajectory with a level above 0")
    for confound in spec.confounds:
        check(spec, isinstance(confound, Confound), f"confounds, got {type(confound).__name__}")
    names = [label(c) for c in spec.confounds]
    check(spec, len(set(names)) == len(names), "each confound once")


def _streams(rng: Rng | Streams) -> Streams:
    if isinstance(rng, Streams):
        return rng
    generator, _ = as_generator(rng)
    return Streams(int(generator.integers(2**63)), "careers")
