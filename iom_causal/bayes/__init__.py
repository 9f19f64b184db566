"""Bayesian before/after models: frozen settings, called on a panel, returning an `Estimate` with a posterior.

`checks` says what a result predicts and hangs on; `sbc` and `posterior_sbc` whether a posterior can be trusted.
"""

from iom_causal.bayes import checks
from iom_causal.bayes.bias_model import BiasModel
from iom_causal.bayes.calibration import posterior_sbc, sbc
from iom_causal.bayes.joint_outcomes import JointOutcomes
from iom_causal.bayes.monthly_series import MonthlySeries
from iom_causal.bayes.pre_post_counts import PrePostCounts
from iom_causal.bayes.pre_post_scores import PrePostScores
from iom_causal.bayes.selection_model import SelectionModel
from iom_causal.bayes.sensitivity_frontier import Frontier, frontier
from iom_causal.bayes.shared.bias_posterior import components, under_priors
from iom_causal.bayes.shared.nuts import Nuts

__all__ = [
    "BiasModel",
    "Frontier",
    "JointOutcomes",
    "MonthlySeries",
    "Nuts",
    "PrePostCounts",
    "PrePostScores",
    "SelectionModel",
    "checks",
    "components",
    "frontier",
    "posterior_sbc",
    "sbc",
    "under_priors",
]
