"""Settings: checked, written to TOML and read back."""

import pickle

import pytest

from iom_causal.base import specs
from iom_causal.beliefs import LogNormal, Normal, Range, Uniform, draws, ends, parse
from iom_causal.errors import SpecError
from iom_causal.streams import as_generator


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
