"""What may leave about people: rounding, withholding, tables of frequencies."""
