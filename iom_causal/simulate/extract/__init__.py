"""Synthetic extracts of a simulated force: ground truth, recording process with data-quality faults, cleaning rules."""
