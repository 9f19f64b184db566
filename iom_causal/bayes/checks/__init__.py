"""Checks of a Bayesian result: what it predicts, who is influential, what its priors do, whether its sampler converged.

Each is a thin call to ArviZ on `Estimate.native`, or on people simulated by the model. It marks what a reader must
know, and does not raise on a result that misses it.
"""

from iom_causal.bayes.checks.leave_one_out import LeaveOneOut, loo
from iom_causal.bayes.checks.predictive import PredictiveCheck, posterior_predictive, prior_predictive
from iom_causal.bayes.checks.prior_sensitivity import PowerScaling, power_scaling
from iom_causal.bayes.checks.sampler import Convergence, convergence

__all__ = [
    "Convergence",
    "LeaveOneOut",
    "PowerScaling",
    "PredictiveCheck",
    "convergence",
    "loo",
    "posterior_predictive",
    "power_scaling",
    "prior_predictive",
]
