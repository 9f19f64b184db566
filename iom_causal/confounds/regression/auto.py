"""Regression to the mean by what the data hold: the source population where it is there, else bounds."""

from dataclasses import dataclass
from typing import ClassVar

from iom_causal.beliefs import Belief, Range
from iom_causal.beliefs.theta import Theta, central
from iom_causal.confounds.regression.comparison_group import ComparisonGroup
from iom_causal.confounds.regression.latent_rate import LatentRate
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.pool import Pool
from iom_causal.confounds.regression.robbins_zhang import RobbinsZhang
from iom_causal.errors import NotIdentifiedError
from iom_causal.inputs.selected import LEAST_LASTING, rule_of
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

LASTING_SHARE = Range(LEAST_LASTING, 1.0)
"""Share of selected people's rates that lasts to the window after, where no source population shows it."""
NOT_RESOLVED = (
    "without a source population how far rates last is not known: take bounds, as a Ledger does and "
    "RegressionToMean().resolved(data), or state persistence"
)


@dataclass(frozen=True, kw_only=True)
class Auto(Method):
    """The default: `Pool` where never-managed people on the panel support it, else bounds by `RobbinsZhang`.

    Of people known to have been selected alike who do not support `Pool` it is `ComparisonGroup`.

    Without a source population nothing in two windows of selected people tells how far their rates last. The bounds
    run from rates that last, one end, to rates of which three tenths are gone in the window after. In cohorts without
    a programme (windows of one to two years, people selected at counts of 3 to 6) rates that last left nothing; rates
    that drift left .05 to .16 of the log ratio, and with 8% a year stopping for good .15 to .25. Real court contacts
    over two years left .32 to .34, most of it the whole cohort's decline (Toronto). Three tenths are .36.

    With a stated `persistence` it is `RobbinsZhang`; for people selected on the rate without others it is
    `LatentRate` with the same bounds; and where people were not selected before the index date, or when is not known,
    `RobbinsZhang` with rates that last.

    Parameters
    ----------
    comparable_mean, persistence, late : belief, optional
        As in `RobbinsZhang`.

    Examples
    --------
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> Auto().chosen(Panel.from_arrays([[3, 1], [5, 2]], name="arrests", selection=rule), rule)
    RobbinsZhang(comparable_mean=None, persistence=Range(low=0.7, high=1.0), late=None)
    """

    comparable_mean: Belief | None = None
    persistence: Belief | None = None
    late: Belief | None = None

    name: ClassVar[str] = "auto"

    @property
    def needs(self) -> tuple[str, ...]:
        """A mean says nothing without how far rates drift towards it."""
        return () if self.comparable_mean is None else ("persistence",)

    def chosen(self, data: Panel | Moments, rule: Selection) -> Method:
        """Return the method that the data call for."""
        if self.persistence is None and self.late is None and isinstance(data, Panel) and Pool().supports(data, rule):
            return Pool()
        if self.persistence is None and self.late is None and isinstance(data, Panel) and data.alike.any():
            return ComparisonGroup()
        if rule.rule == "rate":
            return LatentRate(persistence=LASTING_SHARE if self.persistence is None else self.persistence)
        before = rule.timing in ("at_boundary", "within_pre")
        share = LASTING_SHARE if self.persistence is None and before and self.late is None else self.persistence
        return RobbinsZhang(comparable_mean=self.comparable_mean, persistence=share, late=self.late)

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the shift of the method that the data call for, if it has a value.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 where there are bounds and no value.
        """
        method = self._at(data, selection)
        if isinstance(method, (RobbinsZhang, LatentRate)) and method.persistence is LASTING_SHARE:
            method.shift(data, selection, {**theta, "persistence": 1.0})  # refuses what it refuses
            raise NotIdentifiedError("IOM-E068", NOT_RESOLVED)
        return method.shift(data, selection, theta)

    def timing_is_open(self, data: Panel | Moments, rule: Selection) -> bool:
        """Whether the data show that a rule timed after the index date may have read any stretch."""
        return self.chosen(data, rule).timing_is_open(data, rule)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the assumptions of the method that the data call for, in the words of a sentence."""
        method = self._at(data, None)
        return str(method.condition(data, {**central(method), **theta}))

    def _at(self, data: Panel | Moments, selection: Selection | None) -> Method:
        return self.chosen(data, rule_of(selection, data))
