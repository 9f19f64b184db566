# %% [markdown]
"""# Seven designs in forty worlds whose truth is known: one group alone, and beside each kind of comparison

Run it with ``python examples/benchmark_author/comparison_cohort.py``. The people are simulated.
"""

# %%
import numpy as np

import iom_causal as iom
from iom_causal import simulate as sim

worlds = iom.load_scenario("comparison-cohort").careers.batch(40, rng=1)
truth = np.mean(sim.att_ratio(worlds))
print(f"The programme's ratio in these worlds: {truth:.2f}")

# %% [markdown]
"""## What each design sees, and what it makes of it

A data strategy takes people from a world; an estimator reads what it took. ``batch`` reads all forty at once.
"""

# %%
designs = {
    "before and after alone": (sim.BeforeAfter(), iom.RateRatio()),
    "those just below": (sim.NextBelow(), iom.DiffInDiff()),
    "matched on events before": (sim.MatchedOnHistory(caliper=0.5), iom.DiffInDiff()),
    "the same rule earlier": (sim.Historical(), iom.DiffInDiff()),
    "the same rule, another force": (sim.NeighbouringForce(), iom.DiffInDiff()),
    "a lottery among the selected": (sim.RandomHalf(), iom.DiffInDiff()),
    "placebo: the rule, no programme": (sim.PlaceboDate(), iom.RateRatio()),
}
ratios = {}
for name, (strategy, estimator) in designs.items():
    found = iom.batch(estimator, strategy(worlds, rng=2))
    ratios[name] = np.exp(np.log(found.estimate).mean())
    print(f"{name:32} {ratios[name]:.2f}")

# %%
furthest = max(set(ratios) - {"placebo: the rule, no programme"}, key=lambda name: abs(np.log(ratios[name] / truth)))
print(f"Furthest from the truth of {truth:.2f} is {furthest}, at {ratios[furthest]:.2f}.")
