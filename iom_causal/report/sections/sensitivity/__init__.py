"""What the page says of the steps of `analysis/sensitivity/`, under the same names."""
