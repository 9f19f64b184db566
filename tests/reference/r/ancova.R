# Writes ancova.json: fitted numbers of analysis of covariance on MASS::anorexia (weights, before and after) and
# the moments by group that determine them; the data themselves are not stored.
# Rscript tests/reference/r/ancova.R  (from the root of the repository)
suppressPackageStartupMessages({ library(MASS); library(jsonlite) })

anorexia$Treat <- relevel(anorexia$Treat, "Cont")
fit <- lm(Postwt ~ Prewt + Treat, anorexia)
table <- coef(summary(fit))
moments <- lapply(split(anorexia, anorexia$Treat), function(d) list(
  n = nrow(d), mean_pre = mean(d$Prewt), mean_post = mean(d$Postwt),
  sd_pre = sd(d$Prewt), sd_post = sd(d$Postwt), r = cor(d$Prewt, d$Postwt)
))
paired <- lapply(split(anorexia, anorexia$Treat), function(d) {
  t <- t.test(d$Postwt, d$Prewt, paired = TRUE)
  list(t = unname(t$statistic), p = t$p.value, mean = unname(t$estimate), se = t$stderr)
})

# Poisson on made-up counts with unequal days: before, after, managed by formula in i.
i <- 1:60
before <- (i * 7) %% 11
after <- (i * 5) %% 7 + (i %% 3)
managed <- as.numeric(i %% 2 == 0)
days <- 300 + (i * 13) %% 249
glm_fit <- glm(after ~ managed + log1p(before) + offset(log(days)), family = poisson,
  control = list(epsilon = 1e-14, maxit = 100))
X <- model.matrix(glm_fit)
mu <- fitted(glm_fit)
bread <- solve(t(X) %*% (mu * X))
meat <- t(X) %*% ((after - mu)^2 * X)
hc1 <- bread %*% meat %*% bread * 60 / 57
out <- list(
  tool = paste(R.version.string, "MASS", packageVersion("MASS")),
  groups = moments, paired = paired,
  gaussian = list(
    coefficients = as.list(coef(fit)), std_errors = as.list(table[, 2]), df = fit$df.residual
  ),
  poisson = list(
    before = before, after = after, managed = managed, days = days,
    coefficients = unname(coef(glm_fit)), model_se = unname(sqrt(diag(bread))), robust_se = unname(sqrt(diag(hc1)))
  )
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/ancova.json")
