"""Pages that were run, as notebooks to download: written beside each page when it is built, with a link to it."""

from pathlib import Path
from typing import Any

FORMATS = {".py": "py:percent", ".md": "md:myst"}
"""How jupytext calls what a page is written in."""
RUN = "file_format: mystnb"
"""Stands at the head of a page whose cells are run."""
LEADS = "index"
"""The name of pages that only lead to others."""


def offer(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Write the notebook of a page that was run, and tell the page its name, as Sphinx asks when a page is written."""
    del templatename
    if doctree is None or pagename.rpartition("/")[2] == LEADS:
        return
    source = Path(app.env.doc2path(pagename))
    text = source.read_text(encoding="utf-8") if source.suffix in FORMATS else ""
    if not text or (source.suffix == ".md" and RUN not in text.split("\n---\n")[0]):
        return
    target = Path(app.outdir, pagename).with_suffix(".ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(notebook(text, source.suffix), encoding="utf-8")
    context["notebook"] = target.name


def notebook(text: str, suffix: str) -> str:
    """Return the source of a page as a notebook without outputs."""
    import jupytext  # noqa: PLC0415 only where pages are built

    named = text.replace("  name: python3\n", "  name: python3\n  display_name: Python 3\n", 1)
    return str(jupytext.writes(jupytext.reads(named, fmt=FORMATS[suffix]), fmt="ipynb"))
