#!/usr/bin/env Rscript
# A first look at a study in R: completeness, tone, themes, time, depth. The same figures as first-look.ipynb.
#
# usage: Rscript notebooks/first-look.R STUDY_DIR [OUT_DIR]
#
# Reads comments.csv and threads.csv of the folder that `causerie analyze` wrote, prints tables, and writes them as CSV
# and the plots as PNG into OUT_DIR (first-look/ by default). Needs the packages readr, dplyr and ggplot2.
#
# The sample pages are invented: their figures say nothing about any real discussion. The codes are a machine's:
# before writing any of this down, have a sample coded by hand (validation.ipynb, docs/validation.md).

suppressPackageStartupMessages({
  library(dplyr)
  library(ggplot2)
  library(readr)
})

arguments <- commandArgs(trailingOnly = TRUE)
study <- if (length(arguments) >= 1) arguments[1] else Sys.getenv("CAUSERIE_STUDY", "../out")
out <- if (length(arguments) >= 2) arguments[2] else "first-look"
if (!file.exists(file.path(study, "comments.csv"))) {
  stop(study, "/comments.csv is missing: run `causerie analyze data/pages/ -o out/` and name its folder", call. = FALSE)
}
dir.create(out, showWarnings = FALSE, recursive = TRUE)

# Threads to leave out, by thread_id: c("t17e5bff65759"). Charts with a row an article show the longest threads only.
leave_out <- character()
most <- 30

options(width = 120)

# --- reading -----------------------------------------------------------------------------------------------------
# Everything as text first: guessing types from the first rows goes wrong where a column starts empty. Only the empty
# cell is a gap: "NA" is something people write.
read_table <- function(name) {
  read_csv(file.path(study, paste0(name, ".csv")), col_types = cols(.default = col_character()), na = "", progress = FALSE) |>
    filter(!thread_id %in% leave_out)
}

tones <- c("negative", "neutral", "positive")
threads <- read_table("threads")
# The codes of the codebook: the columns that `threads` has a share of, less the three of the sentiment.
codes <- setdiff(sub("_share$", "", grep("_share$", names(threads), value = TRUE)), tones)

threads <- threads |>
  mutate(
    across(c(stated_count, parsed_count), as.integer),
    article = coalesce(article_title, article_url, thread_id),
    article = if_else(nchar(article) > 54, paste0(trimws(substr(article, 1, 53)), "\u2026"), article)
  ) |>
  group_by(article) |>
  mutate(article = if (n() > 1) paste(article, thread_id) else article) |>
  ungroup() |>
  arrange(desc(parsed_count))
shown <- head(threads$article, most)

comments <- read_table("comments") |>
  mutate(across(all_of(c("position", "depth", codes)), as.integer), polarity = factor(polarity, tones)) |>
  left_join(select(threads, thread_id, article), by = "thread_id")
stopifnot(nrow(comments) > 0)
coded <- filter(comments, !is.na(polarity))

# --- tables and plots ----------------------------------------------------------------------------------------------
show_table <- function(name, about, table) {
  cat("\n", about, "\n", sep = "")
  print(as.data.frame(table), row.names = FALSE, digits = 3)
  write_csv(table, file.path(out, paste0(name, ".csv")), na = "")
}

show_plot <- function(name, plot, height = 4) {
  ggsave(file.path(out, paste0(name, ".png")), plot, width = 9, height = height, dpi = 110, bg = "white")
}

theme_set(theme_minimal(base_size = 11) + theme(panel.grid.minor = element_blank(), legend.position = "top"))
tone_colors <- scale_fill_manual(values = c(negative = "#b2432f", neutral = "#cfcabf", positive = "#3f7f5f"), drop = FALSE)
per_cent <- function(share) paste0(round(100 * share), " %")
# Rows of a chart from top to bottom.
from_top <- function(names, order = unique(names)) factor(names, rev(order))
chart_height <- 1.3 + 0.28 * length(shown)

# Share with its 95 % interval (Wilson 1927). It knows chance, and nothing of the coder's mistakes.
wilson <- function(carry, of, z = qnorm(0.975)) {
  share <- carry / of
  shrink <- 1 + z^2 / of
  middle <- share + z^2 / (2 * of)
  half <- z * sqrt(share * (1 - share) / of + z^2 / (4 * of^2))
  tibble(share = share, low = pmax(0, (middle - half) / shrink), high = pmin(1, (middle + half) / shrink))
}

# Share of each code, in all comments or within the groups of a column.
shares <- function(table, ...) {
  bind_rows(lapply(codes, function(code) {
    table |>
      filter(!is.na(.data[[code]])) |>
      group_by(..., code = code) |>
      summarise(carry = sum(.data[[code]]), coded = n(), .groups = "drop")
  })) |>
    mutate(wilson(carry, coded))
}

# --- is it complete? -----------------------------------------------------------------------------------------------
# A bar short of its tick is a sample, and not a random one. A bar without a tick: the site states no number.
counts <- transmute(threads, article, stated_count, parsed_count, missing = stated_count - parsed_count, completeness)
show_table("completeness", "Comments stated by the site and read", counts)
show_plot(
  "completeness",
  ggplot(filter(counts, article %in% shown), aes(y = from_top(article))) +
    geom_col(aes(x = parsed_count), fill = "#8fa9bf", width = 0.75) +
    geom_point(aes(x = stated_count), shape = "|", size = 6, na.rm = TRUE) +
    labs(x = "comments read; the tick: comments the site states", y = NULL),
  chart_height
)

