"""Sensitivity to bias: randomization bounds, robustness values, joint bounds, placebo dates."""
