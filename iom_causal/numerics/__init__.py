"""Arrays in, arrays out: the formulas, once each, with at most one leading replicate axis."""

LEVEL = 0.95
"""The one default level of intervals."""
ALPHA = 0.05
"""One less the default level."""
