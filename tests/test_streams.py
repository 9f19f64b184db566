import numpy as np
import pytest

from iom_causal.errors import SpecError
from iom_causal.streams import Streams, as_generator, as_streams, replicate_numbers, replicates_asked


def test_a_key_depends_only_on_its_own_name():
    streams = Streams(7, "study")
    block = streams.keys("bootstrap", np.arange(1000))
    assert (np.concatenate([streams.keys("bootstrap", i) for i in range(0, 1000, 97)]) == block[::97]).all()


@pytest.mark.parametrize("other", [Streams(8, "a"), Streams(7, "b")])
def test_seed_and_study_separate_streams(other):
    assert not np.isin(other.keys("x", range(100)), Streams(7, "a").keys("x", range(100))).any()


def test_roles_separate_streams():
    streams = Streams(7)
    assert not np.isin(streams.keys("x", range(100)), streams.keys("y", range(100))).any()


def test_bits_of_neighbouring_keys_are_balanced():
    keys = Streams(0).keys("x", np.arange(4096))
    ones = np.unpackbits(keys.view(np.uint8)).mean()
    assert abs(ones - 0.5) < 4 * 0.5 / np.sqrt(4096 * 64)  # four standard errors of a fair bit
    flips = np.unpackbits((keys[1:] ^ keys[:-1]).view(np.uint8)).mean()
    assert abs(flips - 0.5) < 4 * 0.5 / np.sqrt(4095 * 64)


def test_generators_repeat():
    assert Streams(3).generator("a", 2).random() == Streams(3).generator("a", 2).random()


def test_none_draws_a_seed_that_repeats_the_run():
    generator, seed = as_generator(None)
    assert generator.random() == as_generator(seed)[0].random()


@pytest.mark.parametrize("bad", [-1, "abc", 1.5, True])
def test_seeds_that_are_not_seeds(bad):
    with pytest.raises(SpecError, match="IOM-E092"):
        as_generator(bad)


def test_streams_stay_and_everything_else_seeds_them():
    assert as_streams(Streams(3, "a")) == Streams(3, "a")
    assert as_streams(4, "a") == as_streams(np.random.default_rng(4), "a")
    with pytest.raises(SpecError, match="IOM-E092"):
        as_streams("x")


def test_replicates_are_asked_for_by_how_many_or_by_number():
    assert replicates_asked(3, "Careers").tolist() == [0, 1, 2]
    assert replicates_asked(np.array([7, 2], dtype=np.uint8), "Careers").tolist() == [7, 2]
    assert replicates_asked(range(2, 4), "Careers").dtype == np.int64


@pytest.mark.parametrize("given", [0, [], [-1], [0.5], [[0, 1]], True, ["a"]])
def test_replicates_that_have_no_number_are_refused(given):
    with pytest.raises(SpecError, match=r"IOM-E092.*Careers: expected .*replicate"):
        replicates_asked(given, "Careers")


@pytest.mark.parametrize("given", [[0], [0, -1], [0.0, 1.0], [[0, 1]]])
def test_there_is_one_number_for_each_replicate(given):
    with pytest.raises(SpecError, match="expected 2 whole numbers from 0"):
        replicate_numbers(given, 2)
