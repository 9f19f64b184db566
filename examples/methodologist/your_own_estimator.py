# %% [markdown]
"""# An estimator of your own: called on a panel, run over replicates, in a ledger, and diagnosed as a design

The method is Robbins' (1956): where rates last, people with at least c events would have had, without a programme, as
many events later as those with more than c had before, all else being equal. Its estimand is the programme's ratio.
Run it with ``python examples/methodologist/your_own_estimator.py``.
"""

# %%
# %matplotlib inline
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import t as student

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.inputs.weighting import weights
from iom_causal.roles import Confound, InLedger

# %% [markdown]
"""## The estimator: a frozen dataclass of settings, called with a panel

It reads arrays from the panel and fills in an ``Estimate``, which says what it is an estimate of, on which scale, and
what must hold. Nothing is registered anywhere.
"""


# %%
@dataclass(frozen=True)
class AboveTheCut:
    """The ratio of events after to those that people above the cut had before."""

    cut: int
    level: float = 0.95
    reference: ClassVar[str] = "Robbins (1956)"

    def __call__(self, panel: iom.Panel, *, rng: Any = None) -> iom.Estimate:
        """Estimate the programme's ratio, with a delta-method error over people."""
        del rng
        before, after = panel.managed.before, panel.managed.after
        above = np.where(before > self.cut, before, 0)
        log_ratio = np.log(after.sum() / above.sum()) - np.log(panel.windows[1].days / panel.windows[0].days)
        moves = after / after.sum() - above / above.sum()  # each person's part in the log ratio
        error = float(np.sqrt((moves**2).sum() * before.size / (before.size - 1)))
        half = float(student.ppf((1 + self.level) / 2, before.size - 1)) * error
        return iom.Estimate(
            outcome=panel.name,
            method="events of people above the cut",
            estimand="att_ratio",
            term="with / without the programme",
            scale="ratio",
            estimate=float(np.exp(log_ratio)),
            std_error=error,
            std_error_scale="log",
            conf_low=float(np.exp(log_ratio - half)),
            conf_high=float(np.exp(log_ratio + half)),
            conf_level=self.level,
            interval="confidence",
            n_input=before.size,
            n_used=before.size,
            assumptions=("everybody with so many events was picked, counts are Poisson, and rates last",),
            spec=self,
        )


# %% [markdown]
"""## One study, beside the method of this package that makes the same assumption

The programme's ratio is .80 in this world, rates last, and everybody with 4 arrests or more was picked.
"""

# %%
CUT = 4
mine = AboveTheCut(cut=CUT)
lasting = sim.TwoWindowCounts(people=225, rate=1.0, spread=0.75, reliability=0.995, cut=CUT, ratio=0.8)
panel = sim.BeforeAfter()(lasting(rng=1))
found = mine(panel)
theirs = iom.Ledger([iom.RegressionToMean(method="robbins_zhang")])(panel, rng=1)
print(found.summary(), "\n")
print(f"before and after alone {iom.RateRatio()(panel).estimate:.3f}; robbins_zhang {theirs.estimate:.3f}")

# %% [markdown]
"""## Many studies at once

``batch`` takes any estimator; one without a kernel of its own is called study by study, and a refusal becomes a code.
"""

# %%
many = iom.batch(mine, sim.BeforeAfter()(lasting.batch(500, rng=2)))
covered = float(np.mean((many.conf_low < 0.8) & (many.conf_high > 0.8)))
print(f"500 studies: mean ratio {np.exp(np.log(many.estimate).mean()):.3f}, intervals hold .80 in {covered:.1%}")

# %% [markdown]
"""## The same as a line of a ledger

A confound has two faces of the same beliefs: what it would do to the outcome (``shift``, on the log scale) and how a
simulated world makes it happen (``mechanism``). The ledger does the rest. It cuts each person's weight in turn to see
what they move, so that a shift that is worked out from people takes their weights. A world picks by its own rule, so
that this mechanism adds nothing.
"""


# %%
@dataclass(frozen=True, kw_only=True)
class Picking(Confound):
    """What picking at a hard cut leaves to expect, by events of people above it."""

    cut: int
    line: ClassVar[str] = "regression to the mean"
    ids: ClassVar[tuple[str, ...]] = ("u1",)
    reference: ClassVar[str] = "Robbins (1956)"
    assumption_left_out: ClassVar[str] = "people were not picked for what they did before"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True)
    acts: ClassVar[str] = "times"

    def shift(self, data: iom.Panel, theta: Mapping[str, Any]) -> Any:
        """Return the log of the expected ratio without the programme, of one panel or of many."""
        del theta
        people = data.managed
        before = weights(people) * people.before
        return np.log(np.where(people.before > self.cut, before, 0).sum(-1) / before.sum(-1))

    def condition(self, data: iom.Panel, theta: Mapping[str, Any]) -> str:
        """Return what must hold, in words."""
        del data, theta
        return "everybody with so many events was picked, counts are Poisson, and rates last"

    def mechanism(self, windows: tuple[iom.Window, ...], theta: Mapping[str, Any]) -> iom.Mechanism:
        """Return that nothing happens but the picking."""
        del windows, theta
        return iom.Mechanism()


in_ledger = iom.Ledger([Picking(cut=CUT)])(panel, rng=1)
for name, e in {"estimator": found, "ledger": in_ledger, "robbins_zhang": theirs}.items():
    print(f"{name:13} {e.estimate:.3f} ({e.conf_low:.3f} to {e.conf_high:.3f})")

# %% [markdown]
"""## A design: where is it right, and where not?

In the second world rates drift, so that it takes too little out, and its intervals miss. Before and after alone meets
the same worlds.
"""

# %%
drifting = sim.TwoWindowCounts(people=225, rate=1.0, spread=0.75, reliability=0.7, cut=CUT, ratio=0.8)
designs = {
    f"{name}, {worlds}": iom.Design(model, sim.att_ratio, sim.BeforeAfter(), estimator)
    for worlds, model in (("rates last", lasting), ("rates drift", drifting))
    for name, estimator in (("above the cut", mine), ("before and after alone", iom.RateRatio()))
}
diagnosis = iom.diagnose(designs, sims=300, seed=1)
told = diagnosis.table("distance", "coverage")
print(told[["design", "distance", "distance_mcse", "coverage", "coverage_mcse"]].round(3).to_string(index=False))

# %%
coverage = dict(zip(told["design"], told["coverage"], strict=True))
print(
    f"Its 95% intervals hold the truth in {coverage['above the cut, rates last']:.0%} of studies where rates last and "
    f"in {coverage['above the cut, rates drift']:.0%} where they drift: the assumption decides, and should be said."
)
diagnosis.plot().figure
