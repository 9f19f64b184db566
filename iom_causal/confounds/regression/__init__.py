"""Regression to the mean among selected people: each method a value, behind one line for counts and one for scores."""

from iom_causal.confounds.regression.auto import Auto
from iom_causal.confounds.regression.careers import CareerLaw, DesistingCareers
from iom_causal.confounds.regression.comparison_group import ComparisonGroup, ComparisonScores
from iom_causal.confounds.regression.gamma_poisson import GammaPoisson
from iom_causal.confounds.regression.histories import OwnHistory
from iom_causal.confounds.regression.latent_rate import AtEvent, LatentRate
from iom_causal.confounds.regression.linear import Linear
from iom_causal.confounds.regression.lognormal import Lognormal
from iom_causal.confounds.regression.placebo import EarlierRule, Mirror
from iom_causal.confounds.regression.pool import Pool
from iom_causal.confounds.regression.robbins_zhang import RobbinsZhang
from iom_causal.confounds.regression.score_methods import AtCut, NormalScores
from iom_causal.confounds.regression.scores import ScoreRegression
from iom_causal.confounds.regression.to_mean import RegressionToMean

__all__ = [
    "AtCut",
    "AtEvent",
    "Auto",
    "CareerLaw",
    "ComparisonGroup",
    "ComparisonScores",
    "DesistingCareers",
    "EarlierRule",
    "GammaPoisson",
    "LatentRate",
    "Linear",
    "Lognormal",
    "Mirror",
    "NormalScores",
    "OwnHistory",
    "Pool",
    "RegressionToMean",
    "RobbinsZhang",
    "ScoreRegression",
]
