"""The register of threats to validity that such an evaluation must face: what each can do, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from iom_causal.base.specs import FrozenMap, nearest
from iom_causal.confounds import CONFOUNDS
from iom_causal.errors import SpecError

COUNTS, SCORES, INTERVIEWS, GAPS = "counts", "scores", "interviews", "gaps"
NEEDS = ("", COUNTS, SCORES, INTERVIEWS, GAPS)
"""Conditions of a study for a point to arise: anything, counts of events, a score, interviews, or missing values."""


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
    scenario : str
        The simulation that contains it, or why there can be none.
    example : str
        The example that asks it of the paper, or of a study of one's own.
    sentence : str
        What a report says of it when nothing more is known.
    needs : str
        What a study must hold for it to arise, one of `NEEDS`.
    lowers, raises : str
        What of it lowers or raises what is recorded after, so that a fall looks larger or smaller, and a rise the
        other way; empty where nothing does.
    weakens : str
        What of it makes any change look smaller than the programme's share.
    either_way : str
        What of it can work either way.
    """

    id: str
    point: str
    scenario: str
    example: str
    sentence: str
    needs: str = ""
    lowers: str = ""
    raises: str = ""
    weakens: str = ""
    either_way: str = ""

    @property
    def confounds(self) -> tuple[str, ...]:
        """The names of the confounds that speak to it, as these say; empty where none can."""
        return tuple(sorted(c.__name__ for c in CONFOUNDS if self.id in c.ids))


def _scenario(name: str) -> str:
    return f"simulate/scenarios/{name}.toml"


def _example(name: str) -> str:
    return f"examples/sensitivity/{name}.py"


