# %% [markdown]
"""# A real comparison: job training grants and scrap rates, before and after alone and beside firms without a grant

157 Michigan firms could apply for a grant in 1988 and 1989 (Holzer and others 1993). The data come with `linearmodels`;
the 54 firms that report scrap rates are those of Wooldridge, Introductory Econometrics, chapter 13, whose figures come
out. Firms are no people; what is done with them is the same. Run it with
``python examples/methodologist/job_training.py``.
"""

# %%
# %matplotlib inline
import numpy as np
from linearmodels.datasets import jobtraining

import iom_causal as iom

PUBLISHED = {"without a grant": -0.057, "grant": -0.317}
"""Changes of the log of the scrap rate from 1987 to 1988, as printed."""

firms = jobtraining.load()
reporting = firms.groupby("fcode")["lscrap"].transform("count") == 3
firms = firms[reporting & firms["year"].isin([1987, 1988])].copy()
firms["granted"] = firms.groupby("fcode")["grant"].transform("max") == 1
print(firms.pivot_table("lscrap", "granted", "year", aggfunc=["count", "mean"]).round(3))

# %% [markdown]
"""## A panel with firms that had no grant beside those that had"""

# %%
panel = iom.Panel.from_long(
    firms[["fcode", "year", "lscrap", "granted"]],
    unit="fcode",
    period="year",
    outcome="lscrap",
    kind="score",
    order=[1987, 1988],
    post=[1988],
    group="granted",
    name="log scrap rate",
)

# %% [markdown]
"""## What an evaluation of one group before and after would have said

Firms with a grant alone, 1988 minus 1987 on the log scale.
"""

# %%
alone = iom.PairedT()(panel.managed)
print(alone.summary())

# %% [markdown]
"""## The same beside the others

Their change is what was to be expected without a grant, if both would have changed alike.
"""

# %%
beside = iom.DiffInDiff(contrast="difference")(panel)
print(beside.summary())
others = alone.estimate - beside.estimate
print(f"printed {PUBLISHED['without a grant']} and {PUBLISHED['grant']}; here {others:.3f} and {beside.estimate:.3f}")

# %% [markdown]
"""## And with the level of 1987 held alike

Where firms that scrap more fall back more, whoever has a grant, this is right and the difference of changes is not;
where levels of firms last, the other way round. One year before cannot tell.
"""

# %%
adjusted = iom.Ancova()(panel)
print(adjusted.summary())

# %%
found = {"before and after alone": alone, "difference in differences": beside, "level of 1987 held alike": adjusted}
shares = {name: f"{1 - np.exp(e.estimate):.0%}" for name, e in found.items()}
print(
    f"Scrap of firms with a grant fell by {shares['before and after alone']}; firms without one account for part of "
    f"that, and {shares['difference in differences']} or {shares['level of 1987 held alike']} is the grant's share if "
    "both kinds of firms would have changed alike, by what is held alike; these data do not settle it, for both "
    "intervals reach no change."
)
iom.compare(found).plot().figure
