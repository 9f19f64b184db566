"""First draft of a study file as text: keys with the comments that say what they mean."""

from collections.abc import Iterator

from iom_causal.base.specs import toml_value
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.guesses.questions import EDIT, Question
from iom_causal.protocol.draft.extract_keys import extract_keys
from iom_causal.protocol.draft.key import Key, Row

HOW_PICKED = (
    "how were these people picked? Write selection = {} with the rule that was used; where nobody knows it, delete "
    "this line: what picking alone did is then not known"
)


def how_picked(g: Guesses) -> Question:
    """Return what no file of people says, and what decides most of a change that was to be expected.

    Examples
    --------
    >>> how_picked(Guesses()).key
    'selection'
    """
    rule = {"variable": _first(g), "windows": _read_by_rule(g), "rule": "at_least", "threshold": 3}
    return Question("selection", HOW_PICKED.format(toml_value(rule | {"timing": "at_boundary"})))


def written(g: Guesses, file: str) -> str:
    """Return the study file as text.

    Examples
    --------
    >>> "smallest_effect" in written(Guesses(), "people.csv")
    True
    """
    return "\n".join(
        [
            *_opening(),
            *_head(how_picked(g), invented=g.invented),
            *(line for key in extract_keys(g, file) for line in _lines(key)),
            *_more(_first(g)),
            "",
        ]
    )


def _first(g: Guesses) -> str:
    """Return the outcome by which people are likeliest to have been picked."""
    return next((o[0] for o in sorted(g.outcomes, key=lambda o: o[1] != "count")), "arrests")


READ_BY_RULE = "the windows before that the rule read"


def _read_by_rule(g: Guesses) -> tuple[str, ...]:
    """Return the one window that a rule can have read, or the question which of several it did."""
    before = [window.label for window in g.windows if not window.post]
    if len(before) == 1:
        return (before[0],)
    last = before[-1:] if len(before) < len(g.windows) else before[-2:-1]
    such = f", such as {last[0]}" if last else ""
    return (Question("selection.windows", f"{READ_BY_RULE}{such}").text,)


def _lines(key: Key) -> Iterator[str]:
    yield from key.above
    mark = "" if key.live else "# "
    if not key.rows:
        yield mark + _line(f"{key.name} = {toml_value(key.value)}", key.why)
        return
    yield f"{key.name} = ["
    yield from (f"  {_row(item)}" for item in key.value)
    yield "]"


def _row(item: Row | str) -> str:
    if isinstance(item, str):
        return f"{toml_value(item)},"
    return f"{toml_value(item.table)}," + (f"  # {item.why}" if item.why else "")


def _line(text: str, why: str) -> str:
    return f"{text:<38}  # {why}" if why else text


def _opening() -> list[str]:
    return [
        f'# A study of your own people. Fill in the lines marked {EDIT}, look at the lines marked "guessed"; then run',
        "#",
        "#     iom-causal evaluate study.toml",
        "#",
        "# Before there are any people these lines may stay: give the windows, the outcomes and the selection, and run",
        "#",
        "#     iom-causal rehearse study.toml",
        "#",
        "# Lines that start with # are not read: take the mark away to use them.",
    ]


def _head(picked: Question, *, invented: bool) -> list[str]:
    return [
        "",
        "[study]",
        'title = "Our evaluation"',
        'programme = ""                  # what was introduced, in a sentence',
        'people = "managed people"       # how the report calls them',
        *(["invented = true                # the file says so: nobody in it exists"] if invented else []),
        "# The smallest change that matters, as a share, said before looking: 0.1 is a tenth.",
        "# smallest_effect = 0.1",
        "# How people got in: it decides how much of a change was to be expected. rule: everybody with so many or",
        '# more ("at_least", threshold = 3), so many people with the most ("top", threshold = 50), or the more the',
        '# likelier and half of those at the threshold ("soft", threshold = 6, softness = 2), or for how they live and',
        '# not for a count ("rate"). timing: at_boundary (on what was recorded before), within_pre, within_post or',
        "# unknown.",
        f"selection = {toml_value(picked.text)}",
        "",
        "[study.extract]",
    ]


def _more(name: str) -> list[str]:
    return [
        "",
        "# Who is left out, and why (the report says so):",
        "# [[study.extract.filters]]",
        '# column = "status"',
        '# drop = ["died", "moved away"]',
        '# reason = "not in the area for the whole time"',
        "",
        "# People who could have been picked and were never managed show what the rule alone does. They may be in the",
        "# file above (group), or in one of their own, a row a person or a row a history: counts of what the rule",
        "# reads, in the order of the windows above.",
        "# [study.pool]",
        '# file = "not-managed.csv"',
        '# columns = ["before", "after"]',
        '# people = "how many"            # the column of how many people a row stands for, if not one',
        "",
        "# Which comparison these data carry is found out, and shown with what must hold. To ask for one, or for",
        "# another estimate of the change, with settings of your own (a covariate is named, such as people's force):",
        "# [[study.estimators]]",
        '# estimator = "DiffInDiff"',
        '# settings = { contrast = "difference" }',
        f"# outcomes = {toml_value([name])}",
        "",
        "# An allowance of your own, with its grounds; it takes the place of the line of its kind. One on what picking",
        "# alone does (RegressionToMean) takes no place: it makes a set of evidence of its own beside the others.",
        "# [[study.confounds]]",
        '# confound = "History"',
        "# settings = { ratio = { median = 0.9, sd = 0.05 } }   # all arrests in the area, after over before",
        '# source = "force statistics"',
        '# date = "2024"',
        '# reason = "arrests fell everywhere in these years"',
        "",
        "# What remains of a score is worked out under at least three sets of evidence, each with its own answer to",
        "# what would have moved the score anyway: how far it is off by chance, what an event adds to it, where people",
        "# without a later score stand. None comes with the package: you know such figures, or nobody does. One set:",
        "# [[study.own_evidence]]",
        '# name = "chance"',
        '# title = "Part of a high score was chance"',
        '# about = "People were picked by a cut in the score, and the score is not exact."',
        '# kind = "score"',
        "# [[study.own_evidence.lines]]",
        '# confound = "ScoreRegression"',
        f'# settings = {{ sem = "{EDIT}: points by which a score is off" }}',
        f'# source = "{EDIT}: where they come from"',
        f'# date = "{EDIT}"',
        f'# reason = "{EDIT}: why they hold here"',
        "",
        "# What was heard, and the points of the register that it speaks to (c04: detection both ways):",
        "# [[study.themes]]",
        '# group = "supervision"',
        '# name = "closer watching"',
        '# voiced_by = ["managers"]',
        '# bears_on = ["c04"]',
        "",
        "# Figures about fewer than 10 people are withheld. For research where they may be seen:",
        "# [study.disclosure]",
        "# research = true",
        '# reason = "secure setting, project 123"',
    ]
