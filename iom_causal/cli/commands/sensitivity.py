"""The command that moves what is believed and what was chosen."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from iom_causal.cli import documents
from iom_causal.cli.commands.options import FORM, SEED
from iom_causal.cli.guard import guarded
from iom_causal.cli.help import Command, File, evidence_names, example
from iom_causal.cli.progress import steps

if TYPE_CHECKING:
    from iom_causal.report.study_curves import StudyCurves
    from iom_causal.report.study_sensitivity import StudySensitivity


@click.command(
    cls=Command,
    short_help="Move what is believed, and see what remains.",
    examples=(
        example(
            "The paper by Sleath and Brown (2017): what remains, and what would leave nothing", "iom-causal sensitivity"
        ),
        example(
            "If the same conduct is recorded less often, and along every value of that",
            "iom-causal sensitivity --set detection.ratio=0.9 --outcome arrests",
            "iom-causal sensitivity --sweep detection.ratio=0.5:1.5 --outcome arrests --out moved",
        ),
        example(
            "Two settings together, of a study of your own",
            "iom-causal sensitivity study/study.toml --surface detection.ratio=0.8:1.2,custody.ratio=0.9:1.1",
        ),
        example(
            "Every combination of windows, allowances and accounts of picking, and which of them moves it most",
            "iom-causal sensitivity --curve",
            "iom-causal sensitivity study/study.toml --curve --outcome arrests --out chosen",
        ),
    ),
)
@click.argument("file", required=False, type=File("published", "studies"))
@click.option("--set", "stated", multiple=True, metavar="PATH=VALUE", help="Put a number, or a range LOW:HIGH, there.")
@click.option("--sweep", "swept", multiple=True, metavar="PATH=LOW:HIGH", help="Move one setting along a range.")
@click.option(
    "--surface",
    "together",
    metavar="PATH=LOW:HIGH,PATH=LOW:HIGH",
    help="Move two settings together, along a range each.",
)
@click.option("--curve", is_flag=True, help="What remains under every combination of choices; without the others here.")
@click.option(
    "--evidence",
    multiple=True,
    metavar="NAME",
    shell_complete=evidence_names,
    help="Under this set of evidence.  [default: all]",
)
@click.option("--outcome", default="", metavar="NAME", help="Of this outcome.  [default: first count and score]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the table, the text and the figures.")
@click.option("--seed", type=SEED, help="Seed of every random step.  [default: the study's own, or 1]")
@FORM
@guarded
def sensitivity(
    file: str | None,
    stated: tuple[str, ...],
    swept: tuple[str, ...],
    together: str | None,
    evidence: tuple[str, ...],
    outcome: str,
    out: Path | None,
    seed: int | None,
    form: str,
    *,
    curve: bool,
) -> None:
    """Say what remains under every set of evidence, and how far what is believed would have to move.

    FILE is as for evaluate. Without options there is, for every set, what remains, at which value of each setting
    nothing does, and the least implausible combination of them that leaves nothing. PATH is a line and its setting,
    such as detection.ratio or history.elasticity; one that there is none of is answered with the nearest.

    With --curve there is, for every combination of choices that figures do not make, what remains, and which choice
    moves it most: the specification curve of the report. It states its own values, and draws none.
    """
    from iom_causal.cli.settings import check_alone, spans, values  # noqa: PLC0415 --help stays light

    if curve:
        others = {"--set": stated, "--sweep": swept, "--surface": together is not None, "--evidence": evidence}
        check_alone("--curve", [option for option, given in others.items() if given])
    settings, along = values("--set", stated), spans("--sweep", swept)
    both = spans("--surface", [] if together is None else together.split(","))
    if file is not None and Path(file).suffix == ".toml":
        from iom_causal.protocol.answered import check_file  # noqa: PLC0415 an open question is answered at once

        check_file(file)
    from iom_causal.evaluation import study_curves, study_sensitivity  # noqa: PLC0415 --help stays light
    from iom_causal.published import DEFAULT_STUDY  # noqa: PLC0415 --help stays light

    study = DEFAULT_STUDY if file is None else file
    made: StudyCurves | StudySensitivity
    ranked: dict[str, object] = {}
    withheld: tuple[str, ...] = ()
    with steps() as tell:
        if curve:
            made = found = study_curves(study, outcome=outcome, out=out, rng=seed, progress=tell)
            ranked = {"choices": list(found.choices())}
        else:
            made = moved = study_sensitivity(
                study,
                settings=settings,
                swept=along,
                together=both,
                evidence=evidence,
                outcome=outcome,
                out=out,
                rng=seed,
                progress=tell,
            )
            withheld = moved.withheld
    files = [] if out is None else documents.written(out)
    places = {} if out is None else {"out": out.as_posix(), "files": files}
    told = {"text": made.summary(), "seed": made.seed, **ranked, **places}
    documents.print_result("sensitivity", made, form, under="rows", **told)
    if form == "csv":
        for note in withheld:
            click.echo(note, err=True)
    if form == "text" and out is not None:
        click.echo(f"\nWrote {len(files)} files to {out}.")
