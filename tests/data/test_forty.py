"""Forty invented files of ten habits: from each to its people with at most three edits, or to one clear refusal."""

import numpy as np
import pytest

from docs.make_files import PAGE, page, walked
from iom_causal.evaluation import evaluate
from iom_causal.protocol.draft.started import FIRST
from tests.data.forty import HABITS

MAKES = [make for makes in HABITS.values() for make in makes]
EDITS = 3


def names(makes):
    return [make.__name__ for make in makes]


def test_there_are_four_files_of_each_of_ten_habits():
    assert [len(makes) for makes in HABITS.values()] == [4] * 10
    assert len(set(names(MAKES))) == 40


@pytest.mark.parametrize("make", MAKES, ids=names(MAKES))
def test_a_file_comes_to_its_people_or_to_what_is_asked(make):
    kept, done = walked(make)
    assert len(kept.answers) <= EDITS
    asked = () if done.started is None else tuple(key for key in done.started.to_edit if key != "selection")
    assert len(asked) <= FIRST
    if kept.refused or kept.asked:
        assert (done.code if kept.refused else asked) == (kept.refused or kept.asked), done.told
        return
    assert not done.code, done.told
    cohort = done.people.cohort
    first = next(iter(cohort.values()))
    assert (int(first.group.sum()), int((~first.group).sum())) == (kept.people, kept.others)
    found = {name: np.nansum(cohort[name].managed.outcome, axis=0).tolist() for name in cohort}
    assert list(found.values()) == [pytest.approx(list(total)) for total in kept.totals.values()]
    assert all(word.casefold() in name.casefold() for word, name in zip(kept.totals, found, strict=True))
    assert int(np.isnan(first.managed.outcome.astype(float)).sum()) == kept.gaps
    if len(kept.days):
        days = first.managed.exposure * np.ones((kept.people, 1))  # of a window, or of each person in it
        assert days.sum(axis=0).tolist() == pytest.approx(list(kept.days))


def test_nobody_is_named_on_the_way():
    for make in MAKES:
        kept, done = walked(make)
        ids = kept.file.with_name("study")
        said = "\n".join([done.told, done.text, *(done.started.steps if done.started else ())])
        assert "NB" not in said.replace(str(ids), ""), make.__name__


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize("makes", HABITS.values(), ids=HABITS)
def test_the_page_of_each_file_gives_the_change_that_is_true(makes, tmp_path):
    for make in makes:
        kept, done = walked(make)
        if done.people is None:
            continue
        estimates = evaluate(done.started.file, out=tmp_path / make.__name__, quick=True).estimates
        plain = len(next(iter(kept.totals.values()))) == 2 and not (len(kept.days) or kept.gaps)
        if plain and next(iter(done.people.cohort.values())).kind == "count":
            before, after = next(iter(kept.totals.values()))
            first, last = (
                w.days or 1 for w in next(iter(done.people.cohort.values())).windows
            )  # a rate, if lengths are known
            assert estimates[0].estimate == pytest.approx(after / last / (before / first))


def test_the_page_of_files_is_what_comes_of_them():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.make_files"
