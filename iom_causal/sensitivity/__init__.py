"""Sensitivity analysis: tipping values, E-values, and accounts of how people were selected."""
