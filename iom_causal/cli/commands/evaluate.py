"""The command that works a study out, and writes its report."""

from pathlib import Path

import click

from iom_causal.cli import documents
from iom_causal.cli.commands.options import FORM, SEED
from iom_causal.cli.guard import guarded
from iom_causal.cli.help import Command, File, example
from iom_causal.cli.progress import steps


@click.command(
    cls=Command,
    short_help="Work a study out, and write its report.",
    examples=(
        example(
            "A first look at the paper by Sleath and Brown (2017)",
            "iom-causal evaluate --quick",
        ),
        example(
            "Your own people, or your own printed table: init writes such a file",
            "iom-causal evaluate study/study.toml --out report",
        ),
        example("An invented study, in another folder", "iom-causal evaluate template --quick --out invented"),
    ),
)
@click.argument("file", required=False, type=File("published", "studies"))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write.  [default: iom-report, or what the study names]"
)
@click.option("--seed", type=SEED, help="Seed of every random step.  [default: the study's own, or 1]")
@click.option("--quick", is_flag=True, help="A first look: fewer rebuilt cohorts, bounds and draws.")
@click.option(
    "--sources", is_flag=True, help="Say after the box where each of its figures comes from, as the page does."
)
@FORM
@guarded
def evaluate(file: str | None, out: Path | None, seed: int | None, form: str, *, quick: bool, sources: bool) -> None:
    """Evaluate a table of people, or a published one, and write a report.

    FILE is a TOML file that starts with [study] (your own people; `iom-causal init` writes one) or with
    [published], or the name of a bundled study. Without it, the paper by Sleath and Brown (2017) is evaluated.
    """
    first = None
    if file is not None and Path(file).suffix == ".toml":
        from iom_causal.protocol.answered import check_file  # noqa: PLC0415 an open question is answered at once

        check_file(file)
        from iom_causal.protocol.first_reading import read_first  # noqa: PLC0415 and so is what people are refused for

        first = read_first(file)
    from iom_causal.analysis.study_people import read_people  # noqa: PLC0415 --help stays light
    from iom_causal.evaluation import default_folder, evaluate  # noqa: PLC0415 --help stays light
    from iom_causal.published import DEFAULT_STUDY  # noqa: PLC0415 --help stays light

    file = DEFAULT_STUDY if file is None else file
    out = default_folder(file) if out is None else out
    read = file if first is None else read_people(file, known=first)
    with steps() as tell:
        result = evaluate(read, out=out, rng=seed, quick=quick, progress=tell)
    for note in result.subject.notes:
        click.echo(f"note: {note}", err=True)
    if form == "csv":
        documents.print_csv(result.tidy())
        return
    files = documents.written(out)
    if form == "json":
        documents.print_json(
            "evaluate",
            seed=result.seed,
            quick=quick,
            **documents.of_page(result.page),
            estimates=documents.rows(result.tidy()),
            out=out.as_posix(),
            files=files,
        )
        return
    click.echo(result.summary(sources=sources))
    click.echo(f"\nWrote {len(files) - 1} files and manifest.json to {out}; open {out / 'report.html'}")
