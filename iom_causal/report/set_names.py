"""Names of evidence sets in words: what a page calls each, in running text and at the head of a column."""

from collections import Counter
from collections.abc import Callable

from iom_causal.analysis.ledgers import LACKING
from iom_causal.analysis.subject import Subject


def set_names(subject: Subject) -> Callable[[str], str]:
    """Return the words for a set of evidence by its code name: its title, with the name beside one that two sets have.

    Examples
    --------
    >>> from iom_causal.analysis.published.table import PublishedTable
    >>> from iom_causal.published.study import load_published
    >>> called = set_names(PublishedTable(study=load_published("sleath-brown-2017")))
    >>> called("picked-on-rate-2012"), called("wide-pool-2012 without ageing")
    ('picked on their rate', 'picked from a wide pool without ageing')
    """
    titles = {each.name: running(each.title) for outcome in subject.outcomes for each in subject.sets(outcome)}
    held = Counter(titles.values())

    def called(name: str) -> str:
        code, lacks, lines = name.partition(LACKING)
        title = titles.get(code, code)
        return f"{title if held[title] < 2 else f'{title} ({code})'}{lacks}{lines}"

    return called


def running(title: str) -> str:
    """Return a title as it stands within a sentence.

    Examples
    --------
    >>> running("Picked on their rate"), running("ONS figures")
    ('picked on their rate', 'ONS figures')
    """
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"
