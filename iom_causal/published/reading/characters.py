"""Normalisation of characters in the text of papers: ligatures, minus signs, spaces, quotation marks, superscripts."""

import re
import unicodedata

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits as superscripts, into which readers of formatted text put what stands raised."""
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SQUARED = re.compile(r"(?<=[χΧXrRηωεφ])\s?²|(?<=η[pP])\s?²|(?<=\bchi)\s?²", re.IGNORECASE)
"""The square of a statistic: chi squared, r squared, eta squared; every other superscript is the mark of a note."""
_TEX = {r"\chi": "χ", r"\eta": "η", r"\omega": "ω", r"\pm": "±", r"\leq": "≤", r"\geq": "≥", r"\le": "≤", r"\ge": "≥"}
_ONE_BY_ONE = str.maketrans(
    dict.fromkeys("−–—‐‑‒―﹣－", "-") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("’‘‚‛′`´", "'")
    # soft hyphens and marks without width
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)  # fmt: skip
_EMPHASIS = re.compile(r"[*$]|(?<!\w)_|_(?!\w)")
"""Marks of emphasis and of mathematics in plain text: stars, dollars, underscores beside a word."""
_GROUPED = re.compile(r"\\[,;! ]|[{}]")


def plain(text: str) -> str:
    """Return text with one form of every character, the marks of notes and emphasis left out, and single spaces.

    Examples
    --------
    >>> plain("𝑡(224) = −11.64, *p* < .001; χ² ﬁt, 225⁴ people")
    't(224) = -11.64, p < .001; χ2 fit, 225 people'
    """
    for name, sign in _TEX.items():
        text = text.replace(name, sign)
    text = text.replace("^2", "²").replace("^{2}", "²")
    text = _SQUARED.sub("2", text)
    text = "".join("" if c in _RAISED else _compatible(c) for c in text)
    text = _EMPHASIS.sub("", _GROUPED.sub("", text.translate(_ONE_BY_ONE)))
    return re.sub(r"\s+", " ", text)


def _compatible(character: str) -> str:
    """Return the plain form of a letter, a ligature or a space; numbers such as a half stay as they are."""
    if character.isascii() or unicodedata.category(character) == "No":
        return character
    return unicodedata.normalize("NFKC", character)


def squashed(text: str) -> str:
    """Return text for comparison: plain, in small letters, without spaces, hyphens and quotation marks.

    A word that the end of a line divides is then the word itself.

    Examples
    --------
    >>> squashed("Follow-up of re- offending") == squashed("follow-up of reoffending")
    True
    """
    return re.sub(r"[\s\-'\"]+", "", plain(text)).lower()


# A number behind a sign of relation with a decimal comma, which is no group of three digits; and with a point.
_COMMA = re.compile(r"[=<>] ?-?(?:\d+,(?!\d{3}\b)\d+|,\d+)")
_POINT = re.compile(r"[=<>] ?-?\d*\.\d+")
_BETWEEN_DF = re.compile(r"\bF ?[(\[][^)\]]*[)\]]")
"""Degrees of freedom of F, whose comma stands between two numbers."""


def has_decimal_commas(text: str) -> bool:
    """Whether more numbers behind a sign of relation have a decimal comma than a point.

    Examples
    --------
    >>> has_decimal_commas("M = 6,84; p < ,001"), has_decimal_commas("N = 1,539; p = .03")
    (True, False)
    """
    return len(_COMMA.findall(text)) > len(_POINT.findall(text))


def with_points(text: str) -> str:
    """Return text with decimal points in the place of decimal commas.

    Examples
    --------
    >>> with_points("F(2,28) = 3,41, p < ,001 and 85,3%")
    'F(2,28) = 3.41, p < .001 and 85.3%'
    """
    kept = {match.span() for match in _BETWEEN_DF.finditer(text)}
    return re.sub(
        r"(?:(?<=\d)|(?<=[=<>])|(?<=[=<>] )|(?<=-)),(?=\d)",
        lambda m: "," if any(a <= m.start() < b for a, b in kept) else ".",
        text,
    )
