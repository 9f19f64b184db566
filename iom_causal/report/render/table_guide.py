"""What each table of a report's folder shows, and what each of its columns holds, in words and with its unit."""

from collections.abc import Mapping
from dataclasses import dataclass

from iom_causal.base.specs import EMPTY

COLUMNS: Mapping[str, str] = {
    "outcome": "what was measured",
    "method": "which method gave the figure",
    "estimand": "what is estimated, by its name in the documentation",
    "term": "what is set against what: a ratio, or a difference",
    "scale": "unit of the estimate: a ratio, or a difference in the outcome’s unit; other scales by name",
    "estimate": "the estimate, on its scale: a fall is below 1 as a ratio and below 0 as a difference",
    "std_error": "standard error, on the scale of the next column",
    "std_error_scale": "scale of the standard error: log for that of the logarithm of a ratio, else identity",
    "statistic": "value of the test statistic",
    "df": "degrees of freedom",
    "p_value": "two-sided p-value, from 0 to 1; of people the lower end of its band",
    "conf_low": "lower end of the interval, on the scale of the figure; 0 for a ratio of people below one step",
    "conf_high": "upper end of the interval, on the scale of the figure",
    "conf_level": "level of the interval, from 0 to 1",
    "interval": "kind of the interval; bounds and sets have no sampling in them",
    "set_low": "lowest value that the data do not rule out, where they leave a set and not a value",
    "set_high": "highest value that the data do not rule out",
    "n": "number of people",
    "n_input": "people in the data",
    "n_used": "people the estimate is of",
    "note": "what to know about the estimate",
    "evidence": "set of evidence: the beliefs that the row rests on",
    "line": "line of the ledger",
    "rates": "kind of the rates behind the counts",
}
"""Of columns that hold the same in every table."""
_ESTIMATES = "one row an estimate; the column scale says whether it is a ratio or a difference"


@dataclass(frozen=True, slots=True)
class Guide:
    """What a table shows.

    Parameters
    ----------
    shows : str
        The table, what a row is, and the unit of its figures.
    columns : mapping of str to str
        What its own columns hold.
    """

    shows: str
    columns: Mapping[str, str] = EMPTY

    def holds(self, column: str) -> str:
        """Return what a column holds.

        Examples
        --------
        >>> TABLES["estimates.csv"].holds("conf_level")
        'level of the interval, from 0 to 1'
        """
        return self.columns.get(column, COLUMNS.get(column, ""))


