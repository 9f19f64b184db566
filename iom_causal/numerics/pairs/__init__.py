"""Joint laws of counts before and after of selected people, their moments, and fits to them."""
