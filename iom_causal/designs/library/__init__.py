"""Designs to begin with, whose sizes are parameters: one group, each comparison cohort, and what could settle it."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "cohorts": ["comparison_designs"],
        "families": [
            "bounded_trends",
            "designs_with_a_comparison",
            "lottery",
            "matched",
            "monthly_series",
            "score_at_cut",
            "several_forces",
            "staggered_entry",
            "stepped_wedge",
        ],
        "one_group": ["published_design", "single_group"],
        "settling": ["settling_designs"],
        "stored_settling": ["SettlingTable", "stored_settling"],
        "worlds": ["comparison_world"],
    },
)
