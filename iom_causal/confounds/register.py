"""The register: every point that such an evaluation must face, and what this package does about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iom_causal.errors import SpecError
from iom_causal.specs import FrozenMap, nearest

if TYPE_CHECKING:
    import pandas as pd

DOES = ("adjust", "bound", "state")
"""What can be done about a point: allow for it, say how far it could reach, or say that nothing informs it."""

NO_THEME = "no theme speaks to it"
_EXAMPLE = "examples/ledger_from_print.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the register.

    Parameters
    ----------
    id : str
        c for points that the authors of the first study raise themselves, u for those that every design of this
        kind carries.
    point : str
        What may be at work.
    confounds : tuple of str
        The classes that speak to it; empty where none can.
    does : {"adjust", "bound", "state"}
        What the package does about it.
    themes : tuple of str
        Themes of the first study's interviews that speak to it: views voiced, for that study's report only.
    example : str
        The example that shows it.
    scenario : str
        The simulated world that has it, or why there can be none.
    sentence : str
        What a report says of it when nothing more is known.
    """

    id: str
    point: str
    confounds: tuple[str, ...]
    does: str
    themes: tuple[str, ...]
    example: str
    scenario: str
    sentence: str


def _scenario(name: str) -> str:
    return f"simulate/scenarios/{name}.toml"


