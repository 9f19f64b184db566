"""Reconstruction of cohorts that are observationally equivalent to a published table, and bounds over all of them."""
