"""What to ask a force for, of every count of a study."""

from dataclasses import dataclass

from iom_causal.analysis.null import as_released
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.sensitivity.requested_known import read
from iom_causal.analysis.sensitivity.requested_result import Request
from iom_causal.analysis.sensitivity.what_to_ask import AT_LIBERTY, BACKGROUND, COURSE, STILL_THERE, request_of
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.errors import IomCausalError

WHAT = "what to ask the force for"
STATED = {"background": BACKGROUND, "time at liberty": AT_LIBERTY, "people still there": STILL_THERE, "course": COURSE}


@dataclass(frozen=True, slots=True)
class Requests:
    """What to ask for.

    Parameters
    ----------
    requests : tuple of Request
        One a count that fell.
    refusals : tuple of Refusal
        Why there is none for the other outcomes.
    """

    requests: tuple[Request, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def of(self, outcome: str) -> Request | None:
        """Return the request about one outcome; None where there is none."""
        return next((each for each in self.requests if each.outcome == outcome), None)


def run(subject: Subject, _effort: Effort) -> Requests:
    """Rank what is not known of every count, of the people managed."""
    found, refusals = [], []
    for outcome in subject.outcomes:
        try:
            data = subject.published or subject.data(outcome.name)
            if not enough(subject, subject.data(outcome.name)):
                continue
            known = read(data, outcome.name)
            tables = tuple(as_released(observed, subject.release) for observed in known.tables)
            found.append(request_of(known._replace(tables=tables), STATED))
        except IomCausalError as error:
            why = Why.NOT_COMPUTED if outcome.kind == "count" else Why.OTHER_KIND
            refusals.append(Refusal(outcome.name, WHAT, error, why))
    return Requests(tuple(found), tuple(refusals))
