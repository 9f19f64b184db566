"""Checks of printed figures against one another, each with its verdict."""
