"""The synthetic extract that `iom-causal init DIR --events` writes beside its commented study file."""

from iom_causal.confounds.breach import Breach
from iom_causal.confounds.custody import Custody
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.enrolment import Enrolment
from iom_causal.simulate.extract.force import ForceExtract
from iom_causal.simulate.extract.tables import ExtractTables
from iom_causal.simulate.settings import Programme
from iom_causal.windows import Selection

THREE_BEFORE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
FORCE = ForceExtract(
    careers=Careers(
        people=225,
        rate=2.0,
        own_sd=0.75,
        confounds=(Custody(custody_per_arrest=0.2, stay_years=0.3), Breach(after=0.4, unit="per_year")),
        programme=Programme(ratio=0.8),
        enrolment=Enrolment(selection=THREE_BEFORE),
    )
)
"""People with three arrests or more in 18 months, whose offences at liberty a programme multiplies by .8."""


def bundled() -> ExtractTables:
    """Simulate the records of a small force, as untidy as real ones, whose truth is known.

    Examples
    --------
    >>> bundled()
    ExtractTables(225 people, 1925 arrests, synthetic)
    """
    return FORCE(1)
