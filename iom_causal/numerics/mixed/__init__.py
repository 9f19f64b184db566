"""Count models with random effects: compiled kernels on arrays, with a leading replicate axis."""
