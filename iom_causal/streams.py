"""Named random streams: one key for each (seed, study, replicate, role).

A result depends only on its own key, so it is the same whatever the number of workers, however the
replicates are cut into chunks, and whichever other estimators run beside it.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import SpecError
from iom_causal.numerics.kernels.splitmix64 import GOLDEN, finaliser
from iom_causal.numerics.plain import plain_numbers

SEEDS = 2**64
"""How many seeds there are, from 0."""

type Seed = "Streams | np.random.Generator | int | None"
"""What a block of replicates takes as `rng`."""


def _number(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))


@dataclass(frozen=True, slots=True)
class Streams:
    """A family of random streams named by study, replicate and role.

    Parameters
    ----------
    seed : int
        Not negative, below 2**64.
    study : str
        Separates studies that share a seed.

    Examples
    --------
    >>> streams = Streams(1)
    >>> int(streams.keys("bootstrap", [0, 1])[1]) == int(streams.keys("bootstrap", 1)[0])
    True
    """

    seed: int
    study: str = ""

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_seed(self.seed)

    def keys(self, role: str, replicate: ArrayLike) -> NDArray[np.uint64]:
        """Return one 64-bit key a replicate, always as an array of one dimension."""
        base: NDArray[np.uint64] = finaliser(np.array([self.seed], dtype=np.uint64) ^ _number(f"{self.study}\0{role}"))
        index = np.atleast_1d(np.asarray(replicate, dtype=np.uint64))
        keys: NDArray[np.uint64] = finaliser(finaliser(base + (index + np.uint64(1)) * GOLDEN) + base)
        return keys

    def generator(self, role: str, replicate: int = 0) -> np.random.Generator:
        """Return the generator of one replicate and role."""
        return generator_from_key(int(self.keys(role, replicate)[0]))


class BlockGenerator(np.random.Generator):
    """The generator of a block of replicates, which knows the streams of each of them too.

    What draws replicate by replicate takes its keys from `streams`, so that its draws do not depend on the block; any
    other takes it as the generator of the block that begins with replicate `first`.

    Parameters
    ----------
    streams : Streams
        Of all replicates.
    role : str
        What it is for.
    first : int
        The number of the first replicate of the block.

    Examples
    --------
    >>> one, other = (BlockGenerator(Streams(1), "data", first) for first in (0, 500))
    >>> one.random() != other.random(), one.streams == other.streams
    (True, True)
    """

    def __init__(self, streams: Streams, role: str, first: int) -> None:
        super().__init__(np.random.Philox(key=int(streams.keys(role, first)[0])))
        self.streams = streams


def check_seed(seed: int, where: str = "seed") -> None:
    """Refuse a seed that no stream has.

    Raises
    ------
    SpecError
        IOM-E092 for what is not a whole number from 0 to 2**64 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < SEEDS:
        raise SpecError("IOM-E092", f"{where}: expected a whole number from 0 to 2**64 - 1")


def generator_from_key(key: int) -> np.random.Generator:
    """Return a Philox generator for a 64-bit key, without the cost of a seed sequence."""
    return np.random.Generator(np.random.Philox(key=key))


def as_generator(rng: np.random.Generator | int | None) -> tuple[np.random.Generator, int | None]:
    """Return a generator, and the seed that a result records (None where a generator was given).

    Parameters
    ----------
    rng : Generator, int or None
        None draws a fresh seed, which is returned so that the run can be repeated.

    Examples
    --------
    >>> generator, seed = as_generator(7)
    >>> seed
    7
    """
    if isinstance(rng, np.random.Generator):
        return rng, None
    if rng is None:
        rng = int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise SpecError("IOM-E092", "rng: expected a numpy Generator, a whole number from 0, or None")
    return np.random.default_rng(int(rng)), int(rng)


def as_streams(rng: Seed, study: str = "") -> Streams:
    """Return the streams of a block of replicates; those that are given stay what they are.

    Parameters
    ----------
    rng : Streams, Generator, int or None
        Of a generator one number is drawn.
    study : str
        The study of streams that are made here.

    Examples
    --------
    >>> as_streams(Streams(5)) == Streams(5), as_streams(1) == as_streams(1)
    (True, True)
    """
    if isinstance(rng, Streams):
        return rng
    generator, _ = as_generator(rng)
    return Streams(int(generator.integers(2**63)), study)


def replicate_numbers(numbers: ArrayLike | None, count: int) -> NDArray[np.int64]:
    """Return the numbers of `count` replicates, by default 0, 1, 2 and so on.

    Raises
    ------
    SpecError
        IOM-E092 unless there is one whole number from 0 for each.
    """
    if numbers is None:
        return np.arange(count)
    given = _whole_numbers(numbers)
    if given is None or given.size != count:
        raise SpecError("IOM-E092", f"numbers: expected {count} whole numbers from 0, one for each replicate")
    return given


def replicates_asked(replicates: int | ArrayLike, where: str) -> NDArray[np.int64]:
    """Return the numbers of the replicates that a simulator is asked for: so many from 0, or these.

    Raises
    ------
    SpecError
        IOM-E092 unless they are whole numbers from 0, at least one.

    Examples
    --------
    >>> replicates_asked(3, "Careers").tolist(), replicates_asked([4, 7], "Careers").tolist()
    ([0, 1, 2], [4, 7])
    """
    if isinstance(replicates, int | np.integer) and not isinstance(replicates, bool):
        replicates = np.arange(replicates)
    given = _whole_numbers(replicates)
    if given is None:
        raise SpecError("IOM-E092", f"{where}: expected replicates as whole numbers from 0")
    if not given.size:
        raise SpecError("IOM-E092", f"{where}: expected at least one replicate")
    return given


def _whole_numbers(given: ArrayLike) -> NDArray[np.int64] | None:
    """Return a list of whole numbers from 0 as an array; None for anything else."""
    numbers = np.asarray(given)
    if numbers.ndim != 1 or (numbers.size and (numbers.dtype.kind not in "iu" or (numbers < 0).any())):
        return None
    return numbers.astype(np.int64)
