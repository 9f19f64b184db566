"""The benchmarks' table: what a row must hold, and how it prints."""

import pytest

from benchmarks.run import Row, modules, table

GOOD = {"work": "w", "ours_seconds": 2e-3, "peer": "p", "peer_seconds": 1.0, "ratio": 500.0}


def test_every_benchmark_offers_rows():
    assert {m.__name__ for m in modules([])} >= {"benchmark_imports", "benchmark_paired"}


def test_rows_print_as_a_table():
    assert table([Row(**GOOD)]).splitlines()[1].split() == ["w", "2", "ms", "p", "1", "s", "500.0x"]


@pytest.mark.parametrize("bad", [{"ratio": "5"}, {"ours_seconds": -1.0}, {"peer": 3}, {"ratio": float("nan")}])
def test_rows_are_typed(bad):
    with pytest.raises(TypeError):
        Row(**(GOOD | bad))
