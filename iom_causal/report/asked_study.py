"""A study as a point of the register asks it: its outcomes by kind, and its ledgers by set of evidence in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from iom_causal.analysis import ledgers
from iom_causal.analysis.sensitivity.moved_settings import NOTHING_ELSE
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, readable
from iom_causal.base.formats import listed
from iom_causal.base.wording import quote
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.report.set_names import set_names

type Data = Panel | Moments


class DoesNotAriseError(Exception):
    """A point that does not arise in a study; the text says why, as a sentence."""


def does_not_arise(why: str) -> DoesNotAriseError:
    """Return what ends an example whose point does not arise in a study.

    Parameters
    ----------
    why : str
        A sentence.
    """
    return DoesNotAriseError(why)


@dataclass(frozen=True)
class AskedStudy:
    """A study as the examples ask it: its outcomes by kind, and its ledgers by set of evidence.

    Parameters
    ----------
    subject : Subject
        A published table or people, as `read_subject` reads it.
    """

    subject: Subject

    def data(self, *kinds: str) -> Data:
        """Return what is known of the first outcome of one of these kinds.

        Raises
        ------
        DoesNotAriseError
            Where there is none that gives both windows.
        """
        for outcome in self.subject.outcomes:
            found = readable(self.subject, outcome.name) if outcome.kind in kinds else None
            if found is not None:
                return found
        raise does_not_arise(f"No outcome of this study is a {listed(kinds, 'or an')} before and after.")

    def panel(self, *kinds: str) -> Panel:
        """Return the same as people: of a published table, one of many cohorts that would print the same."""
        found = self.data(*kinds)
        if isinstance(found, Panel):
            return found
        if self.subject.published is None:
            raise TypeError("only a published table has moments without people")
        return reconstruct(self.subject.published, rng=1)[found.name]

    @cached_property
    def _under(self) -> Mapping[str, Mapping[str, Ledger]]:
        called = set_names(self.subject)
        found = ledgers.run(self.subject, Effort(quick=True, remainder=True))
        return {
            each.outcome: {called(u.evidence.name): Ledger(u.evidence.confounds) for u in each.under} for each in found
        }

    def ledgers(self, data: Data, *lines: Any) -> dict[str, Ledger]:
        """Return the ledger under every set of evidence, by its name in words, with these lines in place of its own.

        A set of which another line already holds one of these is said and left out.

        Raises
        ------
        DoesNotAriseError
            Where that is every set.
        """
        under = self._under.get(data.name) or {NOTHING_ELSE: Ledger()}
        mine = {line.line for line in lines}
        found: dict[str, Ledger] = {}
        for name, ledger in under.items():
            others = tuple(c for c in ledger.confounds if c.line not in mine)
            held = sorted(mine & {line for c in others for line in c.also_holds})
            if held:
                print(f"  if {quote(name)}: another line holds {listed(held)} already")  # noqa: T201 an example prints
            else:
                found[name] = replace(ledger, confounds=(*others, *lines))
        if not found:
            raise does_not_arise(f"Every set of evidence on {data.name} holds {listed(sorted(mine))} in another line.")
        return found


def ends(ledger: Ledger, data: Data) -> tuple[float, float]:
    """Return the least and the greatest remainder of a ledger at central beliefs, over its ranges and open prints."""
    found = [case.central(subject) for case, subject in ledger.cases(data)]
    back = float if data.kind == "score" else np.exp
    return float(back(min(found))), float(back(max(found)))
