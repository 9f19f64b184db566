"""The errors that users meet: one small tree, every message with a code.

A message says what was expected, what came and what to do. It may name columns, counts and row
ordinals; it never holds a person's value or id.
"""

CODES: dict[str, str] = {
    # files and frames
    "IOM-E001": "The file has no header.",
    "IOM-E002": "There are no rows.",
    "IOM-E003": "The text is in another encoding.",
    "IOM-E004": "The file is damaged, or holds bytes that no table holds.",
    "IOM-E005": "A row has another number of cells than the header.",
    "IOM-E006": "A quotation mark is not closed.",
    "IOM-E007": "The cells are separated by something else.",
    "IOM-E008": "A column name occurs twice.",
    "IOM-E009": "A column is missing.",
    "IOM-E010": "A cell is too long.",
    "IOM-E011": "There are too many columns.",
    "IOM-E012": "The file is too large, or unpacks to far more than it holds.",
    "IOM-E013": "A column holds lists or tables.",
    "IOM-E014": "The file is not complete.",
    "IOM-E015": "Files of this format are not read.",
    # identities
    "IOM-E016": "A row is a heading or a note, and no person.",
    "IOM-E017": "Formulas were never worked out.",
    "IOM-E020": "A person, or a person and window, occurs twice.",
    "IOM-E021": "A person's id is missing.",
    "IOM-E022": "Ids must be text or whole numbers, and every row a person.",
    "IOM-E023": "The ids of two tables have nothing in common.",
    # values
    "IOM-E030": "A count or an amount is negative.",
    "IOM-E031": "A cell is not a plain number, or a count is not whole.",
    "IOM-E032": "A count is too large to hold.",
    "IOM-E033": "A value is infinite.",
    "IOM-E034": "A value is missing.",
    "IOM-E035": "A value is not a number.",
    "IOM-E036": "A binary outcome holds something other than 0 and 1.",
    "IOM-E037": "Arrays that must agree in shape do not.",
    "IOM-E038": "The kind of outcome is not one of those that exist.",
    "IOM-E039": "Names that must be unique are not, or do not match.",
    # windows and exposure
    "IOM-E040": "The window after comes before the window before.",
    "IOM-E041": "The windows overlap.",
    "IOM-E042": "A window has no length.",
    "IOM-E043": "Exposure is negative, missing or longer than its window.",
    "IOM-E044": "A window ends after the day on which the data were taken.",
    "IOM-E045": "A spell in custody ends before it starts.",
    "IOM-E046": "Nobody was at risk.",
    "IOM-E047": "The number or the roles of the windows do not fit the request.",
    "IOM-E048": "The panel lacks something that the request needs.",
    "IOM-E050": "A date can be read in more than one way.",
    "IOM-E051": "A date does not exist.",
    "IOM-E052": "Some times carry a time zone and others do not.",
    "IOM-E053": "A date is out of range.",
    "IOM-E054": "An age is not believable.",
    "IOM-E055": "An age lies outside the curve of rates by age.",
    # too little or degenerate data
    "IOM-E060": "Too few people.",
    "IOM-E061": "Nobody is left.",
    "IOM-E062": "Nobody changed, so the statistic is undefined.",
    "IOM-E063": "Everybody changed by the same amount, so the statistic is undefined.",
    "IOM-E064": "A window has no events, so there is no ratio.",
    "IOM-E065": "A spread is zero, so the statistic is undefined.",
    "IOM-E066": "This kind of outcome cannot be used here.",
    "IOM-E067": "A summary statistic is impossible, or too few were given.",
    "IOM-E068": "The data cannot identify what was asked for.",
    "IOM-E070": "Events or a covariate separate, so that an estimate runs off to infinity.",
    "IOM-E071": "A covariate repeats what others say.",
    "IOM-E072": "A covariate is the same for everybody.",
    "IOM-E073": "A category has too many levels.",
    "IOM-E074": "There are as many columns as rows.",
    "IOM-E076": "A weight is negative or missing, or all weights are zero.",
    "IOM-E080": "The search did not converge.",
    # settings, specifications and files that hold them
    "IOM-E090": "A name or an output path is not safe, cannot be written, or belongs to somebody else.",
    "IOM-E091": "A formula holds more than names and a few functions.",
    "IOM-E092": "A setting is outside its bounds.",
    "IOM-E093": "A key or a name is not known.",
    "IOM-E094": "The file cannot be read as TOML.",
    "IOM-E095": "The file is of another kind.",
    "IOM-E096": "Something required is absent.",
    "IOM-E097": "Data were given where settings belong.",
    "IOM-E098": "Results on different scales, or of different estimands, cannot be lined up.",
    # printed numbers
    "IOM-E100": "A printed number cannot be read.",
    "IOM-E101": "A printed number is impossible.",
    "IOM-E110": "No whole numbers can print this table.",
    "IOM-E111": "No cohort that prints this table was found in the budget.",
    "IOM-E112": "The printed table lacks what a rebuilding needs.",
    # disclosure
    "IOM-E120": "Two groups or tables would tell about few people by their difference.",
    # simulated studies that are kept on disk
    "IOM-E130": "The folder holds a study that has begun.",
    "IOM-E131": "The study was begun with another design, seed, code or library.",
    "IOM-E132": "Another process works on the study.",
    "IOM-E133": "A worker process died, and others after it.",
    "IOM-E134": "A study on disk is damaged or not complete.",
}
"""Every code with its one-line meaning; ``docs/errors.md`` prints this table."""
NOTES: dict[str, str] = {
    # files
    "IOM-W120": "Ids differ in capitals, width, accents or spaces alone.",
    "IOM-W121": "A first column without a name numbers the rows, and is left out.",
    "IOM-W122": "Rows are hidden in the workbook.",
    "IOM-W123": "Cells have the value of the cell that they are merged with.",
    "IOM-W124": "Names or cells hold characters that cannot be seen.",
    "IOM-W125": "A column is hidden in the workbook.",
    "IOM-W126": "A sheet is hidden in the workbook.",
    # values
    "IOM-W130": "Values lie far outside the rest, or a count is larger than is plausible.",
    "IOM-W131": "Words, labels or true and false are read as 1 and 0.",
    "IOM-W132": "Value labels say more than the number that they stand for, or that nothing is known.",
    # logs of events and spells in custody
    "IOM-W140": "Spells in custody of one person overlap or touch.",
    "IOM-W141": "People spent a whole window in custody.",
    "IOM-W142": "Spells in custody have no day of release, and are taken to run on.",
    "IOM-W143": "Events lie on a day in custody.",
    "IOM-W144": "Events have no date, or spells no first day.",
    "IOM-W145": "Custody records are of several people or of many days.",
    "IOM-W146": "Events without a custody record lie on one day of one person.",
    "IOM-W147": "Many people have an event on their own index date.",
    "IOM-W148": "Most people were released from custody on their own index date.",
    "IOM-W149": "Rows are of nobody on the list, whose ids differ from those on it in their spelling alone.",
    # panels
    "IOM-W154": "An age is above 100.",
}
"""The code that a note of what was read begins with, and its meaning: nothing was refused, and somebody should look."""
ECHOED, LONGEST = 80, 2_000
"""Characters of a value, and of a whole message, that are shown."""


