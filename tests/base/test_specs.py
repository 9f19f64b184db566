import pickle

import pytest

from iom_causal.base import setting_paths, specs
from iom_causal.beliefs import LogNormal, Normal, Range, Uniform, draws, ends, parse
from iom_causal.errors import CODES, InputError, SpecError, UnknownNameError
from iom_causal.streams import as_generator
from iom_causal.windows import Selection


def test_an_unregistered_code_is_a_bug():
    with pytest.raises(LookupError):
        InputError("IOM-E999", "no such code")


def test_an_error_prints_its_code_and_pickles():
    error = pickle.loads(pickle.dumps(InputError("IOM-E060", "too few")))  # noqa: S301 our own bytes
    assert str(error) == "IOM-E060: too few"
    assert error.number == 60


def test_unknown_names_are_key_errors_too():
    assert isinstance(UnknownNameError("IOM-E009", "x"), KeyError)


def test_every_code_has_one_sentence():
    assert all(text.endswith(".") and key.startswith("IOM-E") and len(key) == 8 for key, text in CODES.items())


def test_unknown_keys_name_the_nearest():
    with pytest.raises(SpecError, match=r"IOM-E093.*'titel'.*did you mean 'title'"):
        specs.check_keys({"titel": 1}, ["title", "doi"], "published")


def test_the_wrong_kind_of_file_is_named(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("[scenario]\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"IOM-E095.*\[published\].*\[scenario\]"):
        specs.read_toml(path, "published")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"not toml [", "IOM-E094"), (b"\xff\xfe[", "IOM-E094"), (b"", "IOM-E095"), (b"x = 1", "IOM-E095")],
)
def test_files_that_are_not_ours(tmp_path, content, code):
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=code):
        specs.read_toml(path)


def test_a_byte_order_mark_changes_nothing(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes("\ufeff[study]\nx = 1\n".encode())
    assert specs.read_toml(path, "study") == {"study": {"x": 1}}


def test_dotted_paths_reach_and_replace():
    pair = (Range(0.7, 1.0), Normal(0.0, 1.0))
    assert setting_paths.get_path(pair, "1.sd") == 1.0
    assert setting_paths.replace_path(pair, "1.sd", 2.0) == (Range(0.7, 1.0), Normal(0.0, 2.0))
    with pytest.raises(SpecError, match="did you mean 'low'"):
        setting_paths.get_path(pair, "0.lo")


def test_a_digest_tells_specifications_apart():
    assert specs.digest(Range(0.7, 1.0)) != specs.digest(Uniform(0.7, 1.0))


def test_frozen_maps_cannot_be_changed_and_pickle():
    frozen = specs.FrozenMap({"a": 1})
    with pytest.raises(AttributeError):
        frozen.x = 1
    assert pickle.loads(pickle.dumps(frozen)) == frozen  # noqa: S301 our own bytes
    assert frozen == {"a": 1}


def test_beliefs_read_from_toml_forms():
    assert parse({"median": 0.9, "sd": 0.1}) == LogNormal(0.9, 0.1)
    assert parse({"uniform_low": 0, "uniform_high": 1}) == Uniform(0, 1)
    assert parse(0.8) == 0.8
    with pytest.raises(SpecError, match="IOM-E092"):
        parse({"low": 1})


def test_a_range_has_no_probability():
    rng, _ = as_generator(1)
    with pytest.raises(SpecError, match="no probability"):
        draws(Range(0, 1), rng, 3)
    assert draws(0.5, rng, 3).tolist() == [0.5] * 3
    assert ends(Range(0, 1)) == (0, 1)
    assert ends(LogNormal(0.9, 0.1)) == (0.9, 0.9)


@pytest.mark.parametrize("bad", [lambda: Range(1, 0), lambda: Normal(0, -1), lambda: LogNormal(0, 1)])
def test_impossible_beliefs_are_refused(bad):
    with pytest.raises(SpecError, match="IOM-E092"):
        bad()


def test_top_rule_shares_the_last_place_between_ties():
    rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=2)
    assert rule.probability([5, 3, 3, 1]).tolist() == [1.0, 0.5, 0.5, 0.0]


def test_soft_rule_is_one_half_at_the_threshold():
    rule = Selection("arrests", ("before",), "soft", "unknown", threshold=4, softness=2)
    assert rule.probability([4])[0] == 0.5
    with pytest.raises(SpecError, match="IOM-E096"):
        Selection("arrests", ("before",), "soft", "unknown", threshold=4).probability([4])
