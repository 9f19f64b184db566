"""Records of a simulated force, as untidy as real ones, and what cleaning them gives back.

Run it with ``python examples/synthetic_extract.py``. Nobody in them exists. Give a folder to write the files into it.
"""

import sys

from iom_causal import simulate as sim
from iom_causal.confounds import Breach, Custody


def main(out: str | None = None) -> None:
    """Print the heads of the tables, what is wrong in them, and the truth beside what cleaning finds."""
    careers = sim.Careers(
        people=225,
        rate=3.0,
        confounds=(Custody(custody_per_arrest=0.2, stay_years=0.3), Breach(after=0.4, unit="per_year")),
        score=sim.Score(per_event=10, error_sd=40),
        programme=sim.Programme(ratio=0.8),
    )
    made = sim.ForceExtract(careers=careers)(1)
    for name in ("people", "arrests", "custody", "scores"):
        table = getattr(made, name)
        print(f"{name}: {len(table)} rows")
        print(table.drop(columns="synthetic").head(3).T.to_string(header=False), end="\n\n")
    print("what is wrong in them:", made.faults["sort"].value_counts().to_dict(), end="\n\n")
    found, truth = made.counts(), made.truth
    for label in ("before", "after"):
        for kind in ("", "_attendances", "_supervision", "_days_free"):
            column = label + kind
            print(f"{column}: {found[column].sum():.0f} after cleaning, {truth[column].sum():.0f} in truth")
    print(f"rows of arrests after: {(made.arrests['arrested'] >= '2012-05-01').sum()} as they were handed over")
    for of, what in (("expected", "recorded arrests"), ("offences", "offences")):
        print(f"the programme's ratio of {what}: {float(sim.att_ratio(made.world, of=of)):.2f}")
    if out is not None:
        made.write(out)


if __name__ == "__main__":
    main(*sys.argv[1:2])
