"""A study design declared: model, estimands, data strategies, estimators; drawn once, or varied."""

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from iom_causal.base.formats import number
from iom_causal.base.names import function_name
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import get_path, replace_path
from iom_causal.base.specs import FrozenMap, got, panel_call
from iom_causal.designs.drawing import BatchedModel, ReplicatedStrategy, one_world, panel_of, result_of
from iom_causal.designs.scoring import AnswerKind, Score, Target, scores
from iom_causal.errors import IomCausalError, SpecError, echo
from iom_causal.estimate import Estimate
from iom_causal.panel import Panel
from iom_causal.roles import Answer, Batched
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CELL = 500
"""Replicates that are worked out together where every part of a design has a kernel for them."""


@dataclass(frozen=True)
class Design:
    """A study design (model, estimands, data strategies, estimators), to be diagnosed by simulation before it is done.

    Each replicate draws one world, which all data strategies and estimators share, and every estimator is called on
    every data strategy's panel. What estimates the change itself (a descriptive change) is scored against an ATT on
    the same scale as what people read it as, and labelled so; any other mismatch of estimand, scale or outcome is
    refused. Designs that have the same model and seed meet the same worlds, so that they can be compared in pairs.

    Parameters
    ----------
    model : callable
        ``(rng) -> World``, enrolment included: `simulate.Careers`, `TwoWindowCounts`, or a function of your own.
        With a method ``batch(numbers, rng=)`` it draws many worlds at once.
    estimands : mapping of str to callable
        Functions of a World such as `simulate.att_ratio`, by label; one function, or a list, is named by itself. One
        of your own goes in a `Target`.
    data : mapping of str to callable
        Data strategies ``(world, *, rng) -> Panel`` by label, or one, or a list.
    estimators : mapping of str to callable
        What `batch` takes, by label, or one, or a list: estimators, a `Ledger`, Bayesian models, `answer(...)`.
    cell : int, optional
        Replicates that are worked out together; 1 hands every callable a world, or a panel, without an axis of
        replicates. By default 500 where model, data strategies and estimators all have kernels, else 1. What you write
        yourself and draws for a whole block at once draws other numbers in blocks of another size.

    Raises
    ------
    SpecError
        IOM-E092 for what is no callable; IOM-E096 where one of the four is empty.

    Examples
    --------
    >>> import iom_causal as iom
    >>> from iom_causal import simulate as sim
    >>> design = Design(
    ...     model=sim.Careers(people=50, rate=2.0, programme=sim.Programme(ratio=0.8)),
    ...     estimands=sim.att_ratio,
    ...     data=sim.BeforeAfter(),
    ...     estimators=[iom.RateRatio(), iom.PoissonFixedEffects()],
    ... )
    >>> list(design.estimators), design.cell
    (['RateRatio', 'PoissonFixedEffects'], 500)
    >>> drawn = design.draw(1)
    >>> drawn.truths["att_ratio"] < 0.81
    True
    """

    model: Any
    estimands: Mapping[str, Any]
    data: Mapping[str, Any]
    estimators: Mapping[str, Any]
    cell: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_callable(self.model, "model", "a World")
        for name in ("estimands", "data", "estimators"):
            named = _named(getattr(self, name), name)
            object.__setattr__(self, name, FrozenMap(named))
        object.__setattr__(self, "estimands", FrozenMap({k: Target.of(f) for k, f in self.estimands.items()}))
        if self.cell is None:
            kernels = all(isinstance(e, Batched) for e in self.estimators.values())
            kernels &= all(isinstance(s, ReplicatedStrategy) and s.replicated for s in self.data.values())
            object.__setattr__(self, "cell", CELL if kernels and isinstance(self.model, BatchedModel) else 1)
        if isinstance(self.cell, bool) or not isinstance(self.cell, int) or self.cell < 1:
            raise SpecError("IOM-E092", f"Design cell: expected a whole number of at least 1, got {got(self.cell)}")

    def draw(self, seed: int, *, replicate: int = 0) -> "Drawn":
        """Draw one replicate: its world, the truth in it, what is observed, and what every estimator makes of that.

        It is the replicate of that number which `diagnose` meets with the same seed.

        Parameters
        ----------
        seed : int
            Of the study.
        replicate : int
            Its number.
        """
        world = one_world(self.model, seed, replicate)
        truths = {name: float(target(world)[0]) for name, target in self.estimands.items()}
        panels = {name: panel_of(strategy, world, seed, replicate) for name, strategy in self.data.items()}
        answers = {
            (data, name): result_of(estimator, panel, seed, replicate)
            for data, panel in panels.items()
            for name, estimator in self.estimators.items()
        }
        return Drawn(self, world, FrozenMap(truths), FrozenMap(panels), FrozenMap(answers))

    def vary(self, values: Mapping[str, Sequence[Any]]) -> dict[str, "Design"]:
        """Return a design for each combination of settings, by label.

        Parameters
        ----------
        values : mapping of str to sequence
            Dotted paths into the design, such as ``"model.people"`` or ``"data.one group.custody_known"``, and the
            values that each takes.

        Raises
        ------
        SpecError
            IOM-E093 for a path that leads nowhere, with the nearest that does; whatever a setting refuses.

        Examples
        --------
        >>> from iom_causal import RateRatio, simulate as sim
        >>> design = Design(sim.Careers(people=50, rate=2.0), sim.att_ratio, sim.BeforeAfter(), RateRatio())
        >>> list(design.vary({"model.people": [50, 200]}))
        ['people=50', 'people=200']
        """
        if not isinstance(values, Mapping) or not values:
            raise SpecError("IOM-E092", 'vary: expected paths with their values, such as {"model.people": [50, 200]}')
        for path, options in values.items():
            get_path(self, path)
            if isinstance(options, str) or not isinstance(options, (Sequence, np.ndarray)):
                raise SpecError("IOM-E092", f"vary {echo(path)}: expected a list of values, got {got(options)}")
            if len(options) == 0:
                raise SpecError("IOM-E092", f"vary {echo(path)}: expected at least one value, got an empty list")
        short = _short(list(values))
        made: dict[str, Design] = {}
        for combination in itertools.product(*values.values()):
            design, said = self, []
            for path, value in zip(values, combination, strict=True):
                design = cast("Design", replace_path(design, path, value))
                said.append(f"{short[path]}={_text(value)}")
            label = ", ".join(said)
            if label in made:
                raise SpecError("IOM-E092", f"vary: expected each value once, got two that read {label}")
            made[label] = design
        return made

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """The labels of data strategy and estimator of every answer, in order."""
        return tuple(itertools.product(self.data, self.estimators))

    def scored(self, kinds: Mapping[tuple[str, str], AnswerKind]) -> dict[tuple[str, str], tuple[Score, ...]]:
        """Line every answer up with the design's estimands, as `scoring.scores`."""
        return {key: scores(f"{key[1]} on {key[0]}", kind, self.estimands) for key, kind in kinds.items()}

    def __repr__(self) -> str:
        parts = (f"{name}={', '.join(getattr(self, name))}" for name in ("estimands", "data", "estimators"))
        return f"Design({type(self.model).__name__}; {'; '.join(parts)})"


