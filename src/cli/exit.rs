use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

use super::terminal;
use crate::export::ExportError;

/// How the command ended. Documented in `causerie --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Done,
    /// Some inputs could not be read and are listed.
    SomeFailed,
    /// The command line or the codebook is wrong.
    Usage,
    /// The output could not be written.
    Output,
    /// A host asked to be left alone for a while; the rest can be had later.
    RateLimited,
    /// Interrupted; nothing was written.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::SomeFailed => 1,
            Exit::Usage => 2,
            Exit::Output => 3,
            Exit::RateLimited => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// Why the command stopped early, and what to tell the user.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) exit: Exit,
    pub(super) message: Option<String>,
}

impl Stop {
    #[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
    pub(super) fn usage(message: impl ToString) -> Self {
        Self { exit: Exit::Usage, message: Some(message.to_string()) }
    }

    #[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
    pub(super) fn output(message: impl ToString) -> Self {
        Self { exit: Exit::Output, message: Some(message.to_string()) }
    }

    /// A fault of ours on a thread that reads.
    pub(super) fn reading_broke_off() -> Self {
        Self::output("reading broke off by a fault of causerie; please report it")
    }

    pub(super) fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, message: Some("interrupted; nothing was written".to_owned()) }
    }
}

impl From<ExportError> for Stop {
    fn from(error: ExportError) -> Self {
        match error {
            // Whoever reads the pipe has seen enough: `causerie … -o - | head`.
            ExportError::BrokenPipe { .. } => Self { exit: Exit::Done, message: None },
            error => Self::output(error),
        }
    }
}

/// Text from a page on one line, without what would steer the terminal: control characters, reading direction.
pub(super) fn printable(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_whitespace() && flat.ends_with(' ') => {}
            c if c.is_whitespace() => flat.push(' '),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {}
            c => flat.push(c),
        }
    }
    flat
}

/// Whether messages are JSON: `--json-logs`.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// From here on messages on standard error are a JSON object a line, `level` and `message`, for programs that read them.
pub(super) fn log_json() {
    AS_JSON.store(true, Ordering::Relaxed);
}

/// Whether they are.
pub(super) fn logs_json() -> bool {
    AS_JSON.load(Ordering::Relaxed)
}

fn log(level: &str, message: &str) {
    let time = jiff::Timestamp::now().round(jiff::Unit::Millisecond).unwrap_or_default().to_string();
    let line = serde_json::json!({"time": time, "level": level, "message": message});
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints to standard output; whoever reads a pipe may have seen enough.
pub(super) fn printed(text: &str) -> Result<Exit, Stop> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Stop::output(format!("standard output: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}

/// As [`printed`], what is to be read and not to be worked with: in the signs the terminal has.
pub(super) fn displayed(text: &str) -> Result<Exit, Stop> {
    printed(&terminal::shown(text))
}

/// One line on standard error that says what went wrong.
pub(super) fn report(message: &str) {
    if logs_json() {
        return log("error", message);
    }
    let message = printable(message);
    let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(anstream::stderr(), "{style}error:{style:#} {message}");
}

/// A remark on standard error.
pub(super) fn remark(message: &str) {
    if logs_json() {
        return log("info", message);
    }
    for line in message.lines() {
        let _ = writeln!(anstream::stderr(), "{}", printable(line));
    }
}
