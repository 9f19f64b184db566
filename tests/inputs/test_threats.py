"""Points of the register by their ids: one list, and what a result is silent on."""

from iom_causal.confounds import Detection, Season
from iom_causal.confounds.register import REGISTER
from iom_causal.inputs.threats import BIASES, EXPECTED, NAMES, others, threats


def test_the_points_and_their_order_are_those_of_the_register():
    assert tuple(NAMES) == tuple(REGISTER)


def test_every_point_is_spoken_to_or_left():
    spoken, silent = threats([Season(), Detection(), "no confound"])
    assert spoken == ("c01", "c03", "c04")
    assert silent == others(spoken)
    assert sorted((*spoken, *silent)) == sorted(REGISTER)
    assert others(NAMES) == ()


def test_what_is_expected_of_the_same_people_is_no_bias():
    assert BIASES == ("c01", "c03", "c04", "u3", "u6", "u7")
    assert not set(BIASES) & set(EXPECTED)
