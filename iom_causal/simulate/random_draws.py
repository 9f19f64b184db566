"""Random draws of a data strategy, keyed by replicate, so that results do not depend on blocking."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.roles import Rng
from iom_causal.streams import BlockGenerator, Streams, as_generator, generator_from_key
from iom_causal.world import World

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RandomDraws:
    """The generators of a world's replicates.

    Parameters
    ----------
    generators : tuple of Generator
        One a replicate; one where the world has no axis of them.
    shape : tuple of int
        Of what is drawn: as the world's marks of people.
    """

    generators: tuple[np.random.Generator, ...]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, world: World, rng: Rng) -> "RandomDraws":
        """Return the generators of one draw: the same seed and the same number of a replicate give the same."""
        if isinstance(rng, BlockGenerator):
            streams = rng.streams
        else:
            streams = Streams(int(as_generator(rng)[0].integers(2**63)), "lots")
        keys = streams.keys("lots", world.numbers)
        return cls(tuple(generator_from_key(int(key)) for key in keys), world.selected.shape)

    def uniform(self) -> Floats:
        """Draw a uniform number for each person."""
        return self._laid([g.random(self.shape[-1]) for g in self.generators])

    def normal(self) -> Floats:
        """Draw a standard normal number for each person."""
        return self._laid([g.standard_normal(self.shape[-1]) for g in self.generators])

    def _laid(self, drawn: list[Floats]) -> Floats:
        return np.stack(drawn).reshape(self.shape)