@dataclass(frozen=True, eq=False, repr=False)
class Drawn(Result):
    """One replicate of a design: everything of it, with the truth.

    Parameters
    ----------
    design : Design
        What was drawn from.
    world : World
        The people with both potential outcomes.
    truths : mapping of str to float
        The estimands in this world.
    panels : mapping of str to Panel
        What each data strategy observes.
    answers : mapping of (str, str) to Estimate or IomCausalError
        What each estimator makes of each panel, or why it refuses.

    Examples
    --------
    >>> import iom_causal as iom
    >>> sim = iom.simulate
    >>> model = sim.TwoWindowCounts(people=60, rate=1.5, cut=4.0, ratio=0.8)
    >>> design = iom.Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> one = design.draw(seed=1)
    >>> sorted(one.truths), [round(float(e.estimate), 2) for e in one.answers.values()]
    (['att_ratio'], [0.51])
    """

    design: Design
    world: World
    truths: Mapping[str, float]
    panels: Mapping[str, Panel]
    answers: Mapping[tuple[str, str], Estimate | IomCausalError]

    def tidy(self) -> "pd.DataFrame":
        """Return a table of the answers with the truth that each is scored against."""
        rows = []
        for (data, name), result in self.answers.items():
            row: dict[str, Any] = {"data": data, "estimator": name}
            if isinstance(result, IomCausalError):
                rows.append(row | {"refused": result.message})
                continue
            kind = AnswerKind.of(result, self.panels[data], self.design.estimators[name])
            shown = {n: getattr(result, n) for n in _DRAWN}
            for score in scores(f"{name} on {data}", kind, self.design.estimands):
                truth = {"scored_against": score.target, "read_as": score.read_as, "truth": self.truths[score.target]}
                rows.append(row | {"estimand": kind.estimand} | shown | truth)
        columns = ("data", "estimator", "estimand", "estimate", "conf_low", "conf_high", "set_low", "set_high")
        return table(rows, (*columns, "scored_against", "read_as", "truth", "refused"))

    def summary(self) -> str:
        """Return a line for each answer, with the truth that it is scored against."""
        return "\n".join(self._line(row) for row in self.tidy().to_dict("records"))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the answers on the scale of the first with their intervals."""
        from iom_causal.base import axes_of_rows  # noqa: PLC0415 matplotlib is slow to load

        given = [(f"{name} on {data}", e) for (data, name), e in self.answers.items() if isinstance(e, Estimate)]
        shown = [
            {"label": label, "scale": e.scale} | {c: getattr(e, c) for c in _DRAWN}
            for label, e in given
            if e.scale == given[0][1].scale
        ]
        return axes_of_rows.forest(shown, ax)

    def _line(self, row: Mapping[Any, Any]) -> str:
        label = f"{row['estimator']} on {row['data']}"
        if isinstance(row["refused"], str):
            return f"{label}: refused, {row['refused']}"
        ends = ("set_low", "set_high") if np.isnan(row["estimate"] or np.nan) else ("estimate",)
        found = " to ".join(number(row[end]) for end in ends)
        limits = "" if row["conf_low"] is None else f" ({number(row['conf_low'])} to {number(row['conf_high'])})"
        read_as = f", read as {row['read_as']}" if row["read_as"] else ""
        return f"{label}: {found}{limits}; truth {number(row['truth'])} ({row['scored_against']}{read_as})"

    def __repr__(self) -> str:
        return f"Drawn({self.design!r})"


_DRAWN = ("estimate", "conf_low", "conf_high", "set_low", "set_high")


def _check_callable(value: Any, where: str, returns: str) -> None:
    call = panel_call(value)
    if call or isinstance(value, (type, Panel, World)) or not callable(value):
        raise SpecError("IOM-E092", f"Design {where}: expected a callable that returns {returns}, got {got(value)}")


_RETURNS = {"estimands": "a number for a World", "data": "a Panel of a World", "estimators": "an Estimate of a Panel"}


def _named(given: Any, where: str) -> dict[str, Any]:
    """Return callables by label: those without one are called by their class, or in full where that is not enough."""
    if not isinstance(given, Mapping):
        several = list(given) if isinstance(given, (list, tuple)) else [given]
        for item in several:
            _check_callable(item, where, _RETURNS[where])
        short = [_own_name(item) for item in several]
        given = {(n if short.count(n) == 1 else repr(item)): item for n, item in zip(short, several, strict=True)}
        if len(given) < len(several):
            raise SpecError("IOM-E092", f"Design {where}: two are the same; give a mapping with a label for each")
    if not given:
        raise SpecError("IOM-E096", f"Design {where}: expected at least one")
    _check_labels(given, f"Design {where}")
    for label, item in given.items():
        _check_callable(item, f"{where} {echo(label)}", _RETURNS[where])
    return dict(given)


def _own_name(item: Any) -> str:
    if isinstance(item, Target):
        return item.estimand
    inner: Callable[..., Any] = item.function if isinstance(item, Answer) else item
    return function_name(inner.func if isinstance(inner, functools.partial) else inner)


def _short(paths: Sequence[str]) -> dict[str, str]:
    """Return the last part of each path, or the whole where two end alike."""
    last = [path.rsplit(".", 1)[-1] for path in paths]
    return {path: end if last.count(end) == 1 else path for path, end in zip(paths, last, strict=True)}


def _text(value: Any) -> str:
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return repr(value) if isinstance(value, float) and float(short) != value else short


def as_designs(given: Any) -> dict[str, Design]:
    """Return designs by label: one, a list (numbered from 1), or a mapping.

    Raises
    ------
    SpecError
        IOM-E092 for anything else.
    """
    if isinstance(given, Design):
        return {"design": given}
    if isinstance(given, (list, tuple)):
        given = {f"design {k}": d for k, d in enumerate(given, start=1)}
    if not isinstance(given, Mapping) or not given or not all(isinstance(d, Design) for d in given.values()):
        raise SpecError("IOM-E092", f"diagnose: expected a Design, a list of them or a mapping, got {got(given)}")
    _check_labels(given, "diagnose")
    return dict(given)


def _check_labels(labels: Iterable[Any], where: str) -> None:
    """Refuse what names no column: empty, with a slash or signs that are not printed, or alike but for capitals."""
    seen: set[str] = set()
    for label in labels:
        if not isinstance(label, str) or not label or "/" in label or not label.isprintable():
            raise SpecError("IOM-E092", f"{where}: expected labels in words without '/', got {echo(str(label))}")
        if label.casefold() in seen:
            raise SpecError("IOM-E092", f"{where}: two labels read {echo(label)}, capitals aside; rename one")
        seen.add(label.casefold())


def cell_of(designs: Mapping[str, Design]) -> int:
    """Return how many replicates are worked out together for several designs: as few as any of them allows."""
    return min(cast("int", d.cell) for d in designs.values())
