# Reads "loop", "robust" or "declare", a tab and how many a line from standard input, simulates so many replicates of the
# two-window design, and answers with the CPU seconds of one, and bias, coverage and power of the change and of the log
# ratio.
# "loop" is base R with t.test, "robust" the same with estimatr's lm_robust, and "declare" DeclareDesign with it, where
# these are installed.
# Arguments: people, mean before, SD of the log rate, correlation of log rates, days after over before, ratio, cut and
# softness of the rule by which people are selected (-Inf for none), share selected, and the true change of both.
given <- as.numeric(commandArgs(trailingOnly = TRUE))
n <- given[1]; mean_before <- given[2]; s <- given[3]; rho <- given[4]; days <- given[5]; effect <- given[6]
cut <- given[7]; softness <- given[8]; share <- given[9]; change <- given[10]; log_ratio <- given[11]

# Selected people alone go on to the window after; where hardly anybody is selected, most of the work is to find them.
cohort <- function() {
  z <- before <- numeric(0)
  while (length(before) < n) {
    pool <- ceiling(1.1 * (n - length(before)) / share)
    level <- rnorm(pool)
    count <- rpois(pool, mean_before * exp(s * level - s^2 / 2))
    if (is.finite(cut)) {
      taken <- runif(pool) < pnorm((count - cut) / softness)
      level <- level[taken]; count <- count[taken]
    }
    z <- c(z, level); before <- c(before, count)
  }
  z <- z[1:n]
  later <- rho * z + sqrt(1 - rho^2) * rnorm(n)
  data.frame(before = before[1:n], after = rpois(n, mean_before * days * effect * exp(s * later - s^2 / 2)))
}

pooled_ratio <- function(before, after, robust = TRUE) {
  a <- sum(before); b <- sum(after)
  if (robust) {
    influence <- after / b - before / a
    se <- sqrt(sum(influence^2) * n / (n - 1))
  } else {
    se <- sqrt(1 / a + 1 / b)
  }
  estimate <- log(b / a / days)
  half <- qt(0.975, n - 1) * se
  c(estimate, se, estimate - half, estimate + half, 2 * pt(-abs(estimate / se), n - 1))
}
# With one length of window for all, Poisson regression with fixed effects is this too: its scores are a person's events
# after, less those that the person's total and the common split lead one to expect.
fixed_effects <- function(before, after) {
  total <- before + after
  split <- sum(after) / sum(total)
  score <- after - total * split
  se <- sqrt(sum(score^2) * n / (n - 1)) / (sum(total) * split * (1 - split))
  estimate <- log(split / (1 - split) / days)
  half <- qt(0.975, n - 1) * se
  c(estimate, se, estimate - half, estimate + half, 2 * pt(-abs(estimate / se), n - 1))
}
judged <- function(estimate, low, high, p, truth) {
  c(mean(estimate) - truth, mean(low <= truth & truth <= high), mean(p < 0.05))
}

by_t_test <- function(before, after) {
  test <- t.test(after, before, paired = TRUE)
  c(test$estimate, test$conf.int, test$p.value)
}
by_lm_robust <- function(before, after) {
  fit <- estimatr::lm_robust(change ~ 1, data.frame(change = after - before), se_type = "classical")
  c(fit$coefficients, fit$conf.low, fit$conf.high, fit$p.value)
}

looped <- function(sims, paired) {
  t_found <- matrix(NA, sims, 4); ratio_found <- matrix(NA, sims, 5); fixed_found <- matrix(NA, sims, 5)
  for (k in seq_len(sims)) {
    people <- cohort()
    before <- people$before; after <- people$after
    t_found[k, ] <- paired(before, after)
    ratio_found[k, ] <- pooled_ratio(before, after)
    fixed_found[k, ] <- fixed_effects(before, after)
  }
  c(judged(t_found[, 1], t_found[, 2], t_found[, 3], t_found[, 4], change),
    judged(ratio_found[, 1], ratio_found[, 3], ratio_found[, 4], ratio_found[, 5], log_ratio))
}

runs <- list(loop = function(sims) looped(sims, by_t_test))
packages <- c(robust = "estimatr", declare = "DeclareDesign")
if (requireNamespace("estimatr", quietly = TRUE)) runs$robust <- function(sims) looped(sims, by_lm_robust)
if (requireNamespace("DeclareDesign", quietly = TRUE)) {
  suppressMessages(library(DeclareDesign))
  tidied <- function(f) label_estimator(function(data) {
    found <- f(data$before, data$after)
    data.frame(estimate = found[1], std.error = found[2], conf.low = found[3], conf.high = found[4], p.value = found[5])
  })
  design <- declare_model(handler = function(data) transform(cohort(), change = after - before)) +
    declare_inquiry(handler = function(data) data.frame(inquiry = c("change", "log_ratio"), estimand = c(change, log_ratio))) +
    declare_estimator(change ~ 1, .method = lm_robust, se_type = "classical", term = "(Intercept)", inquiry = "change",
                      label = "paired t") +
    declare_estimator(handler = tidied(pooled_ratio), inquiry = "log_ratio", label = "ratio") +
    declare_estimator(handler = tidied(fixed_effects), inquiry = "log_ratio", label = "fixed effects")
  measures <- declare_diagnosands(
    bias = mean(estimate - estimand), coverage = mean(estimand <= conf.high & estimand >= conf.low),
    power = mean(p.value <= 0.05)
  )
  runs$declare <- function(sims) {
    found <- diagnose_design(design, sims = sims, diagnosands = measures, bootstrap_sims = 0)$diagnosands_df
    at <- match(c("paired t", "ratio"), found$estimator)
    as.vector(t(as.matrix(found[at, c("bias", "coverage", "power")])))
  }
}

input <- file("stdin", open = "r")
set.seed(20121101)
while (length(line <- readLines(input, 1)) == 1) {
  asked <- strsplit(line, "\t")[[1]]
  sims <- as.numeric(asked[2])
  run <- runs[[asked[1]]]
  if (is.null(run)) {
    cat("failed: not here:", packages[[asked[1]]], "\n")
    next
  }
  spent <- system.time(figures <- suppressMessages(run(sims)))
  cat(sprintf("%.9f", c((spent[[1]] + spent[[2]]) / sims, figures)), "\n")
}
