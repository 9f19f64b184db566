"""Audit of a published table: consistency checks of its figures, each with its verdict."""
