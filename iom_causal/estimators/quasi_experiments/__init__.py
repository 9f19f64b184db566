"""Quasi-experiments: one design with something to compare with, one file; `designs_for` lists them for a panel."""

from iom_causal.estimators.quasi_experiments.ancova import Ancova
from iom_causal.estimators.quasi_experiments.designs_for import designs_for
from iom_causal.estimators.quasi_experiments.diff_in_diff import DiffInDiff
from iom_causal.estimators.quasi_experiments.discontinuity import Discontinuity
from iom_causal.estimators.quasi_experiments.event_study import EventStudy
from iom_causal.estimators.quasi_experiments.honest_trends import HonestTrends
from iom_causal.estimators.quasi_experiments.interrupted_series import InterruptedTimeSeries
from iom_causal.estimators.quasi_experiments.matched import Matched
from iom_causal.estimators.quasi_experiments.stepped_wedge import SteppedWedge
from iom_causal.estimators.quasi_experiments.synthetic_control import SyntheticControl

__all__ = [
    "Ancova",
    "DiffInDiff",
    "Discontinuity",
    "EventStudy",
    "HonestTrends",
    "InterruptedTimeSeries",
    "Matched",
    "SteppedWedge",
    "SyntheticControl",
    "designs_for",
]
