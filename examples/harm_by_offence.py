"""Weigh events by the harm of their offence, with an invented table: the change of harm beside that of the number.

Run it with ``python examples/harm_by_offence.py``; the table of weights is yours to bring, and this one is invented.
"""

import numpy as np
import pandas as pd

import iom_causal as iom
from iom_causal.windows import Window

INVENTED = {"theft": 2.0, "assault": 30.0, "robbery": 300.0, "caution": 0.0}
WINDOWS = (Window("before", -365, 0), Window("after", 0, 365, post=True))


def events(people: int = 120) -> pd.DataFrame:
    """Return invented events, a row each: who, when and which offence. Half of the thefts end, and nothing else."""
    rng = np.random.default_rng(1)
    means = {"theft": (3.0, 1.5), "assault": (0.6, 0.6), "robbery": (0.05, 0.05), "caution": (1.0, 1.0)}
    counts = pd.DataFrame(
        [
            {"urn": k, "when": window.label, "offence": offence, "events": rng.poisson(means[offence][window.post])}
            for k in range(people)
            for window in WINDOWS
            for offence in INVENTED
        ]
    )
    return counts.loc[counts.index.repeat(counts.pop("events"))].reset_index(drop=True)


def main() -> None:
    """Print the ratio of the number of events and of their harm."""
    table = iom.SeverityTable(name="Invented harm", version="2024", weights=INVENTED)
    rows = events()
    people = pd.MultiIndex.from_product([range(120), [w.label for w in WINDOWS]], names=["urn", "when"])
    counts = {
        offence: iom.Panel.from_long(
            of.groupby(["urn", "when"]).size().reindex(people, fill_value=0).rename("n").reset_index(),
            unit="urn",
            period="when",
            outcome="n",
            kind="count",
            post="after",
            order=["before", "after"],
            windows=WINDOWS,
        )
        for offence, of in rows.groupby("offence")
    }
    harm = table.panel(counts)
    number = iom.Panel.from_arrays(sum(p.outcome for p in counts.values()), name="events", windows=WINDOWS)
    for panel in (number, harm):
        print(iom.RateRatio()(panel).summary(), "\n")
    share = 300.0 * counts["robbery"].outcome.sum() / harm.outcome.sum()
    print(f"Robberies are {counts['robbery'].outcome.sum()} of {len(rows)} events and {share:.0%} of the harm:")
    print("few grave events decide a ratio of harm, and its interval is wide.")


if __name__ == "__main__":
    main()
