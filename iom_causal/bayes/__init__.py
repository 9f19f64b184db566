"""Bayesian before/after models: frozen settings, called on a panel, returning an `Estimate` with a posterior."""

from iom_causal.bayes.pre_post_counts import PrePostCounts

__all__ = ["PrePostCounts"]
