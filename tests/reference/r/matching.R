# Writes matching.json: nearest-neighbour matching on the linear propensity score within a caliper, by MatchIt, on
# people made up by formula (not by MatchIt 4.5.1 to 4.5.3, which ignore a caliper: their issue 163). The caliper is given on the scale of the logit, .2 of its pooled SD (Austin 2011);
# MatchIt's own std.caliper divides by another SD.
# Rscript tests/reference/r/matching.R  (from the root of the repository)
suppressPackageStartupMessages({ library(MatchIt); library(jsonlite) })

i <- 1:120
managed <- as.numeric(i %% 3 == 0)
age <- 20 + (i * 37) %% 41 + sqrt(i %% 17) - 3 * managed
prior <- (i * 29) %% 13 + log(i) / 7 + 2 * managed
sex <- ifelse((i * 11) %% 5 < 3 + managed, "m", "f")
people <- data.frame(managed, age, prior, sex)

fit <- glm(managed ~ age + prior, family = binomial, data = people, control = list(epsilon = 1e-14))
logit <- predict(fit)
width <- 0.2 * sqrt((var(logit[managed == 1]) + var(logit[managed == 0])) / 2)

case <- function(exact, ratio, caliper) {
  m <- matchit(managed ~ age + prior, people, method = "nearest", distance = logit, exact = exact, ratio = ratio,
    caliper = if (caliper) width else NULL, std.caliper = FALSE, m.order = "largest")
  s <- summary(m, standardize = TRUE)
  pairs <- lapply(rownames(m$match.matrix), function(r) as.numeric(c(r, na.omit(m$match.matrix[r, ]))))
  list(exact = !is.null(exact), ratio = ratio, caliper = caliper, sets = Filter(function(p) length(p) > 1, pairs),
    before = s$sum.all[c("age", "prior"), c("Std. Mean Diff.", "Var. Ratio")],
    after = s$sum.matched[c("age", "prior"), c("Std. Mean Diff.", "Var. Ratio")])
}
cases <- suppressWarnings(list(case(NULL, 1, TRUE), case(~sex, 1, TRUE), case(NULL, 2, TRUE), case(~sex, 2, FALSE)))

out <- list(
  tool = paste(R.version.string, "MatchIt", packageVersion("MatchIt")),
  managed = managed, age = age, prior = prior, sex = sex, logit = unname(logit), cases = cases
)
write(toJSON(out, auto_unbox = TRUE, digits = NA), "tests/reference/r/matching.json")
