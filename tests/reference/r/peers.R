# Writes peers.json: what the calls of docs/peers/r.md that are marked there give, on small made-up data.
# Rscript tests/reference/r/peers.R  (from the root of the repository)
suppressPackageStartupMessages({ library(lme4); library(sandwich); library(geepack); library(jsonlite) })

n <- 40
i <- 1:n
before <- (i * 7) %% 17 + i %% 4 + 1
after <- ((i * 7) %% 17) %/% 2 + (i * 3) %% 5
change <- ((i * sqrt(5)) %% 1) * 20 - 12                 # of a score; no two alike
low <- 50 + (i * 13) %% 29
managed <- i %% 2
wide <- data.frame(id = i, before, after, managed)
long <- data.frame(id = rep(i, each = 2), post = rep(0:1, n), y = as.vector(rbind(before, after)))

t <- t.test(after, before, paired = TRUE)
w <- wilcox.test(low + change, low, paired = TRUE, conf.int = TRUE)
s <- binom.test(sum(after > before), sum(after != before))
p <- poisson.test(c(sum(after), sum(before)), c(n * 365, n * 365))
table <- table(factor(before >= 7, c(FALSE, TRUE)), factor(after >= 7, c(FALSE, TRUE)))
m <- mcnemar.test(table, correct = FALSE)
marginal <- glm(y ~ post, poisson, long)
within <- glm(y ~ post + factor(id), poisson, long, control = list(epsilon = 1e-14))
gee <- geeglm(y ~ post, poisson, long, id = id, corstr = "exchangeable", scale.fix = FALSE)
tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10), tolPwrss = 1e-12)
frailty <- glmer(y ~ post + (1 | id), long, poisson, nAGQ = 51, control = tight)
levels <- lmer(y ~ post + (1 | id), long)
adjusted <- lm(after ~ managed + before, wide)
welch <- t.test((after - before)[managed == 1], (after - before)[managed == 0])

out <- list(
  tool = paste(R.version.string, "lme4", packageVersion("lme4"), "sandwich", packageVersion("sandwich"),
    "geepack", packageVersion("geepack")),
  before = before, after = after, low = low, change = change, managed = managed,
  values = list(
    t.test = c(unname(t$estimate), t$p.value, t$conf.int),
    wilcox.test = c(unname(w$estimate), w$p.value),
    binom.test = s$p.value,
    poisson.test = c(unname(p$estimate), p$conf.int),
    mcnemar.test = m$p.value,
    vcovCL = c(exp(coef(marginal)[["post"]]), sqrt(vcovCL(marginal, cluster = long$id, type = "HC0")["post", "post"])),
    glm_id = exp(coef(within)[["post"]]),
    geeglm = exp(coef(gee)[["post"]]),
    glmer = c(exp(fixef(frailty)[["post"]]), sqrt(vcov(frailty)["post", "post"])),
    lmer = c(fixef(levels)[["post"]], sqrt(vcov(levels)["post", "post"])),
    vcovHC = c(coef(adjusted)[["managed"]], sqrt(vcovHC(adjusted, type = "HC3")["managed", "managed"])),
    welch = c(unname(welch$estimate[1] - welch$estimate[2]), welch$stderr),
    power.t.test = power.t.test(delta = 0.5, power = 0.8, type = "paired")$n
  )
)
writeLines(toJSON(out, digits = 12, auto_unbox = TRUE), "tests/reference/r/peers.json")
