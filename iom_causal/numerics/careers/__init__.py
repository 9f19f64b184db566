"""Offending careers month by month: compiled, on arrays, a block of people at a time."""
