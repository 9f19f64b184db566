"""What the page says of classes of a score's change, whatever the figures are."""

from collections.abc import Mapping

TITLE = "{}: how many people changed by more than its measurement error"
WHO: Mapping[str, str] = {
    "recovered": "improved reliably and came across the cut-off",
    "improved": "improved reliably",
}
"""Who is in the best class."""
SHOWN = "How many people are in each class of {}, as the study states its classes."
SHORT_OF_CUT = "improved reliably and did not come across the cut-off"
FINDING = (
    "Of {0} people, {1} ({2}) {3} in {4}; with nothing but measurement error and regression to the mean, {5} would "
    "seem to."
)
FINDING_WITHHELD = (
    "Of {0} people, how many {1} in {2} is withheld; with nothing but measurement error and regression to the mean, "
    "{3} would seem to."
)
RELIABLE_IS = (
    "With a standard error of measurement of {0} points, a change of more than {1} points is reliable (Jacobson & "
    "Truax 1991): of people who do not change, one in twenty shows as much, up or down."
)
REGRESSES: Mapping[bool, str] = {
    True: (
        "The last column says how many people each class would have if nothing changed: a second score comes back "
        "towards the mean of the population that the study states, and errs anew. A selection on the first score is in "
        "that. What else changed without the programme is not."
    ),
    False: (
        "The last column says how many people each class would have if nothing changed: a second score comes back "
        "towards the mean of these people before, and errs anew. If they were selected for their score, more of them "
        "come back than that: the study can state population_mean and population_sd."
    ),
}
"""What is expected of error alone, by whether a population is stated."""
CUT_IS = "Recovered is who improved reliably and came across the cut-off of {0} points (of the norms: {1})."
NO_ERROR = (
    "How many people each class would have from measurement error alone is not known: the study states neither "
    "reliability nor standard_error."
)
NESTED = (
    "For {0}, classes by the smallest change that matters are not given: they differ by few people from those above."
)
BY_RELIABLE = "Reliable change of {0}."
BY_SMALLEST = "Change of {0} by the smallest that matters, {1} points or more."
BANDS_BEFORE = "People by band of {0}, before."
BANDS_AFTER = "People by band of {0}, after."
NOT_KNOWN = "not known"
