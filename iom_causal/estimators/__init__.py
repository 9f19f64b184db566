"""Estimators: frozen settings, called on a panel (or on printed moments), returning an `Estimate`."""

from iom_causal.estimators.bayes_factor import BayesFactor
from iom_causal.estimators.effect_size import EffectSize
from iom_causal.estimators.equivalence import Equivalence
from iom_causal.estimators.paired_t import PairedT
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.estimators.sign_flip import SignFlip
from iom_causal.estimators.sign_test import SignTest
from iom_causal.estimators.wilcoxon import Wilcoxon

__all__ = [
    "BayesFactor",
    "EffectSize",
    "Equivalence",
    "PairedT",
    "RateRatio",
    "SignFlip",
    "SignTest",
    "Wilcoxon",
]
