"""Linear regression to the mean of every count, and the population mean at which it is the whole change."""

from dataclasses import dataclass

from iom_causal.analysis.release import Release
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.errors import IomCausalError
from iom_causal.moments import Moments
from iom_causal.null.observed import observe
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.sensitivity.regression_tipping import RegressionTipping, at_equal_length, regression_tipping
from iom_causal.windows import Selection

WHAT = "regression to the mean"


@dataclass(frozen=True, slots=True)
class Regression:
    """What regression to the mean alone could do.

    Parameters
    ----------
    views : tuple of RegressionTipping
        One a count.
    refusals : tuple of Refusal
        Outcomes for which that is not worked out.
    """

    views: tuple[RegressionTipping, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def run(subject: Subject, _effort: Effort) -> Regression:
    """Work out what regression to the mean alone could do to every count."""
    views: list[RegressionTipping] = []
    refusals: list[Refusal] = []
    for outcome in subject.outcomes:
        if outcome.kind != "count":
            refusals.append(Refusal(outcome.name, WHAT, why=Why.OTHER_KIND, kind=outcome.kind))
            continue
        try:
            data = subject.data(outcome.name)
            if enough(subject, data):
                view = _view(data, subject.release)
                if isinstance(view, Refusal):
                    refusals.append(view)
                else:
                    views.append(view)
        except IomCausalError as error:
            refusals.append(Refusal(outcome.name, WHAT, error))
    return Regression(tuple(views), tuple(refusals))


def _view(data: Panel | Moments, release: Release) -> RegressionTipping | Refusal:
    """Return the view of one count, or why it would not speak of how these people were selected."""
    rule = data.selection if isinstance(data, Panel) else None
    if rule is not None and rule.variable != data.name:
        return Refusal(data.name, WHAT, why=Why.SELECTED_ON_OTHER)
    if rule is not None and rule.rule == "rate":
        return Refusal(data.name, WHAT, why=Why.SELECTED_ON_RATE)
    if isinstance(data, Panel) and _cut(data) is not None:
        return Refusal(data.name, WHAT, why=Why.CUT_IS_READ)
    view = regression_tipping(moments_as_given(data, release) if isinstance(data, Panel) and release.guarded else data)
    if view.observed > 1 and _at_boundary(rule):
        return Refusal(data.name, WHAT, why=Why.ROSE)
    return Refusal(data.name, WHAT, why=Why.REVERSED) if view.reversed else view


def _at_boundary(rule: Selection | None) -> bool:
    return rule is not None and rule.timing == "at_boundary"


def _cut(panel: Panel) -> float | None:
    """Return the hard cut that was kept, where the null calibration and the ledger read it."""
    try:
        return observe(panel).cut
    except IomCausalError:
        return None


def moments_as_given(panel: Panel, release: Release) -> Moments:
    """Return moments as they may be given: a curve of the exact ones would give the exact ones away."""
    m = at_equal_length(panel)
    own = PairMoments(*m.require(*PairMoments._fields, purpose=WHAT))
    given = release.moments(own, m.n, m.furthest, outcome=panel.name)._asdict()
    return Moments.from_summary(n=release.rounded(m.n), name=m.name, kind=m.kind, **given)
