"""Paired tests, ranks, ratios, effect sizes, power and t distributions, from moments and from arrays."""
