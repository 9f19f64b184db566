"""Several biases at once: the bound of confounding, selection and misclassification together, and its E-value."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_choice
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.threats import BIASES, EXPECTED, named, others
from iom_causal.numerics.sensitivity.joint_bounds import joint_bound, joint_e_value
from iom_causal.sensitivity.biases import (
    SELECTED,
    Bias,
    ConfoundingBias,
    Factors,
    MisclassificationBias,
    SelectionBias,
    check_strength,
)
from iom_causal.sensitivity.e_value import HAZARD_RATIO, ODDS_RATIO, RISK_RATIO, read_ratio, risk_ratio

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MEASURES = (RISK_RATIO, ODDS_RATIO, HAZARD_RATIO)
NAME = "several_biases"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralBiases(Result):
    """Joint E-value of several biases, and their joint bound where strengths are stated.

    Parameters
    ----------
    estimate : float
        The one strength, as a ratio of risks, of every parameter of all biases at which these together could move the
        ratio to the reference.
    interval : float or None
        The same of the end of the interval nearer to it; 1 where that holds the reference already, None without one.
    ratio, low, high : float
        The ratio of risks, and its interval where there is one.
    reference : float
        Where it is moved to, as a ratio of risks.
    biases : tuple
        `ConfoundingBias`, `SelectionBias` and `MisclassificationBias`.
    bound : float or None
        The most by which biases of the strengths stated together change the ratio; None where one is not stated.
    """

    figure_columns: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("ratio", "e_value", "e_value_interval", "bound", "ratio_at_bound"), "ratio"
    ) | {"reference": "setting"}

    estimate: float
    interval: float | None
    ratio: float
    low: float | None
    high: float | None
    reference: float
    biases: tuple[Bias, ...]
    bound: float | None

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """Points of the register that these biases are about."""
        return tuple(sorted({key for bias in self.biases for key in bias.speaks_to}))

    @property
    def silent_on(self) -> tuple[str, ...]:
        """Points of the register that they leave out; ageing and regression to the mean are always among them."""
        return others(self.speaks_to)

    @property
    def ratio_at_bound(self) -> float | None:
        """The ratio moved towards the reference by the bound, and not beyond it; None without a bound."""
        if self.bound is None:
            return None
        if self.ratio >= self.reference:
            return max(self.ratio / self.bound, self.reference)
        return min(self.ratio * self.bound, self.reference)

    def bound_at(self, strength: float) -> float:
        """Return the joint bound where every parameter, as a ratio of risks, is `strength`.

        Raises
        ------
        SpecError
            IOM-E092 below 1.

        Examples
        --------
        >>> found = several_biases(2.5, biases=[ConfoundingBias(), MisclassificationBias()])
        >>> round(found.bound_at(found.estimate), 8)
        2.5
        """
        check_strength("bound_at", strength)
        return _bound([bias.at(strength) for bias in _counted(self.biases)])

    def tidy(self) -> "pd.DataFrame":
        """Return one row: the ratio, the joint E-values, the bound, and the ratio at the bound."""
        row: dict[str, Any] = {
            "biases": listed(bias.name for bias in self.biases),
            "ratio": self.ratio,
            "reference": self.reference,
            "e_value": self.estimate,
            "e_value_interval": self.interval,
            "bound": self.bound,
            "ratio_at_bound": self.ratio_at_bound,
        }
        return table([row], row)

    def summary(self) -> str:
        """Return the sentences.

        Examples
        --------
        >>> print(several_biases(0.53).summary().partition(". ")[0])
        Confounding, selection and misclassification of the outcome at once could move the ratio of 0.53 to 1 if each \
of their strengths were a ratio of 1.43
        """
        names = listed(bias.name for bias in self.biases)
        near = {None: "", 1.0: "; its interval reaches that as it is"}
        beside = near.get(self.interval, f"; of {fixed(self.interval or 1.0)} for the nearer end of its interval")
        their = "their" if len(self.biases) > 1 else "its"
        acting = "at once" if len(self.biases) > 1 else "alone"
        together = (
            f"{names[:1].upper()}{names[1:]} {acting} could move the ratio of {fixed(self.ratio)} to "
            f"{number(self.reference)} if each of {their} strengths were a ratio of {fixed(self.estimate)}{beside}."
        )
        said = [together]
        if len(self.biases) > 1:
            alone = float(joint_e_value(self.ratio / self.reference, 1))
            said.append(
                f"The E-value of confounding alone, {fixed(alone)}, asks another question: how strong one cause would "
                "have to be if all else were as it should be. Biases that act at once can each be weaker."
            )
        if self.bound is not None and self.ratio_at_bound is not None:
            left = "reaches it" if self.ratio_at_bound == self.reference else f"leaves {fixed(self.ratio_at_bound)}"
            said.append(
                f"With the strengths stated they change the ratio by a factor of at most {fixed(self.bound)}, which "
                f"{left}."
            )
        rest = [key for key in BIASES if key not in self.speaks_to]
        beside = f", and on {named(rest)}" if rest else ""
        said.append(
            f"This speaks to {named(self.speaks_to)}. It is silent on {named(EXPECTED)}, which are changes to be "
            f"expected and no biases of these kinds{beside}."
        )
        return " ".join(said)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the joint bound over the strength that all parameters have, and that of each bias alone."""
        most = max(1.5, 1.5 * self.estimate)
        strengths = np.linspace(1.0, most, 101)
        ax = axes_of_lines.curve(strengths, [self.bound_at(x) for x in strengths], label="together", ax=ax)
        if len(_counted(self.biases)) > 1:
            for k, bias in enumerate(_counted(self.biases)):
                line = [_bound([bias.at(x)]) for x in strengths]
                ax.plot(strengths, line, ls=axes.STYLES[k % 4][0], color=axes.MUTED, lw=1, label=f"{bias.name} alone")
        axes.mark(ax, y=math.exp(abs(math.log(self.ratio / self.reference))), text="moves the ratio to the reference")
        axes.mark(ax, x=self.estimate, text=f"all {fixed(self.estimate)}")
        ax.set_ylim(bottom=1)
        ax.set_xlim(1, most)
        ax.set_xlabel("strength of every parameter, as a ratio")
        ax.set_ylabel("factor by which the ratio is biased, at most")
        axes.name_above(ax, 2)
        return ax


