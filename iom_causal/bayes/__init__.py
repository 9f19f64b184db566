"""Bayesian before/after models: frozen settings, called on a panel, returning an `Estimate` with a posterior."""
