"""Numbers of people who are part of others: those that few are short of a larger number are given as it is."""

from collections.abc import Iterable, Sequence

from iom_causal.data.release.disclosure import Disclosure


def apart(sizes: Iterable[int], rules: Disclosure) -> tuple[int, ...]:
    """Return the largest of several numbers of people, and each next that the threshold or more are short of the last.

    Examples
    --------
    >>> apart([203, 200, 203, 191, 187, 12, 4], Disclosure())
    (203, 191, 12)
    """
    found: list[int] = []
    for n in sorted(set(sizes), reverse=True):
        if n >= rules.threshold and (not found or found[-1] - n >= rules.threshold):
            found.append(n)
    return tuple(found)


def whole_of(n: int, sizes: Sequence[int], rules: Disclosure) -> int:
    """Return the number of people as which another is given: the larger of `apart` that few are short of, or itself.

    Two numbers rounded side by side tell that somebody, and few, are in one alone where they are one step apart. Of
    those given alike it stays open whether anybody is, and of others it stays open that as many as the threshold are.

    Examples
    --------
    >>> [whole_of(n, (203, 191), Disclosure()) for n in (203, 200, 191, 187, 150, 4)]
    [203, 203, 191, 191, 150, 4]
    """
    if rules.research or n < rules.threshold:
        return n
    return next((size for size in sizes if 0 <= size - n < rules.threshold), n) if n not in sizes else n
