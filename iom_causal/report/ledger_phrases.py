"""What pages say of a ledger: its lines, what remains, what would overturn it, and why there is none."""

from collections.abc import Mapping

MEAN_DAYS = (
    ", but this does not rule {} out: days at risk differ between people, and where they are lost through events, as "
    "to custody, sets and worlds know how many days were lost, and not when, so that they guess how far that lowered "
    "the counts before"
)

REMAINS: Mapping[str, str] = {
    "count": "The ratio of {} that remains, if these allowances are right,",
    "score": "The change in {} that remains, in points, if these allowances are right,",
}
"""What of an outcome remains after allowances, by kind."""

LOOKS: Mapping[str, str] = {
    "run-up": (
        ": in {0}, before they were picked, these people had fewer {1} than any way of being picked expects, so that "
        "they look picked at a run-up. No set allows for one: what comes after a run-up comes down by itself, so that "
        "nothing may remain"
    ),
    "none": (
        ": no way of being picked that these sets know expects as many {1} as these people had in {0}, before they "
        "were picked, so that none of the sets need hold and nothing may remain"
    ),
    "count": (
        ": by their {1} in {0}, before they were picked, these people look picked on the count, and not on the rate "
        "behind it as the study states. Then more comes down by chance than the sets hold, so that nothing may remain"
    ),
    "rate": (
        ": by their {1} in {0}, before they were picked, these people look picked on the rate behind the count, and "
        "not on the count as the study states. Then none of the sets that go by the count need hold, and nothing may "
        "remain"
    ),
}
"""How people look picked where windows before contradict what sets go by; of these windows, and the outcome."""
AS_IF: Mapping[str, str] = {
    "run-up": "as if there had been no run-up",
    "none": "as if people had been picked in a way that they know",
    "count": "as if people had been picked as stated",
    "rate": "as if people had been picked as stated",
}
"""On which terms sets of evidence answer all the same."""

NO_WORLDS_BEHIND = (
    "; no worlds with the programme switched off stand behind that: such worlds are made of counts, and here none was "
    "made or none has the means, SDs and correlation of these people, so that it rests on the sets, none of which need "
    "hold"
)
"""Said of a remainder where no null model stands behind the evidence sets."""

LINES: Mapping[str, str] = {
    "count": (
        "Ratios after over before for {}, line by line, with 95% intervals; lines multiply. Where a belief is a range, "
        "the ends of the set and in brackets a 95% interval around it."
    ),
    "score": (
        "Points of {}, after minus before, line by line; lines add up. Where the print leaves the mean before of the "
        "people followed up open, or a belief is a range, the ends of the set and in brackets a 95% interval around "
        "it."
    ),
}
"""What a table of ledger lines shows, by kind."""

REBUILT_LINES: Mapping[str, str] = {
    "count": (
        "The same on rebuilt cohorts, of which the lowest and the highest stand here. From the print, intervals take "
        "counts as normal, and are wider than these."
    ),
    "score": (
        "The same on rebuilt cohorts, in which chance decides who was followed up, so that they span less than the "
        "print allows."
    ),
}
"""What the remainders of rebuilt cohorts show, by kind."""

TIPS = "What would overturn it: one belief at a time, at which nothing remains (in brackets what it is)."
TIP = "{} ({})"
ALONE = "With nothing else allowed for, nothing of the change in {0} remains at {1} {2} (it is taken to be {3})."
"""What a table of tipping values shows."""

SETTINGS: Mapping[str, str] = {
    "detection.ratio": "how much of the same conduct is recorded, after over before",
    "ageing.strength": "ageing, in times the curve by age",
    "ageing.age_offset": "years by which people were older at the index date than recorded",
    "desistance.hazard": "stopping for good, in shares a year",
    "regression_to_mean.persistence": "how far a person’s rate lasts from window to window",
    "history.elasticity": "what changed for everybody, in times",
    "remission.per_month": "points a month by which a high passes",
    "remission.share": "share of a high that passes by itself",
    "attrition.delta": "points by which those lost lie above the prediction",
    "score_regression.sem": "standard error of one score, in points",
    "score_regression.edge_density": "share of people who stand at the cut, per point",
    "regression_to_mean.comparable_mean": "what the pool averages",
    "regression_to_mean.events": "events at which a person was picked",
    "score_error.points_per_event": "points that one more arrest brings",
    "score_error.events_change": "change in arrests that went into the score",
    "score_error.drift_per_year": "points a year by which scoring drifts",
}
"""What a setting holds that a search for tipping values moves."""
IN_CODE = "What was moved until nothing remains, as code names it."
STANDS_FOR = "{} ({}): {}"

