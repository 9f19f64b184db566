"""Posterior densities of few parameters: tensor grids, importance sampling about a mode, and what is read off them."""
