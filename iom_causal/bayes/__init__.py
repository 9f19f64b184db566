"""Bayesian before/after models: frozen settings, called on a panel, returning an `Estimate` with a posterior.

`checks` says what a result predicts and hangs on; `sbc` and `posterior_sbc` whether a posterior can be trusted.
"""

from iom_causal.bayes import checks
from iom_causal.bayes.bias_model import BiasModel
from iom_causal.bayes.calibration import posterior_sbc, sbc
from iom_causal.bayes.joint_outcomes import JointOutcomes
from iom_causal.bayes.monthly_series import MonthlySeries
from iom_causal.bayes.posterior_sweep import PosteriorSweep, posterior_sweep
from iom_causal.bayes.pre_post_counts import PrePostCounts
from iom_causal.bayes.pre_post_scores import PrePostScores
from iom_causal.bayes.selection_model import SelectionModel
from iom_causal.bayes.shared.bias_posterior import components, under_priors
from iom_causal.bayes.shared.nuts import Nuts

__all__ = [
    "BiasModel",
    "JointOutcomes",
    "MonthlySeries",
    "Nuts",
    "PosteriorSweep",
    "PrePostCounts",
    "PrePostScores",
    "SelectionModel",
    "checks",
    "components",
    "posterior_sbc",
    "posterior_sweep",
    "sbc",
    "under_priors",
]
