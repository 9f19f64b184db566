"""One answer of a design over replicates, beside what it is scored against, and what it is called among others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from iom_causal.designs.diagnosands import DIAGNOSANDS
from iom_causal.designs.figures import Figure
from iom_causal.designs.samples import Sample
from iom_causal.designs.scoring import AnswerKind, Score


@dataclass(frozen=True, eq=False)
class DiagnosedAnswer:
    """One answer of a design over all replicates, beside one estimand.

    Parameters
    ----------
    design, data, estimator : str
        Labels.
    kind : AnswerKind
        What it estimates.
    score : Score
        What it is scored against, and what it is read as.
    target : str
        The name of that estimand.
    sample : Sample
        Its results, on the scale of analysis: logs for ratios.

    Examples
    --------
    >>> import iom_causal as iom
    >>> sim = iom.simulate
    >>> model = sim.TwoWindowCounts(people=60, rate=1.5, cut=4.0, ratio=0.8)
    >>> design = iom.Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> found = iom.diagnose(design, sims=50, seed=1)
    >>> [(answer.estimator, answer.score.target) for answer in found.answers]
    [('RateRatio', 'att_ratio')]
    """

    design: str
    data: str
    estimator: str
    kind: AnswerKind
    score: Score
    target: str
    sample: Sample

    @property
    def label(self) -> str:
        """What it is called among the answers of one design."""
        return f"{self.estimator} on {self.data}"

    @property
    def ratio(self) -> bool:
        """Whether its scale of analysis is that of logs."""
        return self.kind.scale == "ratio"

    @property
    def scale(self) -> str:
        """The scale of analysis, on which figures are."""
        return "log ratio" if self.ratio else self.kind.scale

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every performance measure, by name."""
        return {name: measure.function(self.sample) for name, measure in DIAGNOSANDS.items()}

    def rows(self) -> list[dict[str, Any]]:
        """Return its rows of `Diagnosis.tidy`."""
        about = {
            "design": self.design,
            "data": self.data,
            "estimator": self.estimator,
            "estimand": self.kind.estimand,
            "scored_against": self.score.target,
            "target": self.target,
            "read_as": self.score.read_as,
            "scale": self.scale,
        }
        return [
            about | {"measure": name, "value": f.value, "mcse": f.mcse, "n": f.n, "reason": f.reason}
            for name, f in self.figures.items()
        ]


def names(answers: Sequence[DiagnosedAnswer]) -> dict[DiagnosedAnswer, str]:
    """Return what each answer is called: its design, and what of its labels tells it from others of that design."""
    several = len({a.design for a in answers}) > 1
    found: dict[DiagnosedAnswer, str] = {}
    for answer in answers:
        beside = [a for a in answers if a.design == answer.design]
        estimators, data = len({a.estimator for a in beside}) > 1, len({a.data for a in beside}) > 1
        same = [a for a in beside if a.label == answer.label]
        parts = [answer.estimator] if estimators or not (data or several) else []
        parts += [f"on {answer.data}" if parts else answer.data] if data else []
        inner = " ".join(parts)
        name = f"{answer.design}: {inner}" if several and inner else answer.design if several else inner
        found[answer] = f"{name}, against {answer.score.target}" if len(same) > 1 else name
    return found


def in_common(texts: Sequence[str]) -> str:
    """Return the parts of names that all of them have; empty where there is none."""
    parts = [[part for piece in text.split(": ") for part in piece.split(", ")] for text in texts]
    kept = [part for part in parts[0] if all(part in other for other in parts)]
    return ", ".join(kept)


def does_nothing(answer: DiagnosedAnswer) -> bool:
    """Whether the estimand is no change in every world that is known, to rounding."""
    truth = answer.sample.truth[~np.isnan(answer.sample.truth)]
    return truth.size > 0 and bool(np.allclose(truth, answer.sample.null, atol=1e-9))
