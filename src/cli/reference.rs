//! The reference in `docs/reference/`, written from the code: commands, columns, sites.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;
use super::coder::code_columns;
use super::sites;
use crate::codebook::Codebook;
use crate::export::package::columns_markdown;
use crate::table::{self, Column, Table};

const MADE: &str = "<!-- Made by `cargo run --example reference`; a test compares. -->\n\n";

/// The pages, each with its file name.
pub fn reference() -> Vec<(&'static str, String)> {
    vec![
        ("commands.md", commands()),
        ("columns.md", columns()),
        ("sites.md", format!("{MADE}# Sites\n\n{}", sites::markdown())),
    ]
}

fn commands() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut out = format!(
        "{MADE}# Commands\n\n`causerie COMMAND --help` says the same. Every command takes `--json-logs`: messages on standard error as JSON lines.\n\n"
    );
    let listed = || cli.get_subcommands().filter(|command| command.get_name() != "help");
    for command in listed() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(out, "- [`{0}`](#causerie-{0}): {about}", command.get_name());
    }
    let exits = cli.get_after_help().map(ToString::to_string).unwrap_or_default();
    if let Some((_, exits)) = exits.split_once("Exit codes:") {
        let _ = writeln!(out, "\n## Exit codes\n\n```text\n{}\n```", exits.trim_matches('\n'));
    }
    listed().for_each(|command| section(&mut out, command, 2));
    out
}

fn section(out: &mut String, command: &Command, level: usize) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let _ = writeln!(out, "\n{} {name}\n", "#".repeat(level));
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(out, "{about}\n");
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(out, "```text\n{}\n```", usage.trim_start_matches("Usage: ").trim());
    let is_shown = |argument: &&Arg| {
        !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "json_logs" | "version")
    };
    let mut headings: Vec<&str> = Vec::new();
    for argument in command.get_arguments().filter(is_shown) {
        let heading = argument.get_help_heading().unwrap_or("Options");
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for heading in headings {
        let _ = writeln!(out, "\n| {heading} | |\n|---|---|");
        let of = |argument: &&Arg| argument.get_help_heading().unwrap_or("Options") == heading;
        for argument in command.get_arguments().filter(is_shown).filter(of) {
            let _ = writeln!(out, "| {} | {} |", spelt(argument), explained(argument));
        }
    }
    if let Some(after) = command.get_after_help() {
        let _ = writeln!(out, "\n```text\n{}\n```", after.to_string().trim_end());
    }
    command
        .get_subcommands()
        .filter(|below| below.get_name() != "help")
        .for_each(|below| section(out, below, level + 1));
}

/// An argument as it is written on the command line.
fn spelt(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let takes = argument.get_action().takes_values();
    let value = if takes { format!(" {}", values.join(" ")) } else { String::new() };
    match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("`-{short}`, `--{long}{value}`"),
        (None, Some(long)) => format!("`--{long}{value}`"),
        _ => format!("`{}`", value.trim()),
    }
}

fn explained(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut out = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let values: Vec<String> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !values.is_empty() && argument.get_action().takes_values() && !argument.is_hide_possible_values_set() {
        let _ = write!(out, " One of {}.", values.join(", "));
    }
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        let _ = write!(out, " Default: `{}`.", defaults.join(", "));
    }
    out
}

fn columns() -> String {
    let codes = code_columns(&Codebook::builtin());
    let all = table::columns(&codes, true);
    let mut out = format!(
        "{MADE}# Columns\n\n`causerie columns` prints the same for the built-in codebook, `causerie columns --codebook mine.toml` for yours. Empty \
         cells are unknown or do not apply.\n"
    );
    out.push_str(&dictionary(&all));
    out
}

/// The data dictionary: a heading a table, a row a column.
pub(super) fn dictionary(columns: &[Column]) -> String {
    let mut out = String::new();
    for table in Table::ALL {
        let of_this: Vec<Column> = columns.iter().filter(|column| column.table == table).cloned().collect();
        if !of_this.is_empty() {
            let _ = writeln!(out, "\n## {table}\n\n{}", columns_markdown(&of_this).trim_end());
        }
    }
    out
}
