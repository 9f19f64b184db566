"""Confounds: what would have happened without the programme, one file each, and how a simulator makes it happen."""

from iom_causal.confounds.ageing import Ageing
from iom_causal.confounds.detection import Detection

__all__ = ["Ageing", "Detection"]
