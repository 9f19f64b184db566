"""Stepped wedge: units that start in an order drawn by lot, compared in each window with those that still wait."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators.shared.clusters import named_clusters
from iom_causal.estimators.shared.requirements import Requirement, require, selected_alike, starts_of
from iom_causal.inputs.clusters import clusters_of
from iom_causal.inputs.comparison import compared, without_unlike
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import per_rate_days
from iom_causal.inputs.staggered import StaggeredPeople, staggered
from iom_causal.numerics import LEVEL
from iom_causal.numerics.comparison.stepped_wedge import Units, Wedge, count_orders, orders, stepped_wedge
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel
from iom_causal.streams import as_generator
from iom_causal.windows import YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

CONTRASTS = ("ratio", "difference")
DRAWS, LEAST_DRAWS = 999, 99
COUNTED = 60
"""Units up to which orders are counted; of more there are more than enough."""

_ASSUMPTIONS = (
    "the order in which {} started was drawn by lot",
    "those who still wait are not changed by the programme, or by waiting for it",
    "for the limits: the programme changes all by the same {}",
)
_NOT_DRAWN = "people whom the rule did not pick were not in the draw; bring people who start later, or never"
_FROM_WHEN = "say from which window each person is managed"
_DRAWN = "leave out who was not in the draw"


@dataclass(frozen=True)
class SteppedWedge:
    """Stepped wedge (Hussey & Hughes 2007) analysed within windows: all start in the end, in an order drawn by lot.

    In each window the units that have started are compared with those that still wait, and the windows in which there
    are both are put together: events observed over those expected at the rate of those who wait, or the mean
    difference a person and window. What the calendar brings is the same for both and cancels, whatever its course. The
    order was drawn by lot, so that every other order is as likely: its permutation gives the p-value, the standard
    error and, by inversion, the limits, exact for few clusters too. Level 5 of 5 on the Maryland Scientific Methods
    Scale; where the order was not drawn, `EventStudy` asks for less.

    Parameters
    ----------
    by_lot : bool
        Whether the order of starting was drawn by lot: the study's own statement, without which it refuses.
    contrast : {"ratio", "difference"}
        As above; a ratio is of rates where people differ in their days at risk, and a difference of rates a person and
        548 days where they do or windows differ in length.
    cluster : str
        The covariate of which people with one value started together, such as teams; empty where each person was drawn.
    adjusted : bool
        Whether a difference in the windows before the first start is taken out, by the slope of units' rates on those.
    draws : int
        Orders that are drawn, where there are more of them than that.
    level : float
        Confidence level of the limits.

    Notes
    -----
    The programme may take effect slowly: the estimate is then the mean over managed windows in which others still
    wait. Windows in which all are managed say nothing. People never managed whom the rule did not pick
    (`Panel.selected`) were not in the draw and are left out. With few clusters there may be too few orders for limits
    at a high level, and with few events no effect may be too large; limits are then absent, and a note says so. For a
    ratio, half an event stands for none where another order leaves a side without events.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 2, 2, 3, 3], mask=[False] * 4 + [True] * 2)
    >>> y = [[8, 4, 5], [7, 5, 3], [9, 8, 4], [6, 7, 3], [8, 9, 9], [7, 7, 8]]
    >>> from iom_causal.windows import Window
    >>> windows = [Window("a", -365, 0), Window("b", 0, 365, post=True), Window("c", 365, 730, post=True)]
    >>> e = SteppedWedge(by_lot=True)(Panel.from_arrays(y, windows=windows, start=start, name="arrests"), rng=1)
    >>> round(e.estimate, 3), round(e.p_value, 3), e.diagnostics["orders"]
    (0.485, 0.022, 90)
    """

    by_lot: bool = False
    contrast: str = CONTRASTS[0]
    cluster: str = ""
    adjusted: bool = True
    draws: int = DRAWS
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Hussey & Hughes (2007), Contemporary Clinical Trials 28, 182-191; Thompson et al. (2018), Statistics in "
        "Medicine 37, 2487-2500; Hughes et al. (2020), Biometrics 76, 119-130; Rosenbaum (2002), Statistical Science "
        "17, 286-327"
    )
    symmetric: ClassVar[bool] = False
    identification: ClassVar[str] = "the order in which people or clusters started was drawn by lot"
    maryland: ClassVar[int] = 5

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.contrast, CONTRASTS, "contrast")
        check_level(self.level)
        if self.draws < LEAST_DRAWS:
            raise SpecError("IOM-E092", f"draws: expected a whole number of at least {LEAST_DRAWS}")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from units that start at different windows; `rng` draws orders where there are many.

        Raises
        ------
        NotIdentifiedError
            IOM-E068 where the order is not stated to be drawn by lot, where no window has some managed and others
            waiting, or where people of one cluster start at different windows.
        InputError
            IOM-E066 for the ratio of a score; IOM-E060 with fewer than two units; IOM-E076 for people who count in
            part.
        DegenerateDataError
            IOM-E064 without events among the managed or those who wait; IOM-E065 where units do not differ.
        """
        require_panel(panel, type(self).__name__)
        refuse_replicates(panel, self)
        if self._ratio and panel.kind == "score":
            raise InputError(
                "IOM-E066",
                f'{panel.name}: a score has no ratio; write SteppedWedge(by_lot=True, contrast="difference")',
            )
        advice = require(panel.name, type(self).__name__, self.requirements(panel))
        panel = drawn(panel)
        people = staggered(panel, rates=self._ratio, first=0, cluster=self.cluster)
        units = self._units(people, panel.name)
        generator, seed = as_generator(rng)
        order = orders(units.start, self.draws, generator)
        found = stepped_wedge(units, order, self.level, ratio=self._ratio, adjusted=self.adjusted)
        self._check(found, panel.name)
        return self._estimate(panel, people, units, found, advice, {"orders": len(order), "seed": seed})

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        if self._ratio:
            return "att_ratio"
        return "att_score" if panel.kind == "score" else "att_difference"

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel: starts at different windows, whole clusters, an order drawn by lot."""
        everybody, panel = panel, drawn(panel)
        starts, never = starts_of(panel), not panel.group.all()
        clusters = self._clusters(panel)
        stepped = len(starts) > 1 or (bool(starts) and never and panel.start is not None)
        advice, code = (_NOT_DRAWN, "") if panel.n < everybody.n else (_FROM_WHEN, "start=")
        return (
            Requirement(
                needs="people who start at different windows",
                met=stepped,
                found="some start while others wait" if stepped else "in no window are some managed while others wait",
                advice="" if stepped else advice,
                in_code="" if stepped else code,
            ),
            *clusters,
            Requirement(
                needs="an order of starting that was drawn by lot",
                met=self.by_lot,
                found="the order was drawn by lot" if self.by_lot else "no statement says that the order was drawn",
                advice="" if self.by_lot else "state that it was, or take an event study",
                in_code="" if self.by_lot else "by_lot=; EventStudy",
            ),
            selected_alike(panel, also=_DRAWN, allotted=self.by_lot),
            *((self._enough(panel),) if all(r.met for r in clusters) else ()),
        )

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw the rates of those who are managed and of those who wait, window by window, on `ax`."""
        from iom_causal.base.axes_of_designs import crossing_levels  # noqa: PLC0415 matplotlib is slow to load

        rows = estimate.diagnostics["levels"]
        return crossing_levels(rows, unit=f"{estimate.outcome}, {estimate.diagnostics['unit']}", ax=ax)

    @property
    def _ratio(self) -> bool:
        return self.contrast == "ratio"

    def _clusters(self, panel: Panel) -> tuple[Requirement, ...]:
        if not self.cluster:
            return ()
        named = named_clusters(panel, self.cluster)
        if not all(r.met for r in named):
            return named
        start = np.where(panel.group, starts_from(panel), len(panel.windows))
        cluster = clusters_of(panel, self.cluster)
        first = np.full(int(cluster.max()) + 1, len(panel.windows) + 1)
        np.minimum.at(first, cluster, start)
        whole = bool((start == first[cluster]).all())
        together = Requirement(
            needs="clusters whose people start together",
            met=whole,
            found="people of one cluster start together" if whole else "people of one cluster start at unlike windows",
            advice="" if whole else "leave clusters out where each person was drawn",
            in_code="" if whole else 'cluster=""',
        )
        return (*named, together)

    def _enough(self, panel: Panel) -> Requirement:
        """Advise on the number of orders: with few of them no test reaches the level."""
        first = starts_from(panel)
        start = np.where(panel.group, first, len(panel.windows))
        if self.cluster:
            start = start[np.unique(clusters_of(panel, self.cluster), return_index=True)[1]]
        enough = len(start) > COUNTED or count_orders(start) >= 2 / (1 - self.level)
        return Requirement(
            needs="enough orders for the level",
            met=enough,
            found="there are enough other orders" if enough else "there are too few other orders for limits",
            advice="" if enough else "a lower level has some",
            necessary=False,
        )

    def _units(self, people: StaggeredPeople, name: str) -> Units:
        """Return the units that were drawn: clusters, or people, each as often as it counts."""
        weight, start = people.people.weight[0], people.starts[people.people.group]
        y = people.people.outcome[0]
        days = people.people.days
        size = np.ones_like(y) if days is None else np.broadcast_to(days, (1, *y.shape))[0]
        if self.cluster and people.people.cluster is not None:
            cluster, first = np.unique(people.people.cluster[weight > 0], return_index=True)
            rows = people.people.cluster == cluster[:, None]
            added = (rows * weight).astype(np.float64)
            units = Units(added @ y, added @ size, start[weight > 0][first])
        else:
            if (weight != np.rint(weight)).any():
                raise InputError("IOM-E076", f"{name}: SteppedWedge: expected weights that are whole numbers of people")
            who = np.repeat(np.arange(len(y)), weight.astype(np.int64))
            units = Units(y[who], size[who], start[who])
        if len(units.start) < 2 or len(np.unique(units.start)) < 2:
            raise InputError(
                "IOM-E060",
                f"{name}: SteppedWedge: expected at least two {self._each} with every window, of unlike starts",
            )
        return units

    @property
    def _each(self) -> str:
        return "clusters" if self.cluster else "people"

    def _check(self, found: Wedge, name: str) -> None:
        if math.isnan(found.estimate):
            raise DegenerateDataError(
                "IOM-E064",
                f"{name}: there are no events among those who are managed, or those who wait, in windows with both; "
                'put windows together, or SteppedWedge(contrast="difference") compares means',
            )
        if math.isnan(found.p_value):
            raise DegenerateDataError(
                "IOM-E065", f"{name}: another order of starting would find the same, so there is no standard error"
            )

    def _estimate(
        self,
        panel: Panel,
        people: StaggeredPeople,
        units: Units,
        found: Wedge,
        advice: tuple[str, ...],
        drawn: dict[str, Any],
    ) -> Estimate:
        ratio, block = self._ratio, people.block
        limits = [found.low, found.high]
        whole = all(math.isfinite(end) for end in limits)
        natural: Any = np.exp if ratio else float
        low, high = (float(natural(end)) for end in limits) if whole else (None, None)
        levels, rate = _levels(panel, people)
        counts = (f"{len(units.start)} {self._each} start at {len(np.unique(units.start))} windows, or never",)
        few = "orders" if drawn["orders"] * (1 - self.level) < 2 else "events"
        notes = counts if whole else (*counts, f"too few {few} for limits at this level")
        return Estimate(
            outcome=panel.name,
            method=f"stepped wedge within windows, {'ratio' if ratio else 'mean difference'}, permutation of the order",
            estimand=self.estimand(panel),
            term="managed / waiting" if ratio else f"managed - waiting{per_rate_days(people.unit)}",
            scale="ratio" if ratio else "difference",
            estimate=float(natural(found.estimate)),
            std_error=found.std_error,
            std_error_scale="log" if ratio else "identity",
            statistic=found.estimate / found.std_error,
            p_value=found.p_value,
            conf_low=low,
            conf_high=high,
            conf_level=self.level,
            interval="confidence" if whole else "none",
            n_input=int(block.n_input[0]),
            n_used=int(people.used[0]),
            exposure=block.exposure,
            notes=(*block.notes[0], *notes, *advice),
            assumptions=tuple(t.format(w) for t, w in zip(_ASSUMPTIONS, (self._each, "", self.contrast), strict=True)),
            diagnostics=FrozenMap({"slope_before": found.slope, "levels": levels, "unit": rate, **drawn}),
            spec=self,
            pinned=block.sample.pinned(),
        )


