"""What the digest of a protocol covers: what decides who counts, and not how a file is called or laid out."""

from dataclasses import replace

import pytest

from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.protocol.digest import protocol_digest
from iom_causal.protocol.study import Study

WINDOWS = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
ARRESTS = ExtractOutcome(name="arrests", kind="count", columns=("pre", "post"))
OURS = Extract(file="a.xlsx", id="urn", outcomes=(ARRESTS,), windows=WINDOWS)


def digest(**changes):
    return protocol_digest(Study(title="Ours", extract=replace(OURS, **changes)))


@pytest.mark.parametrize(
    "layout",
    [
        {"file": "b.xlsx"},
        {"sheet": "People"},
        {"sheets": ("North", "South")},
        {"encoding": "cp1252"},
        {"separator": ";"},
        {"skip_rows": 2},
        {"header_rows": 2},
        {"guessed": ("missing",)},
    ],
    ids=lambda layout: next(iter(layout)),
)
def test_the_layout_of_a_file_is_no_part_of_it(layout):
    assert digest(**layout) == digest()


@pytest.mark.parametrize("decided", [{"drop_rows": ("hidden",)}, {"missing": ("99",)}], ids=lambda d: next(iter(d)))
def test_what_decides_who_counts_is(decided):
    assert digest(**decided) != digest()
