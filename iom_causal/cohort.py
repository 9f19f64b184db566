"""Panels that share people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from iom_causal.base.specs import EMPTY, FrozenMap, nearest
from iom_causal.errors import InputError, UnknownNameError, echo
from iom_causal.panel import Panel


@dataclass(frozen=True, eq=False, repr=False)
class Cohort(Mapping[str, Panel]):
    """Panels that share people and row order, by outcome name.

    Parameters
    ----------
    panels : mapping of str to Panel
        All with the same number of people and replicates.
    notes : tuple of str
        What a reader should know of how it was made.
    diagnostics : mapping
        How well it was made, where it was made.

    Examples
    --------
    >>> Cohort({"arrests": Panel.from_arrays([[1, 2]], name="arrests")})
    Cohort(1 people: arrests)
    """

    panels: Mapping[str, Panel]
    notes: tuple[str, ...] = ()
    diagnostics: Mapping[str, Any] = EMPTY

    def __post_init__(self) -> None:
        if not self.panels:
            raise InputError("IOM-E061", "a cohort needs at least one panel")
        sizes = {(p.n, p.replicates) for p in self.panels.values()}
        if len(sizes) > 1:
            raise InputError("IOM-E037", "cohort: expected panels with the same people and replicates")
        object.__setattr__(self, "panels", FrozenMap(self.panels))

    def __getitem__(self, name: str) -> Panel:
        try:
            return self.panels[name]
        except KeyError:
            hint = nearest(str(name), self.panels)
            raise UnknownNameError("IOM-E009", f"no outcome {echo(name)} in this cohort; {hint}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.panels)

    def __len__(self) -> int:
        return len(self.panels)

    @property
    def n(self) -> int:
        """The number of people."""
        return next(iter(self.panels.values())).n

    @property
    def replicates(self) -> int | None:
        """The length of the replicate axis, or None."""
        return next(iter(self.panels.values())).replicates

    @property
    def synthetic(self) -> bool:
        """Whether these are invented or rebuilt people."""
        return any(p.synthetic for p in self.panels.values())

    def replicate(self, index: int) -> "Cohort":
        """Return one replicate of every panel."""
        return replace(self, panels={name: p.replicate(index) for name, p in self.panels.items()})

    def __repr__(self) -> str:
        made = ", synthetic" if self.synthetic else ""
        return f"Cohort({self.n} people: {', '.join(self.panels)}{made})"
