# %% [markdown]
"""# The paper end to end: audited, rebuilt to the printed digits, modelled, taken apart, and moved

Sleath and Brown (2017), figures as printed in the accepted manuscript; the journal version was not compared. All that
is known of the people is the printed table. Run it with ``python examples/methodologist/the_paper_end_to_end.py``.
"""

# %%
# %matplotlib inline
import pandas as pd

import iom_causal as iom

paper = iom.load_published("sleath-brown-2017")

# %% [markdown]
"""## Audit: do the printed numbers agree with one another?

A check without power here is uninformative, which is no reproach. What does not match comes with what would reconcile
it.
"""

# %%
findings = iom.audit(paper).tidy()
print(findings.groupby("verdict").size().to_string())
for row in findings[findings["verdict"] == "inconsistent"].head(2).itertuples():
    print(f"- {row.sentence} {row.reconcile}")

# %% [markdown]
"""## Rebuild: people whose statistics print as the paper's

One of many sets of numbers that would print the same table; these are not the people. Each statistic is worked out from
the rebuilt cohort and rounded as the paper rounds it.
"""

# %%
cohort = iom.reconstruct(paper, rng=1)
rows = []
for printed in paper.outcomes:
    panel = cohort[printed.name]
    sides = (("before", printed.before, panel.before), ("after", printed.after, panel.after))
    for side, told, values in sides:
        known = pd.Series(values).dropna()
        rows += [
            (printed.name, f"{what} {side}", value, computed)
            for what, value, computed in (
                ("mean", told.mean, known.mean()),
                ("SD", told.sd, known.std()),
                ("lowest", told.low, known.min()),
                ("highest", told.high, known.max()),
            )
        ]
    t = iom.PairedT(contrast="before_minus_after")(panel)  # the paper's contrast; elsewhere a fall is negative
    rows.append((printed.name, f"t({t.n_used - 1})", printed.test.value, t.statistic))
table = pd.DataFrame(
    [(name, what, value.text, f"{computed:.{value.decimals}f}") for name, what, value, computed in rows],
    columns=["outcome", "statistic", "printed", "rebuilt"],
)
print(table.to_string(index=False))

# %% [markdown]
"""## Effect sizes, each under its name

The prints are .38 and .51, both called r. One of them is an r, and the other an r squared. The tests, their p-values
and their directions are unaffected.
"""

# %%
sizes = {
    (printed.name, kind): iom.EffectSize(kind)(cohort[printed.name]).estimate
    for printed in paper.outcomes
    for kind in ("r", "r_squared", "dz")
}
for printed in paper.outcomes:
    told = printed.test.effect_size
    values = ", ".join(f"{kind} {size:.3f}" for (name, kind), size in sizes.items() if name == printed.name)
    print(f"{printed.name}: printed {told.symbol} = {told.value.text}; {values}")

# %% [markdown]
"""## Models: which of them does the print determine?

One frailty a person gives the ratio of totals whatever its law, so the print pins it. A model that lets people change
by different factors turns on what is not printed: over ten cohorts that print the same, its ratio moves.
"""

# %%
many = iom.reconstruct(paper, draws=10, rng=1)
models = {
    "fixed effects": iom.PoissonFixedEffects(),
    "gamma frailty": iom.PoissonMixed(),
    "negative binomial, lognormal frailty": iom.NegativeBinomialMixed(),
}
over = {name: iom.batch(model, many["arrests"]).estimate for name, model in models.items()}
for name, ratios in over.items():
    print(f"{name}: {ratios.min():.4f} to {ratios.max():.4f} over {len(ratios)} cohorts")

# %% [markdown]
"""## The ledger: observed, expected without the programme, remainder

A named set of evidence states every allowance with its source. There are four for arrests, which differ in how people
were picked, and the paper does not say.
"""

# %%
arrests = paper["arrests"]
change = iom.RateRatio()(arrests)
sets = [name for name in paper.evidence if iom.load_evidence(name).kind == "count"]
ledgers = {iom.load_evidence(name).title: iom.Ledger.from_evidence(name) for name in sets}
remainders = {title: ledger(arrests, rng=1) for title, ledger in ledgers.items()}
print(iom.compare({"the change itself": change, **remainders}).tidy()[["label", "conf_low", "conf_high"]].round(2))

# %% [markdown]
"""## Sensitivity: one belief moved, all of them moved together, and a cause nobody measured"""

# %%
ledger = iom.Ledger.from_evidence("england-wales-2012")
print(iom.tipping(ledger, arrests, "regression_to_mean.comparable_mean"))
print(iom.frontier(ledger, arrests).summary())
print(iom.e_value(change))

# %%
agree = int((table["printed"].astype(float) == table["rebuilt"].astype(float)).sum())
low, high = min(e.conf_low for e in remainders.values()), max(e.conf_high for e in remainders.values())
print(
    f"{agree} of {len(table)} printed means, SDs, ends and t come out; recorded arrests are {change.estimate:.2f} "
    f"({change.conf_low:.2f} to {change.conf_high:.2f}) of what they were, and what remains, if one of "
    f"{len(remainders)} sets of allowances is right, lies in {low:.2f} to {high:.2f}, where 1 is nothing."
)
iom.compare({"the change itself": change, **remainders}).plot().figure
