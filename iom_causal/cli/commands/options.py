"""Options that several commands take: a seed, and how to print."""

import click

SEED = click.IntRange(0, 2**64 - 1)
FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to print.",
)
TEXT_OR_JSON = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
