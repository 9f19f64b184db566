"""Write docs/keys.md from the records that read study files: run ``python -m docs.make_keys`` after a new key."""

import dataclasses
import datetime as dt
import inspect
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from docs.keys_such_as import SUCH_AS
from iom_causal import estimators
from iom_causal.base.schema import AsText
from iom_causal.base.specs import toml_value
from iom_causal.beliefs import Belief, Distribution, Range, as_table
from iom_causal.beliefs.distributions import DISTRIBUTIONS
from iom_causal.confounds import CONFOUNDS
from iom_causal.confounds.evidence import SETTINGS, Evidence, EvidenceLine
from iom_causal.confounds.regression.careers import CareerLaw
from iom_causal.protocol.study import OF_ESTIMATORS, EstimatorLine, Study
from iom_causal.published.study import PublishedStudy

PAGE = Path(__file__).with_name("keys.md")
HEAD = """# Every key of a study file

A study file is TOML: its first table says what it is. `[study]` is a study of people of your own, `[published]` a study
of which only the print is at hand, `[evidence]` a set of allowances to be used in several. `iom-causal init` writes one
to begin with ([start](start.md)); an unknown key is refused with the nearest that there is, and a key that is needed
and absent by its name ([errors](errors.md)). What a whole study looks like:
[From files to an answer](tutorials/your_own_extract.md), [People without microdata](howto/no_microdata.md). Worlds and
designs have files of their own: [simulate](howto/simulate_worlds.md), [designs](designs.md).

In the tables below **default** is what holds where the key is not there; a key without one is needed. A **table** is
written as `key = { ... }` or under its own head `[...]`, a **list of tables** under as many heads `[[...]]`. Days are
written without quotation marks (`2012-05-01`); a window ends on the first day *after* it. Every printed figure of a
`[published]` file is text, as it is printed: `"6.80"`, for 6.8 is another print.
"""
BELIEFS = """## A belief

Where a setting takes a belief, it is a number that is known, or one of these:

| written as | what it is |
| --- | --- |
"""
OF_CONFOUNDS = """## Settings of confounds

`settings = { ... }` of `[[study.confounds]]`, `[[study.own_evidence.lines]]` and `[[evidence.lines]]`, by the
`confound` that they are of. What each is, and when its line is right: [confounds](reference/confounds.md).
"""
OF_THE_ESTIMATORS = """## Settings of estimators

`settings = { ... }` of `[[study.estimators]]`, each with its default (one without is needed). What each is:
[estimators](reference/estimators.md).

| estimator | settings |
| --- | --- |
"""
BY_NAME = {"settings": "Its settings by name, below.", "estimator": "Its name, below."}
"""Keys of the lines that a class reads by itself, and that are no fields of it."""
NAMES = ("confound", "estimator")
"""Keys that are text where the class has what is made of it."""
NEEDED = "needed"
WORDS: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dt.date: "day",
    dict: "table",
}
PLURAL = {"text": "texts", "number": "numbers", "whole number": "numbers", "day": "days", "belief": "beliefs"}
BUNDLED = (
    ("iom_causal.protocol", "template.toml", Study),
    ("iom_causal.published.studies", "template.toml", PublishedStudy),
    ("iom_causal.published.studies", "sleath-brown-2017.toml", PublishedStudy),
)
"""Files that come with the package, in which keys stand with their values."""
SHORT = 50
"""Characters of a value that is shown."""
MORE: Mapping[type, str] = {
    Evidence: "An `[evidence]` file has no key `name`: it is called as its file is.",
    EvidenceLine: "The [settings of each confound](#settings-of-confounds) are below.",
    EstimatorLine: "The [settings of each estimator](#settings-of-estimators) are below.",
}
"""What the docstring of a record does not say of its files."""
OF_PYTHON = (CareerLaw,)
"""Settings that are made in Python alone: no file can write them."""
STATES = {EvidenceLine: SETTINGS, EstimatorLine: OF_ESTIMATORS}
"""Of classes that read their own table its keys."""


class Row(NamedTuple):
    """Key of a table: what it takes, its default, and what it is."""

    key: str
    takes: str
    default: str
    what: str


class Place(NamedTuple):
    """Table of a file: its record, and the heads under which it stands."""

    record: type
    heads: list[str]

    @property
    def anchor(self) -> str:
        """Where other parts of the page lead."""
        return re.sub(r"[^a-z_ -]", "", self.heads[0].lower()).replace(" ", "-")


