# %% [markdown]
"""# Two designs in the same worlds: bias, coverage and power with their simulation errors, and what a replicate costs

One group before and after, beside difference in differences with the people just below the rule. The truth is known,
for the worlds are simulated. Run it with ``python examples/benchmark_author/two_designs.py``; the path of a [scenario]
file after it takes its worlds in the place of these.
"""

# %%
# %matplotlib inline
from time import process_time

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.cli.examples import typed

SIMS = 400
careers = iom.load_scenario(typed("comparison-cohort")).careers

# %% [markdown]
"""## Declare: a model, an estimand, a data strategy, an estimator

Designs that share a model and a seed meet the same worlds.
"""

# %%
designs = {
    "before and after": iom.Design(careers, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio()),
    "people just below": iom.Design(careers, sim.att_ratio, sim.NextBelow(), iom.DiffInDiff()),
}
print(designs["people just below"].draw(seed=1).summary())

# %% [markdown]
"""## Diagnose: how often is each right?

Distances are on the log scale, so that -.22 is a fifth too low. ``mcse`` is the Monte Carlo standard error (Morris,
White and Crowther 2019): what is smaller than two of them is no difference.
"""

# %%
begun = process_time()
found = iom.diagnose(designs, sims=SIMS, seed=1)
spent = process_time() - begun
measures = ("distance", "rmse", "coverage", "power")
table = found.table(*measures).set_index("design")
print(table[[f"{m}{e}" for m in measures for e in ("", "_mcse")]].astype(float).round(3).T.to_string())

# %% [markdown]
"""## In pairs: the same worlds make the difference surer than either figure"""

# %%
pairs = found.differences(to="before and after", measure="rmse")
print(pairs[["design", "difference", "mcse"]].round(4).to_string(index=False))

# %% [markdown]
"""## Power where the programme does nothing is the rate of false alarms"""

# %%
idle = {name: next(iter(d.vary({"model.programme.ratio": [1.0]}).values())) for name, d in designs.items()}
alarms = iom.diagnose(idle, sims=SIMS, seed=1).table("power").set_index("design")
print(alarms[["power", "power_mcse"]].astype(float).round(3).to_string())

# %% [markdown]
"""## What it costs, and how many replicates to plan

Seconds are of a processor, and differ between machines.
"""

# %%
print(f"{SIMS} worlds, both designs: {spent:.1f} seconds, {1000 * spent / SIMS:.1f} ms a world")
print(f"for a coverage of 95% to within half a point: {iom.plan_sims(0.005, coverage=0.95)} worlds")

# %%
one, other = (table.loc[name, "coverage"] for name in designs)
print(
    f"Intervals hold the truth in {one:.0%} of studies before and after and in {other:.0%} beside people just below; "
    f"with a programme that does nothing, {alarms.loc['before and after', 'power']:.0%} and "
    f"{alarms.loc['people just below', 'power']:.0%} of studies report a change."
)
found.plot().figure
