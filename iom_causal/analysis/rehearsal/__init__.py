"""Evaluations in simulated worlds: their verdict as an estimator, and dress rehearsals of a study without data."""
