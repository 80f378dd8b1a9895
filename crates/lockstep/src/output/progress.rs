//! Progress of long work, on stderr.

use std::{sync::Mutex, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use lockstep_engine::progress::Stage;

use super::style::Style;
use crate::interrupt::Interrupt;

/// A line that says what is being done, or nothing where nobody watches. It vanishes when it is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

/// Begins to show progress. Short work shows none: the line comes up after a moment.
pub fn start(shown: bool, style: Style) -> Progress {
    if !shown {
        return Progress { bar: None };
    }
    let bar = ProgressBar::new_spinner();
    let template = if style.is_colored() { "{spinner:.cyan} {msg:.dim}" } else { "{spinner} {msg}" };
    if let Ok(template) = ProgressStyle::with_template(template) {
        bar.set_style(template);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    Progress { bar: Some(bar) }
}

impl Progress {
    /// Says what is being done now.
    pub fn doing(&self, what: impl Into<String>) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.into());
        }
    }

    /// Says how far it is: `Reading files 120/400`.
    pub fn at(&self, what: &str, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{what} {done}/{of}"));
        }
    }
}

/// Shows the engine's progress on one line that comes and goes.
pub struct Watcher {
    interrupt: Interrupt,
    shown: bool,
    style: Style,
    line: Mutex<Option<(Stage, Progress)>>,
}

impl Watcher {
    /// Someone who watches, or shows nothing, and passes on that the run shall end.
    pub fn new(shown: bool, style: Style, interrupt: Interrupt) -> Self {
        Self { interrupt, shown, style, line: Mutex::new(None) }
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Option<(Stage, Progress)>> {
        self.line.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl lockstep_engine::progress::Progress for Watcher {
    fn begin(&self, stage: Stage, what: &str) {
        let mut line = self.line();
        let (now, progress) = line.get_or_insert_with(|| (stage, start(self.shown, self.style)));
        *now = stage;
        progress.doing(format!("{stage} {what}"));
    }

    fn advance(&self, done: usize, of: usize) {
        if let Some((stage, progress)) = &*self.line() {
            progress.at(&stage.to_string(), done, of);
        }
    }

    fn end(&self) {
        *self.line() = None;
    }

    fn wants_stop(&self) -> bool {
        self.interrupt.code().is_some()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
