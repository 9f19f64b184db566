"""What to ask a force for: which figures that are not known would narrow what may be left of a count, by how much."""
