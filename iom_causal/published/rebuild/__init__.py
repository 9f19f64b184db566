"""Cohorts that print the same figures, and bounds on what those figures hide."""
