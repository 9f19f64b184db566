"""What the pages say whatever the figures are: captions, limits, and why something is not given."""

from collections.abc import Mapping

LEVEL_TWO = (
    "Design: one group before and after, without a comparison group: level 2 of 5 on the Maryland Scientific "
    "Methods Scale. Such a design shows a change; it does not show what brought the change about."
)

COMPARED = (
    "Design: people who were managed and others who were not, before and after. What this page says of the change is "
    "of the managed people alone, one group before and after: level 2 of 5 on the Maryland Scientific Methods Scale. "
    "Such figures show a change; they do not show what brought the change about."
)

ENTERED = (
    "Design: people who entered at different times. There is no one change from before to after, and no comparison "
    "that could be offered as the programme’s share: this page leads with no figure of the change, and says why."
)


def design(*, compared: bool, staggered: bool = False) -> str:
    """Return the level of the design: of one group, beside people who were not managed, or of people of many starts."""
    if staggered:
        return ENTERED
    return COMPARED if compared else LEVEL_TWO


def change_only(*, compared: bool, comparison: bool = False, staggered: bool = False) -> str:
    """Return what stands under the first heading of EMMIE; `comparison` where one is given.

    Examples
    --------
    >>> change_only(compared=False)[:24]
    'one group, so a change; '
    """
    if comparison:
        return "the change against a comparison: the programme’s share, if what the comparison takes for granted holds."
    if staggered:
        return "nothing: people entered at different times, and no comparison by time of entry is offered."
    who = "the managed people alone" if compared else "one group"
    return f"{who}, so a change; what remains after allowances depends on the allowances."


MEAN_DAYS = (
    ", but this does not rule {} out: days at risk differ between people, and where they are lost through events, as "
    "to custody, sets and worlds read from days, and not from dates, what that left of the counts before"
)

WEIGHTED_BY_DAYS = (
    "Days at risk differ between people, and that figure weights people by them: where days are lost through events, "
    "as to custody, it moves by itself."
)
WITHIN_PEOPLE = "With everybody compared with themselves (a fixed effect a person), {}"
POOLED = "Over all people’s days together, {}"

SEASONS = "the seasons that each window holds"

DISAGREE = (
    "Some printed figures that this page rests on do not agree with one another (see the audit): what follows takes "
    "them as printed, and no more can be said than that."
)

SCORE_REGRESSION = (
    "For {} there is no such curve: regression of a score needs the scores near the cut, which are not printed."
)
SHARE_REGRESSION = "For {} there is no such curve: it is drawn for counts, and this is a share of people."
NO_REGRESSION = "For {} it is not computed: the print lacks what the linear form needs ({})."
UNMIXED = (
    "These chains have not mixed (R-hat above 1.1): read the sampled ranges as examples, not as ranges; the logical "
    "bounds hold all the same."
)

NO_COHORT = "No cohort was rebuilt: {}."
WINDOWS_TOGETHER = "in all windows before together"
_LINEAR_LIMITS = (
    "Limits of this form: it takes the regression as linear all the way to that mean, one factor for everybody, "
    "the same mean {}, and no ageing or other change. Where rates are "
    "lognormal, or people were picked on their rate, it can be far off in either direction, even with no programme at "
    "all. The interval holds sampling alone."
)
LINEAR_LIMITS = _LINEAR_LIMITS.format("in both windows (here per window as printed)")
LINEAR_LIMITS_OF_PEOPLE = _LINEAR_LIMITS.format("before and after (here with as many days at risk after as before)")

GOT_IN = "How people got in, as it is printed: {}."
MODELS = (
    "Models with one frailty a person give the ratio of totals whatever its law, so the print pins them. Models "
    "that let people change by different factors, or windows vary on their own, depend on what is not printed: "
    "theirs are ranges, and no finding about the study."
)

MODELS_BESIDE = "Models of {0} side by side: their coefficients, in brackets intervals; of ratios, on the log scale."
MODEL_RANGES = "Ratio after over before, smallest and largest over rebuilt cohorts that print the same."
NOT_PRINTED = "nothing is printed."
TOLD_TWICE = "What the paper tells in several places"
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

