"""Replicates of designs worked out: from their numbers to columns of truths, of what was seen, and of answers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.equality import same
from iom_causal.designs.columns import REPLICATE, Columns, chosen, joined
from iom_causal.designs.design import Design, cell_of
from iom_causal.designs.drawing import ANSWERS, one_world, panel_of, result_of, worlds
from iom_causal.designs.scoring import AnswerKind, Target
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.inputs import pairs
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.simulate.replicates import taken
from iom_causal.streams import Streams
from iom_causal.world import World

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Kinds = dict[tuple[str, str], AnswerKind]

FIGURES = ("estimate", "std_error", "p_value", "conf_low", "conf_high", "set_low", "set_high")
"""What is kept of an answer, beside its code."""
SEEN = ("before", "after", "days_before", "days_after")
"""What is kept of a panel: means of managed people with both windows."""
NO_DESCRIPTION = 40
"""Replicates that are tried for a first result that says what an answer estimates."""


@dataclass(frozen=True)
class Replicates:
    """The work of a study: called with numbers of replicates, it returns one row of columns for each.

    Rows depend on their own number alone, because they are always worked out in whole cells.

    Parameters
    ----------
    designs : mapping of str to Design
        By label. Those with equal models share their worlds.
    seed : int
        Of the study.
    """

    designs: Mapping[str, Design]
    seed: int

    @property
    def cell(self) -> int:
        """Replicates that are worked out together."""
        return cell_of(self.designs)

    def __call__(self, numbers: Integers) -> Columns:
        """Return the columns of these replicates, in the order given.

        Columns are ``replicate``; ``{design}/truth/{estimand}``; ``{design}/seen/{data}/{before, after, days_before,
        days_after}``; and ``{design}/answer/{data}/{estimator}/`` with `FIGURES` and ``code``.
        """
        cells = np.unique(numbers // self.cell)
        whole = [self._cell(np.arange(c * self.cell, (c + 1) * self.cell)) for c in cells]
        return chosen(joined(whole), numbers)

    def _cell(self, numbers: Integers) -> Columns:
        found: Columns = {REPLICATE: numbers}
        for model, named in self._by_model():
            found |= self._of_worlds(model, named, numbers)
        return {name: found[name] for name in (REPLICATE, *self._names())}

    def _by_model(self) -> list[tuple[Any, dict[str, Design]]]:
        groups: list[tuple[Any, dict[str, Design]]] = []
        for name, design in self.designs.items():
            same = next((named for model, named in groups if _equal(model, design.model)), None)
            if same is None:
                groups.append((design.model, {name: design}))
            else:
                same[name] = design
        return groups

    def _names(self) -> list[str]:
        names = []
        for label, design in self.designs.items():
            names += [f"{label}/truth/{name}" for name in design.estimands]
            names += [f"{label}/seen/{data}/{name}" for data in design.data for name in SEEN]
            names += [f"{label}/answer/{a}/{e}/{name}" for a, e in design.answers for name in (*FIGURES, "code")]
        return names

    def _of_worlds(self, model: Any, named: Mapping[str, Design], numbers: Integers) -> Columns:
        """Work out the replicates of one model; those whose world refuses are refused alone."""
        try:
            with _named("model", numbers):
                world = worlds(model, self.seed, numbers, single=self.cell == 1)
        except SpecError:
            raise
        except IomCausalError as error:
            if numbers.size == 1:
                return _joined([_refused(d, error.number, 1, f"{name}/") for name, d in named.items()])
            halves = np.array_split(numbers, 2)
            return _stacked([self._of_worlds(model, named, half) for half in halves])
        return _joined([_prefixed(f"{name}/", self._of_design(design, world)) for name, design in named.items()])

    def _of_design(self, design: Design, world: World) -> Columns:
        found: Columns = {}
        for name, target in design.estimands.items():
            with _named(f"estimand {name!r}", np.atleast_1d(world.numbers)):
                found[f"truth/{name}"] = _truth(target, world)
        for name, strategy in design.data.items():
            with _named(f"data {name!r}", np.atleast_1d(world.numbers)):
                found |= self._of_data(design, name, strategy, world)
        return found

    def _of_data(self, design: Design, name: str, strategy: Callable[..., Any], world: World) -> Columns:
        numbers = np.atleast_1d(world.numbers)
        first = int(numbers[0]) // self.cell * self.cell
        try:
            panel = panel_of(strategy, world, self.seed, first)
        except SpecError:
            raise
        except IomCausalError as error:
            if numbers.size == 1:
                return _refused(design, error.number, 1, data=name)
            return _stacked([self._of_data(design, name, strategy, half) for half in _halves(world)])
        found: Columns = {f"seen/{name}/{k}": v for k, v in _seen(panel, numbers.size).items()}
        streams = Streams(self.seed, ANSWERS)
        for label, estimator in design.estimators.items():
            with _named(f"estimator {label!r}", numbers):
                result = batch(estimator, panel, rng=streams, numbers=numbers)
            columns = {f: np.asarray(getattr(result, f), np.float64) for f in FIGURES}
            columns["code"] = result.code.astype(np.int16)
            found |= _prefixed(f"answer/{name}/{label}/", columns)
        return found

    def kinds(self) -> dict[str, Kinds]:
        """Return what every answer estimates, from the first replicates; an answer that refuses them all is left out.

        Raises
        ------
        SpecError
            IOM-E098 where an answer has no estimand in its design, and whatever a part of a design refuses as a
            setting.
        """
        return {name: _kinds(design, self.seed) for name, design in self.designs.items()}

    def completed(self, kinds: Mapping[str, Kinds], columns: Columns) -> dict[str, Kinds]:
        """Return the same with what answers estimate that refused the first replicates and gave a result later."""
        found = {}
        for name, design in self.designs.items():
            known = dict(kinds[name])
            for key in design.answers:
                good = np.flatnonzero(columns[f"{name}/answer/{key[0]}/{key[1]}/code"] == 0)
                if key not in known and good.size:
                    kind = _kind(design, key, self.seed, int(columns[REPLICATE][good[0]]))
                    known |= {} if kind is None else {key: kind}
            design.scored(known)
            found[name] = {key: known[key] for key in design.answers if key in known}
        return found

    def refusals(self, columns: Columns) -> dict[str, dict[tuple[str, str], str]]:
        """Return what each answer that has no result in some replicate says in the first of them."""
        found: dict[str, dict[tuple[str, str], str]] = {}
        for name, design in self.designs.items():
            found[name] = {}
            for key in design.answers:
                failed = np.flatnonzero(columns[f"{name}/answer/{key[0]}/{key[1]}/code"])
                if failed.size:
                    found[name][key] = _why(design, key, self.seed, int(columns[REPLICATE][failed[0]]))
        return found


def _kinds(design: Design, seed: int) -> dict[tuple[str, str], AnswerKind]:
    found: dict[tuple[str, str], AnswerKind] = {}
    for number in range(NO_DESCRIPTION):
        for key in design.answers:
            if key not in found and (kind := _kind(design, key, seed, number)) is not None:
                found[key] = kind
        if len(found) == len(design.answers):
            break
    design.scored(found)
    return {key: found[key] for key in design.answers if key in found}


def _why(design: Design, key: tuple[str, str], seed: int, number: int) -> str:
    """Return the message with which an answer refuses a replicate, by itself or with its world or panel."""
    try:
        panel = panel_of(design.data[key[0]], one_world(design.model, seed, number), seed, number)
    except IomCausalError as error:
        return str(error)
    result = result_of(design.estimators[key[1]], panel, seed, number)
    return str(result) if isinstance(result, IomCausalError) else ""


@contextmanager
def _named(part: str, numbers: Integers) -> Iterator[None]:
    """Add to what a part of a design raises which part it was, and in which replicates."""
    try:
        yield
    except IomCausalError:
        raise
    except Exception as error:
        which = f"{numbers[0]}" if numbers.size == 1 else f"{numbers[0]} to {numbers[-1]}"
        error.add_note(
            f"raised by {part} in replicate {which}: design.draw(seed, replicate={numbers[0]}) draws the first"
        )
        raise


def _kind(design: Design, key: tuple[str, str], seed: int, number: int) -> AnswerKind | None:
    estimator = design.estimators[key[1]]
    try:
        panel = panel_of(design.data[key[0]], one_world(design.model, seed, number), seed, number)
        result = batch(estimator, panel, rng=Streams(seed, ANSWERS), numbers=[number])
    except SpecError:
        raise
    except IomCausalError:
        return None
    return None if int(result.code[0]) else AnswerKind.of(result, panel, estimator)


def _equal(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and same(one, other))


def _truth(target: Target, world: World) -> Floats:
    """Return the truth of each replicate; NaN where it is not defined there."""
    try:
        return target(world)
    except SpecError:
        raise
    except IomCausalError:
        if np.size(world.numbers) == 1:
            return np.array([np.nan])
        return np.concatenate([_truth(target, half) for half in _halves(world)])


def _halves(world: World) -> list[World]:
    return [taken(world, rows) for rows in np.array_split(np.arange(np.size(world.numbers)), 2)]


def _seen(panel: Panel, size: int) -> dict[str, Floats]:
    """Return the means of managed people's outcomes and days; NaN where windows cannot be put together."""
    try:
        people = pairs.replicated(panel, uses_exposure=True)
    except IomCausalError:
        return {name: np.full(size, np.nan) for name in SEEN}
    m = people.moments
    days = (None, None) if people.exposure is None else _mean_days(people)
    return {
        "before": np.broadcast_to(m.mean_pre, size),
        "after": np.broadcast_to(m.mean_post, size),
        **{name: np.broadcast_to(np.nan if d is None else d, size) for name, d in zip(SEEN[2:], days, strict=True)},
    }


