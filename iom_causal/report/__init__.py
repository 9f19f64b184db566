"""Words, drawings and tables composed into one page and the files beside it."""
