"""Your own people: from a data frame to the change, and to what remains under a stated adjustment.

The frame here is invented. Run it with ``python examples/your_own_people.py``.
"""

import numpy as np
import pandas as pd

import iom_causal as iom


def invented(n: int = 120, seed: int = 7) -> pd.DataFrame:
    """Return people selected for at least three arrests, with nothing done to them at all."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.2, 2.0, 20 * n)
    before, after = rng.poisson(rate), rng.poisson(rate)
    selected = np.flatnonzero(before >= 3)[:n]
    return pd.DataFrame({"id": selected, "arrests_before": before[selected], "arrests_after": after[selected]})


def main() -> None:
    """Print a fall that nobody brought about, and what is left of it after adjustment for regression to the mean."""
    picked_at = iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    panel = iom.Panel.from_wide(
        invented(), unit="id", pre="arrests_before", post="arrests_after", kind="count", selection=picked_at
    )
    print(iom.RateRatio()(panel).summary(), "\n")
    print(iom.Ledger([iom.RegressionToMean(method="robbins_zhang")])(panel, rng=1).summary())


if __name__ == "__main__":
    main()
