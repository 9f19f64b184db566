"""Designs of studies: declared, drawn, run over many replicates and diagnosed before anybody does them."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules={"library"},
    submod_attrs={
        "answers": ["DiagnosedAnswer"],
        "design": ["Design", "Drawn"],
        "diagnosands": ["DIAGNOSANDS"],
        "diagnose": ["costs", "diagnose"],
        "diagnosis": ["Diagnosis"],
        "execution": ["processes", "run_cells"],
        "figures": ["Figure", "paired_difference", "share_interval"],
        "library.cohorts": ["comparison_designs"],
        "library.one_group": ["published_design", "single_group"],
        "library.settling": ["settling_designs"],
        "library.stored_settling": ["SettlingTable", "stored_settling"],
        "library.worlds": ["comparison_world"],
        "planning": ["acceptance_band", "nominal", "plan_sims"],
        "samples": ["Sample", "common_successes"],
        "scoring": ["Target"],
        "sizes": ["SampleSize", "sample_size"],
        "store": ["Store", "open_store", "read_study"],
    },
)
