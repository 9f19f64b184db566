"""Calibration of simulated careers to a published table or to scores."""
