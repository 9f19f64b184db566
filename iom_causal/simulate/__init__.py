"""Worlds in which both potential outcomes are known."""
