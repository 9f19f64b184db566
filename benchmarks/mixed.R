# Reads a request a line from standard input, a model's name and a file with a tab between, and answers with the CPU
# seconds of the fit and the coefficient of "after"; or with "failed:" and why, and reads on.
# A file has columns id, post, y, and days where people have exposures of their own.
options(warn = -1)
quiet <- function(x) suppressMessages(suppressWarnings(x))
of_lme4 <- function(fit) lme4::fixef(fit)[["post"]]
of_glmmTMB <- function(fit) glmmTMB::fixef(fit)$cond[["post"]]
models <- list(
  glmer1 = function(d, o) of_lme4(lme4::glmer(y ~ post + offset(o) + (1 | id), d, poisson)),
  glmer0 = function(d, o) of_lme4(lme4::glmer(y ~ post + offset(o) + (1 | id), d, poisson, nAGQ = 0)),
  glmer10 = function(d, o) of_lme4(lme4::glmer(y ~ post + offset(o) + (1 | id), d, poisson, nAGQ = 10)),
  poisson = function(d, o) of_glmmTMB(glmmTMB::glmmTMB(y ~ post + offset(o) + (1 | id), d, poisson)),
  nbinom2 = function(d, o) of_glmmTMB(glmmTMB::glmmTMB(y ~ post + offset(o) + (1 | id), d, glmmTMB::nbinom2))
)
needs <- c(glmer1 = "lme4", glmer0 = "lme4", glmer10 = "lme4", poisson = "glmmTMB", nbinom2 = "glmmTMB")
tables <- list()
input <- file("stdin", open = "r")
while (length(line <- readLines(input, 1)) == 1) {
  asked <- strsplit(line, "\t")[[1]]
  package <- needs[[asked[1]]]
  if (!quiet(requireNamespace(package, quietly = TRUE))) {
    cat("failed: not here:", package, "\n")
    next
  }
  if (is.null(tables[[asked[2]]])) tables[[asked[2]]] <- read.csv(asked[2])
  d <- tables[[asked[2]]]
  d$o <- if (is.null(d$days)) 0 else log(d$days)
  answer <- tryCatch({
    spent <- system.time(found <- quiet(models[[asked[1]]](d, d$o)))
    sprintf("%.6f %.12g", spent[[1]] + spent[[2]], found)
  }, error = function(e) "failed: with an error")
  cat(answer, "\n", sep = "")
}
