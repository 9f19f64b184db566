"""The command line."""

from iom_causal.cli.commands.group import main as main
