"""What pages say of how strong something that was not measured would have to be, and of where those lost stand."""

from collections.abc import Mapping

SENSITIVITY_FINDING = (
    "How strong something that was not measured would have to be is given below; whether it was, no figure tells."
)
FRONTIER_FINDING = "All of the change in {0} would be accounted for, if {1}, with {2}: {3}."
FRONTIER_NONE = "No combination of beliefs accounts for all of the change in {0}, under {1}."
FRONTIER_ALL = (
    "All of the change in {0}, or more of it, was to be expected already under {1}: nothing would have to be otherwise."
)
ALREADY = "{0}: all of the change, or more of it, was to be expected already, as these allowances stand"
FRONTIER_AT_ONCE = "What is believed as it is accounts for all of the change in {0}, if {1}."
FRONTIERS = (
    "The least that would have to be otherwise, all beliefs of a set moved together, for nothing to remain. What is "
    "not named stays close to what is believed."
)
FRONTIER_HEADS = ("if", "of", "nothing remains with", "how far that is from what is believed")
FRONTIER_FIGURE = (
    "The least that would have to be otherwise to account for all of the change in {}, if {}: each dark bar is how far "
    "one belief would have to move from its middle, before a pale one that holds 95% of what is believed of it, or "
    "all of a range."
)
FRONTIER_ALT = "{}: {}, believed {}, a bar to {}"
NO_COMBINATION = "no combination that these beliefs hold possible"
AT = "{} at {} (believed: {})"
RARITY = (
    "{} combinations are as far out in that direction, either way, if these beliefs are right and independent of one "
    "another"
)
AS_BELIEVED = "what is believed as it is"
FURTHEST = "{} values are as far out as the furthest of them, if that belief is right"
WELL_WITHIN = "well within what is believed"
INSIDE = "inside the ranges that are believed"
"""What a combination of beliefs at which nothing remains is, and how far out."""

CANNOT_MOVE = "{}: these data do not let it be moved"
"""What is said of a setting of which no other value gives an answer, such as drift a year over windows of no length."""
NOT_MOVED = "{} is left out: {}."
WHY_NOT_MOVED: Mapping[str, str] = {
    "unread": "it is not known before and after for all people together",
    "few": "it is of too few people for anything to be said",
    "no change": "no mean before and after of the same people is known of it",
    "no set": "these sets of evidence cannot use it",
}
"""Why an outcome is not moved."""
CURVES_DRAWN = (
    "Along settings that are moved, figures of people are drawn (--out) and not listed: from such a list more could be "
    "read than the report gives."
)

NO_REGRESSION_IN_IT = (
    "nothing is taken out for regression to the mean (u1): where people were picked because of high numbers, the fall "
    "that comes by itself is in what remains"
)
"""Of a set of evidence in the text of sensitivity."""
NO_SUMMARY = (
    "None of these sums up the rest: picking, ageing and a change of what is recorded are changes to be expected, "
    "which the ledger takes out, while what no ledger holds is mostly a cause that came to some people and not to "
    "others. How strong such a cause is in fact, the data do not tell."
)
OUTSIDE = (
    "How strong something that no allowance holds would have to be. Each answer speaks to the points of the register "
    "that are named, and is silent on all others."
)
OUTSIDE_HEADS = ("question", "answer", "speaks to")
ONE_CAUSE = "one cause that nobody measured"
STRENGTH_OF_ONE = "tied to the time and to the outcome by a ratio of {} each it could be all of the change; {}"
SEVERAL_BIASES = "several biases at once"
STRENGTH_OF_EACH = (
    "a cause, who was followed up and what was recorded, each by a ratio of {}, could together be all of the change; {}"
)
INTERVAL_AT = "by {} each the interval reaches none"
INTERVAL_AS_IT_IS = "the interval reaches none as it is"
ORDER_OF_WINDOWS = "the order of a person’s windows"
ORDER = "hidden bias would have to make it {} times as likely that a person’s larger value fell {}"
ORDER_NONE = "no bias is needed: the change is within what chance alone does"
EARLIER_DATES = "the same rule at earlier dates"
DATES_INSIDE = (
    "from the window that the rule reads to the next, {} earlier dates lead one to expect {} ({} to {}) without the "
    "programme; observed was {}, inside that, and a fall to {} of what is expected would mostly have shown"
)
DATES_OUTSIDE = (
    "from the window that the rule reads to the next, {} earlier dates lead one to expect {} ({} to {}) without the "
    "programme; observed was {}, outside that, and what else began then is in it (a fall to {} of what is expected "
    "would mostly have shown)"
)
EARLIER_FIGURE = (
    "Changes in {} of people picked by the same rule at earlier dates, when nobody was managed, beside the real one."
)
"""What the section on sensitivity says."""

WHERE_LOST = "How far {} changed among everybody rests on where those without a later score stand."
EVERYBODY = "The change of everybody, lost to follow-up or not"
EVERYBODY_IN = "The change in {} of everybody, lost to follow-up or not"
LOST_IN_MODEL = (
    "One model takes everybody in: people without a later score still say where all began. Before the data a mean "
    "change of up to five SDs of the first scores either way was taken as possible. Nothing in the data tells where "
    "those lost stand; the rows take them to be in one place after another."
)
AS_A_LINE_PREDICTS = (
    "Where the scores that are there predict is also where a first score predicts by a line, as people without a later "
    "score are treated in a section of their own: another method for the same question, and each figure is rounded by "
    "itself."
)
BY_WHERE_LOST_STAND = "Mean change in {} among all people, in points, by where those without a later score stand."
SETS_OVER_OPEN = (
    "The mean before of those followed up is not printed: each figure runs over all that the print allows, and each "
    "interval lies around that."
)
WHETHER_EVERYBODY = "whether {} fell among everybody, even with those lost where the other scores predict"
HELP_EVERYBODY = "help anyone"
ONE_SD, SDS, MORE_SDS = "1 SD", "{} SDs", "more than {} SDs"
LOST_TIP = (
    "The interval reaches no change once those without a later score stand {} of the first scores {} what the other "
    "scores predict."
)
HOLDS_REGRESSION = (
    "People entered at a cut on {} itself, and part of a high score is chance, which comes back by itself: that is in "
    "these figures. A standard error of measurement, stated in three sets of evidence or more (ScoreRegression), takes "
    "it out."
)
NET_OF_REGRESSION = (
    "People entered at a cut on {} itself. Net of what measurement error alone brings back, its mean changed by {}. "
    "This takes scores to thin out from the cut on, as a generalised Pareto distribution does: the nearer the cut lies "
    "to where most scores are, the more is taken out that is not regression (of normal scores 8% too much at a cut one "
    "SD above their mean, 26% at the mean)."
)
NOT_THINNING = (
    "People entered at a cut on {} itself, and part of a high score is chance, which comes back by itself: that is in "
    "these figures. It is not taken out here, because fewer people stand next to the cut than scores that thin out "
    "from there on have."
)
WITH_ERROR = "{} points (95% interval {} to {}) if one score has a standard error of measurement of {} points"
