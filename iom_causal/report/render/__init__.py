"""A page as values, and what writes it: HTML, text, Word."""
