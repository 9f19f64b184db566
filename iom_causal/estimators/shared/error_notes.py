"""Notes on standard errors of ratios that are missing, or smaller than the data allow."""

from iom_causal.estimate.notes import TOO_NARROW, Note

SAME_PROPORTION = "everybody changed in the same proportion, so there is no standard error"


def too_narrow(dispersion: float) -> Note:
    """Return the note on an interval that takes events as Poisson where they vary more."""
    return Note(f"too narrow: the variance is {dispersion:.2f} times what this interval allows", TOO_NARROW)
