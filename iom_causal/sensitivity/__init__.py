"""Sensitivity analysis: tipping values of a setting or of the source population's mean, and E-values."""
