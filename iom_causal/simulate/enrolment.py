"""Enrolment of people into a simulated programme."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, check_types, nearest, refuse_data
from iom_causal.errors import SpecError
from iom_causal.numerics.careers import parameters as kernel
from iom_causal.simulate.settings import check
from iom_causal.windows import Selection, Window

READS = {"events": kernel.READS_EVENTS, "score": kernel.READS_SCORE, "rate": kernel.READS_RATE}


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """Enrolment: who is selected, and when they enter.

    Parameters
    ----------
    selection : Selection, optional
        The rule, and the windows whose events (or last score) it reads; None takes all people. A rule that reads
        windows after the index date selects on what happened without the programme. The threshold of a rule ``top``
        may be left out: it then takes as many as the programme has places.
    reads : {"events", "score", "rate"}
        Whether it reads counts, the score, or the rate behind both on the index date, with everything of it that is
        the person's own, its drift mid-way between the months beside it: on the last nothing regresses.
    noise : float
        SD of what is added to the value that the rule reads: referral by people, not by a formula. A hard rule with
        noise is a probit.
    at_liberty : bool
        Whether only people at liberty on the index date are taken; a custody line must then have all of them free.
    entry_months : tuple of int
        Months after the index date at which people enter, each as likely as the others: ``(0,)`` is one launch for
        all, ``(0, 1, ..., 17)`` rolling entry, ``(0, 6, 12)`` a stepped wedge with people as the steps.

    Examples
    --------
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    >>> Enrolment(selection=rule, noise=2.0).entry_months
    (0,)
    """

    selection: Selection | None = None
    reads: str = "events"
    noise: float = 0.0
    at_liberty: bool = False
    entry_months: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.reads, READS, "Enrolment reads")
        check(self, self.noise >= 0, "a noise of at least 0")
        months = self.entry_months
        check(self, bool(months) and all(m >= 0 for m in months), "entry_months of at least 0")
        rule = self.selection
        if rule is None:
            return
        if rule.rule == "rate":
            raise SpecError(
                "IOM-E092", "Enrolment: for people selected on the rate, give reads='rate' and another rule"
            )
        if rule.rule == "top" and rule.threshold is None:
            return
        if rule.threshold is None or (rule.rule == "soft" and rule.softness is None):
            raise SpecError("IOM-E096", f"Enrolment: rule {rule.rule!r} needs a threshold (and softness if soft)")
        check(self, not math.isnan(rule.threshold), "a selection whose threshold is a number")
        places = rule.rule != "top" or (math.isfinite(rule.threshold) and rule.threshold % 1 == 0 < rule.threshold)
        check(self, places, "a selection of the top whose threshold is a whole number of places, at least 1")

    def rule_for(self, people: int) -> Selection | None:
        """Return the rule of a programme with so many places, which a rule ``top`` fills where it has no threshold.

        Examples
        --------
        >>> Enrolment(selection=Selection("arrests", ("before",), "top", "at_boundary")).rule_for(50).threshold
        50.0
        """
        rule = self.selection
        whole = rule is None or rule.rule != "top" or rule.threshold is not None
        return rule if rule is None or whole else replace(rule, threshold=float(people))

    def top_of(self, people: int) -> int | None:
        """Return how many people a rule ``top`` takes where the programme has so many places, else None."""
        rule = self.rule_for(people)
        return int(rule.threshold) if rule is not None and rule.rule == "top" and rule.threshold is not None else None

    @property
    def rereads(self) -> str | None:
        """What determines by itself whom the rule selects: events, score or rate; None where it takes more."""
        return None if self.selection is None or self.at_liberty else self.reads

    def windows_read(self, windows: tuple[Window, ...]) -> NDArray[np.int64]:
        """Return (T,) 1 for the windows that the rule reads, else 0.

        Raises
        ------
        SpecError
            IOM-E093 when the rule reads a window that does not exist.
        """
        labels = [w.label for w in windows]
        read = np.zeros(len(windows), dtype=np.int64)
        for name in () if self.selection is None else self.selection.windows:
            if name not in labels:
                raise SpecError("IOM-E093", f"Enrolment: no window {name!r}; {nearest(name, labels)}")
            read[labels.index(name)] = 1
        return read

    def numbers(self, windows: tuple[Window, ...]) -> dict[str, Any]:
        """Return the rule as the kernel reads it; the highest of a pool are chosen afterwards."""
        rule, read = self.selection, self.windows_read(windows)
        codes = {"at_least": kernel.AT_LEAST, "soft": kernel.SOFT}
        return {
            "rule": kernel.EVERYBODY if rule is None else codes.get(rule.rule, kernel.EVERYBODY),
            "reads": READS[self.reads],
            "threshold": 0.0 if rule is None else float(rule.threshold or 0.0),
            "softness": 1.0 if rule is None or rule.softness is None else float(rule.softness),
            "noise": float(self.noise),
            "at_liberty": int(self.at_liberty),
            "late": int(any(read[k] for k, w in enumerate(windows) if w.post)),
        }
