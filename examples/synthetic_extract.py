"""Records of a simulated force, as untidy as real ones, and what cleaning them gives back.

Run it with ``python examples/synthetic_extract.py``. Nobody in them exists. Give a folder to write the files into it.
"""

import sys

import pandas as pd

from iom_causal import simulate as sim
from iom_causal.base import wording
from iom_causal.confounds import Breach, Custody

KINDS = {
    "arrests and attendances": "",
    "attendances among them": "_attendances",
    "created by supervision and courts": "_supervision",
    "days at liberty": "_days_free",
}


def extract() -> sim.ExtractTables:
    """Return records of people whose offences at liberty a programme multiplies by .8, with breach and custody."""
    careers = sim.Careers(
        people=225,
        rate=3.0,
        confounds=(Custody(custody_per_arrest=0.2, stay_years=0.3), Breach(after=0.4, unit="per_year")),
        score=sim.Score(per_event=10, error_sd=40),
        programme=sim.Programme(ratio=0.8),
    )
    return sim.ForceExtract(careers=careers)(1)


def first_rows(table: pd.DataFrame) -> str:
    """Return the first three rows of a table, side by side."""
    days = table.head(3).drop(columns="synthetic").astype(str).fillna("").replace(" 00:00:00", "", regex=True)
    return str(days.T.to_string(header=False))


def cleaned(made: sim.ExtractTables) -> pd.DataFrame:
    """Return totals before and after: of rows as handed over, of what cleaning finds, and in truth."""
    cleaned, after = made.counts(), made.arrests["arrested"] >= pd.Timestamp(made.spec.launch)
    rows = {("arrests and attendances", "rows handed over"): [(~after).sum(), after.sum()]}
    for kind, column in KINDS.items():
        for where, table in (("after cleaning", cleaned), ("in truth", made.truth)):
            rows[kind, where] = [round(table[label + column].sum()) for label in ("before", "after")]
    return pd.DataFrame(rows, index=["before", "after"]).T


def main(out: str | None = None) -> None:
    """Print the first rows of the tables, how many faults are in them, and the truth beside what cleaning finds."""
    made = extract()
    print(wording.SIMULATED)
    for name in ("people", "arrests", "custody", "scores"):
        print(f"\n{name}: {len(getattr(made, name))} rows, of which the first are\n{first_rows(getattr(made, name))}")
    print("\nRows and cells that need care, by table and by the name in FaultRates:")
    print(made.faults.value_counts(["table", "sort"], sort=False).to_string(header=False))
    print(f"\nTotals before and after:\n{cleaned(made).to_string()}")
    recorded, offences = (float(sim.att_ratio(made.world, of=of)) for of in ("expected", "offences"))
    print(
        f"\nIn this world the programme multiplied recorded arrests by {recorded:.2f} and offences by {offences:.2f}."
    )
    print("Arrests that supervision creates are recorded, and are no offences.")
    if out is not None:
        print(f"\nWrote {len(made.write(out))} files to {out}.")


if __name__ == "__main__":
    main(*sys.argv[1:2])
