"""The command that begins a study: it writes a file with what can be guessed."""

from pathlib import Path

import click

from iom_causal.cli import documents
from iom_causal.cli.commands.options import TEXT_OR_JSON
from iom_causal.cli.guard import guarded
from iom_causal.cli.help import Command, example


class _FileOfPeople(click.Option):
    """An option whose help lists the formats that are read; the list is loaded when somebody asks for help."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from iom_causal.data.files.readers import format_names  # noqa: PLC0415 other commands stay light

        self.help = (
            f"A file of people: {', '.join(format_names())}. With --published the text of a paper: txt, html, docx."
        )
        return super().get_help_record(ctx)


@click.command(
    cls=Command,
    short_help="Write a study file to begin with.",
    examples=(
        example("From a spreadsheet of people", "iom-causal init study --from people.xlsx"),
        example(
            "From a log of events, the list of people and spells in custody",
            "iom-causal init log --from arrests.csv --people people.xlsx --custody spells.csv",
        ),
        example("From the text of a paper", "iom-causal init paper --published --from paper.txt"),
        example(
            "A design or a world to try out; both run as they are",
            "iom-causal init plan --design",
            "iom-causal init world --scenario",
        ),
    ),
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--from", "source", cls=_FileOfPeople, type=click.Path(path_type=Path))
@click.option(
    "--people",
    type=click.Path(path_type=Path),
    help="The list of people, where --from is a log of events, a row an event.",
)
@click.option("--custody", type=click.Path(path_type=Path), help="Spells in custody, a row a spell.")
@click.option("--sheet", default="", help="Of a workbook, the sheet that holds the people.")
@click.option("--published", "kind", flag_value="published", help="The form for a printed table instead.")
@click.option("--design", "kind", flag_value="design", help="Designs of a study, to compare before it is done.")
@click.option("--events", "kind", flag_value="events", help="The form for a log of events, with invented records.")
@click.option("--scenario", "kind", flag_value="scenario", help="A simulated world to try a study in.")
@TEXT_OR_JSON
@guarded
def init(
    folder: Path,
    source: Path | None,
    people: Path | None,
    custody: Path | None,
    sheet: str,
    kind: str | None,
    form: str,
) -> None:
    """Write a commented study file into FOLDER, with what can be guessed from a file of people or a log of events.

    With --published --from it is the form for a printed table, with what the text of a paper reports. Nothing is
    overwritten, and the data stay where they are.
    """
    if kind == "published" and source is not None and people is None and custody is None:
        from iom_causal.protocol.draft.published import start_published  # noqa: PLC0415 no file of people is read

        done = start_published(folder, source)
    else:
        from iom_causal.protocol.draft.start import start  # noqa: PLC0415 --help stays light

        done = start(folder, source=source, people=people, custody=custody, sheet=sheet, form=kind)
    if form == "json":
        questions = [{"key": question.key, "ask": question.ask} for question in done.questions]
        documents.print_json(
            "init",
            file=done.file.as_posix(),
            guessed=done.guessed,
            to_edit=done.to_edit,
            questions=questions,
            understood=done.understood,
            steps=done.steps,
        )
        return
    shown = ["", *done.understood, ""] if done.understood else []
    click.echo("\n".join([f"Wrote {done.file}.", *shown, *done.steps]))
