"""Studies of invented people, one for each thing that would overturn an answer."""

import numpy as np
import pandas as pd

HEAD = """[study]
title = "Ours"
invented = true
{rule}
[study.extract]
file = "people.csv"
id = "id"
{group}
windows = [ {windows} ]
outcomes = [ {{ name = "{name}", kind = "{kind}", columns = {columns} }} ]
"""
CUT = 'selection = {{ variable = "{}", windows = ["{}"], rule = "at_least", threshold = {}, timing = "at_boundary" }}'
GROUP = 'group = "g"\nmanaged = ["IOM"]'


def study(kind, folder, *, factor=0.6):
    """Write a study of a kind into a folder, and return its file."""
    rng = np.random.default_rng(8)
    rule, group, name, scale = "", "", "arrests", "count"
    rates = rng.gamma(2.0, 2.0, 600)
    columns = [rng.poisson(rates), rng.poisson(0.85 * rates)]
    keep = np.arange(600) < 240
    if kind in {"cut", "little"}:
        columns[1] = rng.poisson(1.05 * rates) if kind == "little" else columns[1]
        rule, keep = CUT.format("arrests", "w0", 4), columns[0] >= 4
    elif kind == "rise":
        columns[1] = rng.poisson(1.4 * rates)
        rule, keep = CUT.format("arrests", "w0", 1), columns[0] >= 1
    elif kind in {"alike", "runs"}:
        group, managed = GROUP, np.arange(600) % 2 == 0
        columns = [rng.poisson(rates / 2) for _ in range(4 if kind == "runs" else 1)]
        columns.append(rng.poisson(np.where(managed, factor, 1.0) * rates / 2))
        keep = np.arange(600) < 400
    elif kind == "score":
        true = rng.normal(250, 60, 600)
        columns = [np.round(true + rng.normal(0, 30, 600)), np.round(true + rng.normal(-6, 30, 600))]
        rule, name, scale, keep = CUT.format("risk", "w0", 280), "risk", "score", columns[0] >= 280
    elif kind == "share":
        columns, scale = [1 * (columns[0] > 2), 1 * (columns[1] > 4)], "binary"
    windows = [f'{{ label = "w{k}", months = 6 }}' for k in range(len(columns) - 1)]
    windows.append(f'{{ label = "w{len(columns) - 1}", months = 6, post = true }}')
    people = pd.DataFrame({f"y{k}": column for k, column in enumerate(columns)})
    people.insert(0, "id", range(600))
    people["g"] = np.where(np.arange(600) % 2 == 0, "IOM", "other")
    people[keep].to_csv(folder / "people.csv", index=False)
    names = [f"y{k}" for k in range(len(columns))]
    file = folder / "study.toml"
    text = HEAD.format(
        rule=rule, group=group, windows=", ".join(windows), name=name, kind=scale, columns=str(names).replace("'", '"')
    )
    file.write_text(text, encoding="utf-8")
    return file
