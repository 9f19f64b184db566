"""Compiled pieces and solvers that several folders use: exponentials, random numbers by counter, Newton steps, dual numbers."""
