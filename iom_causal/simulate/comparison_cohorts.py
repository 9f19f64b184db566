"""Comparison cohorts of untreated people from the same world, chosen as evaluators choose them.

Every strategy returns the same kind of panel: managed people first, then the others with their start masked, the same
windows and the same covariates. What each gets wrong is said in its docstring. Detection and events that supervision
creates belong to management, so that every contrast with others holds them.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.cohort import Cohort
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.numerics.comparison.matching import nearest_within, strata_of
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.simulate.data_strategies import Group, Observed, in_all, managed_groups
from iom_causal.simulate.eligibility import below, first_by_lot, highest, not_selected, selected_earlier
from iom_causal.simulate.random_draws import RandomDraws
from iom_causal.simulate.settings import check
from iom_causal.world import World


@dataclass(frozen=True, kw_only=True)
class NextBelow(Observed):
    """The people just below: not selected, and highest in what the rule read.

    Its estimand is the ATT. What it gets wrong: those below were left out for not being high enough, so that they
    regress less than the managed, or rise, and the difference keeps part of the regression to the mean. Below a hard
    rule are those under its cut (with ``top``: nobody higher than the lowest selected), below a soft one those whose
    chance is less than half and who have less than the selected have on average; people above it who did not join, or
    whom chance left out, are not among them.

    Parameters
    ----------
    people : int, optional
        How many; by default as many as are managed.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> NextBelow(people=100)(load_scenario("comparison-cohort").careers(1), rng=1)
    Panel('arrests', count, 160 people, 3 windows, synthetic)
    """

    people: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, self.people is None or self.people >= 1, "people of at least 1")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people and those just below; ties are broken at random."""
        others = below(world, not_selected(world, "NextBelow"))
        size = int(world.managed.sum(-1).max()) if self.people is None else self.people
        if int(others.sum(-1).min()) < size:
            raise DegenerateDataError(
                "IOM-E061", "NextBelow: fewer people are below the rule than asked for; give Careers a larger pool"
            )
        chosen = highest(world.value, size, others, RandomDraws.of(world, rng))
        return self._seen(world, [*managed_groups(world), Group(chosen, None, treated=False, selected=False)])


