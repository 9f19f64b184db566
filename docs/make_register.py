"""Write docs/register.md from the register of threats to validity: run it after changing a point."""

from pathlib import Path

from iom_causal.confounds.register import REGISTER

HEAD = """# The register

Every point that an evaluation before and after must face: c for those that the authors of the first study raise
themselves, u for those that every design of this kind carries. A study file speaks of them by these ids, and a
confound says itself to which it speaks (`iom_causal.REGISTER`). The last column names the example that asks it of the
paper, or of a study of one's own: `iom-causal examples --copy DIR` gives copies of them.

| id | point | what is said of it when nothing more is known | simulated world | asked by |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page, one row a point."""
    rows = ((p.id, p.point, p.sentence, p.scenario, p.example) for p in REGISTER.values())
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    Path(__file__).with_name("register.md").write_text(page(), encoding="utf-8")