_POINTS = (
    Point(
        id="c01",
        point="other changes in services and in the people managed over the same period",
        scenario=_scenario("history"),
        example=_example("c01_other_changes"),
        sentence=(
            "Other changes over the same period are in the count; an outside series takes out what everybody saw, "
            "and shocks to this cohort alone stay in."
        ),
        either_way="other changes over the same period",
    ),
    Point(
        id="c02",
        point="no comparison group; one that differs only in the intervention is hard to find",
        scenario=_scenario("comparison-cohort"),
        example=_example("c02_no_comparison_group"),
        sentence=(
            "Nothing in one group before and after can stand in for people who were not managed; a cohort picked by "
            "the same rule elsewhere or earlier would."
        ),
    ),
    Point(
        id="c03",
        point="what is recorded, such as arrests, is a proxy for what people do",
        scenario=_scenario("detection"),
        example=_example("c03_records_and_conduct"),
        sentence=(
            "Figures are about what is recorded; for what people do they hold only if the chance of a record stayed "
            "the same."
        ),
        needs=COUNTS,
    ),
    Point(
        id="c04",
        point="detection both ways: reluctance to act or record, and closer watching",
        scenario=_scenario("detection"),
        example=_example("c04_detection_both_ways"),
        sentence=(
            "A change in the chance that the same conduct is recorded moves the count either way, and the counts do "
            "not tell by how much."
        ),
        needs=COUNTS,
        lowers="officers reluctant to act against people they manage",
        raises="close supervision that detects more",
    ),
    Point(
        id="c05",
        point="the curve of rates by age",
        scenario=_scenario("ageing"),
        example=_example("c05_ageing"),
        sentence=(
            "People are older after than before by the time between the middles of the windows; curves of rates by "
            "age of the study’s own era say what that alone is worth."
        ),
        lowers="ageing",
    ),
    Point(
        id="c06",
        point="changes of lifestyle unrelated to the programme",
        scenario=_scenario("desistance"),
        example=_example("c06_stopping_anyway"),
        sentence=(
            "Some people stop anyway; how many is a belief, taken from people followed without a programme, and part "
            "of it is already in a curve of rates by age."
        ),
        lowers="changes of lifestyle unrelated to the programme",
    ),
    Point(
        id="c07",
        point="a risk measure without a study of its validity or reliability",
        scenario=_scenario("score-error"),
        example=_example("c07_an_unvalidated_score"),
        sentence=(
            "Without the score’s reliability and its making, a change of the mean can come from drift or from the "
            "events that it is built from, and one person’s change may be chance."
        ),
        needs=SCORES,
        lowers="an unreliable score (if people were picked at a high one)",
    ),
    Point(
        id="c08",
        point="women and men: where numbers are similar, mechanisms may still differ",
        scenario=_scenario("women-and-men"),
        example=_example("c08_women_and_men"),
        sentence=(
            "Small numbers of women leave wide room for a difference from men; similar numbers say nothing of "
            "similar mechanisms, and nothing here can inform this."
        ),
    ),
    Point(
        id="c09",
        point="the interventions that people received are unknown",
        scenario=_scenario("engagement"),
        example=_example("c09_unknown_interventions"),
        sentence=(
            "Which interventions people received is not recorded, so components cannot be told apart; only which "
            "mixtures would print the same total can be said."
        ),
    ),
    Point(
        id="c10",
        point="engagement: people who choose to change, and enforcement for the others",
        scenario=_scenario("engagement"),
        example=_example("c10_engagement"),
        sentence=(
            "People who engage chose to; a comparison of them with the others is a comparison of people, and the "
            "pooled change is a mixture of both."
        ),
    ),
    Point(
        id="c11",
        point="lengths of follow-up differ between studies",
        scenario=_scenario("follow-up"),
        example=_example("c11_lengths_of_follow_up"),
        sentence=(
            "If what a programme does builds up or fades, follow-ups of 6, 12 and 18 months show different ratios; "
            "they can be said again for one length under a stated course."
        ),
    ),
    Point(
        id="c12",
        point="people who volunteer for an interview may hold better views",
        scenario="none can exist: interviews do not enter any count or score",
        example=_example("c12_volunteers_for_interviews"),
        sentence=(
            "Interviews show which views exist, not how common they are; they bear on no figure here, and nothing "
            "here can inform this."
        ),
        needs=INTERVIEWS,
    ),
    Point(
        id="u1",
        point="regression to the mean, from picking people at a high or a low point",
        scenario=_scenario("regression-to-the-mean"),
        example=_example("u1_regression_to_the_mean"),
        sentence=(
            "People picked at a high point fall without any programme, and at a low point rise; by how much depends on "
            "how they were picked, which is rarely printed."
        ),
        lowers="regression to the mean (if they were picked at a high point)",
        raises="regression to the mean (if they were picked at a low point)",
    ),
    Point(
        id="u2",
        point="time in custody, when nothing is recorded",
        scenario=_scenario("custody"),
        example=_example("u2_time_in_custody"),
        sentence=(
            "Nothing is recorded of people in custody; with its dates there are two answers, the rate at liberty and "
            "the total, and without them only bounds."
        ),
        needs=COUNTS,
        lowers="more time in custody after",
        raises="less time in custody after",
    ),
    Point(
        id="u3",
        point="people without a follow-up",
        scenario=_scenario("attrition"),
        example=_example("u3_people_without_follow_up"),
        sentence=(
            "The change among people followed up need not be that of all; without a supposition about the missing "
            "only bounds hold."
        ),
        needs=GAPS,
        either_way="missing follow-up",
    ),
    Point(
        id="u4",
        point="events that supervision itself creates: breach and recall",
        scenario=_scenario("breach"),
        example=_example("u4_breach_and_recall"),
        sentence=(
            "Some events after exist only because people were supervised; flags on the record would separate them, "
            "and without flags their share is a belief."
        ),
        needs=COUNTS,
        raises="breaches and recalls that supervision itself creates",
    ),
    Point(
        id="u5",
        point="before was not without management",
        scenario=_scenario("part-exposure"),
        example=_example("u5_management_before"),
        sentence=(
            "People were managed before in another way, so the contrast is with what these people would otherwise "
            "have received, not with nothing."
        ),
        weakens="management that existed before",
    ),
    Point(
        id="u6",
        point="who could be in the extract: removed, de-selected or in long custody at its date",
        scenario=_scenario("extract"),
        example=_example("u6_who_is_in_the_extract"),
        sentence=(
            "People who were picked and are not in the extract are not in any figure; how far they could move it "
            "follows from their share and their own change, both of them beliefs."
        ),
        either_way="people who were de-selected or are not in the extract",
    ),
    Point(
        id="u7",
        point="part exposure: the date of introduction opens the window, not each person’s entry",
        scenario=_scenario("part-exposure"),
        example=_example("u7_late_entry"),
        sentence=(
            "Time before a person’s own entry counts as time after; the ratio of everybody then lies nearer to one "
            "than the ratio for time under management."
        ),
        weakens="people who entered late in the window",
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
    ('RegressionToMean', 'Remission', 'ScoreRegression')
    """
    if key not in REGISTER:
        raise SpecError("IOM-E093", f"register: {key!r} is not known; {nearest(key, REGISTER)}")
    return REGISTER[key]
