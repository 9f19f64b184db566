"""Records that several steps of an analysis return, and what they return where there is no result."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import ClassVar

from iom_causal.confounds.evidence import Evidence
from iom_causal.errors import IomCausalError
from iom_causal.estimate import Estimate
from iom_causal.ledger import Ledger
from iom_causal.sensitivity.frontier import Frontier
from iom_causal.sensitivity.tipping import Tipping


class Why(StrEnum):
    """Why something is not worked out, where it is not an error that says so."""

    NOT_COMPUTED = auto()
    TOO_FEW = auto()
    OTHER_KIND = auto()
    SELECTED_ON_OTHER = auto()
    CUT_IS_READ = auto()
    SELECTED_ON_RATE = auto()
    ROSE = auto()
    REVERSED = auto()
    FEW_SETS_STATED = auto()
    FEW_SETS_FIT = auto()
    FEW_READ_SELECTION = auto()
    NOTHING_ADJUSTED = auto()
    SELECTION_NOT_READ = auto()
    COMPETITORS_ABSENT = auto()
    CUT_IS_STATED = auto()
    PLACES_ARE_STATED = auto()
    POOL_SHOWS = auto()
    NOBODY_ELSE = auto()
    UNLIKE_TIME = auto()
    TOO_WIDE = auto()
    STARTS_DIFFER = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not worked out of an outcome, and why.

    Parameters
    ----------
    outcome : str
        Its name.
    what : str
        What is not worked out: a method, or a step.
    error : IomCausalError, optional
        Which says why.
    why : Why
        The reason, where it is not an error.
    kind : str
        Of the outcome, where the reason lies there.
    given : int
        How many sets of evidence there are, where they are too few.
    """

    outcome: str
    what: str
    error: IomCausalError | None = None
    why: Why = Why.NOT_COMPUTED
    kind: str = ""
    given: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """One printed statistic beside the same statistic of the rebuilt cohort.

    Parameters
    ----------
    outcome, statistic : str
        What it is.
    printed, rebuilt : str
        Both as text, to the printed decimals.
    """

    outcome: str
    statistic: str
    printed: str
    rebuilt: str

    @property
    def agrees(self) -> bool:
        """Whether both print the same."""
        return self.printed == self.rebuilt


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRange:
    """A number of people over all cohorts that print the same.

    Parameters
    ----------
    outcome, feature : str
        What is counted.
    low, high : int
        The exact logical bounds, or outer bounds where `exact` is false.
    sampled_low, sampled_high : float
        The middle 95% of sampled cohorts, over every base measure.
    exact : bool
        Whether both ends are attained.
    """

    outcome: str
    feature: str
    low: int
    high: int
    sampled_low: int
    sampled_high: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerUnder:
    """The remainder of one outcome under one named set of evidence.

    Parameters
    ----------
    evidence : Evidence
        The set.
    result : Estimate
        What the ledger gave, from the printed figures.
    posterior : Estimate or Refusal
        The same with priors on the programme (`bayes.BiasModel`), or why there is none.
    rebuilt : tuple of Estimate
        The same on rebuilt cohorts.
    tried : Ledger
        The set, with an allowance of nothing whose settings can be moved too.
    tips : tuple of Tipping
        One setting at a time.
    frontier : Frontier, Refusal or None
        The least implausible combination of what the set believes at which nothing remains, or why
        none is given; None where it believes numbers alone.
    conditions : mapping of str to str
        What must hold for each line to be right, by its name, in the words of a sentence.
    """

    people_columns: ClassVar[tuple[str, ...]] = ()
    free_columns: ClassVar[tuple[str, ...]] = ()
    solving_columns: ClassVar[tuple[str, ...]] = ()
    telling_columns: ClassVar[tuple[str, ...]] = ()
    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("low", "high", "conf_low", "conf_high", "per_person"), "estimate as it is given"),
        **dict.fromkeys(("median_low", "median_high", "bias_low", "bias_high"), "estimate as it is given"),
        **dict.fromkeys(("fall_low", "fall_high", "tenth_low", "tenth_high"), "probability"),
        **dict.fromkeys(("share_low", "share_high", "contraction"), "share"),
    }

    evidence: Evidence
    result: Estimate
    posterior: Estimate | Refusal
    rebuilt: tuple[Estimate, ...]
    tried: Ledger
    tips: tuple[Tipping, ...]
    frontier: Frontier | Refusal | None
    conditions: Mapping[str, str]
