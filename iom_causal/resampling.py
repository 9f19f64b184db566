"""The observed change of an outcome, and people or printed moments drawn anew from their sampling law."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError
from iom_causal.moments import Moments
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]


def days_at_risk(subject: Panel | Moments) -> Floats | None:
    """Return the days in both windows, common to all or of each person; None where they are not known."""
    if isinstance(subject, Moments):
        return None if subject.exposure is None else np.array(subject.exposure)
    return subject.prepost().exposure


def observed_change(subject: Panel | Moments) -> Any:
    """Return the log ratio per day at risk, or the mean change of a score; (D,) where people are resampled."""
    before, after = levels(subject)
    if subject.kind == "score":
        return after - before
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(after) - np.log(before)
    if not np.isfinite(change).all():
        raise DegenerateDataError("IOM-E064", f"{subject.name}: a window without events has no ratio")
    return change


def levels(subject: Panel | Moments) -> tuple[Floats, Floats]:
    """Return the mean before, and the mean after at the exposure before."""
    if isinstance(subject, Moments):
        before, after = (np.asarray(v) for v in subject.require("mean_pre", "mean_post", purpose="Ledger"))
        days = None if subject.kind == "score" else subject.exposure
        return before, after if days is None else after * (days[0] / days[1])
    two = subject.prepost()
    outcome = _shared(two.outcome)
    there = ~np.isnan(outcome).any(-1) if outcome.dtype.kind == "f" else np.ones(outcome.shape[:-1], dtype=np.bool_)
    weight = there * (1.0 if two.weight is None else two.weight)
    totals = _sum(weight, np.nan_to_num(outcome.astype(np.float64)))
    people = weight.sum(-1)
    if two.exposure is None or two.kind == "score":
        return totals[..., 0] / people, totals[..., 1] / people
    at_risk = _sum(weight, np.broadcast_to(_shared(two.exposure), outcome.shape))
    scale = at_risk[..., 0] / people
    return totals[..., 0] / people, totals[..., 1] / at_risk[..., 1] * scale


def _shared(block: NDArray[Any]) -> NDArray[Any]:
    """Return one replicate of a block that was only repeated, so that people are gone through once."""
    return block[0] if block.ndim == 3 and block.strides[0] == 0 else block


def _sum(weight: Floats, values: Floats) -> Floats:
    """Return weighted totals over people, (T,) or (D, T)."""
    if values.ndim == 2:
        return np.stack([weight @ np.ascontiguousarray(column) for column in values.T], axis=-1)
    return np.asarray(np.einsum("...n,...nt->...t", weight, values))


def resampled(subject: Panel | Moments, rng: np.random.Generator, size: int) -> Panel | Moments:
    """Return the people under exponential weights (the Bayesian bootstrap), or moments drawn from their law."""
    if isinstance(subject, Moments):
        return _drawn_moments(subject, rng, size)
    weight = rng.standard_exponential((size, subject.n))
    if subject.weight is not None:
        weight = rng.standard_gamma(subject.weight.astype(np.float64), (size, subject.n))
    values = {f: getattr(subject, f) for f in ("kind", "windows", "name", "index_date", "age", "covariates", "ids")}
    exposure = subject.exposure
    if exposure is not None and exposure.ndim == 2:
        exposure = np.broadcast_to(exposure, (size, *exposure.shape))
    return Panel._trusted(  # noqa: SLF001 the arrays were made here
        **values,
        outcome=np.broadcast_to(subject.outcome, (size, *subject.outcome.shape)),
        exposure=exposure,
        weight=weight,
        start=subject.start,
        selection=subject.selection,
        synthetic=subject.synthetic,
    )


def _drawn_moments(m: Moments, rng: np.random.Generator, size: int) -> Moments:
    """Draw means and covariances from their sampling law under normality (Bartlett's decomposition)."""
    s1, s2, r = m.require("sd_pre", "sd_post", "r", purpose="Ledger")
    before, after = m.require("mean_pre", "mean_post", purpose="Ledger")
    root = np.array([[s1, 0.0], [r * s2, np.sqrt(1 - r * r) * s2]])
    shift = rng.standard_normal((size, 2)) @ root.T / np.sqrt(m.n)
    wishart = np.zeros((size, 2, 2))
    wishart[:, 0, 0] = np.sqrt(rng.chisquare(m.n - 1, size))
    wishart[:, 1, 1] = np.sqrt(rng.chisquare(m.n - 2, size))
    wishart[:, 1, 0] = rng.standard_normal(size)
    half = root @ wishart / np.sqrt(m.n - 1)
    cov = half @ half.transpose(0, 2, 1)
    sd_pre, sd_post = np.sqrt(cov[:, 0, 0]), np.sqrt(cov[:, 1, 1])
    drawn = m.with_arrays(
        mean_pre=before + shift[:, 0],
        mean_post=after + shift[:, 1],
        sd_pre=sd_pre,
        sd_post=sd_post,
        r=cov[:, 0, 1] / (sd_pre * sd_post),
    )
    return drawn if m.mean_pre_input is None else _with_lost(m, drawn, rng, size)


def _with_lost(m: Moments, drawn: Moments, rng: np.random.Generator, size: int) -> Moments:
    """Draw the mean before of everybody too: that of the people lost to follow-up varies on its own."""
    lost = (m.n_input or m.n) - m.n
    if lost == 0:
        return drawn.with_arrays(mean_pre_input=np.asarray(drawn.mean_pre))
    share = lost / (lost + m.n)
    before, everybody, sd = m.require("mean_pre", "mean_pre_input", "sd_pre", purpose="Ledger")
    mean = before + (everybody - before) / share
    if m.sd_pre_input is not None and lost > 1:
        within = (lost + m.n - 1) * m.sd_pre_input**2 - (m.n - 1) * sd**2 - m.n * share * (before - mean) ** 2
        sd = np.sqrt(max(within, 0.0) / (lost - 1))
    theirs = mean + sd / np.sqrt(lost) * rng.standard_normal(size)
    return drawn.with_arrays(mean_pre_input=(1 - share) * np.asarray(drawn.mean_pre) + share * theirs)
