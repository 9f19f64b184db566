"""How often people selected so would show such a fall with no programme."""
