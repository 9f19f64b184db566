"""The posterior of what remains along one setting of a bias model, under every prior of the programme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import number
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import get_path, replace_path, resolve
from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.bias_model import FLAT, SCEPTICAL, STATED, BiasModel
from iom_causal.bayes.shared.bias_posterior import Case, UnderPrior, under_prior
from iom_causal.beliefs import is_belief
from iom_causal.errors import SpecError
from iom_causal.inputs.lines import variant_draws
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import Streams, as_generator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

POINTS, DRAWS = 41, 4000
"""At how many values of the setting, and at most from how many joint draws."""
EVEN = 0.5
STYLES: Mapping[str, str] = {SCEPTICAL: "--", STATED: "-", FLAT: ":"}
"""How the median under each prior is drawn."""


@dataclass(frozen=True, slots=True)
class PosteriorSweep(Result):
    """Posterior of what remains at every value of one setting.

    Parameters
    ----------
    field : str
        The dotted path of the setting.
    values : tuple of float
        Its values.
    under : mapping of str to tuple of UnderPrior
        What remains at each of them, by the name of the prior of the programme.
    outcome, scale : str
        Its name; "ratio" or "points".

    Examples
    --------
    >>> import iom_causal as iom
    >>> table = iom.load_published("sleath-brown-2017")["arrests"]
    >>> model = iom.bayes.BiasModel((iom.Detection(),))
    >>> found = iom.bayes.posterior_sweep(model, table, "detection.ratio", low=0.4, high=1.0, points=3, rng=1)
    >>> [round(value, 2) for value in found.values]
    [0.4, 0.7, 1.0]
    """

    field: str
    values: tuple[float, ...]
    under: Mapping[str, tuple[UnderPrior, ...]]
    outcome: str
    scale: str

    def even(self, prior: str) -> float | None:
        """Return the value at which a fall is as likely as not under a prior (of a set in its middle); None if nowhere.

        Between two values the probability is taken as a straight line; where one has no figures nothing is read off.
        """
        chance = np.array([u.middle("fall") for u in self.under[prior]], dtype=float) - EVEN
        crossed = np.flatnonzero(np.sign(chance[:-1]) * np.sign(chance[1:]) <= 0)
        if not len(crossed):
            return None
        k = int(crossed[0])
        first, last = self.values[k], self.values[k + 1]
        moved = float(chance[k] - chance[k + 1])
        return first if moved == 0 else first + (last - first) * float(chance[k]) / moved

    def summary(self) -> str:
        """Say under each prior how far the median moves along the setting, and where a fall is as likely as not."""
        return "\n".join(self._line(name) for name in self.under)

    def _line(self, prior: str) -> str:
        known = [
            (value, median)
            for value, u in zip(self.values, self.under[prior], strict=True)
            if (median := u.middle("median")) is not None
        ]
        start, absent = f"{self.outcome}, {prior} prior: ", len(self.values) - len(known)
        none = f"at {absent} of {len(self.values)} values the prior and the ledger hardly overlap: no figures there"
        if not known:
            return start + none
        at = self.even(prior)
        nowhere = "nowhere is a fall as likely as not" + (" where there are figures" if absent else "")
        where = nowhere if at is None else f"a fall is as likely as not at {number(at, 3)}"
        span, moved = (f"{number(a, d)} to {number(b, d)}" for a, b, d in zip(known[0], known[-1], (4, 3), strict=True))
        said = f"{start}{self.field} from {span} moves the median from {moved}; {where}"
        return f"{said}; {none}" if absent else said

    def tidy(self) -> "pd.DataFrame":
        """Return one row a value and prior."""
        columns = ("field", "value", "under", *UnderPrior._fields)
        return table(
            (
                {"field": self.field, "value": value, "under": name, **u._asdict()}
                for name, found in self.under.items()
                for value, u in zip(self.values, found, strict=True)
            ),
            columns,
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the median along the setting under every prior, and the interval under the stated one."""
        for name, found in self.under.items():
            middle = np.array([u.middle("median") for u in found], dtype=float)
            low, high = (np.array([getattr(u, end) for u in found], dtype=float) for end in ("conf_low", "conf_high"))
            band = {"low": low, "high": high} if name == STATED else {}
            ax = axes_of_lines.curve(self.values, middle, label=f"{name} prior", ax=ax, **band)
            ax.lines[-1].set(linestyle=STYLES[name])
        if ax is None:
            ax = axes.new_axes()
        axes.mark(ax, y=1.0 if self.scale == "ratio" else 0.0)
        ax.set_xlabel(self.field)
        ax.set_ylabel(f"{self.outcome}: what remains")
        axes.name_above(ax)
        return ax


def posterior_sweep(
    model: BiasModel,
    data: Panel | Moments,
    field: str,
    *,
    low: float,
    high: float,
    points: int = POINTS,
    rng: Rng = None,
) -> PosteriorSweep:
    """Posterior of what remains along one setting, under every prior of the programme, from one set of joint draws.

    Parameters
    ----------
    model : BiasModel
        All else as it has it; at most 4,000 of its draws are taken.
    data : Panel or Moments
        As for a call.
    field : str
        The dotted path of a number or belief of a confound, such as ``"detection.ratio"``: it is known at each value.
    low, high : float
        The ends.
    points : int
        How many values, evenly spaced.
    rng : Generator, int or None
        As for a call: at each value the figures are those of a call with that value, and as many draws.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown field, IOM-E092 when it is no belief of a confound, or ``low`` is not below ``high``.

    Examples
    --------
    >>> from iom_causal.confounds import Detection
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> found = posterior_sweep(BiasModel((Detection(),)), m, "detection.ratio", low=0.4, high=1.0, points=21, rng=1)
    >>> round(found.even("flat"), 2)
    0.53
    """
    if not low < high or points < 2:
        raise SpecError(
            "IOM-E092", f"posterior_sweep: expected low < high and 2 points or more, got {low}, {high}, {points}"
        )
    where, *_ = keys = resolve(model, field)
    if where != "confounds" or not is_belief(get_path(model, field)):
        raise SpecError("IOM-E092", f"{field}: expected a number or a belief of a confound")
    place = keys[1]
    values = tuple(float(v) for v in np.linspace(low, high, points))
    ledger = replace(model.ledger, draws=min(model.draws, DRAWS))
    variants = [replace_path(ledger, field, value).cases(data) for value in values]
    generator, _ = as_generator(rng)
    streams = Streams(int(generator.integers(2**63)), "ledger")
    unit, score = model.points(data), data.kind == "score"
    by_case = [
        [
            Case.of(drawn, score=score, unit=unit)
            for drawn in variant_draws(
                _without(first.confounds, place),
                [at[k][0].confounds[place] for at in variants],
                subject,
                streams=streams,
                size=ledger.draws,
            )
        ]
        for k, (first, subject) in enumerate(variants[0])
    ]
    under = FrozenMap(
        {
            name: tuple(under_prior(cases, prior, model.level)[0] for cases in zip(*by_case, strict=True))
            for name, prior in model.priors.items()
        }
    )
    return PosteriorSweep(field, values, under, data.name, "points" if score else "ratio")


def _without(confounds: Sequence[Any], place: Any) -> tuple[Any, ...]:
    return tuple(c for k, c in enumerate(confounds) if k != place)
