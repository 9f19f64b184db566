"""First draft of a study file: its keys guessed from the data, its questions, its text, and what was understood."""
