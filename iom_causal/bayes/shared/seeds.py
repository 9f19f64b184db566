"""Seeds of chains and of what is predicted, from the seed of a call."""

import numpy as np

from iom_causal.roles import Rng
from iom_causal.streams import as_generator


def seeded(rng: Rng) -> tuple[np.random.Generator, int]:
    """Return the generator of a call, and its seed: the stated one, else one that is drawn.

    Examples
    --------
    >>> seeded(7)[1]
    7
    """
    generator, seed = as_generator(rng)
    return generator, int(generator.integers(2**32)) if seed is None else seed
