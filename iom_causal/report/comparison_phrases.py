"""What the pages say of comparisons whatever the figures are: levels, what must hold, and why none is given."""

from collections.abc import Mapping

LEVEL_OF_COMPARISON = (
    "Design: {}: level {} of 5 on the Maryland Scientific Methods Scale. Such a design shows the programme's share if, "
    "and only if, what it takes for granted holds; no figure shows that it does."
)
DESIGNS: Mapping[str, str] = {
    "DiffInDiff": "managed people and others who were not managed, before and after",
    "Matched": "managed people and others like them who were not managed, before and after",
    "EventStudy": "people who entered at different times, beside those who had not entered",
    "InterruptedTimeSeries": "one series of windows, before and after",
    "SyntheticControl": "managed people and a mixture of others who were not managed, before and after",
    "HonestTrends": "managed people and others who were not managed, with unlike trends allowed for",
    "Discontinuity": "people on both sides of a cut, above which they entered",
    "SteppedWedge": "groups of people that entered step by step",
    "Ancova": "managed people and others who were not managed, after, by what they had before",
}
"""What each design is, in words."""
TITLES: Mapping[str, str] = {
    "DiffInDiff": "difference in differences",
    "Matched": "matched difference in differences",
    "EventStudy": "event study",
    "InterruptedTimeSeries": "interrupted time series",
    "SyntheticControl": "synthetic control",
    "HonestTrends": "difference in differences with unlike trends",
    "Discontinuity": "regression discontinuity",
    "SteppedWedge": "stepped wedge",
    "Ancova": "analysis of covariance",
}
"""What each design is called."""
BESIDE_ALIKE = "Beside people who were picked alike and not managed"
BESIDE: Mapping[str, str] = {
    "others": "Beside people who were not managed",
    "course": "Beside their own course before",
    "rule": "Beside those who by the rule of entry were not yet, or not at all, managed",
}
"""With what a design compares, by basis."""
LOTS = "draw by lot"
DESIGN_BY_LOTS = "managed people and others who were not managed, as lots decided"
BESIDE_LOTS = "Beside people of whom lots decided that they were not managed"
LOTS_HOLD = "lots decided who was managed, and those who were not are not changed by that"
"""Of a stepped wedge of one step: what it is called, what it compares, and what must hold."""
SERIES: Mapping[bool, str] = {False: ", alone", True: ", beside others"}
"""Whether a series of windows stands beside that of others."""
NO_LEVELS = "No levels of the two groups are given: what follows says why."
GROUPS_SHOWN = "How groups of people stood before, and how each changed."
NO_CONTRAST = "No comparison is offered for {}: what follows says why."
CARRIED_OF = "For {2}, these data hold what {0} of {1} designs need that compare with something{3}."
OF_THESE = ", of which {} may be offered as showing the programme’s share"
HIGH: Mapping[str, str] = {
    "count": "many {}",
    "amount": "much {}",
    "score": "a high {}",
    "binary": "{}",
}
"""For what people are picked at a high point, by kind of outcome."""
TOO_WIDE = (
    "For {0}, the {1} is not given: over windows as many and as short as these, its limits are so wide that they tell "
    "nothing. A study may ask for it, best with windows put together."
)
COMPARED_WITH: Mapping[bool, str] = {
    True: (
        "The others were picked as the managed people were, as the study states or as the cut that it states shows, "
        "so that what picking alone does is the same in both."
    ),
    False: (
        "How the others came not to be managed is not stated. Where managed people were picked for {1} and the "
        "others were not, managed people come down by themselves and the others do not, and the comparison takes that "
        "for the programme’s."
    ),
}
"""How comparison people were selected."""
WERE_BEFORE = "Before{0}, managed people had a mean of {1} and the others of {2} {3}: {4} standard deviations apart."
ONE_SCALE = (
    "Levels before differ by more than a tenth, so that only one of a ratio and a difference can be right where "
    "without the programme both groups would have gone the same way."
)
WITHHELD_CONTRAST: Mapping[str, str] = {
    "few": (
        "No comparison is given for {0}: too few managed people, or too few who were not managed, have every window "
        "before."
    ),
    "selected": (
        "People who were not managed are no comparison for {0}: managed people were picked by a rule, as the study "
        "states, and these are the rest of those from whom they were picked. People who are picked for {1} come "
        "down by themselves and the rest do not, so that a comparison of the two changes would count that as the "
        "programme’s."
    ),
    "apart": (
        "People who were not managed are no comparison for {0} as things stand: so far apart before, the two groups "
        "differ in how they came to be there. If managed people were picked for {1}, they come down by themselves "
        "and the others do not, and a comparison of the two changes would count that as the programme’s."
    ),
    "series": (
        "The course of {0} before tells nothing of what would have come after: people were picked for {1}, as the "
        "study states, and those who are picked at a high point come down by themselves."
    ),
    "unstated": (
        "The study does not say how people were picked. If they entered when they had {1}, they come down by "
        "themselves, and a comparison with their own course before, or with people who had not entered yet, would "
        "count that as the programme’s: what such a comparison shows for {0} leads nothing here."
    ),
    "stated_below": (
        "People who were not managed are no comparison for {0} as things stand: the study states that they were picked "
        "as the managed were (the key selected) and by which cut (the key selection), and most of them do not reach "
        "that cut. The two statements and the figures do not agree, and one of the three has to be put right."
    ),
    "stated_apart": (
        "People who were not managed are no comparison for {0} as things stand: the study states that they were picked "
        "as the managed were (the key selected), and the figures do not agree with that. People whom one rule picks "
        "have like means before, up to chance, and these are further apart than chance often brings about."
    ),
    "cut_apart": (
        "People who were not managed are no comparison for {0} as things stand: all of them reach the cut that the "
        "study states (the key selection), as if they had been picked alike, and the figures do not agree with that. "
        "People whom one rule picks have like means before, up to chance, and these are further apart than chance "
        "often brings about."
    ),
}
"""Why a contrast is not offered."""
STATE_IT: Mapping[str, str] = {
    "selected": (
        "If these were picked by the same rule (another force, a waiting list), the study can say so: the key selected."
    ),
    "apart": (
        "The study can say how people were picked (the key selection), and of others whether they were picked alike "
        "(selected)."
    ),
    "unstated": ("The study can say how people were picked (the key selection), and so that it was not for {1}."),
}
"""What a study file can state, where a contrast is not offered."""
LEDGER_READS = (
    "What picking alone does is read from them in the ledger below ({}), which takes it out of the change; nothing "
    "else on this page does."
)
MATCHED_ON = "For the matched comparison of {0}, people were matched on {1}."
FURTHER_APART = (
    "Matching took the two groups further apart in {0}: from {1} standard deviations before it to {2} after."
)
CONTRASTS = "Estimates against a comparison, each with its interval, its people and its level on the Maryland scale."
PRE_TREND: Mapping[bool, str] = {
    True: (
        "In the windows before, groups went apart by more than chance often brings about ({0}): what must hold after "
        "did not hold then."
    ),
    False: (
        "In the windows before, nothing shows that groups went apart ({0}), which is not to say that they went alike."
    ),
}
"""What windows before say of groups, by whether they differ."""
AT_THE_CUT = ", for people at the cut"
PICTURE = "{} of {}: {}."
SIDE_BY_SIDE = (
    "What came to what was to be expected, by each design, with its interval; the dotted line is no difference."
)
MUST_HOLD = "What must hold for each of these to be the programme’s share, and no figure shows:"
GROUPS_CHANGED = "From before to after {0} of managed people changed by the ratio {1}, and those of the others by {2}."
NOT_OFFERED = "not the programme’s share: see above"
DESIGNS_TABLE = "Designs for {}: what must hold for each to show the programme’s share, and what the data lack."
CARRIED = "nothing"
OVERTURNED = "What the comparison for {1} shows is off as far as it is not so that {0}: in either direction."
TAKEN_FOR_GRANTED = "Whether {}: the comparison for {} takes that for granted, and no figure shows it."

