"""Writes peers.json: what the marked calls of docs/peers/pingouin.md give, on the people of ../r/peers.json.

python tests/reference/pingouin/peers.py  (from the root of the repository, in an environment that has pingouin)
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin as pg

FOLDER = Path(__file__).parent
SAME = json.loads((FOLDER.parent / "r" / "peers.json").read_text(encoding="utf-8"))
before, after, low, change, managed = (
    np.array(SAME[name], dtype=float) for name in ("before", "after", "low", "change", "managed")
)
ids = np.arange(len(before))
long = pd.DataFrame(
    {
        "id": np.tile(ids, 2),
        "window": np.repeat(["before", "after"], len(ids)),
        "y": np.concatenate([before, after]),
        "managed": np.tile(managed, 2),
    }
)
wide = pd.DataFrame({"before": before, "after": after, "managed": managed})
yes = pd.DataFrame({"before": (before >= 7).astype(int), "after": (after >= 7).astype(int)})


def cells(frame: pd.DataFrame, *names: str) -> list[float]:
    """Return cells of a result's first row."""
    return [float(frame[name].iloc[0]) for name in names]


def row(frame: pd.DataFrame, source: str) -> float:
    """Return the F of one source of an analysis of variance."""
    return float(frame.set_index("Source")["F"][source])


measures = pg.rm_anova(data=long, dv="y", within="window", subject="id")
adjusted = pg.ancova(data=wide, dv="after", covar="before", between="managed")
mixed = pg.mixed_anova(data=long, dv="y", within="window", subject="id", between="managed")
tost = pg.tost(after, before, bound=5.5, paired=True)
women, men = before[managed == 1], before[managed == 0]
values = {
    "ttest": cells(pg.ttest(after, before, paired=True), "T", "p_val"),
    "BF10": pg.bayesfactor_ttest(-11.64, 225, paired=True),
    "cohen": pg.compute_effsize(after, before, paired=True, eftype="cohen"),
    "wilcoxon": cells(pg.wilcoxon(low + change, low), "p_val", "RBC"),
    "tost": cells(tost, next(name for name in tost if name.startswith("p"))),
    "chi2_mcnemar": cells(pg.chi2_mcnemar(yes, "before", "after")[1], "p_exact"),
    "power_ttest": pg.power_ttest(d=0.5, n=20, contrast="paired"),
    "sample_size": pg.power_ttest(d=0.5, power=0.8, contrast="paired"),
    "rm_anova": row(measures, "window"),
    "ancova": row(adjusted, "managed"),
    "mixed_anova": row(mixed, "Interaction"),
    "welch": cells(pg.ttest(women, men, correction=True), "T", "p_val"),
}
tool = f"pingouin {version('pingouin')}"
made = {"tool": tool, "values": {name: np.asarray(value, dtype=float).tolist() for name, value in values.items()}}
(FOLDER / "peers.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
