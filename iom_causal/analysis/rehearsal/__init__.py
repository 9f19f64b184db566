"""Dress rehearsals: a study evaluated in simulated worlds before its data exist."""