TABLES: Mapping[str, Guide] = {
    "findings.csv": Guide(
        "Checks of the published figures and of the authors’ sentences; one row a check, in words",
        {
            "id": "name of the check, unique in the table",
            "check": "which check",
            "subject": "on what",
            "verdict": "whether the figures agree, or that the check cannot tell",
            "claimed": "what is printed",
            "computed": "what the other printed figures give",
            "sentence": "the finding in words",
            "why": "why the check cannot tell, where it cannot",
            "reconcile": "what would make the figures agree, where they do not",
            "neighbour": "what fairness asks to be said beside it",
            "source_version": "which text was read",
            "claim": "of a sentence of the authors, whether the printed figures support it",
            "reconcilable": "whether another reading of the same figures makes them agree",
        },
    ),
    "estimates.csv": Guide(f"The change from before to after, by several methods; {_ESTIMATES}"),
    "subgroups.csv": Guide(f"The change of groups of people, and how far groups differ; {_ESTIMATES}"),
    "levels.csv": Guide(
        "Levels before and after of managed people and of the others; one row a group and window, means of the outcome",
        {
            "group": "managed people, or the comparison",
            "window": "before or after",
            "people": "number of people",
            "mean": "mean a person, in the outcome’s unit",
        },
    ),
    "score_classes.csv": Guide(
        "People by how far a score changed, beside what chance in the score and regression alone would give; one row "
        "a class",
        {
            "classes": "by what people are put into classes",
            "label": "the class",
            "people": "number of people",
            "expected": "share of people whom chance and regression alone would put there, from 0 to 1",
            "conf_low": "lower end of that share",
            "conf_high": "upper end of that share",
        },
    ),
    "comparison.csv": Guide(f"Managed people against others, by the designs that the data carry; {_ESTIMATES}"),
    "designs.csv": Guide(
        "Which designs the data carry, and what each needs; one row a need, in words",
        {
            "design": "the design, as it is written in Python",
            "carried": "whether the data carry it",
            "maryland": "level on the Maryland Scientific Methods Scale, from 1 to 5",
            "identification": "what must hold for it",
            "needs": "one thing that it needs",
            "necessary": "whether it cannot do without",
            "met": "whether the data have it",
            "found": "what the data have",
            "advice": "what to do where it is not met",
        },
    ),
    "people.csv": Guide(
        "How many people changed, over all sets of numbers that print the same table; numbers of people",
        {
            "feature": "what is counted",
            "low": "fewest people",
            "high": "most people",
            "sampled_low": "lower end of the middle 95% of sampled sets of numbers, in people",
            "sampled_high": "upper end of the middle 95% of sampled sets of numbers, in people",
            "exact": "whether both ends are reached, or only hold",
        },
    ),
    "flow.csv": Guide(
        "What was read, left out and used; one row a step, numbers of rows or people",
        {
            "table": "what is counted: people, events or spells in custody",
            "step": "the step in words",
            "role": "all, excluded, used, or a part of these",
            "n": "how many",
        },
    ),
    "data_quality.csv": Guide(
        "Checks of the log of events and of the spells; one row a check, numbers of rows or people",
        {
            "table": "what is counted: people, events or spells in custody",
            "check": "the check in words",
            "n": "how many",
            "of": "of how many",
            "odd": "whether it should be looked into",
        },
    ),
    "null_calibration.csv": Guide(
        "Falls of simulated cohorts with the programme switched off, and the model behind each; one row a model; "
        "falls are shares of the level before, chances are from 0 to 1",
        {
            "picked_on": "on what people are picked in the model: the count before, or the rate of the day or of the "
            "window before",
            "background_ratio": "after over before by everything but picking and the programme",
            "ratio": "after over before of everybody in the model, picking apart",
            "programme_ratio": "the programme’s part of that ratio, before it is switched off",
            "pool_share": "share of everybody who is picked, from 0 to 1",
            "pool_mean": "mean number of events of everybody in the window before",
            "log_sd": "standard deviation of the logarithm of the rates",
            "memory": "correlation of the rates of the two windows, from -1 to 1",
            "cut": "number of events at which people are picked",
            "softness": "how gradual that is, in events; 0 is a hard cut",
            "picking_share": "share of the observed fall, on the scale of logarithms, that picking alone gives",
            "ratio_low": "lower end of the interval of the ratio",
            "ratio_high": "upper end of the interval of the ratio",
            "chance_refitted": "chance of a fall as large, where each cohort is fitted again",
            "fall_mean": "mean fall, as a share of the level before",
            "fall_low": "lower end of the middle of the falls",
            "fall_high": "upper end of the middle of the falls",
            "fall_error": "simulation error of the mean fall",
            "chance": "chance of a fall as large as the observed one",
            "chance_error": "simulation error of that chance",
            "chance_t": "chance of a paired t as large as the observed one",
            "chance_t_error": "simulation error of that chance",
            "sims": "number of cohorts simulated",
            "max_before": "chance that nobody has more events before than the most observed",
            "max_after": "chance that nobody has more events after than the most observed",
            "min_before": "chance that somebody has no more events before than the fewest observed",
            "none_before": "share of picked people without an event before",
            "fall_observed": "observed fall, as a share of the level before",
            "t_observed": "observed paired t, after minus before",
            "conf_level": "share of cohorts between the ends of the falls, from 0 to 1",
        },
    ),
    "sensitivity.csv": Guide(
        "How strong something would have to be for nothing to remain; one row a question, of beliefs moved together "
        "one row a setting",
        {
            "question": "what is asked: one belief moved, all moved together, or something that no ledger holds",
            "setting": "the belief that is moved, as code names it",
            "now": "what is believed, or of earlier dates the change that was observed, as a ratio after over before",
            "value": "what it would have to be; of causes and biases their strength as a ratio, of earlier dates the "
            "ratio that they lead one to expect",
            "set_low": "lower end of that, where it is a set; of one of some cases only perhaps that of the search",
            "set_high": "upper end of that, where it is a set; of one of some cases only perhaps that of the search",
            "conf_low": "of a cause the strength at which the interval reaches none, of earlier dates the lower end of "
            "the interval of what they lead one to expect",
            "conf_high": "of earlier dates the upper end of that interval",
            "chance": "how often beliefs lie as far out in its direction, from 0 to 1; empty where a range has none",
            "speaks_to": "points of the register that the answer speaks to, as docs/register.md lists them",
            "silent_on": "points of the register that it says nothing of",
        },
    ),
    "specifications.csv": Guide(
        "What other choices would have given: what remains under every combination of them, by the scale; one row a "
        "combination, a choice that an outcome does not have being empty",
        {
            "windows_before": "which windows before are read",
            "windows_after": "which windows after are read",
            "days_at_risk": "whose days at risk are taken",
            "estimator": "how people’s rates are put together",
            "age_curve": "curve of rates by age that is allowed for",
            "trend": "national series that is allowed for",
            "people_without_a_follow_up": "what people without a later figure are taken to be",
            "how_people_were_picked": "how people are taken to have been picked",
            "how_much_of_a_score_is_chance": "how much of a score is taken to be chance",
            "code": "code of the reason why a combination was refused; empty where it was not",
            "refused": "that reason",
        },
    ),
    "regression_curve.csv": Guide(
        "What is left after regression to the mean, by the mean of everybody from whom people were picked; one row a "
        "mean, left as a ratio after over before",
        {
            "comparable_mean": "mean of everybody from whom people were picked, in the outcome’s unit a window",
            "remainder_ratio": "ratio after over before that is left",
        },
    ),
    "request.csv": Guide(
        "What to ask the force for, in order: figures that are not known, and how wide what may be left would be; one "
        "row a figure, widths of logarithms of ratios, on average over worlds that have the known figures",
        {
            "statistic": "the figure to ask for, by its name",
            "width_now": "width of the range today",
            "expected_width": "width on average once this figure alone is known",
            "share_narrowed": "by which share of today’s width that is narrower, from 0 to 1",
            "rank": "place in the order: by what a figure narrows alone and beside those above, on average",
            "width_least": "width once it is known in the world where that is least",
            "width_most": "width once it is known in the world where that is most",
            "width_together": "width on average once it and all above it are known",
        },
    ),
    "selection_plausibility.csv": Guide(
        "Mean counts of earlier windows, observed and by each account of how people were picked; one row a window, in "
        "events a person",
        {
            "account": "observed, or on what people were picked by the account",
            "basis": "on which figures the account rests",
            "window": "the window",
            "read": "whether the rule read the window",
            "mean_low": "mean count a person; of a set the lowest",
            "mean_high": "mean count a person; of a set the highest",
            "p_value": "chance of a mean as far off by the account, from 0 to 1; of people the lower end of its band",
        },
    ),
    "score_posterior.csv": Guide(
        "Mean change of a score of everybody, by where people without a later score stand; one row a place, in points",
        {
            "sds": "how far they are off what is predicted, in standard deviations of the scores before",
            "set_low": "mean change in points; of a set the lowest",
            "set_high": "mean change in points; of a set the highest",
        },
    ),
    "ledger.csv": Guide(
        "Lines of the ledger under every set of evidence: observed, expected without the programme, and what is left; "
        "one row a line, as logarithms of ratios or in points",
        {
            "data": "the data that it is drawn up from",
            "scale": "unit of the figures: log ratio, or points of the score",
            "low": "the line; of a set its lowest value",
            "high": "the line; of a set its highest value",
            "per_person": "the line in the outcome’s own unit a person, whatever the order of lines; these add up",
        },
    ),
    "bias.csv": Guide(
        "What is left under several beliefs about the programme, and the lines behind it; one row a belief or line, as "
        "ratios or in points",
        {
            "scale": "unit of the medians, intervals and biases: a ratio, or points of the score",
            "prior": "belief about the programme, in words",
            "stated": "the same as a distribution",
            "median_low": "posterior median; of a set the lowest",
            "median_high": "posterior median; of a set the highest",
            "bias_low": "bias beyond the lines at which a fall is as likely as not; of a set the lowest",
            "bias_high": "bias beyond the lines at which a fall is as likely as not; of a set the highest",
            "fall_low": "probability of a fall, from 0 to 1; of a set the lowest",
            "fall_high": "probability of a fall, from 0 to 1; of a set the highest",
            "tenth_low": "probability of a fall of a tenth or more, from 0 to 1; of a set the lowest",
            "tenth_high": "probability of a fall of a tenth or more, from 0 to 1; of a set the highest",
            "share_low": "lower end of the line as a share of the observed change; below 0 it goes the other way",
            "share_high": "upper end of the line as a share of the observed change; above 1 others go the other way",
            "contraction": "how far the data narrow the belief: near 0 not at all, near 1 wholly",
        },
    ),
}
"""By the name of the file."""
UNKNOWN = Guide("")
