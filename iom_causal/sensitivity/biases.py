"""Biases of a ratio of risks: their strengths, and the bounding factors that these make up."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np

from iom_causal.base.specs import check_choice
from iom_causal.errors import SpecError
from iom_causal.sensitivity.points import CONFOUNDING, EXPOSURE, RECORDING, SELECTION

ALL, SELECTED = "all", "selected"
POPULATIONS = (ALL, SELECTED)
RISKS = ("", "increased", "decreased")
OUTCOME, EXPOSED = "outcome", "exposure"

type Pair = tuple[float, float]


class Factors(NamedTuple):
    """Bounding factors of one bias: those of two strengths, and those of one; as strengths, or as their number."""

    pairs: tuple[Pair, ...] = ()
    singles: tuple[float, ...] = ()


@runtime_checkable
class Bias(Protocol):
    """One bias of a ratio of risks, with its strengths where they are stated."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        ...

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Points of the register that it is about."""
        ...

    @property
    def stated(self) -> bool:
        """Whether all its strengths are stated."""
        ...

    @property
    def factors(self) -> Factors:
        """Its factors at the strengths stated."""
        ...

    def at(self, strength: float) -> Factors:
        """Return its factors where every strength, as a ratio of risks, is `strength`."""
        ...


@dataclass(frozen=True, kw_only=True)
class ConfoundingBias:
    """Unmeasured confounding, as a bias beside others.

    Parameters
    ----------
    exposure : float, optional
        Ratio of risks of the confounder between exposed and unexposed (after and before), 1 or more.
    outcome : float, optional
        Ratio of risks of the outcome between levels of the confounder, 1 or more.

    Examples
    --------
    >>> ConfoundingBias(exposure=2.3, outcome=2.5).factors
    Factors(pairs=((2.3, 2.5),), singles=())
    """

    exposure: float | None = None
    outcome: float | None = None

    name: ClassVar[str] = "confounding"
    speaks_to: ClassVar[tuple[str, ...]] = CONFOUNDING

    def __post_init__(self) -> None:
        check_strength("ConfoundingBias exposure", self.exposure)
        check_strength("ConfoundingBias outcome", self.outcome)
        _check_together("ConfoundingBias", self.exposure, self.outcome)

    @property
    def stated(self) -> bool:
        """Whether both strengths are stated."""
        return self.exposure is not None

    @property
    def factors(self) -> Factors:
        """One factor of two strengths."""
        return Factors(pairs=((self.exposure or 1.0, self.outcome or 1.0),))

    def at(self, strength: float) -> Factors:
        """Return the factor with both at `strength`."""
        return Factors(pairs=((strength, strength),))


@dataclass(frozen=True, kw_only=True)
class SelectionBias:
    """Selection into the sample by something tied to the outcome: loss to follow-up, or who is in the extract.

    Parameters
    ----------
    population : {"all", "selected"}
        Whom the answer is about. Of those selected alone, selection biases as a confounder among them does: beside
        `ConfoundingBias` it then adds nothing, whose strengths are of both, and by itself it has one factor.
    risk : {"", "increased", "decreased"}
        Whether being selected is known to go with a higher, or a lower, risk among exposed and unexposed alike: then
        one of the two groups alone biases the ratio.
    common : bool
        Whether the cause of selection is common to everybody selected (S = U), so that one strength a group is left.
    exposed, unexposed : (float, float) or float, optional
        Of each group (after and before) the ratio of risks of the outcome between levels of the cause, and of these
        between people selected and not; where the cause is common the first alone. With ``risk="increased"`` the
        exposed alone count, with ``"decreased"`` the unexposed alone.

    Examples
    --------
    >>> SelectionBias(risk="increased", exposed=(3, 2)).factors
    Factors(pairs=((3, 2),), singles=())
    """

    population: str = ALL
    risk: str = ""
    common: bool = False
    exposed: Pair | float | None = None
    unexposed: Pair | float | None = None

    name: ClassVar[str] = "selection"
    speaks_to: ClassVar[tuple[str, ...]] = SELECTION

    def __post_init__(self) -> None:
        check_choice(self.population, POPULATIONS, "SelectionBias population")
        check_choice(self.risk, RISKS, "SelectionBias risk")
        if self.population == SELECTED and (self.risk or self.common):
            raise SpecError("IOM-E092", "SelectionBias: of the selected alone neither risk nor common can be said")
        for side in ("exposed", "unexposed"):
            value = getattr(self, side)
            if value is not None and side not in self._sides:
                raise SpecError("IOM-E092", f"SelectionBias: {side} has no part in this bias; leave it out")
            check_strength(f"SelectionBias {side}", value, two=not self.common)
        _check_together("SelectionBias", *(getattr(self, side) for side in self._sides))

    @property
    def stated(self) -> bool:
        """Whether the strengths of every group that counts are stated."""
        return getattr(self, self._sides[0]) is not None

    @property
    def factors(self) -> Factors:
        """A factor for each group that counts."""
        values = tuple(getattr(self, side) for side in self._sides)
        return Factors(singles=values) if self.common else Factors(pairs=values)

    def at(self, strength: float) -> Factors:
        """Return the factors with every strength at `strength`."""
        many = len(self._sides)
        return Factors(singles=(strength,) * many) if self.common else Factors(pairs=((strength, strength),) * many)

    @property
    def _sides(self) -> tuple[str, ...]:
        if self.population == SELECTED or self.risk == "increased":
            return ("exposed",)
        return ("unexposed",) if self.risk == "decreased" else ("exposed", "unexposed")


@dataclass(frozen=True, kw_only=True)
class MisclassificationBias:
    """Misclassification that differs: of the outcome between the groups, or of the exposure between the outcomes.

    Parameters
    ----------
    of : {"outcome", "exposure"}
        What is recorded otherwise than it is.
    strength : float, optional
        Of the outcome: the chance that it is recorded, exposed over unexposed, at the same truth; the larger of the
        ratios with and without the outcome. Of the exposure: the odds that it is recorded, with the outcome over
        without it, at the same truth; the outcome is taken to be rare. 1 or more.
    rare_exposure : bool
        Whether the exposure is rare, so that a ratio of odds is about one of risks; a window is not.

    Examples
    --------
    >>> MisclassificationBias(of="exposure").at(1.5).singles
    (2.25,)
    """

    of: str = OUTCOME
    strength: float | None = None
    rare_exposure: bool = False

    def __post_init__(self) -> None:
        check_choice(self.of, (OUTCOME, EXPOSED), "MisclassificationBias of")
        check_strength("MisclassificationBias strength", self.strength)

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"misclassification of the {self.of}"

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Points of the register that it is about."""
        return RECORDING if self.of == OUTCOME else EXPOSURE

    @property
    def stated(self) -> bool:
        """Whether its strength is stated."""
        return self.strength is not None

    @property
    def factors(self) -> Factors:
        """Its strength itself."""
        return Factors(singles=(self.strength or 1.0,))

    def at(self, strength: float) -> Factors:
        """Return `strength`, squared where it is the odds of a common exposure."""
        odds = self.of == EXPOSED and not self.rare_exposure
        return Factors(singles=(strength**2 if odds else strength,))


def check_strength(name: str, value: Any, *, two: bool = False) -> None:
    """Refuse what is no ratio of 1 or more, or with `two` no pair of such.

    Raises
    ------
    SpecError
        IOM-E092.
    """
    if value is None:
        return
    given = np.asarray(value, dtype=np.float64)
    if given.shape != ((2,) if two else ()) or not (np.isfinite(given) & (given >= 1)).all():
        what = "two ratios of 1 or more" if two else "a ratio of 1 or more"
        raise SpecError("IOM-E092", f"{name}: expected {what}, got {value}; of a ratio below 1 give its inverse")


def _check_together(name: str, *values: Any) -> None:
    if any(value is None for value in values) and any(value is not None for value in values):
        raise SpecError("IOM-E092", f"{name}: state all its strengths, or none of them")
