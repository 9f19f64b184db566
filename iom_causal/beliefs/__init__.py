"""What is believed about a parameter: a number, a range or a distribution, and how it is drawn and bounded."""

from iom_causal.beliefs.distributions import Belief, Distribution, LogNormal, Normal, Range, Uniform, draws, ends, parse

__all__ = ["Belief", "Distribution", "LogNormal", "Normal", "Range", "Uniform", "draws", "ends", "parse"]
