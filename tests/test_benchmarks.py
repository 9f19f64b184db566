"""The benchmarks' table: what a row must hold, and how it prints."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import run
from benchmarks.designs import comparison_cohorts, designs_compared
from benchmarks.regression_to_mean import TABLES, Cell, main
from benchmarks.run import Row, modules, table
from docs.make_benchmarks import MORE_OF_OURS, OF_OTHERS, OF_OURS, PAGE, RESULTS, kind_of, page
from iom_causal.designs.library import lottery

GOOD = {"work": "w", "ours_seconds": 2e-3, "peer": "p", "peer_seconds": 1.0, "ratio": 500.0}
ABSENT = GOOD | {"peer_seconds": None, "ratio": None, "note": "not here: p"}


def test_every_benchmark_offers_rows():
    assert {m.__name__ for m in modules([])} >= {"benchmark_imports", "benchmark_paired"}


def test_rows_print_as_a_table():
    whole = GOOD | {"ratio_low": 90.0, "ratio_high": 600.0, "memory_mb": 1.5, "agreement": 2e-9, "target": 300.0}
    printed = " ".join(table([Row(**whole)]).splitlines()[1].split())
    assert printed == "w 2 ms p 1 s 500x (90.0 to 600) 300x 1.5 MB 2e-09"
    assert table([Row(**ABSENT)]).splitlines()[1].endswith("not here: p")


@pytest.mark.parametrize(
    "bad",
    [
        {"ratio": "5"},
        {"ours_seconds": -1.0},
        {"ours_seconds": None},
        {"peer": 3},
        {"ratio": float("nan")},
        {"memory_mb": float("inf")},
        {"rounds": True},
        {"seconds": "GPU"},
        {"ratio": None},
        {"peer_seconds": None, "ratio": None},
        {"target": 501.0},
    ],
)
def test_rows_are_typed(bad):
    with pytest.raises(TypeError):
        Row(**(GOOD | bad))


def test_what_falls_short_says_why():
    assert Row(**(GOOD | {"target": 501.0, "note": "the machine is busy"})).short
    assert not Row(**(GOOD | {"target": 500.0})).short
    assert not Row(**(ABSENT | {"target": 500.0})).short


@pytest.fixture
def rounds():
    """The module of rounds, as benchmarks load it."""
    list(modules(["imports"]))
    return sys.modules["rounds"]


def test_a_ratio_is_that_of_each_round_and_not_of_all(rounds):
    mine, theirs = iter([1.0, 1.0, 2.0, 4.0]), iter([3.0, 3.0, 4.0, 20.0])
    told = rounds.Told
    row = rounds.in_rounds("w", lambda: told(next(mine)), "p", lambda: told(next(theirs)), rounds=3, memory=False)
    assert (row["ratio_low"], row["ratio"], row["ratio_high"]) == (2.0, 3.0, 5.0)
    assert (row["ours_seconds"], row["peer_seconds"]) == (2.0, 4.0)


def test_answers_and_memory_are_compared(rounds):
    row = rounds.in_rounds(
        "w", lambda: np.ones(10**6), "p", lambda: np.full(10**5, 2.0), rounds=1, answers=(np.max, np.min), shares=(1, 2)
    )
    assert row["agreement"] == 0.5
    assert row["memory_mb"] == pytest.approx(8.0, rel=0.01)  # a million numbers of 8 bytes
    assert row["peer_memory_mb"] == pytest.approx(0.8, rel=0.01)  # and a tenth
    assert rounds.apart([0.0, 3.0], [0.0, -3.0]) == 2.0


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_peer_that_fails_costs_its_side_of_the_row_whenever_it_does(rounds, calls):
    left = iter(range(calls))

    def failing():
        if next(left, None) is None:
            raise ModuleNotFoundError("no such module", name="peer")

    row = Row(**rounds.in_rounds("w", lambda: sum(range(99)), "p", failing, rounds=2, target=9.0, note="as asked"))
    assert row.ratio is row.peer_seconds is row.agreement is row.peer_memory_mb is None
    assert row.ours_seconds > 0
    assert row.note == "not here: peer; as asked"


def test_an_error_of_ours_is_raised(rounds):
    with pytest.raises(ZeroDivisionError):
        rounds.in_rounds("w", lambda: 1 / 0, "p", lambda: None, rounds=1)


ECHO = """
import sys
for line in sys.stdin:
    word = line.split()[0]
    if word == "end": break
    print("failed: no such fit" if word == "bad" else "0.5 1 2", flush=True)
