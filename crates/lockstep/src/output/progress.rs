//! Progress of long work, on stderr.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::style::Style;

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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
