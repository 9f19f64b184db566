"""The command that lists the examples, or copies them."""

from pathlib import Path

import click

from iom_causal.cli import documents
from iom_causal.cli.commands.options import TEXT_OR_JSON
from iom_causal.cli.guard import guarded
from iom_causal.cli.help import Command, example


@click.command(
    cls=Command,
    short_help="List the examples, or copy them to run and change.",
    examples=(
        example("What there are, each in a line", "iom-causal examples"),
        example("Copies; each runs as it is, and on a study of your own", "iom-causal examples --copy examples"),
    ),
)
@click.option("--copy", type=click.Path(path_type=Path), help="Folder to write them into.")
@TEXT_OR_JSON
@guarded
def examples(copy: Path | None, form: str) -> None:
    """List the examples: short scripts, which are notebooks too, to be read, run and changed.

    They lie in folders by who they are for: evaluator/, methodologist/ and benchmark_author/. Those in sensitivity/ ask
    one question each, one for every point of the register of threats to validity: of the paper by Sleath and Brown
    (2017), or of the [study] or [published] file that is named after them.
    """
    from iom_causal.cli import examples as room  # noqa: PLC0415 --help stays light

    found = room.examples()
    written = () if copy is None else room.copy(copy)
    if form == "json":
        rows = [{"file": each.file, "about": each.about, "point": each.point or None} for each in found]
        places = {} if copy is None else {"out": copy.as_posix(), "files": documents.names(copy, written)}
        documents.print_json("examples", examples=rows, **places)
        return
    if copy is None:
        click.echo("\n".join(f"{each.file}\n    {each.about}" for each in found))
        return
    click.echo(f"Wrote {len(found)} examples to {copy}. One to begin with: python {copy / room.FIRST}")
