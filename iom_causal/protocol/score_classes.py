"""What a study states of a score, so that people's changes are put into classes."""

from dataclasses import dataclass
from math import nan

from iom_causal.base.specs import check_choice
from iom_causal.errors import SpecError
from iom_causal.numerics.adjustment.score_classes import Cuts, cut_offs

BETTER = ("lower", "higher")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreClasses:
    """Measurement error, smallest change that matters, bands and norms of one score.

    Parameters
    ----------
    outcome : str
        Its name.
    reliability : float, optional
        Correlation of two scores between which nothing happens, in the population if that is stated and else among
        these people: above 0, below 1.
    standard_error : float, optional
        Standard error of measurement of one score, in points; in place of the reliability.
    smallest_change : float, optional
        The smallest difference that matters to a person (minimal important difference), in points.
    bands : tuple of float
        Scores at which a band ends and the next begins, from low to high.
    better : {"lower", "higher"}
        Which scores are better.
    population_mean, population_sd : float, optional
        Of the scores of those from whom people were selected; without them people are taken not to have been selected
        on their score.
    functional_mean, functional_sd, dysfunctional_mean, dysfunctional_sd : float, optional
        Norms: of people without the problem that the score measures, and of people with it.

    Examples
    --------
    >>> ScoreClasses(outcome="risk", standard_error=4.0, functional_mean=10.0, functional_sd=4.0).cuts.used
    18.0
    """

    outcome: str
    reliability: float | None = None
    standard_error: float | None = None
    smallest_change: float | None = None
    bands: tuple[float, ...] = ()
    better: str = BETTER[0]
    population_mean: float | None = None
    population_sd: float | None = None
    functional_mean: float | None = None
    functional_sd: float | None = None
    dysfunctional_mean: float | None = None
    dysfunctional_sd: float | None = None

    def __post_init__(self) -> None:
        where = "study: score_classes"
        check_choice(self.better, BETTER, f"{where}: better")
        if self.reliability is not None and self.standard_error is not None:
            raise SpecError("IOM-E092", f"{where}: expected reliability or standard_error, got both; state one")
        if self.reliability is not None and not 0 < self.reliability < 1:
            raise SpecError("IOM-E092", f"{where}: reliability: expected a number above 0 and below 1, such as 0.8")
        positive = ("standard_error", "smallest_change", "population_sd", "functional_sd", "dysfunctional_sd")
        for name, value in zip(positive, (getattr(self, name) for name in positive), strict=True):
            if value is not None and not 0 < value < float("inf"):
                raise SpecError("IOM-E092", f"{where}: {name}: expected a number above 0, in points of the score")
        for name in ("population", "functional", "dysfunctional"):
            if (getattr(self, f"{name}_mean") is None) != (getattr(self, f"{name}_sd") is None):
                raise SpecError("IOM-E096", f"{where}: expected {name}_mean and {name}_sd, got one of them; state both")
        if list(self.bands) != sorted(set(self.bands)):
            raise SpecError("IOM-E092", f"{where}: bands: expected scores from low to high, such as [50, 100]")
        if not (self.stated or self.smallest_change is not None or self.bands):
            raise SpecError(
                "IOM-E096",
                f"{where}: state reliability or standard_error, smallest_change, or bands: without one of "
                "them there are no classes",
            )

    @property
    def stated(self) -> bool:
        """Whether measurement error is stated."""
        return self.reliability is not None or self.standard_error is not None

    @property
    def lower_is_better(self) -> bool:
        """Whether a fall is an improvement."""
        return self.better == "lower"

    @property
    def cuts(self) -> Cuts:
        """The cut-offs that the norms give."""
        functional, dysfunctional = (
            (nan if mean is None else mean, nan if sd is None else sd)
            for mean, sd in (
                (self.functional_mean, self.functional_sd),
                (self.dysfunctional_mean, self.dysfunctional_sd),
            )
        )
        return cut_offs(functional, dysfunctional, lower_is_better=self.lower_is_better)
