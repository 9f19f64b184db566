# %% [markdown]
"""# Harm in the place of a number: events weighed by their offence

Run it with ``python examples/evaluator/harm_by_offence.py``. The events and the weights are invented: the table of
weights is yours to bring.
"""

# %%
# %matplotlib inline
import numpy as np
import pandas as pd

import iom_causal as iom

WEIGHTS = {"theft": 2.0, "assault": 30.0, "robbery": 300.0, "caution": 0.0}
WINDOWS = (iom.Window("before", -365, 0), iom.Window("after", 0, 365, post=True))
PEOPLE = 120

# %% [markdown]
"""## Events, a row each: who, when, which offence

Half of the thefts end, and nothing else changes.
"""

# %%
rng = np.random.default_rng(1)
means = {"theft": (3.0, 1.5), "assault": (0.6, 0.6), "robbery": (0.05, 0.05), "caution": (1.0, 1.0)}
cells = pd.DataFrame(
    [
        {"urn": k, "when": window.label, "offence": offence, "events": rng.poisson(means[offence][window.post])}
        for k in range(PEOPLE)
        for window in WINDOWS
        for offence in WEIGHTS
    ]
)
events = cells.loc[cells.index.repeat(cells.pop("events"))].reset_index(drop=True)
print(pd.crosstab(events["offence"], events["when"]))

# %% [markdown]
"""## A panel an offence

People without an event are rows too: their zeros are filled in from the list of everybody.
"""

# %%
everybody = pd.MultiIndex.from_product([range(PEOPLE), [w.label for w in WINDOWS]], names=["urn", "when"])
counts = {
    offence: iom.Panel.from_long(
        of.groupby(["urn", "when"]).size().reindex(everybody, fill_value=0).rename("n").reset_index(),
        unit="urn",
        period="when",
        outcome="n",
        kind="count",
        post="after",
        order=["before", "after"],
        windows=WINDOWS,
    )
    for offence, of in events.groupby("offence")
}

# %% [markdown]
"""## The number of events, and their harm"""

# %%
table = iom.SeverityTable(name="Invented harm", version="2024", weights=WEIGHTS)
harm = table.panel(counts)
number = iom.Panel.from_arrays(sum(p.outcome for p in counts.values()), name="events", windows=WINDOWS)
of_number, of_harm = iom.RateRatio()(number), iom.RateRatio()(harm)
print(of_number.summary(), "\n")
print(of_harm.summary())

# %%
robberies = counts["robbery"].outcome.sum()
share = WEIGHTS["robbery"] * robberies / harm.outcome.sum()
print(
    f"Robberies are {robberies} of {len(events)} events and {share:.0%} of the harm: few grave events decide a ratio "
    "of harm, and its interval is wide."
)
iom.compare({"number of events": of_number, "harm": of_harm}).plot().figure