def _mean_days(people: pairs.PairedOutcomes) -> tuple[Any, Any]:
    days = cast("Floats", people.exposure)
    if days.ndim == 1:
        return days[0], days[1]
    there = np.ones(people.pairs.shape[:-1]) if people.weight is None else np.asarray(people.weight, np.float64)
    if people.pairs.dtype.kind == "f":
        there = there * ~np.isnan(people.pairs).any(-1)
    total = (there[..., None] * days).sum(-2) / there.sum(-1)[..., None]
    return total[..., 0], total[..., 1]


def _refused(design: Design, code: int, size: int, prefix: str = "", *, data: str | None = None) -> Columns:
    """Return the columns of replicates that cannot be worked out, with the code of why."""
    nothing = np.full(size, np.nan)
    found: Columns = {}
    if data is None:
        found |= {f"{prefix}truth/{name}": nothing for name in design.estimands}
    for label in design.data if data is None else (data,):
        found |= {f"{prefix}seen/{label}/{name}": nothing for name in SEEN}
        for estimator in design.estimators:
            at = f"{prefix}answer/{label}/{estimator}/"
            found |= {at + name: nothing for name in FIGURES} | {at + "code": np.full(size, code, np.int16)}
    return found


def _prefixed(prefix: str, columns: Mapping[str, NDArray[Any]]) -> Columns:
    return {prefix + name: column for name, column in columns.items()}


def _joined(parts: list[Columns]) -> Columns:
    return {name: column for part in parts for name, column in part.items()}


def _stacked(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
