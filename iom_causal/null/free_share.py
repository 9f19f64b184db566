"""Expected days at liberty of the same rates, after over before, in a null model of people whose days follow events."""

from iom_causal.null.fitting import MinimumDistance, MomentMatch
from iom_causal.null.observed import Observed
from iom_causal.numerics.adjustment.custody import event_when_free
from iom_causal.numerics.pairs.rate_models import SelectionFit

_ROUNDS = 3


def expected_length(observed: Observed, fitting: MomentMatch | MinimumDistance) -> float:
    """Return by what time after over before the same rates are multiplied, where events before cost days at liberty.

    A null model has Poisson counts about rates; it says that of the mean count before, ``m``, ``e`` would come again
    in as many days. Of that ``(1 - rho) mu`` is the mean ``mu`` to which rates drift and ``rho r m`` what lasts. Where
    events cost days, the share ``h`` of what selection alone took, ``rho (1 - r) m``, was no luck but made in fewer
    days (`numerics.adjustment.custody.event_when_free`). So the rates of a model without a programme are expected to
    give, in the days after, ``[e + rho h (1 - r) m] / e`` times what it says, with the days lost and at liberty before
    of those who stand at the cut (of all, where no cut is known) in ``h``. Who was at liberty after is in
    `Observed.composition`.

    It is worked out in the model in which only this ratio is at work, so that a programme that does nothing is a ratio
    of 1 there; over the others it is the same, although what lasts in them differs.

    Examples
    --------
    >>> from iom_causal.numerics.pairs.moments import PairMoments
    >>> m = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
    >>> free = Observed("arrests", 225, 225, m, 1.0, -11.6, None, None, None)
    >>> expected_length(free, MomentMatch(m)), round(expected_length(free._replace(odds=0.3), MomentMatch(m)), 2)
    (1.0, 1.1)
    """
    length = start = observed.length * observed.composition
    fit: SelectionFit | None = None
    for _ in range(_ROUNDS if observed.odds else 0):
        fit = fitting.nearest_at(length, fit)
        length = start * _more_than_poisson(fit, observed.odds)
    return length


def _more_than_poisson(fit: SelectionFit, odds: float) -> float:
    before, again, lasts = fit.moments.mean_pre, fit.moments.mean_post / fit.ratio, fit.correlation
    if lasts <= 0:
        return 1.0
    kept = min(max((again - (1 - lasts) * fit.mean) / (lasts * before), 0.0), 1.0)
    return 1 + lasts * float(event_when_free(kept, odds, 1.0)) * (1 - kept) * before / again
