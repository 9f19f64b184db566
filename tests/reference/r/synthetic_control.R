# Writes synthetic_control.json: weights and losses of R Synth on series that are made up here.
# Rscript tests/reference/r/synthetic_control.R FOLDER  (from the root of the repository; FOLDER holds the package's R
# files, version as below, github.com/cran/Synth; nothing of them is stored)
suppressPackageStartupMessages({ library(jsonlite); library(kernlab); library(optimx) })
folder <- commandArgs(TRUE)[1]
for (file in c("collect.optimx.R", "fn.V.R", "spec.pred.func.R", "synth.R")) {
  path <- file.path(folder, file)
  if (file.exists(path)) source(path)
}

windows <- 12
donors <- 8
j <- rep(1:donors, each = windows)
t <- rep(1:windows, donors)
outcome <- matrix(40 + 9 * j + 0.8 * t * (j %% 3) + 6 * sin(j * t) + 3 * cos(j + t), windows)
treated <- 62 + 1.1 * (1:windows) + 5 * sin(2.5 * (1:windows))
before <- 1:8
x0 <- outcome[before, ]
x1 <- matrix(treated[before])
rownames(x0) <- rownames(x1) <- before
colnames(x0) <- 1:donors
colnames(x1) <- "treated"
# The package divides each row by its standard deviation over units: these weights undo it.
v <- apply(cbind(x0, x1), 1, var)
fit <- synth(X1 = x1, X0 = x0, Z1 = x1, Z0 = x0, custom.v = v, Margin.ipop = 1e-8, Sigf.ipop = 10, Bound.ipop = 10)
weights <- as.vector(fit$solution.w)
out <- list(
  tool = paste(R.version.string, "Synth 1.1-8, kernlab", packageVersion("kernlab")),
  outcome = t(outcome), treated = treated, before = length(before), weights = weights,
  loss = mean((x1 - x0 %*% weights)^2)
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/synthetic_control.json")
