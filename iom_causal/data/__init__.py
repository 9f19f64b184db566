"""Import of person-level data into panels, and statistical disclosure control of what leaves."""
