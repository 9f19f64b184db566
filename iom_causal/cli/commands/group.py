"""The group of all commands: exit 0 done, 2 refused with one message, 130 stopped, 1 anything else."""

import click

from iom_causal.cli.commands.evaluate import evaluate
from iom_causal.cli.commands.examples import examples
from iom_causal.cli.commands.init import init
from iom_causal.cli.commands.published import audit, reconstruct
from iom_causal.cli.commands.sensitivity import sensitivity
from iom_causal.cli.commands.simulated import diagnose, rehearse, simulate
from iom_causal.cli.help import Group, example


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


for command in (evaluate, init, audit, reconstruct, diagnose, simulate, rehearse, examples, sensitivity):
    main.add_command(command)
