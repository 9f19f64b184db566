"""The list of formats: whatever knows of formats reads it, so that a new one is a reader and one value of the list."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from iom_causal.base.formats import listed
from iom_causal.cli import main
from iom_causal.data.files import readers
from iom_causal.data.files.readers import FORMATS, Format, format_names, read_sheet
from iom_causal.data.files.sheet import Sheet
from iom_causal.errors import IomCausalError
from iom_causal.published.study import load_published

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "spreadsheet.md"


def help_of_init():
    return " ".join(CliRunner().invoke(main, ["init", "--help"]).output.split())


def test_no_ending_and_no_start_belongs_to_two_formats():
    for held in ([e for f in FORMATS for e in f.endings], [s for f in FORMATS for s in f.starts]):
        assert len(held) == len(set(held))


def test_the_page_and_help_name_the_formats_that_are_read():
    assert f"Read are {listed(format_names())}," in PAGE.read_text(encoding="utf-8")
    assert f"A file of people: {', '.join(format_names())}." in help_of_init()


@pytest.mark.parametrize("ending", [ending for known in FORMATS for ending in known.endings])
def test_a_file_of_people_is_never_taken_for_a_published_study(ending):
    with pytest.raises(IomCausalError, match=r"IOM-E093.*a file of people: first run iom-causal init"):
        load_published(f"people{ending}")


@pytest.mark.parametrize(("name", "form"), [(e, f) for f in FORMATS if not f.read for e in f.endings])
def test_a_format_without_a_reader_is_refused_with_what_to_do_instead(tmp_path, name, form):
    with pytest.raises(
        IomCausalError, match=f"IOM-E015: {re.escape(f'{name}: not read; {form.instead}. Read are .csv')}"
    ):
        read_sheet(tmp_path / f"people{name}")


def test_a_format_put_on_the_list_is_read_recognised_and_named_everywhere(tmp_path, monkeypatch):
    table = Sheet(columns={"urn": np.array(["a"], dtype=object)}, rows=1)
    new = Format(name="new", endings=(".new",), starts=(b"NEW!",), read=lambda _path, _how, _limits: table)
    monkeypatch.setattr(readers, "FORMATS", (*FORMATS, new))
    for name in ("people.new", "people.csv"):
        (tmp_path / name).write_bytes(b"NEW!")
    assert read_sheet(tmp_path / "people.new") is table
    with pytest.raises(IomCausalError, match=r"IOM-E015.*called \.csv but is a \.new file"):
        read_sheet(tmp_path / "people.csv")
    with pytest.raises(IomCausalError, match="a file of people"):
        load_published("people.new")
    assert "parquet, new." in help_of_init()