def drawn(panel: Panel) -> Panel:
    """Return the people whose start may have been drawn: without the never managed known not to have been selected."""
    return without_unlike(compared(panel))


def starts_from(panel: Panel) -> NDArray[np.int64]:
    """Return the first managed window of each person; any for those who have none."""
    return np.asarray(panel.treated.argmax(-1), dtype=np.int64)


def _levels(panel: Panel, people: StaggeredPeople) -> tuple[tuple[tuple[str, float | None, float | None], ...], str]:
    """Return the rate of those who are managed and of those who wait in each window, and its unit."""
    y, weight = people.people.outcome[0], people.people.weight[0][:, None]
    managed = np.arange(y.shape[1]) >= people.starts[people.people.group][:, None]
    days = people.block.days if panel.kind in ("count", "amount") else None
    size = weight * np.ones_like(y) if days is None else weight * np.broadcast_to(days, (1, *y.shape))[0] / YEAR
    sides = []
    for who in (managed, ~managed):
        total, over = (np.where(who, x, 0.0).sum(0) for x in (weight * y, size))
        sides.append([float(a / b) if b > 0 else None for a, b in zip(total, over, strict=True)])
    rows = tuple((w.label, *pair) for w, *pair in zip(panel.windows, *sides, strict=True))
    return rows, "mean of a person" if days is None else "a person and year"
