"""Result of a null calibration: the models, how often counts fall as far in them, and its table, text and picture."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import axes, axes_of_lines, wording
from iom_causal.base.formats import fixed, percent
from iom_causal.base.result import Result
from iom_causal.base.specs import EMPTY
from iom_causal.beliefs import Belief, Range
from iom_causal.beliefs.theta import PERCENT_SHARE, POSITIVE, RATIO, check_beliefs
from iom_causal.errors import SpecError
from iom_causal.null import figures_in_words
from iom_causal.null import sentences as phrases
from iom_causal.null.fitting import Known
from iom_causal.null.models import Checks, Falls, LatentRateModel, NullModel
from iom_causal.null.observed import FOLLOWS_EVENTS
from iom_causal.numerics.pairs.rate_models import Rates

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

_SAME = 1e-6
_ALONG = {
    "pool_share": "share of the population that was picked",
    "ratio": "ratio put in: after over before for everybody, picking apart",
}
_OWN = (
    "rates",
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


@dataclass(frozen=True, kw_only=True)
class NullBeliefs:
    """Beliefs about the source population and about change without the programme.

    Parameters
    ----------
    pool_share : belief, optional
        Share of the source population that was selected.
    pool_mean : belief, optional
        Events of the source population, the selected included, in the window before.
    background_ratio : belief
        After over before for the whole population without the programme: ageing, trend and the like; selection is not
        in it.
    """

    pool_share: Belief | None = None
    pool_mean: Belief | None = None
    background_ratio: Belief = 1.0

    def __post_init__(self) -> None:
        share = POSITIVE._replace(percent_from=PERCENT_SHARE)
        check_beliefs(self, {"pool_share": share, "pool_mean": POSITIVE, "background_ratio": RATIO})
        shares = self.pool_share if isinstance(self.pool_share, Range) else None
        most = shares.high if shares is not None else self.pool_share
        if isinstance(most, (int, float)) and most >= 1:
            raise SpecError("IOM-E092", "pool_share: expected a share below 1 of everybody who could have been picked")
        if self.pool_share is not None and self.pool_mean is not None:
            raise SpecError("IOM-E092", "pool_share and pool_mean each pick out worlds; give one of them")

    @property
    def pool(self) -> tuple[Known, Belief] | None:
        """The belief about the source population, or None."""
        if self.pool_mean is not None:
            return "mean", self.pool_mean
        return None if self.pool_share is None else ("share", self.pool_share)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NullCalibration(Result):
    """Falls expected under the null, over every model that reproduces the same moments.

    The models form an identified set: the moments cannot tell one from another, nor models in which the programme did
    something from models in which it did nothing. Read the figures along it, never one of them. Where a hard cut is
    known, the identified set is shorter: the models that the moments do not reject.

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
    models : tuple of NullModel
        In order of the kind of rates, of the ratio within it, and of the background within that.
    selected_on_rate : tuple of LatentRateModel
        Where no count regresses, for comparison: selected on the rate of the day, and then on that of the window
        before; empty where no lognormal rates have the moments.
    cut : float or None
        The fewest events with which people were selected; None for models that select softly.
    read_as : tuple of str
        Why the models do not select by the rule that is stated, or not quite.
    lever : {"", "places", "competed", "others"}
        What would tell the pool: nothing that is stated, all who competed for places, these, who are there, or other
        people who were not managed, who are there too.
    people : bool
        Whether people were given and not a published table.
    exact : bool
        Whether the models have the moments to the last digit, and not only as near as sampling lets them be.
    nearest : mapping of str to float
        With a cut, the ratio of the model of each kind of rates whose moments are nearest.
    misfit : tuple of str
        The kinds of rates of which even the nearest model misses the figures by more than sampling does.
    ratios_given : bool
        Whether only certain ratios were looked at.
    null_rejected : bool
        Whether the moments reject every model in which the programme does nothing.
    beliefs : NullBeliefs
        What narrowed the identified set, and the background.
    mean_chance : tuple of float or None
        The mean of `NullModel.chance` over the beliefs, where all of them have a probability, given that there is a
        model: the lowest and the highest over the kinds of rates.
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
    models: tuple[NullModel, ...]
    selected_on_rate: tuple[LatentRateModel, ...]
    beliefs: NullBeliefs
    mean_chance: tuple[float, float] | None
    level: float
    seed: int | None
    cut: float | None = None
    read_as: tuple[str, ...] = ()
    lever: str = ""
    people: bool = False
    exact: bool = True
    nearest: Mapping[str, float] = EMPTY
    misfit: tuple[str, ...] = ()
    ratios_given: bool = False
    null_rejected: bool = False
    checked: Mapping[str, str] = EMPTY
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    people_columns: ClassVar[tuple[str, ...]] = ("n",)
    free_columns: ClassVar[tuple[str, ...]] = ("sims",)
    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("background_ratio", "memory", "softness", "cut", "conf_level"), "setting"),
        **dict.fromkeys(("ratio", "programme_ratio", "ratio_low", "ratio_high"), "ratio"),
        **dict.fromkeys(("pool_mean", "log_sd", "max_before", "max_after", "min_before"), "mean of worlds"),
        **dict.fromkeys(("pool_share", "picking_share", "none_before"), "share of worlds"),
        **dict.fromkeys(("fall_mean", "fall_low", "fall_high", "fall_error", "fall_observed"), "ratio"),
        **dict.fromkeys(("chance", "chance_error", "chance_t", "chance_t_error", "chance_refitted"), "probability"),
        "t_observed": "statistic of released moments",
    }

    @property
    def chance(self) -> tuple[float, float]:
        """The smallest and the largest chance of such a fall over the models."""
        chances = [w.chance for w in self.models]
        return min(chances), max(chances)

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest chance over the identified set with the background that does least."""
        chances = [w.chance for w in self.identified_set()]
        return min(chances), max(chances)

    @property
    def backgrounds(self) -> tuple[float, ...]:
        """The background ratios, the largest first."""
        return tuple(sorted({w.background_ratio for w in self.models}, reverse=True))

    @property
    def open_above(self) -> bool:
        """Whether the largest ratio is where the search for models ended, and not where models do."""
        farthest = figures_in_words.FARTHEST_SOFT if self.cut is None else figures_in_words.FARTHEST
        return figures_in_words.ends_with_search(max(w.ratio for w in self.models), farthest)

    @property
    def not_read(self) -> bool:
        """Whether people who were not managed are in the data, whom these models do not read."""
        return self.lever in phrases.NOT_READ

    @property
    def rates(self) -> tuple[Rates, ...]:
        """The kinds of rates of which there are models."""
        return tuple(dict.fromkeys(w.rates for w in self.models))

    @property
    def meanwhile(self) -> str:
        """The background change along the identified set, in words."""
        belief = self.beliefs.background_ratio
        plain = isinstance(belief, (int, float, Range))
        return figures_in_words.meanwhile(fixed(self.backgrounds[0], 2) if plain else _belief_text(belief))

    @property
    def limits(self) -> str:
        """Limits of the identified set, in words."""
        limits = wording.NULL_WORLDS_OF_PEOPLE if self.people else wording.NULL_WORLDS
        return f"{limits}{phrases.MEAN_DAYS}" if self.days_differ else limits

    @property
    def days_differ(self) -> bool:
        """Whether people's days at risk differ by so much that it matters which people lose them."""
        return FOLLOWS_EVENTS in self.notes

    @property
    def on_the_day(self) -> tuple[LatentRateModel, ...]:
        """Models in which people are selected on their rate on the day of introduction, by background."""
        return tuple(w for w in self.selected_on_rate if not w.window)

    @property
    def in_the_window(self) -> tuple[LatentRateModel, ...]:
        """Models in which they are selected on that of the window before, by background."""
        return tuple(w for w in self.selected_on_rate if w.window)

    def identified_set(self, background: float | None = None, rates: Rates | None = None) -> tuple[NullModel, ...]:
        """Return the models with one background, by default the largest ratio: that which explains least.

        They are in order of the ratio, of all kinds of rates or of one.
        """
        wanted = self.backgrounds[0] if background is None else background
        honoured = [w for w in self.models if w.background_ratio == wanted and rates in (None, w.rates)]
        return tuple(sorted(honoured, key=lambda w: w.ratio))

    @property
    def pools(self) -> tuple[NullModel, NullModel]:
        """The models of the identified set of which the largest and the smallest share was selected."""
        identified_set = sorted(self.identified_set(), key=lambda w: w.pool_share)
        return identified_set[-1], identified_set[0]

    def by_ratio(self) -> tuple[tuple[NullModel, ...], ...]:
        """Return the models of the identified set with the same ratio to two decimals, whatever their rates."""
        return tuple(tuple(group) for _, group in groupby(self.identified_set(), key=lambda w: fixed(w.ratio, 2)))

    def beside(self, models: Sequence[NullModel]) -> tuple[tuple[NullModel, ...], ...]:
        """Return the models with the same rates and ratio as any of these, background by background."""
        same = {(w.rates, w.ratio) for w in models}
        return tuple(tuple(w for w in self.identified_set(b) if (w.rates, w.ratio) in same) for b in self.backgrounds)

    def tidy(self) -> "pd.DataFrame":
        """Return a table with one row a model and background; those selected on a rate come last."""
        import pandas as pd  # noqa: PLC0415 slow to load

        return pd.DataFrame([*map(self._row, self.models), *map(self._row, self.selected_on_rate)])

    def _row(self, model: NullModel | LatentRateModel) -> dict[str, Any]:
        own = model if isinstance(model, NullModel) else None
        by = "rate of the window before" if isinstance(model, LatentRateModel) and model.window else "rate of the day"
        checks = dict.fromkeys(Checks._fields) if own is None else own.checks._asdict()
        return {
            "outcome": self.outcome,
            "method": "null calibration",
            "picked_on": by if own is None else "count before" if self.cut is None else "count before, hard cut",
            "background_ratio": model.background_ratio,
            **{name: None if own is None else getattr(own, name) for name in _OWN},
            **{f"fall_{name}": getattr(model.falls, name) for name in ("mean", "low", "high", "error")},
            **{name: getattr(model.falls, name) for name in Falls._fields[4:]},
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
            "cut": self.cut,
            "exact": self.exact,
            "nearest_ratio": dict(self.nearest),
            "mean_chance": self.mean_chance,
            "level": self.level,
            "seed": self.seed,
            "notes": list(self.notes),
            "assumptions": list(self.assumptions),
            "worlds": [*map(self._row, self.models), *map(self._row, self.selected_on_rate)],
        }

    @property
    def no_effect_models(self) -> tuple[NullModel, ...]:
        """Models without a programme effect and with the least background change, of each kind that has one."""
        models = [w for w in self.models if abs(w.programme_ratio - 1) < _SAME]
        most = max((w.background_ratio for w in models), default=None)
        return tuple(w for w in models if w.background_ratio == most)

    def sentences(self) -> tuple[str, ...]:
        """Return the findings of the models, one paragraph an item."""
        ranges = self._check_ranges()
        rate = [
            phrases.rate_sentence(day.falls.chance, (window.lasts, window.falls.chance), self.meanwhile)
            for day, window in zip(self.on_the_day[:1], self.in_the_window[:1], strict=True)
        ]
        order = "from the widest pool to the narrowest" if self.cut is None else "from the lowest ratio to the highest"
        return (
            *(f"{text[0].upper()}{text[1:]}." for text in self.read_as),
            self._headline(),
            *([self._no_effect_sentence()] if self.no_effect_models else []),
            *(
                [phrases.null_rejected_sentence(self.backgrounds, cut=self.cut is not None)]
                if self.null_rejected and not self.days_differ
                else []
            ),
            *([self._lever()] if self.beliefs.pool is None and (self.cut is not None or not self.ratios_given) else []),
            *rate,
            *([phrases.checks_sentence(ranges, order)] if ranges else []),
        )

    def _no_effect_sentence(self) -> str:
        no_effect_models = self.no_effect_models
        shares, means = _span(w.pool_share for w in no_effect_models), _span(w.pool_mean for w in no_effect_models)
        if self.exact:
            return phrases.no_effect_sentence(no_effect_models[0].ratio, shares, means)
        alone = [w.rates for w in no_effect_models] if len(no_effect_models) < len(self.rates) else []
        return phrases.no_effect_range_sentence(no_effect_models[0].ratio, shares, means, alone)

    def _lever(self) -> str:
        if self.cut is not None:
            known = phrases.CUT_POOL if self.people else phrases.POOL
            return f"{phrases.CUT_LIMITS} {phrases.POOL_TELLS.get(self.lever, known)}"
        if self.lever:
            return phrases.POOL_TELLS[self.lever]
        if not self.exact:
            return phrases.POOL
        middle = self.by_ratio()
        share = (self.no_effect_models or middle[len(middle) // 2])[0].pool_share
        ratios, low, high = (_span(self._at_share(name, share)) for name in ("ratio", "ratio_low", "ratio_high"))
        return phrases.lever_sentence(share, ratios, (low[0], high[1]), self.n, self.level)

    def _at_share(self, name: str, share: float) -> list[float]:
        """Interpolate a figure along the identified set of each kind of rates that reaches a share."""
        found = []
        for rates in self.rates:
            identified_set = sorted(self.identified_set(rates=rates), key=lambda w: w.pool_share)
            if identified_set[0].pool_share <= share <= identified_set[-1].pool_share:
                at = [log(w.pool_share) for w in identified_set]
                found.append(float(np.interp(log(share), at, [getattr(w, name) for w in identified_set])))
        return found

    def _headline(self) -> str:
        identified_set, pool = self.identified_set(), self.beliefs.pool
        if pool is not None:
            again = [w.chance_refitted for w in self.models if w.chance_refitted is not None]
            refitted = _span(again) if again else None
            background = self.beliefs.background_ratio
            also = "" if background == 1 else f", a background_ratio of {_belief_text(background)}"
            return phrases.known_sentence(
                f"a pool_{pool[0]} of {_belief_text(pool[1])}{also}", self.chance, refitted, self.limits
            )
        ends = identified_set[0].ratio, identified_set[-1].ratio
        if self.cut is not None:
            observed = (self.outcome, self.cut, ends, self.nearest, self.level)
            found = phrases.cut_sentence(*observed, ratios_given=self.ratios_given, misfit=self.misfit)
            off = phrases.cut_off_sentence(self.outcome, self.fall, self.n, self.ends, self.meanwhile, self.limits)
            return f"{found} {off}"
        wide, narrow = ((w.pool_share, w.chance) for w in self.pools)
        nearly = None if self.exact else self.level
        found = phrases.identified_set_sentence(
            self.outcome,
            self.rates,
            *ends,
            ratios_given=self.ratios_given,
            nearly=nearly,
            misfit=self.misfit,
            same="have" if self.people else "print",
        )
        off = phrases.off_sentence(self.outcome, self.fall, self.n, wide, narrow, self.meanwhile, self.limits)
        return f"{found} {off}"

    def _check_ranges(self) -> dict[str, tuple[float, float]]:
        ends = [
            w.checks
            for w in (self.pools if self.cut is None else (self.identified_set()[0], self.identified_set()[-1]))
        ]
        pairs = {what: tuple(getattr(c, name) for c in ends) for name, what in self.checked.items()}
        return {what: (low, high) for what, (low, high) in pairs.items() if low is not None and high is not None}

    def summary(self) -> str:
        """Return the sentences, one line a ratio, and what the figures rest on."""
        head = (
            f"{self.outcome}: null calibration of a fall of {percent(self.fall, 1)} per day; {self.n} of "
            f"{self.n_input} people; {self.models[0].falls.sims:,} cohorts a world"
        )
        notes = [f"note: {n}" for n in self.notes if n not in self.read_as]
        ends = [*notes, *(f"assumes: {a}" for a in self.assumptions)]
        return "\n".join([head, *self.sentences(), *(self._line(w) for w in self.identified_set()), *ends])

    def _line(self, model: NullModel) -> str:
        same = [w for (w,) in self.beside([model])]
        chance_text, share = figures_in_words.chance_text, figures_in_words.share_text(model.pool_share)
        chances = "; ".join(
            f"{chance_text(w.chance)} fall as far (background {fixed(w.background_ratio, 2)}{_again(w)})" for w in same
        )
        return (
            f"ratio {fixed(model.ratio, 2)}, {model.rates}: {share} picked, population "
            f"mean {fixed(model.pool_mean, 2)}, picking alone {percent(model.picking_share)} of the fall; {chances}"
        )

    def __repr__(self) -> str:
        low, high = self.chance
        return f"NullCalibration({self.outcome!r}, {len(self.models)} worlds, chance {low:.3g} to {high:.3g})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the chance of such a fall, and the part of it that selection gives, over the share that was selected.

        Of all kinds of rates together: a band from the lowest to the highest.
        """
        along = "pool_share" if self.cut is None else "ratio"
        ax = axes.new_axes() if ax is None else ax
        for label, (name, color, style) in _DRAWN.items():
            if any(getattr(w, name) is None for w in self.models):
                continue
            at, low, high = self._band(along, name)
            if style == "-":
                ax.fill_between(at, low, high, color=color, alpha=0.2, lw=0)
            look: dict[str, Any] = {"color": color, "lw": 1.5, "ls": style, "clip_on": False, "zorder": 3}
            ax.plot(at, low, label=label, **look)
            ax.plot(at, high, **look)
        for model in self.no_effect_models[:1]:
            if self.cut is not None and model in self.identified_set():
                axes.mark(ax, x=model.ratio, text="here the programme does nothing")
        if self.cut is None:
            axes.ratios_along(ax, figures_in_words.share_text)
        ax.yaxis.set_major_formatter(lambda y, _: percent(y))
        ax.set_xlabel(_ALONG[along])
        ax.set_ylim(bottom=0)
        axes_of_lines.tell_apart(ax)
        axes.name_above(ax, 2)
        return ax

    def _band(self, along: str, name: str) -> tuple[Floats, Floats, Floats]:
        """Return the lowest and the highest of a figure over the kinds of rates; of shares, where all kinds reach."""
        identified_sets = [
            sorted(self.identified_set(rates=rates), key=lambda w: float(getattr(w, along))) for rates in self.rates
        ]
        places = [np.log([getattr(w, along) for w in identified_set]) for identified_set in identified_sets]
        every = np.unique(np.concatenate(places))
        common = every[(every >= max(p.min() for p in places)) & (every <= min(p.max() for p in places))]
        at = common if common.size and self.cut is None else every
        found = [
            np.interp(at, place, [getattr(w, name) for w in identified_set], left=np.nan, right=np.nan)
            for place, identified_set in zip(places, identified_sets, strict=True)
        ]
        return np.exp(at), np.nanmin(found, axis=0), np.nanmax(found, axis=0)


_DRAWN = {
    "cohorts that fall as far, programme off": ("chance", axes.INK, "-"),
    "the same, the world being fitted": ("chance_refitted", axes.INK, "--"),
    "part of the fall from picking": ("picking_share", axes.ACCENT, "-"),
}
"""Curves of the picture: a property of a model, its colour and its line."""


def _again(model: NullModel) -> str:
    return "" if model.chance_refitted is None else f"; refitted {figures_in_words.chance_text(model.chance_refitted)}"


def _span(values: Iterable[float]) -> tuple[float, float]:
    given = tuple(values)
    return min(given), max(given)


def _belief_text(belief: Belief) -> str:
    if isinstance(belief, (int, float)):
        return f"{belief:g}"
    return f"{belief.low:g} to {belief.high:g}" if isinstance(belief, Range) else str(belief)


def _plain(belief: Belief | None) -> Any:
    return belief if belief is None or isinstance(belief, (int, float)) else str(belief)
