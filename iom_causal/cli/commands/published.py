"""Commands on printed tables: their numbers checked against one another, and cohorts that print the same."""

import sys
from pathlib import Path

import click

from iom_causal.cli import documents
from iom_causal.cli.commands.options import FORM, SEED, TEXT_OR_JSON
from iom_causal.cli.guard import REFUSED, guarded
from iom_causal.cli.help import Command, File, example
from iom_causal.cli.progress import steps


@click.command(
    cls=Command,
    short_help="Check printed numbers against one another.",
    examples=(
        example("The paper by Sleath and Brown (2017)", "iom-causal audit"),
        example("Your own table, for a program to read", "iom-causal audit paper/published.toml --format json"),
        example("Every [published] file in a folder", "iom-causal audit paper"),
    ),
)
@click.argument("file", required=False, type=File("published", "studies"))
@FORM
@guarded
def audit(file: str | None, form: str) -> None:
    """Check the printed numbers of a published table against one another, and against the text that its file names.

    FILE may be a folder: then there is one row of verdicts for each [published] file in it. Those that cannot be read
    are listed with the reason, and the exit status is 2.
    """
    from iom_causal.published import DEFAULT_STUDY  # noqa: PLC0415 --help stays light
    from iom_causal.published.audit.audit import audit  # noqa: PLC0415 --help stays light
    from iom_causal.published.audit.folder import audit_folder  # noqa: PLC0415 --help stays light
    from iom_causal.published.study import bundled_studies, load_published  # noqa: PLC0415 --help stays light

    if file is not None and file not in bundled_studies() and Path(file).is_dir():
        done = audit_folder(Path(file))
        documents.print_result("audit", done, form, under="papers")
        sys.exit(REFUSED if done.not_read else 0)
    documents.print_result(
        "audit", audit(load_published(DEFAULT_STUDY if file is None else file)), form, under="findings"
    )


@click.command(
    cls=Command,
    short_help="Rebuild cohorts that print a published table.",
    examples=(
        example(
            "Three sets of invented people who print as an invented table", "iom-causal reconstruct template --draws 3"
        ),
        example("The same for a table of your own", "iom-causal reconstruct paper/published.toml --out rebuilt"),
    ),
)
@click.argument("file", required=False, type=File("published", "studies"))
@click.option("--draws", default=1, show_default=True, type=click.IntRange(1, 10_000), help="How many cohorts.")
@click.option(
    "--out",
    default="iom-cohorts",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder to write.",
)
@click.option("--seed", default=1, type=SEED, show_default=True, help="Seed of every random step.")
@TEXT_OR_JSON
@guarded
def reconstruct(file: str | None, draws: int, out: Path, seed: int, form: str) -> None:
    """Rebuild cohorts whose statistics print exactly as a published table; these are not the people."""
    from iom_causal.evaluation import write_cohorts  # noqa: PLC0415 --help stays light
    from iom_causal.published import DEFAULT_STUDY  # noqa: PLC0415 --help stays light
    from iom_causal.published.study import load_published  # noqa: PLC0415 --help stays light

    study = load_published(DEFAULT_STUDY if file is None else file)
    with steps() as tell:
        files = write_cohorts(study, draws=draws, rng=seed, out=out, progress=tell)
    if form == "json":
        documents.print_json(
            "reconstruct", seed=seed, synthetic=True, out=out.as_posix(), files=documents.names(out, files)
        )
        return
    click.echo(f"Wrote {len(files)} files to {out}. They are synthetic: many sets of numbers print the same table.")