"""


def test_a_peer_in_another_process_answers_or_says_why_and_answers_again(rounds):
    peers = sys.modules["peers"] if "peers" in sys.modules else next(iter(modules(["paired"]))).python.__globals__
    make = peers["Peer"] if isinstance(peers, dict) else peers.Peer
    with make([sys.executable, "-c", ECHO]) as ask:
        assert ask("good").seconds == 0.5
        with pytest.raises(rounds.PeerError, match="no such fit"):
            ask("bad")
        assert ask("good").answer.tolist() == [1.0, 2.0]
        with pytest.raises(rounds.PeerError, match="without an answer"):
            ask("end")
    with make(["no-such-program"]) as ask, pytest.raises(rounds.PeerError, match="not here: no-such-program"):
        ask("good")


def test_what_was_measured_before_a_failure_is_written(tmp_path, monkeypatch):
    def failing(*_):
        yield Row(**GOOD)
        raise ZeroDivisionError

    monkeypatch.setattr(run, "measure", failing)
    monkeypatch.setattr(run, "machine", lambda sizes: {"sizes": sizes})
    with pytest.raises(ZeroDivisionError):
        run.main(["--quick", "--json", str(tmp_path / "r.json")])
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert written["measured_on"] == {"sizes": "quick"}
    assert [Row(**row) for row in written["rows"]] == [Row(**GOOD)]


def test_quick_and_full_replace_constants_that_a_benchmark_has():
    for sizes in ("quick", "full"):
        for module in modules([]):
            assert set(getattr(module, sizes.upper(), {})) <= set(vars(module)), module.__name__
    ((usual,), (quick,)) = (list(modules(["paired"], sizes)) for sizes in ("usual", "quick"))
    assert quick.ROUNDS == 1 < usual.ROUNDS


class Compiled:
    """Stands for a compiled model, whose compilation takes longer than all else."""

    def __init__(self, model):
        self.names = {v.name for v in model.free_RVs}
        self.shape = model["counts"].get_value().shape if "frailty" in self.names else None

    def sample(self, counts=None):
        assert counts is None or counts.shape == self.shape

    def seconds_per_effective_draw(self):
        return 1e-3 * len(self.names)


@pytest.mark.parametrize("compiled", [Compiled, pytest.param(None, marks=pytest.mark.slow)], ids=["without", "nutpie"])
def test_the_benchmark_of_bayesian_models_runs_on_small_sizes(monkeypatch, compiled):
    (module,) = modules(["bayes"], "quick")
    monkeypatch.setenv("PYTHON_PEERS", "no-such-python")
    if compiled is not None:
        monkeypatch.setattr(module, "_compiled", compiled)
    rows = [Row(**row) for row in module.rows()]
    assert len({(row.work, row.peer) for row in rows}) == len(rows) == 10
    assert [row.peer.partition(",")[0] for row in rows if row.ratio is None] == [
        "numpyro on the marginal model",
        "bambi",
    ]
    if compiled is not None:  # the latent model has everybody's frailty beside the parameters of the marginal one
        assert rows[6].ratio == pytest.approx(4 / 3)


def test_a_design_holds_less_than_all_of_its_replicates_at_once():
    (module,) = modules(["memory"], "quick")
    (row,) = (Row(**row) for row in module.rows())
    assert 5 * row.memory_mb < row.peer_memory_mb
    assert "times less is held" in row.note


@pytest.fixture
def events():
    """The benchmark of logs of events."""
    (module,) = modules(["events"], "quick")
    return module


def test_pandas_and_polars_count_events_as_the_engine_does(events):
    rows = [Row(**row) for row in events.rows(events.Size(people=300, events=20_000, spells=3_000, months=24))]
    assert [row.peer for row in rows] == ["pandas", "polars"] * 2
    assert len({row.work for row in rows}) == 2
    assert [row.agreement for row in rows] == [0.0] * 4


def test_a_peer_that_counts_by_other_rules_is_noticed(events, monkeypatch):
    monkeypatch.setattr(events, "_with_receptions", lambda counts, days: (counts, days))
    rows = events.rows(events.Size(people=300, events=20_000, spells=3_000, months=24))
    assert next(rows)["agreement"] == 1.0  # a day at risk, where a day of reception has one, against none


def test_the_benchmark_of_sensitivity_runs_on_small_sizes():
    (module,) = modules(["sensitivity"], "quick")
    rows = [Row(**row) for row in module.rows()]
    assert all(row.ours_seconds > 0 and row.peer_seconds > 0 for row in rows)
    assert rows[0].work.startswith("576 specifications of 200 people")
    assert rows[1].agreement < 1e-12  # sums of a few hundred chances in another order


@pytest.mark.parametrize("name", ["mixed", "two_windows", "difference_in_differences", "paired", "synthetic_control"])
def test_without_its_peers_a_benchmark_still_has_every_row(name, monkeypatch):
    monkeypatch.setenv("PYTHON_PEERS", "no-such-python")
    monkeypatch.setenv("PATH", "")
    (module,) = modules([name], "quick")
    for constant, value in {"MANY": 60, "PEOPLE": 60, "DATASETS": 50, "REPLICATES": 3, "OURS": 40}.items():
        if hasattr(module, constant):
            monkeypatch.setattr(module, constant, value)
    rows = [Row(**row) for row in module.rows()]
    absent = [row for row in rows if row.peer.startswith(("glm", "pyfixest", "base R", "R ", "loop over pingouin"))]
    assert absent
    assert all(row.ratio is None and row.note.startswith("not here: ") for row in absent)


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


def test_the_results_on_file_are_rows_and_name_no_place():
    text = RESULTS.read_text(encoding="utf-8")
    document = json.loads(text)
    rows = [Row(**row) for row in document["rows"]]
    assert len({(row.work, row.peer) for row in rows}) == len(rows) > 40
    assert set(document["measured_on"]) == {
        *("machine", "load", "sizes", "python", "iom-causal", "numpy", "scipy", "numba", "peers")
    }
    assert not [root for root in ("home", "work", "root", "usr") if f"/{root}" in text]
    assert "http" not in text
    assert all(row.agreement < 1e-4 for row in rows if row.agreement is not None)  # peers stop early, at 1e-5


def test_the_page_of_benchmarks_is_made_from_the_results():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.make_benchmarks"


def test_no_row_whose_peer_is_ourselves_or_does_other_work_stands_as_the_same_work():
    rows = [Row(**row) for row in json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]]
    for start in (*OF_OURS, *OF_OTHERS):
        assert any(row.peer.startswith(start) for row in rows), start
    assert any(row.work.startswith(MORE_OF_OURS) for row in rows)
    kinds = {(row.work, row.peer): kind_of(row) for row in rows}
    assert kinds["import iom_causal", "import pandas"] == "Other work"
    assert kinds["1600 replicates on two threads", "one thread"] == "Ours beside ours"
    assert kinds["Poisson fixed effects, 20,000 x 36", "pyfixest fepois"] == "The same work"
    differ = ("another estimator", "fewer channels", "beyond a bare", "the peer gives")
    same = [row for row in rows if kind_of(row) == "The same work"]
    assert not [row for row in same if any(words in row.note for words in differ)]