_POINTS = (
    Point(
        id="c01",
        point="other changes in services and in the people managed over the same period",
        confounds=("History", "Season"),
        does="adjust",
        themes=("changes in probation",),
        example=_EXAMPLE,
        scenario=_scenario("history"),
        sentence=(
            "Other changes over the same period are in the count; an outside series takes out what everybody saw, "
            "and shocks to this cohort alone stay in."
        ),
    ),
    Point(
        id="c02",
        point="no comparison group; one that differs only in the intervention is hard to find",
        confounds=("History",),
        does="state",
        themes=(NO_THEME,),
        example="examples/comparison_cohort.py",
        scenario=_scenario("comparison-cohort"),
        sentence=(
            "Nothing in one group before and after can stand in for people who were not managed; a cohort picked by "
            "the same rule elsewhere or earlier would."
        ),
    ),
    Point(
        id="c03",
        point="arrests are a proxy for offending",
        confounds=("Detection",),
        does="bound",
        themes=("close supervision/monitoring", "being involved in arrests of managed people"),
        example=_EXAMPLE,
        scenario=_scenario("detection"),
        sentence="Figures are about arrests; for offences they hold only if the chance of an arrest stayed the same.",
    ),
    Point(
        id="c04",
        point="detection both ways: reluctance to arrest, and closer watching",
        confounds=("Detection",),
        does="bound",
        themes=("being involved in arrests of managed people", "close supervision/monitoring"),
        example=_EXAMPLE,
        scenario=_scenario("detection"),
        sentence=(
            "A change in the chance of an arrest for the same conduct moves the count either way, and counts of "
            "arrests do not tell by how much."
        ),
    ),
    Point(
        id="c05",
        point="the curve of offending by age",
        confounds=("Ageing",),
        does="adjust",
        themes=(NO_THEME,),
        example=_EXAMPLE,
        scenario=_scenario("ageing"),
        sentence=(
            "People are older after than before by the time between the middles of the windows; curves of rates by "
            "age of the study’s own era say what that alone is worth."
        ),
    ),
    Point(
        id="c06",
        point="changes of lifestyle unrelated to the programme",
        confounds=("Desistance",),
        does="bound",
        themes=("offenders choosing to change", "addressing lifestyle factors", "addressing triggers"),
        example=_EXAMPLE,
        scenario=_scenario("desistance"),
        sentence=(
            "Some people stop anyway; how many is a belief, taken from people followed without a programme, and part "
            "of it is already in a curve of rates by age."
        ),
    ),
    Point(
        id="c07",
        point="a risk measure without a study of its validity or reliability",
        confounds=("ScoreError", "ScoreRegression"),
        does="bound",
        themes=(NO_THEME,),
        example="examples/risk_score.py",
        scenario=_scenario("score-error"),
        sentence=(
            "Without the score’s reliability and its making, a fall of the mean can come from drift or from the "
            "arrests that it is built from, and one person’s change may be chance."
        ),
    ),
    Point(
        id="c08",
        point="women and men: where numbers are similar, mechanisms may still differ",
        confounds=(),
        does="state",
        themes=("individual/tailored response",),
        example="examples/women_and_men.py",
        scenario=_scenario("women-and-men"),
        sentence=(
            "Small numbers of women leave wide room for a difference from men; similar numbers say nothing of "
            "similar mechanisms, and nothing here can inform this."
        ),
    ),
    Point(
        id="c09",
        point="the interventions that people received are unknown",
        confounds=("Engagement",),
        does="state",
        themes=("addressing lifestyle factors", "addressing triggers", "providing support"),
        example="examples/engagement_mixture.py",
        scenario=_scenario("engagement"),
        sentence=(
            "Which interventions people received is not recorded, so components cannot be told apart; only which "
            "mixtures would print the same total can be said."
        ),
    ),
    Point(
        id="c10",
        point="engagement: people who choose to change, and enforcement for the others",
        confounds=("Engagement",),
        does="bound",
        themes=("importance of engagement", "offenders choosing to change", "trust and rapport"),
        example="examples/engagement_mixture.py",
        scenario=_scenario("engagement"),
        sentence=(
            "People who engage chose to; a comparison of them with the others is a comparison of people, and the "
            "pooled change is a mixture of both."
        ),
    ),
    Point(
        id="c11",
        point="lengths of follow-up differ between studies",
        confounds=("FollowUp",),
        does="adjust",
        themes=("contact levels",),
        example="examples/follow_up_lengths.py",
        scenario=_scenario("follow-up"),
        sentence=(
            "If what a programme does builds up or fades, follow-ups of 6, 12 and 18 months show different ratios; "
            "they can be said again for one length under a stated course."
        ),
    ),
    Point(
        id="c12",
        point="people who volunteer for an interview may hold better views",
        confounds=(),
        does="state",
        themes=("questioning of effectiveness", "IOM is effective"),
        example="examples/paper.py",
        scenario="none can exist: interviews do not enter any count or score",
        sentence=(
            "Interviews show which views exist, not how common they are; they bear on no figure here, and nothing "
            "here can inform this."
        ),
    ),
    Point(
        id="u1",
        point="regression to the mean from picking people with many arrests",
        confounds=("RegressionToMean", "ScoreRegression"),
        does="adjust",
        themes=(NO_THEME,),
        example=_EXAMPLE,
        scenario=_scenario("regression-to-the-mean"),
        sentence=(
            "People picked at a high point fall without any programme; by how much depends on how they were picked, "
            "which is rarely printed."
        ),
    ),
    Point(
        id="u2",
        point="time in custody: no arrests while locked up",
        confounds=("Custody",),
        does="adjust",
        themes=(NO_THEME,),
        example="examples/custody_two_answers.py",
        scenario=_scenario("custody"),
        sentence=(
            "Nobody is arrested while in custody; with dates of custody there are two answers, the rate at liberty "
            "and the total, and without them only bounds."
        ),
    ),
    Point(
        id="u3",
        point="people without a follow-up",
        confounds=("Attrition",),
        does="bound",
        themes=("contact levels",),
        example="examples/missing_scores.py",
        scenario=_scenario("attrition"),
        sentence=(
            "The change among people followed up need not be that of all; without a supposition about the missing "
            "only bounds hold."
        ),
    ),
    Point(
        id="u4",
        point="arrests that supervision itself creates: breach and recall",
        confounds=("Breach",),
        does="bound",
        themes=("conflict with the offender", "being involved in arrests of managed people"),
        example=_EXAMPLE,
        scenario=_scenario("breach"),
        sentence=(
            "Some arrests after exist only because people were supervised; flags on the record would separate them, "
            "and without flags their share is a belief."
        ),
    ),
    Point(
        id="u5",
        point="before was not without management",
        confounds=("PartExposure",),
        does="state",
        themes=("differing approaches",),
        example="examples/part_exposure.py",
        scenario=_scenario("part-exposure"),
        sentence=(
            "People were managed before in another way, so the contrast is with what these people would otherwise "
            "have received, not with nothing."
        ),
    ),
    Point(
        id="u6",
        point="who could be in the extract: removed, de-selected or in long custody at its date",
        confounds=("Attrition",),
        does="bound",
        themes=(NO_THEME,),
        example="examples/missing_scores.py",
        scenario=_scenario("extract"),
        sentence=(
            "People who were picked and are not in the extract are not in any figure; how far they could move it "
            "follows from their share and their own change, both of them beliefs."
        ),
    ),
    Point(
        id="u7",
        point="part exposure: the date of introduction opens the window, not each person’s entry",
        confounds=("PartExposure",),
        does="adjust",
        themes=("contact levels",),
        example="examples/part_exposure.py",
        scenario=_scenario("part-exposure"),
        sentence=(
            "Time before a person’s own entry counts as time after; the ratio of everybody then lies nearer to one "
            "than the ratio for time under management."
        ),
    ),
)

REGISTER: Mapping[str, Point] = FrozenMap({point.id: point for point in _POINTS})
"""Every point by its id."""


def point(key: str) -> Point:
    """Return one point of the register.

    Raises
    ------
    SpecError
        IOM-E093 for an id that is not in it.

    Examples
    --------
    >>> point("u1").confounds
    ('RegressionToMean', 'ScoreRegression')
    """
    if key not in REGISTER:
        raise SpecError("IOM-E093", f"register: {key!r} is not known; {nearest(key, REGISTER)}")
    return REGISTER[key]


def table() -> "pd.DataFrame":
    """Return the register as a table, one row a point."""
    import pandas as pd  # noqa: PLC0415 slow to load

    rows = [
        {
            "id": p.id,
            "point": p.point,
            "confounds": ", ".join(p.confounds) or "nothing here can inform this",
            "does": p.does,
            "themes": "; ".join(p.themes),
            "example": p.example,
            "scenario": p.scenario,
            "sentence": p.sentence,
        }
        for p in _POINTS
    ]
    return pd.DataFrame(rows)
