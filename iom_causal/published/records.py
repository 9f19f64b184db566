"""Records of a published evaluation: sample, windows, outcomes and tests; every number as its reported text."""

import datetime as dt
from dataclasses import dataclass

from iom_causal.published.printed import Printed, PrintedP

_TWO_SIDED, _USUAL_LEVEL = Printed("2"), Printed("95")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyWindow:
    """A window of the evaluation, as calendar dates.

    Parameters
    ----------
    label : str
        How the paper calls it.
    start, end : datetime.date
        First day, and the first day after it.
    post : bool
        Whether it lies after the introduction of the programme.
    """

    label: str
    start: dt.date
    end: dt.date
    post: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Describes:
    """A mean, an SD and a range of the same people.

    Parameters
    ----------
    n, mean, sd, low, high : Printed, optional
        As reported; `low` and `high` are the minimum and maximum.
    unit : Printed, optional
        The grid of the values, where the paper states one (1 for whole years or counts).
    """

    n: Printed | None = None
    mean: Printed | None = None
    sd: Printed | None = None
    low: Printed | None = None
    high: Printed | None = None
    unit: Printed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedEffectSize:
    """Reported effect size.

    Parameters
    ----------
    symbol : str
        The kind that the authors claim: ``r``, ``r_squared``, ``dz``, ``drm``, ``dav``, ``glass_pre``, ...;
        ``d`` if the paper only says d.
    value : Printed
        Its value.
    label : str
        The word given to it: small, medium, large; empty if none.
    """

    symbol: str
    value: Printed
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTest:
    """Reported test.

    Parameters
    ----------
    statistic : str
        ``t``, ``F``, ``chi2``, ``z`` or ``r``.
    value : Printed
        The statistic.
    df : tuple of Printed
        Its degrees of freedom, in reported order.
    p : PrintedP, optional
        The p-value.
    tails : Printed
        ``"2"`` unless the paper says one-sided.
    n : Printed, optional
        People in the test, where the paper says so.
    name : str
        What was tested, for a test that stands alone.
    effect_size : PrintedEffectSize, optional
        The effect size reported with it.
    """

    statistic: str
    value: Printed
    df: tuple[Printed, ...] = ()
    p: PrintedP | None = None
    tails: Printed = _TWO_SIDED
    n: Printed | None = None
    name: str = ""
    effect_size: PrintedEffectSize | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedChange:
    """Reported mean change with its interval, in the contrast that the study declares.

    Parameters
    ----------
    mean : Printed
        The mean change.
    low, high : Printed, optional
        Its interval.
    level : Printed
        The level of the interval in percent.
    """

    mean: Printed
    low: Printed | None = None
    high: Printed | None = None
    level: Printed = _USUAL_LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An outcome measured before and after.

    Parameters
    ----------
    name : str
        A short name; ``paper[name]`` gives its `Moments`.
    kind : str
        ``count``, ``score`` or ``binary`` (reported as proportions).
    before, after : Describes
        The reported figures of each window.
    test : PrintedTest, optional
        The paired test.
    change : PrintedChange, optional
        The mean change and its interval, where reported.
    label : str
        What was counted or scored, in words.
    limitation : str
        The register id that speaks of this outcome as a measure.
    """

    name: str
    kind: str
    before: Describes
    after: Describes
    test: PrintedTest | None = None
    change: PrintedChange | None = None
    label: str = ""
    limitation: str = ""

    @property
    def pairs(self) -> int | None:
        """People with both windows: as stated, from the degrees of freedom, or where both n agree."""
        if self.test is not None and self.test.n is not None:
            return self.test.n.count
        if self.test is not None and self.test.statistic == "t" and self.test.df:
            return self.test.df[0].count + 1
        n = [w.n.count for w in (self.before, self.after) if w.n is not None]
        return n[0] if len(n) == 2 and n[0] == n[1] else None

    @property
    def complete(self) -> bool:
        """Whether both windows are reported for the same people as the test."""
        n = [None if w.n is None else w.n.count for w in (self.before, self.after)]
        return n[0] is not None and n[0] == n[1] == self.pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCategory:
    """One category of a description of the sample.

    Parameters
    ----------
    variable, category : str
        What is described, and the paper's category name.
    count, percent : Printed, optional
        As reported.
    missing : bool
        Whether this row counts people of whom it is not known.
    """

    variable: str
    category: str
    count: Printed | None = None
    percent: Printed | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The people.

    Parameters
    ----------
    n : Printed
        How many.
    age : Describes, optional
        Their age.
    age_at : str
        When they had that age, such as "the last recorded offence"; empty for the index date.
    groups : tuple of SampleCategory
        Counts and percentages by category.
    """

    n: Printed
    age: Describes | None = None
    age_at: str = ""
    groups: tuple[SampleCategory, ...] = ()
