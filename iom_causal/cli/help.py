"""Help that teaches: options under headings, examples that run, and above the commands what to type first."""

import shutil
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

NARROW = 52
"""Columns below which click would write lines that are longer than the terminal is wide."""
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("source", "people", "custody", "sheet"), "What is read"),
    **dict.fromkeys(("stated", "swept", "together", "curve", "evidence", "outcome"), "What is asked"),
    **dict.fromkeys(("kind", "out", "copy", "store", "form", "sources"), "What is written"),
    **dict.fromkeys(
        ("seed", "quick", "draws", "sims", "replicates", "size", "rate", "worlds", "workers", "resume"),
        "How it is done",
    ),
}
"""Under which heading an option stands, by the name of its parameter."""
OTHERWISE = "Options"


class Example(NamedTuple):
    """Commands to type, one after the other.

    Attributes
    ----------
    when : str
        What they are for, in a line.
    commands : tuple of str
        As they are typed.
    """

    when: str
    commands: tuple[str, ...]


def example(when: str, *commands: str) -> Example:
    """Return an example of one command or more.

    Examples
    --------
    >>> example("A first look", "iom-causal evaluate --quick").commands
    ('iom-causal evaluate --quick',)
    """
    return Example(when, commands)


COMPLETION = (
    example("bash, in ~/.bashrc", 'eval "$(_IOM_CAUSAL_COMPLETE=bash_source iom-causal)"'),
    example("zsh, in ~/.zshrc", 'eval "$(_IOM_CAUSAL_COMPLETE=zsh_source iom-causal)"'),
    example(
        "fish, in ~/.config/fish/completions/iom-causal.fish", "_IOM_CAUSAL_COMPLETE=fish_source iom-causal | source"
    ),
)
"""What makes a shell complete commands, options and the names of bundled studies and worlds."""


class Formatter(click.HelpFormatter):
    """Help that is no wider than the terminal, however narrow that is."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        columns = shutil.get_terminal_size().columns
        self.narrow = width is None and columns < NARROW
        super().__init__(indent_increment, max(columns - 2, 20) if self.narrow else width, max_width)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms and what they mean, in columns where there is room for two."""
        if not self.narrow:
            super().write_dl(list(rows), col_max, col_spacing)
            return
        for term, meaning in rows:
            self.write_text(term)
            with self.indentation():
                self.write_text(meaning)

    def write_examples(self, heading: str, examples: Iterable[Example]) -> None:
        """Write commands as they are typed, each under what it is for."""
        with self.section(heading):
            for each in examples:
                self.write_text(f"# {each.when}")
                for command in each.commands:
                    self.write(f"{'':{self.current_indent}}{command}\n")


class Context(click.Context):
    """Where commands get their help written."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help has headings and examples.

    Parameters
    ----------
    examples : tuple of Example
        They run, in order, in one folder.
    """

    context_class = Context

    def __init__(self, *args: Any, examples: tuple[Example, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those that have to do with one another together."""
        found: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (*HEADINGS.values(), OTHERWISE)}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)) is not None:
                found[HEADINGS.get(param.name or "", OTHERWISE)].append(record)
        for heading, rows in found.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, last of all."""
        super().format_epilog(ctx, formatter)
        if self.examples and isinstance(formatter, Formatter):
            formatter.write_examples("Examples", self.examples)


class Group(click.Group):
    """The commands, and above them what to type first.

    Parameters
    ----------
    first : tuple of Example
        What to type, for each kind of user.
    """

    context_class = Context
    command_class = Command

    def __init__(self, *args: Any, first: tuple[Example, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first = first

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what to type first, the commands, and the options last."""
        if isinstance(formatter, Formatter):
            formatter.write_examples("What to type first", self.first)
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how a shell learns to complete, last of all."""
        super().format_epilog(ctx, formatter)
        if isinstance(formatter, Formatter):
            formatter.write_examples("To complete with the Tab key", COMPLETION)


class File(click.Path):
    """A file of one's own, or the name of something that comes with the package.

    Parameters
    ----------
    bundled : tuple of str
        Where in the package that lies; nothing where no name will do.
    """

    def __init__(self, *bundled: str) -> None:
        super().__init__()
        self.bundled = bundled

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 click's own names
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Offer the bundled names, and files."""
        inside = bundled_names(*self.bundled) if self.bundled else ()
        bundled = [CompletionItem(name) for name in inside if name.startswith(incomplete)]
        return [*bundled, CompletionItem(incomplete, type="file")]


def bundled_names(*place: str) -> tuple[str, ...]:
    """Return the names of the TOML files that lie at a place in the package.

    Examples
    --------
    >>> bundled_names("published", "studies")
    ('sleath-brown-2017', 'template')
    """
    names = sorted(entry.name for entry in files("iom_causal").joinpath(*place).iterdir())
    return tuple(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def evidence_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the sets of evidence that come with the package."""
    return [name for name in bundled_names("confounds", "evidence_sets") if name.startswith(incomplete)]
