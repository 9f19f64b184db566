"""Plain words for the slips that make a file no TOML: quotation marks, yes and no, days, percentages, paths."""

import re

SLIPS = (
    (
        re.compile("[\u201c\u201d\u201e\u2018\u2019]"),
        'curly quotation marks stand there; type straight ones, as in "this"',
    ),
    (re.compile(r"=\s*(True|False|TRUE|FALSE|[Yy]es|[Nn]o|YES|NO)\b"), "write true or false, in small letters"),
    (re.compile(r"[=\[,]\s*\d\d?[/.]\d\d?[/.]\d\d(\d\d)?\b"), "write a day as year-month-day, such as 2022-01-31"),
    (re.compile(r"[=\[,]\s*\d{4}-(\d|\d\d-\d)\b"), "write a day with two digits each, such as 2022-01-31"),
    (re.compile(r"\d\s*%"), "write a percentage as a part of 1, such as 0.1 for 10%"),
    (re.compile(r"[=\[,]\s*[\d.]+,\d"), "write a decimal with a point, and thousands without a comma"),
    (re.compile(r"\\"), "write / in the place of each backslash in the name of a file"),
)
"""What a line may hold, and what to do about it, the surest first."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'[^']*'")


def slip(text: str, message: str) -> str:
    r"""Return what to do about the line that a parser of TOML could not read; empty where it is no common slip.

    Parameters
    ----------
    text : str
        The file.
    message : str
        What the parser says.

    Examples
    --------
    >>> slip("a = 1\nb = True", "Invalid value (at line 2, column 5)")
    'write true or false, in small letters'
    >>> slip('title = "Ours', "Unterminated string (at end of document)")
    'a quotation mark is missing; text stands between two of them'
    """
    lines = text.splitlines() or [""]
    at = re.search(r"line (\d+)", message)
    line = lines[min(int(at[1]), len(lines)) - 1] if at else lines[-1]
    bare = _QUOTED.sub("", line) if "\\" not in line else line
    found = next((todo for pattern, todo in SLIPS if pattern.search(bare)), "")
    return found or ("a quotation mark is missing; text stands between two of them" if '"' in bare else "")
