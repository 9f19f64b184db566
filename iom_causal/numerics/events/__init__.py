"""Events and spells by day: counts by window, and days at risk outside the union of spells."""
