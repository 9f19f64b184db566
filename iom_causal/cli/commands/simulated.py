"""Commands on worlds in which the truth is known: designs compared, worlds made, a study rehearsed."""

from pathlib import Path

import click

from iom_causal.cli import documents
from iom_causal.cli.commands.options import FORM, SEED, TEXT_OR_JSON
from iom_causal.cli.guard import guarded
from iom_causal.cli.help import Command, File, example
from iom_causal.cli.progress import steps


@click.command(
    cls=Command,
    short_help="Compare designs over many simulated studies.",
    examples=(
        example(
            "A small first run, and then more of the same",
            "iom-causal init plan --design",
            "iom-causal diagnose plan/design.toml --sims 20 --out found",
            "iom-causal diagnose plan/design.toml --sims 40 --out found --resume",
        ),
    ),
)
@click.argument("file", type=File())
@click.option(
    "--sims", type=click.IntRange(1, 10_000_000), help="Simulated studies of each.  [default: the file's own]"
)
@click.option("--seed", type=SEED, help="Seed of every random step.  [default: the file's own]")
@click.option(
    "--out", default="iom-diagnosis", show_default=True, type=click.Path(path_type=Path), help="Folder to write."
)
@click.option("--store", type=click.Path(path_type=Path), help="Folder that keeps what is done.  [default: OUT-study]")
@click.option("--resume", is_flag=True, help="Go on with what an earlier run of the same designs has kept.")
@click.option("--workers", type=click.IntRange(1, 1024), help="How many processors to use.  [default: all]")
@FORM
@guarded
def diagnose(
    file: str,
    sims: int | None,
    seed: int | None,
    out: Path,
    store: Path | None,
    workers: int | None,
    form: str,
    *,
    resume: bool,
) -> None:
    """Compare designs of a study over many simulated ones: bias, coverage, power, each with its simulation error.

    FILE is a TOML file that starts with [design]; `iom-causal init DIR --design` writes one. Simulated studies are kept
    as they are done: after an interruption type the same again, with --resume. It goes on with more --sims too.
    """
    from iom_causal.analysis.rehearsal.verdict import Verdict  # noqa: PLC0415 --help stays light
    from iom_causal.designs.progress import progress  # noqa: PLC0415 --help stays light
    from iom_causal.protocol.design import load_design  # noqa: PLC0415 --help stays light
    from iom_causal.report.diagnosed import diagnosed  # noqa: PLC0415 --help stays light

    asked = load_design(file, known={"Verdict": Verdict})
    store = out.with_name(f"{out.name}-study") if store is None else store
    try:
        with progress("simulated studies") as tell, steps() as note:
            made = diagnosed(
                asked,
                out=out,
                store=store,
                sims=sims,
                seed=seed,
                workers=workers,
                resume=resume,
                tell=tell,
                note=note,
            )
    except KeyboardInterrupt:
        stopped = f"stopped; {store} keeps what was done. Type the same again, with --resume."
        raise KeyboardInterrupt(stopped) from None
    files = made.write(out)
    if form == "text":
        click.echo(made.summary())
        click.echo(f"\nWrote {len(files)} files to {out}; open {out / 'diagnosis.html'}. {store} keeps the studies.")
        return
    places = {"out": out.as_posix(), "files": documents.names(out, files), "store": store.as_posix()}
    documents.print_result("diagnose", made.diagnosis, form, under="answers", **places)


@click.command(
    cls=Command,
    short_help="Make a world in which the truth is known.",
    examples=(
        example(
            "A bundled world, and what an evaluator would see of it",
            "iom-causal simulate regression-to-the-mean --out world",
        ),
        example(
            "One of your own, a hundred times",
            "iom-causal init plan --scenario",
            "iom-causal simulate plan/scenario.toml --replicates 100 --out worlds",
        ),
    ),
)
@click.argument("scenario", type=File("simulate", "scenarios"))
@click.option("--out", default="iom-world", show_default=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option("--seed", default=1, type=SEED, show_default=True, help="Seed of every random step.")
@click.option("--replicates", default=1, show_default=True, type=click.IntRange(1, 10_000), help="How many worlds.")
@TEXT_OR_JSON
@guarded
def simulate(scenario: str, out: Path, seed: int, replicates: int, form: str) -> None:
    """Simulate a world in which the truth is known, and write what an evaluator would see of it.

    SCENARIO is a TOML file that starts with [scenario], or the name of a bundled one.
    """
    from iom_causal.base.output import check_target  # noqa: PLC0415 --help stays light
    from iom_causal.protocol.scenario import load_scenario  # noqa: PLC0415 --help stays light
    from iom_causal.report.simulated import simulated, work  # noqa: PLC0415 --help stays light

    world = load_scenario(scenario)
    with steps() as tell:
        check_target(out, work(world), tell)
    made = simulated(world, seed=seed, replicates=replicates)
    told = made.sentences()
    files = made.write(out)
    if form == "json":
        places = {"out": out.as_posix(), "files": documents.names(out, files)}
        documents.print_json("simulate", seed=seed, replicates=replicates, sentences=told, **places)
        return
    click.echo("\n".join(told))
    click.echo(f"\nWrote {len(files)} files to {out}.")
    click.echo("\n".join(made.steps(out)))


@click.command(
    cls=Command,
    short_help="Try a study in simulated worlds before its data exist.",
    examples=(
        example(
            "With few worlds first; the file may still have lines marked EDIT",
            "iom-causal rehearse study/study.toml --worlds 4 --out first",
        ),
        example("As many people as you expect", "iom-causal rehearse study/study.toml --people 150"),
    ),
)
@click.argument("file", type=File())
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write.  [default: iom-rehearsal, beside FILE]")
@click.option(
    "--people",
    "size",
    type=click.IntRange(10, 1_000_000),
    help="Managed people expected.  [default: those there, or 200]",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 1000),
    help="Events a year of everybody who could be picked.  [default: half the threshold, or 2]",
)
@click.option("--worlds", type=click.IntRange(2, 10_000), help="Worlds of each kind.  [default: 40]")
@click.option("--seed", type=SEED, help="Seed of every random step.  [default: the study's own, or 1]")
@FORM
@guarded
def rehearse(
    file: str, out: Path | None, size: int | None, rate: float | None, worlds: int | None, seed: int | None, form: str
) -> None:
    """Evaluate a study before its data exist, in simulated worlds in which the truth is known.

    FILE is a TOML file that starts with [study]. Its people need not exist yet, and what is marked EDIT may stay; it
    needs its windows and its outcomes. The table says how often the page would say what; without a selection everybody
    in the worlds is managed, and mostly it shows the observed change alone.
    """
    from iom_causal.analysis.rehearsal.rehearsal import WORLDS  # noqa: PLC0415 --help stays light
    from iom_causal.analysis.rehearsal.worlds import KINDS  # noqa: PLC0415 --help stays light
    from iom_causal.report.rehearsed import FOLDER, rehearse  # noqa: PLC0415 --help stays light

    out = Path(file).parent / FOLDER if out is None else out
    with steps(len(KINDS)) as tell:
        made = rehearse(file, out=out, people=size, rate=rate, worlds=worlds or WORLDS, rng=seed, progress=tell)
    files = documents.written(out)
    documents.print_result("rehearse", made, form, under="worlds", out=out.as_posix(), files=files)
    if form == "text":
        click.echo(f"\nWrote {len(files) - 1} files and manifest.json to {out}; open {out / 'rehearsal.html'}")
