# Writes linear_mixed.json: random-level models by lme4 and nlme on small made-up data.
# Rscript tests/reference/r/linear_mixed.R  (from the root of the repository)
suppressPackageStartupMessages({ library(lme4); library(nlme); library(jsonlite) })

n <- 40
i <- 1:n
before <- 4 + (i * 7) %% 11
after <- 2 + (i * 3) %% 7 + (i * 7) %% 11 / 3 + (i * 5) %% 4
age <- 18 + (i * 13) %% 23
data <- data.frame(
  person = rep(i, 2), after = rep(0:1, each = n), y = c(before, after), age = rep(age, 2)
)
missing <- data[!(data$after == 1 & data$person %% 5 == 0), ]

common <- function(formula, data) {
  fit <- lmer(formula, data, REML = TRUE, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12)))
  v <- as.data.frame(VarCorr(fit))$vcov
  list(
    coefficients = unname(fixef(fit)), std_errors = unname(sqrt(diag(as.matrix(vcov(fit))))),
    person_variance = v[1], residual_variances = c(v[2], v[2]), log_likelihood = as.numeric(logLik(fit))
  )
}
by_window <- function(formula, data) {
  fit <- lme(formula, random = ~ 1 | person, weights = varIdent(form = ~ 1 | after), data = data, method = "REML",
    control = lmeControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500, msMaxIter = 500))
  ratio <- coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)
  list(
    coefficients = unname(fixef(fit)), std_errors = unname(sqrt(diag(vcov(fit)))),
    person_variance = as.numeric(VarCorr(fit)[1, 1]),
    residual_variances = unname((sigma(fit) * ratio[c("0", "1")])^2), log_likelihood = as.numeric(logLik(fit))
  )
}
out <- list(
  tool = paste(R.version.string, "lme4", packageVersion("lme4"), "nlme", packageVersion("nlme")),
  before = before, after = after, age = age,
  common = common(y ~ after + (1 | person), data),
  common_age = common(y ~ after + age + (1 | person), data),
  common_missing = common(y ~ after + (1 | person), missing),
  by_window = by_window(y ~ after, data),
  by_window_missing = by_window(y ~ after, missing)
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/linear_mixed.json")
