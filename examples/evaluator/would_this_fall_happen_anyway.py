# %% [markdown]
"""# Would this fall have come anyway? How often people picked like this fall so far with no programme

Run it with ``python examples/evaluator/would_this_fall_happen_anyway.py``, and with your own [published] file after it.
"""

# %%
# %matplotlib inline
import iom_causal as iom
from iom_causal.cli.examples import typed

STUDY = typed("sleath-brown-2017")
paper = iom.load_published(STUDY)

# %% [markdown]
"""## Every world that prints the same table, with the programme switched off

People differ in how often they are arrested, and those with many arrests are picked. Many such worlds print the same
means, SDs and correlation. In each of them the programme is switched off, people are picked again, and it is counted
how often they fall as far.
"""

# %%
calibration = iom.null_calibration(paper, rng=1)
print("\n\n".join(calibration.sentences()))

# %%
COLUMNS = ["rates", "pool_share", "pool_mean", "ratio", "picking_share", "chance", "chance_error", "chance_refitted"]
print(calibration.tidy()[COLUMNS].dropna().round(4).to_string(index=False))

# %% [markdown]
"""## What if we knew which share of the people was picked?

That share is what the answer turns on, and a force can count it. A number, a range and a belief, each in turn:
"""

# %%
models = calibration.identified_set()
middle = round(models[len(models) // 2].pool_share, 3)
narrowed = {
    share: iom.null_calibration(paper, rng=1, pool_share=share)
    for share in (middle, iom.Range(middle / 2, 2 * middle), iom.LogNormal(middle, 0.3))
}
for share, found in narrowed.items():
    mean = "" if found.mean_chance is None else "; {:.3f} to {:.3f} on average".format(*found.mean_chance)
    print(f"If the share that was picked is {share}: {found.chance[0]:.3f} to {found.chance[1]:.3f}{mean}")

# %%
low, high = narrowed[middle].chance
print(
    f"If {middle:.1%} were known to have been picked, {low:.0%} to {high:.0%} of cohorts would fall as far with the "
    "programme switched off, in worlds of this kind; the printed numbers cannot tell these from worlds with an effect."
)
calibration.plot().figure
