# Writes cluster_robust.json: CR0 to CR3 with Satterthwaite degrees of freedom by clubSandwich on made-up rows: ordinary
# and weighted least squares, treatment by whole clusters and within them, and a Poisson regression of group and time.
# Rscript tests/reference/r/cluster_robust.R  (from the root of the repository)
suppressPackageStartupMessages({ library(clubSandwich); library(jsonlite) })

# Made-up rows by formula in i: six clusters of unequal size.
i <- 1:40
cluster <- c(rep(1, 3), rep(2, 5), rep(3, 12), rep(4, 4), rep(5, 9), rep(6, 7))
whole <- as.numeric(cluster <= 3)
within <- as.numeric(i %% 3 == 0)
z <- ((i * 7) %% 11) / 5
y <- (i * 5) %% 13 + cluster + 2 * within - whole
w <- 1 + (i * 3) %% 4

told <- function(fit, kind, inverse_var = FALSE) {
  V <- vcovCR(fit, cluster = cluster, type = kind, inverse_var = inverse_var)
  test <- coef_test(fit, vcov = V, test = "Satterthwaite")
  df <- if ("df_Satt" %in% names(test)) test$df_Satt else test$df
  list(covariance = unclass(as.matrix(V))[, ], df = df)
}
kinds <- c("CR0", "CR1", "CR2", "CR3")
each <- function(fit, ...) c(
  list(coefficients = unname(coef(fit))),
  setNames(lapply(kinds, function(k) lapply(told(fit, k, ...), unname)), kinds)
)

# Two counts a person, stacked: group, time and their interaction; people in the same clusters.
before <- (i * 7) %% 11 + 1
after <- (i * 5) %% 7 + i %% 3
long <- data.frame(
  y = c(before, after), time = rep(0:1, each = 40), managed = rep(whole, 2), mixed = rep(within, 2),
  cluster = rep(cluster, 2), person = rep(i, 2)
)
events <- function(group, by) {
  fit <- glm(reformulate(paste0(group, " * time"), "y"), data = long, family = poisson, control = list(epsilon = 1e-14))
  row <- 4
  setNames(lapply(kinds, function(k) {
    V <- vcovCR(fit, cluster = long[[by]], type = k)
    list(estimate = unname(coef(fit)[row]), variance = V[row, row])
  }), kinds)
}
out <- list(
  tool = paste(R.version.string, "clubSandwich", packageVersion("clubSandwich")),
  ordinary = each(lm(y ~ whole + z)),
  within = each(lm(y ~ within + z)),
  weighted = each(lm(y ~ whole + within, weights = w)),
  inverse_variance = each(lm(y ~ whole + within, weights = w), inverse_var = TRUE),
  poisson = list(
    whole_by_cluster = events("managed", "cluster"),
    within_by_cluster = events("mixed", "cluster"),
    whole_by_person = events("managed", "person")
  )
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/reference/r/cluster_robust.json")
