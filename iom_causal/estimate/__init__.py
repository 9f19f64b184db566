"""What every method returns: one Estimate, and Estimates over replicates."""

from iom_causal.estimate.estimate import COLUMNS, ESTIMANDS, INTERVALS, SCALES, Estimate, Part, value_text

__all__ = ["COLUMNS", "ESTIMANDS", "INTERVALS", "SCALES", "Estimate", "Part", "value_text"]
