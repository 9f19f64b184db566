"""A study of people in two windows, on file."""

from pathlib import Path

import numpy as np
import pandas as pd

STUDY = """[study]
title = "Ours"
selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 3, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
windows = [ { label = "before", months = 12 }, { label = "after", months = 12, post = true } ]
outcomes = [ { name = "arrests", kind = "count", columns = ["before", "after"] } ]
"""


def written(folder: Path) -> Path:
    """Write people with three or more before, out of a pool whose rates last, and return the study file."""
    rng = np.random.default_rng(5)
    rate = rng.gamma(1.2, 2.0, 4000)
    before, after = rng.poisson(rate), rng.poisson(rate)
    some = np.flatnonzero(before >= 3)[:90]
    frame = pd.DataFrame({"urn": [f"P{k}" for k in range(len(some))], "before": before[some], "after": after[some]})
    frame.to_csv(folder / "people.csv", index=False)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"
