"""Digest of a study's protocol: what decides its figures, without its files and its words."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from iom_causal.data.files.reading import Reading
from iom_causal.protocol.study import Study, stated

WORDS = frozenset({"title", "programme", "people", "out", "protocol"})
"""Keys of a study that say how it is called and where it is written."""
FILES = frozenset({"file", "sheets", "guessed", *(field.name for field in fields(Reading))}) - {"drop_rows"}
"""Keys that say where data lie, how their bytes become cells, and what nobody has confirmed, but for rows left out: of
them some may be people, as hidden ones are."""
DIGITS = 32


def protocol_digest(study: Study) -> str:
    """SHA-256 digest of what a study declares: selection, windows, outcomes, filters, adjustments, rules of release.

    The names of files and how they are laid out, titles and words for people are no part of it, so that it can be noted
    before there are data, and data of another name change nothing; which rows are left out is. Settings at their
    defaults are no part of it either: a later version of the package with new settings gives the same digest.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
    >>> from iom_causal.data.extracts import Extract
    >>> two = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
    >>> arrests = ExtractOutcome(name="arrests", kind="count", columns=("pre", "post"))
    >>> ours = Study(title="Ours", extract=Extract(file="a.csv", id="urn", outcomes=(arrests,), windows=two))
    >>> protocol_digest(ours) == protocol_digest(replace(ours, title="Theirs"))
    True
    """
    declared = {key: _declared(item) for key, item in stated(study).items() if key not in WORDS}
    canonical = json.dumps(declared, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:DIGITS]


def _declared(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _declared(item) for key, item in value.items() if key not in FILES}
    return [_declared(item) for item in value] if isinstance(value, (list, tuple)) else value
