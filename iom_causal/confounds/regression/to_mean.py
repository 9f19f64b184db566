"""Regression to the mean of a count: one line of a ledger, worked out by one of several methods."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, check_choice, refuse_data
from iom_causal.beliefs import Belief, Range
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.auto import Auto
from iom_causal.confounds.regression.careers import STATED_ELSEWHERE, CareerLaw, DesistingCareers
from iom_causal.confounds.regression.comparison_group import ComparisonGroup
from iom_causal.confounds.regression.gamma_poisson import GammaPoisson
from iom_causal.confounds.regression.histories import OwnHistory
from iom_causal.confounds.regression.latent_rate import AtEvent, LatentRate
from iom_causal.confounds.regression.linear import Linear
from iom_causal.confounds.regression.lognormal import Lognormal
from iom_causal.confounds.regression.method import Method, check_bounds, flat_settings, method_of
from iom_causal.confounds.regression.placebo import EarlierRule, Mirror
from iom_causal.confounds.regression.pool import Pool
from iom_causal.confounds.regression.robbins_zhang import RobbinsZhang
from iom_causal.confounds.units import EVENTS, as_line
from iom_causal.errors import SpecError
from iom_causal.inputs.selected import broadcast, rule_of
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism

METHODS: Mapping[str, type[Method]] = FrozenMap(
    {
        method.name: method
        for method in (
            Auto,
            Pool,
            ComparisonGroup,
            RobbinsZhang,
            Linear,
            GammaPoisson,
            Lognormal,
            DesistingCareers,
            EarlierRule,
            Mirror,
            OwnHistory,
            LatentRate,
            AtEvent,
        )
    }
)
"""The methods by the name that `RegressionToMean` and files give them."""


@dataclass(frozen=True, kw_only=True)
class RegressionToMean(Confound):
    """The change in a pooled count that selecting people for a high count brings about by itself.

    What is estimated is the log of ``E[Y2(0) | selected] / E[Y1 | selected]``, per day at risk, with nothing else
    happening: no programme, ageing, trend or change of detection. People are selected for a count that holds
    chance, a passing spell and a lasting level; only the last stays. In people followed without any programme,
    selecting those with three or more contacts in two years was followed by a fall of nearly a half.

    How people were selected is read from the panel's `Selection`, or from `selection` for a what-if. Without
    either the line is refused, because nothing in the counts tells. `timing` decides the direction: a rule that
    read counts before the index date makes a fall look larger, one that read counts after it makes it look
    smaller. For ``unknown`` timing `late` is a `Range` from 0 to 1 and the result is bounds; `resolved` does that
    for a panel whose own rule has unknown timing, and for a threshold read ``within_post`` where somebody has less
    after. The rule is taken to have read a stretch as long as its windows.

    Methods that reason from a rule ``top`` need the source population, and refuse the selected sample alone. A
    threshold that the histogram of counts at it contradicts is not reasoned from. ``linear``, ``mirror``, ``none``,
    ``at_event`` and a stated gamma distribution ask for no cut.

    Parameters
    ----------
    method : {"auto", "pool", "comparison", "robbins_zhang", "linear", "gamma_poisson", "lognormal", "desistance", \
            "earlier_rule", "mirror", "own_history", "none", "at_event"}
        What is assumed about people's rates. Each is a value of its own, where its assumptions, its settings and how
        far it is off stand (`RegressionToMean.of` takes one): ``auto``: `Auto`, the default, ``pool`` where the
        panel's never-managed people support it, else bounds by ``robbins_zhang``; `resolved` says which. ``pool``:
        `Pool`, what follows the same count in people who were never managed, whatever rates do. ``comparison``:
        `ComparisonGroup`, the change of people selected alike and never managed. ``robbins_zhang``:
        `RobbinsZhang`, rates of any distribution that stay. ``linear``: `Linear`, from moments alone.
        ``gamma_poisson``: `GammaPoisson`, gamma rates of a stated or fitted source population. ``lognormal``:
        `Lognormal`, lognormal rates that drift. ``desistance``: `DesistingCareers`, rates that drift and end, fitted
        to the histories of a source population. ``earlier_rule``: `EarlierRule`, the change under the same rule one
        span earlier. ``mirror``: `Mirror`, the symmetric difference. ``own_history``: `OwnHistory`, fitted to the
        selected people's own windows before. ``none``: `LatentRate`, selected on the rate itself. ``at_event``:
        `AtEvent`, selected at events.
    selection : Selection, optional
        A what-if; else the panel's own.
    comparable_mean : belief, optional
        Mean count of the source population, in a window as long as the one before; above 0.
    slope : belief, optional
        Slope of after on before without a programme, 0 to 1.
    shape : belief, optional
        Shape of the gamma distribution of rates in the source population; above 0.
    persistence : belief, optional
        Share of a rate's distance from the mean that lasts to the window after, 0 to 1; without a mean, of the rate.
    desistance : belief, optional
        Chance of stopping for good in a year, inside 0 to 1; by default fitted.
    events : belief, optional
        For ``at_event``: events before, a person, at which people were selected; 0 or more.
    late : belief, optional
        Share of the selection that read the window after, 0 to 1; by default what the timing says.
    careers : CareerLaw, optional
        Stated parameters for ``desistance``, where there is no source population.
    drift : str, optional
        For ``desistance`` and ``pool``: where everybody's own change comes from; by default what the method says.

    Raises
    ------
    SpecError
        IOM-E092 for a belief outside its bounds or one that the method does not use, IOM-E093 for an unknown
        method, IOM-E096 when the method lacks a belief it needs.

    Notes
    -----
    What stays unidentified: whether people were selected on the count or on the rate behind it; the mean of
    comparable people, when only the selected are reported; the distribution of rates (with static gamma rates a
    lasting drift is taken for a change). On a real cohort without any programme (example `toronto_placebo.py`) static
    methods leave .05 to .08 of the log ratio even with the right drift, ``pool`` .03 to .06 either way, drifting rates
    without desistance take .08 to .11 too much, and desistance is within .03.

    References
    ----------
    Robbins & Zhang (1988), PNAS 85, 3670-3672; Hauer (1997), Observational Before-After Studies in Road Safety;
    Kibble (1941), Sankhya 5, 137-150; Maltz, Gordon, McDowall & McCleary (1980), Evaluation Review 4, 225-240;
    Daley & Vere-Jones (2008), An Introduction to the Theory of Point Processes II, ch. 13.

    Examples
    --------
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> panel = Panel.from_arrays([[3, 1], [4, 3], [6, 4]], name="arrests", selection=rule)
    >>> RegressionToMean().resolved(panel).persistence  # nobody else is on the panel: bounds
    Range(low=0.7, high=1.0)
    >>> lasting = RegressionToMean(method="robbins_zhang")
    >>> round(float(lasting.shift(panel, {})), 4)  # the person exactly at 3 counts nothing
    -0.2624
    >>> m = Moments.from_summary(
    ...     n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests"
    ... )
    >>> rtm = RegressionToMean(method="linear", comparable_mean=3.0, selection=rule)
    >>> round(float(np.exp(rtm.shift(m, {"comparable_mean": 3.0}))), 3)
    0.782
    """

    method: str = "auto"
    selection: Selection | None = None
    comparable_mean: Belief | None = None
    slope: Belief | None = None
    shape: Belief | None = None
    persistence: Belief | None = None
    desistance: Belief | None = None
    late: Belief | None = None
    events: Belief | None = None
    careers: CareerLaw | None = None
    drift: str | None = None

    ids: ClassVar[tuple[str, ...]] = ("u1",)
    line: ClassVar[str] = "regression to the mean"
    reference: ClassVar[str] = "Robbins & Zhang (1988), PNAS 85, 3670-3672; Hauer (1997)"
    assumption_left_out: ClassVar[str] = (
        "nobody was picked on a count that would have come back towards the mean anyway"
    )
    of_counts: ClassVar[InLedger] = InLedger(
        assumed=True,
        tipped=("persistence", "comparable_mean", "events"),
        to_state="how people were picked and what that does by itself",
    )
    acts: ClassVar[str] = EVENTS

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.method, METHODS, "RegressionToMean method")
        check_bounds(self)
        own = {f.name for f in fields(METHODS[self.method])}
        if self.selection is not None and self.selection.timing == "unknown" and "late" in own and self.late is None:
            object.__setattr__(self, "late", Range(0.0, 1.0))
        usual = {f.name: f.default for f in fields(METHODS[self.method])}
        if self.drift == usual.get("drift"):  # said or not, it is the same line
            object.__setattr__(self, "drift", None)
        if self.careers is not None and "careers" not in own:
            raise SpecError("IOM-E092", STATED_ELSEWHERE)
        _ = self.model  # refuses what the method does not use, and what it lacks

    @classmethod
    def of(cls, method: Method, *, selection: Selection | None = None) -> Self:
        """Return the line that a method gives; the same as with its name and its settings.

        Examples
        --------
        >>> RegressionToMean.of(Linear(comparable_mean=3.0)) == RegressionToMean(method="linear", comparable_mean=3.0)
        True
        """
        return cls(selection=selection, **flat_settings(method, "RegressionToMean"))

    @cached_property
    def model(self) -> Method:
        """The method as a value, with its own settings alone."""
        return method_of(self, METHODS)

    @property
    def also_holds(self) -> tuple[str, ...]:
        """Lines that this one already contains, so that they do not belong in the same ledger."""
        return self.model.also_holds

    @property
    def adjusts(self) -> bool:
        """Whether its method is more than the statement that nothing needs adjusting."""
        return self.model.adjusts

    @property
    def of_mean_days(self) -> bool:
        """Whether its method takes everybody to have the mean of the days at risk."""
        return self.model.of_mean_days

    @property
    def lasting(self) -> bool:
        """Whether its method holds each person's rate to last."""
        return self.model.lasting

    def resolved(self, data: Panel | Moments) -> Self:
        """Return the confound with the rule of the data, so that unknown timing shows as a range of `late`."""
        if not self.model.reads_rule:
            return self
        rule = rule_of(self.selection, data)
        ruled = self.of(self.model.chosen(data, rule), selection=rule)
        return replace(ruled, late=Range(0.0, 1.0)) if ruled.model.timing_is_open(data, rule) else ruled

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change of the pooled count per day at risk, with nothing but selection.

        Raises
        ------
        InputError
            IOM-E066 for a score; IOM-E048 when nothing says how people were selected, or the method needs people and
            got moments.
        NotIdentifiedError
            IOM-E068 when the timing is unknown and no `late` says what to do about it.
        """
        return broadcast(self.model.shift(data, self.selection, theta), theta, data)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the distribution of rates where the method states one; else neutral, for it holds for any.

        The selection rule belongs to the simulator's enrolment, not to its kernel.
        """
        return self.model.mechanism(windows, theta)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        return self.model.conditions(data, self.selection, theta)
