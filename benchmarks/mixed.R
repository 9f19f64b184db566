# Reads a model's name a line from standard input, fits it, and answers with the CPU seconds that it took.
# Arguments: a file of pairs (id, before, after), and a file of person-months (id, post, days, y) or "none".
suppressMessages({library(lme4); library(glmmTMB)})
files <- commandArgs(trailingOnly = TRUE)
p <- read.csv(files[1])
two <- data.frame(id = rep(p$id, 2), y = c(p$before, p$after), post = rep(0:1, each = nrow(p)))
months <- if (files[2] == "none") NULL else read.csv(files[2])
fits <- list(
  glmer10 = function() glmer(y ~ post + (1 | id), data = two, family = poisson, nAGQ = 10),
  nbinom2 = function() glmmTMB(y ~ post + (1 | id), data = two, family = nbinom2),
  months_glmer = function() glmer(y ~ post + offset(log(days)) + (1 | id), data = months, family = poisson),
  months_glmmTMB = function() glmmTMB(y ~ post + offset(log(days)) + (1 | id), data = months, family = poisson)
)
input <- file("stdin", open = "r")
cat("ready\n")
while (length(name <- readLines(input, 1)) == 1) {
  spent <- system.time(suppressMessages(suppressWarnings(fits[[name]]())))
  cat(sprintf("%.6f\n", spent[[1]] + spent[[2]]))
}
