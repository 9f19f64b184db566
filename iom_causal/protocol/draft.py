"""First draft of a study file, commented, with settings guessed from the data."""

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from iom_causal.base.formats import listed
from iom_causal.base.output import answered, check_folder
from iom_causal.base.specs import toml_value
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.guesses.guess import guess
from iom_causal.data.guesses.managed import WhoWasManaged
from iom_causal.errors import SpecError, echo
from iom_causal.protocol.study import EDIT

GUESSED = "guessed from the column's name"
INSIDE = {"{ label": "windows", "{ name ": "outcomes"}
"""Key that rows of a list belong to."""


class Started(NamedTuple):
    """Draft as written: its file, guessed keys, keys left to fill in, and the next steps in order."""

    file: Path
    guessed: tuple[str, ...]
    to_edit: tuple[str, ...]
    steps: tuple[str, ...]


class Form(NamedTuple):
    """Commented template of the package that runs as it is: its name, its place, and the next steps."""

    file: str
    at: tuple[str, str]
    steps: tuple[str, ...]


FORMS: Mapping[str, Form] = {
    "published": Form(
        "published.toml",
        ("iom_causal.published", "studies"),
        ("First put in the numbers of your own table.", "Then run: iom-causal evaluate {file}"),
    ),
    "design": Form(
        "design.toml",
        ("iom_causal.designs", ""),
        (
            "Change what you know better; it runs as it is: iom-causal diagnose {file} --out {result}",
            "After an interruption type the same again, with --resume at the end.",
        ),
    ),
    "scenario": Form(
        "scenario.toml",
        ("iom_causal.simulate", "scenarios"),
        (
            "Change what you know better; it runs as it is: iom-causal simulate {file} --out {folder}",
            "That is one world at a time; --replicates 100 shows how far chance alone moves them.",
        ),
    ),
}
"""Templates for where there are no person-level data: a published table, designs to compare, a simulated world."""


def start(folder: Path, *, source: Path | None = None, sheet: str = "", form: str | None = None) -> Started:
    """Write a commented study file into a folder, never over another.

    Parameters
    ----------
    folder : Path
        Where; made if it is not there.
    source : Path, optional
        A file of people, from which columns are guessed.
    sheet : str
        Of a workbook with several.
    form : {"published", "design", "scenario"}, optional
        Write the template for a published table instead, for designs to compare, or for a world to simulate.

    Raises
    ------
    SpecError
        IOM-E090 when there is such a file already, IOM-E092 for a source and a form together.
    InputError
        What the file is refused for.
    """
    if source is not None and form is not None:
        raise SpecError("IOM-E092", f"init: --{form} reads no file of people; give it, or --from, and not both")
    if form is not None:
        return _filled(folder, FORMS[form])
    target = _free(folder, "study.toml")
    guesses = Guesses() if source is None else guess(source, sheet)
    text = written(guesses, _beside(source, folder))
    _put(target, text)
    guessed, to_edit = _marked_keys(text)
    return Started(target, guessed, to_edit, _steps(target, guessed, to_edit, guesses))


def _filled(folder: Path, form: Form) -> Started:
    package, beside = form.at
    target = _free(folder, form.file)
    _put(target, (files(package) / beside / "template.toml").read_text(encoding="utf-8"))
    places = {"file": _typed(target), "folder": _typed(folder / "world"), "result": _typed(folder / "diagnosis")}
    return Started(target, (), (), tuple(step.format(**places) for step in form.steps))


SEVERAL_ROWS = (
    "People have several rows each, and no column tells one window from another. If a row is one event, such as an "
    "arrest, count the events first: one row a person, one column a window, and 0 for everybody without any."
)


def _steps(target: Path, guessed: tuple[str, ...], to_edit: tuple[str, ...], guesses: Guesses) -> tuple[str, ...]:
    return (
        *([f"Guessed, please look at: {', '.join(guessed)}."] if guessed else []),
        *([f"Columns that are not read: {', '.join(guesses.unread)}."] if guesses.unread else []),
        *([SEVERAL_ROWS] if guesses.layout == "long" and not guesses.period else []),
        *([f"First fill in the lines marked {EDIT}: {', '.join(to_edit)}."] if to_edit else []),
        *([DATES_FIRST] if _dates_needed(guesses) else []),
        *([PICKED_ALIKE] if guesses.who.others else []),
        f"Then run: iom-causal evaluate {_typed(target)}",
    )


DATES_FIRST = (
    "First give the windows their dates: there are more of them on one side than on the other, and nothing tells how "
    "long they are."
)


PICKED_ALIKE = (
    "If people who were not managed were picked as the managed were, say so (selected): it is with such people that "
    "the managed are compared."
)


def _dates_needed(g: Guesses) -> bool:
    """Whether sums over the windows could be over unlike time, so that a study without their dates is refused."""
    if g.months:
        return False
    after = sum(post for *_, post in g.windows)
    summed = not g.outcomes or any(kind != "score" for _, kind, *_ in g.outcomes)
    return summed and not g.days_at_risk and 2 * after != len(g.windows)


