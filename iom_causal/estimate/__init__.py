"""Results of methods: one Estimate, and Estimates over replicates."""

from iom_causal.estimate.estimate import Estimate, value_text
from iom_causal.estimate.fields import COLUMNS, ESTIMANDS, INTERVALS, SCALES, Line, Part

__all__ = ["COLUMNS", "ESTIMANDS", "INTERVALS", "SCALES", "Estimate", "Line", "Part", "value_text"]
