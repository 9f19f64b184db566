"""An estimate that several tests vary."""

from iom_causal.estimate import Estimate
from iom_causal.intervals import StudentT


def make(**changes):
    values = {
        "outcome": "arrests",
        "method": "example",
        "estimate": -3.0,
        "std_error": 1.0,
        "conf_low": -5.0,
        "conf_high": -1.0,
        "n_input": 225,
        "n_used": 187,
        "law": StudentT(-3.0, 1.0, 10.0),
    }
    return Estimate(**(values | changes))
