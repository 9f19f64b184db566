"""Moments of a published outcome: what is impossible, what is not reported, and signs."""

import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.moments import Moments


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 0},
        {"n": 5, "sd_pre": -1.0},
        {"n": 5, "r": 1.2},
        {"n": 5, "mean_pre": -1.0},
        {"n": 5, "t": float("nan")},
        {"n": 9, "mean_pre": 5.0, "mean_post": 4.0, "sd_pre": 1.0, "sd_post": 1.0, "t": 0.5},
    ],
)
def test_impossible_moments(fields):
    with pytest.raises(InputError, match="IOM-E067"):
        Moments.from_summary(**fields)


def test_unknown_moments_name_the_nearest():
    with pytest.raises(SpecError, match="did you mean 'mean_pre'"):
        Moments.from_summary(n=5, mean_per=1.0)


def test_moments_say_what_is_not_printed():
    with pytest.raises(InputError, match="mean_pre"):
        Moments.from_summary(n=187, mean_post=238.61).require("mean_pre", "mean_post", purpose="the change")


def test_t_takes_its_sign_from_the_means_and_r_its_value_from_t():
    m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    assert m.t == -11.64
    back = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, r=m.r)
    assert back.t == pytest.approx(-11.64, rel=1e-12)  # a few roundings
