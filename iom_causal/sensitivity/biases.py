"""Biases of a ratio of risks: their strengths, and the bounding factors that these make up."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np

from iom_causal.base.specs import check_choice, check_types
from iom_causal.errors import SpecError, echo
from iom_causal.inputs.threats import CONFOUNDING, EXPOSURE, RECORDING, SELECTION

ALL, SELECTED = "all", "selected"
POPULATIONS = (ALL, SELECTED)
RISKS = ("", "increased", "decreased")
OUTCOME, EXPOSED = "outcome", "exposure"
_SIDES = ("exposed", "unexposed")

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

    def factors(self, *, rise: bool) -> Factors | None:
        """Return its factors at the strengths stated, None where it states none.

        Parameters
        ----------
        rise : bool
            Whether the ratio lies above what it is moved to.
        """
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
    >>> ConfoundingBias(exposure=2.3, outcome=2.5).factors(rise=True)
    Factors(pairs=((2.3, 2.5),), singles=())
    """

    exposure: float | None = None
    outcome: float | None = None

    name: ClassVar[str] = "confounding"
    speaks_to: ClassVar[tuple[str, ...]] = CONFOUNDING

    def __post_init__(self) -> None:
        check_types(self)
        check_strength("ConfoundingBias exposure", self.exposure)
        check_strength("ConfoundingBias outcome", self.outcome)
        _check_together("ConfoundingBias", self.exposure, self.outcome)

    def factors(self, *, rise: bool) -> Factors | None:  # noqa: ARG002 the same either way
        """Return one factor of two strengths, None where they are not stated."""
        if self.exposure is None or self.outcome is None:
            return None
        return Factors(pairs=((self.exposure, self.outcome),))

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
        one of the two groups alone brings the ratio nearer to 1. A higher risk raises what is observed of both: a
        ratio above 1 is too high by the exposed alone, one below 1 too low by the unexposed alone.
    common : bool
        Whether the cause of selection is common to everybody selected (S = U), so that one strength a group is left.
    exposed, unexposed : (float, float) or float, optional
        Of each group (after and before) the ratio of risks of the outcome between levels of the cause, and of these
        between people selected and not; where the cause is common the first alone. With ``risk="increased"`` the
        exposed count of a rise and the unexposed of a fall, with ``"decreased"`` the other way round.

    Examples
    --------
    >>> increased = SelectionBias(risk="increased", exposed=(3, 2), unexposed=(1.5, 2))
    >>> increased.factors(rise=True), increased.factors(rise=False)
    (Factors(pairs=((3, 2),), singles=()), Factors(pairs=((1.5, 2),), singles=()))
    """

    population: str = ALL
    risk: str = ""
    common: bool = False
    exposed: Pair | float | None = None
    unexposed: Pair | float | None = None

    name: ClassVar[str] = "selection"
    speaks_to: ClassVar[tuple[str, ...]] = SELECTION

    def __post_init__(self) -> None:
        check_types(self)
        check_choice(self.population, POPULATIONS, "SelectionBias population")
        check_choice(self.risk, RISKS, "SelectionBias risk")
        if self.population == SELECTED and (self.risk or self.common):
            raise SpecError("IOM-E092", "SelectionBias: of the selected alone neither risk nor common can be said")
        if self.population == SELECTED and self.unexposed is not None:
            raise SpecError("IOM-E092", "SelectionBias: of the selected alone there is one factor; state it as exposed")
        for side in _SIDES:
            check_strength(f"SelectionBias {side}", getattr(self, side), two=not self.common)
        if self.population == ALL and not self.risk:
            _check_together("SelectionBias", *(getattr(self, side) for side in _SIDES))

    def factors(self, *, rise: bool) -> Factors | None:
        """Return a factor for each group that counts, None where no strength is stated.

        Raises
        ------
        SpecError
            IOM-E092 where strengths are those of the group alone that does not count.
        """
        sides = self._sides(rise=rise)
        values = tuple(getattr(self, side) for side in sides)
        if None in values:
            if any(getattr(self, side) is not None for side in _SIDES):
                above = "above" if rise else "below"
                raise SpecError(
                    "IOM-E092",
                    f"SelectionBias: where selection goes with {self.risk} risk, a ratio {above} its reference is "
                    f"biased by the {sides[0]}; state the strengths of these",
                )
            return None
        return Factors(singles=values) if self.common else Factors(pairs=values)

    def at(self, strength: float) -> Factors:
        """Return the factors with every strength at `strength`."""
        many = len(self._sides(rise=True))
        return Factors(singles=(strength,) * many) if self.common else Factors(pairs=((strength, strength),) * many)

    def _sides(self, *, rise: bool) -> tuple[str, ...]:
        if self.population == SELECTED:
            return _SIDES[:1]
        if not self.risk:
            return _SIDES
        return _SIDES[:1] if rise == (self.risk == "increased") else _SIDES[1:]


@dataclass(frozen=True, kw_only=True)
class MisclassificationBias:
    """Misclassification that differs: of the outcome between the groups, or of the exposure between the outcomes.

    Parameters
    ----------
    of : {"outcome", "exposure"}
        What is recorded otherwise than it is.
    strength : float, optional
        Of the outcome: the chance that it is recorded, exposed over unexposed (of a ratio below its reference unexposed
        over exposed), at the same truth; the larger of the ratios with and without the outcome. Of the exposure: the
        odds that it is recorded, with the outcome over without it, at the same truth; the outcome is taken to be rare.
        1 or more.
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
        check_types(self)
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

    def factors(self, *, rise: bool) -> Factors | None:  # noqa: ARG002 the same either way
        """Return its strength itself, None where it is not stated."""
        return None if self.strength is None else Factors(singles=(self.strength,))

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
    try:
        given = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(0)
    if given.shape != ((2,) if two else ()) or not (np.isfinite(given) & (given >= 1)).all():
        what = "two ratios of 1 or more" if two else "a ratio of 1 or more"
        raise SpecError("IOM-E092", f"{name}: expected {what}, got {echo(value)}; of a ratio below 1 give its inverse")


def _check_together(name: str, *values: Any) -> None:
    if any(value is None for value in values) and any(value is not None for value in values):
        raise SpecError("IOM-E092", f"{name}: state all its strengths, or none of them")
