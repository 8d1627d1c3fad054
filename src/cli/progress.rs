use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::road::Progress;

/// A progress bar on standard error; nothing where that is no terminal, or on `--quiet`.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(inputs: usize, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(
            Some(inputs as u64),
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() },
        );
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_bar} {pos}/{len} inputs, {msg} ({eta} left)") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// From here on comments are counted, of so many.
    pub(super) fn coding(&self, comments: u64) {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_bar} {pos}/{len} comments coded ({eta} left)")
        {
            self.0.set_style(style);
        }
        self.0.reset();
        self.0.set_length(comments);
        self.0.set_position(0);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn input_done(&self) {
        self.0.inc(1);
    }

    fn so_far(&self, pages: u64, comments: u64) {
        self.0.set_message(format!("{pages} pages, {comments} comments"));
    }

    fn coded(&self, comments: u64) {
        self.0.set_position(comments);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
