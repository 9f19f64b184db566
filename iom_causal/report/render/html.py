"""A page as one HTML file that needs nothing from a network."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from iom_causal.errors import inert
from iom_causal.report.render.page import Figure, Page


def render(page: Page) -> str:
    """Return the page as HTML: escaped, self-contained, with its one script where a ledger is to be moved."""
    script = _file("ledger.js") if any(section.live for section in page.sections) else ""
    return str(_template().render(page=page, data_uri=_data_uri, script=script, hash=_hash(script)))


def _data_uri(figure: Figure) -> str:
    form = {"svg": "image/svg+xml", "png": "image/png"}[figure.form]
    return f"data:{form};base64," + base64.b64encode(figure.image).decode("ascii")


def _inert(value: Any) -> Any:
    return inert(value) if type(value) is str else value


def _hash(script: str) -> str:
    """Return what a content security policy admits a script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


@cache
def _file(*path: str) -> str:
    return files("iom_causal.report.render").joinpath(*path).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 slow to load

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_inert
    )
    return environment.from_string(_file("templates", "report.html"))