# --- tone ------------------------------------------------------------------------------------------------------------
# The intended meaning of the writer's own words. With ten comments, one more moves a share by ten points.
sentiment <- coded |>
  count(article, polarity, name = "comments") |>
  group_by(article) |>
  mutate(share = comments / sum(comments)) |>
  ungroup()
show_table("sentiment", "Sentiment of the coded comments", sentiment)
by_negative <- coded |>
  group_by(article) |>
  summarise(negative = mean(polarity == "negative")) |>
  arrange(desc(negative))
show_plot(
  "sentiment",
  ggplot(filter(sentiment, article %in% shown), aes(share, from_top(article, by_negative$article), fill = polarity)) +
    geom_col(position = position_stack(reverse = TRUE), width = 0.75) +
    tone_colors + scale_x_continuous(labels = per_cent) +
    labs(x = "share of coded comments", y = NULL, fill = NULL),
  chart_height
)

# --- themes ----------------------------------------------------------------------------------------------------------
themes <- shares(comments)
show_table("themes", "Themes: share of coded comments, 95 % Wilson intervals", themes)
show_plot(
  "themes",
  ggplot(themes, aes(share, reorder(code, share), xmin = low, xmax = high)) +
    geom_pointrange(colour = "#39597a") +
    scale_x_continuous(labels = per_cent, limits = c(0, NA)) +
    labs(x = "share of coded comments", y = NULL),
  1.5 + 0.4 * length(codes)
)

# --- over time -------------------------------------------------------------------------------------------------------
# Time runs from the first comment of each thread. Times with an offset are set to universal time; others, of one
# site each, are compared with each other only.
moment <- function(written) {
  local <- as.numeric(as.POSIXct(substr(written, 1, 16), format = "%Y-%m-%dT%H:%M", tz = "UTC"))
  seconds <- suppressWarnings(as.numeric(sub("^.{16}:([0-9]{2}).*$", "\\1", written)))
  offset <- regmatches(written, regexec("([+-])([0-9]{2}):?([0-9]{2})$", substr(written, 17, nchar(written))))
  east <- vapply(offset, function(part) {
    if (length(part) < 4) 0 else (if (part[2] == "-") -1 else 1) * (3600 * as.numeric(part[3]) + 60 * as.numeric(part[4]))
  }, numeric(1))
  local + coalesce(seconds, 0) - east
}

spans <- c("first hour" = 1, "1 to 3 h" = 3, "3 to 6 h" = 6, "6 to 12 h" = 12, "12 to 24 h" = 24, "2nd day" = 48,
           "3rd to 7th day" = 168, "later" = Inf)
timed <- comments |>
  filter(posted_precision %in% c("hour", "minute", "second")) |>
  mutate(moment = moment(posted_at)) |>
  group_by(thread_id) |>
  mutate(hours = (moment - min(moment)) / 3600) |>
  ungroup() |>
  mutate(span = cut(hours, c(0, spans), labels = names(spans), right = FALSE))
if (nrow(timed) > 0) {
  show_table("time", "Comments after the first of their thread", count(filter(timed, !is.na(polarity)), span, polarity, name = "comments"))
  show_plot(
    "time",
    ggplot(filter(timed, !is.na(polarity)), aes(span, fill = polarity)) +
      geom_bar(position = position_stack(reverse = TRUE)) +
      tone_colors + labs(x = "after the first comment of the thread", y = "comments", fill = NULL)
  )
}

# --- by depth --------------------------------------------------------------------------------------------------------
# 0 answers the article; "unknown": the page does not show who answers whom.
levels <- c("0", "1", "2", "3", "4 and deeper", "unknown")
depth <- comments |>
  mutate(level = factor(case_when(is.na(depth) ~ "unknown", depth >= 4 ~ "4 and deeper", TRUE ~ as.character(depth)), levels)) |>
  shares(level)
show_table("depth", "Themes by depth", depth)
show_plot(
  "depth",
  ggplot(depth, aes(level, share, ymin = low, ymax = high)) +
    geom_pointrange(colour = "#39597a", size = 0.4) +
    facet_wrap(~ factor(code, codes)) +
    scale_y_continuous(labels = per_cent, limits = c(0, NA)) +
    labs(x = "depth", y = "share of coded comments")
)

# --- read them -------------------------------------------------------------------------------------------------------
# Drawn at random among those with a code, the words the coder went by in [ ]. `start` counts characters from 0.
set.seed(1)
texts <- transmute(comments, thread_id, comment_id, text, own = paste0(article, " ", comment_id))
evidence <- read_table("codings") |>
  filter(code %in% codes, !is.na(start)) |>
  mutate(across(c(start, end), as.integer)) |>
  inner_join(texts, by = c("thread_id", "comment_id"))
stopifnot(substr(evidence$text, evidence$start + 1, evidence$end) == evidence$evidence)
for (name in codes) {
  found <- filter(evidence, code == name)
  cat("\n", name, ": ", nrow(found), " comments\n", sep = "")
  for (row in sample(seq_len(nrow(found)), min(3, nrow(found)))) {
    with(found[row, ], cat(strwrap(paste0(
      own, ": ", substr(text, 1, start), "[", evidence, "]", substr(text, end + 1, nchar(text))
    ), width = 110, indent = 2, exdent = 4), sep = "\n"))
  }
}

cat("\nwrote tables and plots to ", out, "/\n", sep = "")
