"""Verdict of an evaluation on one outcome as an estimator: what its first page would say may be left."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import ClassVar

from iom_causal.analysis import ledgers, null, selection_plausibility
from iom_causal.analysis.remainder_set import Reach, RemainderSet, remainder_sets
from iom_causal.analysis.results import LedgerUnder, Why
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople, checked
from iom_causal.base.specs import FrozenMap, check_types, refuse_data
from iom_causal.cohort import Cohort
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.estimate import Estimate
from iom_causal.estimate.notes import LEFT_OUT, of_kind
from iom_causal.inputs.lines import REMAINDER
from iom_causal.ledger import lines
from iom_causal.panel import Panel
from iom_causal.protocol.study import RULES, Study
from iom_causal.roles import Rng, require_panel
from iom_causal.streams import as_generator

NOTHING, FALL, RISE, OPEN, AT_ODDS, REFUSED = (
    "nothing may remain",
    "fall remains",
    "rise remains",
    "open",
    "at odds",
    "refused",
)
WORDS: Mapping[str, str] = FrozenMap(
    {
        FALL: "every evidence set and every null model that fits leaves a fall",
        NOTHING: "evidence sets and null models both leave that nothing remains",
        OPEN: "nothing may remain by the evidence sets or by the null models alone, or between the two",
        AT_ODDS: "windows before speak against how people were selected, so that nothing may remain",
        RISE: "every evidence set and every null model that fits leaves a rise",
        REFUSED: "nothing is said of what remains",
    }
)
"""Every verdict with its meaning; a call raises the reason of the last."""
STEPS = (ledgers.run, null.run, selection_plausibility.run)
"""The steps of an evaluation on which the identified set of the remainder stands."""
KINDS = ("count", "score")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Identified set of the remainder as `evaluate` states it, with its verdict in a word.

    Right where the question is what an evaluation would have said, as in a design study: these are the evaluation's own
    steps on one outcome of one panel, with the panel's selection rule. The set runs over the remainders under every
    evidence set and over the programme's ratio in the null calibration's models; its interval, of evidence sets with
    their sampling uncertainty, is what the first page quotes, to its decimals. It holds 1 (0 points) wherever windows
    before contradict how people were selected. The verdict is in the diagnostics and in the first note: one of `WORDS`.

    Parameters
    ----------
    evidence : tuple of str
        Names of evidence sets; by default those of an evaluation of people.
    own_evidence : tuple of Evidence
        Sets of one's own beside these.
    confounds : tuple of EvidenceLine
        Adjustments of one's own, as in `Study`.
    disclosure : Disclosure
        Release rules: the null calibration reads moments as they may be given, and few people are not spoken of.
    quick : bool
        Whether ledgers have the draws of a first look.

    Notes
    -----
    The set covers the programme's ratio as far as one of its evidence sets or null models holds. Where none does, as
    where a few people have most events and most of them change their level between the windows, it can say that a fall
    remains of a programme that does nothing; that no null model fits, which a note says, is then the only sign of it.

    Examples
    --------
    >>> import numpy as np
    >>> from iom_causal.windows import Selection
    >>> rng = np.random.default_rng(1)
    >>> counts = rng.poisson(rng.gamma(1.2, 2.0, (2000, 1)) * [1.0, 1.0])
    >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=5)
    >>> panel = Panel.from_arrays(counts[counts[:, 0] >= 5], name="arrests", selection=rule)
    >>> e = Verdict()(panel, rng=1)
    >>> e.diagnostics["verdict"], e.conf_low < 1 < e.conf_high
    ('nothing may remain', True)
    """

    evidence: tuple[str, ...] = ()
    own_evidence: tuple[Evidence, ...] = ()
    confounds: tuple[EvidenceLine, ...] = ()
    disclosure: Disclosure = RULES
    quick: bool = True

    reference: ClassVar[str] = "Manski (2003), Partial Identification of Probability Distributions, Springer"
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)

    @classmethod
    def of(cls, study: Study, *, quick: bool = True) -> "Verdict":
        """Return the verdict of an evaluation of a study: its evidence sets, adjustments and release rules."""
        return cls(
            evidence=study.evidence,
            own_evidence=study.own_evidence,
            confounds=study.confounds,
            disclosure=study.disclosure,
            quick=quick,
        )

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Return the identified set of what may be left of the change.

        Raises
        ------
        InputError
            IOM-E066 for an outcome that has no ledger, IOM-E047 on a panel with replicates, IOM-E060 for people of whom
            the release rules let nothing be said, IOM-E068 for people below a stated cut.
        NotIdentifiedError
            IOM-E068 where an evaluation draws up no ledger, with the reason.
        """
        subject = self.subject(panel)
        generator, seed = as_generator(rng)
        effort = Effort(int(generator.integers(2**63)) if seed is None else seed, quick=self.quick, remainder=True)
        results = work(subject, effort, *STEPS[:1])
        if not any(each.under for each in results.of(ledgers.run) or ()):
            raise _refusal(subject, results)
        for step in STEPS[1:]:
            results = results.with_one(step, step(subject, effort))
        (left,) = remainder_sets(results, subject.release)
        return self._estimate(panel, left, results)

    def subject(self, panel: Panel) -> StudyPeople:
        """Return a panel as the people of a study, for `evaluate`."""
        require_panel(panel, "Verdict")
        if panel.replicates is not None:
            raise InputError("IOM-E047", "Verdict: this panel has replicates; take one with replicate(k), or iom.batch")
        if panel.kind not in KINDS:
            raise InputError("IOM-E066", f"Verdict: expected a count or a score, got kind {panel.kind!r}")
        study = Study(
            title="a panel",
            extract=_extract(panel),
            invented=panel.synthetic,
            selection=panel.selection,
            evidence=self.evidence,
            own_evidence=self.own_evidence,
            confounds=self.confounds,
            disclosure=self.disclosure,
        )
        cohort = Cohort({panel.name: panel})
        return checked(StudyPeople(study=study, cohort=cohort, facts=(), notes=panel.notes))

    def _estimate(self, panel: Panel, left: RemainderSet, results: Results) -> Estimate:
        (drawn,) = (each.under for each in results.of(ledgers.run) or () if each.under)
        ledger, ratio, whole = drawn[0].result, left.scale == "ratio", left.whole
        central = _central(drawn, left)
        word = verdict_word(left)
        shared = of_kind(ledger.assumptions, LEFT_OUT)
        return Estimate(
            outcome=panel.name,
            method="verdict of an evaluation",
            estimand="att_ratio" if ratio else "att_score",
            term="what may be left after the listed allowances",
            scale=left.scale,
            std_error_scale="log" if ratio else "identity",
            set_low=central.low,
            set_high=central.high,
            conf_low=whole.low,
            conf_high=whole.high,
            conf_level=ledger.conf_level,
            interval="bounds",
            n_input=ledger.n_input,
            n_used=ledger.n_used,
            exposure=ledger.exposure,
            notes=(f"verdict: {word}", SETS_ALONE if left.over_worlds is None else NOT_ONE_LEVEL),
            assumptions=(
                "one of the sets of evidence holds, or one of the null models",
                *(a for a in shared if all(a in u.result.assumptions for u in drawn)),
            ),
            diagnostics=FrozenMap({"verdict": word, "sets": left.sets, **_reaches(left)}),
            spec=self,
        )


def verdict_word(left: RemainderSet) -> str:
    """Return what the first page says of a remainder in one of `WORDS`.

    Examples
    --------
    >>> left = RemainderSet(outcome="a", kind="count", scale="ratio", sets=("x",), over_sets=Reach(0.6, 0.9))
    >>> verdict_word(left)
    'fall remains'
    """
    if left.contradiction is not None:
        return AT_ODDS
    if not left.holds_nothing:
        return FALL if left.whole.high < left.nothing else RISE
    return OPEN if left.at_odds or not left.over_sets.holds(left.nothing) else NOTHING


def _central(drawn: tuple[LedgerUnder, ...], left: RemainderSet) -> Reach:
    """Return the set without sampling uncertainty of the ledgers, inside that with it."""
    ends = [end for u in drawn for end in lines(u.result)[REMAINDER][:2]]
    values = [*(exp(end) if left.scale == "ratio" else end for end in ends), *(left.over_worlds or ())]
    values += [] if left.contradiction is None else [left.nothing]
    whole = left.whole
    return Reach(max(min(values), whole.low), min(max(values), whole.high))


def _reaches(left: RemainderSet) -> dict[str, float]:
    worlds = {} if left.over_worlds is None else left.over_worlds._asdict()
    reaches = {"sets": left.over_sets._asdict(), "null_models": worlds}
    return {f"{part}_{end}": value for part, reach in reaches.items() for end, value in reach.items()}


NOT_ONE_LEVEL = (
    "the interval holds those of every evidence set; the null models joined to them have no level of their own"
)
"""A note on the interval where there is a null calibration."""
SETS_ALONE = (
    "no null model was fitted, because none is made for these people or none has their means, SDs and correlation: the "
    "verdict stands on the evidence sets alone, which may not hold either"
)
"""A note where there is none."""


REASONS: Mapping[Why, str] = FrozenMap(
    {
        Why.NOTHING_ADJUSTED: "no rule is stated by which people were picked",
        Why.SELECTION_NOT_READ: "nothing reads the rule that is stated of how people were picked",
        Why.COMPETITORS_ABSENT: "nothing reads the rule that is stated without those who competed for the places",
        Why.FEW_READ_SELECTION: "fewer than three sets of evidence can say what picking alone does here",
        Why.FEW_SETS_STATED: "fewer than three sets of evidence are stated for this kind of outcome",
    }
)
"""Why an evaluation says nothing of what remains."""


def _refusal(subject: StudyPeople, results: Results) -> InputError | NotIdentifiedError:
    found = results.of(ledgers.run) or ()
    if not found:
        few = subject.study.disclosure.threshold
        return InputError("IOM-E060", f"expected at least {few} people with both windows")
    refused = {refusal.why for each in found for refusal in each.refusals}
    return NotIdentifiedError("IOM-E068", "; ".join(text for why, text in REASONS.items() if why in refused))


def _extract(panel: Panel) -> Extract:
    """Return the extract that a panel would have been read from."""
    rule = panel.selection
    other = () if rule is None or rule.variable == panel.name else (rule.variable,)
    return Extract(
        file="panel.csv",
        id="id",
        outcomes=(ExtractOutcome(name=panel.name, kind=panel.kind, columns=tuple(w.label for w in panel.windows)),),
        windows=tuple(ExtractWindow(label=w.label, start=w.start, end=w.end, post=w.post) for w in panel.windows),
        covariates=other,
    )