def _typed(path: Path) -> str:
    """Return a path as it is typed in a terminal."""
    return f'"{path}"' if " " in str(path) else str(path)


def _free(folder: Path, name: str) -> Path:
    target = folder / name
    if not folder.exists():
        check_folder(folder)
    with answered(folder):
        there = target.exists() or (folder.exists() and not folder.is_dir())
    if there:
        raise SpecError("IOM-E090", f"{echo(name)} is already there, or the folder is a file; name another folder")
    return target


def _put(target: Path, text: str) -> None:
    with answered(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:  # a link to elsewhere is not followed
            file.write(text)


def _beside(source: Path | None, folder: Path) -> str:
    if source is None:
        return f"{EDIT}.csv"
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:  # another drive
        return source.resolve().as_posix()


def _marked_keys(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that are guessed, and those left to fill in."""
    lines = [line.strip() for line in text.splitlines() if " = " in line and not line.strip().startswith("#")]
    keys = [(INSIDE.get(line[:7], line.split(" = ")[0].strip()), line) for line in lines]
    guessed = (key for key, line in keys if "# guessed" in line)
    edit = (key for key, line in keys if f'"{EDIT}' in line)
    return tuple(dict.fromkeys(guessed)), tuple(dict.fromkeys(edit))


def written(g: Guesses, file: str) -> str:
    """Return the study file as text.

    Examples
    --------
    >>> "smallest_effect" in written(Guesses(), "people.csv")
    True
    """
    name = next((o[0] for o in g.outcomes if o[1] == "count"), "arrests")
    first = g.windows[0][0]
    body = [*_extract(g, file), *_windows(g), *_outcomes(g), *_more(name)]
    return "\n".join([*_opening(body), *_head(name, first, invented=g.invented), *body]) + "\n"


def _opening(body: list[str]) -> list[str]:
    to_fill = any(f'"{EDIT}' in line for line in body)
    fill = f"Fill in the lines marked {EDIT}, look" if to_fill else "Look"
    before = [
        "#",
        "# Before there are any people these lines may stay: give the windows, the outcomes and the selection, and run",
        "#",
        "#     iom-causal rehearse study.toml",
        "#",
    ]
    return [
        f'# A study of your own people. {fill} at the lines marked "guessed"; then run',
        "#",
        "#     iom-causal evaluate study.toml",
        *(before if to_fill else ["#"]),
        "# Lines that start with # are not read: take the mark away to use them.",
    ]


def _head(outcome: str, window: str, *, invented: bool) -> list[str]:
    rule = {"variable": outcome, "windows": [window], "rule": "at_least", "threshold": 3, "timing": "at_boundary"}
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
        f"# selection = {toml_value(rule)}",
        "",
        "[study.extract]",
    ]


def _extract(g: Guesses, file: str) -> list[str]:
    rows: list[tuple[str, Any, str]] = [("file", file, "beside this study file")]
    rows += [(key, value, _why(key, g)) for key, value in g.settings.items()]
    rows += [("layout", g.layout, "one row a person" if g.layout == "wide" else "one row a person and period")]
    rows += [("id", g.id or f"{EDIT}: the column of ids", GUESSED if g.id else "")]
    rows += (
        [("period", g.period or f"{EDIT}: the column that tells the window", GUESSED if g.period else "")]
        if (g.layout == "long")
        else []
    )
    rows += [("age", g.age, f"{GUESSED}: age when the programme began")] if g.age else []
    rows += [("days_at_risk", list(g.days_at_risk), GUESSED)] if g.days_at_risk else []
    lines = [_line(*row) for row in rows]
    if g.date_of_birth:
        lines += ["# Ages are worked out at the start of the window after, which then needs its dates (below):"]
        lines += [f"# {_line('date_of_birth', g.date_of_birth, GUESSED)}"]
    if g.custody_days and g.days_at_risk:
        lines += [_line("custody_days", list(g.custody_days), f"{GUESSED}; they are taken from days_at_risk")]
    elif g.custody_days:
        lines += ["# Days in custody are taken from the windows, which then need their dates (below):"]
        lines += [f"# {_line('custody_days', list(g.custody_days), GUESSED)}"]
    if g.unread:
        lines += [f"# Columns that are not read: {', '.join(map(toml_value, g.unread))}."]
    return [*lines, *_who_was_managed(g)]


def _who_was_managed(g: Guesses) -> list[str]:
    """Return the keys that tell managed people from others in one file; what is not sure is left to fill in."""
    return [
        "# If the file holds people who were not managed, say which column tells and its value for managed:",
        *_group(g.who),
        "# If people entered at different times, say in place of group which column tells when: each one's first",
        "# managed window by its label, or the day where windows have dates, and nothing for people never managed.",
        *_start(g.who),
        "# Say too whether people never managed were picked as the managed were (a waiting list, a lottery, another",
        "# force by the same rule): true, false, or a column of 1 and 0. Such people are what the managed are compared",
        "# with; the rest of those from whom people were picked show what picking alone does.",
        "# selected = true",
        *_covariates(g),
    ]


def _group(who: WhoWasManaged) -> list[str]:
    if not who.group:
        return ['# group = "group"', '# managed = ["1"]']
    ask = f"{EDIT}: what stands there for managed people; delete this line and the one above if nothing does"
    return [
        _line("group", who.group, GUESSED),
        _line("managed", list(who.managed), "guessed") if who.managed else _line("managed", [ask], ""),
    ]


def _start(who: WhoWasManaged) -> list[str]:
    if who.start and who.places:
        return [_line("start", who.start, GUESSED)]
    if who.group or not who.others:
        return [f"# {_line('start', who.start or 'entered', '')}"]
    ask = f"{EDIT}: {who.start}, with dates for the windows (below) if it holds days; delete this line if all of them"
    return [_line("start", f"{ask} were managed in the same windows", "")]


def _covariates(g: Guesses) -> list[str]:
    """Return the key for columns to carry along, with those that look like groups of people."""
    told = "# Columns to carry along: groups to compare (sex, team), and what a method names (force, score picked by)."
    return [told, _line("covariates", list(g.levels), "guessed") if g.levels else '# covariates = ["sex", "team"]']


def _why(key: str, g: Guesses) -> str:
    if key == "missing" and "-" in g.settings["missing"]:
        return "guessed: no value. A spreadsheet may show 0 as -; if these are 0, put 0 into the file"
    if key == "dates":
        return {"dd/mm/yyyy": "guessed: the day first", "mm/dd/yyyy": "guessed: the month first"}.get(
            g.settings["dates"], "guessed from the file"
        )
    if key != "sheet" or not g.other_sheets:
        return "guessed from the file"
    held = listed([name for name, *_ in g.outcomes]) or "people"
    return f"guessed: it holds {held}; not read: {', '.join(toml_value(name) for name in g.other_sheets)}"


def _line(key: str, value: Any, why: str) -> str:
    text = f"{key} = {toml_value(value)}"
    return f"{text:<38}  # {why}" if why else text


def _windows(g: Guesses) -> list[str]:
    if g.months:
        first, last = (f"{month}-01" for month in g.months)
        after = f'"{EDIT}: a day such as {last}"'
        if g.months[0] < g.who.first[:7] <= g.months[1]:
            after = g.who.first[:10] if len(g.who.first) > len(first[:7]) else f"{g.who.first}-01"
        return [
            "# Calendar months, each in full; after is any day of the first month that lies after the introduction.",
            f"months = {{ first = {first}, after = {after}, last = {last} }}  # guessed",
        ]
    rows = []
    for label, period, post in g.windows:
        window = {"label": label} | ({} if period in {None, label} else {"period": period})
        rows.append(f"  {toml_value(window | ({'post': True} if post else {}))},")
    if g.layout == "long":
        rows[-1] += "  # guessed: the order, and which lie after (post = true)"
    return [
        "# In order of time. With dates - start = 2016-01-01, end = 2017-01-01, where end is the first day AFTER the",
        "# window - figures are per day, and ageing can be allowed for.",
        "# With more windows on one side than on the other, dates (or days at risk) are needed. Calendar months,",
        "# labelled 2014-01 and so on: months = { first = 2014-01-01, after = 2016-01-01, last = 2016-12-31 }.",
        "windows = [",
        *rows,
        "]",
    ]


def _outcomes(g: Guesses) -> list[str]:
    rows = []
    for name, kind, columns, missing in g.outcomes:
        entry = {"name": name, "kind": kind, "columns": list(columns)} | (
            {"missing": missing} if missing == "keep" else {}
        )
        why = "guessed; some values are missing: keep these people in" if missing == "keep" else "guessed"
        rows.append(f"  {toml_value(entry)},  # {why}")
    if not g.outcomes:
        blank = [f"{EDIT}: the column"] if g.layout == "long" else [f"{EDIT}: before", f"{EDIT}: after"]
        rows = [f"  {toml_value({'name': 'arrests', 'kind': 'count', 'columns': blank})},"]
    harmed = ["{code}"] if g.layout == "long" else ["{code} before", "{code} after"]
    table = {"file": "weights.csv", "name": "the table", "version": "2024"}
    harm = {"name": "harm", "kind": "amount", "columns": harmed, "weights": table}
    kinds = [
        "# kind: count, amount (such as harm), score or binary. Harm from counts by offence, each a column named after",
        "# the code of its offence, by a table of your own with code and weight in a row (0: it shall not count):",
        f"# {toml_value(harm)},",
    ]
    return [*kinds, "outcomes = [", *rows, "]"]


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