@dataclass(frozen=True, kw_only=True)
class MatchedOnHistory(Observed):
    """For each managed person, somebody who was not selected and had about as many events before.

    Its estimand is the ATT among those who have a match. Right when events before say the same of both groups' rates.
    What it gets wrong: where they do not, because the rule read something that tells more of the rate or because
    one group's rates last less, matching on events before brings regression to the mean back into the difference.
    People without a match are left out; the panel's notes say how many.

    Parameters
    ----------
    caliper : float
        The farthest apart, in SDs of the managed people's events before.
    exact : tuple of str
        Covariates that must agree.
    age_band : float, optional
        The width in years of the bands of age that must agree; None matches across ages.

    Notes
    -----
    Managed people are matched in random order and take the nearest that is left, so that nobody is a match twice.

    References
    ----------
    Austin (2011), Pharmaceutical Statistics 10, 150-161 (a caliper of .2 SD); Daw & Hatfield (2018), Health Services
    Research 53, 4138-4156 (matching and regression to the mean).

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> world = load_scenario("comparison-cohort").careers(1)
    >>> panel = MatchedOnHistory(caliper=0.5, exact=("woman",), age_band=20)(world, rng=1)
    >>> panel.notes
    ('16 of 60 managed people without a match are left out',)
    """

    caliper: float = 0.2
    exact: tuple[str, ...] = ()
    age_band: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, self.caliper >= 0, "a caliper of at least 0")
        check(self, self.age_band is None or self.age_band > 0, "an age_band above 0")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return matched managed people and their matches."""
        others = not_selected(world, "MatchedOnHistory")
        wanted = world.managed if world.in_extract is None else world.managed & world.in_extract
        matched, matches = self._pairs(world, wanted, others, RandomDraws.of(world, rng))
        if not matched.any(-1).all():
            raise DegenerateDataError(
                "IOM-E061", "MatchedOnHistory: no managed person has a match; widen the caliper or enlarge the pool"
            )
        groups = [*managed_groups(replace(world, managed=matched)), Group(matches, None, treated=False, selected=False)]
        lost, people = int((wanted & ~matched).sum()), int(wanted.sum())
        note = f"{lost:,} of {people:,} managed people{in_all(world)} without a match are left out"
        return self._seen(world, groups, (note,) if lost else ())

    def _pairs(
        self, world: World, wanted: NDArray[np.bool_], others: NDArray[np.bool_], draws: RandomDraws
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the managed people who have a match, and the matches."""
        before = world.untreated.events[..., ~world.post].sum(-1).astype(np.float64)
        matched, matches = np.zeros_like(wanted), np.zeros_like(wanted)
        rows = (np.atleast_2d(a) for a in (matched, matches, before, self._strata(world), wanted, others))
        for own, theirs, value, kind, mine, free, lot in zip(*rows, draws.generators, strict=True):
            if mine.any():
                pair = nearest_within(value, kind, mine, free, self.caliper * float(value[mine].std()), lot)
                own[:] = pair >= 0
                theirs[pair[pair >= 0]] = True
        return matched, matches

    def _strata(self, world: World) -> NDArray[np.int64]:
        for name in self.exact:
            check_choice(name, world.covariates, "MatchedOnHistory exact")
        traits = [world.covariates[name] for name in self.exact]
        if self.age_band is not None:
            traits.append(np.floor(np.nan_to_num(world.ages(), nan=-1.0) / self.age_band))
        return strata_of(traits, world.managed.shape)


@dataclass(frozen=True, kw_only=True)
class Historical(Observed):
    """The people whom the same rule would have selected some windows earlier, and what followed for them.

    Its estimand is the ATT. Right for regression to the mean, which was the same then. What it gets wrong: trend,
    season and whatever else differs between the two dates stays in the difference. Some people are in both groups.

    Parameters
    ----------
    earlier : int
        How many windows earlier.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> Historical()(load_scenario("comparison-cohort").careers(1), rng=1)
    Panel('arrests', count, 120 people, 2 windows, synthetic)
    """

    earlier: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, self.earlier >= 1, "earlier of at least 1")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people, and the earlier ones in the same columns."""
        then, notes = selected_earlier(world, self.earlier, "Historical", RandomDraws.of(world, rng))
        earlier = Group(then, None, treated=False, earlier=self.earlier, selected=True)
        return self._seen(world, [*managed_groups(world), earlier], notes)


@dataclass(frozen=True, kw_only=True)
class PlaceboDate(Observed):
    """The programme's rule at an earlier date, when there was no programme: an honest answer is nothing.

    Its estimand is a ratio of 1. What it shows is what the rule alone does, as far as the years then and now are alike.

    Parameters
    ----------
    earlier : int
        How many windows earlier.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> PlaceboDate()(load_scenario("comparison-cohort").careers(1), rng=1)
    Panel('arrests', count, 60 people, 2 windows, synthetic)
    """

    earlier: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, self.earlier >= 1, "earlier of at least 1")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return the people whom the rule would have selected then, as if they had been managed."""
        then, notes = selected_earlier(world, self.earlier, "PlaceboDate", RandomDraws.of(world, rng))
        first = int(np.flatnonzero(world.post)[0])
        return self._seen(world, [Group(then, first - self.earlier, treated=False, earlier=self.earlier)], notes)


