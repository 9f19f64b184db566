# %% [markdown]
"""# A posterior for a frame of your own: priors stated, looked at, fitted, checked, and kept

The frame here is invented. Run it with ``python examples/methodologist/posterior_of_your_own.py``; a folder typed after
it receives pictures and draws.
"""

# %%
# %matplotlib inline
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import iom_causal as iom
from iom_causal import bayes
from iom_causal.cli.examples import typed

OUT = typed(None)

# %% [markdown]
"""## People whose rates differ

They are observed a year before and half a year after, and each rate falls by a fifth.
"""

# %%
rng = np.random.default_rng(7)
rate = rng.gamma(1.5, 3.0, 60)
people = pd.DataFrame({"id": range(60), "before": rng.poisson(rate), "after": rng.poisson(0.8 * rate / 2)})
panel = iom.Panel.from_wide(
    people, unit="id", pre="before", post="after", kind="count", name="arrests", exposure_pre=365, exposure_post=183
)

# %% [markdown]
"""## Priors before looking, by what one believes: here a ratio of 0.6 to 1.4"""

# %%
model = bayes.PrePostCounts(log_ratio=iom.Normal.between(np.log(0.6), np.log(1.4)))
result = model(panel, rng=1)

# %% [markdown]
"""## Which people do the priors predict? Nobody who would not be believed in"""

# %%
print(bayes.checks.prior_predictive(result).summary())

# %% [markdown]
"""## The posterior: its interval, how much the data took of each prior's variance, and P(ratio < 1)"""

# %%
print(result.summary())
print("contraction:", {name: round(value, 2) for name, value in result.diagnostics["contraction"].items()})
print("P(ratio < 1):", round(result.diagnostics["probability_below"]["1.0"], 3))

# %% [markdown]
"""## Does the fitted model predict such people, and is this posterior the right one here?"""

# %%
print(bayes.checks.posterior_predictive(result).summary())

# %%
print(bayes.posterior_sbc(model, panel, rng=1).summary())

# %% [markdown]
"""## How much hangs on the prior? Another one beside it, never one alone"""

# %%
under = {"the prior stated": result}
for name, width in (("a sceptical one", 0.15), ("a wide one", 0.7)):
    under[name] = replace(model, log_ratio=iom.Normal(0.0, width))(panel, rng=1)
for name, found in under.items():
    print(f"{name}: {found.estimate:.2f} ({found.conf_low:.2f} to {found.conf_high:.2f})")

# %%
if OUT is not None:
    import arviz as az

    tree = result.native
    tree.to_netcdf(Path(OUT) / "posterior.nc")
    for k, window in enumerate(("before", "after")):
        drawn = az.plot_ppc_rootogram(
            tree, coords={"window": k}, backend="matplotlib", visuals={"title": {"text": f"arrests {window}"}}
        )
        drawn.savefig(Path(OUT) / f"posterior_predictive_{window}.png")
    seen = {"observed_dist": {}, "title": {"text": "arrests in a window, as the priors expect them"}}
    drawn = az.plot_ppc_dist(tree, group="prior_predictive", kind="ecdf", backend="matplotlib", visuals=seen)
    drawn.savefig(Path(OUT) / "prior_predictive.png")
    az.plot_prior_posterior(tree, var_names="ratio", backend="matplotlib").savefig(
        Path(OUT) / "prior_and_posterior.png"
    )
    bayes.checks.posterior_predictive(result).plot().figure.savefig(Path(OUT) / "statistics.png")

# %%
low, high = min(e.estimate for e in under.values()), max(e.estimate for e in under.values())
print(
    f"By {len(under)} priors the rate of arrests is {low:.2f} to {high:.2f} of what it was, whatever brought it about."
)
iom.compare(under).plot().figure
