"""Worlds in which both potential outcomes are known."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "calibration.calibrate": ["calibrate"],
        "careers": ["Careers"],
        "comparison_cohorts": [
            "Historical",
            "MatchedOnHistory",
            "NeighbouringForce",
            "NextBelow",
            "NotSelected",
            "OtherForces",
            "PlaceboDate",
            "RandomHalf",
        ],
        "contributions": ["contributions"],
        "enrolment": ["Enrolment"],
        "estimands": [
            "ate_eligible",
            "att_difference",
            "att_ratio",
            "att_ratio_free",
            "att_ratio_since_entry",
            "att_score",
            "before_after_bias",
            "late_cutoff",
            "untreated_change",
            "untreated_score_change",
        ],
        "extract.faults": ["CLEAN", "FaultRates"],
        "extract.force": ["ForceExtract"],
        "extract.tables": ["ExtractTables"],
        "histories": ["Histories", "histories"],
        "data_strategies": ["BeforeAfter"],
        "steps_of_entry": ["SteppedWedge", "WaitingList"],
        "two_windows": ["TwoWindowCounts"],
        "settings": ["Ages", "DropOut", "Engaged", "Excitation", "Pauses", "Programme", "Score", "Trajectory"],
    },
)
