"""Inputs of methods: arrays from a panel, shared by estimators, confounds and models."""
