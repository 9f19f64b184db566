"""Joint distributions of counts before and after among selected people, their moments, and fits to them."""
