"""Statistical disclosure control: rounding, cell suppression, tables of frequencies."""
