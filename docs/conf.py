"""How the documentation is built: ``make docs``; a warning is an error, and nothing outside is read."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import iom_causal
from docs import commands, facts, notebooks, tables

os.environ["CI"] = "true"  # commands that run in these pages show no line of progress
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # and are this package's

project = "iom_causal"
author = "The iom_causal developers"
copyright = f"2026, {author}"  # noqa: A001 Sphinx's own name
release = iom_causal.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb"}
templates_path = ["_templates"]
exclude_patterns = ["_templates", "*.py"]

html_theme = "pydata_sphinx_theme"
html_title = "iom_causal"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_sidebars = {"start": []}  # the only page of its section
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 8,
    "secondary_sidebar_items": ["page-toc", "notebook"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True

autosummary_generate = True
autosummary_context = {"not_shown": facts.not_shown()}
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False
numpydoc_show_inherited_class_members = False


def lay_examples(_app: Any) -> None:
    """Copy the examples to where they are pages; what is no longer one goes."""
    here = Path(__file__).parent
    for folder in (f for f in (here.parent / "examples").iterdir() if f.is_dir() and not f.name.startswith("_")):
        shutil.rmtree(here / "examples" / folder.name, ignore_errors=True)
        shutil.copytree(folder, here / "examples" / folder.name, ignore=shutil.ignore_patterns("__pycache__"))


def type_commands(_app: Any, _name: str, source: list[str]) -> None:
    """Show the commands of a page as they are typed."""
    source[0] = commands.typed(source[0])


def setup(app: Any) -> None:  # a Sphinx application
    """Lay the examples before pages are looked for, and add to every class's page what it says of itself."""
    app.connect("builder-inited", lay_examples)
    app.connect("source-read", type_commands)
    app.connect("html-page-context", notebooks.offer)
    app.connect("html-page-context", tables.let_break)
    app.connect("autodoc-process-docstring", facts.add, priority=600)  # after numpydoc has read the docstring
