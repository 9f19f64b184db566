"""Write docs/errors.md from the codes of errors and notes: run ``python -m docs.make_errors`` after adding one."""

from collections.abc import Mapping
from pathlib import Path

from iom_causal.errors import CODES, NOTES

PAGE = Path(__file__).with_name("errors.md")
HEAD = """# Errors

Every error that the package raises on purpose is an `iom_causal.errors.IomCausalError` (a `ValueError`) with a code.
The message says what was expected, what came and what to do; it never holds a person's value or id.
What a study file may hold, key by key: [every key](keys.md).

"""
OF_NOTES = """
# Notes

What reading noticed and did not refuse: each note of a panel begins with its code.

"""
TABLE = "| code | meaning |\n| --- | --- |\n"


def page() -> str:
    """Return the page."""
    return HEAD + _table(CODES) + OF_NOTES + _table(NOTES)


def _table(codes: Mapping[str, str]) -> str:
    return TABLE + "".join(f"| `{code}` | {text} |\n" for code, text in sorted(codes.items()))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
