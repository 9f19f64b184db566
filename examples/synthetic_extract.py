"""Records of a simulated force, as untidy as real ones, and what cleaning them gives back.

Run it with ``python examples/synthetic_extract.py``. Nobody in them exists.
"""

from iom_causal import simulate as sim
from iom_causal.confounds import Custody


def main() -> None:
    """Print the heads of the tables, and the truth beside what cleaning finds."""
    careers = sim.Careers(
        people=225,
        rate=3.0,
        confounds=(Custody(custody_per_arrest=0.2, stay_years=0.3),),
        programme=sim.Programme(ratio=0.8),
    )
    made = sim.ForceExtract(careers=careers)(1)
    for name in ("people", "arrests", "custody"):
        table = getattr(made, name)
        print(f"{name}: {len(table)} rows, columns {', '.join(table.columns)}")
    found, truth = made.counts(), made.truth
    for label in ("before", "after"):
        print(f"arrests {label}: {found[label].sum()} after cleaning, {truth[label].sum()} in truth")
        free = f"{label}_days_free"
        print(f"days at liberty {label}: {found[free].sum():.0f} after cleaning, {truth[free].sum():.0f} in truth")
    print(f"the programme's ratio: {float(sim.att_ratio(made.world)):.2f}")


if __name__ == "__main__":
    main()
