"""A simulated scenario as files: what an evaluator would see of it, and the truth beside it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal.base import output, wording
from iom_causal.base.formats import fixed
from iom_causal.base.specs import digest
from iom_causal.cohort import Cohort
from iom_causal.estimators import RateRatio
from iom_causal.panel import Panel
from iom_causal.protocol.scenario import Scenario
from iom_causal.simulate.contributions import MOST, contributions
from iom_causal.simulate.data_strategies import BeforeAfter
from iom_causal.simulate.estimands import (
    att_ratio,
    att_ratio_free,
    att_score,
    before_after_bias,
    untreated_change,
    untreated_score_change,
)
from iom_causal.simulate.replicates import one_of
from iom_causal.streams import Streams
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd

SHARED_OUT = 20
"""Worlds from which the worth of each confound is worked out."""
NEXT = (
    "To evaluate it as if it were real: iom-causal init STUDY --from {0}, then iom-causal evaluate STUDY/study.toml. "
    "The truth to hold the report against is in {1}."
)
MANY = "{0} holds every replicate, told apart by a column; {1} holds the truth of each."
PEOPLE = "{} people are in the programme, picked from {} drawn."
PLACES = "Of {} places {} were filled: no more people of the pool were picked, and a larger pool fills more."
CHANGE = (
    "A before/after comparison of them shows {} at {} of their rate before (95% interval {} to {}), whatever brought "
    "it about."
)
FIRST = (
    "The figures that follow are of the first of {} worlds (replicate 0); the files hold all of them, told apart by "
    "the column replicate."
)
SCORE = (
    "The mean of {} went from {} to {} among the {} people with both scores; without the programme it would have "
    "changed by {} points among all {}."
)
TRUTH = (
    "The truth of this world: without the programme the rate would have stood at {}; the programme multiplied what is "
    "recorded by {}, and offences by {}."
)
"""What is said of simulated worlds."""


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
        """Say what the first world holds, what a before/after comparison in it shows, and what the truth is."""
        world, worlds = one_of(self.world), self.world.replicates or 1
        found = RateRatio()(self.seen[world.name].replicate(0))
        shown = (found.estimate, found.conf_low, found.conf_high)
        truth = (np.exp(untreated_change(world)), att_ratio(world), att_ratio(world, of="offences"))
        return (
            self.scenario.about,
            *([FIRST.format(f"{worlds:,}")] if worlds > 1 else []),
            PEOPLE.format(int(world.managed.sum()), f"{int(world.drawn):,}"),
            *self._of_places(world),
            CHANGE.format(world.name, *("not known" if v is None else fixed(v, 2) for v in shown)),
            TRUTH.format(*(fixed(float(v), 2) for v in truth)),
            *self._of_scores(world),
            wording.SIMULATED,
        )

    def _of_places(self, world: World) -> list[str]:
        if world.places is None or int(world.filled) >= world.places:
            return []
        return [PLACES.format(f"{world.places:,}", f"{int(world.filled):,}")]

    def _of_scores(self, world: World) -> list[str]:
        if world.score_name not in self.seen:
            return []
        scores = self.seen[world.score_name].replicate(0).outcome
        pairs = scores[:, [np.flatnonzero(~world.post)[-1], -1]]
        pairs = pairs[~np.isnan(pairs).any(1)]
        before, after = (fixed(float(m), 1) for m in pairs.mean(0))
        change = fixed(float(untreated_score_change(world)), 1)
        people = int(world.managed.sum())
        return [SCORE.format(world.score_name, before, after, len(pairs), change, people)]

    def steps(self, out: Path) -> tuple[str, ...]:
        """Say how what was written is evaluated without looking at the truth, and where the truth is."""
        table, truth = out / f"SYNTHETIC_{self.world.name}.csv", out / "SYNTHETIC_truth.csv"
        if self.world.replicates is not None and self.world.replicates > 1:
            return (MANY.format(table, truth),)
        return (NEXT.format(table, truth),)

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name; all are marked as synthetic."""
        out: dict[str, str | bytes] = {
            f"SYNTHETIC_{name}.csv": output.csv_text(panel.to_wide(lengths=True)) for name, panel in self.seen.items()
        }
        return out | {"SYNTHETIC_truth.csv": output.csv_text(self.truth())}

    def truth(self) -> "pd.DataFrame":
        """Return the truths of every replicate, and how much of the bias comes from each confound, over a few."""
        import pandas as pd  # noqa: PLC0415 slow to load

        named = {
            "programme_ratio_recorded": att_ratio(self.world),
            "programme_ratio_offences": att_ratio(self.world, of="offences"),
            "programme_ratio_at_liberty": att_ratio_free(self.world),
            "ratio_without_programme": np.exp(untreated_change(self.world)),
            "log_change_without_programme": untreated_change(self.world),
            "log_bias_of_before_after": before_after_bias(self.world),
        }
        if self.world.treated.score is not None:
            named["score_change_without_programme"] = untreated_score_change(self.world)
            named["programme_score_difference"] = att_score(self.world)
        rows = [
            {"replicate": k, "quantity": name, "value": float(v), "std_error": None}
            for name, values in named.items()
            for k, v in enumerate(np.atleast_1d(values))
        ]
        rows += [
            {"replicate": None, "quantity": f"log_bias_from_{name}", "value": value, "std_error": error}
            for name, value, error in self._bias()
        ]
        return pd.DataFrame(rows).astype({"replicate": "Int64"})

    def _bias(self) -> list[tuple[str, float, float]]:
        """Share the bias out among the confounds, and what is left without them: picking and the people themselves."""
        careers, streams = self.scenario.careers, Streams(self.seed, "worth")
        if len(careers.confounds) > MOST:
            return []
        bare = before_after_bias(replace(careers, confounds=()).batch(SHARED_OUT, rng=streams))
        found = [("picking_and_people", float(bare.mean()), float(bare.std(ddof=1) / np.sqrt(SHARED_OUT)))]
        if careers.confounds:
            worth = contributions(careers, rng=streams, replicates=SHARED_OUT)
            found += [(c.name, c.shapley, c.std_error) for c in worth.values()]
        return found

    def write(self, out: Path) -> tuple[Path, ...]:
        """Write the files into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return output.write(out, self.files(), self._manifest(), work(self.scenario))

    def _places(self) -> dict[str, Any]:
        filled = np.atleast_1d(self.world.filled).tolist()
        return {} if self.world.places is None else {"places": self.world.places, "places_filled": filled}

    def _manifest(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.title,
            "scenario_digest": digest(self.scenario),
            "sources": list(self.scenario.sources),
            "seed": self.seed,
            "replicates": self.world.replicates,
            **self._places(),
            "synthetic": True,
            "synthetic_note": wording.SIMULATED,
        }


def work(scenario: Scenario) -> str:
    """Return what a folder of a scenario's worlds holds, in words."""
    return f"simulate {scenario.title}"


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
