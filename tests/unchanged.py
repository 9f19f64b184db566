"""Evaluate four studies in this tree and in an earlier commit, and compare what is written, byte for byte.

For changes that move or merge code and may change no answer. Both trees run on this machine, so that no processor's
rounding counts as a change. Run it as

    python tests/unchanged.py COMMIT [--keep FOLDER]

A folder that is kept holds what the commit wrote, and is read instead of running the commit again.
"""

import csv
import difflib
import os
import subprocess
import sys
import tarfile
import tempfile
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
READ = (
    "report.txt",
    "estimates.csv",
    "ledger.csv",
    "bias.csv",
    "score_posterior.csv",
    "null_calibration.csv",
    "findings.csv",
    "people.csv",
    "regression_curve.csv",
    "selection_plausibility.csv",
)
"""What is compared: the page's text, and every table."""
SHOWN = 12
"""How many differing lines of a file are shown."""
STUDY = """
[study]
title = "Invented people"
invented = true
[study.selection]
variable = "{picked_on}"
windows = ["before"]
rule = "at_least"
threshold = {cut}
timing = "at_boundary"
[study.extract]
file = "{file}"
id = "urn"
age = "age"
windows = [
  {{ label = "before", start = 2016-01-01, end = 2017-01-01 }},
  {{ label = "after", post = true, start = 2017-01-01, end = 2018-01-01 }},
]
outcomes = [{outcomes}]
[[study.confounds]]
confound = "History"
settings = {{ ratio = {{ median = 0.9, sd = 0.05 }} }}
source = "invented"
date = "2017"
reason = "to have a line of the study's own"
[[study.themes]]
group = "supervision"
name = "closer watching"
voiced_by = ["managers"]
bears_on = ["c04"]
"""
OF_SCORES = """
[[study.own_evidence]]
name = "{name}"
title = "A score off by {sem}"
about = "Part of a high score was chance."
kind = "score"
[[study.own_evidence.lines]]
confound = "ScoreRegression"
settings = {{ sem = {sem}, bin_width = 4 }}
source = "invented"
date = "2017"
reason = "to have a ledger of a score"
"""
ARRESTS = '{ name = "arrests", kind = "count", columns = ["arrests_before", "arrests_after"] }'
RISK = '{ name = "risk", kind = "score", columns = ["risk_before", "risk_after"], missing = "keep" }'
WORK = '{ name = "work", kind = "binary", columns = ["work_before", "work_after"] }'
EVALUATE = """
import sys
from pathlib import Path
import iom_causal as iom
study, out = sys.argv[1:]
done = iom.evaluate(study, out=out, quick=True, rng=None)
Path(out, "report.txt").write_text(str(done), encoding="utf-8")
"""


def invent(folder: Path) -> dict[str, str]:
    """Write two invented studies into a folder: people picked on a count, and people picked on a score."""
    rng = np.random.default_rng(1)
    rate = rng.gamma(1.2, 3.0, 400)
    before, after = rng.poisson(rate), rng.poisson(rate * 0.85)
    risk = np.clip(np.round(rng.normal(50, 12, 400)), 0, 100).astype(int)
    later = np.clip(np.round(0.7 * risk + 15 + rng.normal(-4, 8, 400)), 0, 100).astype(int)
    age = np.round(rng.normal(27, 6, 400)).clip(18, 60).astype(int)
    lost, work = rng.random(400) < 0.2, rng.random((400, 2)) < (0.2, 0.3)
    rows = [
        [f"P{i:04d}", age[i], before[i], after[i], risk[i], "" if lost[i] else later[i], *work[i].astype(int)]
        for i in range(400)
    ]
    heads = ["urn", "age", "arrests_before", "arrests_after", "risk_before", "risk_after", "work_before", "work_after"]
    sets = "".join(OF_SCORES.format(name=f"off-{sem}", sem=sem) for sem in (2, 4, 6))
    studies = {}
    for picked_on, at, cut, outcomes in (("arrests", 2, 3, [ARRESTS, RISK, WORK]), ("risk", 4, 45, [RISK])):
        with (folder / f"{picked_on}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([heads, *(row for row in rows if row[at] >= cut)])
        text = STUDY.format(picked_on=picked_on, cut=cut, file=f"{picked_on}.csv", outcomes=", ".join(outcomes))
        study = folder / f"{picked_on}.toml"
        study.write_text(text + sets, encoding="utf-8")
        studies[f"people-picked-on-{picked_on}"] = str(study)
    return studies


def written(tree: Path, out: Path) -> None:
    """Evaluate the four studies with the code of a tree."""
    out.mkdir(parents=True)
    studies = {"paper": "sleath-brown-2017", "template": "template", **invent(out)}
    env = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
    for name, study in studies.items():
        done = [sys.executable, "-c", EVALUATE, study, str(out / name)]
        subprocess.run(done, cwd=out, env=env, check=True)


def exported(commit: str, folder: Path) -> Path:
    """Write the tree of a commit into a folder."""
    packed = subprocess.run(["git", "archive", commit, "iom_causal"], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def differences(old: Path, new: Path) -> list[str]:
    """Return the first differing lines of every file that is not the same."""
    found = []
    for name in sorted(
        {p.relative_to(top).as_posix() for top in (old, new) for p in top.glob("*/*") if p.name in READ}
    ):
        was, now = (top / name for top in (old, new))
        texts = [p.read_text(encoding="utf-8").splitlines() if p.exists() else [] for p in (was, now)]
        if texts[0] != texts[1]:
            lines = [
                line for line in difflib.unified_diff(*texts, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")
            ]
            found += [f"{name}: {len(lines)} lines differ", *(f"    {line[:200]}" for line in lines[:SHOWN])]
    return found


def main() -> int:
    """Compare, and say what differs."""
    asked = ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("commit")
    asked.add_argument("--keep", type=Path)
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as made:
        here = Path(made)
        old = args.keep or here / "old"
        if not old.exists():
            written(exported(args.commit, here / "tree"), old)
        written(ROOT, here / "new")
        found = differences(old, here / "new")
    print("\n".join(found) or "the same, byte for byte")  # noqa: T201 a script
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
