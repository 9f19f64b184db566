"""Confounds: the change expected from each without the programme, and its mechanism in a simulator; one file each."""

from iom_causal.confounds.ageing import Ageing
from iom_causal.confounds.attrition import Attrition
from iom_causal.confounds.breach import Breach
from iom_causal.confounds.custody import Custody
from iom_causal.confounds.desistance import Desistance
from iom_causal.confounds.detection import Detection
from iom_causal.confounds.engagement import Engagement
from iom_causal.confounds.follow_up import FollowUp
from iom_causal.confounds.history import History
from iom_causal.confounds.part_exposure import PartExposure
from iom_causal.confounds.regression.scores import ScoreRegression
from iom_causal.confounds.regression.to_mean import RegressionToMean
from iom_causal.confounds.remission import Remission
from iom_causal.confounds.score_error import ScoreError
from iom_causal.confounds.season import Season
from iom_causal.roles import Confound

__all__ = [
    "Ageing",
    "Attrition",
    "Breach",
    "Custody",
    "Desistance",
    "Detection",
    "Engagement",
    "FollowUp",
    "History",
    "PartExposure",
    "RegressionToMean",
    "Remission",
    "ScoreError",
    "ScoreRegression",
    "Season",
]

CONFOUNDS: tuple[type[Confound], ...] = (
    RegressionToMean,
    ScoreRegression,
    Remission,
    Ageing,
    History,
    Season,
    Desistance,
    ScoreError,
    Detection,
    Custody,
    Breach,
    Attrition,
    PartExposure,
    FollowUp,
    Engagement,
)
"""Every confound, in the order in which a report goes through them."""
