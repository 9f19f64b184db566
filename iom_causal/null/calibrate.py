"""Null calibration of an observed fall under selection on the count before and no programme effect."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from iom_causal.base.formats import number, percent
from iom_causal.base.specs import FrozenMap, check_level
from iom_causal.beliefs import Belief, Range
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.moments import Moments
from iom_causal.null.figures_in_words import either
from iom_causal.null.fitting import Known, MinimumDistance, MomentMatch
from iom_causal.null.free_share import expected_length
from iom_causal.null.identified_set import Floats, Narrowed, find_identified_set, narrowed, points
from iom_causal.null.models import NullModel, Settings, fitted_null_models, latent_rate_models
from iom_causal.null.observed import Observed, observe
from iom_causal.null.result import NullBeliefs, NullCalibration
from iom_causal.numerics import LEVEL
from iom_causal.numerics.pairs.minimum_distance import NEAR
from iom_causal.numerics.pairs.rate_models import IN_WORDS, RATES, Rates, SelectionFit
from iom_causal.numerics.plain import plain_number
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy
from iom_causal.roles import Rng
from iom_causal.streams import Streams, as_generator

SIMS = 10_000
FEWEST = 100
SELECTED_SOFTLY = (
    "people were picked on their count in the whole window before and on nothing else, the more likely the higher"
)
SELECTED_BY_CUT = (
    "everybody with a count of at least {} in the whole window before was picked, and nobody else, on nothing else"
)
ASSUMPTIONS = (
    "the population has {}, with the same spread in both windows, and events are Poisson given the rates",
    "without the programme everybody’s mean changes by one ratio, the background",
)
UNREACHED = "{} of the belief about the population lies where no world with {} has these moments"
MISSED = "the worlds with {} miss the figures by more than sampling does, though by under {} of each of them"


def null_calibration(
    data: PublishedStudy | Moments | Panel | Observed,
    *,
    rng: Rng = None,
    outcome: str | None = None,
    pool_share: Belief | None = None,
    pool_mean: Belief | None = None,
    background_ratio: Belief = 1.0,
    ratios: Iterable[float] | None = None,
    rates: Sequence[Rates] = RATES,
    sims: int = SIMS,
    level: float = LEVEL,
    ends: bool = False,
) -> NullCalibration:
    """Null calibration: tail probability of such a fall among people selected like this, with no programme effect.

    Right as far as its models go: people selected on their count before, from populations of three kinds (`rates`).
    Softly, the more events the likelier, models reproduce the same means, SDs and correlation whatever the programme
    did, over a wide range, so the answer is an identified set and not one figure. What would narrow it is the pool: how
    many people could have been selected, or what they averaged; how rates move matters as much, and the kinds are shown
    together. Where chance has taken the figures beyond what the models of some kind have, as with few people it does,
    the models of every kind are those from which they differ by no more than sampling (`NullCalibration.exact`). In 24
    models with 60 and 225 people the identified set of all kinds held the true ratio for 226 of 235 cohorts that every
    kind reproduces exactly, and for 53 of 53 others.
    Where a panel's `Selection` is a hard cut on the whole window before, which was kept, its models select by that cut:
    the figures then say more, and the identified set is what they do not reject, of any kind. A 95% identified set held
    the true ratio for 96 to 99% of 160 cohorts of 225 and of 1,000 people in each of seven models of these kinds; rates
    of yet another kind can lie outside it.

    Parameters
    ----------
    data : PublishedStudy, Moments, Panel or Observed
        The selected people; a count in two windows. `Observed` is what `observe` reads of the others.
    rng : Generator, int or None
        For the simulated cohorts.
    outcome : str, optional
        Which outcome of a published study; by default its first count.
    pool_share, pool_mean : float, Range or distribution, optional
        What is believed of the pool: the share that was selected, or its mean in the window before, the selected people
        included. One of them narrows the identified set: a number to one model, a range to those inside, a distribution
        to evenly weighted ones, whose chances have a mean.
    background_ratio : float, Range or distribution
        After over before for the whole population without the programme, selection apart: ageing, trend and the like. A
        range is visited at its ends and in the middle.
    ratios : iterable of float, optional
        Ratios of the population's rate, programme and background together, at which to look for a model; by default
        from where the models begin up to 1.3.
    rates : sequence of {"lognormal", "gamma", "renewed"}
        Kinds of populations to look at: lognormal or gamma rates that drift, or gamma rates of which some are drawn
        anew. A kind of which no model comes as near as sampling lets it is left out with a note.
    sims : int
        Cohorts a model.
    level : float
        Of the intervals.
    ends : bool
        Whether of each kind only the models with the lowest and the highest ratio are simulated: all that tells from
        where to where the programme's ratio reaches.

    Returns
    -------
    NullCalibration
        With `tidy()`, `summary()` and `plot()`.

    Raises
    ------
    InputError
        IOM-E066 when the outcome is not a count, IOM-E067 when a figure that is needed is not reported, IOM-E048 when
        the panel says that people were selected on something else, IOM-E047 on a panel with replicates.
    NotIdentifiedError
        IOM-E068 when the rate did not fall, or no model of this kind reproduces the moments or has such a pool.
    SpecError
        IOM-E092 for a setting outside its bounds.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> result = null_calibration(m, rng=1, sims=1000, pool_share=0.0082)
    >>> [(w.rates, round(w.ratio, 2), round(w.pool_mean, 1)) for w in result.models]
    [('lognormal', 1.0, 1.5), ('gamma', 0.99, 1.4), ('renewed', 0.9, 1.6)]
    """
    believed = NullBeliefs(pool_share=pool_share, pool_mean=pool_mean, background_ratio=background_ratio)
    check_level(level)
    sims = plain_number(sims)
    if isinstance(sims, bool) or not isinstance(sims, int) or sims < FEWEST:
        raise SpecError("IOM-E092", f"sims: expected a whole number of at least {FEWEST}")
    if not rates or not set(rates) <= set(RATES):
        raise SpecError("IOM-E092", f"rates: expected one or more of {', '.join(RATES)}")
    observed = observe(data, outcome)
    generator, seed = as_generator(rng)
    streams = Streams(int(generator.integers(2**63)), "null calibration")
    grid = None if ratios is None else tuple(ratios)
    fitted, excluded = _fitted_kinds(observed, believed, streams, grid, [r for r in RATES if r in rates], level)
    backgrounds = _backgrounds(believed.background_ratio, streams)
    settings = Settings(sims, level)
    known: Known | None = None if believed.pool is None else believed.pool[0]
    models: list[NullModel] = []
    for kind in tuple(fitted):
        turns = _from_ends(kind.left.fits) if ends else [(fit,) for fit in kind.left.fits]
        own, lost = _switched_off(observed, kind, turns, backgrounds, streams, settings, known)
        models += own
        excluded += lost
        if not own:
            fitted.remove(kind)
    if not fitted:
        raise InputError("IOM-E092", "; ".join(excluded))
    averaged = believed.pool is not None and not isinstance(believed.pool[1], Range) and len(backgrounds) == 1
    kinds = [kind.fitting.rates for kind in fitted]
    means = [float(np.mean([w.chance for w in models if w.rates == kind])) for kind in kinds] if averaged else []
    return NullCalibration(
        outcome=observed.name,
        n=observed.n,
        n_input=observed.n_input,
        fall=1 - observed.ratio,
        t=observed.t,
        models=tuple(models),
        selected_on_rate=tuple(latent_rate_models(observed, backgrounds, streams, settings))
        if observed.cut is None
        else (),
        cut=observed.cut,
        read_as=observed.read_as,
        lever=observed.lever,
        people=observed.people,
        exact=all(isinstance(k.fitting, MomentMatch) for k in fitted),
        nearest=FrozenMap({} if observed.cut is None else _nearest(fitted)),
        misfit=tuple(k.fitting.rates for k in fitted if _misfits(k.fitting)),
        ratios_given=ratios is not None,
        null_rejected=all(_null_rejected(k, backgrounds) for k in fitted),
        beliefs=believed,
        mean_chance=(min(means), max(means)) if means else None,
        level=level,
        seed=seed,
        checked=_checked(observed),
        notes=(*observed.notes, *excluded, *(note for kind in fitted for note in _notes(kind))),
        assumptions=_assumptions(observed, kinds),
    )


class _Kind(NamedTuple):
    """Fit of one kind of population, the time after over before of its rates, and the models that beliefs retain."""

    fitting: MomentMatch | MinimumDistance
    length: float
    left: Narrowed


def _from_ends(fits: tuple[SelectionFit, ...]) -> list[tuple[SelectionFit, ...]]:
    """Return the models from the lowest ratio on, and from the highest; one alone once."""
    return [fits, fits[::-1]][: len(fits)]


def _switched_off(
    observed: Observed,
    kind: _Kind,
    turns: Sequence[tuple[SelectionFit, ...]],
    backgrounds: list[Floats],
    streams: Streams,
    settings: Settings,
    known: Known | None,
) -> tuple[list[NullModel], list[str]]:
    """Simulate of one kind the first model of each turn that can be; of others the tail is too long for a table."""
    models: list[NullModel] = []
    why: list[str] = []
    for fits in turns:
        for fit in fits:
            try:
                models += fitted_null_models(
                    observed, kind.fitting, fit, backgrounds, streams, settings, known=known, length=kind.length
                )
                break
            except InputError as error:
                why.append(error.message)
    lost = f"{IN_WORDS[kind.fitting.rates]}: {len(why)} of {len(kind.left.fits)} worlds are left out"
    return models, [f"{lost}: {why[0]}"] if why else []


def _fitted_kinds(
    observed: Observed,
    believed: NullBeliefs,
    streams: Streams,
    ratios: Sequence[float] | None,
    rates: Sequence[Rates],
    level: float,
) -> tuple[list[_Kind], list[str]]:
    """Fit the kinds of populations, and say why the others have no model."""
    found, excluded = identified_sets(observed, rates, ratios, level)
    fitted = []
    for fitting, length, fits in found:
        try:
            fitted.append(_Kind(fitting, length, _left(fitting, fits, believed, streams)))
        except NotIdentifiedError as error:
            excluded.append(error.message)
    if not fitted:
        raise NotIdentifiedError("IOM-E068", "; ".join(excluded))
    return fitted, excluded


class KindOfRates(NamedTuple):
    """Identified set of one kind of rates.

    Attributes
    ----------
    fitting : MomentMatch or MinimumDistance
        How its models were fitted.
    length : float
        Time after over before of the same rates: a fit's ratio over it is that of everybody's rate.
    fits : tuple of SelectionFit
        In order of the ratio.
    """

    fitting: MomentMatch | MinimumDistance
    length: float
    fits: tuple[SelectionFit, ...]


def identified_sets(
    observed: Observed,
    rates: Sequence[Rates] = RATES,
    ratios: Sequence[float] | None = None,
    level: float = LEVEL,
    *,
    nearly: bool = True,
) -> tuple[list[KindOfRates], list[str]]:
    """Find the identified set of each kind of rates: models that have the moments exactly, or within sampling error.

    A kind that chance alone keeps from the moments is not left out for it, nor are the others held to them then.

    Parameters
    ----------
    observed : Observed
        The selected people.
    rates : sequence of {"lognormal", "gamma", "renewed"}
        Kinds to look at.
    ratios : sequence of float, optional
        Where to look, as in `find_identified_set`.
    level : float
        At which moments reject a model, where none reproduces them.
    nearly : bool
        Whether models within sampling error count where some kind has none that is exact.

    Returns
    -------
    found : list of KindOfRates
        Those that have a model.
    excluded : list of str
        Why the others have none.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> [kind.fitting.rates for kind in identified_sets(observe(m))[0]]
    ['lognormal', 'gamma', 'renewed']
    """
    found, excluded = _sets_of_kinds(observed, rates, ratios, level, exactly=True) if observed.cut is None else ([], [])
    if nearly and len(found) < len(rates):
        found, excluded = _sets_of_kinds(observed, rates, ratios, level, exactly=False)
    return found, excluded


def _sets_of_kinds(
    observed: Observed, rates: Sequence[Rates], ratios: Sequence[float] | None, level: float, *, exactly: bool
) -> tuple[list[KindOfRates], list[str]]:
    """Find the identified set of each kind: the models that reproduce the moments exactly, or within sampling error."""
    found, excluded = [], []
    for kind in rates:
        try:
            fitting = MomentMatch(observed.moments, kind) if exactly else _nearly(observed, kind, level)
            length = expected_length(observed, fitting)
            found.append(KindOfRates(fitting, length, find_identified_set(fitting, length, ratios)))
        except NotIdentifiedError as error:
            excluded.append(error.message)
    return found, excluded


def _nearly(observed: Observed, rates: Rates, level: float) -> MinimumDistance:
    return MinimumDistance.of(observed.moments, observed.n, observed.cut, level, observed.length, rates)


def _left(
    fitting: MomentMatch | MinimumDistance, fits: tuple[SelectionFit, ...], believed: NullBeliefs, streams: Streams
) -> Narrowed:
    if believed.pool is None:
        return Narrowed(fits)
    known, belief = believed.pool
    return narrowed(fitting, fits, belief, streams.generator("pool"), known=known)


def _assumptions(observed: Observed, kinds: Sequence[Rates]) -> tuple[str, ...]:
    selection = SELECTED_SOFTLY if observed.cut is None else SELECTED_BY_CUT.format(number(observed.cut))
    return (selection, *(text.format(either(kinds)) for text in ASSUMPTIONS))


def _null_rejected(kind: _Kind, backgrounds: list[Floats]) -> bool:
    """Return whether the moments reject every model without a programme, with any of the backgrounds."""
    if isinstance(kind.fitting, MomentMatch):
        return False
    return all(kind.fitting.at(a * kind.length) is None for points in backgrounds for a in points)


def _nearest(kinds: Sequence[_Kind]) -> dict[str, float]:
    """Return the ratio of the nearest model of each kind of rates under a hard cut."""
    by_distance = [(k.fitting, k.length) for k in kinds if isinstance(k.fitting, MinimumDistance)]
    return {fitting.rates: fitting.near.best.ratio / length for fitting, length in by_distance}


def _misfits(fitting: MomentMatch | MinimumDistance) -> bool:
    return isinstance(fitting, MinimumDistance) and not fitting.near.fits


def _notes(kind: _Kind) -> list[str]:
    fitting, _, left = kind
    return [
        *([UNREACHED.format(percent(left.unreached), IN_WORDS[fitting.rates])] if left.unreached else []),
        *([MISSED.format(IN_WORDS[fitting.rates], percent(NEAR))] if _misfits(fitting) else []),
    ]


def _checked(observed: Observed) -> FrozenMap[str, str]:
    ratios_given = {
        "max_before": ("nobody has more than {} before", observed.largest_before),
        "max_after": ("nobody has more than {} after", observed.largest_after),
        "min_before": ("somebody has no more than {} before", None if observed.cut else observed.smallest_before),
    }
    return FrozenMap(
        {name: text.format(f"{value:g}") for name, (text, value) in ratios_given.items() if value is not None}
    )


def _backgrounds(belief: Belief, streams: Streams) -> list[Floats]:
    """Return each background by itself: the values of a range, or a distribution as one."""
    if isinstance(belief, Range):
        return [np.array([v]) for v in np.unique(np.linspace(belief.high, belief.low, 3))[::-1]]
    return [points(belief, streams.generator("background"))]
