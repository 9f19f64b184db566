"""Published figures: whole-number checks, rounding intervals, reconstruction, and cell suppression."""
