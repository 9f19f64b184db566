"""What several estimators share: tables of coefficients, results of count models, sampling distributions."""