@dataclass(frozen=True, kw_only=True)
class NeighbouringForce(Observed):
    """The people whom the same rule selects in another force, which has no programme.

    Its estimand is the ATT. Right when both forces share trend and season. What it gets wrong: what happened to one
    force alone is taken for the programme, and no standard error over people knows of it.

    Parameters
    ----------
    force : int
        Which; the programme's own is 0.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> NeighbouringForce()(load_scenario("comparison-cohort").careers(1))
    Panel('arrests', count, 120 people, 3 windows, synthetic)
    """

    force: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, self.force >= 1, "a force of at least 1, because 0 has the programme")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people and those selected in the other force."""
        del rng
        force = world.covariates.get("force")
        if force is None or not (force == self.force).any():
            raise SpecError(
                "IOM-E096", f"NeighbouringForce: no force {self.force}; give Careers forces={self.force + 1} and a pool"
            )
        there = world.selected & (force == self.force)
        return self._seen(world, [*managed_groups(world), Group(there, None, treated=False, selected=True)])


@dataclass(frozen=True, kw_only=True)
class OtherForces(Observed):
    """The people whom the same rule selects in every other force, none of which has a programme.

    Its estimand is the ATT. Right when forces share trend and season. What it gets wrong: what happened to one force
    alone is taken for the programme's. Where each person is a case no standard error knows of it; where each force is
    one, how the others differ does.

    Examples
    --------
    >>> from iom_causal.simulate import Careers, Enrolment
    >>> from iom_causal.windows import Selection
    >>> rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=20.0)
    >>> careers = Careers(people=20, pool=200, forces=4, rate=2.0, enrolment=Enrolment(selection=rule))
    >>> np.unique(OtherForces()(careers(1)).covariates["force"], return_counts=True)[1].tolist()
    [20, 20, 20, 20]
    """

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people and those selected in the other forces."""
        del rng
        force = world.covariates.get("force")
        if force is None:
            raise SpecError("IOM-E096", "OtherForces: this world has one force; give Careers more forces and a pool")
        return self._seen(
            world, [*managed_groups(world), Group(world.selected & (force > 0), None, treated=False, selected=True)]
        )


@dataclass(frozen=True, kw_only=True)
class NotSelected(Observed):
    """The people of the same force whom the rule did not select, all of them.

    Its estimand is the ATT. What it gets wrong, read as it is: the rule took those who happened to have many events,
    who fall by themselves, and these people do not. It is what a method is given that chooses among them, by matching
    or at the edge of the rule.

    Parameters
    ----------
    value : str
        The name under which what the rule read of each person is a covariate; empty for none.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> panel = NotSelected(value="read")(load_scenario("comparison-cohort").careers(1))
    >>> bool(panel.covariates["read"][panel.group].min() >= panel.covariates["read"][~panel.group].max())
    True
    """

    value: str = ""

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people and those who were not selected."""
        del rng
        others = not_selected(world, "NotSelected")
        if self.value:
            world = replace(world, covariates={**world.covariates, self.value: world.value})
        return self._seen(world, [*managed_groups(world), Group(others, None, treated=False, selected=False)])


@dataclass(frozen=True, kw_only=True)
class RandomHalf(Observed):
    """A lottery among the selected people for whom there are places: some are managed, and the others are not.

    Its estimand is `ate_eligible`, the average among all whom the rule selects, which by randomisation is that of the
    winners as well. What it gets wrong: nothing but chance; what management does to records remains in it.

    Parameters
    ----------
    share : float
        Of these people that the programme takes in.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> panel = RandomHalf()(load_scenario("comparison-cohort").careers(1), rng=1)
    >>> int(panel.group.sum()), panel.n
    (30, 60)
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, 0 < self.share < 1, "a share inside 0 to 1")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return the winners with the programme and the others without."""
        size = np.maximum(1, (self.share * world.managed.sum(-1)).astype(np.int64))
        won = first_by_lot(RandomDraws.of(world, rng).uniform(), world.managed, size[..., None])
        groups = managed_groups(replace(world, managed=won))
        return self._seen(world, [*groups, Group(world.managed & ~won, None, treated=False, selected=True)])