@checked
def several_biases(
    result: Estimate | float,
    *,
    low: float | None = None,
    high: float | None = None,
    reference: float = 1.0,
    biases: Sequence[Bias] = (ConfoundingBias(), SelectionBias(), MisclassificationBias()),
    measure: str | None = None,
    rare: bool | None = None,
) -> SeveralBiases:
    """Compute the joint bound of several biases, and the joint E-value (Smith, Mathur & VanderWeele 2021).

    Confounding, selection and misclassification act at once: the ratio observed is off by at most the product of
    their bounding factors. The joint E-value is the one strength of all their parameters at which the product is the
    ratio. A single E-value supposes that there is confounding alone.

    Of confounding and selection the order does not matter; misclassification comes last, and its strength is among
    the selected where selection comes before. Expected changes, as regression to the mean and ageing, are none of
    these biases: a ledger takes them out first.

    Parameters
    ----------
    result, low, high, measure, rare
        As for `e_value`, without differences.
    reference : float
        The ratio to move to, above 0, on the scale of the measure.
    biases : sequence
        One each of `ConfoundingBias`, `SelectionBias` and `MisclassificationBias` (of the outcome, and of the
        exposure); with strengths of all, the bound is worked out.

    Returns
    -------
    SeveralBiases
        The joint E-values, and the bound.

    Raises
    ------
    InputError
        IOM-E066, as `e_value`.
    SpecError
        IOM-E092 for no biases, the same one twice, strengths below 1 or of a group alone that does not count, or as
        `e_value`.

    References
    ----------
    Smith, Mathur & VanderWeele (2021), Multiple-bias sensitivity analysis using bounds, Epidemiology 32, 625-634;
    Smith & VanderWeele (2019), Bounding bias due to selection, Epidemiology 30, 509-516.

    Examples
    --------
    >>> increased = SelectionBias(risk="increased")
    >>> found = several_biases(6.75, low=2.79, biases=[ConfoundingBias(), increased])
    >>> round(found.estimate, 6), round(found.interval, 6)
    (4.635703, 2.728474)
    """
    named_biases = [bias.name for bias in biases]
    if not named_biases or len(set(named_biases)) < len(named_biases):
        raise SpecError("IOM-E092", "several_biases: expected one bias or more, each once")
    read_as = RISK_RATIO if measure is None else measure
    check_choice(read_as, MEASURES, "measure")
    target = risk_ratio(read_ratio(reference, None, None, None, NAME), read_as, NAME, rare=rare)
    found = risk_ratio(read_ratio(result, low, high, measure, NAME), read_as, NAME, rare=rare)
    counted = _counted(tuple(biases))
    near = found.nearer(target.estimate)
    stated = [bias.factors(rise=found.estimate >= target.estimate) for bias in counted]
    return SeveralBiases(
        estimate=_strength(found.estimate / target.estimate, counted),
        interval=None if near is None else _strength(near / target.estimate, counted),
        ratio=found.estimate,
        low=found.low,
        high=found.high,
        reference=target.estimate,
        biases=tuple(biases),
        bound=None if None in stated else _bound([one for one in stated if one is not None]),
    )


def _counted(biases: tuple[Bias, ...]) -> tuple[Bias, ...]:
    # Of the selected alone, selection and confounding are one: what ties the cause to exposure and outcome among them.
    confounded = any(isinstance(bias, ConfoundingBias) for bias in biases)
    merged = {id(b) for b in biases if confounded and isinstance(b, SelectionBias) and b.population == SELECTED}
    for bias in biases:
        if id(bias) in merged and bias.factors(rise=True) is not None:
            raise SpecError(
                "IOM-E092", "SelectionBias: of the selected alone, state the strengths in ConfoundingBias, as of both"
            )
    return tuple(bias for bias in biases if id(bias) not in merged)


def _strength(ratio: float, biases: Sequence[Bias]) -> float:
    # At a strength of e every factor of one strength tells by its log how often it has that strength.
    unit = [bias.at(math.e) for bias in biases]
    pairs = sum(len(one.pairs) for one in unit)
    return float(joint_e_value(ratio, pairs, round(sum(math.log(single) for one in unit for single in one.singles))))


def _bound(factors: Sequence[Factors]) -> float:
    pairs = [pair for one in factors for pair in one.pairs]
    return float(joint_bound(pairs, [single for one in factors for single in one.singles]))
