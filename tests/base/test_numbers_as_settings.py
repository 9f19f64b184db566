"""Numbers as people write them into settings: percentages are asked about, numpy's numbers are numbers."""

import dataclasses
import json
import math

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import confounds, estimators
from iom_causal.base.specs import digest, to_dict, to_toml
from iom_causal.beliefs import LogNormal, Normal, Range, Uniform, parse, theta
from iom_causal.confounds.evidence import load_evidence, made
from iom_causal.errors import SpecError
from iom_causal.sensitivity.tipping import tipping
from iom_causal.simulate import DropOut, Programme

PLAIN = {"History": {"ratio": 0.9}, "Breach": {"unit": "share"}, "RegressionToMean": {"method": "none"}}
"""What a confound needs, or needs for its numbers to be shares."""


def _named(word: str) -> set[tuple[str, str]]:
    """Every belief of a confound that is named a ratio, or a share."""
    kinds = [kind for name in confounds.__all__ if dataclasses.is_dataclass(kind := getattr(confounds, name))]
    return {
        (kind.__name__, f.name)
        for kind in kinds
        for f in dataclasses.fields(kind)
        if word in f.name and (f.type is theta.Belief or theta.Belief in getattr(f.type, "__args__", ()))
    }


RATIOS = _named("ratio") | {("History", "local"), ("History", "elasticity"), ("Ageing", "strength")}
SHARES = _named("share") | {
    ("History", "contamination"), ("Detection", "false_pre"), ("Detection", "false_post"), ("Attrition", "untracked"),
    ("Attrition", "absent"), ("Custody", "custody_per_arrest"), ("Custody", "free_at_start"), ("Breach", "after"),
    ("Breach", "before"), ("PartExposure", "after"), ("PartExposure", "before"), ("Desistance", "at_risk"),
    ("ScoreError", "reliability"),
}  # fmt: skip


def _with(name: str, field: str, belief) -> object:
    beside = {"stay_years": 1.0} if field == "custody_per_arrest" else PLAIN.get(name, {})
    return getattr(confounds, name)(**{**beside, field: belief})


@pytest.mark.parametrize(("name", "field"), sorted(RATIOS | SHARES))
def test_what_looks_like_a_percentage_is_asked_about(name, field) -> None:
    for given, meant in ((85, "0.85"), (Range(70, 100), r"Range\(0.7, 1\)"), (Uniform(70, 90), r"Uniform\(0.7, 0.9\)")):
        with pytest.raises(SpecError, match=rf"IOM-E092: {name} {field}: .*percentage; did you mean {meant}\?"):
            _with(name, field, given)


@pytest.mark.parametrize(("name", "field"), sorted(RATIOS))
def test_no_sensible_ratio_is_asked_about(name, field) -> None:
    for sensible in (0.02, 0.85, 1, 1.25, 5.0, 19.9, LogNormal(0.85, 0.05), LogNormal(3.0, 1.0), Range(0.02, 15.0)):
        _with(name, field, sensible)
    for given, meant in (
        (LogNormal(85, 5), r"LogNormal\(0.85, 0.05\)"),
        (LogNormal(0.85, 5), r"LogNormal\(0.85, 0.05\)"),
    ):
        with pytest.raises(SpecError, match=rf"did you mean {meant}\?"):
            _with(name, field, given)


def test_percentages_are_asked_about_from_a_file_and_in_a_simulator() -> None:
    with pytest.raises(SpecError, match=r"did you mean 0\.8\?"):
        made(iom.Detection, {"ratio": 80}, "study")
    with pytest.raises(SpecError, match=r"did you mean Range\(0\.7, 1\)"):
        made(iom.Detection, {"ratio": parse({"low": 70, "high": 100})}, "study")
    for wrong in (lambda: Programme(ratio=85), lambda: Programme(women_ratio=85), lambda: DropOut(share=17)):
        with pytest.raises(SpecError, match=r"did you mean 0\.(85|17)\?"):
            wrong()


def test_a_share_that_is_merely_too_large_is_no_percentage() -> None:
    with pytest.raises(SpecError, match=r"got 1\.2$"):
        iom.Attrition(untracked=1.2)
    with pytest.raises(SpecError, match=r"got inf"):
        iom.Detection(ratio=math.inf)
    with pytest.raises(SpecError, match=r"below 20, got 100000$"):
        iom.Detection(ratio=100_000)


