//! How a session ends: decided from what was observed, by what is asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Budget, Excess, PerformanceSummary, SessionReason, SessionStatus};

/// How it came to an end that nothing more was observed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// The story had rendered and its play function had ended, or it was known that neither would.
    #[default]
    Finished,
    /// Time was up.
    TimedOut,
    /// The tab ended.
    PageCrashed,
    /// The browser ended, or did not answer.
    BrowserLost,
    /// What serves the Storybook did not answer.
    Unreachable,
    /// Somebody wanted it to end.
    Cancelled,
}

/// Something that went wrong in a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SessionProblem")]
pub struct Problem {
    /// What happened.
    pub message: String,
    /// Where: one line a frame, from the innermost, at places of the sources where these are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<String>,
}

/// What was observed of a story.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// How it came to an end.
    pub ending: Ending,
    /// What that was, in words, where there is more to say: `net::ERR_CONNECTION_REFUSED`.
    pub ending_told: Option<String>,
    /// Whether Storybook knows no such story.
    pub is_missing: bool,
    /// What was thrown by the story or around it.
    pub exceptions: Vec<Problem>,
    /// What its play function threw.
    pub failed_plays: Vec<Problem>,
    /// What it wrote to the console as an error.
    pub console_errors: Vec<Problem>,
    /// What accessibility checks found.
    pub violations: Vec<Problem>,
    /// How it looks other than what was approved.
    pub visual_difference: Option<Problem>,
    /// What was measured.
    pub performance: Option<PerformanceSummary>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Judging {
    /// Whether an error on the console fails a session.
    pub console_errors: bool,
    /// Whether an accessibility violation does.
    pub violations: bool,
    /// What a story may take.
    pub budget: Budget,
}

impl Default for Judging {
    fn default() -> Self {
        Self { console_errors: true, violations: true, budget: Budget::new() }
    }
}

/// How a session ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// `passed`, `failed` or `aborted`.
    pub status: SessionStatus,
    /// Why it did not pass.
    pub reason: Option<SessionReason>,
    /// The same in words, with the first of what was found.
    pub message: Option<String>,
    /// What is above its budget.
    pub excess: Vec<Excess>,
}

/// How a session ends.
///
/// Of several reasons the one is told that the others follow from: whoever cancels a session or takes its browser away
/// decides it; a story that isn't there can't throw; what throws while it renders writes to the console, too, and may
/// keep a story from ever coming to its end.
pub fn verdict(observed: &Observed, judging: &Judging) -> Verdict {
    let excess = observed.performance.as_ref().map(|found| found.above(&judging.budget)).unwrap_or_default();
    let Some((reason, message)) = reason(observed, judging, &excess) else {
        return Verdict { status: SessionStatus::Passed, reason: None, message: None, excess };
    };
    Verdict { status: reason.status(), reason: Some(reason), message: Some(message), excess }
}

