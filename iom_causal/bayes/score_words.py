"""What the result of a Bayesian change of a score says beside its figures."""

import math
from typing import Any

import numpy as np

from iom_causal.base.formats import counted
from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.score_fit import EFFECT, MEAN_CHANGE, REGRESSION, Fit
from iom_causal.bayes.score_models import CutEntry
from iom_causal.bayes.shared.posterior import Posterior, median
from iom_causal.estimate import Estimate
from iom_causal.inputs.pairs import MOMENTS
from iom_causal.moments import Moments
from iom_causal.panel import Panel

type Span = tuple[float, float] | None

IGNORES_SELECTION = (
    "people were picked by this very score, and the change holds what comes of that by itself; a rule 'at_least' with "
    "its threshold on the score before is allowed for"
)
CONTRADICTED = 0.05
"""Below this p-value so few people stand next to the cut that a generalised Pareto excess is said not to fit."""
NO_PARETO = (
    "fewer people stand next to the cut than a density that falls from there on has: the regression to the mean comes "
    "out too large; take ScoreRegression, which reads the density from people next to the cut alone"
)
HOLDS_REGRESSION = (
    "the change holds regression to the mean: people entered for a high score, part of which is chance; state sem, the "
    "standard error of measurement, to have that taken out"
)
BEYOND_SPAN = "some scores lie outside the stated span: check its ends; default priors alone stand on it"
WIDE_ERROR = (
    "the stated standard error of measurement is above the SD of the scores {}, which leaves next to no true "
    "differences between people: check its unit"
)
ON_THE_SCORES = "default priors stand on the SD of the scores before; state span to have them without the data"


def score_words(
    fit: Fit, panel: Panel | Moments, posterior: Posterior, *, spec: Any, level: float, on_the_scores: bool, span: Span
) -> Estimate:
    """Return the result without its figures: what it is of, what must hold, and what a reader must know of it.

    Parameters
    ----------
    fit : Fit
        The sampling model with its data.
    panel : Panel or Moments
        As they were given.
    posterior : Posterior
        Of all parameters.
    spec : object
        The settings.
    level : float
        Of the credible interval.
    on_the_scores : bool
        Whether some prior stands on the scale that the scores before give.
    span : tuple of float or None
        Lowest and highest score that the instrument is said to give.
    """
    data = fit.data
    whole = bool(data.moments.pairs == data.used) and fit.model.cut is None
    figures = _figures(fit, posterior, level)
    notes = ((ON_THE_SCORES,) if on_the_scores else ()) + _of_settings(fit, span)
    misfit = (NO_PARETO,) if figures.get("too_few_at_cut", 1.0) < CONTRADICTED else ()
    return Estimate(
        outcome=data.sample.outcome,
        method=f"Bayesian change of a score, {posterior.sampler}",
        estimand="att_score" if fit.nets else "descriptive_change",
        term="after - before, net of regression to the mean" if fit.nets else "after - before",
        scale="points",
        conf_level=level,
        n_input=data.sample.n_input,
        n_used=data.used,
        notes=(*data.sample.notes, *notes, *_of_selection(fit, panel), *misfit),
        assumptions=_assumptions(fit),
        diagnostics=FrozenMap(figures),
        spec=spec,
        pinned=data.sample.pinned(*(MOMENTS if whole else ())),
    )


def _of_settings(fit: Fit, span: Span) -> tuple[str, ...]:
    """Return notes of scores that do not go with the span or the error of measurement that are stated."""
    y = fit.data.outcome
    beyond = span is not None and y is not None and bool((y < span[0]).any() or (y > span[1]).any())
    window = wider_error(fit)
    return (*((BEYOND_SPAN,) if beyond else ()), *((WIDE_ERROR.format(window),) if window else ()))


def wider_error(fit: Fit) -> str:
    """Return the window in which the standard error of measurement is above the SD of the scores; empty for none.

    Scores before that entered at a cut have lost part of their spread, and are not asked.
    """
    m, model = fit.data.moments, fit.model
    error = next((p.prior.centre for p in fit.parameters if p.name == "sem"), model.sem) or 0.0
    n, _, squares = (float(x) for x in m.all_before)
    spreads = {"after": math.sqrt(float(m.after_ss) / max(float(m.pairs) - 1, 1.0))}
    if model.cut is None:
        spreads = {"before": math.sqrt(squares / max(n - 1, 1.0)), **spreads}
    return next((window for window, sd in spreads.items() if error > sd), "")


def _of_selection(fit: Fit, panel: Panel | Moments) -> tuple[str, ...]:
    """Return notes of how people were selected on the score."""
    if fit.model.cut is None:
        picked = isinstance(panel, Panel) and panel.selection is not None and panel.selection.variable == panel.name
        return (IGNORES_SELECTION,) if picked else ()
    notes = () if fit.nets else (HOLDS_REGRESSION,)
    lacking = int(np.isnan(fit.data.outcome[:, 0]).sum()) if fit.data.outcome is not None else 0
    return (*notes, counted(lacking, "[person|people] without a score before left out")) if lacking else notes


def _assumptions(fit: Fit) -> tuple[str, ...]:
    off = "as" if fit.delta == 0 and not fit.own else "so far off as stated from what"
    lost = f"people lost to follow-up changed {off} the scores that are there predict" if fit.lost else ""
    if fit.model.cut is None:
        law = "true scores before and after are bivariate normal, and errors of measurement normal and independent"
    else:
        law = (
            "scores before over the cut are generalised Pareto, and those after lie about a line on them with "
            "normal deviations"
        )
    alone = (
        "nothing but the error of measurement of the score, normal and drawn anew, and the programme moved the "
        "mean of those selected"
    )
    return ("people are independent of one another", law, *([lost] if lost else []), *([alone] if fit.nets else []))


def _figures(fit: Fit, posterior: Posterior, level: float) -> dict[str, Any]:
    """Return what people lost would have to be off by, and at a cut the change and the regression apart."""
    effect = posterior.marginal(EFFECT)
    figures: dict[str, Any] = {}
    if fit.lost > 0 and not fit.own:
        low, high = effect.interval(level)
        middle = median(effect)
        nearest = high if middle < 0 else low
        figures["tipping_delta"] = fit.delta - nearest / fit.lost
        figures["delta_of_no_change"] = fit.delta - middle / fit.lost
    if isinstance(fit.model, CutEntry):
        at = [_middle(fit, posterior, name) for name in ("mean_excess", "shape")]
        figures["too_few_at_cut"] = fit.model.too_few(fit.data, *at)
    if REGRESSION in posterior.exact:
        for name, of in (("change_with_regression", MEAN_CHANGE), (REGRESSION, REGRESSION)):
            law = posterior.marginal(of)
            figures[name] = (median(law), *law.interval(level))
    return figures


def _middle(fit: Fit, posterior: Posterior, name: str) -> float:
    parameter = next(p for p in fit.parameters if p.name == name)
    return float(parameter.natural(np.asarray(median(posterior.marginal(parameter.unbounded)))))
