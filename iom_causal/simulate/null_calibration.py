"""How often people picked like this would show such a fall if the programme did nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal import draw
from iom_causal.beliefs import Belief, Range
from iom_causal.errors import SpecError
from iom_causal.formats import fixed, percent
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy
from iom_causal.roles import Rng
from iom_causal.simulate import null_phrases as phrases
from iom_causal.simulate.null_ridge import Floats, Known, Narrowed, find_ridge, narrowed, points
from iom_causal.simulate.null_told import Told, what_is_told
from iom_causal.simulate.null_worlds import Checks, Falls, NullWorld, RateWorld, Settings, fitted_worlds, rate_worlds
from iom_causal.specs import EMPTY, FrozenMap, check_level
from iom_causal.streams import Streams, as_generator
from iom_causal.theta import POSITIVE, check_beliefs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SIMS = 10_000
FEWEST = 100
ASSUMPTIONS = (
    "people were picked on their count in the whole window before and on nothing else, the more likely the higher",
    "rates are lognormal, with the same spread in both windows, and events are Poisson given the rates",
    "without the programme everybody’s mean changes by one ratio, the background",
)


@dataclass(frozen=True, kw_only=True)
class NullBeliefs:
    """What is believed of the population and of the time without the programme.

    Parameters
    ----------
    pool_share : belief, optional
        Share of everybody who could have been picked that was picked.
    pool_mean : belief, optional
        Events of everybody who could have been picked, themselves included, in the window before.
    background_ratio : belief
        After over before for everybody without the programme: ageing, trend and the like; picking is not in it.
    """

    pool_share: Belief | None = None
    pool_mean: Belief | None = None
    background_ratio: Belief = 1.0

    def __post_init__(self) -> None:
        check_beliefs(self, dict.fromkeys(("pool_share", "pool_mean", "background_ratio"), POSITIVE))
        if self.pool_share is not None and self.pool_mean is not None:
            raise SpecError("IOM-E092", "pool_share and pool_mean each pick out worlds; give one of them")

    @property
    def pool(self) -> tuple[Known, Belief] | None:
        """What is believed of the population, or None."""
        if self.pool_mean is not None:
            return "mean", self.pool_mean
        return None if self.pool_share is None else ("share", self.pool_share)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NullCalibration:
    """Falls without the programme, over every world that prints the same moments.

    The worlds form a ridge: the printed moments cannot tell one from another, nor worlds in which the programme
    did something from worlds in which it did nothing. Read the figures along it, never one of them.

    Parameters
    ----------
    outcome : str
        What was counted.
    n, n_input : int
        People used, and people given.
    fall : float
        Observed, as a share of the rate before.
    t : float
        The paired t, after minus before.
    worlds : tuple of NullWorld
        In order of the ratio, and of the background within it.
    on_rate : tuple of RateWorld
        The other end of the bracket, where nothing regresses; empty where no lognormal rates have the moments.
    beliefs : NullBeliefs
        What narrowed the ridge, and the background.
    mean_chance : float or None
        The mean of `NullWorld.chance` over the beliefs, where all of them have a probability.
    level : float
        Of the intervals.
    seed : int or None
        Of the simulated cohorts.
    checked : mapping of str to str
        The fields of `Checks` that could be worked out, in words.
    notes : tuple of str
        What to know about these figures.
    assumptions : tuple of str
        What they rest on.
    """

    outcome: str
    n: int
    n_input: int
    fall: float
    t: float
    worlds: tuple[NullWorld, ...]
    on_rate: tuple[RateWorld, ...]
    beliefs: NullBeliefs
    mean_chance: float | None
    level: float
    seed: int | None
    checked: Mapping[str, str] = EMPTY
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ASSUMPTIONS

    @property
    def chance(self) -> tuple[float, float]:
        """The smallest and the largest chance of such a fall over the worlds."""
        chances = [w.chance for w in self.worlds]
        return min(chances), max(chances)

    @property
    def backgrounds(self) -> tuple[float, ...]:
        """The background ratios, the largest first."""
        return tuple(sorted({w.background_ratio for w in self.worlds}, reverse=True))

    def ridge(self, background: float | None = None) -> tuple[NullWorld, ...]:
        """Return the worlds with one background, by default the largest ratio: the least that happens anyway."""
        wanted = self.backgrounds[0] if background is None else background
        return tuple(w for w in self.worlds if w.background_ratio == wanted)

    def tidy(self) -> "pd.DataFrame":
        """Return a table with one row a world and background; those picked on the rate come last."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame([*map(self._row, self.worlds), *map(self._row, self.on_rate)])

    def _row(self, world: NullWorld | RateWorld) -> dict[str, Any]:
        own = world if isinstance(world, NullWorld) else None
        checks = dict.fromkeys(Checks._fields) if own is None else own.checks._asdict()
        return {
            "outcome": self.outcome,
            "method": "null calibration, lognormal rates",
            "picked_on": "rate" if own is None else "count before",
            "background_ratio": world.background_ratio,
            **{name: None if own is None else getattr(own, name) for name in _OWN},
            **{f"fall_{name}": getattr(world.falls, name) for name in ("mean", "low", "high", "error")},
            **{name: getattr(world.falls, name) for name in Falls._fields[4:]},
            **checks,
            "fall_observed": self.fall,
            "t_observed": self.t,
            "n": self.n,
            "conf_level": self.level,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "outcome": self.outcome,
            "n": self.n,
            "n_input": self.n_input,
            "fall": self.fall,
            "t": self.t,
            "beliefs": {name: _plain(value) for name, value in vars(self.beliefs).items()},
            "mean_chance": self.mean_chance,
            "level": self.level,
            "seed": self.seed,
            "notes": list(self.notes),
            "assumptions": list(self.assumptions),
            "worlds": [*map(self._row, self.worlds), *map(self._row, self.on_rate)],
        }

    @property
    def idle(self) -> NullWorld | None:
        """The world in which the programme does nothing and the background least; None where none was found."""
        worlds = [w for w in self.worlds if abs(w.programme_ratio - 1) < _SAME]
        return max(worlds, key=lambda w: w.background_ratio, default=None)

    def sentences(self) -> tuple[str, ...]:
        """Return what the worlds say, one paragraph an item."""
        idle, ridge, ranges = self.idle, self.ridge(), self._check_ranges()
        at = idle or ridge[len(ridge) // 2]
        lever = phrases.lever_sentence(at.ratio, at.ratio_low, at.ratio_high, self.n, at.pool_share, self.level)
        rate = [phrases.rate_sentence(w.falls.chance) for w in self.on_rate[:1]]
        return (
            self._headline(),
            *([] if idle is None else [phrases.idle_sentence(idle.ratio, idle.pool_share, idle.pool_mean)]),
            *([lever] if self.beliefs.pool is None else []),
            *rate,
            *([phrases.checks_sentence(ranges)] if ranges else []),
        )

    def _headline(self) -> str:
        ridge, pool = self.ridge(), self.beliefs.pool
        if pool is not None:
            refitted = [w.chance_refitted for w in self.worlds]
            known = f"a pool_{pool[0]} of {_belief_text(pool[1])}"
            return phrases.known_sentence(known, self.chance, (min(refitted), max(refitted)))
        wide, narrow = ((w.pool_share, w.chance) for w in (ridge[0], ridge[-1]))
        found = phrases.worlds_sentence(self.outcome, ridge[0].ratio, ridge[-1].ratio)
        return f"{found} {phrases.off_sentence(self.outcome, self.fall, self.n, wide, narrow)}"

    def _check_ranges(self) -> dict[str, tuple[float, float]]:
        ends = [w.checks for w in (self.ridge()[0], self.ridge()[-1])]
        pairs = {what: tuple(getattr(c, name) for c in ends) for name, what in self.checked.items()}
        return {what: (low, high) for what, (low, high) in pairs.items() if low is not None and high is not None}

    def summary(self) -> str:
        """Return the sentences, one line a ratio, and what the figures rest on."""
        head = (
            f"{self.outcome}: null calibration of a fall of {percent(self.fall, 1)} per day at risk; {self.n} of "
            f"{self.n_input} people; {self.worlds[0].falls.sims:,} cohorts a world"
        )
        ends = [*(f"note: {n}" for n in self.notes), *(f"assumes: {a}" for a in self.assumptions)]
        return "\n".join([head, *self.sentences(), *(self._line(w) for w in self.ridge()), *ends])

    def _line(self, world: NullWorld) -> str:
        same = [w for w in self.worlds if w.ratio == world.ratio]
        chances = "; ".join(
            f"{phrases.chance_text(w.chance)} fall as far (background {fixed(w.background_ratio, 2)}; refitted "
            f"{phrases.chance_text(w.chance_refitted)})"
            for w in same
        )
        return (
            f"ratio {fixed(world.ratio, 2)}: {phrases.share_text(world.pool_share)} picked, population mean "
            f"{fixed(world.pool_mean, 2)}, picking alone {percent(world.picking_share)} of the fall; {chances}"
        )

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        low, high = self.chance
        return f"NullCalibration({self.outcome!r}, {len(self.worlds)} worlds, chance {low:.3g} to {high:.3g})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the chance of such a fall, and the part of it that picking gives, over the share that was picked."""
        ridge = sorted(self.ridge(), key=lambda w: w.pool_share)
        share = [w.pool_share for w in ridge]
        ax = draw.curve(share, [w.chance for w in ridge], label="cohorts that fall as far, programme off", ax=ax)
        refitted = [w.chance_refitted for w in ridge]
        ax.plot(share, refitted, color=draw.INK, lw=1, ls="--", label="the same, the world being fitted")
        ax.plot(share, [w.picking_share for w in ridge], color=draw.ACCENT, lw=2, label="part of the fall from picking")
        if self.idle is not None and self.idle in ridge:
            draw.mark(ax, x=self.idle.pool_share, text="here the programme does nothing")
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda x, _: phrases.share_text(x))
        ax.yaxis.set_major_formatter(lambda y, _: percent(y))
        ax.set_xlabel("share of the population that was picked")
        ax.set_ylim(bottom=0)
        ax.minorticks_off()
        ax.legend(frameon=False, fontsize=8, loc="center right")
        return ax


