"""Regression to the mean: what to expect of people selected on a high count or score."""
