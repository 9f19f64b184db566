# %% [markdown]
"""# Nothing but a published table: audit, the change, and what remains after allowances

All that is known here is what a paper prints. Run it with ``python examples/evaluator/published_table_only.py``, and
with your own [published] file after it: ``iom-causal init mine --published`` writes the form.
"""

# %%
# %matplotlib inline
import sys

import iom_causal as iom
from iom_causal.cli.examples import typed

STUDY = typed("sleath-brown-2017")
paper = iom.load_published(STUDY)
print(paper.citation)

# %% [markdown]
"""## Do the printed numbers agree with one another?

Each is worked out again from the others. What does not match comes with what would reconcile it.
"""

# %%
findings = iom.audit(paper)
for finding in findings.of("inconsistent"):
    print("-", finding.sentence)

# %% [markdown]
"""## What changed?

A ratio of rates needs no people: the means, the SDs and the t (or r) are enough. Below 1 is a fall.
"""

# %%
counted = [o.name for o in paper.outcomes if o.kind == "count"]
if not counted:
    sys.exit("This example takes a table of counts, and there are none in this file.")
outcome, *_ = counted
table = paper[outcome]
change = iom.RateRatio()(table)
print(change.summary())

# %% [markdown]
"""## What does the table not say?

How many people changed, for one. These are exact bounds over every set of numbers that prints the same table.
"""

# %%
bounds = iom.count_bounds(paper, outcome, "went down")
print(bounds)

# %% [markdown]
"""## How much of it would picking alone explain?

People who are picked for many events have fewer later. If everybody who could have been picked averaged what is found
here, the whole change is that, in the simplest case.
"""

# %%
picking = iom.regression_tipping(table)
print(picking.summary())

# %% [markdown]
"""## What remains once other things are allowed for?

Each set of evidence that the file names states what would have happened anyway, with sources. No set is the right one:
read them together.
"""

# %%
named = [iom.load_evidence(name) for name in paper.evidence]
ledgers = {evidence.title: iom.Ledger(evidence.on(outcome)) for evidence in named if evidence.kind == "count"}
remains = {title: ledger(table, rng=1) for title, ledger in ledgers.items()} or {"Nothing is allowed for": change}
for title, found in remains.items():
    print(f"{title}: if this is right, what remains lies in {found.conf_low:.2f} to {found.conf_high:.2f}")

# %% [markdown]
"""## How much would one allowance have to move?

Here the chance that the same conduct is recorded, after over before: where it would have to be for nothing to remain.
"""

# %%
for ledger in ledgers.values() or [iom.Ledger()]:
    print(iom.tipping(iom.Ledger([*ledger.confounds, iom.Detection()]), table, "detection.ratio"))

# %%
low, high = min(e.conf_low for e in remains.values()), max(e.conf_high for e in remains.values())
print(
    f"Recorded {outcome} are {change.estimate:.2f} of what they were; what remains, if one of these sets of allowances "
    f"is right, lies in {low:.2f} to {high:.2f}, where 1 is nothing."
)
iom.compare({"the change itself": change, **remains}).plot().figure
