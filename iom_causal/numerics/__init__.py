"""Arrays in, arrays out: the formulas, once each, with at most one leading replicate axis."""
