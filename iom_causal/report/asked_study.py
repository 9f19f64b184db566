"""A study as a point of the register asks it: its outcomes by kind, and its ledgers by set of evidence in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from iom_causal.analysis import ledgers
from iom_causal.analysis.comparison import Compared, designs_of
from iom_causal.analysis.disclosed import ledger_as_given, tip_as_given
from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.regression import moments_as_given
from iom_causal.analysis.release import arm
from iom_causal.analysis.sensitivity.moved_settings import NOTHING_ELSE
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, readable
from iom_causal.base.formats import listed
from iom_causal.base.wording import quote
from iom_causal.data.release.disclosure import nearest
from iom_causal.estimate import Estimate
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.report.set_names import set_names
from iom_causal.report.without_ledger import reasons_of
from iom_causal.sensitivity.regression_tipping import RegressionTipping, regression_tipping
from iom_causal.sensitivity.tipping import Tipping, tipping

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
        if named := [outcome.name for outcome in self.subject.outcomes if outcome.kind in kinds]:
            raise does_not_arise(f"Of {listed(named)} this study does not give one window before and one after.")
        raise does_not_arise(f"No outcome of this study is a {listed(kinds, 'or an')} before and after.")

    def panel(self, *kinds: str) -> Panel:
        """Return the same as people: of a published table, one of many cohorts that would print the same."""
        found = self.data(*kinds)
        if isinstance(found, Panel):
            return found
        if self.subject.published is None:
            raise TypeError("only a published table has moments without people")
        return reconstruct(self.subject.published, rng=1)[found.name]

    def designs(self, *kinds: str) -> Compared:
        """Return which designs its people carry, and why what they give is not offered, as the page judges it."""
        return designs_of(self.subject, self.panel(*kinds))

    @cached_property
    def _found(self) -> Mapping[str, OutcomeLedgers]:
        found = ledgers.run(self.subject, Effort(quick=True, remainder=True))
        return {each.outcome: each for each in found}

    @cached_property
    def _told(self) -> set[str]:
        """Outcomes of which it is said which sets and lines are left out."""
        return set()

    def _under(self, data: Data) -> Mapping[str, Ledger]:
        """Return the ledger under every set that the data can use, and print which they cannot, and why, once."""
        found = self._found.get(data.name)
        if found is None:
            return {}
        if data.name not in self._told:
            self._told.add(data.name)
            for text in reasons_of(found, self.subject):
                print(f"  {text}")  # noqa: T201 an example prints
        called = set_names(self.subject)
        return {called(u.evidence.name): Ledger(u.evidence.confounds) for u in found.under}

    def step(self, data: Data) -> float:
        """Return the step in which what was recorded is given: of people no finer than the page, 0 of a print."""
        release = self.subject.release
        if not release.guarded:
            return 0.0
        e = Ledger(draws=2_000)(data, rng=1)
        return release.step(e.estimate, e.scale, e.n_used or 0, arm(e.estimate, e.conf_low, e.conf_high), e.outcome)

    def _drawn(self, ledger: Ledger, data: Data) -> Estimate:
        """Return what remains, with the draws and the seed of the page."""
        return replace(ledger, draws=ledgers.DRAWS)(data, rng=self.subject.seed)

    def ends(self, ledger: Ledger, data: Data) -> tuple[float, float]:
        """Return what remains at central beliefs as `ends` does, as finely as the page gives it."""
        release = self.subject.release
        if not release.guarded:
            return ends(ledger, data)
        e = ledger_as_given(self._drawn(ledger, data), release)
        low, high = (e.set_low, e.set_high) if e.estimate is None else (e.estimate, e.estimate)
        return cast("float", low), cast("float", high)

    def tipping(
        self, ledger: Ledger, data: Data, path: str, *, low: float | None = None, high: float | None = None
    ) -> Tipping:
        """Return where nothing remains, as finely as the page gives it."""
        found = tipping(ledger, data, path, low=low, high=high)
        release = self.subject.release
        return tip_as_given(found, self._drawn(ledger, data), release) if release.guarded else found

    def people(self, n: int) -> int:
        """Return a number of people as the page gives it.

        Raises
        ------
        DoesNotAriseError
            Where there are so few that nothing is said of them.
        """
        release = self.subject.release
        if not release.guarded:
            return n
        if not release.enough(n):
            raise does_not_arise("There are so few people that nothing is said of them.")
        return release.rounded(n)

    def mean(self, value: float, n: int, furthest: float) -> float:
        """Return a mean of people as the page gives it, the furthest of whom lies so far from it."""
        rules = self.subject.release.rules
        return value if rules is None or rules.research else nearest(value, rules.unit(n, furthest))

    def regression(self, data: Data) -> RegressionTipping:
        """Return what regression to the mean alone could do, of people from moments as the page gives them."""
        release = self.subject.release
        if isinstance(data, Panel) and release.guarded:
            return regression_tipping(moments_as_given(data, release))
        return regression_tipping(data)

    def ledgers(self, data: Data, *lines: Any) -> dict[str, Ledger]:
        """Return the ledger under every set of evidence, by its name in words, with these lines in place of its own.

        A set of which another line already holds one of these is said and left out.

        Raises
        ------
        DoesNotAriseError
            Where that is every set.
        """
        under = self._under(data) or {NOTHING_ELSE: Ledger()}
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
