"""Studies of invented people, small enough to be evaluated in a test, one a kind."""

import numpy as np
import pandas as pd

KINDS = {
    "comparison": ("count", 'group = "status"\nmanaged = ["IOM"]'),
    "score": ("score", ""),
    "rise": ("count", ""),
    "share": ("binary", ""),
}


def study_of(name, folder):
    """Invented people with an outcome of a kind."""
    kind, more = KINDS[name]
    rng, n = np.random.default_rng(3), 120
    if kind == "score":
        before, after = rng.normal(60, 12, n).round(1), rng.normal(56, 12, n).round(1)
    else:
        before, after = rng.poisson(3, n), rng.poisson(5 if name == "rise" else 2, n)
    if kind == "binary":
        before, after = 1 * (before > 2), 1 * (after > 2)
    status = np.where(np.arange(n) < n // 2, "IOM", "other")
    people = pd.DataFrame({"urn": [f"P{i}" for i in range(n)], "status": status, "before": before, "after": after})
    people.to_csv(folder / "people.csv", index=False)
    (folder / "study.toml").write_text(
        f"""
[study]
title = "Invented"
programme = "supervision"
people = "managed people"
invented = true

[study.extract]
file = "people.csv"
id = "urn"
{more}
windows = [{{ label = "before", months = 12 }}, {{ label = "after", months = 12, post = true }}]
outcomes = [{{ name = "outcome", kind = "{kind}", columns = ["before", "after"] }}]
""",
        encoding="utf-8",
    )
    return folder / "study.toml"
