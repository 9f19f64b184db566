"""Verbal statements of a published evaluation: differences, counts, shares, sources, claims, themes, limitations."""

from dataclasses import dataclass

from iom_causal.base.specs import check_choice
from iom_causal.published.printed import Printed, PrintedP

EMMIE = ("mechanism", "moderators", "implementation", "economics", "none")
"""Headings under which a theme may be listed."""


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
    p_printed : bool
        Whether that p is reported; else it is inferred from the words, and every sentence says so.
    quote : str
        The statement.
    test_printed : bool
        Whether the paper reports which test this was.
    limitation : str
        The register id that speaks of it.
    """

    name: str
    variable: str
    outcomes: tuple[str, ...]
    p: PrintedP
    quote: str
    p_printed: bool = False
    test_printed: bool = False
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One place where a number, or something else, is stated.

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
    """The number of one group of people, or of anything else, wherever the paper states it.

    Parameters
    ----------
    name : str
        Who, or what.
    statements : tuple of Statement
        Each place.
    reconcile : str
        What would make places that differ agree, where more than the usual is known.
    limitation : str
        The register id that speaks of it.
    """

    name: str
    statements: tuple[Statement, ...]
    reconcile: str = ""
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One matter stated in several places of the paper, which differ or leave something open.

    Nothing is computed: whoever describes the study has read the places beside one another.

    Parameters
    ----------
    name : str
        The matter.
    statements : tuple of Statement
        Each place.
    reconcile : str
        What would make places that differ agree; empty where they do not differ.
    why : str
        What they leave open, where they do not differ.
    limitation : str
        The register id that speaks of it.
    """

    name: str
    statements: tuple[Statement, ...]
    reconcile: str = ""
    why: str = ""
    limitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """So many of so many.

    Parameters
    ----------
    name : str
        Who said or did what.
    count, n : Printed
        As reported.
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
    emmie : {"mechanism", "moderators", "implementation", "economics", "none"}
        The heading of EMMIE under which it is listed; a verdict or a purpose belongs under none.
    """

    group: str
    name: str
    voiced_by: tuple[str, ...]
    bears_on: tuple[str, ...] = ()
    emmie: str = "mechanism"

    def __post_init__(self) -> None:
        check_choice(self.emmie, EMMIE, f"theme {self.name}: emmie")


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
