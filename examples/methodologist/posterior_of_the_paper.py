# %% [markdown]
"""# Posteriors of the paper: the ratio of arrests, the change in risk, and what the programme had of it

The people are rebuilt from the published table: one of many sets of numbers that would print the same. Run it with
``python examples/methodologist/posterior_of_the_paper.py``; a folder typed after it receives pictures and draws.
"""

# %%
# %matplotlib inline
from pathlib import Path

import iom_causal as iom
from iom_causal import bayes
from iom_causal.cli.examples import typed

OUT = typed(None)
paper = iom.load_published("sleath-brown-2017")
cohort = iom.reconstruct(paper, rng=1)


def show(title: str, result: iom.Estimate) -> None:
    """Print a posterior, and what its checks mark."""
    print(f"{title}: {result.estimate:.3g} ({result.conf_low:.3g} to {result.conf_high:.3g}), {result.method}")
    for check in (bayes.checks.prior_predictive(result), bayes.checks.posterior_predictive(result)):
        print(f"  {check.method}: {'; '.join(check.notes) or 'nothing marked'}")
    print(f"  {'; '.join(bayes.checks.convergence(result).notes) or 'sampler: nothing marked'}\n")


# %% [markdown]
"""## Arrests: by what ratio did the rate change?"""

# %%
arrests = bayes.PrePostCounts()(cohort["arrests"], rng=1)
show("Arrests", arrests)

# %% [markdown]
"""## Risk: how far did the mean change among all 225, those without a later score included?"""

# %%
risk = bayes.PrePostScores(span=(0, 1100))(cohort["risk"], rng=1)
show("Risk", risk)

# %% [markdown]
"""The check finds nobody as low as normal scores would be. Were the lowest score before a cut, this is the change; what
the check marks then is that scores are rounded, for the lowest is the cut itself.
"""

# %%
lowest = float(cohort["risk"].before.min())
show(f"Risk, entered at {lowest:.0f}", bayes.PrePostScores(span=(0, 1100), cut=lowest)(cohort["risk"], rng=1))

# %% [markdown]
"""## The programme

The ledger's lines are the priors of everything else, and three priors of the programme stand side by side.
"""

# %%
programme = bayes.BiasModel.from_evidence("england-wales-2012")(paper["arrests"], rng=1)
priors = programme.diagnostics["priors"]
for name, found in priors.items():
    print(
        f"{name} prior: 95% from {found['conf_low']:.2f} to {found['conf_high']:.2f}, "
        f"P(ratio < 1) {found['fall_low']:.2f} to {found['fall_high']:.2f}"
    )
for line, share in programme.diagnostics["contraction"].items():
    print(f"contraction of {line}: {share:.2f}")

# %%
if OUT is not None:
    import arviz as az

    for name, result in {"arrests": arrests, "risk": risk}.items():
        tree = result.native
        tree.to_netcdf(Path(OUT) / f"{name}.nc")
        for group in ("prior_predictive", "posterior_predictive"):
            title = {"observed_dist": {}, "title": {"text": f"{name}, {group.replace('_', ' ')}"}}
            drawn = az.plot_ppc_dist(tree, group=group, kind="ecdf", backend="matplotlib", visuals=title)
            drawn.savefig(Path(OUT) / f"{name}_{group}.png")
        bayes.checks.posterior_predictive(result).plot().figure.savefig(Path(OUT) / f"{name}_statistics.png")
        bayes.checks.loo(result).plot().figure.savefig(Path(OUT) / f"{name}_leave_one_out.png")
        print(bayes.checks.power_scaling(result).summary())

# %%
low, high = min(p["conf_low"] for p in priors.values()), max(p["conf_high"] for p in priors.values())
print(
    f"Arrests are {arrests.estimate:.2f} of what they were; if the beliefs about everything else are right, the ratio "
    f"that remains lies in {low:.2f} to {high:.2f} over {len(priors)} priors of it, and 1 is no change."
)
bayes.checks.posterior_predictive(arrests).plot().figure
