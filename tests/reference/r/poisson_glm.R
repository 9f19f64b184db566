# Writes poisson_glm.json: Poisson regression with covariates and days at risk, clustered by person, on made-up counts.
# Rscript tests/reference/r/poisson_glm.R  (from the root of the repository)
suppressPackageStartupMessages(library(jsonlite))

n <- 50
i <- 1:n
before <- 2 + (i * 7) %% 9
after <- (i * 3) %% 5 + ((i * 7) %% 9) %/% 3
age <- 18 + (i * 13) %% 23
sex <- ifelse(i %% 4 == 0, "f", "m")
days <- cbind(300 + (i * 13) %% 247, 200 + (i * 29) %% 349)
data <- data.frame(
  person = rep(i, 2), post = rep(0:1, each = n), y = c(before, after), age = rep(age, 2), sex = rep(sex, 2),
  days = c(days[, 1], days[, 2])
)
fit <- glm(y ~ post + age + sex + offset(log(days)), family = poisson, data = data,
  control = list(epsilon = 1e-14, maxit = 100))
X <- model.matrix(fit)
mu <- fitted(fit)
bread <- solve(t(X) %*% (mu * X))
scores <- rowsum((data$y - mu) * X, data$person)
cov <- bread %*% t(scores) %*% scores %*% bread * n / (n - 1)
pearson <- sum((data$y - mu)^2 / mu) / fit$df.residual
out <- list(
  tool = R.version.string, before = before, after = after, age = age, sex = sex, days = days,
  coefficients = unname(coef(fit)), std_errors = unname(sqrt(diag(cov))), dispersion = pearson,
  covariance_post_age = cov[2, 3]
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/poisson_glm.json")
