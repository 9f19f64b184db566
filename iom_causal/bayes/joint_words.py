"""What the result of counts and scores together says beside its figures."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from iom_causal.base.formats import percent
from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.joint_data import Both, Floats
from iom_causal.bayes.shared.posterior import Posterior
from iom_causal.numerics.adjustment.missing import mar_change
from iom_causal.numerics.posterior.joint_outcomes import PAIRS

WHO = ("log_rate_before", "log_rate_after", "score_before", "score_after")


def figures_of(
    data: Both, posterior: Posterior, variance: tuple[Floats, Floats], *, level: float, psi: float
) -> Mapping[str, Any]:
    """Return diagnostics; `variance` is that left of a lost score after, without and with the log rates, a draw."""
    alone, with_rates = variance
    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    ratio = tuple(float(q) for q in np.quantile(posterior.derived["ratio"], ends))
    correlations = np.median(posterior.derived["correlation"], axis=(0, 1))
    figures: dict[str, Any] = {
        "lost_share": data.lost,
        "informed": float(np.median(1 - with_rates / alone)),
        "ratio_of_counts": ratio,
        "correlations": FrozenMap(
            {f"{WHO[j]}, {WHO[i]}": float(r) for (i, j), r in zip(PAIRS, correlations, strict=True)}
        ),
    }
    figures |= {"psi": psi, "tilt_in_points": float(np.median(psi * with_rates))} if psi else {}
    known = ~np.isnan(data.scores[:, 0])
    if data.lost:
        m = mar_change(data.scores[known, 0], data.scores[known, 1])
        figures["scores_alone"] = (m.estimate, m.std_error)
    return FrozenMap(figures)


def notes_of(figures: Mapping[str, Any], counts: str) -> tuple[str, ...]:
    """Say how much counts tell of scores that are lost, and how far the tilt moves these."""
    if not figures["lost_share"]:
        return ()
    informed, moved = percent(figures["informed"]), figures.get("tilt_in_points")
    told = f"log rates of {counts} explain {informed} of what the score before leaves open of that after"
    if moved is None:
        return (told,)
    way = "higher" if moved > 0 else "lower"
    return told, f"those lost are {abs(moved):.3g} points {way} than others predict"


def missing_of(psi: float) -> str:
    """Say what is taken for granted of scores that are missing."""
    given = "given the other score and the counts of the same people"
    if psi == 0:
        return f"scores after are missing at random {given}"
    return f"the log odds that a score after is missing rise by {psi:g} for each of its points, {given}"