def places() -> dict[type, Place]:
    """Return the tables of every kind of file in the order in which they are met, each once with all its heads."""
    found: dict[type, Place] = {}
    for record, head in ((Study, "[study]"), (PublishedStudy, "[published]"), (Evidence, "[evidence]")):
        _add(found, record, head)
    return found


def _add(found: dict[type, Place], record: type, head: str) -> None:
    found.setdefault(record, Place(record, [])).heads.append(head)
    found[record].heads.sort(key=lambda head: head.count("."))
    path = head.strip("[]")
    for key, hint in hints(record).items():
        inner, several = table_of(hint)
        if inner is not None:
            _add(found, inner, f"[[{path}.{key}]]" if several else f"[{path}.{key}]")


def hints(record: type) -> dict[str, Any]:
    """Return the keys that a record is read by, with what each takes."""
    own = get_type_hints(record)
    if record in STATES:
        return {key: dict if key == "settings" else str if key in NAMES else own[key] for key in STATES[record]}
    refused = {*getattr(record, "unread", ()), *(key for key, hint in own.items() if table_of(hint)[0] in OF_PYTHON)}
    return {f.name: own[f.name] for f in dataclasses.fields(record) if f.compare and f.name not in refused}


def table_of(hint: Any) -> tuple[type | None, bool]:
    """Return the record of the table that a key holds, none of any other key, and whether it holds several."""
    for part in _parts(hint):
        several = get_origin(part) is tuple
        inner = get_args(part)[0] if several else part
        if isinstance(inner, type) and dataclasses.is_dataclass(inner) and not isinstance(inner, AsText):
            return inner, several
    return None, False