REMAINDERS = "What remains of {} after the listed allowances, by what is believed; at the dotted line nothing remains."
REMAINDER_AXIS: Mapping[str, str] = {
    "ratio": "{}: ratio that remains, if these allowances are right",
    "points": "{}: points that remain, if these allowances are right",
}
"""What the remainders are drawn along, by scale."""

WATERFALL: Mapping[str, str] = {
    "count": " per person in a time as long as that observed before, from before to after, each line in proportion to "
    "where the one ahead of it ends.",
    "score": " in points, from before to after.",
}
BOTH_ENDS = "Of a set both ends are drawn: dark where the remainder is lowest, pale where it is highest."
FROM_OTHERS = (
    "{} of the variance that sampling alone brings into what remains under {} comes of the people who were not "
    "managed; the rest is that of the managed people."
)
LEFT_OUT = "Every column also rests on what is left out of it: {}."
LEFT_OUT_OF_SOME = "A column that says “not allowed for” where another allows for something rests on more: {}."

NOT_TOLD = "What was to be expected anyway is not reckoned up line by line for {}: what follows says why."
GROUNDS_FINDING = "Each allowance is right on a condition: it stands here, with where the figures come from."
GROUNDS = "On which condition each allowance is right, where its figures come from, and why they are used."

LINES_OF_PEOPLE: Mapping[str, str] = {
    "count": "Ratios after over before for {}, line by line, with 95% intervals; lines multiply.",
    "score": "Points of {}, after minus before, line by line, with 95% intervals; lines add up.",
}
"""What a table of ledger lines shows, for people."""

NO_PICKING = (
    "For {} no ledger is drawn up: fewer than {} sets of evidence can say what picking alone would have done, and one "
    "answer alone would pass for the answer."
)
PICKING_TELLS = " Where the study says how people were picked (its key selection), more can."
OTHERS_TELL = (
    " How people were picked is stated; what would tell more are people who were not managed, counted in the same "
    "windows (in a study file the keys group and managed, or a file of their own under [study.pool])."
)
PICKING_NOT_READ = (
    "For {} no ledger is drawn up: how people were picked is stated, but these figures cannot be read by it for the "
    "reason that follows, and the study gives nothing else to allow for (ages and the dates of the windows, or "
    "allowances of its own)."
)
COMPETED_LACK = (
    "A rule that takes so many people with the most needs all who competed for the places: in the file, those who were "
    "not taken beside the others, told apart by a column (the keys group and managed)."
)
REST_TELL = (
    " How people were picked is stated; what would tell more of picking alone are the rest of those from whom they "
    "were picked, counted in the same windows. The comparison above does not need them."
)
CUT_IS_STATED = (
    "For {}, {} is not drawn up: the study states that people were picked by a cut on their count, and nothing in the "
    "counts speaks against it, so that they were not picked on the rate behind it."
)
PLACES_ARE_STATED = (
    "For {}, {} is not drawn up: the study states that people were picked for the highest counts, as many as there "
    "were places, and in the data nobody who was not managed stands above a managed person but for ties, so that they "
    "were not picked on the rate behind the count."
)
NOBODY_ELSE = (
    "For {}, {} is not drawn up: everybody in these data was managed. People who were not, counted in the same "
    "windows, would show what becomes of others with as many of them (in a study file the keys group and managed, or a "
    "file of their own under [study.pool])."
)
POOL_SHOWS = (
    "For {}, {} is not drawn up: what became of people who were not managed shows how far rates come and go, so that "
    "no belief about it is needed."
)
FEW_SETS = (
    "For {} no ledger is drawn up: of the sets of evidence fewer than {} fit these figures, and one answer alone would "
    "pass for the answer."
)
NOTHING_ALLOWED = (
    "For {} no ledger is drawn up: this study allows for nothing. It takes how people were "
    "picked (selection), or ages and the dates of the windows, or allowances of the study's own."
)
