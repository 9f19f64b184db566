"""Regression to the mean: people picked for a high count fall by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeGuard

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief, Range
from iom_causal.beliefs.theta import AT_LEAST_ZERO, POSITIVE, SHARE, SHARE_INSIDE, Theta, belief_fields, check_beliefs
from iom_causal.confounds.phrases import allowance, setting
from iom_causal.confounds.regression import counts, placebo
from iom_causal.confounds.regression.careers import DRIFTS, CareerLaw, careers_shift
from iom_causal.confounds.regression.histories import own_history_shift
from iom_causal.confounds.units import EVENTS, as_line
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.inputs.selected import (
    Picked,
    lateness,
    mean_before,
    pair_moments,
    picked_counts,
    printed_moments,
    rule_of,
    spread,
    timed,
)
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.selection import robbins_zhang
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import YEAR, Selection, Window, days_of
from iom_causal.world import Mechanism

USES: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "linear": ("comparable_mean", "slope", "late"),
    "robbins_zhang": ("comparable_mean", "persistence", "late"),
    "gamma_poisson": ("comparable_mean", "shape", "persistence", "late"),
    "lognormal": ("comparable_mean", "late"),
    "desistance": ("desistance",),
    "earlier_rule": (),
    "mirror": (),
    "own_history": (),
    "at_event": ("events",),
}
"""The beliefs that each method can use."""

_FROM_HISTORY = ("desistance", "earlier_rule", "mirror", "own_history")


@dataclass(frozen=True, kw_only=True)
class RegressionToMean(Confound):
    """The change in a pooled count that picking people for a high count brings about by itself.

    What is estimated is the log of ``E[Y2(0) | picked] / E[Y1 | picked]``, per day at risk, with nothing else
    happening: no programme, ageing, trend or change of detection. People are picked for a count that holds
    chance, a passing spell and a lasting level; only the last stays. In people followed without any programme,
    picking those with three or more contacts in two years was followed by a fall of nearly a half.

    How people were picked is read from the panel's `Selection`, or from `selection` for a what-if. Without
    either the line is refused, because nothing in the counts tells. `timing` decides the direction: a rule that
    read counts before the index date makes a fall look larger, one that read counts after it makes it look
    smaller. For ``unknown`` timing `late` is a `Range` from 0 to 1 and the result is bounds; `resolved` does that
    for a panel whose own rule has unknown timing, and for a hard cut read ``within_post`` where somebody has less
    after. The rule is taken to have read a stretch as long as its windows. An end at which somebody lies below the
    cut was not what it read; with rates that stay it is then the furthest that a cut read at any time can move the
    mean: the cut itself, either way.

    Methods that reason from a rule ``top`` need everybody who competed, and refuse the picked people alone. A hard cut
    that the histogram of counts at it contradicts is not reasoned from. ``linear``, ``mirror``, ``none``, ``at_event``
    and a stated gamma law ask for no cut.

    Parameters
    ----------
    method : {"robbins_zhang", "linear", "gamma_poisson", "lognormal", "desistance", "earlier_rule", "mirror", \
            "own_history", "none", "at_event"}
        What is assumed about people's rates:

        ``robbins_zhang``: rates of any law that stay the same; from the picked people's own counts and the rule
        (threshold, or threshold and softness). With `persistence` below 1 they drift towards `comparable_mean`.
        For a rule ``top`` the panel must hold everybody who competed: the chance at each count is then the share of
        them who are managed, made never to fall with the count, so that ties and refusals are in it.
        ``linear``: the mean after is linear in the count before down to `comparable_mean`. Needs moments only.
        ``gamma_poisson``: gamma rates of a population with `comparable_mean` and `shape` (Hauer's empirical
        Bayes); with neither, that population is fitted to the picked people above their threshold.
        ``lognormal``: lognormal rates that drift, in a population of `comparable_mean`. Needs moments only. A rule that
        states its chances (``at_least``, ``soft`` with both numbers, ``top`` with everybody who competed) is honoured:
        the mean before tells the spread of rates, counts before by events after how far they last (of people at hand in
        a mean in which high counts weigh little more than others; of a print in the product of both counts). For a
        ``soft`` rule without its numbers a probit is fitted too, so that the population prints the five moments.
        Picked on the count after, stated chances tell too little and are refused; fitted ones are not.
        Right for lognormal rates only. From 225 people above cuts of 3 to 6 (100 cohorts each, log SDs of .8 to 1.06)
        it leaves at most .04 of the log ratio, and intervals meant to cover 95% cover 89 to 98%; from 225 people with
        gamma rates that stay (40 cohorts each) it leaves .06 (cut 4) and .12 (cut 6), and they cover 75% and 65%.
        ``desistance``: lognormal levels, rates that drift, and stopping for good, fitted to the yearly history
        of an unselected cohort (everybody in the panel; the managed people are those with a start).
        ``earlier_rule``: what the same rule would have met one span earlier among everybody in the panel (the double
        ratio). It holds ageing and trend as they were then.
        ``mirror``: the window after is expected to be as high as the one before the rule's (the symmetric
        difference), for stationary rates that run alike in both directions of time; over-corrects where careers end.
        ``own_history``: lognormal rates that drift but keep their law, fitted to the picked people's own windows
        before, given that they were picked on those that the rule read; at least one must be left unread. No
        unselected cohort is needed. It takes the process as stationary: a lasting fall of everybody's rates makes the
        earlier windows high, which is taken for a level to come back to, so that a fall of so much a window leaves
        about twice that in the remainder; a run-up does the reverse, and careers that end are not in it. Where rates
        also move within windows it takes 2 to 4% too much, and intervals meant to cover 95% cover 87 to 90%.
        ``none``: people were picked on their rate at the index date, not on a count. Then nothing regresses.
        With one of the others this makes a bracket, not an estimate.
        ``at_event``: people were picked when something happened, such as a positive test at an arrest, shortly before
        the index date. That happens to people in proportion to their rate at that time, which leaves a symmetric
        contrast as it is, but for the events themselves: each of the picked has so many more before than their rate
        gives (Palm theory of a Cox process; the rates' course is taken to be the same forwards and backwards in time).
    selection : Selection, optional
        A what-if; else the panel's own.
    comparable_mean : belief, optional
        Mean count of everybody from whom people were picked, in a window as long as the one before; above 0.
    slope : belief, optional
        Slope of after on before without a programme; by default that of the picked people, from which the
        programme's ratio is divided out. If people were picked late it is taken as that of rates that stay.
    shape : belief, optional
        Shape of the gamma law of rates in that population; above 0.
    persistence : belief, optional
        Share of a rate's distance from the mean that lasts to the window after, 0 to 1.
    desistance : belief, optional
        Chance of stopping for good in a year, inside 0 to 1; by default fitted.
    events : belief, optional
        For ``at_event``: events before, a person, at which people were picked; 0 or more.
    late : belief, optional
        Share of the picking that read the window after, 0 to 1; by default what the timing says.
    careers : CareerLaw, optional
        A stated law for ``desistance``, where there is no unselected cohort.
    drift : {"own", "comparison", "model"}
        For ``desistance``: the cohort's change continues as between its own last two periods before, or is that
        of the never-managed people, or is what the model says. The first two hold trend and ageing as well, so
        that history and ageing do not belong in the same ledger.

    Raises
    ------
    SpecError
        IOM-E092 for a belief outside its bounds or one that the method does not use, IOM-E093 for an unknown
        method, IOM-E096 when the method lacks a belief it needs.

    Notes
    -----
    What stays unidentified: whether people were picked on the count or on the rate behind it; the mean of
    comparable people, when only the picked are printed; the law of rates (with static gamma rates a lasting drift
    is taken for a change). On a real cohort without any programme static methods leave 5 to 10% of the fall
    unaccounted for even with the right drift, drifting rates without desistance take 7 to 10% too much, and
    desistance with the cohort's own drift is within 2%.

    References
    ----------
    Robbins & Zhang (1988), PNAS 85, 3670-3672; Hauer (1997), Observational Before-After Studies in Road Safety;
    Kibble (1941), Sankhya 5, 137-150; Maltz, Gordon, McDowall & McCleary (1980), Evaluation Review 4, 225-240;
    Daley & Vere-Jones (2008), An Introduction to the Theory of Point Processes II, ch. 13.

    Examples
    --------
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> panel = Panel.from_arrays([[3, 1], [4, 3], [6, 4]], name="arrests", selection=rule)
    >>> round(float(RegressionToMean().shift(panel, {})), 4)  # the person exactly at 3 counts nothing
    -0.2624
    >>> m = Moments.from_summary(
    ...     n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests"
    ... )
    >>> rtm = RegressionToMean(method="linear", comparable_mean=3.0, selection=rule)
    >>> round(float(np.exp(rtm.shift(m, {"comparable_mean": 3.0}))), 3)
    0.782
    """

    method: str = "robbins_zhang"
    selection: Selection | None = None
    comparable_mean: Belief | None = None
    slope: Belief | None = None
    shape: Belief | None = None
    persistence: Belief | None = None
    desistance: Belief | None = None
    late: Belief | None = None
    events: Belief | None = None
    careers: CareerLaw | None = None
    drift: str = "own"

    ids: ClassVar[tuple[str, ...]] = ("u1",)
    line: ClassVar[str] = "regression to the mean"
    reference: ClassVar[str] = "Robbins & Zhang (1988), PNAS 85, 3670-3672; Hauer (1997)"
    assumption_left_out: ClassVar[str] = (
        "nobody was picked on a count that would have come back towards the mean anyway"
    )
    of_counts: ClassVar[InLedger] = InLedger(
        assumed=True,
        tipped=("comparable_mean", "events"),
        to_state="how people were picked and what that does by itself",
    )
    acts: ClassVar[str] = EVENTS

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.method, USES, "RegressionToMean method")
        check_choice(self.drift, DRIFTS, "RegressionToMean drift")
        bounds = {"comparable_mean": POSITIVE, "shape": POSITIVE, "desistance": SHARE_INSIDE, "events": AT_LEAST_ZERO}
        check_beliefs(self, bounds | dict.fromkeys(("slope", "persistence", "late"), SHARE))
        _check_fields(self)
        if self.selection is not None and self.selection.timing == "unknown" and "late" in USES[self.method]:
            object.__setattr__(self, "late", Range(0.0, 1.0) if self.late is None else self.late)

    @property
    def also_holds(self) -> tuple[str, ...]:
        """Lines that this one already contains, so that they do not belong in the same ledger."""
        if self.method == "earlier_rule" or (self.method == "desistance" and self.drift != "model"):
            return ("ageing", "history", "desistance")
        return ("desistance",) if self.method == "desistance" else ()

    def resolved(self, data: Panel | Moments) -> Self:
        """Return the confound with the rule of the data, so that unknown timing shows as a range of `late`."""
        if self.method in ("none", "at_event"):
            return self
        rule = rule_of(self.selection, data)
        told = replace(self, selection=rule)
        free = self.late is None and self.method == "robbins_zhang" and self.persistence is None
        if rule.timing != "within_post" or not free or not isinstance(data, Panel):
            return told
        return replace(told, late=Range(0.0, 1.0)) if picked_counts(data, rule).mirrored.below(rule) else told

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change of the pooled count per day at risk, with nothing but picking.

        Raises
        ------
        InputError
            IOM-E066 for a score; IOM-E048 when nothing says how people were picked, or the method needs people and
            got moments.
        NotIdentifiedError
            IOM-E068 when the timing is unknown and no `late` says what to do about it.
        """
        if self.method == "none":
            return spread(np.zeros(()), theta, data)
        if self.method == "at_event":
            return spread(counts.at_events_shift(mean_before(data), theta["events"]), theta, data)
        rule = rule_of(self.selection, data)
        if self.method in _FROM_HISTORY:
            return spread(self._history(data, rule, theta), theta, data)
        late = theta["late"] if "late" in theta else lateness(rule, self.late)
        told = picked_counts(data, rule) if isinstance(data, Panel) else printed_moments(data)
        longer = _longer(data, told)
        first, second = (1 - np.asarray(late)), np.asarray(late)
        total = np.zeros(())
        if (first > 0).any():
            total = total + first * self._early(told, rule, theta, longer)
        if (second > 0).any():
            total = total + second * self._late(told, rule, theta, longer)
        return spread(total, theta, data)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the law of rates where the method states one; else neutral, for it holds for any law.

        The rule by which people are picked belongs to the simulator's enrolment, not to its kernel.
        """
        if self.careers is not None:
            stop = float(theta.get("desistance", self.careers.desistance))
            return Mechanism(frailty=self.careers.frailty | {"desistance": stop})
        if self.method == "gamma_poisson" and "shape" in theta:
            start, end = days_of(next(w for w in windows if not w.post), "gamma rates")
            law = {"law": "gamma", "rate": float(theta["comparable_mean"]) * YEAR / (end - start)}
            kept = float(theta.get("persistence", 1.0))
            return Mechanism(frailty={**law, "shape": float(theta["shape"]), "persistence": kept})
        return Mechanism()

    def sentence(self, data: Panel | Moments, theta: Theta) -> str:
        """Say what the allowance is, and on what condition."""
        if self.method == "none":
            return (
                "Regression to the mean: if people were picked on their rate at the index date and not on a count, "
                "nothing regresses and no allowance is made; with an allowance for picking on the count this makes "
                "a bracket and not an estimate."
            )
        if self.method == "at_event":
            return (
                f"Regression to the mean: if people were picked at {setting(self, 'events', theta)} {data.name} a "
                "person shortly before the index date, and otherwise on their rate, these alone give "
                f"{allowance(self, data, theta)}."
            )
        rule = rule_of(self.selection, data)
        return (
            f"Regression to the mean: if people were picked {timed(rule, theta)} {_ruled(rule)}, and "
            f"{_conditions(self, data, theta)}, picking alone gives {allowance(self, data, theta)}."
        )

    def _early(self, told: Picked | PairMoments, rule: Selection, theta: Theta, longer: float) -> NDArray[np.float64]:
        if self._at_any_time(told, rule) and told.unlike(rule):
            return counts.cut_bound_shift(told, rule, late=False)
        return self._ahead(told, rule, theta, longer)

    def _late(self, told: Picked | PairMoments, rule: Selection, theta: Theta, longer: float) -> NDArray[np.float64]:
        if self._at_any_time(told, rule) and told.mirrored.unlike(rule):
            return counts.cut_bound_shift(told, rule, late=True)
        back, stated = _mirrored(told, longer), _as_long_as_after(theta, longer)
        return -self._ahead(back, rule, stated, 1 / longer, late=True)

    def _at_any_time(self, told: Picked | PairMoments, rule: Selection) -> TypeGuard[Picked]:
        """Whether the rule may have read any stretch up to the end of the window after, while rates stay."""
        still = self.method == "robbins_zhang" and self.persistence is None and self.late is not None
        return isinstance(told, Picked) and still and rule.timing in ("unknown", "within_post")

    def _ahead(
        self, told: Picked | PairMoments, rule: Selection, theta: Theta, longer: float, *, late: bool = False
    ) -> NDArray[np.float64]:
        """Return the shift from the window that was read to the other one, `longer` times as long."""
        mean, kept = theta.get("comparable_mean"), theta.get("persistence")
        if self.method == "linear":
            return counts.linear_shift(_moments(told), mean, theta.get("slope"), late=late)
        if self.method == "lognormal":
            return _lognormal(told, rule, mean, longer, late=late)
        if kept is None:
            return self._staying(told, rule, theta, late=late)
        m = _moments(told)
        if not late:
            return robbins_zhang.drifting_log_shift(
                self._staying(told, rule, theta), kept, np.asarray(mean), m.mean_pre
            )
        lasting = m._replace(mean_post=counts.lasting_mean(m, mean, kept))
        return self._staying(told, rule, theta, lasting, late=True) + np.log(
            np.asarray(m.mean_post) / lasting.mean_post
        )

    def _staying(
        self,
        told: Picked | PairMoments,
        rule: Selection,
        theta: Theta,
        moments: PairMoments | None = None,
        *,
        late: bool = False,
    ) -> NDArray[np.float64]:
        """Return the shift where rates stay the same."""
        if self.method == "gamma_poisson" and "shape" in theta:
            m = _moments(told) if moments is None else moments
            return counts.stated_gamma_shift(m, theta["comparable_mean"], theta["shape"], late=late)
        people = _people(told, self.method)
        return (counts.own_gamma_shift if self.method == "gamma_poisson" else counts.any_law_shift)(people, rule)

    def _history(self, data: Panel | Moments, rule: Selection, theta: Theta) -> NDArray[np.float64]:
        if isinstance(data, Moments):
            raise InputError("IOM-E048", f"method {self.method!r} needs people's counts by window, not moments")
        if rule.timing in ("within_post", "unknown"):
            raise NotIdentifiedError(
                "IOM-E068",
                f"method {self.method!r} expects the rule to have read the history, not {rule.timing!r} timing",
            )
        if self.method == "earlier_rule":
            return placebo.earlier_rule_shift(data, rule)
        if self.method == "own_history":
            return own_history_shift(data, rule)
        if self.method == "mirror":
            return placebo.mirror_shift(data, rule)
        return careers_shift(data, drift=self.drift, law=self.careers, desistance=theta.get("desistance"))


def _lognormal(
    told: Picked | PairMoments, rule: Selection, mean: Any, longer: float, *, late: bool
) -> NDArray[np.float64]:
    """Honour a rule that states its chances; fit the cut and softness of a soft one that does not."""
    if rule.rule == "soft" and None in (rule.threshold, rule.softness):
        return counts.soft_lognormal_shift(counts.of_equal_length(_moments(told), longer), mean, late=late)
    return counts.lognormal_shift(told, mean, rule, late=late)


def _check_fields(spec: RegressionToMean) -> None:
    given = set(belief_fields(spec))
    if strange := sorted(given - set(USES[spec.method])):
        raise SpecError("IOM-E092", f"RegressionToMean method {spec.method!r} does not use {', '.join(strange)}")
    needed = {"linear": {"comparable_mean"}, "lognormal": {"comparable_mean"}, "at_event": {"events"}}.get(
        spec.method, set()
    )
    if "shape" in given or "persistence" in given:
        needed = needed | {"comparable_mean"}
    if spec.method == "gamma_poisson" and "comparable_mean" in given and "persistence" not in given:
        needed = needed | {"shape"}
    if absent := sorted(needed - given):
        raise SpecError("IOM-E096", f"RegressionToMean method {spec.method!r} needs {', '.join(absent)}")
    if spec.careers is not None and (spec.method != "desistance" or spec.drift != "model"):
        raise SpecError("IOM-E092", "RegressionToMean careers: only for method='desistance' with drift='model'")


def _longer(data: Panel | Moments, told: Picked | PairMoments) -> float:
    """Return how much longer the window after is than the one before."""
    if isinstance(told, Picked):
        return 1 / told.length
    days = None if isinstance(data, Panel) else data.exposure
    return 1.0 if days is None else days[1] / days[0]


def _mirrored(told: Picked | PairMoments, longer: float) -> Picked | PairMoments:
    """Return the same with time running backwards, in events of a window as long as the one after, which was read."""
    if isinstance(told, Picked):
        return told.mirrored
    m1, s1, m2, s2, r = told
    return PairMoments(m2 * longer, s2 * longer, m1 * longer, s1 * longer, r)


def _as_long_as_after(theta: Theta, longer: float) -> Theta:
    """Return what is stated of windows as long as the one before for windows as long as the one after."""
    told = dict(theta)
    if "comparable_mean" in theta:
        told["comparable_mean"] = np.multiply(theta["comparable_mean"], longer)
    if "slope" in theta:  # of lasting rates, whose variance grows with the square of the length
        slope = np.asarray(theta["slope"])
        told["slope"] = slope * longer / (1 - slope + slope * longer)
    return told


def _moments(told: Picked | PairMoments) -> PairMoments:
    return pair_moments(told) if isinstance(told, Picked) else told


def _people(told: Picked | PairMoments, method: str) -> Picked:
    if not isinstance(told, Picked):
        raise InputError(
            "IOM-E048", f"method {method!r} needs people's counts; with moments use 'linear' or 'lognormal'"
        )
    return told


def _ruled(rule: Selection) -> str:
    if rule.threshold is None:
        return "more often with more events"
    shown = f"{rule.threshold:g}"
    return {
        "at_least": f"with at least {shown} events",
        "top": f"as the {shown} with most events",
        "soft": f"more often with more events, half of them at {shown}",
    }[rule.rule]


def _conditions(spec: RegressionToMean, data: Panel | Moments, theta: Theta) -> str:
    def told(name: str) -> str:
        return setting(spec, name, theta)

    mean = told("comparable_mean") if spec.comparable_mean is not None else ""
    known = {
        "linear": f"the mean after is linear in the count down to comparable people’s mean of {mean}",
        "lognormal": f"rates are lognormal around a mean of comparable people of {mean}",
        "earlier_rule": "those whom the same rule would have picked one span earlier changed as these would have",
        "own_history": "lognormal rates drift around a level that stays, as in these people's own windows before",
        "mirror": "their rates would have come down as they had gone up",
        "desistance": "rates drift and careers end as in the histories of the whole cohort",
    }
    if spec.method in known:
        return known[spec.method]
    law = "rates follow a gamma law" if spec.method == "gamma_poisson" else "rates stay the same whatever their law"
    if spec.persistence is None:
        return law
    return f"{law}, and {told('persistence')} of their distance from the mean of {mean} {data.name} lasts"
