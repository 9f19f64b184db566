"""Designs whose simulated studies are the same to the last digit: what was varied changes nothing in them."""

from collections.abc import Iterable, Mapping

import numpy as np

from iom_causal.base.formats import listed
from iom_causal.base.setting_paths import paths_apart
from iom_causal.base.wording import quote
from iom_causal.designs.columns import Columns
from iom_causal.designs.design import Design


def alike(labels: Iterable[str], columns: Columns) -> tuple[tuple[str, ...], ...]:
    """Return the designs, by label, that leave the same truths, panels and answers in every replicate.

    Designs that leave none, as where every world is refused, are not put together.

    Parameters
    ----------
    labels : iterable of str
        Of the designs.
    columns : dict of str to array
        Of their replicates, as `Diagnosis.columns`.

    Examples
    --------
    >>> import numpy as np
    >>> alike("abc", {"a/x": np.array([1.0]), "b/x": np.array([2.0]), "c/x": np.array([1.0])})
    (('a', 'c'),)
    """
    groups: dict[frozenset[tuple[str, str, bytes]], list[str]] = {}
    for label in labels:
        own = {name.removeprefix(f"{label}/"): c for name, c in columns.items() if name.startswith(f"{label}/")}
        if any(np.isfinite(c).any() for name, c in own.items() if not name.endswith("/code")):
            key = frozenset((name, c.dtype.str, c.tobytes()) for name, c in own.items())
            groups.setdefault(key, []).append(label)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def alike_sentences(groups: Iterable[tuple[str, ...]], designs: Mapping[str, Design]) -> tuple[str, ...]:
    """Say which designs simulate the same studies, and which settings tell them apart and change nothing."""
    return tuple(_said(group, designs) for group in groups)


def _said(group: tuple[str, ...], designs: Mapping[str, Design]) -> str:
    first, *others = group
    apart = dict.fromkeys(path for other in others for path in paths_apart(designs[first], designs[other]))
    changes = "changes" if len(apart) == 1 else "change"
    why = f"{listed(list(apart))} {changes} nothing in them" if apart else "they are one design"
    return f"{listed([quote(label) for label in group])} give the same figures in every simulated study: {why}."