LEVELS = "{0} of each group before and after, with everybody who has every window."
LEVELS_WENT = "Mean {0} of managed people went from {1} before to {2} after, that of the others from {3} to {4}."
LEVELS_ALONE = "Levels say how far apart the groups were and where each went, and not why."

GROUPS = "{0} of managed people by {1}: before, after, and from before to after."
NOT_GIVEN = "not given"
CHANGED: Mapping[bool, str] = {True: "change", False: "after over before"}
"""What the change of a group is, by whether means or ratios are compared."""
GROUP_TOO_FEW = "For {0}, {1} is not given: a group has too few people."
GROUPS_OF_STARTS = (
    "For {0}, {1} is not given: people entered at different times, so that there is no one change from before to after."
)
GROUPS_NOT_KNOWN = "For {0} by {1}, people of whom {1} is not known are not compared."
GROUPS_LEFT_OUT = (
    "For {0} by {1}, the smallest groups are left out: one of them has too few people, and from all others it could be "
    "worked out."
)
NOTHING_SHOWS = ": nothing shows that they differ, which is not to say that they do not."
LEVELS_DIFFER: Mapping[str, str] = {
    "ratio": "Before, {outcome} of {second} ({by}) were {value} times those of {first} ({ends})",
    "difference": "Before, the mean {outcome} of {second} ({by}) was {value} from that of {first} ({ends})",
}
"""How two groups stood before, by scale."""
CHANGES_DIFFER: Mapping[str, str] = {
    "ratio": "The ratio after over before of {outcome} of {second} was {value} times that of {first} ({ends})",
    "difference": "The change in {outcome} of {second} was {value} from that of {first} ({ends})",
}
"""How the changes of two groups differ, by scale."""
BEFORE, CHANGE = "levels of {} before", "changes of {}"
SPREAD = "Over the groups by {1}, {0} differ as chance alone would make them with {2}."
BY_CHANCE = (
    "These are {} comparisons, of which one in twenty shows a difference by chance alone; groups may also differ in "
    "how they were picked."
)
