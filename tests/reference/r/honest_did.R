# Writes honest_did.json: conditional confidence sets under relative magnitudes from HonestDiD's own functions, on
# coefficients that are made up here.
# Rscript tests/reference/r/honest_did.R FOLDER  (from the root of the repository; FOLDER holds the package's R files,
# version 0.2.8, github.com/asheshrambachan/HonestDiD, MIT licence; nothing of them is stored)
# TruncatedNormal, which only takes quantiles of a truncated normal there, is replaced by qnorm.
suppressPackageStartupMessages({ library(jsonlite); library(purrr); library(tibble) })
folder <- commandArgs(TRUE)[1]
for (file in c("utilities.R", "arp-nonuisance.R", "arp-nuisance.R", "deltarm.R")) source(file.path(folder, file))
.norminvp_generalized <- function(p, l, u, mu = 0, sd = 1) {
  low <- pnorm((l - mu) / sd, lower.tail = FALSE)
  high <- pnorm((u - mu) / sd, lower.tail = FALSE)
  mu + sd * qnorm((1 - p) * low + p * high, lower.tail = FALSE)
}

beta <- c(0.05, -0.02, 0.03, 0.01, -0.20)
i <- 1:5
sigma <- 0.0004 * (outer(i, i, function(a, b) 0.5^abs(a - b)) * outer(1 + i / 5, 1 + i / 5) + diag(5))
bounds <- c(0, 0.5, 1, 1.5, 2)
ends <- sapply(bounds, function(bound) {
  found <- computeConditionalCS_DeltaRM(beta, sigma, 4, 1, Mbar = bound, hybrid_flag = "ARP",
    gridPoints = 8001, grid.lb = -0.8, grid.ub = 0.4)
  range(found$grid[found$accept == 1])
})
out <- list(
  tool = paste(R.version.string, "HonestDiD 0.2.8"),
  beta = beta, sigma = sigma, bounds = bounds, low = ends[1, ], high = ends[2, ], step = 1.2 / 8000
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/honest_did.json")
