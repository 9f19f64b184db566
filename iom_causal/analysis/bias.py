"""Posterior of what remains under one set of evidence, with priors on the programme, from the ledger's own draws."""

from collections.abc import Sequence

from iom_causal.analysis.results import Refusal
from iom_causal.bayes.bias_model import BiasModel
from iom_causal.confounds.evidence import Evidence
from iom_causal.errors import IomCausalError
from iom_causal.estimate import Estimate
from iom_causal.inputs.lines import JointDraws
from iom_causal.moments import Moments
from iom_causal.panel import Panel

WHAT = "the ledger with a belief about the programme under {}"


def posterior_under(
    evidence: Evidence, data: Panel | Moments, ledger: Estimate, drawn: Sequence[JointDraws]
) -> Estimate | Refusal:
    """Return what remains under three priors of the programme, or why there is none.

    Parameters
    ----------
    evidence : Evidence
        The set.
    data : Panel or Moments
        Of which the ledger is.
    ledger, drawn
        The ledger under that set, and the draws from which it was worked out.
    """
    model = BiasModel(evidence.confounds, level=ledger.conf_level, draws=len(drawn[0].widening))
    try:
        return model.reweighted(ledger, drawn, unit=model.points(data))
    except IomCausalError as error:
        return Refusal(data.name, WHAT.format(evidence.name), error)
