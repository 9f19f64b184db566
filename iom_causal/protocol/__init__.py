"""The files that users write: a study, a scenario, and the first draft of one."""
