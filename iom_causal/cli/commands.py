"""The commands: exit 0 done, 2 refused with one message, 130 stopped, 1 anything else."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iom_causal.cli import documents
from iom_causal.cli.guard import REFUSED, guarded
from iom_causal.cli.help import File, Group, evidence_names, example
from iom_causal.cli.progress import steps

if TYPE_CHECKING:
    from iom_causal.base.result import Result

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


class _FileOfPeople(click.Option):
    """An option whose help lists the formats that are read; the list is loaded when somebody asks for help."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from iom_causal.data.files.readers import format_names  # noqa: PLC0415 other commands stay light

        self.help = (
            f"A file of people: {', '.join(format_names())}. With --published the text of a paper: txt, html, docx."
        )
        return super().get_help_record(ctx)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    first=(
        example("No file yet: the paper by Sleath and Brown (2017)", "iom-causal evaluate"),
        example(
            "A spreadsheet of people; the file that is written asks what is open",
            "iom-causal init study --from people.xlsx",
            "iom-causal evaluate study/study.toml",
        ),
        example("A log of events", "iom-causal init trial --from arrests.csv --people people.xlsx"),
        example("A printed table, or the text of a paper", "iom-causal init paper --published --from paper.txt"),
        example("A study that is still to be done", "iom-causal init plan --design"),
    ),
    epilog="Each command says more, with examples: iom-causal COMMAND --help",
)
@click.version_option(package_name="iom-causal")
def main() -> None:
    """Find out how much of a before/after change a programme did."""


@main.command(
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


@main.command(
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


@main.command(
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
        _print("audit", done, form, rows="papers")
        sys.exit(REFUSED if done.not_read else 0)
    _print("audit", audit(load_published(DEFAULT_STUDY if file is None else file)), form, rows="findings")


def _print(command: str, result: "Result", form: str, *, rows: str, **content: object) -> None:
    """Print a result as text, as a document with its table under a name, or as that table."""
    if form == "text":
        click.echo(result.summary())
    elif form == "csv":
        documents.print_csv(result.tidy())
    else:
        documents.print_json(command, **{rows: documents.rows(result.tidy())}, **content)


@main.command(
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


@main.command(
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
    _print("diagnose", made.diagnosis, form, rows="answers", **places)


@main.command(
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


@main.command(
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
    _print("rehearse", made, form, rows="worlds", out=out.as_posix(), files=files)
    if form == "text":
        click.echo(f"\nWrote {len(files) - 1} files and manifest.json to {out}; open {out / 'rehearsal.html'}")


@main.command(
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


@main.command(
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
) -> None:
    """Say what remains under every set of evidence, and how far what is believed would have to move.

    FILE is as for evaluate. Without options there is, for every set, what remains, at which value of each setting
    nothing does, and the least implausible combination of them that leaves nothing. PATH is a line and its setting,
    such as detection.ratio or history.elasticity; one that there is none of is answered with the nearest.
    """
    from iom_causal.cli.settings import spans, values  # noqa: PLC0415 --help stays light

    settings, along = values("--set", stated), spans("--sweep", swept)
    both = spans("--surface", [] if together is None else together.split(","))
    if file is not None and Path(file).suffix == ".toml":
        from iom_causal.protocol.answered import check_file  # noqa: PLC0415 an open question is answered at once

        check_file(file)
    from iom_causal.evaluation import study_sensitivity  # noqa: PLC0415 --help stays light
    from iom_causal.published import DEFAULT_STUDY  # noqa: PLC0415 --help stays light

    with steps() as tell:
        made = study_sensitivity(
            DEFAULT_STUDY if file is None else file,
            settings=settings,
            swept=along,
            together=both,
            evidence=evidence,
            outcome=outcome,
            out=out,
            rng=seed,
            progress=tell,
        )
    files = [] if out is None else documents.written(out)
    places = {} if out is None else {"out": out.as_posix(), "files": files}
    _print("sensitivity", made, form, rows="rows", text=made.summary(), seed=made.seed, **places)
    if form == "text" and out is not None:
        click.echo(f"\nWrote {len(files)} files to {out}.")
