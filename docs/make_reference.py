"""Write the pages of docs/reference/ from the public names: run ``python -m docs.make_reference`` after adding one."""

from pathlib import Path

import iom_causal as iom

FOLDER = Path(__file__).with_name("reference")
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "data": (
        "Data: panels, people, files and events",
        ("panel", "cohort", "windows", "moments", "data", "world", "inputs", "analysis.study_people"),
    ),
    "published": ("Published tables: read, audit, reconstruct", ("published",)),
    "estimators": ("Estimators and designs with a comparison", ("estimators", "estimate", "roles", "numerics")),
    "confounds": ("Confounds, evidence and the ledger", ("confounds", "ledger", "beliefs")),
    "sensitivity": (
        "Sensitivity: how strong would something have to be",
        ("sensitivity", "null", "analysis.sensitivity"),
    ),
    "bayes": ("Bayesian models", ("bayes",)),
    "designs": ("Worlds and designs: simulate, diagnose, plan", ("simulate", "designs", "streams")),
    "evaluation": ("A whole study", ("evaluation", "protocol", "report", "analysis", "errors")),
}
"""Of each page its title, and the rooms whose public names stand on it; a longer place goes before a shorter."""
WITHIN = ("bayes", "designs", "simulate")
"""Public names that are rooms with public names of their own."""


def names() -> dict[str, list[str]]:
    """Return the public names of every page, as they are reached from the root."""
    found: dict[str, list[str]] = {page: [] for page in GROUPS}
    for name in sorted(iom.__all__, key=str.lower):
        thing = getattr(iom, name)
        if name in WITHIN:
            found[name if name in GROUPS else "designs"] += [f"{name}.{inner}" for inner in _inner(thing)]
        elif name not in ("errors", "__version__"):
            found[_page(_room(name))].append(name)
    return found


def _inner(room: object) -> list[str]:
    public = room.__all__  # type: ignore[attr-defined]
    return [name for name in sorted(public, key=str.lower) if name not in iom.__all__]


def _room(name: str) -> str:
    """Return where a name lies, as the list of public names says."""
    stub = Path(iom.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    line = next(line for line in stub.splitlines() if line.endswith(f" as {name}"))
    return line.split()[1].lstrip(".")


def _page(room: str) -> str:
    places = ((place, page) for page, (_, rooms) in GROUPS.items() for place in rooms)
    fits = [(len(place), page) for place, page in places if room == place or room.startswith(f"{place}.")]
    return max(fits)[1]


def pages() -> dict[str, str]:
    """Return the texts of the pages by their names."""
    return {page: _text(GROUPS[page][0], found) for page, found in names().items()}


def _text(title: str, found: list[str]) -> str:
    rows = "\n".join(f"   {name}" for name in found)
    return (
        f"# {title}\n\n```{{eval-rst}}\n.. currentmodule:: iom_causal\n\n.. autosummary::\n   :toctree: generated\n\n"
        f"{rows}\n```\n"
    )


if __name__ == "__main__":
    for page, text in pages().items():
        (FOLDER / f"{page}.md").write_text(text, encoding="utf-8")
