"""The commands, those that have to do with one another in one file, and the group of all of them."""
