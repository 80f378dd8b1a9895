//! Progress of long work, on stderr.

use std::{
    io::{self, Write as _},
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use lockstep_engine::{journal::Recovered, progress::Stage};

use super::style::{Style, Tone};
use crate::interrupt::Interrupt;

/// How wide the bar is.
const BAR: usize = 24;

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

    /// Says how far it is, how fast, and for how long still: `applying ━━━━╴   120/400, 3.1 a second, 1 min left`.
    fn at(&self, pace: &Pace, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(pace.line(done, of, pace.began.elapsed()));
        }
    }
}

/// How fast a stage goes.
struct Pace {
    stage: Stage,
    began: Instant,
}

impl Pace {
    fn line(&self, done: usize, of: usize, elapsed: Duration) -> String {
        let filled = (done * BAR).checked_div(of).unwrap_or(BAR).min(BAR);
        let bar = format!("{}{}", "━".repeat(filled), " ".repeat(BAR - filled));
        let (count, seconds) = (u32::try_from(done).unwrap_or(u32::MAX), elapsed.as_secs_f64());
        let mut line = format!("{} {bar} {done}/{of}", self.stage);
        if done > 0 && seconds > 0.0 {
            let rate = f64::from(count) / seconds;
            let rest = elapsed / count * u32::try_from(of.saturating_sub(done)).unwrap_or(u32::MAX);
            line.push_str(&format!(", {rate:.1} a second, {} left", left(rest)));
        }
        line
    }
}

/// A time that is left, as roughly as it is known.
fn left(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Shows the engine's progress on one line that comes and goes.
pub struct Watcher {
    interrupt: Interrupt,
    shown: bool,
    tells: bool,
    style: Style,
    line: Mutex<Option<(Pace, Progress)>>,
}

impl Watcher {
    /// Someone who watches, or shows nothing, and passes on that the run shall end. `tells` is whether what happens beside
    /// the work is said.
    pub fn new(shown: bool, tells: bool, style: Style, interrupt: Interrupt) -> Self {
        Self { interrupt, shown, tells, style, line: Mutex::new(None) }
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Option<(Pace, Progress)>> {
        self.line.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl lockstep_engine::progress::Progress for Watcher {
    fn begin(&self, stage: Stage, what: &str) {
        let mut line = self.line();
        let pace = || Pace { stage, began: Instant::now() };
        let (now, progress) = line.get_or_insert_with(|| (pace(), start(self.shown, self.style)));
        *now = pace();
        progress.doing(format!("{stage} {what}"));
    }

    fn advance(&self, done: usize, of: usize) {
        if let Some((pace, progress)) = &*self.line() {
            progress.at(pace, done, of);
        }
    }

    fn end(&self) {
        *self.line() = None;
    }

    fn recovered(&self, recovered: &Recovered) {
        if !self.tells {
            return;
        }
        let what = match &recovered.files[..] {
            [] => "nothing had been written".to_owned(),
            files => files.join(", "),
        };
        let name = self.style.paint(Tone::Strong, &recovered.component);
        let text = format!("{name}: an interrupted write was rolled back: {what}");
        // Nobody is left to be told that stderr is closed.
        let _ = writeln!(io::stderr().lock(), "{}", self.style.guarded(&text));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long_still() {
        let pace = Pace { stage: Stage::Apply, began: Instant::now() };
        let line = |done, of, seconds| pace.line(done, of, Duration::from_secs(seconds));
        insta::assert_snapshot!(
            [line(0, 1000, 0), line(250, 1000, 100), line(990, 1000, 100), line(7, 9_000, 60), line(0, 0, 1)].join("\n"),
            @r"
        applying                          0/1000
        applying ━━━━━━                   250/1000, 2.5 a second, 5 min left
        applying ━━━━━━━━━━━━━━━━━━━━━━━  990/1000, 9.9 a second, 1 s left
        applying                          7/9000, 0.1 a second, 21 h 24 min left
        applying ━━━━━━━━━━━━━━━━━━━━━━━━ 0/0
        "
        );
    }
}
