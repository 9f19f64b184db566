"""A simulated scenario as files: what an evaluator would see of it, and the truth beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal import words
from iom_causal.cohort import Cohort
from iom_causal.estimators import RateRatio
from iom_causal.formats import fixed
from iom_causal.panel import Panel
from iom_causal.report import folder
from iom_causal.scenario import Scenario
from iom_causal.simulate.contributions import MOST, contributions
from iom_causal.simulate.estimands import att_ratio, att_ratio_free, untreated_change
from iom_causal.simulate.observe import BeforeAfter
from iom_causal.specs import digest
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd

SHARED_OUT = 20
"""Worlds from which the worth of each confound is worked out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulated:
    """A scenario with worlds of it: their files, and what can be said of them in a few sentences.

    Parameters
    ----------
    scenario : Scenario
        What was asked for.
    seed : int
        Of every random step.
    world : World
        The worlds, along an axis of replicates.
    seen : Cohort
        What an evaluator would see of them.
    """

    scenario: Scenario
    seed: int
    world: World
    seen: Cohort

    def sentences(self) -> tuple[str, ...]:
        """Say what the world holds, what a before/after comparison in it shows, and what the truth is."""
        world = self.world
        first = next(iter(self.seen.values())).replicate(0)
        found = RateRatio()(first)
        shown = (found.estimate, found.conf_low, found.conf_high)
        without = float(np.exp(untreated_change(world).mean()))
        drawn = int(np.mean(world.drawn))
        return (
            self.scenario.about,
            words.SIMULATED_PEOPLE.format(int(world.managed.sum(-1).mean()), f"{drawn:,}"),
            words.SIMULATED_CHANGE.format(world.name, *(fixed(v or 0.0, 2) for v in shown)),
            words.SIMULATED_TRUTH.format(
                fixed(without, 2),
                fixed(float(att_ratio(world).mean()), 2),
                fixed(float(att_ratio(world, of="offences").mean()), 2),
            ),
            words.SIMULATED,
        )

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name; all are marked as synthetic."""
        out: dict[str, str | bytes] = {
            f"SYNTHETIC_{name}.csv": folder.csv_text(panel.to_wide()) for name, panel in self.seen.items()
        }
        return out | {"SYNTHETIC_truth.csv": folder.csv_text(self.truth())}

    def truth(self) -> "pd.DataFrame":
        """Return the truths of every replicate, and what each confound is worth over a few."""
        import pandas as pd  # noqa: PLC0415 slow to load

        named = {
            "programme_ratio_recorded": att_ratio(self.world),
            "programme_ratio_offences": att_ratio(self.world, of="offences"),
            "programme_ratio_at_liberty": att_ratio_free(self.world),
            "log_change_without_programme": untreated_change(self.world),
        }
        rows = [
            {"replicate": k, "quantity": name, "value": float(v), "std_error": None}
            for name, values in named.items()
            for k, v in enumerate(np.atleast_1d(values))
        ]
        if 1 <= len(self.scenario.careers.confounds) <= MOST:
            worth = contributions(self.scenario.careers, rng=self.seed, replicates=SHARED_OUT)
            rows += [
                {"replicate": None, "quantity": f"log worth of {c.name}", "value": c.shapley, "std_error": c.std_error}
                for c in worth.values()
            ]
        return pd.DataFrame(rows)

    def write(self, out: Path) -> tuple[Path, ...]:
        """Write the files into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return folder.write(out, self.files(), self._manifest(), self.work)

    @property
    def work(self) -> str:
        """What the folder holds, in words."""
        return f"simulate {self.scenario.title}"

    def _manifest(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.title,
            "scenario_digest": digest(self.scenario),
            "sources": list(self.scenario.sources),
            "seed": self.seed,
            "replicates": self.world.replicates,
            "synthetic": True,
            "synthetic_note": words.SIMULATED,
        }


def simulated(scenario: Scenario, *, seed: int, replicates: int = 1) -> Simulated:
    """Simulate worlds of a scenario.

    Raises
    ------
    DegenerateDataError
        IOM-E061 when nobody is picked; the message holds how many people were tried.
    """
    world = scenario.careers.batch(replicates, rng=seed)
    return Simulated(scenario=scenario, seed=seed, world=world, seen=_seen(world))


def _seen(world: World) -> Cohort:
    outcome = "events" if world.untreated.score is None else "both"
    found = BeforeAfter(outcome=outcome)(world)
    return Cohort({found.name: found}) if isinstance(found, Panel) else found
