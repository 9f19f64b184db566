"""What help says runs; completion knows what there is."""

import shlex
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from click.shell_completion import get_completion_class
from click.testing import CliRunner

from iom_causal.cli import main
from iom_causal.cli.help import COMPLETION, HEADINGS, OTHERWISE

QUICK = ("init", "audit", "reconstruct", "examples")
STUDY = """[study]
title = "Ours"
invented = true
selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 1, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
windows = [ { label = "before", months = 12 }, { label = "after", months = 12, post = true } ]
outcomes = [ { name = "arrests", kind = "count", columns = ["before", "after"] } ]
"""
PAPER = "Arrests fell from M = 4.10 (SD = 2.20) to M = 2.30 (SD = 1.90), t(79) = 5.10, p < .001.\n"


def run(*arguments, **options):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False, **options)


def examples(name):
    return main.first if name == "" else main.commands[name].examples


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people = pd.DataFrame({"urn": [f"P{k}" for k in range(80)], "before": [k % 9 + 1 for k in range(80)]})
    people["after"] = people["before"] * 3 % 5
    people.to_excel("people.xlsx", index=False)
    Path("paper.txt").write_text(PAPER)
    days = pd.date_range("2020-01-01", periods=80).strftime("%Y-%m-%d")
    pd.DataFrame({"urn": people["urn"], "arrest_date": days}).to_csv("arrests.csv", index=False)
    pd.DataFrame({"urn": people["urn"][:9], "received": days[:9], "released": days[9:18]}).to_csv(
        "spells.csv", index=False
    )


def made_before(command):
    """Put there what an example names and no earlier one of the same command has made."""
    if "study/study.toml" in command and not Path("study").exists():
        Path("study").mkdir()
        pd.read_excel("people.xlsx").to_csv("study/people.csv", index=False)
        Path("study/study.toml").write_text(STUDY)
    if "paper" in command.replace("/", " ").split()[2:3] and "init" not in command and not Path("paper").exists():
        run("init", "paper", "--published")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in main.commands])
def test_every_example_of_a_command_runs(name):
    assert examples(name)
    for command in (command for each in examples(name) for command in each.commands):
        made_before(command)
        program, *words = shlex.split(command)
        done = run(*words)
        assert (program, done.exit_code) == ("iom-causal", 0), (command, done.output)


@pytest.mark.usefixtures("folder")
def test_what_to_type_first_runs_as_far_as_it_is_not_a_whole_evaluation():
    for words in (shlex.split(command)[1:] for each in main.first for command in each.commands):
        if words[0] == "init":
            assert run(*words).exit_code == 0
        else:
            main.commands[words[0]].make_context(words[0], words[1:])
            assert words[1:] in ([], ["study/study.toml"])
            assert not words[1:] or Path(words[1]).exists()


@pytest.mark.parametrize("name", ["", *main.commands])
def test_help_ends_with_examples_and_every_option_has_its_heading_and_default(name):
    command = main if name == "" else main.commands[name]
    shown = run(*([name] if name else []), "--help").output
    assert all(command in shown for each in examples(name) for command in each.commands)
    assert set(HEADINGS.values()) | {OTHERWISE} >= {line[:-1] for line in shown.splitlines() if line[-1:] == ":"} - {
        "What to type first",
        "Commands",
        "Examples",
        "To complete with the Tab key",
    }
    assert "..." not in shown.replace("[ARGS]...", "")
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert all(p.name in HEADINGS for p in options if p.name != "version")


def test_narrow_help_is_no_wider_than_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    for name in main.commands:
        typed = [command for each in examples(name) for command in each.commands]
        lines = [line for line in run(name, "--help").output.splitlines() if line.strip() not in typed]
        assert max(map(len, lines)) <= 40


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["in"], {"init"}),
        (["evaluate", "--q"], {"--quick"}),
        (["evaluate", "sl"], {"sleath-brown-2017"}),
        (["audit", "--format", "j"], {"json"}),
        (["simulate", "regr"], {"regression-to-the-mean"}),
        (["sensitivity", "--evidence", "wide"], {"wide-pool-2012"}),
        (["diagnose", ""], set()),
    ],
)
def test_shells_are_told_what_there_is(shell, typed, offered):
    completion = get_completion_class(shell)(main, {}, "iom-causal", "_IOM_CAUSAL_COMPLETE")
    found = completion.get_completions(typed[:-1], typed[-1])
    assert {item.value for item in found if item.type == "plain"} == offered
    assert any(f"={shell}_source iom-causal" in command for each in COMPLETION for command in each.commands)


def test_completing_loads_nothing_heavy():
    code = (
        "import sys; from iom_causal.cli import main\n"
        "from click.shell_completion import get_completion_class as kind\n"
        "kind('zsh')(main, {}, 'iom-causal', '_X').get_completions(['evaluate'], 's')\n"
        "print([m for m in ('numpy', 'scipy', 'pandas', 'rich') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
