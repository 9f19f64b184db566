"""Write docs/formulas.md from the cards of the package: run it after changing one."""

from pathlib import Path

from iom_causal.report.formulas import FORMULAS

HEAD = """# Formulas of the first page

How each figure of the first screen and of the box is worked out. A report names these cards under “Where these figures
come from”, with what was read, the checks that hold it and the command that works the figure out again.

| card | formula | in the package |
| --- | --- | --- |
"""


def page() -> str:
    """Return the page, one row a card."""
    rows = ((card.title, card.text, f"`iom_causal.{card.call}`") for card in FORMULAS.values())
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    Path(__file__).with_name("formulas.md").write_text(page(), encoding="utf-8")
