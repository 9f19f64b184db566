# Writes discontinuity.json: honest intervals for the jump at a cut of a discrete running variable, by RDHonest, on
# people made up by formula.
# Rscript tests/reference/r/discontinuity.R  (from the root of the repository)
suppressPackageStartupMessages({ library(RDHonest); library(jsonlite) })

i <- 1:240
score <- (i * 7) %% 20 + ifelse(i %% 5 == 0, -1, 0)
after <- (i * 13) %% 6 + floor(score / 4) + ifelse(score >= 11, -1, 0) + (i %% 3)
people <- data.frame(score, after)
sparse <- people[people$score < 7 | people$score > 13 | i %% 4 == 0, ]

taken <- c("estimate", "std.error", "maximum.bias", "conf.low", "conf.high", "p.value")
bsd <- function(d, M, h, kern) {
  r <- RDHonest(after ~ score, data = d, cutoff = 11, M = M, h = h, kern = kern, alpha = 0.05)
  c(list(M = M, h = h, kernel = kern, sparse = nrow(d) < 240), as.list(r$coefficients[1, taken]))
}
bme <- function(d, h) {
  r <- RDHonestBME(after ~ score, data = d, cutoff = 11, h = h, order = 1)
  c(list(h = h, sparse = nrow(d) < 240), as.list(r$coefficients[1, head(taken, 5)]))
}
out <- list(
  tool = paste(R.version.string, "RDHonest", packageVersion("RDHonest")),
  score = score, after = after, sparse_rows = as.integer(rownames(sparse)),
  rule = RDHonest(after ~ score, data = people, cutoff = 11, h = 5)$coefficients$M,
  bsd = list(bsd(people, 0.1, 5, "uniform"), bsd(people, 0.3, 6.5, "triangular"), bsd(sparse, 0.1, 8, "triangular")),
  bme = list(bme(people, 4), bme(people, 7), bme(sparse, 9))
)
write(toJSON(out, auto_unbox = TRUE, digits = NA), "tests/reference/r/discontinuity.json")