_CONTROLS = (*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000))
_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_OBEYED: dict[int, str | None] = {**dict.fromkeys(_CONTROLS, " "), **dict.fromkeys(_TURNING)}
"""Characters that are written as a space, or not at all."""


def echo(value: object) -> str:
    """Return a value as a message shows it: as Python writes it, cut in the middle at 80 characters.

    The end is kept because that of a path is the name of the file.

    Examples
    --------
    >>> echo("arrests"), len(echo("9" * 3_000_000)), echo("studies/" * 20 + "study.toml")[-14:]
    ("'arrests'", 80, "es/study.toml'")
    """
    if isinstance(value, str) and len(value) > 2 * ECHOED:
        value = value[:ECHOED] + value[-ECHOED:]  # however long it is, what stands between is never written out
    shown = repr(value)
    half = (ECHOED - 3) // 2
    return shown if len(shown) <= ECHOED else f"{shown[: ECHOED - 3 - half]}...{shown[-half:]}"


def inert(text: str) -> str:
    """Return text without what a terminal or a page obeys: control characters, and marks that turn the direction.

    Examples
    --------
    >>> inert("arrests" + chr(27) + "[2J"), inert("gross" + chr(0x202E))
    ('arrests [2J', 'gross')
    """
    return text.translate(_OBEYED)


def _cut(message: str) -> str:
    message = inert(message)
    return message if len(message) <= LONGEST else message[: LONGEST - 3] + "..."


class IomCausalError(ValueError):
    """The root of every error that the package raises on purpose.

    Parameters
    ----------
    code : str
        A key of `CODES`.
    message : str
        What was expected, what came, and what to do.
    in_code : str
        What else to do, in names that only callers know (methods, settings, keys): it ends the message, and is left out
        of `plain`, which a report prints.

    Examples
    --------
    >>> error = InputError("IOM-E048", "nobody else is here", "take 'linear'")
    >>> error.message, error.plain
    ("nobody else is here; take 'linear'", 'nobody else is here')
    """

    def __init__(self, code: str, message: str, in_code: str = "") -> None:
        if code not in CODES:
            msg = f"unregistered error code {code!r}"
            raise LookupError(msg)
        super().__init__(code, message, in_code)
        self.code = code
        self.plain = _cut(message)
        self.message = _cut(f"{message}; {in_code}" if in_code else message)

    @property
    def number(self) -> int:
        """The code as a number, as `Estimates.code` carries it."""
        return int(self.code.removeprefix("IOM-E"))

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class InputError(IomCausalError):
    """The data given cannot be used as they are."""


class SpecError(IomCausalError):
    """A setting, a specification or the file that holds it is not right."""


class DegenerateDataError(IomCausalError):
    """The data are valid, but the statistic asked for is undefined on them."""


class InfeasibleError(DegenerateDataError):
    """Nothing at all satisfies the constraints; the message names the first one that empties."""


class NotIdentifiedError(IomCausalError):
    """The data cannot identify the quantity, however much of them there is."""


class ConvergenceError(IomCausalError):
    """A search ended without an answer; this says nothing about whether one exists."""


class ExecutionError(IomCausalError):
    """What runs a study gave out: a worker process died. What a store was given is kept."""


class UnknownNameError(InputError, KeyError):
    """A name that is not there; also a `KeyError`, so that mappings behave as mappings do."""
