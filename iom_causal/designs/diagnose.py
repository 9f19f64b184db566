"""Diagnosis by simulation: designs run over many replicates, in process or on any executor, kept where asked."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from iom_causal.base.specs import EMPTY, FrozenMap, got
from iom_causal.designs.description import described
from iom_causal.designs.design import Design, as_designs
from iom_causal.designs.diagnosis import ALPHA, Diagnosis
from iom_causal.designs.drawing import ANSWERS, panel_of, worlds
from iom_causal.designs.execution import Tell, run_cells
from iom_causal.designs.replicates import Replicates
from iom_causal.designs.store import open_store
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.numerics.plain import plain_number
from iom_causal.roles import batch
from iom_causal.streams import Streams, check_seed

SIMS = 1_000


def diagnose(
    designs: Design | Sequence[Design] | Mapping[str, Design],
    *,
    sims: int = SIMS,
    seed: int = 1,
    workers: int | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    store: Path | str | None = None,
    resume: bool = False,
    block: int | None = None,
    alpha: float = ALPHA,
    tell: Tell | None = None,
    timed: bool = False,
) -> Diagnosis:
    """Diagnose designs by simulation: bias, coverage, power and the other performance measures of every answer.

    Every replicate draws its own world from its own key, so that results depend on the seed alone: not on workers,
    blocks or the executor, and not on what else is diagnosed beside a design. Designs with one model meet the same
    worlds. An expected error of a world, a data strategy or an estimator is a row with its code; any other is raised.

    Parameters
    ----------
    designs : Design, or a list or mapping of them
        By label; those of a list are numbered.
    sims : int
        Replicates. For a claim about coverage choose them beforehand: see `plan_sims`.
    seed : int
        Of the study.
    workers : int, optional
        Threads, or blocks in progress on an executor; by default the processors that this process may use.
    executor : Executor or callable, optional
        Anything of `concurrent.futures`, or what makes one, such as ``designs.processes(4)``.
    store : path, optional
        A folder that keeps finished blocks, so that a run that was stopped goes on with ``resume=True``.
    resume : bool
        Whether the folder may hold an earlier run of the same study; with more `sims` it is extended.
    block : int, optional
        Replicates that are kept together, a whole number of cells.
    alpha : float
        Below it a p-value counts as a rejection.
    tell : callable, optional
        Gets how many replicates are done, and how many there will be.
    timed : bool
        Whether the summary says what each part takes a replicate, as `costs` measures it.

    Returns
    -------
    Diagnosis

    Raises
    ------
    SpecError
        IOM-E092 for settings outside their bounds; IOM-E098 where an answer has no estimand on its scale.

    References
    ----------
    Morris, White & Crowther (2019), Statistics in Medicine 38, 2074-2102; Blair, Coppock & Humphreys (2023), Research
    Design: Declaration, Diagnosis, and Redesign.

    Examples
    --------
    >>> import iom_causal as iom
    >>> from iom_causal import simulate as sim
    >>> design = Design(sim.Careers(people=30, rate=2.0), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> found = diagnose(design, sims=200, seed=1)
    >>> 0.85 < found.answer().figures["coverage"].value < 1
    True
    """
    named = as_designs(designs)
    if isinstance(sims, bool) or not isinstance(sims, (int, np.integer)) or sims < 1:
        raise SpecError("IOM-E092", f"diagnose sims: expected a whole number of at least 1, got {got(sims)}")
    seed = plain_number(seed)
    check_seed(seed)
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not 0 < alpha < 1:
        raise SpecError("IOM-E092", f"diagnose alpha: expected a number above 0 and below 1, got {got(alpha)}")
    work = Replicates(FrozenMap(named), int(seed))
    kinds = work.kinds()
    if executor is not None and not isinstance(executor, ThreadPoolExecutor):
        _check_sent(work)
    kept = (
        nullcontext()
        if store is None
        else open_store(store, design=described(named), seed=work.seed, cell=work.cell, resume=resume)
    )
    with kept as held:
        columns = run_cells(
            work, int(sims), cell=work.cell, workers=workers, executor=executor, store=held, block=block, tell=tell
        )
    return Diagnosis(
        designs=FrozenMap(named),
        sims=int(sims),
        seed=int(seed),
        columns=columns,
        kinds=_frozen(work.completed(kinds, columns)),
        refusals=_frozen(work.refusals(columns)),
        alpha=alpha,
        costs=FrozenMap(costs(named, seed=int(seed))) if timed else EMPTY,
    )


def _frozen[T](found: Mapping[str, Mapping[tuple[str, str], T]]) -> FrozenMap[str, FrozenMap[tuple[str, str], T]]:
    return FrozenMap({name: FrozenMap(each) for name, each in found.items()})


def _check_sent(work: Replicates) -> None:
    """Refuse a design that cannot go to another process, before anything is worked out."""
    try:
        pickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise SpecError(
            "IOM-E092",
            "diagnose: a design that goes to other processes has to be pickled; define its functions at the top of a "
            f"module, without lambda ({type(error).__name__})",
        ) from None


def costs(designs: Design | Sequence[Design] | Mapping[str, Design], *, seed: int = 1) -> dict[str, float]:
    """Measure what the worlds, each data strategy and each estimator of designs take, in seconds a replicate.

    One cell of each design is worked out twice, the first time so that kernels are compiled.

    Examples
    --------
    >>> import iom_causal as iom
    >>> from iom_causal import simulate as sim
    >>> design = Design(sim.Careers(people=30, rate=2.0), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> list(costs(design))
    ['design/worlds', 'design/BeforeAfter', 'design/BeforeAfter/RateRatio']
    """
    found: dict[str, float] = {}
    for _ in range(2):
        for name, design in as_designs(designs).items():
            found |= {f"{name}/{part}": seconds for part, seconds in _timed(design, seed).items()}
    return found


def _timed(design: Design, seed: int) -> dict[str, float]:
    numbers = np.arange(design.cell or 1)
    found: dict[str, float] = {}

    def timed(part: str, work: Callable[[], Any]) -> Any:
        start = perf_counter()
        try:
            return work()
        except SpecError:
            raise
        except IomCausalError:
            return None
        finally:
            found[part] = (perf_counter() - start) / numbers.size

    world = timed("worlds", partial(worlds, design.model, seed, numbers, single=design.cell == 1))
    for label, strategy in design.data.items() if world is not None else ():
        panel = timed(label, partial(panel_of, strategy, world, seed, 0))
        for name, estimator in design.estimators.items() if panel is not None else ():
            streams = Streams(seed, ANSWERS)
            timed(f"{label}/{name}", partial(batch, estimator, panel, rng=streams, numbers=numbers))
    return found