def test_tipping_says_how_far_it_could_search() -> None:
    panel = iom.Panel.from_arrays([[5, 3], [4, 4], [6, 2], [9, 5]])
    ledger = iom.Ledger([iom.Detection(ratio=2.0), iom.Attrition(absent_ratio=1.0)])
    found = tipping(ledger, panel, "attrition.absent_ratio")  # it moves nothing while nobody is absent
    assert found.value is None
    assert found.searched[0] == pytest.approx(0.02)
    assert 15 < found.searched[1] < theta.PERCENT_RATIO


@pytest.mark.parametrize("field", [["detection.ratio", "history.ratio"], ("detection.ratio",), None, 3])
def test_tipping_takes_one_path(field) -> None:
    with pytest.raises(SpecError, match=r"one dotted path|tipping: field: expected text"):
        tipping(iom.Ledger([iom.Detection(ratio=0.9)]), iom.Panel.from_arrays([[5, 3], [4, 4]]), field)


NUMPY = [np.float32(0.5), np.float64(0.5), np.float16(0.5)]


@pytest.mark.parametrize("number", NUMPY, ids=lambda x: type(x).__name__)
def test_numpy_numbers_are_numbers_in_beliefs(number) -> None:
    for given, plain in (
        (iom.Detection(ratio=number), iom.Detection(ratio=0.5)),
        (Range(number, np.int64(1)), Range(0.5, 1)),
        (Normal(np.int32(1), number), Normal(1, 0.5)),
        (LogNormal(number, number), LogNormal(0.5, 0.5)),
        (Uniform(number, 1), Uniform(0.5, 1)),
        (parse(number), 0.5),
        (parse({"low": number, "high": np.int8(1)}), Range(0.5, 1)),
        (iom.Window("before", np.int64(-3), np.int16(0)), iom.Window("before", -3, 0)),
        (iom.Moments(n=np.int64(9), mean_pre=number), iom.Moments(n=9, mean_pre=0.5)),
        (iom.Streams(np.uint64(3)), iom.Streams(3)),
        (Programme(ratio=number), Programme(ratio=0.5)),
    ):
        assert (given, repr(given), digest(given)) == (plain, repr(plain), digest(plain))
        json.dumps(to_dict(given))
    assert to_toml({"study": to_dict(iom.Detection(ratio=number))}) == to_toml(
        {"study": to_dict(iom.Detection(ratio=0.5))}
    )


@pytest.mark.parametrize("name", [n for n in estimators.__all__ if dataclasses.is_dataclass(getattr(estimators, n))])
def test_numpy_numbers_are_numbers_in_every_estimator(name) -> None:
    kind = getattr(estimators, name)
    first = kind(-1, 1) if name == "Equivalence" else kind()
    for field in dataclasses.fields(kind):
        value = getattr(first, field.name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            given = dataclasses.replace(first, **{field.name: np.asarray(value)[()]})
            assert (given, repr(given)) == (first, repr(first))


def test_numpy_numbers_are_numbers_in_a_ledger_and_its_tipping() -> None:
    assert iom.Ledger([], draws=np.int64(1000), level=np.float32(0.5)) == iom.Ledger([], draws=1000, level=0.5)
    panel = iom.Panel.from_arrays([[5, 3], [4, 4], [6, 2], [9, 5]], exposure=np.int64(100))
    ledger = iom.Ledger([iom.Detection(ratio=np.float32(0.5))])
    assert tipping(ledger, panel, "detection.ratio", low=np.float32(0.25), high=np.int64(2)).value is not None


HEAD = '[evidence]\nkind = "count"\ntitle = "Ours"\nabout = "Our area."\n'
LINE = (
    '[[evidence.lines]]\nconfound = "Detection"\nsettings = { ratio = 0.9 }\nsource = "our records"\ndate = "2024"\n'
    'reason = "a new unit"\n'
)


def test_own_evidence_is_read_from_its_file(tmp_path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(HEAD + LINE, encoding="utf-8")
    for path in (own, str(own)):
        assert iom.Ledger.from_evidence(path).confounds == (iom.Detection(ratio=0.9),)
        assert load_evidence(path).name == "own"
    with pytest.raises(SpecError, match=r"IOM-E093: .*path of an \[evidence\] file"):
        iom.Ledger.from_evidence("own")
    with pytest.raises(SpecError, match="IOM-E096"):
        iom.Ledger.from_evidence(tmp_path / "absent.toml")
    own.write_text(HEAD + 'lines = "none"\n', encoding="utf-8")
    with pytest.raises(SpecError, match=r"IOM-E092: .*evidence\.lines"):
        iom.Ledger.from_evidence(own)
