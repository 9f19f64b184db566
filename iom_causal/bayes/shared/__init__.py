"""What several Bayesian models share: posteriors as values, their results, PyMC's variables, samplers and trees."""
