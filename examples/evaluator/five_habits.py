# %% [markdown]
"""# Five files of five habits: what each looks like, and the lines that an analyst changes

A CSV with custody, a workbook with a title above its header, an SPSS file, a spreadsheet saved on the Continent, and a
row a person and period: each is invented, started with ``init``, changed in the lines that only an analyst can know,
and read. Run it with ``python examples/evaluator/five_habits.py``; it leaves nothing behind.
"""

# %%
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

import iom_causal as iom
from iom_causal.protocol.draft.start import start

PEOPLE = 180

Edits = dict[str, str]
"""What an analyst changes in the study file: the start of a line, and the line that takes its place."""
NOT_KNOWN: Edits = {"selection =": ""}
"""How people were picked, where nobody knows it any more: the line of the question goes."""


# %% [markdown]
"""## People who were picked at three arrests or more, and nothing done to them"""


# %%
def selected(seed: int, least: int = 3) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Return arrests in two windows of people with at least so many in the first, and nothing done to them."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.2, 2.0, 30 * PEOPLE)
    before, after = rng.poisson(rate), rng.poisson(rate)
    some = np.flatnonzero(before >= least)[:PEOPLE]
    return before[some], after[some], rng


# %% [markdown]
"""## A plain CSV: ids with leading zeros, people who entered late, and days in custody"""


# %%
def custody_csv(folder: Path) -> tuple[Path, Edits]:
    """Write a plain CSV: ids with leading zeros, people who entered late, and days in custody."""
    before, after, rng = selected(1)
    late = rng.integers(0, 120, PEOPLE)
    inside = rng.integers(0, 150, (2, PEOPLE)) * (rng.random((2, PEOPLE)) < 0.4)
    after = rng.binomial(after, (365 - late - inside[1]) / 365)
    frame = pd.DataFrame(
        {
            "urn": [f"{n:06d}" for n in rng.choice(10**6, PEOPLE, replace=False)],
            "age": rng.integers(18, 55, PEOPLE),
            "arrests_before": before,
            "arrests_after": after,
            "days_at_risk_before": 365,
            "days_at_risk_after": 365 - late,
            "custody_days_before": inside[0],
            "custody_days_after": inside[1],
        }
    )
    file = folder / "arrests.csv"
    frame.to_csv(file, index=False)
    rule = 'selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 3, '
    return file, {
        "selection =": rule + 'timing = "at_boundary" }',
        '  { label = "before"': '  { label = "before", start = 2021-04-01, end = 2022-04-01 },',
        '  { label = "after"': '  { label = "after", start = 2022-04-01, end = 2023-04-01, post = true },',
    }


# %% [markdown]
"""## A workbook: a title above the header, a sheet of notes, and follow-up scores that are missing"""


# %%
def scores_xlsx(folder: Path) -> tuple[Path, Edits]:
    """Write a workbook with a title above the header, a sheet of notes, and follow-up scores that are missing."""
    rng = np.random.default_rng(2)
    first = rng.normal(60, 12, PEOPLE).round(1)
    second = (first - 4 + rng.normal(0, 9, PEOPLE)).round(1)
    lost = rng.random(PEOPLE)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Scores"
    sheet.append(["Risk scores, extracted for the evaluation"])
    sheet.append(["Person ID", "Team", "Risk score baseline", "Risk score follow-up"])
    for k in range(PEOPLE):
        later = "N/K" if lost[k] < 0.08 else None if lost[k] < 0.2 else float(second[k])
        sheet.append([f"P{k:04d}", "north" if k % 3 else "south", float(first[k]), later])
    book.create_sheet("Notes").append(["Scores by the screening tool."])
    file = folder / "scores.xlsx"
    book.save(file)
    return file, NOT_KNOWN


# %% [markdown]
"""## An SPSS file: labels for sex and scheme, and a declared code for a missing age"""


