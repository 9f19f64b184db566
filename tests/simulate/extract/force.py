"""A force whose records the tests of the synthetic extract read."""

from dataclasses import fields

from iom_causal import simulate as sim
from iom_causal.confounds import Breach, Custody
from iom_causal.windows import Window

CAREERS = sim.Careers(
    people=400,
    rate=4.0,
    drift_sd=0.4,
    women=0.2,
    confounds=(Custody(custody_per_arrest=0.3, stay_years=0.3, free_at_start=0.8), Breach(after=0.4, unit="per_year")),
    score=sim.Score(per_event=10, error_sd=40),
    drop_out=sim.DropOut(share=0.2),
    programme=sim.Programme(ratio=0.8),
)
SPEC = sim.ForceExtract(careers=CAREERS)
MUCH = sim.FaultRates(**{f.name: 0.3 for f in fields(sim.FaultRates)})
UNEVEN = (
    Window("earlier", -700, -400),
    Window("before", -300, 0),
    Window("after", 30, 200, post=True),
    Window("later", 200, 549, post=True),
)
TABLES = ("people", "arrests", "custody", "scores")
BAND = 4.0
"""Standard errors: one figure in sixteen thousand lies outside by chance, and seeds are fixed."""
