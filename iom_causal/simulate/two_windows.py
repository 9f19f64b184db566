"""Simulation of counts before and after of people selected on the count before, from their joint distribution."""

import itertools
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import percent
from iom_causal.base.specs import check_choice, check_types, refuse_data
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.alias_sampler import PairTable, drawn_pairs, pair_table
from iom_causal.numerics.pairs.joint_pmf import JointPmf, pmf_moments
from iom_causal.numerics.pairs.moment_matching import fit_at_ratio
from iom_causal.numerics.pairs.moments import PairMoments, SelectedMoments
from iom_causal.numerics.pairs.rate_models import (
    IN_WORDS,
    RATES,
    Rates,
    SelectionFit,
    moments_of_selected,
    pmf_of_selected,
)
from iom_causal.numerics.pairs.thinning import thinned
from iom_causal.roles import Rng
from iom_causal.simulate.career_fields import PAPER_WINDOWS
from iom_causal.simulate.replicates import one_of
from iom_causal.simulate.settings import check
from iom_causal.streams import Seed, as_streams, replicates_asked
from iom_causal.windows import YEAR, Selection, Window, check_windows
from iom_causal.world import Course, World

type Floats = NDArray[np.float64]

MOST_RELIABLE = 0.995
"""Beyond it the sums over rates of two windows that are all but the same take too long."""
SHORT_OF_SPREAD = 0.005
"""Share of the SD of counts that those beyond the table may hold."""
_FIRST_STEPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)


