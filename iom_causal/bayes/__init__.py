"""Bayesian before/after models: frozen settings, called on a panel, returning an `Estimate` with a posterior.

`checks` says what a result predicts and hangs on; `sbc` and `posterior_sbc` whether a posterior can be trusted.
"""

from iom_causal.bayes import checks
from iom_causal.bayes.calibration import posterior_sbc, sbc
from iom_causal.bayes.pre_post_counts import PrePostCounts
from iom_causal.bayes.pre_post_scores import PrePostScores

__all__ = ["PrePostCounts", "PrePostScores", "checks", "posterior_sbc", "sbc"]
