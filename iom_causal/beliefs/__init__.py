"""Beliefs about a parameter: a number, a range or a distribution, and how it is drawn and bounded."""

from iom_causal.beliefs.belief import Belief, Range, as_table, at_score, draws, ends, is_belief, parse
from iom_causal.beliefs.distributions import (
    Beta,
    Distribution,
    HalfNormal,
    LogNormal,
    Normal,
    TruncatedNormal,
    Uniform,
)

__all__ = [
    "Belief",
    "Beta",
    "Distribution",
    "HalfNormal",
    "LogNormal",
    "Normal",
    "Range",
    "TruncatedNormal",
    "Uniform",
    "as_table",
    "at_score",
    "draws",
    "ends",
    "is_belief",
    "parse",
]
