"""Grammar of reported statistics: tests, effect sizes, means, SDs, numbers of people, ranges, percentages, intervals.

Each form of reporting is one named pattern, put together of named parts; what two patterns both cover belongs to the
one that stands first in `FORMS`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

# Parts of patterns. Text is in plain characters: one minus sign, single spaces, decimal points.
_START = r"(?<![\w.\-])"  # no letter, digit or hyphen before: "WISC-R = 12" is no r
_NUMBER = r"-? ?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+\.\d+|\.\d+|\d+)"
_WHOLE = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?![\d.]*\d|%)"
_IS = r" ?(?:=|:|of|was|is|were) ?"
_EQUALS = r" ?= ?"
_OPEN, _CLOSE = r"[(\[]", r"[)\]]"
_DF = r"\d+(?:\.\d+)?"
_P_NUMBER = r"(?:0?\.\d+|0|1(?:\.0+)?)"
_P = rf"{_START}p(?:s|'s)?(?:[ -]?values?)?(?: of)? ?(?P<relation>[<>=≤≥]|=<|<=|>=) ?(?P<p>{_P_NUMBER})(?!\d|\.\d)"
_TO = r" ?(?:-|to|and|,|;) ?"


class Mention(NamedTuple):
    """Reported figure, or several that belong together, as they stand in a text.

    Attributes
    ----------
    kind : str
        A key of `FORMS`.
    figures : mapping of str to str
        The figures by name, as reported.
    start, end : int
        Where they stand.
    text : str
        All of it.
    """

    kind: str
    figures: Mapping[str, str]
    start: int
    end: int
    text: str


_TEST_NAMES = r"(?P<name>chi-?squared?|chi-?2|χ2|χ|X2|[tFzZr])"
_TEST_VALUE = rf"{_EQUALS}(?P<value>{_NUMBER})(?P<stars>\*{{0,3}})"
_WITHIN = rf"{_OPEN} ?(?:df ?= ?)?(?P<df>{_DF})(?:[,;] ?(?P<df2>{_DF}))?(?:[,;]? ?[Nn] ?= ?(?P<n>{_WHOLE}))? ?{_CLOSE}"
_LOWERED = rf"_(?P<low_df>{_DF})(?:, ?(?P<low_df2>{_DF}))?"
_BESIDE = rf"[,;]? (?:with )?df ?= ?(?P<own_df>{_DF})(?:[,;] ?(?P<own_df2>{_DF}))?"

# t(224) = 11.64; t_224 = 11.64; F(2, 28) = 3.1; χ2(1, N = 225) = 4.2; r(28) = .22
_TEST = re.compile(rf"{_START}{_TEST_NAMES}(?:-?test)? ?(?:{_WITHIN}|{_LOWERED}){_TEST_VALUE}")
# t = 11.64, df = 224; χ2 = 4.2, df = 1
_TEST_DF_AFTER = re.compile(rf"{_START}{_TEST_NAMES}{_TEST_VALUE}{_BESIDE}")
# z = 2.20, p = .03: without degrees of freedom only where a p-value follows
_TEST_WITH_P = re.compile(rf"{_START}{_TEST_NAMES}{_TEST_VALUE}(?=[,;]? ?(?:and )?{_OPEN}? ?p ?[<>=≤≥])")
_P_AFTER = re.compile(rf"[,;]?{_CLOSE}? ?(?:and |with )?{_OPEN}? ?{_P}", re.IGNORECASE)
_NS_AFTER = re.compile(r"[,;]? ?\(?(?:p ?= ?)?(?:n\.s\.|ns\b|not significant)", re.IGNORECASE)
_ONE_SIDED = re.compile(r"one-?[ -]?(?:tailed|sided)", re.IGNORECASE)
_OTHER_DF = re.compile(_BESIDE)

_EFFECTS: Mapping[str, str] = {
    r"(?:Cohen's )?d_?z": "dz",
    r"(?:Cohen's )?d_?rm": "drm",
    r"(?:Cohen's )?d_?av": "dav",
    r"(?:Cohen's )?d": "d",
    r"Glass(?:'s?)? ?(?:Δ|delta)": "glass_pre",
    r"r2|R2|r squared": "r_squared",
    r"r": "r",
    r"(?:Hedges'?s? ?)?g": "g",
    r"(?:partial |generali[sz]ed )?(?:η|eta)_?[pPG]?(?:2|-squared| squared)(?:_?[pPG])?": "eta_squared",
    r"(?:ω|omega)(?:2| squared)": "omega_squared",
    r"(?:φ|phi)": "phi",
    r"(?:Cramer's |Cramér's )?V": "v",
    r"OR": "odds_ratio",
    r"RR": "risk_ratio",
}
"""Symbols of effect sizes, as patterns, and what they stand for; a study file has keys for the first seven."""
_EFFECT = re.compile(
    rf"{_START}(?:{'|'.join(f'(?P<k{k}>{form})' for k, form in enumerate(_EFFECTS))}){_EQUALS}(?P<value>{_NUMBER})"
)
# "(medium effect size)", ", a large effect"
_LABEL_AFTER = re.compile(
    rf"[,;]? ?{_OPEN}? ?(?:which is |indicating )?(?:an? )?(?P<label>small|medium|moderate|large)(?: to \w+)?[ -]effect"
)

# (M = 6.84, SD = 4.75); a mean of 6.84; Mage = 30.43
_MEAN_NAME = r"(?:M_?(?P<age>age)|M|[Mm]ean(?P<years> age)?(?: (?:score|number)s?)?|x̄)"
_MEAN = re.compile(rf"{_START}{_MEAN_NAME}(?:{_IS}| (?=\d))(?P<value>{_NUMBER})(?!\w|%)")
# a change with its own sign of the mean: Mdiff = 3.23, a mean difference of 3.23
_CHANGE_NAME = r"(?:M_?(?:D|diff|difference|change)|[Mm]ean (?:difference|change|reduction|decrease|increase))"
_CHANGE = re.compile(rf"{_START}{_CHANGE_NAME}{_IS}(?P<value>{_NUMBER})")
_SD_NAME = r"(?:S\.? ?D\.?|s\.d\.|sd|[Ss]tandard deviations?)"
_SD = re.compile(rf"{_START}{_SD_NAME}(?:{_IS}| )(?P<value>{_NUMBER})")
_N = re.compile(rf"{_START}(?P<sign>[Nn]s?){_EQUALS}(?P<value>{_WHOLE})")
_RANGE_WORDS = r"(?:range[ds]?(?:(?: was| were)? from| was|:|,| =)?|aged(?: between| from)?|between the ages of)"
_RANGE = re.compile(
    rf"{_START}{_RANGE_WORDS} ?(?P<low>-?\d+(?:\.\d+)?)(?: years)?{_TO}(?P<high>-?\d+(?:\.\d+)?)(?!\w|%|\.\d)"
)
_PERCENT = re.compile(rf"(?<![\w.\-/])(?P<value>{_NUMBER}) ?(?:%|per ?cent\b)(?! ?(?:CI|[Cc]onfidence|[Cc]redible))")
_LEVEL = r"(?P<level>\d{2}(?:\.\d+)?) ?(?:%|per ?cent) ?(?:CIs?|[Cc]onfidence intervals?)"
_INTERVAL = re.compile(rf"{_LEVEL}(?:{_IS}|,? )?{_OPEN}?(?P<low>{_NUMBER}){_TO}(?P<high>{_NUMBER}) ?{_CLOSE}?")
_PEOPLE_WORDS = (
    r"(?P<noun>offenders|participants|people|persons|individuals|patients|clients|men|women|males|females|boys|girls|"
    r"respondents|prisoners|probationers|students|children|adults|youths|cases|mentees|members|users|service users)"
)
_PEOPLE = re.compile(
    rf"(?<![\w.,\-=%/])(?P<value>{_WHOLE}) (?:\w+ ){{0,2}}?{_PEOPLE_WORDS}\b(?! ?(?:and|or) (?:older|over))"
)
_SHARE = re.compile(rf"(?<![\w.,\-/])(?P<count>{_WHOLE}) (?:out )?of (?:the |these |all )?(?P<n>{_WHOLE})(?= [a-z])")
_DOI = re.compile(r"\b(?P<value>10\.\d{4,9}/[^\s\"<>()\]]*[^\s\"<>()\].,;:])")

_NAMES: Mapping[str, str] = {"X2": "chi2", "χ": "chi2", "χ2": "chi2", "Z": "z"}
"""Statistics by the name that a study file has for them, where it is another."""


def _tests(text: str) -> Iterator[Mention]:
    for pattern in (_TEST, _TEST_DF_AFTER, _TEST_WITH_P):
        yield from (_test(text, found) for found in pattern.finditer(text) if _fits(found))


_GROUPED_DF = re.compile(rf"{_OPEN} ?(\d{{1,3}},\d{{3}}) ?{_CLOSE}")


def _fits(found: re.Match[str]) -> bool:
    """Whether a test has as many degrees of freedom as its statistic; a second of chi squared is the n."""
    return (
        found["name"] == "F" or not _second_df(found) or found["name"][0] in "cχX" or bool(_GROUPED_DF.search(found[0]))
    )


def _second_df(found: re.Match[str]) -> str:
    return next((value for key, value in found.groupdict().items() if key.endswith("df2") and value), "")


def _test(text: str, found: re.Match[str]) -> Mention:
    parts = {key: value for key, value in found.groupdict().items() if value}
    name = parts["name"]
    df = [parts[key] for key in ("df", "df2", "low_df", "low_df2", "own_df", "own_df2") if key in parts]
    figures = {
        "statistic": "chi2" if name.lower().startswith("chi") else _NAMES.get(name, name),
        "value": _tight(parts["value"]),
        "df": " ".join(df),
        **({"n": parts["n"]} if "n" in parts else {}),
    }
    if _second_df(found) and figures["statistic"] != "F":
        grouped = _GROUPED_DF.search(found[0])
        figures |= {"df": grouped[1]} if grouped else {"df": df[0], "n": df[1]}
    end = found.end()
    if not df and (own := _OTHER_DF.match(text, end)):
        figures["df"], end = " ".join(filter(None, own.groups())), own.end()
    if p := _P_AFTER.match(text, end):
        figures["p"], end = f"p {_relation(p['relation'])} {p['p']}", p.end()
    elif ns := _NS_AFTER.match(text, end):
        figures["ns"], end = "ns", ns.end()
    if _ONE_SIDED.search(text, end, min(len(text), end + 25)):
        figures["tails"] = "1"
    return Mention("test", MappingProxyType(figures), found.start(), end, text[found.start() : end])


def _relation(sign: str) -> str:
    return {"=<": "<", "<=": "<", "≤": "<", ">=": ">", "≥": ">"}.get(sign, sign)


def _effects(text: str) -> Iterator[Mention]:
    for found in _EFFECT.finditer(text):
        which = next(k for k in range(len(_EFFECTS)) if found[f"k{k}"])
        figures, end = {"symbol": list(_EFFECTS.values())[which], "value": _tight(found["value"])}, found.end()
        label = _LABEL_AFTER.match(text, end) or _LABEL_AFTER.match(text, _past_interval(text, end))
        if label:
            figures["label"], end = label["label"], label.end()
        yield Mention("effect", MappingProxyType(figures), found.start(), end, text[found.start() : end])


def _past_interval(text: str, end: int) -> int:
    found = re.compile(rf"[,;]? ?{_OPEN}?").match(text, end)
    interval = _INTERVAL.match(text, end if found is None else found.end())
    return end if interval is None else interval.end()


def _plainly(kind: str, pattern: re.Pattern[str]) -> Callable[[str], Iterator[Mention]]:
    """Return what finds a form whose figures are the groups of its pattern."""

    def find(text: str) -> Iterator[Mention]:
        for found in pattern.finditer(text):
            figures = {key: _tight(value) for key, value in found.groupdict().items() if value}
            yield Mention(kind, MappingProxyType(figures), found.start(), found.end(), found[0])

    return find


def _tight(figure: str) -> str:
    return figure.replace("- ", "-").strip()


FORMS: Mapping[str, Callable[[str], Iterator[Mention]]] = {
    "doi": _plainly("doi", _DOI),
    "test": _tests,
    "change": _plainly("change", _CHANGE),
    "interval": _plainly("interval", _INTERVAL),
    "effect": _effects,
    "mean": _plainly("mean", _MEAN),
    "sd": _plainly("sd", _SD),
    "range": _plainly("range", _RANGE),
    "n": _plainly("n", _N),
    "percent": _plainly("percent", _PERCENT),
    "share": _plainly("share", _SHARE),
    "people": _plainly("people", _PEOPLE),
}
"""Every form of reporting, with what finds it in a text; a stretch of text is read as the first form that covers it."""


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the reported figures of a text in plain characters, in their order.

    Examples
    --------
    >>> for found in mentions("fewer (M = 6.84, SD = 4.75), t(224) = 11.64, p < .001, r = .38; see Table 2, p. 21"):
    ...     print(found.kind, dict(found.figures))
    mean {'value': '6.84'}
    sd {'value': '4.75'}
    test {'statistic': 't', 'value': '11.64', 'df': '224', 'p': 'p < .001'}
    effect {'symbol': 'r', 'value': '.38'}
    """
    taken: list[Mention] = []
    covered = bytearray(len(text))
    for find in FORMS.values():
        for found in find(text):
            if not any(covered[found.start : found.end]):
                covered[found.start : found.end] = b"\1" * (found.end - found.start)
                taken.append(found)
    return tuple(sorted(taken, key=lambda found: found.start))
