"""What a file of people probably means: settings, windows, outcomes and groups, guessed or asked for."""
