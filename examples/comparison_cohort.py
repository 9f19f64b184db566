"""One group before and after, and the same people beside each comparison cohort, in a world whose truth is known.

Run it with ``python examples/comparison_cohort.py``. The people are simulated.
"""

import numpy as np

import iom_causal as iom
from iom_causal import simulate as sim


def change(panel: iom.Panel, group: np.ndarray) -> float:
    """Return the log of events after over those in the window before, pooled over a group."""
    before, after = panel.outcome[..., -2], panel.outcome[..., -1]
    weight = np.ones(before.shape) if panel.weight is None else panel.weight
    return float(np.log((weight * after)[..., group].sum() / (weight * before)[..., group].sum()))


def main() -> None:
    """Print what each design makes of forty worlds of one scenario."""
    careers = iom.load_scenario("comparison-cohort").careers
    world = careers.batch(40, rng=1)
    truth = float(np.mean(sim.att_ratio(world)))
    strategies = {
        "those just below": sim.NextBelow(),
        "matched on events before": sim.MatchedOnHistory(caliper=0.5),
        "the same rule earlier": sim.Historical(),
        "the same rule, another force": sim.NeighbouringForce(),
        "a lottery among the picked": sim.RandomHalf(),
    }
    alone = sim.BeforeAfter()(world)
    print(f"The programme's ratio in these worlds: {truth:.2f}")
    print(f"{'before and after alone':32} {np.exp(change(alone, alone.group)):.2f}")
    for name, strategy in strategies.items():
        panel = strategy(world, rng=2)
        contrast = change(panel, panel.group) - change(panel, ~panel.group)
        print(f"{name:32} {np.exp(contrast):.2f}")
    placebo = sim.PlaceboDate()(world, rng=2)
    print(f"{'placebo: the rule, no programme':32} {np.exp(change(placebo, placebo.group)):.2f}")


if __name__ == "__main__":
    main()
