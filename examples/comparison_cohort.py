"""One group before and after, and the same people beside each comparison cohort, in a world whose truth is known.

Run it with ``python examples/comparison_cohort.py``. The people are simulated.
"""

import numpy as np

import iom_causal as iom
from iom_causal import simulate as sim


def main() -> None:
    """Print what each design makes of forty worlds of one scenario."""
    world = iom.load_scenario("comparison-cohort").careers.batch(40, rng=1)
    designs = {
        "before and after alone": (sim.BeforeAfter(), iom.RateRatio()),
        "those just below": (sim.NextBelow(), iom.DiffInDiff()),
        "matched on events before": (sim.MatchedOnHistory(caliper=0.5), iom.DiffInDiff()),
        "the same rule earlier": (sim.Historical(), iom.DiffInDiff()),
        "the same rule, another force": (sim.NeighbouringForce(), iom.DiffInDiff()),
        "a lottery among the selected": (sim.RandomHalf(), iom.DiffInDiff()),
        "placebo: the rule, no programme": (sim.PlaceboDate(), iom.RateRatio()),
    }
    print(f"The programme's ratio in these worlds: {np.mean(sim.att_ratio(world)):.2f}")
    for name, (strategy, estimator) in designs.items():
        found = iom.batch(estimator, strategy(world, rng=2))
        print(f"{name:32} {np.exp(np.log(found.estimate).mean()):.2f}")


if __name__ == "__main__":
    main()
