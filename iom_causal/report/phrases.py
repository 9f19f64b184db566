"""What the pages say whatever the figures are: captions, limits, and why something is not given."""

from collections.abc import Mapping

from iom_causal.estimators.shared.requirements import ONE_GROUP

LEVEL_TWO = (
    f"Design: one group before and after, without a comparison group: level {ONE_GROUP} of 5 on the Maryland "
    "Scientific Methods Scale. Such a design shows a change; it does not show what brought the change about."
)

COMPARED = (
    "Design: people who were managed and others who were not, before and after. What this page says of the change is "
    f"of the managed people alone, one group before and after: level {ONE_GROUP} of 5 on the Maryland Scientific "
    "Methods Scale. "
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

PICKED_TOP = (
    " Its worlds pick softly, the more events the likelier; where so many people with the most events were taken, as "
    "stated here, the line on regression to the mean below reads the rule itself if all who competed are in the file."
)
