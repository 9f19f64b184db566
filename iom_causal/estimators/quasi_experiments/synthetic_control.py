"""Synthetic control: one managed unit against a mixture of units that followed the same course before."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.requirements import (
    Requirement,
    both_groups,
    named_covariates,
    one_start,
    require,
    selected_alike,
    starts_of,
    windows_before,
)
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import ADDING, exposure_words
from iom_causal.inputs.unit_series import UnitSeries, donor_units, unit_series
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.synthetic_control import (
    EXACT,
    PlaceboInference,
    Placebos,
    SyntheticFit,
    placebo_inference,
    placebos_in_space,
    rank_of_errors,
    ratio_limits,
    synthetic_fit,
)
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONTRASTS = ("ratio", "difference")
LEAST_DONORS, LEAST_BEFORE = 3, 2
"""Donors so that each has others to be made of, and windows before, below which nothing is fitted."""
ENOUGH_BEFORE = 8
"""Windows before below which a mixture follows chance."""
POOR = 0.25
"""Root mean squared gap before over the mean level from which a fit is called poor."""
LEAST_WEIGHT = 1e-6
SHOWN = 3
"""Donors that a note names."""

_ASSUMPTIONS = (
    "without the programme, the managed unit would have gone on as the mixture of donors that it followed before",
    "the programme reached no donor, and nothing else happened to the managed unit alone",
    "for the interval: which unit was managed says nothing of how far its mixture goes wrong",
)


class _Fit(NamedTuple):
    """What was worked out of one panel."""

    series: UnitSeries
    first: int
    fit: SyntheticFit
    placebos: Placebos
    inference: PlaceboInference

    @property
    def synthetic(self) -> Any:
        return self.series.treated - self.fit.gaps

    @property
    def level_before(self) -> float:
        """Mean of the managed series before."""
        return float(np.abs(self.series.treated[: self.first]).mean())


@dataclass(frozen=True)
class SyntheticControl:
    """Synthetic control: the managed unit against the convex mixture of donors nearest to it before (Abadie 2010).

    Units are named by a covariate, such as the force; donors are those without managed people. What managed people had
    after is compared with what the mixture had. It is right where the mixture, which followed the managed series
    before, would have gone on following it; the longer it did, the better that is known. A short or noisy series is
    followed by chance: then the fit says little. Level 3 of 5 on the Maryland Scientific Methods Scale.

    Parameters
    ----------
    unit : str
        The covariate that names each person's unit. Empty where rows are units themselves, one of them managed.
    contrast : {"ratio", "difference"}
        Observed over expected events after; or their difference a managed person (of scores, of means).
    level : float
        Confidence level.

    Notes
    -----
    Weights are not negative and add up to 1, and minimise the squared distance to the managed series before, all
    windows alike: with all outcomes before, other predictors would add nothing (Kaul et al. 2022). Each unit is its
    people's mean or, where days at risk are known, rate. People beside managed ones in their unit are left out.

    Each donor in turn is taken for the managed unit (placebos in space). The p-value is the rank of the mean gap after
    over the unit's own error before, and the interval inverts it (Firpo & Possebom 2018): it takes level / (1 - level)
    donors, 19 for 95%, and is none with fewer. The p-value is at least 1 / (J + 1): below 9 donors it cannot reach .1.
    In 2,000 simulated studies of 20 forces, whichever of them had the programme, intervals at 95% held the ratio in
    95%, and likewise of 40 forces and of forces with few events: below 1 a ratio has more noise than placebos have,
    which its limits allow for. A managed unit that was selected for being extreme is not like its donors, which no
    interval knows.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> windows = [Window(str(k), 91 * k, 91 * k + 91, post=k >= 0) for k in range(-4, 2)]
    >>> y = [[6, 8, 7, 9, 4, 4], [4, 6, 5, 7, 7, 6], [8, 10, 9, 11, 9, 10], [9, 9, 9, 9, 9, 9]]
    >>> start = np.ma.MaskedArray([4] * 4, mask=[False, True, True, True])
    >>> e = SyntheticControl()(Panel.from_arrays(y, windows=windows, start=start, name="arrests"))
    >>> round(e.estimate, 4), {name: round(w, 4) for name, w in e.diagnostics["weights"].items()}
    (0.5, {'unit 1': 0.5, 'unit 2': 0.5})
    """

    unit: str = ""
    contrast: str = CONTRASTS[0]
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Abadie, Diamond & Hainmueller (2010), J. Am. Stat. Assoc. 105, 493-505; Abadie (2021), J. Economic Literature "
        "59, 391-425; Firpo & Possebom (2018), J. Causal Inference 6(2); Kaul, Kloessner, Pfeifer & Schieler (2022), "
        "J. Business & Economic Statistics 40, 1362-1376"
    )
    symmetric: ClassVar[bool] = False
    identification: ClassVar[str] = (
        "without the programme, the managed unit would have gone on as the mixture of other units that it followed "
        "before, and nothing else happened to it alone"
    )
    maryland: ClassVar[int] = 3

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_level(self.level)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from the managed people of a panel and the units without any.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 without three donors, several starts, fewer than two windows before, or units not named.
        InputError
            IOM-E066 for the ratio of a score; IOM-E046 where in a window nobody of the managed people was observed.
        DegenerateDataError
            IOM-E064 where a ratio has no events, observed or expected.
        """
        del rng
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        if self._ratio and panel.kind == "score":
            raise InputError(
                "IOM-E066", f'{panel.name}: a score has no ratio; write SyntheticControl(contrast="difference")'
            )
        advice = require(panel.name, type(self).__name__, self.requirements(panel))
        both = compared(panel)
        found = self._fit(both)
        observed, expected = (float(s[found.first :].mean()) for s in (found.series.treated, found.synthetic))
        if self._ratio and min(observed, expected) <= 0:
            raise DegenerateDataError(
                "IOM-E064",
                f"{panel.name}: no events after, {'observed' if observed <= 0 else 'expected'}, so there is no ratio; "
                'SyntheticControl(contrast="difference") compares means',
            )
        half = found.inference.half
        low, high = self._limits(observed, expected, half, len(panel.windows) - found.first, panel.kind)
        ranked, bounded = bool(np.isfinite(found.inference.statistic)), bool(np.isfinite(half))
        return Estimate(
            outcome=panel.name,
            method=f"synthetic control of {len(found.series.names)} donors",
            estimand=self.estimand(panel),
            term="observed / expected" if self._ratio else "observed - expected",
            scale="ratio" if self._ratio else "difference",
            estimate=self._contrast(observed, expected, len(panel.windows) - found.first, panel.kind),
            std_error_scale="log" if self._ratio else "identity",
            statistic=found.inference.statistic if ranked else None,
            p_value=found.inference.p_value if ranked else None,
            conf_low=low if bounded else None,
            conf_high=high if bounded else None,
            conf_level=self.level,
            interval="confidence" if bounded else "none",
            n_input=panel.n if panel.weight is None else round(float(panel.weight.sum())),
            n_used=round(found.series.people),
            exposure=exposure_words(panel.exposure) if panel.kind in ADDING else "not used",
            notes=(*both.notes, *found.series.notes, *advice, *_notes(found, open_end=bounded and high is None)),
            assumptions=_ASSUMPTIONS,
            diagnostics=FrozenMap(self._diagnostics(panel, found)),
            spec=self,
            pinned=None if panel.fixed_by_table is None else False,
        )

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self._ratio:
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: one start, units, donors, windows before, and people picked alike."""
        named = self._units_named(panel)
        longer = "bring earlier windows: a short series is followed by chance"
        return (
            *both_groups(panel),
            one_start(panel),
            named,
            windows_before(panel, LEAST_BEFORE),
            *(self._donors(len(donor_units(compared(panel), self.unit))) if named.met else ()),
            windows_before(panel, ENOUGH_BEFORE, necessary=False, why=longer),
            selected_alike(panel),
        )

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the managed series with its synthetic control, in the cloud of placebos, on `ax`."""
        from iom_causal.base.axes_of_designs import synthetic_series  # noqa: PLC0415 matplotlib is slow to load

        shown = estimate.diagnostics
        return synthetic_series(
            shown["windows"],
            shown["observed"],
            shown["synthetic"],
            shown["placebos"],
            first=shown["first"],
            unit=f"{estimate.outcome} a person and window" if self.unit else estimate.outcome,
            ax=ax,
        )

    def draw_weights(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the weights of the donors, the largest at the top, on `ax`."""
        from iom_causal.base.axes_of_designs import shares  # noqa: PLC0415 matplotlib is slow to load

        return shares(estimate.diagnostics["weights"], unit="weight in the synthetic control", ax=ax)

    @property
    def _ratio(self) -> bool:
        return self.contrast == "ratio"

    def _units_named(self, panel: Panel) -> Requirement:
        if self.unit or panel.group.sum() != 1:
            return named_covariates(panel, *([self.unit] if self.unit else []), what="unit", setting="unit")
        return Requirement(needs="a unit", met=True, found="rows are units, one of them managed")

    def _donors(self, donors: int) -> tuple[Requirement, Requirement]:
        """Require units to mix, and advise as many as an interval takes."""
        wanted = math.ceil(round(self.level / (1 - self.level), 9))
        return (
            Requirement(
                needs=f"{LEAST_DONORS} units without managed people",
                met=donors >= LEAST_DONORS,
                found=f"there are {donors} units without managed people",
                advice="" if donors >= LEAST_DONORS else "bring more units, or take a difference in differences",
                in_code="" if donors >= LEAST_DONORS else "DiffInDiff",
            ),
            Requirement(
                needs=f"{wanted} units without managed people for an interval at {self.level:.0%}",
                met=donors >= wanted,
                found=f"there are {donors} units without managed people, so that placebos give no p-value below "
                f"{1 / (donors + 1):.2g}",
                advice="" if donors >= wanted else f"an interval at {self.level:.0%} takes {wanted}",
                necessary=False,
            ),
        )

    def _fit(self, panel: Panel) -> _Fit:
        series, first = unit_series(panel, self.unit), starts_of(panel)[0]
        if len(series.donors) < LEAST_DONORS:
            raise NotIdentifiedError(
                "IOM-E068",
                f"{panel.name}: SyntheticControl: expected {LEAST_DONORS} units without managed people in which every "
                f"window has somebody, got {len(series.donors)}",
            )
        fit = synthetic_fit(series.treated, series.donors, first)
        placebos = placebos_in_space(series.donors, first)
        windows = len(panel.windows) - first
        shares = np.full(windows, 1 / windows)
        return _Fit(series, first, fit, placebos, placebo_inference(fit, placebos, first, shares, self.level))

    def _contrast(self, observed: float, expected: float, windows: int, kind: str) -> float:
        """Return the contrast of means a window: the ratio, or the difference, of counts over all windows after."""
        if self._ratio:
            return observed / expected
        return (observed - expected) * (windows if kind in ADDING else 1)

    def _limits(
        self, observed: float, expected: float, half: float, windows: int, kind: str
    ) -> tuple[float, float | None]:
        if self._ratio and np.isfinite(half):
            low, high = ratio_limits(observed, expected, half)
            return low, high if np.isfinite(high) else None
        ends = [self._contrast(observed, expected + side * half, windows, kind) for side in (1, -1)]
        return ends[0], ends[1]

    def _diagnostics(self, panel: Panel, found: _Fit) -> dict[str, Any]:
        first, fit = found.first, found.fit
        error = fit.error_before(first)
        figures: dict[str, Any] = {
            "donors": len(found.series.names),
            "effective_donors": float(1 / (fit.weights**2).sum()),
            "error_before": error,
            "weights": FrozenMap(_weights(found)),
        }
        if (early := self._in_time(found)) is not None:
            figures["placebo_in_time"] = early
        if found.level_before > 0:
            figures["error_before_share"] = error / found.level_before
        if not _exact(found):
            figures["error_ratio"], figures["error_ratio_p_value"] = rank_of_errors(fit, found.placebos, first)
        return figures | {
            "windows": tuple(w.label for w in panel.windows),
            "first": first,
            "observed": tuple(found.series.treated.tolist()),
            "synthetic": tuple(found.synthetic.tolist()),
            "placebos": tuple(tuple(gaps) for gaps in found.placebos.beside(error)[0].tolist()),
        }

    def _in_time(self, found: _Fit) -> float | None:
        """Return the contrast of the second half of the windows before, fitted to the first; None where it has none."""
        first = found.first // 2
        if first < LEAST_BEFORE:
            return None
        early = found.series.treated[: found.first]
        fit = synthetic_fit(early, found.series.donors[:, : found.first], first)
        observed, expected = float(early[first:].mean()), float((early - fit.gaps)[first:].mean())
        if not self._ratio:
            return observed - expected
        return observed / expected if min(observed, expected) > 0 else None


def _exact(found: _Fit) -> bool:
    return found.fit.error_before(found.first) <= EXACT * found.level_before


def _weights(found: _Fit) -> dict[str, float]:
    """Return the donors in the mixture with their weights, the largest first."""
    named = zip(found.series.names, found.fit.weights.tolist(), strict=True)
    return dict(sorted(((name, weight) for name, weight in named if weight > LEAST_WEIGHT), key=lambda w: -w[1]))


def _mixture(weights: dict[str, float]) -> str:
    """Return the mixture in words.

    Examples
    --------
    >>> _mixture({"Kent": 0.5, "Essex": 0.25, "Dorset": 0.15, "Wiltshire": 0.1})
    'the mixture is 50% Kent, 25% Essex, 15% Dorset and, for the rest, 1 other'
    """
    first = ", ".join(f"{weight:.0%} {name}" for name, weight in list(weights.items())[:SHOWN])
    more = len(weights) - SHOWN
    rest = f" and, for the rest, {more} other{'s' * (more > 1)}" if more > 0 else ""
    return f"the mixture is {first}{rest}"


def _notes(found: _Fit, *, open_end: bool) -> tuple[str, ...]:
    """Return what a reader should know of the fit and the interval."""
    notes = [_mixture(_weights(found))]
    error = found.fit.error_before(found.first)
    if _exact(found):
        notes.append("the mixture follows the managed series exactly before: of so few windows more than one would")
    elif error > POOR * found.level_before:
        notes.append(
            "the fit before is poor: the managed unit lies outside of what the donors can be mixed to, by "
            f"{POOR:.0%} of its level or more"
        )
    else:
        notes.append(
            "no mixture of the donors equals the managed series before: it stays within "
            f"{error / found.level_before:.0%} of its level"
        )
    if np.isnan(found.inference.statistic):
        notes.append("most units are followed exactly before: there is no error for placebos to be held to")
    if open_end:
        notes.append("the interval has no upper end: the donors' errors reach the expected events")
    return tuple(notes)
