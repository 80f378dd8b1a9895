//! A run as people read it: what did not pass, and a summary.

use lockstep_core::session::{Problem, SessionStatus};
use lockstep_engine::sessions::{SessionView, TestReport};

use crate::output::{Style, Tone, words::counted};

/// How many frames of a stack are shown.
const FRAMES: usize = 4;

/// How many more findings of a story are shown beside its reason.
const FINDINGS: usize = 5;

pub(super) fn report(report: &TestReport, style: Style, all: bool) -> String {
    let mut text = String::new();
    for session in &report.sessions {
        if all || session.status != SessionStatus::Passed {
            text.push_str(&told(session, style));
        }
    }
    text.push_str(&summary(report, style));
    text
}

/// One story: `failed  components-button--primary  exception, 84 ms`, and below it what is known.
pub(crate) fn told(session: &SessionView, style: Style) -> String {
    let status = style.paint(tone(session.status), format!("{:<7}", session.status.as_str()));
    let time = session.duration_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
    let reason = session.reason.map(|reason| reason.as_str().replace('_', " "));
    let rest: Vec<String> = reason.into_iter().chain([time]).filter(|text| !text.is_empty()).collect();
    let story = style.paint(Tone::Strong, &session.story);
    let mut text = format!("{status}  {story}  {}\n", style.paint(Tone::Dim, rest.join(", ")));
    let found = &session.detail;
    let problems: Vec<&Problem> =
        found.failed_plays.iter().chain(&found.exceptions).chain(&found.console_errors).collect();
    let mut line = |tone, words: &str| {
        for words in words.lines() {
            text.push_str(&format!("         {}\n", style.paint(tone, words)));
        }
    };
    if let Some(message) = &found.message {
        line(Tone::Plain, message);
        let stack = problems.iter().find(|problem| problem.message == *message);
        for frame in stack.map(|problem| frames(problem)).unwrap_or_default() {
            line(Tone::Dim, &format!("  at {frame}"));
        }
    }
    if session.status == SessionStatus::Passed {
        return text;
    }
    let others =
        problems.iter().map(|problem| &problem.message).filter(|text| Some(*text) != found.message.as_ref());
    for other in others.take(FINDINGS) {
        line(Tone::Dim, &format!("also: {}", other.lines().next().unwrap_or_default()));
    }
    for failed in found.failed_requests.iter().take(FINDINGS) {
        line(Tone::Dim, &format!("not received: {} ({})", failed.url, failed.why));
    }
    for artifact in &session.artifacts {
        line(Tone::Dim, &artifact.path);
    }
    text
}

/// The frames that are shown: those of packages only where there are no others.
fn frames(problem: &Problem) -> Vec<&String> {
    let own: Vec<&String> = problem.stack.iter().filter(|frame| !frame.contains("node_modules/")).collect();
    let shown = if own.is_empty() { problem.stack.iter().collect() } else { own };
    shown.into_iter().take(FRAMES).collect()
}

pub(crate) fn tone(status: SessionStatus) -> Tone {
    match status {
        SessionStatus::Passed => Tone::Good,
        SessionStatus::Failed => Tone::Bad,
        SessionStatus::Aborted | SessionStatus::Running => Tone::Warn,
    }
}

fn summary(report: &TestReport, style: Style) -> String {
    let totals = &report.totals;
    if totals.stories == 0 {
        return "No story to open".to_owned();
    }
    let counts = [
        (Tone::Good, totals.passed, "passed"),
        (Tone::Bad, totals.failed, "failed"),
        (Tone::Warn, totals.aborted, "aborted"),
        (Tone::Warn, totals.not_run, "not opened"),
    ];
    let counts = counts.into_iter().filter(|(_, count, _)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(tone, count, word)| style.paint(tone, format!("{count} {word}"))).collect();
    let mut text = format!("{}: {}", counted(totals.stories, "story"), counts.join(", "));
    #[expect(clippy::cast_precision_loss, reason = "no run takes 2^52 milliseconds")]
    let seconds = report.duration_ms as f64 / 1_000.0;
    text.push_str(&format!(", in {seconds:.1} s"));
    if let Some(browser) = &report.browser {
        let how = format!(" ({browser}, {} at once)", report.workers);
        text.push_str(&style.paint(Tone::Dim, how));
    }
    if totals.retries > 0 {
        text.push_str(&format!(
            "\n{} after the browser or the Storybook was lost",
            counted(totals.retries, "retry")
        ));
    }
    for (story, outcomes) in &report.flaky {
        let all = outcomes.passed + outcomes.failed;
        let told =
            format!("flaky: {story} passed {} of {all} times, with the same code at times", outcomes.passed);
        text.push_str(&format!("\n{}", style.paint(Tone::Warn, told)));
    }
    if let Some(why) = &report.unchecked {
        text.push_str(&format!(
            "\n{}",
            style.paint(Tone::Dim, format!("accessibility was not checked: {why}"))
        ));
    }
    text
}
