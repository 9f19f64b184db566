"""Null calibration of every count: how often such a fall comes with the programme switched off."""

from dataclasses import dataclass

from iom_causal.analysis.release import Release
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.beliefs import Range
from iom_causal.errors import DegenerateDataError, IomCausalError
from iom_causal.moments import Moments
from iom_causal.null.calibrate import FEWEST, SIMS, null_calibration
from iom_causal.null.observed import Observed, observe
from iom_causal.null.result import NullCalibration
from iom_causal.panel import Panel

BACKGROUND = Range(0.9, 1.0)
"""After over before without the programme, selection apart: ageing and trend of 10% down to none."""
QUICK_SIMS = 1_000
"""Cohorts a world, for a first look."""


@dataclass(frozen=True, slots=True)
class Null:
    """Null calibrations.

    Parameters
    ----------
    calibrations : tuple of NullCalibration
        One a count that fell.
    assumed : tuple of str
        Outcomes of people whose selection rule is not stated, so that one on the count is assumed.
    refusals : tuple of Refusal
        Why there is none for the other outcomes.
    """

    calibrations: tuple[NullCalibration, ...] = ()
    assumed: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def run(subject: Subject, effort: Effort) -> Null:
    """Calibrate the fall of every count."""
    found, assumed, refusals = [], [], []
    for outcome in subject.outcomes:
        try:
            data = subject.data(outcome.name)
            if not enough(subject, data):
                continue
            seen = observe(data) if subject.published is None else observe(subject.published, outcome.name)
            observed = as_released(seen, subject.release)
            if isinstance(data, Panel) and data.selection is None:
                assumed.append(outcome.name)
            sims = FEWEST if effort.remainder else QUICK_SIMS if effort.quick else SIMS
            found.append(
                null_calibration(
                    observed, background_ratio=BACKGROUND, rng=effort.seed, sims=sims, ends=effort.remainder
                )
            )
        except IomCausalError as error:
            why = Why.NOT_COMPUTED if outcome.kind == "count" else Why.OTHER_KIND
            refusals.append(Refusal(outcome.name, "the null calibration", error, why))
    return Null(tuple(found), tuple(assumed), tuple(refusals))


def as_released(observed: Observed, release: Release) -> Observed:
    """Return what is observed as it may be given: no extremes leave about people, number and moments leave rounded.

    Raises
    ------
    DegenerateDataError
        IOM-E064 where the mean before is 0 as it is given.
    """
    if not release.guarded:
        return observed
    n = release.rounded(observed.n)
    moments = release.moments(observed.moments, observed.n, observed.furthest, observed.length, observed.name)
    if not moments.mean_pre > 0:
        raise DegenerateDataError("IOM-E064", f"{observed.name}: the mean before is too small to be given")
    t = Moments.from_summary(n=n, **moments._asdict()).require("t", purpose="the null calibration")[0]
    return observed._replace(
        n=n,
        n_input=n,
        moments=moments,
        t=t,
        smallest_before=None,
        largest_before=None,
        largest_after=None,
        furthest=(0.0, 0.0),
        odds=round(observed.odds, 2),
        composition=round(observed.composition, 2),
    )