def _parts(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(part for part in get_args(hint) if part is not types.NoneType)
    return (hint,)


def takes(hint: Any) -> str:
    """Return what a key takes, in words."""
    parts = _parts(hint)
    if Belief in parts:
        return "belief"
    return " or ".join(dict.fromkeys(map(_takes, parts)))


def _takes(part: Any) -> str:
    if get_origin(part) is tuple:
        inner = get_args(part)[0]
        return "list of tables" if table_of(inner)[0] else f"list of {PLURAL.get(takes(inner), 'values')}"
    if dataclasses.is_dataclass(part):
        return "text" if isinstance(part, AsText) else "table"
    return WORDS.get(part, "value")


def described(record: type) -> dict[str, tuple[str, str]]:
    """Return of each parameter in a docstring its type and its description, of a base class where it leads there."""
    found: dict[str, tuple[str, str]] = {}
    for each in reversed(record.__mro__):
        for names, kind, text in _parameters(vars(each).get("__doc__") or ""):
            found |= {name: (kind, text) for name in names if name not in found or not text.startswith("As in `")}
    return found


def _parameters(doc: str) -> Iterator[tuple[list[str], str, str]]:
    found = re.search(r"^Parameters\n-+\n(.*?)(?=\n\n\w+\n---|\Z)", inspect.cleandoc(doc), re.DOTALL | re.MULTILINE)
    for entry in re.split(r"\n(?=\S)", found[1]) if found else ():
        head, _, body = entry.partition("\n")
        names, _, kind = head.partition(" : ")
        yield [name.strip() for name in names.split(",")], kind, " ".join(body.split())


def rows(record: type, found: Mapping[type, Place]) -> list[Row]:
    """Return the keys of a record, those that are needed first."""
    said, own = described(record), {f.name: f for f in dataclasses.fields(record)}
    made = [_row(record, key, hint, said, own, found) for key, hint in hints(record).items()]
    return sorted(made, key=lambda row: row.default != NEEDED)


def _row(
    record: type,
    key: str,
    hint: Any,
    said: Mapping[str, tuple[str, str]],
    own: Mapping[str, dataclasses.Field[Any]],
    found: Mapping[type, Place],
) -> Row:
    kind, text = said.get(key, ("", BY_NAME.get(key, "")))
    inner, _ = table_of(hint)
    if inner is not None and (not kind or not text):
        text = (inspect.getdoc(inner) or "").split("\n")[0]
    choices = re.search(r"\{(.+?)\}", kind)
    form = takes(hint)
    if choices:
        several = "list of " if form.startswith("list") else ""
        form = several + " or ".join(f"`{each}`" for each in re.findall(r'"[^"]*"|[^,\s]+', choices[1]))
    form = f"[{form}](#{found[inner].anchor})" if inner in found else form
    default = default_of(own.get(key))
    such_as = examples().get((record, key), "") if shows(hint, default) and not choices else ""
    return Row(key, form, default, markdown(text) + (f" Such as `{such_as}`." if such_as else ""))


def shows(hint: Any, default: str) -> bool:
    """Whether neither the default of a key nor what it takes shows how it is written."""
    return table_of(hint)[0] is None and default in (NEEDED, "none") and bool not in _parts(hint)


@cache
def examples() -> dict[tuple[type, str], str]:
    """Return a value of each key as a file states it: of a file that comes with the package, or of `SUCH_AS`."""
    found: dict[tuple[type, str], str] = {}
    for folder, name, record in BUNDLED:
        ((_, whole),) = tomllib.loads((files(folder) / name).read_text(encoding="utf-8")).items()
        for key, value in _values(record, whole):
            written = toml_value(value)
            if len(written) <= SHORT:
                found.setdefault(key, written)
    own = {(record, key): value for record, keys in SUCH_AS.items() for key, value in keys.items()}
    return {(record, key): value for (record, key), value in (found | own).items() if key in hints(record)}


def _values(record: type, whole: Mapping[str, Any]) -> Iterator[tuple[tuple[type, str], Any]]:
    """Yield the plain values of a table and of those inside it, each with its record and key."""
    for key, value in whole.items():
        inner, several = table_of(hints(record)[key])
        if inner is None:
            yield (record, key), value
            continue
        for each in value if several else [value]:
            yield from _values(inner, each)


def default_of(field: dataclasses.Field[Any] | None) -> str:
    """Return the default of a key as a file would state it."""
    if field is None or field.default is dataclasses.MISSING:
        return NEEDED
    value = field.default
    if isinstance(value, (Range, Distribution)):
        value = as_table(value)
    if dataclasses.is_dataclass(value):
        return f"`{toml_value(value.text)}`" if isinstance(value, AsText) else "those below"
    return "none" if value is None or value in ("", ()) else f"`{toml_value(value)}`"


def markdown(text: str) -> str:
    """Return a description as a cell of a table."""
    of_python = r" \(``?\w+\.of`?` takes one\)"
    return re.sub(r"`+", "`", re.sub(of_python, "", text)).replace("|", "\\|")


def table(record: type, found: Mapping[type, Place]) -> str:
    """Return the keys of a record as a table."""
    head = "| key | takes | default | what it is |\n| --- | --- | --- | --- |\n"
    return head + "".join(f"| `{r.key}` | {r.takes} | {r.default} | {r.what} |\n" for r in rows(record, found))


def _section(place: Place, found: Mapping[type, Place]) -> str:
    first, *others = place.heads
    about = markdown((inspect.getdoc(place.record) or "").split("\n")[0])
    also = f" Also {', '.join(f'`{head}`' for head in others)}." if others else ""
    depth = "##" if "." not in first else "###"
    more = f" {MORE[place.record]}" if place.record in MORE else ""
    return f"{depth} {first}\n\n{about}{also}{more}\n\n{table(place.record, found)}"


def _beliefs() -> str:
    kinds = [Range, *DISTRIBUTIONS]
    lines = []
    for kind in kinds:
        keys = ", ".join(f"{key} = ..." for key in kind.form)
        about = (inspect.getdoc(kind) or "").split("\n")[0]
        lines.append(f"| `{{ {keys} }}` | {markdown(about)} |\n")
    return BELIEFS + "".join(lines)


def _estimators() -> str:
    kinds = [getattr(estimators, name) for name in estimators.__all__ if name[0].isupper()]
    lines = []
    for kind in sorted(kinds, key=lambda kind: kind.__name__.lower()):
        given = ", ".join(_stated(f) for f in dataclasses.fields(kind)) or "none"
        lines.append(f"| `{kind.__name__}` | {given} |\n")
    return OF_THE_ESTIMATORS + "".join(lines)


def _stated(field: dataclasses.Field[Any]) -> str:
    default = default_of(field)
    return f"`{field.name}` ({'needed' if default == NEEDED else default})"


def page() -> str:
    """Return the page."""
    found = places()
    of_confounds = [
        f"### {kind.__name__}\n\n{table(kind, found)}" for kind in sorted(CONFOUNDS, key=lambda c: c.__name__)
    ]
    tables = [_section(place, found) for place in found.values()]
    return "\n".join([HEAD, *tables, _beliefs(), OF_CONFOUNDS, *of_confounds, _estimators()])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
