"""Null calibration: how often a selected sample would show such a fall had the programme no effect."""
