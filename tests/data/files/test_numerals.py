"""Numbers as people write them: one line a habit, read right or refused with what to do."""

import pytest

from iom_causal.data.files.numerals import DECIMALS, FAULTS, parsed

READ = [
    (["1,234.5", "7"], "", [1234.5, 7]),
    (["1,234", "1,234,567"], "", [1234, 1234567]),  # two commas can only mark thousands
    (["1,234", "12.5"], ".", [1234, 12.5]),
    (["1.234,5", "2,5"], ",", [1234.5, 2.5]),
    (["1.234", "2,5"], ",", [1234, 2.5]),
    (["1 234", "1'234", "1’234", "1\u00a0234", "1\u202f234", "12 345.5"], "", [1234] * 5 + [12345.5]),
    (["1 234,5"], ",", [1234.5]),
    (["£1,234.50", "£ 3", "-£2", "4"], "", [1234.5, 3, -2, 4]),
    (["12 EUR", "3 eur"], "", [12, 3]),
    (["5%", "12.5 %", "0"], "", [5, 12.5, 0]),
    (["(5)", "3"], "", [-5, 3]),
    (["−3", "–4", "+5"], "", [-3, -4, 5]),
    (["1e3", ".5", "7."], "", [1000, 0.5, 7]),
]


@pytest.mark.parametrize(("cells", "decimal", "values"), READ)
def test_a_habit_that_can_be_read_in_one_way_is_read(cells, decimal, values):
    read = parsed(cells, decimal)
    assert [read[cell].value for cell in cells] == values
    assert not any(numeral.fault for numeral in read.values())


REFUSED = [
    (["1,234"], "", "thousands"),
    (["12,5"], "", "commas"),
    (["1.234,5"], "", "commas"),
    (["12,5"], ".", "commas"),
    (["12.5"], ",", "points"),
    (["12,5", "12.5"], "", "mixed"),
    (["<5"], "", "fewer"),
    (["fewer than 5"], "", "fewer"),
    (["5+"], "", "more"),
    (["10 or more"], "", "more"),
    (["3-5"], "", "range"),
    (["3 to 5"], "", "range"),
    (["£5", "€6"], "", "currencies"),
    (["5%", "0.06"], "", "percent"),
    (["about 7"], "", "digits"),
    (["٣"], "", "digits"),
    (["12 34"], "", "digits"),
    (["yes", "N"], "", "answer"),
    (["lots"], "", "words"),
    (["-inf"], "", "infinite"),
    (["1e999"], "", "large"),
]


@pytest.mark.parametrize(("cells", "decimal", "fault"), REFUSED)
def test_a_habit_that_cannot_has_its_fault(cells, decimal, fault):
    assert fault in {numeral.fault for numeral in parsed(cells, decimal).values()}
    assert fault in FAULTS


def test_a_study_states_a_mark_or_none():
    assert DECIMALS == ("", ".", ",")
