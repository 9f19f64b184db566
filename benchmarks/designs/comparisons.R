# Reads "did" or "synthdid", a tab and a file a line from standard input, and answers with the CPU seconds of the fit and
# its effect; or with "failed:" and why, and reads on. A file has a row a person and month: person, month (from 1), y, and
# start, the first month under the programme, 0 where there is none.
options(warn = -1)
quiet <- function(x) suppressMessages(suppressWarnings(x))
models <- list(
  did = function(d) {
    cells <- did::att_gt("y", "month", "person", "start", data = d, control_group = "nevertreated", bstrap = FALSE,
                         cband = FALSE)
    did::aggte(cells, type = "simple")$overall.att
  },
  synthdid = function(d) {
    d$treated <- as.integer(d$start > 0 & d$month >= d$start)
    laid <- synthdid::panel.matrices(d, "person", "month", "y", "treated")
    as.numeric(synthdid::synthdid_estimate(laid$Y, laid$N0, laid$T0))
  }
)
tables <- list()
input <- file("stdin", open = "r")
while (length(line <- readLines(input, 1)) == 1) {
  asked <- strsplit(line, "\t")[[1]]
  if (!quiet(requireNamespace(asked[1], quietly = TRUE))) {
    cat("failed: not here:", asked[1], "\n")
    next
  }
  if (is.null(tables[[asked[2]]])) tables[[asked[2]]] <- read.csv(asked[2])
  d <- tables[[asked[2]]]
  answer <- tryCatch({
    spent <- system.time(found <- quiet(models[[asked[1]]](d)))
    sprintf("%.6f %.12g", spent[[1]] + spent[[2]], found)
  }, error = function(e) "failed: with an error")
  cat(answer, "\n", sep = "")
}
