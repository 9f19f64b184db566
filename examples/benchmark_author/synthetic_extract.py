# %% [markdown]
"""# A simulated force's records, as untidy as real ones, and the truth that cleaning ought to find

Run it with ``python examples/benchmark_author/synthetic_extract.py``; a folder typed after it receives the files.
Nobody in them exists.
"""

# %%
import pandas as pd

from iom_causal import simulate as sim
from iom_causal.base import wording
from iom_causal.cli.examples import typed
from iom_causal.confounds import Breach, Custody

OUT = typed(None)
KINDS = {
    "arrests and attendances": "",
    "attendances among them": "_attendances",
    "created by supervision and courts": "_supervision",
    "days at liberty": "_days_free",
}

# %% [markdown]
"""## A world, and what its force would hand over

The programme multiplies offences at liberty by .8; arrests lead to custody, and supervision makes arrests of its own.
"""

# %%
careers = sim.Careers(
    people=225,
    rate=3.0,
    confounds=(Custody(custody_per_arrest=0.2, stay_years=0.3), Breach(after=0.4, unit="per_year")),
    score=sim.Score(per_event=10, error_sd=40),
    programme=sim.Programme(ratio=0.8),
)
made = sim.ForceExtract(careers=careers)(1)
print(wording.SIMULATED)

# %%
for name in ("people", "arrests", "custody", "scores"):
    table = getattr(made, name)
    first = table.head(3).drop(columns="synthetic").astype(str).replace(" 00:00:00", "", regex=True)
    print(f"\n{name}: {len(table)} rows, of which the first are\n{first.T.to_string(header=False)}")

# %% [markdown]
"""## Rows and cells that need care, by table and by the name in FaultRates"""

# %%
print(made.faults.value_counts(["table", "sort"], sort=False).to_string(header=False))

# %% [markdown]
"""## Totals before and after: of rows as handed over, of what cleaning finds, and in truth"""

# %%
found, after = made.counts(), made.arrests["arrested"] >= pd.Timestamp(made.spec.launch)
rows = {("arrests and attendances", "rows handed over"): [(~after).sum(), after.sum()]}
for kind, column in KINDS.items():
    for where, table in (("after cleaning", found), ("in truth", made.truth)):
        rows[kind, where] = [round(table[label + column].sum()) for label in ("before", "after")]
totals = pd.DataFrame(rows, index=["before", "after"]).T
print(totals.to_string())

# %%
if OUT is not None:
    print(f"Wrote {len(made.write(OUT))} files to {OUT}.")
recorded, offences = (float(sim.att_ratio(made.world, of=of)) for of in ("expected", "offences"))
print(
    f"In this world the programme multiplied recorded arrests by {recorded:.2f} and offences by {offences:.2f}: "
    "arrests that supervision creates are recorded, and are no offences."
)