SENSITIVITY_FINDING = (
    "How strong something that was not measured would have to be is given below; whether it was, no figure tells."
)
FRONTIER_FINDING = "Nothing of the change in {0} would be left, if {1}, with {2}: {3}."
FRONTIER_NONE = "No combination of what is believed of {0} leaves nothing of the change in it, under any of these sets."
FRONTIER_AT_ONCE = "Nothing of the change in {0} is left by what is believed as it is, if {1}."
FRONTIERS = (
    "The least that would have to be otherwise, all beliefs of a set moved together, for nothing to remain. What is "
    "not named stays close to what is believed."
)
FRONTIER_HEADS = ("if", "of", "nothing remains with", "how far that is from what is believed")
FRONTIER_FIGURE = (
    "The least that would have to be otherwise for nothing of the change in {} to be left, if {}: each dark bar is how "
    "far one belief would have to move from its middle, before a pale one that holds 95% of what is believed of it, or "
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

NOT_OFFENCES = "Anything about offences: these figures are about {} as recorded."
NOT_ANYONE = "Anything about one person: no person-level data were seen."

CHANGES_PRINTED = (
    "Estimates of the change. Where the print does not determine a value, the middle 95% of sampled cohorts that print "
    "the same stands instead: an example, no bound and no finding about the study."
)
CHANGES = (
    "Estimates of the change, after minus before or after over before, each with its interval and its people. "
    "Sentences take the first of its kind for each outcome; where another method gives the same change with another "
    "interval, it takes chance to work otherwise."
)
LINES_OF_PEOPLE: Mapping[str, str] = {
    "count": "Ratios after over before for {}, line by line, with 95% intervals; lines multiply.",
    "score": "Points of {}, after minus before, line by line, with 95% intervals; lines add up.",
}
"""What a table of ledger lines shows, for people."""

PROTOCOL = (
    "Protocol {}: a digest of what the study file declares (selection, windows, outcomes, filters, allowances), but "
    "for the names of files. Noted where it bears a date, before anybody looked at the outcomes, it shows that none of "
    "this was changed since; by itself it does not show when it was written."
)
PROTOCOL_SAME = "It is the protocol that the study file says was noted before."
PROTOCOL_OTHER = (
    "The study file says that another protocol was noted before, {}: what it declares was changed since, so that "
    "nothing here counts as planned beforehand."
)


def of_protocol(digest: str, noted: str) -> tuple[str, ...]:
    """Say what the digest of a protocol shows, and whether it is the one noted before; nothing where there is none.

    Examples
    --------
    >>> of_protocol("", "")
    ()
    """
    if not digest:
        return ()
    said = PROTOCOL_SAME if digest == noted else PROTOCOL_OTHER.format(noted)
    return (PROTOCOL.format(digest) + (f" {said}" if noted else ""),)


FLOW_TITLE = "From the log of events to the figures"
FLOW_CHART = "Flow chart of people, events and spells ({})."
ODD = "What is odd in the log and the spells, before any row is left out: look into it (all checks: data_quality.csv)."
FLOW_OF = "{} ({})."
EVERYBODY_COUNTS = "Everybody on the list of people counts, with 0 where the log holds no event."
ROWS_COUNTED = (
    "An event counts in the window that holds its day; rows of one custody record are one event, on its first day, "
    "where the record is known. A row is left out for the first reason that applies, and numbers that could give "
    "somebody away are withheld."
)
ROWS_ROUNDED = "Numbers of events and of spells are rounded so far that what one person adds to them does not show."
AT_LIBERTY = (
    "Figures are per day at liberty: days in custody are taken from the days of each window, days inside more than one "
    "spell once. The day of reception is a day inside, and the day of release is not."
)
TABLE_ONE = "The outcomes, window by window (Table 1)."
TABLE_ONE_ROUNDED = (
    " Means and SDs are rounded, the more so the fewer the people; changes on this page are taken from unrounded ones, "
    "and may differ from a ratio of the means shown here."
)
TABLE_OF_SIDES = " Of {} there are many windows: those before are put together, and those after."
TOO_FEW = "For {} nothing is given: too few people have every window."
STARTS_DIFFER = (
    "For {} there is no one change from before to after: people entered at different times, so that each has a before "
    "and an after of their own."
)
BY_ENTRY: Mapping[bool, str] = {
    True: "What a comparison by time of entry shows stands above.",
    False: "No comparison by time of entry is offered either: why is said above.",
}
"""Where a comparison of people of several starts stands, by whether one is offered."""
BEFORE_AND_AFTER = "Here and in what remains, before is {}, and after is {}."
UNLIKE_TIME = (
    "For {} these are not given, since they compare counts and not rates, and the time before is not as long as the "
    "time after: {}."
)
NOT_COMPUTED = "For {}, {} is not computed: {}."
FIRST_LOOK = "A first look (--quick): it draws less often than the full report, so last digits differ."
CUT_TELLS = (
    "For {} the cut by which people were picked is stated: what picking alone does is read from it above, with the "
    "programme switched off, and in the ledger below."
)
RATE_TELLS = (
    "People were picked for the rate behind their {}, as the study states, and not for a count: then no chance in a "
    "count comes back, and what may change is the rate itself."
)
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

WORDS: Mapping[str, str] = {
    "pool": "the pool is everybody from whom people were picked, the picked among them",
    "world": (
        "a world is a simulated pool, from which people are picked and counted as these were, with a programme that "
        "does something or with none"
    ),
}
"""Words of the page that stand for more than they say, each with what it stands for."""
WORDS_OF_PAGE = "In the words of this page, {}."

INVENTED = "Invented people: nobody conducted this study."
NO_SMALLEST = "The study states no smallest change that matters, so nothing on this page is called small or large."
IN_ITS_WORDS = "as the study describes it: {}."
NO_CHECKS = "No printed figure could be held against another, so that nothing is said of whether they agree."
NO_INTERVAL = "There is no interval: everybody changed in the same proportion."
NO_CHANGE_GIVEN = "No figure of the change is given: what follows says why."
NOTHING_SAID = "Nothing about the change: why is said under “The change itself”."
NOT_GIVEN = "nothing is given."
SECOND_ANSWER = (
    "The points that follow are a second answer to the same question, as if there were no comparison: they go by what "
    "picking people alone does. Where the two answers differ, at least one takes for granted what does not hold."
)
NOT_PICKED = (
    "How far people who are picked at a high point would have come down anyway, or at a low point gone up: the study "
    "does not say how they were picked."
)
SIMULATED_NEXT = (
    "To evaluate it as if it were real: iom-causal init STUDY --from {0}, then iom-causal evaluate STUDY/study.toml. "
    "The truth to hold the report against is in {1}."
)
SIMULATED_MANY = "{0} holds every replicate, told apart by a column; {1} holds the truth of each."
THEMES_ARE = "Themes are views voiced in interviews; they say which mechanisms people saw, not what happened."
PICKED_ON_OTHER = (
    "How far {} would have moved anyway because people were picked on {}: what goes together with {} comes back "
    "towards everybody’s mean in part too, and how far no figure here says."
)
ROSE_ALL_THE_SAME = (
    "For {0}: people were picked for many of them, as the study says, so that a fall was to be expected anyway; they "
    "rose, and picking of that kind does not account for a rise."
)
WOULD_RISE = (
    "For {0} nothing is worked out with a straight line from counts before to counts after: it is steeper than the "
    "observed ratio, so that by it people picked for a high count would rise by themselves. Had people been picked on "
    "their rate on the day of introduction, nothing would regress and the observed ratio would stand; had they been "
    "picked on the count, the ratio that remains is higher than that, and how much higher these figures do not say."
)
PICKING_ASSUMED = (
    "How people were picked is not stated, so that people with many {} before are taken as likelier to have been "
    "picked, and nothing else to have counted. State it: the key selection of the study file."
)
EARLIER_RELEASE = (
    "An earlier release of this study, in the same folder or beside it, gives other figures of about as many people: "
    "fewer than {0} people may be in one of the two alone, and whoever holds both could work out something about them. "
    "Let one of the two leave and keep the other back, or release anew once at least {0} more people are in it."
)
NOT_ANY_PERSON = "Anything about one person or a few: such figures are withheld."
NOT_FOR_RELEASE = "Anything in public: disclosure control was switched off, so this page is not for release."

SIMULATED_PEOPLE = "{} people are in the programme, picked from {} drawn."
SIMULATED_PLACES = "Of {} places {} were filled: no more people of the pool were picked, and a larger pool fills more."
SIMULATED_CHANGE = (
    "A before/after comparison of them shows {} at {} of their rate before (95% interval {} to {}), whatever brought "
    "it about."
)
SIMULATED_FIRST = (
    "The figures that follow are of the first of {} worlds (replicate 0); the files hold all of them, told apart by "
    "the column replicate."
)
SIMULATED_SCORE = (
    "The mean of {} went from {} to {} among the {} people with both scores; without the programme it would have "
    "changed by {} points among all {}."
)
SIMULATED_TRUTH = (
    "The truth of this world: without the programme the rate would have stood at {}; the programme multiplied what is "
    "recorded by {}, and offences by {}."
)

PICKED_TOP = (
    " Its worlds pick softly, the more events the likelier; where so many people with the most events were taken, as "
    "stated here, the line on regression to the mean below reads the rule itself if all who competed are in the file."
)

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
