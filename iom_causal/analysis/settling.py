"""What would settle it: the stored diagnosis of designs, and the size that precision alone takes."""

import math
from dataclasses import dataclass

from iom_causal.analysis.null import as_released
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough, readable
from iom_causal.designs.library.stored_settling import FALL, SettlingTable, stored_settling
from iom_causal.errors import IomCausalError
from iom_causal.null.observed import observe
from iom_causal.numerics.inference.power import ratio_sample_size
from iom_causal.published.study import load_published

POWER = 0.8
_DIGITS = 2  # of a size, which no formula knows better


@dataclass(frozen=True, slots=True)
class Precision:
    """Size at which a before/after ratio tells a change from none.

    Parameters
    ----------
    outcome : str
        Of which count.
    change : float
        The change, as a share: 0.2 is a fall by a fifth.
    people : int
        How many, in one group; rounded up to two digits.
    """

    outcome: str
    change: float
    people: int


@dataclass(frozen=True, slots=True)
class Settling:
    """What is known of designs for a study of this kind.

    Parameters
    ----------
    stored : SettlingTable or None
        The diagnosis of designs with people like these; None where there is none of them.
    people : int or None
        In the published study whose diagnosis it is.
    sizes : tuple of Precision
        One a count whose moments are known.
    """

    stored: SettlingTable | None = None
    people: int | None = None
    sizes: tuple[Precision, ...] = ()


def run(subject: Subject, _effort: Effort) -> Settling:
    """Look up the diagnosis of a study that has one, and work out the size for precision of every count."""
    sizes = tuple(size for outcome in subject.outcomes if (size := _precision(subject, outcome.name, outcome.kind)))
    study = subject.published
    stored = stored_settling()
    if study is None or study != load_published(stored.study):
        return Settling(sizes=sizes)
    return Settling(stored, study.sample.n.count, sizes)


def _precision(subject: Subject, name: str, kind: str) -> Precision | None:
    """Return the size for one count, from moments as they may be given; None where they are not known."""
    change = subject.smallest_effect or FALL
    data = readable(subject, name) if kind == "count" else None
    if data is None or not enough(subject, data):
        return None
    try:
        m = as_released(observe(data), subject.release).moments
        if not (m.mean_pre > 0 and m.mean_post > 0):
            return None
        cvs = {"cv_pre": m.sd_pre / m.mean_pre, "cv_post": m.sd_post / m.mean_post}
        people = ratio_sample_size(1 - change, r=m.r, power=POWER, **cvs)
    except IomCausalError:  # the sentence stands only where it can be worked out
        return None
    return Precision(name, change, _rounded_up(people))


def _rounded_up(people: int) -> int:
    unit = int(10 ** max(0, math.floor(math.log10(people)) + 1 - _DIGITS))
    return unit * math.ceil(people / unit)
