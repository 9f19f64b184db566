"""Regression to the mean among selected people, one file a way of working it out."""
