# Writes did.json: group-time effects and their averages by the R package did, on made-up counts of 96 people in six
# windows (by a formula; starts 3, 4, 6 and never).
# Rscript tests/reference/r/did.R  (from the root of the repository)
suppressPackageStartupMessages({ library(did); library(jsonlite) })

n <- 96; windows <- 6
i <- rep(1:n, each = windows); t <- rep(1:windows, n)
start <- c(0, 3, 4, 6)[(i * 7) %% 4 + 1]
y <- (i * 11 + t * 5 + (i * t) %% 7) %% 9 + (i %% 5) + (start > 0 & t >= start) * ((i + t) %% 3)
frame <- data.frame(i, t, start, y, district = i %% 12)
columns <- c("overall.att", "overall.se", "egt", "att.egt", "se.egt")

one <- function(control, base, anticipation, cluster = NULL) {
  fit <- att_gt("y", "t", "i", "start", data = frame, control_group = control, base_period = base,
    anticipation = anticipation, est_method = "reg", bstrap = FALSE, cband = FALSE, clustervars = cluster)
  kinds <- c("simple", "dynamic", "group", "calendar")
  shown <- lapply(setNames(kinds, kinds), function(kind) {
    unclass(aggte(fit, type = kind, na.rm = TRUE, bstrap = FALSE, cband = FALSE))[columns]
  })
  c(list(control = control, base = base, anticipation = anticipation,
    starts = fit$group, windows = fit$t, att = fit$att, se = fit$se), shown)
}

cases <- list(
  one("nevertreated", "universal", 0), one("notyettreated", "universal", 0), one("notyettreated", "varying", 0),
  one("nevertreated", "varying", 1), one("notyettreated", "universal", 1)
)
out <- list(
  tool = paste(R.version.string, "did", packageVersion("did")),
  start = start[t == 1], outcome = matrix(y, n, byrow = TRUE), cases = cases
)
writeLines(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", null = "null"), "tests/reference/r/did.json")
