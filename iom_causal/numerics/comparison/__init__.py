"""Contrasts with what was not managed: cluster-robust errors, event studies, series, synthetic controls."""
