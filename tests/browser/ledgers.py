"""Ledgers for a page: of a count and of a score, both with ranges, and of a count of people, rounded for release."""

from functools import cache

from iom_causal.analysis.ledgers import OutcomeLedgers, ledger_under
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.release import Release
from iom_causal.analysis.subject import readable
from iom_causal.beliefs import LogNormal
from iom_causal.confounds import Detection, RegressionToMean
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.inputs.lines import OBSERVED, REMAINDER
from iom_causal.ledger import lines
from iom_causal.moments import Moments
from iom_causal.published.study import load_published

STEPS = 50
"""How far a slider goes to either side."""


@cache
def ledgers():
    """Return the ledgers by outcome."""
    subject = PublishedTable(study=load_published("sleath-brown-2017"))
    found = {}
    for outcome in subject.outcomes:
        sets = subject.sets(outcome)
        if sets:
            data = readable(subject, outcome.name)
            found[outcome.name] = drawn(data, sets)
    people = Moments.from_summary(n=60, mean_pre=6.8, mean_post=3.6, sd_pre=4.0, sd_post=3.4, r=0.4, name="contacts")
    found["contacts"] = drawn(people, [sharp(0.9), sharp(0.7)]).as_given(Release(Disclosure()))
    return found


def drawn(data, sets):
    under = tuple(ledger_under(e, data, seed=1, draws=500, bare=True) for e in sets)
    return OutcomeLedgers(data.name, data.kind, under=under)


def sharp(ratio):
    confounds = (RegressionToMean(method="none"), Detection(ratio=LogNormal(ratio, 0.05)))
    grounds = tuple(EvidenceLine(confound=c, source="s", date="2012", reason="r") for c in confounds)
    return Evidence(name=f"set-{ratio}", title=f"Set {ratio}", about="One.", kind="count", lines=grounds)


def expected_at(under, positions):
    """Return observed change, expected change and remainder of a ledger, its sliders at positions from -50 to 50.

    The observed change is the first of them. A slider starts in the middle of its line's set; to the right it goes to
    the end of the line's interval towards which the outcome moved. What is observed goes to the ends of its set.
    """
    of = lines(under.result)
    observed, left = of[OBSERVED], of[REMAINDER]
    adjusted = [line for name, line in of.items() if name not in {OBSERVED, REMAINDER}]
    fell = observed.low + observed.high < 0

    def at(line, ends, position):
        start = (line.low + line.high) / 2
        right, wrong = (min(ends), max(ends)) if fell else (max(ends), min(ends))
        return start + ((right if position > 0 else wrong) - start) * abs(position) / STEPS

    change = at(observed, observed[:2], positions[0])
    moved = [at(line, line[2:], position) for line, position in zip(adjusted, positions[1:], strict=True)]
    one = all(line.low == line.high for line in of.values())
    rounded = left.low - (observed.low - sum(line.low for line in adjusted)) if one else 0.0
    remainder = change - sum(moved) + rounded
    return change, change - remainder, remainder, moved
