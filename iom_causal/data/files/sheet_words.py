"""Names of a workbook's sheets that may be told: in the words that tables are called by; others may be people's."""

import re
from collections.abc import Callable, Iterable

from iom_causal.base.formats import counted

_CALLED = """
a after all and archive arrest arrests baseline before blank by chart charts clean client clients code codebook codes
cohort comparison contents control convictions cover crime crimes current custody data database detail details
dictionary dip draft event events excluded export extract figures final follow followup form group guidance harm
historic history in index info information input iom key list lists log lookup lookups main managed master me months
nominal nominals not note notes of offence offences offenders offending old on orders out outcome outcomes output page
people period periods person persons pivot post pre prison programme quarter quarters raw read readme record records
referrals register removed report results risk sample score scores sheet sheets spells statistics stats status sub
subjects summary tab table tables test the to total totals treatment untitled variables version waiting wave waves
working year years fy q v
"""
_MONTHS = """
jan feb mar apr may jun jul aug sep sept oct nov dec
january february march april june july august september october november december
"""
WORDS = frozenset(_CALLED.split())
"""Words by which tables are called, and nobody is."""
MONTHS = frozenset(_MONTHS.split())
"""Some of which are names too: with a number beside them they are months."""


def told(names: Iterable[str], written: Callable[[str], str] = str) -> str:
    """Return the names of sheets in a list: those in words of tables and a number; others are counted.

    Examples
    --------
    >>> told(["Cohort", "Sheet2", "April 2023", "J. Smith"])
    'Cohort, Sheet2, April 2023, 1 whose name is not repeated here'
    >>> told(["April", "1994-02-11"])
    '2 whose names are not repeated here'
    """
    names = tuple(names)
    named = [written(name) for name in names if spoken(name)]
    rest = counted(len(names) - len(named), "whose [name is|names are] not repeated here")
    return ", ".join([*named, *([rest] if len(named) < len(names) else [])])


def spoken(name: str) -> bool:
    """Whether a name is of words of tables, and of at most one number of up to four digits."""
    parts = re.findall(r"[a-z]+|[0-9]+", name.lower()) if re.fullmatch(r"[\w .,&()-]+", name, re.ASCII) else []
    numbers = [part for part in parts if part.isdigit()]
    words = {part for part in parts if not part.isdigit()}
    if not words or len(numbers) > 1 or len("".join(numbers)) > 4:
        return False
    return words <= (WORDS | MONTHS if numbers else WORDS)
