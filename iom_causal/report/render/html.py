"""A page as one HTML file that needs nothing from a network."""

import base64
from functools import cache
from importlib.resources import files
from typing import Any

from iom_causal.errors import inert
from iom_causal.report.render.page import Figure, Page


def render(page: Page) -> str:
    """Return the page as HTML: escaped, self-contained, without a script."""
    return str(_template().render(page=page, data_uri=_data_uri))


def _data_uri(figure: Figure) -> str:
    form = {"svg": "image/svg+xml", "png": "image/png"}[figure.form]
    return f"data:{form};base64," + base64.b64encode(figure.image).decode("ascii")


def _inert(value: Any) -> Any:
    return inert(value) if type(value) is str else value


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 slow to load

    source = (files("iom_causal.report.render") / "templates" / "report.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_inert
    )
    return environment.from_string(source)
