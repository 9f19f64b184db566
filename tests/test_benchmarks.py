"""The benchmarks' table: what a row must hold, and how it prints."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.designs import comparison_cohorts, designs_compared
from benchmarks.regression_to_mean import TABLES, Cell, main
from benchmarks.run import Row, modules, table
from iom_causal.designs.library import lottery

GOOD = {"work": "w", "ours_seconds": 2e-3, "peer": "p", "peer_seconds": 1.0, "ratio": 500.0}


def test_every_benchmark_offers_rows():
    assert {m.__name__ for m in modules([])} >= {"benchmark_imports", "benchmark_paired"}


def test_rows_print_as_a_table():
    assert table([Row(**GOOD)]).splitlines()[1].split() == ["w", "2", "ms", "p", "1", "s", "500.0x"]


@pytest.mark.parametrize("bad", [{"ratio": "5"}, {"ours_seconds": -1.0}, {"peer": 3}, {"ratio": float("nan")}])
def test_rows_are_typed(bad):
    with pytest.raises(TypeError):
        Row(**(GOOD | bad))


class Compiled:
    """Stands for a compiled model, whose compilation takes longer than all else."""

    def __init__(self, model):
        self.names = {v.name for v in model.free_RVs}
        self.shape = model["counts"].get_value().shape if "frailty" in self.names else None

    def sample(self, counts=None):
        assert counts is None or counts.shape == self.shape

    def seconds_per_effective_draw(self):
        return 1e-3 * len(self.names)


SMALL = {"ROUNDS": 1, "REPLICATES": 3, "DRAWS": 50, "TUNE": 50, "CHAINS": 1}
SMALL |= {"SIMULATIONS": 20, "LEDGER_DRAWS": 500}


@pytest.mark.parametrize("compiled", [Compiled, pytest.param(None, marks=pytest.mark.slow)], ids=["without", "nutpie"])
def test_the_benchmark_of_bayesian_models_runs_on_small_sizes(monkeypatch, compiled):
    (module,) = modules(["bayes"])
    for name, value in SMALL.items():
        monkeypatch.setattr(module, name, value)
    if compiled is not None:
        monkeypatch.setattr(module, "_compiled", compiled)
    rows = [Row(**row) for row in module.rows()]
    assert len({row.work for row in rows}) == len(rows) == 6
    assert all(row.ours_seconds > 0 and row.peer_seconds >= 0 for row in rows)
    assert table(rows).count("median of 1 alternating rounds") == 6
    if compiled is not None:  # the latent model has everybody's frailty beside the parameters of the marginal one
        assert rows[2].ratio == pytest.approx(4 / 3)


@pytest.fixture
def events(monkeypatch):
    """The benchmark of logs of events."""
    (module,) = modules(["events"])
    monkeypatch.setattr(module, "ROUNDS", 1)
    return module


def test_pandas_and_polars_count_events_as_the_engine_does(events):
    rows = [Row(**row) for row in events.rows(events.Size(people=300, events=20_000, spells=3_000, months=24))]
    assert [row.peer for row in rows] == ["pandas", "polars"] * 2
    assert len({row.work for row in rows}) == 2


def test_a_peer_that_counts_by_other_rules_is_noticed(events, monkeypatch):
    monkeypatch.setattr(events, "_with_receptions", lambda counts, days: (counts, days))
    with pytest.raises(AssertionError, match="pandas counts otherwise"):
        events.rows(events.Size(people=300, events=20_000, spells=3_000, months=24))


def test_the_benchmark_of_sensitivity_runs_on_small_sizes(monkeypatch):
    (module,) = modules(["sensitivity"])
    for name, value in {"ROUNDS": 1, "LOOPED": 2, "PEOPLE": 200, "CHANGED": 30}.items():
        monkeypatch.setattr(module, name, value)
    rows = [Row(**row) for row in module.rows()]
    assert all(row.ours_seconds > 0 and row.peer_seconds > 0 for row in rows)
    assert rows[0].work.startswith("768 specifications of 200 people")


def test_a_cell_is_run_once_and_gives_the_same_bytes_again(tmp_path, capsys):
    file = tmp_path / "cells.json"
    asked = ["methods", "--only", "none . static gamma", "--replicates", "3", "--file", str(file)]
    main(asked)
    first = file.read_bytes()
    assert capsys.readouterr().out.count("\n") == 1
    main(asked)
    assert capsys.readouterr().out == ""
    main([*asked, "--again"])
    assert file.read_bytes() == first


def test_the_cells_of_the_tables_have_names_of_their_own():
    named = [cell.key for cells in TABLES.values() for cell, _ in cells()]
    assert len(set(named)) == len(named)


def test_a_row_a_history_gives_the_figures_of_a_row_a_person():
    cell = Cell("static gamma", "robbins_zhang", n=60, pool=100)
    grouped = cell.panel(0)
    people = np.repeat(np.arange(grouped.n), grouped.weight)
    one_each = replace(grouped, outcome=grouped.outcome[people], weight=None, start=grouped.start[people])
    rows, each = cell.ledger(grouped, rng=1), cell.ledger(one_each, rng=1)
    assert rows.estimate == pytest.approx(each.estimate)
    assert rows.std_error == pytest.approx(each.std_error, rel=0.05)


def test_the_designs_with_a_comparison_cohort_are_written_as_a_page_and_as_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison_cohorts, "WORLDS", {"no confound": (), "history": ("history",)})
    small = {"sims": 10, "slow-sims": 1, "processes": 0, "people": 20, "pool": 120}
    given = [word for name, value in small.items() for word in (f"--{name}", str(value))]
    comparison_cohorts.main([*given, "--to", str(tmp_path)])
    page = (tmp_path / "comparison_cohorts.md").read_text(encoding="utf-8")
    assert [line.count("|") for line in page.splitlines() if line.startswith("| history")] == [10, 10, 7]
    assert "10 replicates, seed 15" in page
    figures = (tmp_path / "comparison_cohorts.csv").read_text(encoding="utf-8").splitlines()
    assert figures[0].split(",") == list(comparison_cohorts.COLUMNS)
    rows = [line.split(",") for line in figures]
    (bias,) = [r for r in rows if r[:2] == ["history", "historical"] and r[5] == "bias"]
    assert abs(float(bias[6]) - np.log(0.85)) < 4 * float(bias[7])


def test_cohorts_estimators_and_designs_are_compared_with_their_errors_and_the_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(designs_compared, "WORLDS", {"no confound": (), "history": ("history",)})
    monkeypatch.setattr(designs_compared, "SIZES", {"people": 20, "pool": 100})
    monkeypatch.setattr(designs_compared, "COHORTS", ("historical",))
    small = replace(lottery(people=20, pool=100), cell=10)
    monkeypatch.setattr(designs_compared, "designs_with_a_comparison", lambda **_: {"lottery": small})
    asked = [
        "--sims",
        "20",
        "--slow-sims",
        "2",
        "--processes",
        "0",
        "--store",
        str(tmp_path / "kept"),
        "--to",
        str(tmp_path),
    ]
    designs_compared.main(asked)
    page = (tmp_path / "designs_compared.md").read_text(encoding="utf-8")
    (row,) = [r for r in page.split("coverage")[0].splitlines() if r.startswith("| historical: differences")]
    plain, history = (float(cell.split()[0]) for cell in row.split("|")[2:4])
    assert history < 0.95 * plain
    assert all(cell.count("(") == 1 for cell in row.split("|")[2:4])
    assert "| lottery: covariance |" in page
    first = (tmp_path / "designs_compared.csv").read_bytes()
    assert len(first.splitlines()) > 100
    kept = sorted((tmp_path / "kept").iterdir())
    worlds = ("history", "no confound")
    assert [p.name for p in kept] == [f"{what}, {w}, kernels" for what in ("cohorts", "library") for w in worlds]
    designs_compared.main(asked)
    assert (tmp_path / "designs_compared.csv").read_bytes() == first
