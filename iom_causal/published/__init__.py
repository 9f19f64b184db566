"""Published tables: read, audited, bounded, and reconstructed as observationally equivalent cohorts."""

DEFAULT_STUDY = "sleath-brown-2017"
"""The bundled study that is evaluated when none is named."""
