"""Code in cells of tables: where a long name may go on in the next line."""

import re
from typing import Any

CELL = re.compile(r"<td>.*?</td>", flags=re.DOTALL)
WORD = re.compile(r'(?<=<span class="pre">)[^<]+(?=</span>)')
BREAK = re.compile(r"(?<=[._(=,:/])(?=[\w&{\[])")
"""Behind a mark and before what goes on: nowhere inside a name without marks."""


def breakable(body: str) -> str:
    """Return a page whose code in cells of tables may be broken behind its marks.

    Examples
    --------
    >>> breakable('<td><span class="pre">iom.RateRatio(se="x")</span></td>')
    '<td><span class="pre">iom.<wbr>RateRatio(<wbr>se="x")</span></td>'
    """
    return CELL.sub(lambda cell: WORD.sub(lambda word: BREAK.sub("<wbr>", word[0]), cell[0]), body)


def let_break(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Do it for a page, as Sphinx asks when the page is written."""
    del app, pagename, templatename, doctree
    if "body" in context:
        context["body"] = breakable(context["body"])
