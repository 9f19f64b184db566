"""Files into panels, and what may leave about the people in them."""
