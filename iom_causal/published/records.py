"""What a published evaluation prints, record by record; every number stays as its printed text."""

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
        As printed; `low` and `high` are the minimum and maximum.
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
    """A printed effect size.

    Parameters
    ----------
    symbol : str
        The kind that the print claims: ``r``, ``r_squared``, ``dz``, ``drm``, ``dav``, ``glass_pre``, ...;
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
    """A printed test.

    Parameters
    ----------
    statistic : str
        ``t``, ``F``, ``chi2``, ``z`` or ``r``.
    value : Printed
        The statistic.
    df : tuple of Printed
        Its degrees of freedom, in printed order.
    p : PrintedP, optional
        The p-value.
    tails : Printed
        ``"2"`` unless the paper says one-sided.
    n : Printed, optional
        People in the test, where the paper says so.
    name : str
        What was tested, for a test that stands alone.
    effect_size : PrintedEffectSize, optional
        The effect size printed with it.
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
    """A printed mean change with its interval, in the contrast that the study declares.

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
        ``count``, ``score`` or ``binary`` (printed as proportions).
    before, after : Describes
        What is printed of each window.
    test : PrintedTest, optional
        The paired test.
    change : PrintedChange, optional
        The mean change and its interval, where printed.
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
        """Whether both windows are printed for the same people as the test."""
        n = [None if w.n is None else w.n.count for w in (self.before, self.after)]
        return n[0] is not None and n[0] == n[1] == self.pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One category of a description of the sample.

    Parameters
    ----------
    variable, category : str
        What is described, and the paper's category name.
    count, percent : Printed, optional
        As printed.
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
    groups : tuple of Group
        Counts and percentages by category.
    """

    n: Printed
    age: Describes | None = None
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """A statement that two groups did not differ.

    Parameters
    ----------
    name : str
        What distinguishes the groups.
    variable : str
        The variable of `Sample.groups` whose two categories are compared.
    outcomes : tuple of str
        The outcomes that it is about.
    p : PrintedP
        The p-value that the statement implies.
    quote : str
        The statement.
    test_printed : bool
        Whether the paper prints which test this was.
    limitation : str
        The register id that speaks of it.
    """

    name: str
    variable: str
    outcomes: tuple[str, ...]
    p: PrintedP
    quote: str
    test_printed: bool = False
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One place where a number of people is stated.

    Parameters
    ----------
    quote : str
        The paper's own words; leave empty if they are only summarised in `says`.
    says : str
        What is stated there, in other words.
    count : Printed, optional
        The number stated.
    parts : tuple of Printed
        Numbers that add up to it, such as women and men.
    at_least : Printed, optional
        A numbered label that implies this many, if labels run from 1.
    """

    quote: str = ""
    says: str = ""
    count: Printed | None = None
    parts: tuple[Printed, ...] = ()
    at_least: Printed | None = None

    @property
    def lowest(self) -> int:
        """The smallest number that the statement allows."""
        if self.count is not None:
            return self.count.count
        return sum(p.count for p in self.parts) if self.parts else self.at_least.count if self.at_least else 0

    @property
    def open_above(self) -> bool:
        """Whether more people would agree with it too."""
        return self.count is None and not self.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The number of one group of people, wherever the paper states it.

    Parameters
    ----------
    name : str
        Who.
    statements : tuple of Statement
        Each place.
    limitation : str
        The register id that speaks of it.
    """

    name: str
    statements: tuple[Statement, ...]
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """So many of so many.

    Parameters
    ----------
    name : str
        Who said or did what.
    count, n : Printed
        As printed.
    source : str
        Empty for the paper's own people; otherwise the work that it cites.
    limitation : str
        The register id that speaks of it.
    """

    name: str
    count: Printed
    n: Printed
    source: str = ""
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One group of a cited evaluation.

    Parameters
    ----------
    label : str
        The group.
    percent : Printed, optional
        The share with the outcome at follow-up.
    change_percent : Printed, optional
        The change from before to after, in percent.
    n : Printed, optional
        People in the group.
    """

    label: str
    percent: Printed | None = None
    change_percent: Printed | None = None
    n: Printed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Another evaluation that the paper cites.

    Parameters
    ----------
    name, reference : str
        What it is called, and who published it.
    measure, follow_up : str
        What was measured, and over what time.
    arms : tuple of Arm
        Its groups.
    formed : str
        How the groups came about: ``before`` (fixed before anything was given) or ``after`` (by what people
        took up).
    limitation : str
        The register id under which the paper discusses it.
    """

    name: str
    measure: str
    follow_up: str
    arms: tuple[Arm, ...]
    reference: str = ""
    formed: str = "before"
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence by which the authors read their numbers.

    Parameters
    ----------
    id : str
        A short name.
    quote : str
        The authors' own words, briefly; leave empty if they are only summarised in `says`.
    says : str
        What they say, in other words.
    rests_on : str
        Which check speaks to it: ``label``, ``order``, ``ageing``, ``follow_up``, ``programme``,
        ``no_difference`` or ``other``.
    subject : str
        The outcome, subgroup or cited evaluation that it is about.
    benchmark : Printed, optional
        For ``ageing``: the lowest ratio after/before that ageing alone is known to give over the same span.
    benchmark_source : str
        Where that comes from.
    hedge : str
        The authors' own reservation, in their words.
    limitation : str
        The register id that speaks of it.
    """

    id: str
    rests_on: str
    quote: str = ""
    says: str = ""
    subject: str = ""
    benchmark: Printed | None = None
    benchmark_source: str = ""
    hedge: str = ""
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme of interviews: a view voiced, never evidence of what a programme does.

    Parameters
    ----------
    group, name : str
        The superordinate theme and the theme.
    voiced_by : tuple of str
        Who voiced it.
    bears_on : tuple of str
        Register ids that it speaks to.
    """

    group: str
    name: str
    voiced_by: tuple[str, ...]
    bears_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """A point that the authors flag, or that the design always carries.

    Parameters
    ----------
    id : str
        The register id.
    text : str
        The point.
    named_by : str
        ``authors`` or ``design``.
    """

    id: str
    text: str
    named_by: str