@dataclass(frozen=True, kw_only=True)
class TwoWindowCounts:
    """A model of counts in two windows of people selected on the first: an alias table of their joint distribution.

    Right where people are exchangeable, their events are Poisson given their rates, and all that matters of these is
    how much they differ and how well they last. It is what a before/after study without comparison people needs, a
    thousand times as fast as `Careers`, which lives every month.

    Without the programme both counts come from the joint distribution of selected people, drawn exactly: selection
    weighs its cells. The programme multiplies every rate after: events that it prevents are taken out one by one
    (thinning), and where its ratio is above 1 the same is done the other way round, from the course with the
    programme. Both courses are those of a Poisson process with and without some of its events, so that each has the
    distribution that the rates give it.

    Parameters
    ----------
    people : int
        People in each cohort, all of them selected and managed.
    rate : float
        Mean events a year in the source population, in the window before.
    spread : float
        Of the rates: SD of the log where they are lognormal, coefficient of variation where they are gamma.
    reliability : float
        Correlation of the rates of the two windows, of the logs where they are lognormal: how well a rate lasts, from 0
        to .995. Counts correlate less, by the chance in both.
    rates : {"lognormal", "gamma", "renewed"}
        Mixing distribution: lognormal or gamma rates that drift, or gamma rates of which some are drawn anew.
    cut : float or None
        Fewest events before with which people are selected; with `softness`, the events at which half are. None
        selects everybody.
    softness : float
        Width of a soft rule: people with y events are selected with probability ``Phi((y - cut) / softness)``, as where
        noise of that SD is added to a count before it is held against the cut. 0 is a hard cut. What an evaluator is
        told of a soft rule is the same as of a cut with such noise in `Careers`.
    background_ratio : float
        Rate after over before in the source population without the programme: ageing, trend and the like.
    ratio : float
        The programme's ratio; with 1 it does nothing.
    windows : tuple of Window
        One before and one after, with dates.

    Raises
    ------
    SpecError
        IOM-E092 for a setting outside its bounds.
    InputError
        IOM-E092 from a call, where people differ so much that counts too large to draw hold half a percent of the SD.

    Notes
    -----
    `World.expected` is the mean of the selected people's rates in each window, the same for all: `att_ratio` of each
    world is then `ratio` itself, with no noise in it.

    References
    ----------
    Walker (1977), ACM TOMS 3, 253-256; Kingman (1993), Poisson Processes, 5.1 (thinning).

    Examples
    --------
    >>> from iom_causal.simulate import BeforeAfter, att_ratio
    >>> model = TwoWindowCounts(rate=1.0, spread=0.75, reliability=0.75, cut=4, ratio=0.9)
    >>> world = model.batch(3, rng=1)
    >>> world, att_ratio(world).round(12).tolist()
    (World(225 people, 2 windows, 3 replicates), [0.9, 0.9, 0.9])
    >>> round(model.untreated_ratio, 3)  # that of a programme that does nothing
    0.55
    """

    people: int = 225
    rate: float = 1.0
    spread: float = 0.75
    reliability: float = 0.75
    rates: Rates = "lognormal"
    cut: float | None = None
    softness: float = 0.0
    background_ratio: float = 1.0
    ratio: float = 1.0
    windows: tuple[Window, Window] = PAPER_WINDOWS

    name: ClassVar[str] = "arrests"

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.rates, RATES, "rates")
        check_windows(self.windows)
        two = len(self.windows) == 2 and [w.post for w in self.windows] == [False, True]
        check(self, two and all(w.days for w in self.windows), "a window before and a window after, both with dates")
        check(self, self.people >= 1, "at least 1 person")
        above = (self.rate, self.spread, self.background_ratio, self.ratio)
        check(self, all(0 < v < math.inf for v in above), "rate, spread and ratios above 0")
        check(self, 0 <= self.reliability <= MOST_RELIABLE, f"a reliability from 0 to {MOST_RELIABLE:g}")
        check(self, 0 <= self.softness < math.inf and math.isfinite(self.cut or 0.0), "a finite cut and softness")
        check(self, self.cut is not None or self.softness == 0, "a cut where there is a softness")

    @classmethod
    def from_moments(
        cls,
        moments: Moments,
        *,
        ratio: float = 1.0,
        background_ratio: float = 1.0,
        people: int | None = None,
        rates: Rates = "lognormal",
    ) -> Self:
        """Exact match of a published table's moments by selected people whom a programme of this ratio was given.

        Cohorts that are drawn with the programme have the same means, SDs and correlation on average whatever its
        ratio is, as the table says nothing of that.

        Parameters
        ----------
        moments : Moments
            Of a count, with dates or days where windows are not those of the paper.
        ratio, background_ratio : float
            What the programme did, and all else.
        people : int, optional
            In each cohort; by default as many as the table has.
        rates : {"lognormal", "gamma", "renewed"}
            Mixing distribution of rates.

        Raises
        ------
        InputError
            IOM-E067 when a figure that is needed is not reported.
        NotIdentifiedError
            IOM-E068 when no population and rule of this kind have such moments with that ratio.

        Examples
        --------
        >>> paper = Moments(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
        >>> both = [TwoWindowCounts.from_moments(paper, ratio=r).treated for r in (1.0, 0.8)]
        >>> [round(m.mean_post, 3) for m in both]
        [3.61, 3.61]
        """
        check_choice(rates, RATES, "rates")
        m1, s1, m2, s2, r = moments.require("mean_pre", "sd_pre", "mean_post", "sd_post", "r", purpose=cls.__name__)
        windows = moments.windows if moments.exposure is not None else PAPER_WINDOWS
        before, after = (float(w.days or 0) for w in windows)
        fit = _fit(PairMoments(m1, s1, m2, s2, r), ratio * background_ratio, after / before, rates)
        return cls(
            people=moments.n if people is None else people,
            rate=fit.mean * YEAR / before,
            spread=fit.spread,
            reliability=fit.correlation,
            rates=rates,
            cut=fit.cut,
            softness=fit.softness,
            background_ratio=background_ratio,
            ratio=ratio,
            windows=windows,
        )

    def __call__(self, rng: Rng = None) -> World:
        """Return one world, without a replicate axis."""
        return one_of(self.batch(1, rng=rng))

    def batch(self, replicates: int | Sequence[int] | ArrayLike, *, rng: Seed = None, threads: int = 1) -> World:
        """Return many worlds at once, along a leading replicate axis.

        Parameters
        ----------
        replicates : int or sequence of int
            How many, or which numbers: the world of a number is the same in every block that holds it.
        rng : Streams, Generator, int or None
            The seed of all of them.
        threads : int
            How many to work with; they change nothing but the time.
        """
        numbers = replicates_asked(replicates, type(self).__name__)
        check(self, threads >= 1, "at least one thread")
        streams = as_streams(rng)
        keys = [streams.keys(role, numbers) for role in ("two windows", "two windows, prevented")]
        cuts = np.linspace(0, numbers.size, min(threads, numbers.size) + 1).astype(int)
        parts = [slice(a, b) for a, b in itertools.pairwise(cuts)]
        if len(parts) == 1:
            return self._world(numbers, *self._courses(*keys))
        with ThreadPoolExecutor(len(parts)) as pool:
            drawn = list(pool.map(lambda rows: self._courses(*(k[rows] for k in keys)), parts))
        return self._world(numbers, *(np.concatenate(course) for course in zip(*drawn, strict=True)))

    @property
    def share(self) -> float:
        """Share of the source population that is selected."""
        return self._selected(self.background_ratio).share

    @property
    def untreated(self) -> PairMoments:
        """Means, SDs and correlation of the selected people's counts without the programme, in closed form."""
        return self._selected(self.background_ratio).moments

    @property
    def treated(self) -> PairMoments:
        """The same with the programme: what is observed."""
        return self._selected(self.background_ratio * self.ratio).moments

    @property
    def untreated_ratio(self) -> float:
        """Expected events a day after over before without the programme: regression to the mean and the background."""
        return self.untreated.mean_post / self.untreated.mean_pre / self._length

    @property
    def rate_before(self) -> float:
        """Mean of the selected people's rates in the window before, in events: their mean without the luck in it."""
        # A rate that lasts entirely is, in the window after, the one before.
        mean, spread, _, cut, softness = self._population
        return moments_of_selected(self.rates, mean, spread, 1.0, cut, softness, 1.0).moments.mean_post

    def joint_pmf(self, ratio: float = 1.0) -> JointPmf:
        """Return the joint distribution of the selected people's counts, where the programme's ratio is this one."""
        return pmf_of_selected(self.rates, *self._population, self.background_ratio * ratio * self._length)

    @property
    def _length(self) -> float:
        before, after = (float(w.days or 0) for w in self.windows)
        return after / before

    @property
    def _population(self) -> tuple[float, float, float, float, float]:
        """Mean before, spread and reliability of the source population's rates, cut and softness of the rule."""
        mean = self.rate * float(self.windows[0].days or 0) / YEAR
        return mean, self.spread, self.reliability, 0.0 if self.cut is None else self.cut, self.softness

    def _selected(self, ratio: float) -> SelectedMoments:
        return moments_of_selected(self.rates, *self._population, ratio * self._length)

    @cached_property
    def _table(self) -> PairTable:
        """The table of the course with more events; the other one has some of them."""
        ratio = max(self.ratio, 1.0)
        joint = self.joint_pmf(ratio)
        self._check_cells(joint, self._selected(self.background_ratio * ratio).moments)
        return pair_table(joint.pmf)

    def _check_cells(self, joint: JointPmf, whole: PairMoments) -> None:
        """Refuse counts of which the largest, rare as they are, hold a part of the spread that the table leaves out."""
        held = pmf_moments(joint)[0]
        short = 1 - min(held.sd_pre / whole.sd_pre, held.sd_post / whole.sd_post)
        if short > SHORT_OF_SPREAD:
            raise InputError(
                "IOM-E092",
                f"TwoWindowCounts: counts above {max(joint.pmf.shape) - 1:,}, which it does not draw, hold "
                f"{percent(short, 1)} of the SD of counts here; expected a lower rate or spread, or take Careers",
            )

    @cached_property
    def _expected(self) -> tuple[float, float, float]:
        """Mean rates of the selected people: before, and after without and with the programme."""
        after = self.untreated.mean_post
        return self.rate_before, after, after * self.ratio

    def _courses(self, keys: NDArray[np.uint64], prevented: NDArray[np.uint64]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Draw events without and with the programme, (R, n, 2) each; one array where it does nothing."""
        more = drawn_pairs(self._table, keys, self.people)
        if self.ratio == 1:
            return more, more
        fewer = more.copy()
        fewer[..., 1] = thinned(more[..., 1], min(self.ratio, 1 / self.ratio), prevented)
        return (more, fewer) if self.ratio < 1 else (fewer, more)

    def _world(self, numbers: NDArray[Any], without: NDArray[Any], taken: NDArray[Any]) -> World:
        people = without.shape[:2]
        everybody = np.broadcast_to(np.True_, people)
        before, *after = self._expected
        courses = [self._course(events, (before, mean)) for events, mean in zip((without, taken), after, strict=True)]
        return World(
            windows=self.windows,
            untreated=courses[0],
            treated=courses[1],
            selected=everybody,
            managed=everybody,
            start=np.broadcast_to(1, people),
            value=np.broadcast_to(np.nan, people) if self.cut is None else without[..., 0],
            age=None,
            drawn=np.full(len(numbers), self.people),
            filled=np.full(len(numbers), self.people),
            selection=self._selection,
            noise=self.softness,
            reads=None if self.cut is None else "events",
            name=self.name,
            numbers=numbers,
        )

    def _course(self, events: NDArray[Any], means: tuple[float, float]) -> Course:
        expected = np.broadcast_to(means, events.shape)
        days = np.broadcast_to([float(w.days or 0) for w in self.windows], events.shape)
        return Course(events=events, expected=expected, offences=expected, exposure=days)

    @property
    def _selection(self) -> Selection | None:
        if self.cut is None:
            return None
        return Selection(self.name, (self.windows[0].label,), "at_least", "at_boundary", threshold=self.cut)


def _fit(moments: PairMoments, ratio: float, length: float, rates: Rates) -> SelectionFit:
    """Search the population and rule at a ratio, from 1 on the way to it where the direct search ends elsewhere.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when there is none.
    """
    fit = fit_at_ratio(moments, ratio * length, rates=rates)
    for step in _FIRST_STEPS:
        if fit.exact:
            return fit
        start = fit_at_ratio(moments, step * length, rates=rates)
        fit = fit_at_ratio(moments, ratio * length, start, rates) if start.exact else fit
    raise NotIdentifiedError(
        "IOM-E068",
        f"no population with {IN_WORDS[rates]} and people picked on the count before has these moments where the "
        f"programme's ratio and all else come to {ratio:g}; take a ratio nearer to 1, or other rates",
    )
