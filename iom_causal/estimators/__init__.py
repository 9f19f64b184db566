"""Estimators: frozen settings, called on a panel (or on published moments), returning an `Estimate`."""

from iom_causal.estimators.average_comparisons import average_comparisons
from iom_causal.estimators.bayes_factor import BayesFactor
from iom_causal.estimators.effect_size import EffectSize
from iom_causal.estimators.equivalence import Equivalence
from iom_causal.estimators.gee import GEE
from iom_causal.estimators.heterogeneity import Heterogeneity
from iom_causal.estimators.level_difference import LevelDifference
from iom_causal.estimators.linear_mixed import LinearMixed
from iom_causal.estimators.mcnemar import McNemar
from iom_causal.estimators.model_checks import residuals, rootogram
from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.paired_t import PairedT
from iom_causal.estimators.panel_ols import PanelOLS
from iom_causal.estimators.persistence import persistence
from iom_causal.estimators.poisson_fixed_effects import PoissonFixedEffects
from iom_causal.estimators.poisson_glm import PoissonGLM
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.estimators.quasi_experiments import (
    Ancova,
    DiffInDiff,
    Discontinuity,
    EventStudy,
    HonestTrends,
    InterruptedTimeSeries,
    Matched,
    SteppedWedge,
    SyntheticControl,
    designs_for,
)
from iom_causal.estimators.random_effects import RandomEffects
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.estimators.risk_difference import RiskDifference
from iom_causal.estimators.sign_flip import SignFlip
from iom_causal.estimators.sign_test import SignTest
from iom_causal.estimators.wilcoxon import Wilcoxon
from iom_causal.estimators.zero_inflation import zero_diagnostics

__all__ = [
    "GEE",
    "Ancova",
    "BayesFactor",
    "DiffInDiff",
    "Discontinuity",
    "EffectSize",
    "Equivalence",
    "EventStudy",
    "Heterogeneity",
    "HonestTrends",
    "InterruptedTimeSeries",
    "LevelDifference",
    "LinearMixed",
    "Matched",
    "McNemar",
    "NegativeBinomialMixed",
    "PairedT",
    "PanelOLS",
    "PoissonFixedEffects",
    "PoissonGLM",
    "PoissonMixed",
    "RandomEffects",
    "RateRatio",
    "RiskDifference",
    "SignFlip",
    "SignTest",
    "SteppedWedge",
    "SyntheticControl",
    "Wilcoxon",
    "average_comparisons",
    "designs_for",
    "persistence",
    "residuals",
    "rootogram",
    "zero_diagnostics",
]
