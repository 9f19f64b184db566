"""What a method takes from a panel, as arrays that estimators, confounds and models share."""
