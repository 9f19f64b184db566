"""Diagnosed answers made by hand, whose figures are known."""

import math

import numpy as np

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.designs.answers import DiagnosedAnswer
from iom_causal.designs.design import Design
from iom_causal.designs.samples import Sample
from iom_causal.designs.scoring import AnswerKind, Score

STUDIES = 400


def design(**settings):
    """A design of people who are picked on two windows of counts."""
    return Design(sim.TwoWindowCounts(cut=4, **settings), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())


def answer(
    label="one", *, ratio=1.0, estimates=None, truth=1.0, half=0.1, p=0.001, scale="ratio", read_as="att_ratio", **other
):
    """An answer with these estimates (or one in all studies), about the change itself; intervals `half` a log long."""
    log = np.log if scale == "ratio" else np.asarray
    with np.errstate(divide="ignore"):
        values = np.asarray(log(ratio) if estimates is None else log(estimates), np.float64)
    values = np.broadcast_to(values, (STUDIES if values.ndim == 0 else values.size,))
    itself = values[np.isfinite(values)].mean() if np.isfinite(values).any() else 0.0
    given = {"own": itself} if read_as else {}
    given |= {"p_value": p, "low": values - half, "high": values + half, "std_error": half / 2} | other
    target = {"ratio": "att_ratio", "difference": "att_difference"}[scale]
    kind = AnswerKind("a method", "descriptive_change" if read_as else target, scale, "recorded", 0.95)
    sample = Sample.of(values, log(truth), **given)
    return DiagnosedAnswer(label, "seen", "method", kind, Score(target, read_as and target), target, sample)


def spread(share_low, low=0.6, high=0.95):
    """Estimates of which a share is low."""
    return np.where(np.arange(STUDIES) < round(share_low * STUDIES), low, high)


HALF = math.log(1.5)
