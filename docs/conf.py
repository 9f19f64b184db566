"""How the documentation is built: ``make docs``; a warning is an error, and nothing outside is read."""

import os
import sys
from pathlib import Path
from typing import Any

import iom_causal
from docs import facts

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
exclude_patterns = ["_templates"]

html_theme = "pydata_sphinx_theme"
html_title = "iom_causal"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False
numpydoc_show_inherited_class_members = False


def setup(app: Any) -> None:  # a Sphinx application
    """Add to every class's page what it says of itself."""
    app.connect("autodoc-process-docstring", facts.add, priority=600)  # after numpydoc has read the docstring
