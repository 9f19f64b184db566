# %% [markdown]
"""# A data frame of your own people: the change, and what remains once picking is allowed for

The frame here is invented, and nothing was done to the people in it. Run it with
``python examples/evaluator/your_own_people.py``; put your own frame in the place of ``people``.
"""

# %%
# %matplotlib inline
import numpy as np
import pandas as pd

import iom_causal as iom

PEOPLE = 120

rng = np.random.default_rng(7)
rate = rng.gamma(1.2, 2.0, 20 * PEOPLE)
before, after = rng.poisson(rate), rng.poisson(rate)
picked = np.flatnonzero(before >= 3)[:PEOPLE]
people = pd.DataFrame({"id": picked, "arrests_before": before[picked], "arrests_after": after[picked]})
print(people.describe().loc[["count", "mean", "std"], ["arrests_before", "arrests_after"]].round(2))

# %% [markdown]
"""## Say how they were picked

Everybody here had three arrests or more in the window before. That line decides more than any other.
"""

# %%
rule = iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
panel = iom.Panel.from_wide(
    people, unit="id", pre="arrests_before", post="arrests_after", kind="count", name="arrests", selection=rule
)

# %% [markdown]
"""## The change, and what remains of it"""

# %%
change = iom.RateRatio()(panel)
print(change.summary())

# %%
remains = iom.Ledger([iom.RegressionToMean(method="robbins_zhang")])(panel, rng=1)
print(remains.summary())

# %%
print(
    f"Arrests are {change.estimate:.2f} of what they were, though nothing was done; if people kept their rates, "
    f"{remains.estimate:.2f} ({remains.conf_low:.2f} to {remains.conf_high:.2f}) remains, where 1 is no change."
)
remains.plot().figure
