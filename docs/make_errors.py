"""Write docs/errors.md from the codes: run it after adding one."""

from pathlib import Path

from iom_causal.errors import CODES

HEAD = """# Errors

Every error that the package raises on purpose is an `iom_causal.errors.IomCausalError` (a `ValueError`) with a code.
The message says what was expected, what came and what to do; it never holds a person's value or id.

| code | meaning |
| --- | --- |
"""

if __name__ == "__main__":
    rows = "".join(f"| `{code}` | {text} |\n" for code, text in sorted(CODES.items()))
    Path(__file__).with_name("errors.md").write_text(HEAD + rows, encoding="utf-8")
