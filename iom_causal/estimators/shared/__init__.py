"""Parts shared by estimators: tables of coefficients, results of count models, sampling distributions."""
