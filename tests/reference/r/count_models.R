# Reference fits of count models with random effects. Run in this folder: Rscript count_models.R
# Writes count_models.json. Needs lme4, glmmTMB, jsonlite and MASS (whose epil data are not copied here).
suppressMessages({library(lme4); library(glmmTMB); library(jsonlite)})

lme4_fit <- function(f) {
  list(beta = unname(fixef(f)), se = unname(sqrt(diag(as.matrix(vcov(f))))),
       sd = unname(attr(VarCorr(f)[[1]], "stddev")), log_lik = as.numeric(logLik(f)))
}
tmb_fit <- function(f) {
  list(beta = unname(fixef(f)$cond), se = unname(sqrt(diag(vcov(f)$cond))),
       sd = unname(attr(VarCorr(f)$cond[[1]], "stddev")), size = unname(sigma(f)),
       log_lik = as.numeric(logLik(f)))
}
tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.1, rhoend = 1e-9, maxfun = 1e5))
out <- list(versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                            glmmTMB = as.character(packageVersion("glmmTMB"))))

p <- read.csv("pairs.csv")
two <- data.frame(id = rep(p$id, 2), y = c(p$before, p$after), post = rep(0:1, each = nrow(p)),
                  days = c(p$days_before, p$days_after), age = rep(p$age, 2))
g <- function(...) glmer(..., data = two, family = poisson, control = tight)
out$pairs_plain <- lme4_fit(g(y ~ post + (1 | id), nAGQ = 25))
out$pairs_days <- lme4_fit(g(y ~ post + offset(log(days)) + (1 | id), nAGQ = 25))
out$pairs_age <- lme4_fit(g(y ~ post + age + offset(log(days)) + (1 | id), nAGQ = 25))
two$window <- factor(two$post)
out$pairs_bivariate_laplace <- local({
  f <- glmmTMB(y ~ post + (0 + window | id), data = two, family = poisson)
  v <- VarCorr(f)$cond[[1]]
  list(beta = unname(fixef(f)$cond), se = unname(sqrt(diag(vcov(f)$cond))),
       sd = unname(attr(v, "stddev")), correlation = attr(v, "correlation")[1, 2],
       log_lik = as.numeric(logLik(f)))
})
nb <- glmmTMB(y ~ post + (1 | id) + offset(log(days)), data = two, family = nbinom2)
out$pairs_nb2_laplace <- tmb_fit(nb)

w <- read.csv("windows.csv")
out$windows_poisson <- lme4_fit(glmer(y ~ post + offset(log(days)) + (1 | id), data = w, family = poisson,
                                      nAGQ = 25, control = tight))
out$windows_nb2_laplace <- tmb_fit(glmmTMB(y ~ post + (1 | id) + offset(log(days)), data = w, family = nbinom2))
out$windows_fixed <- local({
  f <- glm(y ~ post + factor(id), offset = log(days), data = w[ave(w$y, w$id, FUN = sum) > 0, ],
           family = poisson, epsilon = 1e-13)
  list(beta = unname(coef(f)["post"]), se = unname(sqrt(diag(vcov(f)))["post"]))
})

if (requireNamespace("MASS", quietly = TRUE)) {
  e <- MASS::epil
  base <- e[e$period == 1, ]
  long <- rbind(data.frame(id = base$subject, y = base$base, weeks = 8, post = 0, trt = base$trt),
                data.frame(id = e$subject, y = e$y, weeks = 2, post = 1, trt = e$trt))
  long$drug <- as.integer(long$trt == "progabide")
  h <- function(data, formula, ...) glmer(formula, data = data, family = poisson, ...)
  out$epil_poisson_laplace <- lme4_fit(h(long, y ~ post * drug + offset(log(weeks)) + (1 | id)))
  out$epil_poisson <- lme4_fit(h(long, y ~ post * drug + offset(log(weeks)) + (1 | id), nAGQ = 25, control = tight))
  out$epil_nb2_laplace <- tmb_fit(glmmTMB(y ~ post * drug + (1 | id) + offset(log(weeks)), data = long, family = nbinom2))
  for (arm in 0:1) {
    d <- long[long$drug == arm, ]
    out[[c("epil_placebo_poisson", "epil_progabide_poisson")[arm + 1]]] <-
      lme4_fit(h(d, y ~ post + offset(log(weeks)) + (1 | id), nAGQ = 25, control = tight))
    out[[c("epil_placebo_nb2_laplace", "epil_progabide_nb2_laplace")[arm + 1]]] <-
      tmb_fit(glmmTMB(y ~ post + (1 | id) + offset(log(weeks)), data = d, family = nbinom2))
  }
}
write_json(out, "count_models.json", digits = 10, auto_unbox = TRUE, pretty = TRUE)
