"""Files that users write: the specification of a study, of a scenario, and a first draft."""
