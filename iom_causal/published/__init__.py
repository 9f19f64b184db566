"""Printed numbers: read them, check them, bound what they hide, rebuild cohorts that print the same."""
