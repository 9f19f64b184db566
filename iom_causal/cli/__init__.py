"""The command line."""

from iom_causal.cli.commands import main as main
