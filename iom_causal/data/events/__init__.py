"""Logs of events and spells in custody to counts and days at liberty by person and window, with a flow account."""