def _belief_text(belief: Belief) -> str:
    if isinstance(belief, (int, float)):
        return f"{belief:g}"
    return f"{belief.low:g} to {belief.high:g}" if isinstance(belief, Range) else str(belief)


def _plain(belief: Belief | None) -> Any:
    return belief if belief is None or isinstance(belief, (int, float)) else str(belief)


UNREACHED = "{} of the belief about the population lies where no world of this kind prints these moments"
_SAME = 1e-6
_OWN = (
    "ratio",
    "programme_ratio",
    "pool_share",
    "pool_mean",
    "log_sd",
    "memory",
    "cut",
    "softness",
    "picking_share",
    "ratio_low",
    "ratio_high",
    "chance_refitted",
)


def null_calibration(
    data: PublishedStudy | Moments | Panel | Told,
    *,
    rng: Rng = None,
    outcome: str | None = None,
    pool_share: Belief | None = None,
    pool_mean: Belief | None = None,
    background_ratio: Belief = 1.0,
    ratios: Iterable[float] | None = None,
    sims: int = SIMS,
    level: float = LEVEL,
) -> NullCalibration:
    """Return how often people picked like this would show such a fall if the programme did nothing.

    Right as far as its worlds go: people picked softly on their count before, with lognormal rates that drift.
    Worlds of this kind print the same means, SDs and correlation whatever the programme did, over a wide range,
    so the answer is a ridge and not one figure. What would settle it is the pool: how many people could have been
    picked, or what they averaged.

    Parameters
    ----------
    data : PublishedStudy, Moments, Panel or Told
        The picked people; a count in two windows. `Told` is what `what_is_told` reads of the others.
    rng : Generator, int or None
        For the simulated cohorts.
    outcome : str, optional
        Which outcome of a published study; by default its first count.
    pool_share, pool_mean : float, Range or distribution, optional
        What is believed of the pool: the share that was picked, or its mean in the window before, the picked people
        included. One of them narrows the ridge: a number to one world, a range to those inside, a distribution to
        evenly weighted ones, whose chances have a mean.
    background_ratio : float, Range or distribution
        After over before for everybody without the programme, picking apart: ageing, trend and the like. A range
        is visited at its ends and in the middle.
    ratios : iterable of float, optional
        Ratios of everybody's rate, programme and background together, at which to look for a world; by default
        from where the worlds begin up to 1.3.
    sims : int
        Cohorts a world.
    level : float
        Of the intervals.

    Returns
    -------
    NullCalibration
        With `tidy()`, `summary()` and `plot()`.

    Raises
    ------
    InputError
        IOM-E066 when the outcome is not a count, IOM-E067 when a figure that is needed is not printed, IOM-E048 when
        the panel says that people were picked on something else, IOM-E047 on a panel with replicates.
    NotIdentifiedError
        IOM-E068 when the rate did not fall, or no world of this kind prints the moments or has such a pool.
    SpecError
        IOM-E092 for a setting outside its bounds.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> found = null_calibration(m, rng=1, sims=1000, pool_share=0.0082)
    >>> round(found.worlds[0].ratio, 2), round(found.worlds[0].pool_mean, 1)
    (1.0, 1.5)
    """
    believed = NullBeliefs(pool_share=pool_share, pool_mean=pool_mean, background_ratio=background_ratio)
    check_level(level)
    if isinstance(sims, bool) or not isinstance(sims, int) or sims < FEWEST:
        raise SpecError("IOM-E092", f"sims: expected a whole number of at least {FEWEST}")
    told = what_is_told(data, outcome)
    generator, seed = as_generator(rng)
    streams = Streams(int(generator.integers(2**63)), "null calibration")
    left = _left(told, believed, streams, ratios)
    backgrounds = _backgrounds(background_ratio, streams)
    settings = Settings(sims, level)
    known: Known = "share" if believed.pool is None else believed.pool[0]
    worlds = [w for fit in left.fits for w in fitted_worlds(told, fit, backgrounds, streams, settings, known=known)]
    averaged = believed.pool is not None and not isinstance(believed.pool[1], Range) and len(backgrounds) == 1
    return NullCalibration(
        outcome=told.name,
        n=told.n,
        n_input=told.n_input,
        fall=1 - told.ratio,
        t=told.t,
        worlds=tuple(worlds),
        on_rate=tuple(rate_worlds(told, backgrounds, streams, settings)),
        beliefs=believed,
        mean_chance=float(np.mean([w.chance for w in worlds])) if averaged else None,
        level=level,
        seed=seed,
        checked=_checked(told),
        notes=(*told.notes, *([UNREACHED.format(percent(left.unreached))] if left.unreached else [])),
    )


def _left(told: Told, believed: NullBeliefs, streams: Streams, ratios: Iterable[float] | None) -> Narrowed:
    fits = find_ridge(told.moments, told.length, ratios)
    if believed.pool is None:
        return Narrowed(fits)
    known, belief = believed.pool
    return narrowed(told.moments, fits, belief, streams.generator("pool"), known=known)


def _checked(told: Told) -> FrozenMap[str, str]:
    asked = {
        "max_before": ("nobody has more than {} before", told.largest_before),
        "max_after": ("nobody has more than {} after", told.largest_after),
        "min_before": ("somebody has no more than {} before", told.smallest_before),
    }
    return FrozenMap({name: text.format(f"{value:g}") for name, (text, value) in asked.items() if value is not None})


def _backgrounds(belief: Belief, streams: Streams) -> list[Floats]:
    """Return each background by itself: the values of a range, or a distribution as one."""
    if isinstance(belief, Range):
        return [np.array([v]) for v in np.unique(np.linspace(belief.high, belief.low, 3))[::-1]]
    return [points(belief, streams.generator("background"))]
