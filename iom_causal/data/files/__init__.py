"""Files into cells: delimited text, spreadsheets, statistical packages, dates."""