# %%
def labels_sav(folder: Path) -> tuple[Path, Edits]:
    """Write an SPSS file: labels for sex and scheme, and a declared code for a missing age."""
    before, after, rng = selected(3)
    frame = pd.DataFrame(
        {
            "caseid": np.arange(1001, 1001 + PEOPLE, dtype=float),
            "sex": rng.choice([1.0, 2.0], PEOPLE, p=[0.85, 0.15]),
            "scheme": np.where(np.arange(PEOPLE) < PEOPLE * 3 // 4, 1.0, 2.0),
            "age": np.where(rng.random(PEOPLE) < 0.08, -99.0, rng.integers(18, 50, PEOPLE)),
            "arrests_pre": before.astype(float),
            "arrests_post": after.astype(float),
        }
    )
    file = folder / "scheme.sav"
    labels = {"sex": {1: "male", 2: "female"}, "scheme": {1: "IOM", 2: "other"}}
    pyreadstat.write_sav(frame, str(file), variable_value_labels=labels, missing_ranges={"age": [-99]})
    return file, NOT_KNOWN | {"equal_windows =": "equal_windows = true"}


# %% [markdown]
"""## What a spreadsheet on the Continent saves: semicolons, decimal commas, Windows letters"""


# %%
def semicolons_csv(folder: Path) -> tuple[Path, Edits]:
    """Write what a spreadsheet on the Continent saves: semicolons, decimal commas, Windows letters."""
    before, after, rng = selected(4)
    weight = rng.gamma(2.0, 10.0, (2, PEOPLE))
    harm = (np.column_stack([before, after]) * weight.T).round(1)
    rows = ["nominal;surname;harm_before;harm_after"]
    names = ["Zoë", "Renée", "O’Neil", "Strauß"]
    for k in range(PEOPLE):
        numbers = ";".join(str(v).replace(".", ",") for v in harm[k])
        rows.append(f"N{k:04d};{names[k % 4]};{numbers}")
    file = folder / "harm.csv"
    file.write_bytes("\r\n".join(rows).encode("cp1252"))
    harmful = '  { name = "harm", kind = "amount", columns = ["harm_before", "harm_after"] },'
    return file, NOT_KNOWN | {"  { name =": harmful, "equal_windows =": "equal_windows = true"}


# %% [markdown]
"""## One row a person and period, three periods, with days at risk"""


# %%
def windows_parquet(folder: Path) -> tuple[Path, Edits]:
    """Write one row a person and period, three periods, with days at risk."""
    before, after, rng = selected(5)
    later = rng.poisson(after * 0.95)
    frame = pd.DataFrame(
        {
            "person": np.repeat([f"Q{k:03d}" for k in range(PEOPLE)], 3),
            "period": ["year before", "first year after", "second year after"] * PEOPLE,
            "arrests": np.column_stack([before, after, later]).ravel(),
            "days": np.column_stack([np.full(PEOPLE, 365), 365 - rng.integers(0, 90, (2, PEOPLE)).T]).ravel(),
        }
    )
    file = folder / "periods.parquet"
    with duckdb.connect() as db:
        db.register("people", frame)
        db.execute(f"COPY people TO '{file.as_posix()}' (FORMAT parquet)")
    return file, NOT_KNOWN | {"# smallest_effect": "smallest_effect = 0.1"}


# %% [markdown]
"""## Each started, changed and read"""


# %%
FILES: tuple[Callable[[Path], tuple[Path, Edits]], ...] = (
    custody_csv,
    scores_xlsx,
    labels_sav,
    semicolons_csv,
    windows_parquet,
)


def edited(text: str, edits: Edits) -> str:
    """Return a study file with lines changed as an analyst would change them."""
    lines = text.splitlines()
    for begins, line in edits.items():
        (where,) = [k for k, old in enumerate(lines) if old.startswith(begins)]
        lines[where] = line
    return "\n".join(lines) + "\n"


# %%
if __name__ == "__main__":
    changed = 0
    with tempfile.TemporaryDirectory() as place:
        for make in FILES:
            file, edits = make(Path(place))
            study = start(Path(place) / make.__name__, source=file).file
            study.write_text(edited(study.read_text(encoding="utf-8"), edits), encoding="utf-8")
            changed += len(edits)
            print(f"{file.name}, {len(edits)} lines changed:")
            for name, panel in iom.read_people(study).cohort.items():
                people = panel.managed
                change = (iom.PairedT() if people.kind == "score" else iom.RateRatio())(people)
                print(f"  {name} of {change.n_used} people: {change.estimate:.2f} ({change.scale})")
    print(f"All {len(FILES)} files were read, after an analyst had changed {changed} lines between them.")
