"""What printed figures tell: whole-number checks, rounding intervals, reconstruction, and cells to withhold."""
