"""Records of a simulated force, with the faults that real ones have: what happened, who wrote it down, and cleaning."""
