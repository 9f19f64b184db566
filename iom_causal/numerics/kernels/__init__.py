"""Compiled pieces and solvers that several folders use: exponentials, counter-based random numbers, Newton, duals."""
