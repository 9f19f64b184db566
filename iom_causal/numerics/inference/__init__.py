"""Paired tests, ranks, ratios, effect sizes, power and t laws, from moments and from arrays."""