fn reason(observed: &Observed, judging: &Judging, excess: &[Excess]) -> Option<(SessionReason, String)> {
    use SessionReason as Reason;
    let ended = |reason, told: &str| {
        let message = match &observed.ending_told {
            Some(more) => format!("{told}: {more}"),
            None => told.to_owned(),
        };
        Some((reason, message))
    };
    match observed.ending {
        Ending::Cancelled => return ended(Reason::Cancelled, "it was cancelled"),
        Ending::BrowserLost => return ended(Reason::BrowserLost, "the browser was lost"),
        Ending::Unreachable => return ended(Reason::Unreachable, "the Storybook did not answer"),
        Ending::PageCrashed => return ended(Reason::PageCrashed, "the page crashed"),
        Ending::TimedOut | Ending::Finished => {}
    }
    if observed.is_missing {
        return Some((Reason::MissingStory, "the Storybook has no such story".to_owned()));
    }
    let first = |reason, problems: &[Problem]| problems.first().map(|first| (reason, first.message.clone()));
    if let Some(found) = first(Reason::FailedPlay, &observed.failed_plays) {
        return Some(found);
    }
    if let Some(found) = first(Reason::Exception, &observed.exceptions) {
        return Some(found);
    }
    if observed.ending == Ending::TimedOut {
        return ended(Reason::Timeout, "it did not come to its end in time");
    }
    let console = || first(Reason::ConsoleError, &observed.console_errors);
    let violation = || first(Reason::AccessibilityViolation, &observed.violations);
    (judging.console_errors.then(console).flatten())
        .or_else(|| judging.violations.then(violation).flatten())
        .or_else(|| first(Reason::VisualDifference, observed.visual_difference.as_slice()))
        .or_else(|| excess.first().map(|excess| (Reason::OverBudget, excess.to_string())))
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is {} and may be {}", self.metric, self.measured, self.budget)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::session::Metric;

    fn problems(message: &str) -> Vec<Problem> {
        vec![Problem { message: message.to_owned(), stack: Vec::new() }]
    }

    fn told(observed: &Observed, judging: &Judging) -> String {
        let Verdict { status, reason, message, .. } = verdict(observed, judging);
        match (reason, message) {
            (Some(reason), Some(message)) => format!("{status}, {reason}: {message}"),
            (None, None) => status.to_string(),
            other => panic!("a reason has words: {other:?}"),
        }
    }

    #[test]
    fn the_reason_is_what_the_others_follow_from() {
        let everything = Observed {
            exceptions: problems("x is not a function"),
            failed_plays: problems("expected 1 to be 2"),
            console_errors: problems("Warning: key"),
            violations: problems("button-name"),
            visual_difference: problems("3 % differ").pop(),
            ..Observed::default()
        };
        let heavy = PerformanceSummary::of(&[BTreeMap::from([(Metric::Nodes, 900.0)])]);
        let table: Vec<(&str, Observed)> = vec![
            ("passed", Observed::default()),
            (
                "aborted, cancelled: it was cancelled",
                Observed { ending: Ending::Cancelled, ..everything.clone() },
            ),
            (
                "aborted, browser_lost: the browser was lost: it was killed",
                Observed {
                    ending: Ending::BrowserLost,
                    ending_told: Some("it was killed".to_owned()),
                    ..everything.clone()
                },
            ),
            (
                "aborted, unreachable: the Storybook did not answer",
                Observed { ending: Ending::Unreachable, ..Observed::default() },
            ),
            (
                "failed, page_crashed: the page crashed",
                Observed { ending: Ending::PageCrashed, ..everything.clone() },
            ),
            (
                "failed, missing_story: the Storybook has no such story",
                Observed { is_missing: true, ..everything.clone() },
            ),
            ("failed, failed_play: expected 1 to be 2", everything.clone()),
            (
                "failed, exception: x is not a function",
                Observed { ending: Ending::TimedOut, failed_plays: Vec::new(), ..everything.clone() },
            ),
            (
                "aborted, timeout: it did not come to its end in time",
                Observed {
                    ending: Ending::TimedOut,
                    console_errors: problems("Warning: key"),
                    ..Observed::default()
                },
            ),
            (
                "failed, console_error: Warning: key",
                Observed { failed_plays: Vec::new(), exceptions: Vec::new(), ..everything.clone() },
            ),
            (
                "failed, accessibility_violation: button-name",
                Observed { violations: problems("button-name"), ..Observed::default() },
            ),
            (
                "failed, visual_difference: 3 % differ",
                Observed { visual_difference: problems("3 % differ").pop(), ..Observed::default() },
            ),
            (
                "failed, over_budget: dom_nodes is 900 and may be 500",
                Observed { performance: Some(heavy), ..Observed::default() },
            ),
        ];
        let judging = Judging { budget: Budget::from([(Metric::Nodes, 500.0)]), ..Judging::default() };
        for (expected, observed) in table {
            assert_eq!(told(&observed, &judging), expected);
        }
    }

    #[test]
    fn what_is_not_asked_for_fails_nothing() {
        let noisy = Observed {
            console_errors: problems("Warning: key"),
            violations: problems("button-name"),
            performance: Some(PerformanceSummary::of(&[BTreeMap::from([(Metric::Nodes, 900.0)])])),
            ..Observed::default()
        };
        let lenient = Judging { console_errors: false, violations: false, budget: Budget::new() };
        assert_eq!(told(&noisy, &lenient), "passed");
        let quiet = Judging { violations: true, ..lenient };
        assert_eq!(told(&noisy, &quiet), "failed, accessibility_violation: button-name");
    }

    #[test]
    fn each_reason_has_one_end() {
        let ends = |status| {
            let all = SessionReason::ALL.iter().filter(|reason| reason.status() == status);
            all.map(|reason| reason.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(ends(SessionStatus::Aborted), ["timeout", "browser_lost", "unreachable", "cancelled"]);
        assert_eq!(ends(SessionStatus::Passed), Vec::<&str>::new());
        assert_eq!(SessionReason::ALL.iter().filter(|reason| reason.is_infrastructure()).count(), 2);
    }
}
