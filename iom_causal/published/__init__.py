"""Printed numbers: read them, check them, bound what they hide, rebuild cohorts that print the same."""

DEFAULT_STUDY = "sleath-brown-2017"
"""The bundled study that is evaluated when none is named."""
