"""Write docs/register.md from the register of threats to validity: run it after changing a point."""

from pathlib import Path

from docs import make_reference
from iom_causal.confounds.register import REGISTER, Point

HEAD = """# The register

Every point that an evaluation before and after must face: c for those that the authors of the first study raise
themselves, u for those that every design of this kind carries. A study file speaks of them by these ids, and a
confound says itself to which it speaks (`iom_causal.REGISTER`). Each is asked of the paper, or of a study of one's
own, by an example; `iom-causal examples --copy DIR` gives copies of them, and the name of one's own file goes after
the command.
"""
PAGES = {
    "c01": ("other_changes", "several_forces", "one_equation"),
    "c02": ("choose", "several_forces", "earlier_cohorts"),
    "c03": ("arrests",),
    "c04": ("arrests",),
    "c05": ("ageing", "one_equation"),
    "c06": ("ageing", "one_equation"),
    "c07": ("risk_scores",),
    "c08": ("groups", "your_comparison"),
    "c09": ("dilution", "identified"),
    "c10": ("dilution",),
    "c11": ("dilution",),
    "c12": ("interviews",),
    "u1": ("regression_to_the_mean", "unmanaged_pool", "sensitivity"),
    "u2": ("custody_unknown",),
    "u3": ("missing_followup",),
    "u4": ("arrests",),
    "u5": ("dilution",),
    "u6": ("missing_followup",),
    "u7": ("dilution",),
}
"""The pages that answer each point, the first of them most."""
OTHERS = {
    "c02": ("designs_for", "DiffInDiff"),
    "c08": ("Heterogeneity", "LevelDifference"),
    "c12": ("volunteer_bounds",),
    "u1": ("null_calibration", "placebo_dates", "regression_tipping"),
    "u3": ("manski_bounds", "lee_bounds"),
    "u6": ("manski_bounds",),
}
"""What speaks to a point beside its confounds."""
FOLDER = Path(__file__).parent


def page() -> str:
    """Return the page, a section a point."""
    return HEAD + "".join(_section(point) for point in REGISTER.values())


def _section(p: Point) -> str:
    links = ", ".join(f"[{title(name)}]({place(name)})" for name in PAGES[p.id])
    pages = {name: page for page, found in make_reference.names().items() for name in found}
    called = (*p.confounds, *OTHERS.get(p.id, ()))
    names = ", ".join(f"[`iom.{name}`](reference/{pages[name]}.md)" for name in called)
    made, ends = p.scenario.rpartition("/")[2], ".toml"
    world = f"`iom-causal simulate {made.removesuffix(ends)}`" if made.endswith(ends) else p.scenario
    ask = f"`python {p.example}` ([as it ran]({p.example.removesuffix('.py')}))"
    rows = {"read": links, "in Python": names, "ask": ask, "simulated world": world}
    listed = "".join(f"- *{k}:* {v}\n" for k, v in rows.items())
    return f"\n({p.id})=\n## {p.id}: {p.point}\n\n{p.sentence}\n\n{listed}"


def place(name: str) -> str:
    """Return where a page lies below this folder."""
    found = next(path for path in sorted(FOLDER.rglob(f"{name}.md")) if "reference" not in path.parts)
    return found.relative_to(FOLDER).as_posix()


def title(name: str) -> str:
    """Return what a page is called."""
    lines = (FOLDER / place(name)).read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("# ") for line in lines if line.startswith("# "))


if __name__ == "__main__":
    (FOLDER / "register.md").write_text(page(), encoding="utf-8")
