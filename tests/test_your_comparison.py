"""docs/your_comparison.md: its Python runs on such files, and its study files read the same people."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iom_causal.data.reading.panels import read_extract
from iom_causal.protocol.study import load_study

PAGE = (Path(__file__).parents[1] / "docs" / "your_comparison.md").read_text(encoding="utf-8")
MONTHS = pd.date_range("2021-01-01", "2023-12-01", freq="MS").strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("files"), np.random.default_rng(1)
    n = 120
    of = {"urn": [f"p{k:03}" for k in range(n)], "sex": rng.choice(["f", "m"], n)}
    counts = {"arrests_before": rng.poisson(5, n), "arrests_after": rng.poisson(4, n)}
    managed = (np.arange(n) % 2).astype(int)
    waiting = pd.DataFrame(of | {"status": np.where(managed, "managed", "waiting list")} | counts)
    forces = pd.DataFrame(
        of | {"force": managed.astype(str), "managed": managed, "team": rng.choice(["N", "S"], n)} | counts
    )
    joined = np.resize(["2022-07-01", "2023-01-15", ""], n)
    months = pd.DataFrame(rng.poisson(0.5, (n, len(MONTHS))), columns=MONTHS).assign(urn=of["urn"], joined=joined)
    long = months.melt(id_vars=["urn", "joined"], var_name="month", value_name="arrests")
    frames = {"waiting": waiting, "forces": forces, "joined": long, "monthly": long.drop(columns="joined")}
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_the_code_of_the_page_runs_and_reads_what_its_study_files_read(files, monkeypatch):
    monkeypatch.chdir(files)
    names, read = {}, 0
    for section in PAGE.split("\n## ")[1:]:
        (code,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
        exec(compile(code, "your_comparison.md", "exec"), names)  # noqa: S102 our own page
        for stated in re.findall(r"```toml\n(.*?)```", section, flags=re.DOTALL):
            study = files / "study.toml"
            study.write_text(stated, encoding="utf-8")  # as it stands
            loaded = load_study(study)
            panel, same = read_extract(loaded.extract, files).cohort["arrests"], names["panel"]
            assert panel.outcome.tolist() == same.outcome.tolist()
            assert panel.treated.tolist() == same.treated.tolist()
            assert panel.alike.tolist() == same.alike.tolist()
            for line in loaded.estimators:
                assert np.isfinite(line.estimator(panel).estimate)
            read += 1
    assert read == 4
    assert (files / "waiting.png").stat().st_size > 0
