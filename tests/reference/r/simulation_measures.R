# Writes simulation_measures.json: rsimsum's performance measures and Monte Carlo errors of made-up replicates, by
# formula in i, of which some failed; with normal intervals, and with intervals of their own.
# rsimsum 0.13.1.9000, commit 6041ba7a466228b6c1bd4315d0dc5772c14c5785
# Rscript tests/reference/r/simulation_measures.R  (from the root of the repository)
suppressPackageStartupMessages({ library(rsimsum); library(jsonlite) })

i <- 1:120
b <- 0.5 + qnorm(((i * 37) %% 121) / 121) * 0.31 + 0.04
se <- 0.27 + ((i * 53) %% 97) / 97 * 0.12
b[c(7, 40, 99)] <- NA
se[c(7, 40, 99)] <- NA
replicates <- data.frame(b = b, se = se, low = b - 1.5 * se, high = b + 2.5 * se)
measures <- function(...) {
  rows <- simsum(data = replicates, estvarname = "b", se = "se", true = 0.5, ...)$summ
  lapply(split(rows, rows$stat), function(row) list(est = row$est, mcse = row$mcse))
}
out <- list(
  tool = paste(R.version.string, "rsimsum", packageVersion("rsimsum")),
  b = b, se = se, truth = 0.5, level = 0.95,
  normal = measures(), own_limits = measures(ci.limits = c("low", "high"))
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/simulation_measures.json")
