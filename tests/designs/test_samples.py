"""Samples of replicates: what is missing, and what is measured in common."""

import numpy as np
import pytest

from iom_causal.designs.diagnosands import bias, coverage_failures_miss, failures
from iom_causal.designs.samples import Sample, common_successes
from iom_causal.errors import InputError


def test_what_is_left_out_is_missing():
    sample = Sample.of([1.0, 2.0], 0.5, code=[0, 60])
    assert np.isnan(sample.std_error).all()
    assert sample.own.tolist() == sample.truth.tolist() == [0.5, 0.5]
    assert sample.answered.tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"conf_low": 0.1}, "got conf_low"), ({"common": [True]}, "got common")],
)
def test_a_figure_that_no_sample_holds(change, words):
    with pytest.raises(InputError, match=words):
        Sample.of([1.0, 2.0], 0.5, **change)


def test_arrays_of_other_lengths():
    good = Sample.of([1.0, 2.0], 0.5)
    with pytest.raises(InputError, match=r"got shapes \{'estimate': \(2,\)"):
        Sample(**(vars(good) | {"truth": np.zeros(3)}))


def test_common_successes_leave_failures_as_they_were():
    samples = {
        "one": Sample.of([1.0, 2.0, np.nan, 4.0], 0.0, low=-1.0, high=1.5, code=[0, 0, 62, 0]),
        "two": Sample.of([np.nan, 5.0, 6.0, 9.0], 0.0, low=-1.0, high=1.5, code=[60, 0, 0, 0]),
    }
    both = common_successes(samples)
    assert [bias(sample).value for sample in both.values()] == [3.0, 7.0]
    assert [bias(sample).n for sample in both.values()] == [2, 2]
    for name, sample in both.items():
        assert failures(sample).value == failures(samples[name]).value == 0.25
        assert coverage_failures_miss(sample).value == coverage_failures_miss(samples[name]).value == 0.75


def test_samples_of_other_replicates():
    with pytest.raises(InputError, match=r"got \{'one': 1, 'two': 2\}"):
        common_successes({"one": Sample.of([1.0], 0.0), "two": Sample.of([1.0, 2.0], 0.0)})
